"""The jobs of a worker: one raster of a product to COGs, previews, the footprint.

Needs the extra `raster`; loaded only where that is there.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import rasterio
from shapely.geometry.base import BaseGeometry

from peps_stac.archive import open_product
from peps_stac.domain import Grid
from peps_stac.raster.cog import Cog, RasterKind, write_cog
from peps_stac.raster.footprint import footprint_of
from peps_stac.raster.preview import write_thumbnail, write_visual
from peps_stac.stac.l2a_assets import AssetFile

MAX_RASTER: Final = 2**30
"""Bytes of one file: the largest of a full tile, two bands of 16 bits, would have 482 MB."""

_KINDS = {
    "FRE": RasterKind.REFLECTANCE,
    "SRE": RasterKind.REFLECTANCE,
    "ATB": RasterKind.ATMOSPHERE,
}
_DECIMALS = 6  # of a mean of counts


@dataclass(frozen=True, slots=True)
class Part:
    """One COG to be made of a raster."""

    key: str
    """Of its Asset."""
    target: Path
    nodata: int | None
    band: int | None
    """From 1; None: the raster has only one."""


@dataclass(frozen=True, slots=True)
class Raster:
    """One GeoTIFF of a product, and what is to be made of it."""

    product: Path
    """The zip or folder."""
    name: str
    """Of the file in it."""
    kind: str
    """FRE, ATB, CLM, ..."""
    parts: tuple[Part, ...]
    size: int
    """Bytes of its pixels."""


@dataclass(frozen=True, slots=True)
class Converted:
    """The COGs of one raster."""

    raster: Raster
    files: dict[str, AssetFile]
    """By key of the Asset; `href` is the name of the COG."""


@dataclass(frozen=True, slots=True)
class Outline:
    """Where a product has data; None: nowhere."""

    geometry: BaseGeometry | None


def convert(raster: Raster) -> Converted:
    """Read one raster, out of the archive and never unpacked on disk, and write its COGs."""
    with open_product(raster.product) as source:
        content = source.read(raster.name, MAX_RASTER)
    kind = _KINDS.get(raster.kind, RasterKind.BITS)
    files = {}
    for part in raster.parts:
        cog = write_cog(content, part.target, kind=kind, nodata=part.nodata, band=part.band)
        files[part.key] = _file(cog)
    return Converted(raster, files)


def outline(product: Path, name: str, epsg: int) -> Outline:
    """The footprint that the edge mask of a product draws, WGS 84."""
    with open_product(product) as source:
        found = footprint_of(source.read(name, MAX_RASTER), epsg=epsg)
    return Outline(found.geometry if found else None)


def draw_visual(colours: tuple[Path, Path, Path], target: Path, nodata: int) -> AssetFile:
    """A true-colour COG of those of red, green and blue; `href` is its name."""
    cog = write_visual(*colours, target, nodata=nodata)
    return AssetFile(target.name, cog.size, is_cog=True, grid=_grid(target))


def draw_thumbnail(visual: Path, target: Path) -> AssetFile:
    """A small JPEG of a visual; `href` is its name."""
    write_thumbnail(visual, target)
    return AssetFile(target.name, target.stat().st_size)


def _file(cog: Cog) -> AssetFile:
    counted = asdict(cog.statistics) if cog.statistics else {}
    known = {name: _rounded(number) for name, number in counted.items() if number is not None}
    name, grid = cog.path.name, _grid(cog.path)
    return AssetFile(name, cog.size, is_cog=True, statistics=known, grid=grid)


def _grid(path: Path) -> Grid:
    """Of the file itself: what readers see when they open it."""
    with rasterio.open(path) as dataset:
        to_metres = dataset.transform
        rows, columns = dataset.shape
    corner = {"ulx": to_metres.c, "uly": to_metres.f, "xdim": to_metres.a, "ydim": to_metres.e}
    return Grid(**corner, rows=rows, columns=columns)


def _rounded(number: float) -> float:
    return number if isinstance(number, int) else round(number, _DECIMALS)
