"""From one GeoTIFF as MAJA writes it to a COG with the same pixels.

MAJA's files are striped, without overviews and often without compression: a coarse read of one
costs fifty times that of a COG. Figures behind the choices, on a made-up full tile: DEFLATE at
level 1 with the predictor is as small as at level 6 and three times as fast for reflectances,
whose low bits are noise; level 6 without predictor halves masks and atmosphere against level 1.
ZSTD would save some percent, but browsers with geotiff.js before version 3 cannot read it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.enums import Resampling
from rasterio.errors import RasterioError

from peps_stac.errors import CatalogError, RequestError, ResponseError
from peps_stac.raster.drafts import averaged, voted
from peps_stac.raster.files import gdal, opened, strips, written_cog
from peps_stac.raster.statistics import Statistics

__all__ = ["Cog", "RasterKind", "Statistics", "write_cog"]


class RasterKind(StrEnum):
    """What the pixels mean, which decides compression and overviews."""

    REFLECTANCE = "reflectance"
    """Overviews are means of the valid pixels."""
    ATMOSPHERE = "atmosphere"
    """Water vapour or aerosols: as reflectance."""
    BITS = "bits"
    """Masks: an overview pixel is the most frequent value below it, never a new one. Half as
    often wrong about clouds as the nearest pixel."""


@dataclass(frozen=True, slots=True)
class Cog:
    """A COG on disk."""

    path: Path
    size: int
    """Bytes."""
    statistics: Statistics | None
    """None for bits and pictures, whose mean says nothing."""


_RESAMPLING = {
    RasterKind.REFLECTANCE: Resampling.average,
    RasterKind.ATMOSPHERE: Resampling.average,
    RasterKind.BITS: Resampling.mode,
}
_DTYPES = ("uint8", "uint16", "int16")
_SMOOTH = {"compress": "DEFLATE", "level": 6, "predictor": "NO"}
_COMPRESSION: dict[RasterKind, dict[str, object]] = {
    RasterKind.REFLECTANCE: {"compress": "DEFLATE", "level": 1, "predictor": "STANDARD"},
    RasterKind.ATMOSPHERE: _SMOOTH,
    RasterKind.BITS: _SMOOTH,
}


def creation_options(kind: RasterKind) -> dict[str, object]:
    """Options of GDAL's COG driver that decide what is stored, by their GDAL names."""
    return {**_COMPRESSION[kind], "overview_resampling": _RESAMPLING[kind].name}


def write_cog(  # noqa: PLR0913 -- facts of one raster
    content: bytes,
    target: Path,
    *,
    kind: RasterKind,
    nodata: int | None,
    band: int | None = None,
    threads: int = 1,
) -> Cog:
    """Write one band of a GeoTIFF as a lossless COG, read it back, and compare every pixel.

    The tag of the file says `nodata`; scale and offset are left to the Item, because only some
    readers would apply them. Needs memory for the file twice, unpacked, and about 200 MB.

    Args:
        content: The GeoTIFF, as it comes out of the archive.
        target: The COG; its folder exists.
        kind: What the pixels mean.
        nodata: Value of pixels outside the image; None for bits, where 0 means "no".
        band: Which one, from 1; None: the file has only one.
        threads: Of GDAL, for compression and overviews.

    Raises:
        DownloadError: The GeoTIFF is damaged.
        ResponseError: It is none that MAJA writes: other pixels, no CRS.
        RequestError: No such band, or several and none named.
        CatalogError: The disk is full, or gives back other pixels than were written.
    """
    options = {**_COMPRESSION[kind], "num_threads": threads}
    if kind is RasterKind.BITS and nodata is not None:
        raise RequestError(f"{target.name}: nodata {nodata} for bits, where 0 means no; give None")
    with gdal(threads), opened(content, target) as source:
        number = _band(source, band, target)
        with (
            _drafted(source, number, kind, nodata) as (draft, statistics),
            written_cog(draft, target, **options) as temporary,
        ):
            _check(source, number, temporary, target)
    return Cog(target, target.stat().st_size, statistics)


@contextmanager
def _drafted(
    source: Any,  # noqa: ANN401 -- rasterio has no types
    band: int,
    kind: RasterKind,
    nodata: int | None,
) -> Iterator[tuple[Any, Statistics | None]]:
    if kind is RasterKind.BITS:
        with voted(source, band) as draft:
            yield draft, None
    else:
        with averaged(source, band, nodata) as answer:
            yield answer


def _band(source: Any, band: int | None, target: Path) -> int:  # noqa: ANN401 -- no types
    if band is None and source.count > 1:
        raise RequestError(f"{target.name}: the source has {source.count} bands; say which")
    number = 1 if band is None else band
    if not 1 <= number <= source.count:
        raise RequestError(f"{target.name}: the source has no band {number} of {source.count}")
    if source.dtypes[number - 1] not in _DTYPES:
        found = f"{target.name}: pixels of type {source.dtypes[number - 1]}"
        raise ResponseError(f"{found}; MAJA writes integers of 8 or 16 bits")
    if source.crs is None:
        raise ResponseError(f"{target.name}: the source has no CRS; is it MAJA's?")
    return number


def _check(source: Any, band: int, temporary: Path, target: Path) -> None:  # noqa: ANN401 -- ditto
    try:
        with rasterio.open(temporary) as written:
            same = _form(written, 1) == _form(source, band) and all(
                np.array_equal(source.read(band, window=window), written.read(1, window=window))
                for window in strips(source)
            )
    except RasterioError:
        same = False  # the source was read once already
    if not same:
        raise CatalogError(f"{target}: read back, it differs from its source; check the disk")


def _form(dataset: Any, band: int) -> tuple[object, ...]:  # noqa: ANN401 -- ditto
    return dataset.shape, dataset.crs, dataset.transform, dataset.dtypes[band - 1]
