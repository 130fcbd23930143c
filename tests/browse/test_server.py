"""Real HTTP on loopback, with everything a stranger may try."""

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from builders_browse import COG_RASTER, RASTER, SECRET, Client, a_catalog, served, some_pages
from peps_stac.browse import Site, WebServer, external_link
from peps_stac.errors import RequestError

ITEM = "/catalog/tiles/31TCJ/2017/one"


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    return a_catalog(tmp_path)


@pytest.fixture
def client(catalog: Path, tmp_path: Path) -> Iterator[Client]:
    with served(catalog, some_pages(tmp_path / "pages")) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "content", "kind"),
    [
        ("/catalog/catalog.json", b'{"type":"Catalog"}', "application/json"),
        (f"{ITEM}/one.json", b'{"type":"Feature"}', "application/geo+json"),
        (f"{ITEM}/B04.tif", RASTER, "image/tiff; application=geotiff"),
        (
            f"{ITEM}/visual.tif",
            COG_RASTER,
            "image/tiff; application=geotiff; profile=cloud-optimized",
        ),
        (f"{ITEM}/inside.tif", RASTER, "image/tiff; application=geotiff"),
        (f"{ITEM}/thumbnail.jpg", b"\xff\xd8\xff", "image/jpeg"),
        (f"{ITEM}/empty.bin", b"", "application/octet-stream"),
        ("/", b"<!doctype html><title>pages</title>", "text/html; charset=utf-8"),
        ("/?.language=fr", b"<!doctype html><title>pages</title>", "text/html; charset=utf-8"),
        ("/js/app.0123abcd.js", b"'use strict';", "text/javascript; charset=utf-8"),
    ],
)
def test_files_come_with_their_media_type(
    client: Client, path: str, content: bytes, kind: str
) -> None:
    reply = client.ask(path)
    headers = client.ask(path, "HEAD")

    assert (reply.status, reply.body, reply.kind) == (200, content, kind)
    assert (headers.status, headers.body) == (200, b"")
    assert headers.headers["content-length"] == str(len(content))
    assert reply.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/catalog/../secret.txt",
        "/catalog/%2e%2e/secret.txt",
        "/catalog/%252e%252e/secret.txt",
        "/catalog/%25252e%25252e/secret.txt",
        "/catalog/..%2fsecret.txt",
        "/catalog/..%5csecret.txt",
        "/catalog/%c0%ae%c0%ae/secret.txt",
        "/catalog/catalog.json%00",
        "/catalog/above/secret.txt",
        "/../catalog/../secret.txt",
        "/..%2f..%2fsecret.txt",
        f"{ITEM}/outside.txt",
        f"{ITEM}/staged.tif",
        f"{ITEM}/loop.tif",
        f"{ITEM}/pipe.tif",
        f"{ITEM}/.one.json.part",
        f"{ITEM}/",
        ITEM,
        "/catalog/tiles",
        "/catalog/tiles/",
        "/catalog/dangling.json",
        "/catalog/.lock",
        "/catalog/.staging/left.tif",
        "/catalog/%2estaging/left.tif",
        "/catalog/.downloads/left.tif",
        "/catalog/.quarantine/left.tif",
        "/catalog/tiles/../.quarantine/left.tif",
        "/secret.txt",
        "/catalog.json",
        "/js/",
        "/js/../../secret.txt",
        "/catalog/" + "x" * 5000,
        "/catalog/" + "a/" * 3000,
        "//etc/passwd",
        "/etc/passwd",
    ],
)
def test_nothing_else_is_served(client: Client, path: str) -> None:
    reply = client.ask(path)

    assert reply.status == 404
    assert SECRET not in reply.body
    assert reply.kind.startswith("text/plain")


