from pathlib import Path

import pytest

from builders_http import Server, a_certificate, needs_openssl
from peps_stac.clock import utc_now
from peps_stac.errors import RequestError, ServiceError
from peps_stac.http.handshake import handshake, proxy_of

NOBODY = "https://127.0.0.1:9"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@needs_openssl
def test_a_server_shows_its_certificate_when_it_is_believed(tmp_path: Path) -> None:
    certificate, key = a_certificate(tmp_path)
    with Server(tls=(certificate, key)) as server:
        seen = handshake(server.url, ca_bundle=certificate)

        assert seen is not None
        assert seen.version.startswith("TLSv1.")
        assert seen.expires > utc_now()
        with pytest.raises(ServiceError, match="not believed"):
            handshake(server.url)


def test_nobody_at_an_address_is_a_service_error() -> None:
    with pytest.raises(ServiceError, match=r"127\.0\.0\.1:9: no TLS"):
        handshake(NOBODY)


def test_a_bundle_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no CA bundle"):
        handshake(NOBODY, ca_bundle=tmp_path / "nowhere.pem")


def test_plain_http_shows_nothing() -> None:
    assert handshake("http://127.0.0.1:9") is None


def test_a_proxy_stands_between_and_is_told_without_its_login(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:secret@proxy.example:3128/")
    monkeypatch.setenv("NO_PROXY", "near.example")

    assert proxy_of("https://far.example/x") == "proxy.example:3128"
    assert proxy_of("https://near.example") is None
    assert handshake("https://far.example") is None
