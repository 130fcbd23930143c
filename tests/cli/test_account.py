"""Where the account comes from, and what `login` does with it."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from builders_cli import run
from peps_stac.cli.connect import find_account
from peps_stac.cli.login import _store
from peps_stac.cli.settings import Settings
from peps_stac.domain import Credentials
from peps_stac.errors import AuthenticationError
from peps_stac.simulator import Simulator

ACCOUNT = Credentials(username="me@example.org", password="secret-1")  # noqa: S106 -- no real one


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("USERNAME", "PASSWORD", "API_KEY"):
        monkeypatch.delenv(f"PEPS_STAC_{name}", raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setitem(sys.modules, "keyring", None)
    return Settings(
        catalog=tmp_path,
        provider="peps",
        peps_url="https://peps.example",
        geodes_url="https://geodes.example",
        cache_dir=tmp_path,
    )


def test_a_user_name_alone_leaves_room_for_netrc(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name in the configuration is a help for the keyring and the question, no half account."""
    monkeypatch.setenv("PEPS_STAC_USERNAME", "other@example.org")
    (tmp_path / "netrc").write_text("machine peps.example login me@example.org password secret-1\n")
    (tmp_path / "netrc").chmod(0o600)

    named = replace(settings, username="other@example.org")
    assert find_account(named) == ACCOUNT


def test_nobody_is_asked_where_there_is_no_terminal(settings: Settings) -> None:
    with pytest.raises(AuthenticationError, match=r"no account for peps\.example: give -a FILE"):
        find_account(settings)


def test_without_a_keyring_nothing_is_stored_and_the_other_places_are_named(
    settings: Settings,
) -> None:
    told = _store(settings.host, ACCOUNT)

    assert "was not stored" in told
    assert "PEPS_STAC_AUTH" in told
    assert "secret-1" not in told


class FakeKeyring:
    """What the module `keyring` offers."""

    def __init__(self, name: str) -> None:
        self.backend = SimpleNamespace(name=name)
        self.kept: dict[tuple[str, str], str] = {}

    def get_keyring(self) -> SimpleNamespace:
        return self.backend

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


def install(monkeypatch: pytest.MonkeyPatch, keyring: FakeKeyring) -> None:
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    errors = SimpleNamespace(KeyringError=ValueError)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)


def test_a_keyring_gets_the_account_under_the_name_where_it_is_looked_for(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = FakeKeyring("SecretService Keyring")
    install(monkeypatch, keyring)

    assert "stored in the keyring (SecretService Keyring)" in _store(settings.host, ACCOUNT)
    assert keyring.kept == {("peps-stac:peps.example", "me@example.org"): "secret-1"}


def test_a_keyring_of_plain_text_is_not_used(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = FakeKeyring("PlaintextKeyring")
    install(monkeypatch, keyring)

    assert "plain text" in _store(settings.host, ACCOUNT)
    assert not keyring.kept


def test_login_at_a_server_that_is_down_stores_nothing(tmp_path: Path) -> None:
    path = tmp_path / "account.txt"
    path.write_text("me@example.org secret-1\n")
    path.chmod(0o600)

    result = run("login", "-a", str(path), home=tmp_path)

    assert result.exit_code == 1
    assert "peps-stac: error: " in result.stderr
    assert "secret-1" not in result.output
    assert "stored" not in result.output


@pytest.fixture
def geodes() -> Iterator[Simulator]:
    with Simulator() as running:
        yield running


def test_a_key_is_checked_and_kept_where_it_is_looked_for(
    geodes: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = FakeKeyring("SecretService Keyring")
    install(monkeypatch, keyring)
    env = {"PEPS_STAC_GEODES_URL": geodes.url, "PEPS_STAC_API_KEY": geodes.api_key}

    result = run("--provider", "geodes", "login", home=tmp_path, env=env)

    assert result.exit_code == 0, result.output
    assert "the key is welcome" in result.stderr
    assert geodes.api_key not in result.output
    assert keyring.kept == {("peps-stac:127.0.0.1", "api-key"): geodes.api_key}


def test_a_key_that_is_refused_is_not_kept(
    geodes: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = FakeKeyring("SecretService Keyring")
    install(monkeypatch, keyring)
    env = {"PEPS_STAC_GEODES_URL": geodes.url, "PEPS_STAC_API_KEY": "wrong-one"}

    result = run("--provider", "geodes", "login", home=tmp_path, env=env)

    assert result.exit_code == 1
    assert "check the credentials" in result.stderr
    assert not keyring.kept