@pytest.mark.parametrize(
    "target",
    [
        b"/catalog/\x00/../secret.txt",
        b"/catalog/..\\secret.txt",
        b"../secret.txt",
        b"http://x/catalog/../secret.txt",
        b"file:///etc/passwd",
        b"/catalog/\xff\xfe",
        b"*",
    ],
)
def test_raw_targets_reach_nothing(client: Client, target: bytes) -> None:
    reply = client.send(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    assert reply.split(b" ")[1] in (b"404", b"400")
    assert SECRET not in reply
    assert b"root:" not in reply


def test_a_file_that_becomes_a_link_while_it_is_served_leads_nowhere(
    client: Client, catalog: Path
) -> None:
    (catalog / "report.svg").unlink()
    (catalog / "report.svg").symlink_to(catalog.parent / "secret.txt")

    assert client.ask("/catalog/report.svg").status == 404


@pytest.mark.parametrize("path", ["/catalog", "/catalog/"])
def test_the_folder_leads_to_its_catalog(client: Client, path: str) -> None:
    reply = client.ask(path)

    assert reply.status == 302
    assert reply.headers["location"].endswith("catalog.json")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "FOO"])
def test_nothing_can_be_changed(client: Client, catalog: Path, method: str) -> None:
    reply = client.ask("/catalog/catalog.json", method)

    assert reply.status == 405
    assert reply.headers["allow"] == "GET, HEAD, OPTIONS"
    assert (catalog / "catalog.json").read_bytes() == b'{"type":"Catalog"}'


def test_parts_of_a_raster_are_sent(client: Client) -> None:
    first = client.ask(f"{ITEM}/B04.tif", Range="bytes=100-199")
    last = client.ask(f"{ITEM}/B04.tif", Range="bytes=-4")
    beyond = client.ask(f"{ITEM}/B04.tif", Range="bytes=9999-")

    assert (first.status, first.body) == (206, RASTER[100:200])
    assert first.headers["content-range"] == f"bytes 100-199/{len(RASTER)}"
    assert (last.status, last.body) == (206, RASTER[-4:])
    assert (beyond.status, beyond.body) == (416, b"")
    assert beyond.headers["content-range"] == f"bytes */{len(RASTER)}"


def test_several_ranges_get_the_whole_file(client: Client) -> None:
    reply = client.ask(f"{ITEM}/B04.tif", Range="bytes=0-1,100-101")

    assert (reply.status, reply.body) == (200, RASTER)


def test_what_has_not_changed_is_not_sent_again(client: Client, catalog: Path) -> None:
    first = client.ask("/catalog/catalog.json")
    again = client.ask("/catalog/catalog.json", If_None_Match=first.headers["etag"])
    (catalog / "catalog.json").write_bytes(b'{"type":"Catalog","id":"x"}')
    changed = client.ask("/catalog/catalog.json", If_None_Match=first.headers["etag"])

    assert (again.status, again.body) == (304, b"")
    assert changed.status == 200
    assert first.headers["cache-control"] == "no-cache"
    assert "immutable" in client.ask("/js/app.0123abcd.js").headers["cache-control"]


def test_pages_of_other_origins_may_read_the_catalog_and_nothing_else(client: Client) -> None:
    reply = client.ask(f"{ITEM}/B04.tif", Origin="https://example.org", Range="bytes=0-1")
    missing = client.ask("/catalog/absent.json", Origin="https://example.org")
    preflight = client.ask(
        f"{ITEM}/B04.tif",
        "OPTIONS",
        Origin="https://example.org",
        Access_Control_Request_Method="GET",
        Access_Control_Request_Headers="range,if-range",
        Access_Control_Request_Private_Network="true",
    )

    assert reply.headers["access-control-allow-origin"] == "*"
    assert "Content-Range" in reply.headers["access-control-expose-headers"]
    assert missing.headers["access-control-allow-origin"] == "*"
    assert preflight.status == 204
    assert preflight.headers["access-control-allow-headers"] == "range,if-range"
    assert preflight.headers["access-control-allow-private-network"] == "true"
    assert "access-control-allow-origin" not in client.ask("/config.js").headers


def test_several_requests_share_a_connection(client: Client) -> None:
    one = b"GET /catalog/catalog.json HTTP/1.1\r\nHost: x\r\n\r\n"
    last = one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")

    reply = client.send(one + one.replace(b"GET", b"HEAD") + last)

    assert reply.count(b"HTTP/1.1 200") == 3
    assert reply.count(b'{"type":"Catalog"}') == 2


