"""What the web server shows: the catalog, STAC Browser, and how that is set up."""

import html
import json
import os
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO

from peps_stac.browse.ranges import Version

CATALOG_PATH = "catalog"
CONFIG_NAME = "config.js"

HASHED = ("css", "fonts", "img", "js")
"""Folders of STAC Browser whose files are named by their content."""

ELSEWHERE = "https://radiantearth.github.io/stac-browser/"
"""STAC Browser as its authors run it."""

_BASEMAP = "https://tile.openstreetmap.org"


def external_link(url: str) -> str:
    """The page of a STAC Browser elsewhere that shows a catalog.

    Args:
        url: Of its `catalog.json`.
    """
    # Its own spelling has one slash; without a scheme it would take https.
    return f"{ELSEWHERE}#/external/{url.replace('://', ':/', 1)}"


@dataclass(frozen=True)
class Site:
    """One catalog and the pages around it."""

    catalog: Path
    """Folder of `catalog.json`, resolved."""
    browser: Path | None
    """Folder of a build of STAC Browser, resolved; None: only the catalog is served."""
    title: str = "Sentinel-2 tiles"
    basemap: bool = False
    """Whether maps are drawn over OpenStreetMap, which is then asked for tiles."""
    started_ns: int = 0
    """Instant, nanoseconds since 1970, that the pages made here are dated by."""
    url: str = ""
    """Of the server, without `/` at the end."""

    @property
    def catalog_url(self) -> str:
        """Of `catalog.json`."""
        return f"{self.url}/{CATALOG_PATH}/catalog.json"

    @cached_property
    def config(self) -> str:
        """The script that sets STAC Browser up when its page is opened."""
        options = {"catalog": f"./{CATALOG_PATH}/", "title": self.title, "basemap": self.basemap}
        # In a script of its own nothing but the text of a string needs care.
        script = files("peps_stac.browse").joinpath("viewer.js").read_text("utf-8")
        return f"window.PEPS_STAC = {json.dumps(options)};\n{script}"

    @cached_property
    def page(self) -> str:
        """The page shown where there is no STAC Browser."""
        link = html.escape(external_link(self.catalog_url))
        title = html.escape(self.title)
        return (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
            f"<h1>{title}</h1><p>STAC Browser is not built on this machine.</p><ul>"
            f'<li><a href="{link}">Open the catalog in a STAC Browser on the web</a></li>'
            f'<li><a href="./{CATALOG_PATH}/catalog.json">catalog.json</a></li></ul></html>\n'
        )

    @property
    def page_policy(self) -> str:
        """What pages may load: from here alone, and the base map where it is wanted."""
        outside = f" {_BASEMAP}" if self.basemap else ""
        return (
            "default-src 'self'; base-uri 'self'; object-src 'none'; frame-ancestors 'none'; "
            "form-action 'self'; style-src 'self' 'unsafe-inline'; worker-src 'self' blob: data:; "
            # geotiff.js decodes some compressions in WebAssembly.
            "script-src 'self' 'wasm-unsafe-eval'; "
            f"img-src 'self' data: blob:{outside}; connect-src 'self' blob: data:{outside}"
        )

    @property
    def file_policy(self) -> str:
        """What a file of the catalog may do when it is opened as a page: nothing."""
        return "default-src 'none'; style-src 'unsafe-inline'; sandbox"

    @staticmethod
    def status(file: BinaryIO) -> Version:
        """The state of an open file."""
        found = os.fstat(file.fileno())
        return Version(found.st_size, found.st_mtime_ns)
