from pathlib import Path

import pytest

from builders_http import (
    Server,
    a_certificate,
    a_session,
    json_reply,
    needs_openssl,
    the_credentials,
)
from peps_stac.errors import RequestError, ServiceError
from peps_stac.http.certificates import trusted
from peps_stac.http.session import Session


@pytest.fixture(autouse=True)
def _no_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@needs_openssl
@pytest.mark.parametrize(
    "variables",
    [
        {"REQUESTS_CA_BUNDLE": "", "CURL_CA_BUNDLE": ""},
        {"PYTHONHTTPSVERIFY": "0", "SSL_NO_VERIFY": "1", "GIT_SSL_NO_VERIFY": "1"},
        {"NODE_TLS_REJECT_UNAUTHORIZED": "0", "PEPS_STAC_VERIFY": "0", "REQUESTS_VERIFY": "0"},
    ],
)
def test_no_variable_turns_verification_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with (
        Server(tls=a_certificate(tmp_path)).on("/x", json_reply("{}")) as server,
        a_session(server, credentials=the_credentials()) as session,
        pytest.raises(ServiceError, match="certificate cannot be verified"),
    ):
        session.get("/x", login=True)

    assert server.seen == []


@pytest.mark.parametrize("value", ["False", "0", "no"])
@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_variable_that_names_no_bundle_is_said_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(name, value)
    with pytest.raises(RequestError, match=rf"no CA bundle {value} \({name}\)"):
        Session("https://peps.invalid")


def test_plain_http_to_this_machine_needs_no_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "missing.pem")
    with Server().on("/x", json_reply("{}")) as server, a_session(server) as session:
        assert session.get("/x").json() == {}


@needs_openssl
@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_bundle_of_the_environment_replaces_the_usual_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    certificate, key = a_certificate(tmp_path)
    monkeypatch.setenv(name, str(certificate))
    with (
        Server(tls=(certificate, key)).on("/x", json_reply("{}")) as server,
        a_session(server) as session,
    ):
        assert session.get("/x").json() == {}


@needs_openssl
def test_a_certificate_of_another_name_is_refused_though_its_maker_is_trusted(
    tmp_path: Path,
) -> None:
    certificate, key = a_certificate(tmp_path, "DNS:other.example.org")
    with (
        Server(tls=(certificate, key)).on("/x", json_reply("{}")) as server,
        a_session(server, ca_bundle=certificate) as session,
        pytest.raises(ServiceError, match="certificate cannot be verified"),
    ):
        session.get("/x")

    assert server.seen == []


def test_a_bundle_without_certificates_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no certificate")
    with pytest.raises(RequestError, match=r"notes\.txt is no CA bundle"):
        Session("https://peps.invalid", ca_bundle=tmp_path / "notes.txt")


def test_a_folder_of_certificates_will_do(tmp_path: Path) -> None:
    assert trusted(tmp_path, is_https=True) == str(tmp_path)