def test_the_body_of_a_request_is_not_taken_for_the_next_one(client: Client) -> None:
    hidden = b"GET /catalog/catalog.json HTTP/1.1\r\nHost: x\r\n\r\n"
    length = str(len(hidden)).encode()
    request = b"GET /absent HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + b"\r\n\r\n"

    reply = client.send(request + hidden)

    assert reply.count(b"HTTP/1.1") == 1


def test_nonsense_and_silence_do_not_stop_it(client: Client) -> None:
    for nonsense in (b"", b"\r\n\r\n", b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"A" * 70_000):
        client.send(nonsense)

    assert client.ask("/catalog/catalog.json").status == 200


def test_many_ask_at_once(client: Client) -> None:
    found: list[int] = []

    def ask() -> None:
        found.extend(
            client.ask(f"{ITEM}/B04.tif", Range=f"bytes={n}-{n}").body[0] for n in range(20)
        )

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found) == sorted(RASTER[n] for n in range(20) for _ in range(8))


def test_pages_may_load_nothing_from_outside(client: Client) -> None:
    policy = client.ask("/").headers["content-security-policy"]

    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert "sandbox" in client.ask("/catalog/report.svg").headers["content-security-policy"]


def test_the_base_map_is_the_only_exception(catalog: Path, tmp_path: Path) -> None:
    with served(catalog, some_pages(tmp_path / "pages"), basemap=True) as client:
        policy = client.ask("/").headers["content-security-policy"]
        config = client.ask("/config.js").body

    assert policy.count("https://tile.openstreetmap.org") == 2
    assert b'"basemap": true' in config


def test_the_configuration_names_the_catalog(client: Client) -> None:
    reply = client.ask("/config.js")

    assert reply.kind == "text/javascript; charset=utf-8"
    assert reply.body.startswith(b'window.PEPS_STAC = {"catalog": "./catalog/"')


def test_without_stac_browser_the_catalog_is_served_with_a_link(catalog: Path) -> None:
    with served(catalog) as client:
        page = client.ask("/").body.decode()
        link = external_link(f"{client.url}/catalog/catalog.json")

        assert f'href="{link}"' in page
        assert client.ask("/catalog/catalog.json").status == 200
        assert client.ask("/index.html").status == 404


def test_a_name_in_the_title_cannot_become_a_script(catalog: Path) -> None:
    site = Site(catalog.resolve(), None, title="</title><script>alert(1)</script>")
    with WebServer(site) as server:
        page = Client(server.site.url).ask("/").body

    assert b"<script>" not in page


def test_each_answer_is_a_line_in_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "peps_stac.browse"):
        client.ask(f"{ITEM}/B04.tif", Range="bytes=0-9")
        client.send(b"GET /\x1b[2J HTTP/1.1\r\nConnection: close\r\n\r\n")

    lines = [record.getMessage() for record in caplog.records]
    assert f"206 GET {ITEM}/B04.tif HTTP/1.1 bytes=0-9" in lines
    assert not any("\x1b" in line for line in lines)


def test_a_port_in_use_is_told(catalog: Path) -> None:
    site = Site(catalog.resolve(), None)
    with WebServer(site) as first:
        port = int(first.site.url.rpartition(":")[2])
        with pytest.raises(RequestError, match=rf"port {port}: .*give another --port"):
            WebServer(site, port=port)


def test_an_address_that_is_not_ours_is_told(catalog: Path) -> None:
    with pytest.raises(RequestError, match=r"cannot listen on 192\.0\.2\.1"):
        WebServer(Site(catalog.resolve(), None), host="192.0.2.1")


def test_all_addresses_are_named_by_loopback(catalog: Path) -> None:
    with WebServer(Site(catalog.resolve(), None), host="0.0.0.0") as server:  # noqa: S104 -- for a moment
        assert server.site.url.startswith("http://127.0.0.1:")


def test_closing_ends_idle_connections(catalog: Path) -> None:
    before = threading.active_count()
    with served(catalog) as client:
        client.ask("/catalog/catalog.json")

    assert threading.active_count() == before
