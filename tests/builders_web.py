"""A real web browser that a test looks through: what was asked for, what went wrong, pixels."""

import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import numpy.typing as npt
import pytest
import rasterio
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, Response, Route
from rasterio.io import MemoryFile
from rasterio.vrt import WarpedVRT

Pixels = npt.NDArray[np.float64]
"""Bands, rows, columns."""

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
IS_REQUIRED = os.environ.get("PEPS_STAC_REQUIRE_BROWSER") == "1"
"""Set in CI: there, a test that cannot run has failed."""

PICTURES = os.environ.get("PEPS_STAC_PICTURES")
"""Folder that gets the pictures of the documentation; None: no picture is kept."""

OUTLINE = (51, 153, 204)
"""Colour of the footprint on the map."""

_GRID = 24
_ROUNDS = 120
_ROUND_MS = 250
_QUIET_MS = 750


def cannot_run(reason: str) -> None:
    """Skip, or fail where browser tests are required."""
    if IS_REQUIRED:
        pytest.fail(f"PEPS_STAC_REQUIRE_BROWSER is 1, but {reason}")
    pytest.skip(f"not seen in a web browser: {reason}")


@dataclass
class Visit:
    """One tab, and everything that happened in it."""

    page: Page
    url: str
    """Of the server."""
    asked: list[str] = field(default_factory=list)
    """Paths on the server, since the last `forget`."""
    outside: list[str] = field(default_factory=list)
    """Addresses elsewhere that were asked for; none was let through."""
    trouble: list[str] = field(default_factory=list)
    """Errors in the console, failed requests, answers of 400 and more."""

    def open(self, path: str) -> None:
        """Go to a document of the catalog, as by its link."""
        self.page.goto(f"{self.url}/#/{path}")
        self.settle()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name).first.click()
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is asked for any more."""
        seen = -1
        while seen != len(self.asked):
            seen = len(self.asked)
            self.page.wait_for_load_state("networkidle")
            self.page.wait_for_timeout(_QUIET_MS)

    def forget(self) -> None:
        self.asked.clear()

    def catalog_requests(self) -> list[str]:
        return [path for path in self.asked if path.startswith("/catalog/")]

    def keep_picture(self, name: str) -> None:
        if PICTURES:
            write_picture(self.page.screenshot(), Path(PICTURES) / f"{name}.png")

    def keep_picture_of(self, part: Locator, name: str) -> None:
        if PICTURES:
            write_picture(part.screenshot(), Path(PICTURES) / f"{name}.png")

    def map_pixels(self) -> Pixels:
        """The map as it is drawn, cut to the footprint's outline, in a coarse grid."""
        shot = read_png(self.page.locator(".map").first.screenshot())
        distance = np.abs(shot - np.reshape(OUTLINE, (3, 1, 1))).max(axis=0)
        rows, columns = np.nonzero(distance < 12)
        if rows.size == 0 or min(np.ptp(rows), np.ptp(columns)) < _GRID:
            return np.zeros((3, _GRID, _GRID))
        cut = shot[:, rows.min() : rows.max(), columns.min() : columns.max()]
        return coarse(cut)

    def wait_for_map(self, expected: Pixels, least: float) -> float:
        """Look until the map is as expected, or for long; how alike they were at last."""
        alike = 0.0
        for _ in range(_ROUNDS):
            alike = likeness(self.map_pixels(), expected)
            if alike >= least:
                break
            self.page.wait_for_timeout(_ROUND_MS)
        return alike

    def assert_clean(self) -> None:
        assert self.outside == []
        assert self.trouble == []


@contextmanager
def a_visit(
    browser: Browser, url: str, *, allow: str | None = None, home: str | None = None
) -> Iterator[Visit]:
    """A tab of its own that reaches one server, and one at `home` when the pages are from there.

    What begins with `allow` is answered by a grey picture.
    """
    page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="en-GB")
    visit = Visit(page, url)

    def gate(route: Route) -> None:
        if route.request.url.startswith((f"{url}/", home or url)):
            route.continue_()
            return
        visit.outside.append(route.request.url)
        if allow and route.request.url.startswith(allow):
            route.fulfill(body=_GREY_TILE, content_type="image/png", headers=_ANYONE)
        else:
            route.abort()

    def note(request: Request) -> None:
        if request.url.startswith(f"{url}/"):
            visit.asked.append(request.url.removeprefix(url))

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error":
            visit.trouble.append(f"console: {message.text[:300]}")

    def check(response: Response) -> None:
        if response.status >= 400:
            visit.trouble.append(f"{response.status}: {response.url}")

    page.route("**/*", gate)
    page.on("request", note)
    page.on("console", hear)
    page.on("response", check)
    page.on("pageerror", lambda error: visit.trouble.append(f"uncaught: {error}"))
    page.on("requestfailed", lambda failed: visit.trouble.append(f"failed: {failed.url}"))
    try:
        yield visit
    finally:
        page.close()


def write_picture(content: bytes, path: Path) -> None:
    """Write a screenshot as a smaller file: 32 levels a colour, packed as well as it goes."""
    levels = np.round(read_png(content) * 31 / 255) * 255 / 31
    picture = np.round(levels).astype("uint8")
    bands, rows, columns = picture.shape
    profile = {"driver": "PNG", "width": columns, "height": rows, "count": bands, "zlevel": 9}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(path, "w", dtype="uint8", **profile) as file:
            file.write(picture)


@contextmanager
def published(pages: Path, folder: Path) -> Iterator[str]:
    """STAC Browser as its authors publish it, not set up, at another origin; its address."""
    shutil.copytree(pages, folder)
    (folder / "config.js").write_text("")
    handler = partial(_QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's name
        """Say nothing."""


def read_png(content: bytes) -> Pixels:
    with warnings.catch_warnings(), MemoryFile(content) as file:
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with file.open() as picture:
            return np.asarray(picture.read((1, 2, 3)), float)


def raster_pixels(path: Path) -> Pixels:
    """A true-colour raster as web maps draw it, in the same coarse grid."""
    with rasterio.open(path) as raster, WarpedVRT(raster, crs="EPSG:3857", nodata=0) as web:
        return coarse(np.asarray(web.read((1, 2, 3)), float))


def coarse(picture: Pixels) -> Pixels:
    """Means of the cells of a grid laid over a picture."""
    for axis in (1, 2):
        edges = np.linspace(0, picture.shape[axis], _GRID + 1).astype(int)
        sums = np.add.reduceat(picture, edges[:-1], axis=axis)
        shape = [1, 1, 1]
        shape[axis] = _GRID
        picture = sums / np.maximum(np.diff(edges), 1).reshape(shape)
    return picture


def likeness(one: Pixels, other: Pixels) -> float:
    """Correlation of two pictures away from their edges, 1 when they are alike."""
    inner = (slice(None), slice(2, -2), slice(2, -2))
    if one[inner].std() == 0:
        return 0.0
    return float(np.corrcoef(one[inner].ravel(), other[inner].ravel())[0, 1])


def _grey_tile() -> bytes:
    profile = {"driver": "PNG", "width": 256, "height": 256, "count": 3, "dtype": "uint8"}
    with warnings.catch_warnings(), MemoryFile() as file:
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with file.open(**profile) as picture:
            picture.write(np.full((3, 256, 256), 128, "uint8"))
        return bytes(file.read())


_ANYONE = {"Access-Control-Allow-Origin": "*"}
_GREY_TILE = _grey_tile()
