import logging
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from peps_stac.domain import Credentials
from peps_stac.errors import RequestError
from peps_stac.http.login import find_api_key, find_credentials, read_auth_file

HOST = "peps.cnes.fr"


def an_auth_file(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    path = folder / "auth.txt"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def nowhere(folder: Path, **variables: str) -> dict[str, str]:
    """An environment without a netrc."""
    return {"NETRC": str(folder / "no-netrc"), **variables}


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)


def a_keyring(monkeypatch: pytest.MonkeyPatch, get_credential: Any) -> None:  # noqa: ANN401 -- a fake
    errors = ModuleType("keyring.errors")
    errors.KeyringError = type("KeyringError", (Exception,), {})  # type: ignore[attr-defined]  # a fake
    fake = ModuleType("keyring")
    fake.get_credential = get_credential  # type: ignore[attr-defined]  # a fake
    fake.errors = errors  # type: ignore[attr-defined]  # a fake
    monkeypatch.setitem(sys.modules, "keyring", fake)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)


@pytest.mark.parametrize(
    ("content", "password"),
    [
        (b"me@x.org secret\n", "secret"),
        (b"me@x.org secret", "secret"),
        (b"me@x.org   secret\r\n", "secret"),
        (b"\xef\xbb\xbfme@x.org\tsecret\nanother line\n", "secret"),
        (b"me@x.org two words \n", "two words "),
        ("me@x.org p$ss'\"&#\\;:é \n".encode(), "p$ss'\"&#\\;:é "),
    ],
)
def test_the_password_is_all_the_rest_of_the_line(
    tmp_path: Path, content: bytes, password: str
) -> None:
    found = read_auth_file(an_auth_file(tmp_path, content))

    assert found == Credentials("me@x.org", password)


@pytest.mark.parametrize("content", [b"", b"\n", b"  \n", b"me@x.org\n", b"me@x.org  \n", b"\xff "])
def test_a_file_of_another_form_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(RequestError, match=r"auth\.txt") as caught:
        read_auth_file(an_auth_file(tmp_path, content))

    assert "\n" not in str(caught.value)
    assert "me@x.org" not in str(caught.value)


@pytest.mark.parametrize("name", ["missing.txt", "."])
def test_no_file_is_said_with_its_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(RequestError, match="cannot be read"):
        read_auth_file(tmp_path / name)


def test_a_file_for_everybody_is_used_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    private = an_auth_file(tmp_path, b"me@x.org secret\n")
    with caplog.at_level(logging.WARNING):
        assert read_auth_file(private).password == "secret"  # noqa: S105 -- made up
        assert caplog.text == ""
        private.chmod(0o644)
        assert read_auth_file(private).password == "secret"  # noqa: S105 -- made up

    assert "everybody" in caplog.text
    assert "secret" not in caplog.text


def test_the_file_wins_over_the_environment(tmp_path: Path) -> None:
    environ = nowhere(tmp_path, PEPS_STAC_USERNAME="other", PEPS_STAC_PASSWORD="pw")  # noqa: S106 -- made up
    file = an_auth_file(tmp_path, b"me@x.org secret\n")

    found = find_credentials(auth_file=file, environ=environ, host=HOST)

    assert found == Credentials("me@x.org", "secret")


def test_the_environment_has_a_login_and_a_key_and_each_is_for_its_service(tmp_path: Path) -> None:
    environ = nowhere(
        tmp_path,
        PEPS_STAC_USERNAME="me",
        PEPS_STAC_PASSWORD=" pw ",  # noqa: S106 -- made up
        PEPS_STAC_API_KEY="key",
    )

    login = find_credentials(auth_file=None, environ=environ, host=HOST)
    key = find_api_key(auth_file=None, environ=environ, host=HOST)

    assert login == Credentials("me", " pw ")
    assert key == Credentials(api_key="key")


def test_a_key_stands_alone_in_its_file(tmp_path: Path) -> None:
    environ = nowhere(tmp_path, PEPS_STAC_API_KEY="other")
    file = an_auth_file(tmp_path, b"  the-key \n")

    assert find_api_key(auth_file=file, environ=environ, host=HOST) == Credentials(
        api_key="the-key"
    )


@pytest.mark.parametrize("content", [b"", b"\n", b"me@x.org s3cret\n"])
def test_a_file_of_something_else_is_no_key(tmp_path: Path, content: bytes) -> None:
    file = an_auth_file(tmp_path, content)

    with pytest.raises(RequestError, match="the API key") as caught:
        find_api_key(auth_file=file, environ={}, host=HOST)

    assert "s3cret" not in str(caught.value)


def test_without_a_key_there_is_none(tmp_path: Path) -> None:
    assert find_api_key(auth_file=None, environ=nowhere(tmp_path), host=HOST) is None


@pytest.mark.parametrize("variable", ["PEPS_STAC_USERNAME", "PEPS_STAC_PASSWORD"])
def test_half_an_account_is_refused(tmp_path: Path, variable: str) -> None:
    with pytest.raises(RequestError, match="set both") as caught:
        find_credentials(auth_file=None, environ=nowhere(tmp_path, **{variable: "s3"}), host=HOST)

    assert "s3" not in str(caught.value)


def test_nothing_anywhere_is_none(tmp_path: Path) -> None:
    assert find_credentials(auth_file=None, environ=nowhere(tmp_path), host=HOST) is None


def test_the_keyring_is_asked_for_the_host_and_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str | None]] = []

    def get_credential(service: str, username: str | None) -> SimpleNamespace:
        asked.append((service, username))
        return SimpleNamespace(username="me", password="kept")  # noqa: S106 -- made up

    a_keyring(monkeypatch, get_credential)
    environ = nowhere(tmp_path, PEPS_STAC_USERNAME="me")

    found = find_credentials(auth_file=None, environ=environ, host=HOST)

    assert found == Credentials("me", "kept")
    assert asked == [("peps-stac:peps.cnes.fr", "me")]


def test_a_broken_keyring_is_no_keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def get_credential(service: str, username: str | None) -> None:
        raise RuntimeError(f"locked: {service} {username}")

    a_keyring(monkeypatch, get_credential)

    assert find_credentials(auth_file=None, environ=nowhere(tmp_path), host=HOST) is None


def test_netrc_is_the_last_resort_and_its_default_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "netrc"
    path.write_text(f"machine {HOST} login me password pw\ndefault login any password any\n")
    environ = {"NETRC": str(path)}

    found = find_credentials(auth_file=None, environ=environ, host=HOST)
    assert found == Credentials("me", "pw")
    assert find_credentials(auth_file=None, environ=environ, host="other.org") is None


def test_a_broken_netrc_is_ignored_without_being_quoted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "netrc"
    path.write_text(f"machine {HOST} login me topsecret pw\n")

    found = find_credentials(auth_file=None, environ={"NETRC": str(path)}, host=HOST)

    assert found is None
    assert "is ignored" in caplog.text
    assert "topsecret" not in caplog.text
