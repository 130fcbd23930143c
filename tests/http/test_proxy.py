"""The proxies that the environment names, asked for real."""

from pathlib import Path

import pytest

from builders_http import (
    PASSWORD,
    Proxy,
    Reply,
    ServedFile,
    Server,
    a_certificate,
    a_session,
    a_zip,
    md5_of,
    needs_openssl,
    the_credentials,
)
from peps_stac.errors import ServiceError
from peps_stac.http.download import download

ZIP = a_zip(300_000)
PATH = "/files/product.zip"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@needs_openssl
def test_a_login_passes_a_proxy_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, key = a_certificate(tmp_path, "DNS:peps.test")
    served = ServedFile(ZIP)
    with (
        Proxy() as proxy,
        Server(tls=(certificate, key)).on(PATH, served.cut(200_000), served) as server,
    ):
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", "//user:pr0xy@"))
        base = server.url.replace("127.0.0.1", "peps.test")
        with a_session(base, ca_bundle=certificate, credentials=the_credentials()) as session:
            download(session, PATH, tmp_path / "product.zip", md5=md5_of(ZIP))

    assert (tmp_path / "product.zip").read_bytes() == ZIP
    assert [one.headers.get("range") is None for one in server.seen] == [True, False]
    assert all(one.headers["authorization"].startswith("Basic ") for one in server.seen)
    assert proxy.heads
    for head in proxy.heads:
        assert head.startswith(b"CONNECT peps.test:")
        assert b"\r\nauthorization:" not in head.lower()
        assert b"proxy-authorization: basic" in head.lower()
        assert PASSWORD.encode() not in head


def test_plain_http_goes_through_a_proxy_without_a_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Proxy() as proxy, Server().on(PATH, ServedFile(ZIP)) as server:
        monkeypatch.setenv("http_proxy", proxy.url)
        base = server.url.replace("127.0.0.1", "files.test")
        with a_session(base) as session:
            download(session, PATH, tmp_path / "product.zip", login=False)

    assert (tmp_path / "product.zip").read_bytes() == ZIP
    assert proxy.heads[0].startswith(f"GET {base}{PATH} HTTP/1.1".encode())


def test_no_proxy_is_heeded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Proxy() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "files.invalid")
        with a_session("http://files.invalid", attempts=1) as session, pytest.raises(ServiceError):
            download(session, PATH, tmp_path / "product.zip", login=False)

    assert proxy.heads == []


@needs_openssl
def test_a_proxy_that_breaks_the_line_is_survived(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = a_certificate(tmp_path, "DNS:peps.test")
    served = ServedFile(ZIP)
    early = Reply(200, ZIP, {"ETag": '"v1"'}, close_after=100_000)
    with Proxy() as proxy, Server(tls=(certificate, key)).on(PATH, early, served) as server:
        monkeypatch.setenv("https_proxy", proxy.url)
        base = server.url.replace("127.0.0.1", "peps.test")
        with a_session(base, ca_bundle=certificate) as session:
            download(session, PATH, tmp_path / "product.zip")

    assert (tmp_path / "product.zip").read_bytes() == ZIP
