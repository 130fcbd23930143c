"""Invented scenes and their built products, opened for a look."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
from numpy.typing import NDArray
from rasterio.io import MemoryFile

from peps_stac.domain import L1CProduct, MgrsTile
from peps_stac.peps.resto import read_product
from peps_stac.simulator.scenes import Feature, features

Raster = NDArray[Any]


def scenes(tile: str, start: str, end: str) -> list[Feature]:
    days = (date.fromisoformat(start), date.fromisoformat(end))
    return list(features([MgrsTile.parse(tile)], *days))


def a_scene(tile: str = "31TCJ", day: str = "2017-11-02") -> L1CProduct:
    """The first scene of a tile from a day on."""
    found = scenes(tile, day, f"{int(day[:4]) + 1}{day[4:]}")
    return read_product(found[0])


@dataclass(frozen=True, slots=True)
class Built:
    """A product's archive."""

    path: Path

    def names(self) -> list[str]:
        with zipfile.ZipFile(self.path) as archive:
            return archive.namelist()

    def member(self, ending: str) -> bytes:
        with zipfile.ZipFile(self.path) as archive:
            (name,) = (name for name in archive.namelist() if name.endswith(ending))
            return archive.read(name)

    @contextmanager
    def raster(self, layer: str) -> Iterator[Any]:
        with MemoryFile(self.member(f"_{layer}.tif")) as file, file.open() as raster:
            yield raster

    def pixels(self, layer: str) -> Raster:
        """Rows by columns, or bands by rows by columns."""
        with self.raster(layer) as raster:
            values = np.asarray(raster.read())
        return values[0] if len(values) == 1 else values

    def metadata(self) -> ET.Element:
        return ET.fromstring(self.member("_MTD_ALL.xml"))  # noqa: S314 -- made by ourselves
