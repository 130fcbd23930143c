"""A served catalog for the tests of the web server, and a client that sends what it is told."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from peps_stac.browse import Site, WebServer

RASTER = b"II*\x00" + bytes(range(256)) * 16
"""Bytes that tell where they stand; no real TIFF."""
COG_RASTER = (
    b"II*\x00\x08\x00\x00\x00GDAL_STRUCTURAL_METADATA_SIZE=0140 bytes\nLAYOUT=IFDS_BEFORE_DATA\n"
)
SECRET = b"not for the web"


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def kind(self) -> str:
        return self.headers["content-type"]


@dataclass(frozen=True)
class Client:
    """Asks one server, with a connection per request."""

    url: str

    def ask(self, path: str, method: str = "GET", **headers: str) -> Reply:
        """Headers by names with `_` for `-`."""
        at = urlsplit(self.url)
        connection = HTTPConnection(str(at.hostname), at.port, timeout=20)
        try:
            connection.request(
                method, path, headers={k.replace("_", "-"): v for k, v in headers.items()}
            )
            reply = connection.getresponse()
            found = {name.lower(): value for name, value in reply.getheaders()}
            return Reply(reply.status, found, reply.read())
        finally:
            connection.close()

    def send(self, request: bytes) -> bytes:
        """Send bytes as they are; everything that comes back until the end."""
        at = urlsplit(self.url)
        with socket.create_connection((at.hostname, at.port), timeout=20) as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b""))


def a_catalog(folder: Path) -> Path:
    """A few files in the layout of the store, hidden ones, and a secret outside."""
    item = folder / "catalog" / "tiles" / "31TCJ" / "2017" / "one"
    item.mkdir(parents=True)
    files = {
        folder / "catalog" / "catalog.json": b'{"type":"Catalog"}',
        folder / "catalog" / "tiles" / "collection.json": b'{"type":"Collection"}',
        folder / "catalog" / "tiles" / "31TCJ" / "2017" / "items.parquet": b"PAR1",
        folder / "catalog" / "report.svg": b"<svg/>",
        item / "one.json": b'{"type":"Feature"}',
        item / "B04.tif": RASTER,
        item / "visual.tif": COG_RASTER,
        item / "thumbnail.jpg": b"\xff\xd8\xff",
        item / "empty.bin": b"",
        folder / "secret.txt": SECRET,
    }
    for path, content in files.items():
        path.write_bytes(content)
    for hidden in (".staging", ".downloads", ".quarantine"):
        (folder / "catalog" / hidden).mkdir()
        (folder / "catalog" / hidden / "left.tif").write_bytes(SECRET)
    (folder / "catalog" / ".lock").write_bytes(SECRET)
    (item / ".one.json.part").write_bytes(SECRET)
    links = {
        item / "inside.tif": item / "B04.tif",
        item / "outside.txt": folder / "secret.txt",
        item / "staged.tif": folder / "catalog" / ".staging" / "left.tif",
        item / "loop.tif": item / "loop.tif",
        folder / "catalog" / "above": folder,
        folder / "catalog" / "dangling.json": folder / "nothing.json",
    }
    for link, target in links.items():
        link.symlink_to(target)
    os.mkfifo(item / "pipe.tif")
    return folder / "catalog"


def some_pages(folder: Path) -> Path:
    """What stands in for a build of STAC Browser."""
    (folder / "js").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>pages</title>")
    (folder / "js" / "app.0123abcd.js").write_text("'use strict';")
    return folder


@contextmanager
def served(catalog: Path, pages: Path | None = None, *, basemap: bool = False) -> Iterator[Client]:
    site = Site(
        catalog.resolve(), pages.resolve() if pages else None, basemap=basemap, started_ns=10**18
    )
    with WebServer(site) as server:
        yield Client(server.site.url)
