"""What a person looks at first: a true-colour picture, and a small one for a card.

The stretch is the same for every product, so that the dates of a series can be compared.
"""

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import RasterioError
from rasterio.io import MemoryFile

from peps_stac.errors import CatalogError
from peps_stac.raster.cog import Cog
from peps_stac.raster.files import add_overviews, gdal, replacing, written_cog

_PIXEL_M = 100.0
_WHITE = 3000
"""Counts (reflectance 0.3) shown as white: clouds and snow saturate, the land keeps contrast."""
_GAMMA = 1.6
_DARKEST = 1
"""Of a valid pixel; 0 is nodata."""
_PICTURE = {"compress": "DEFLATE", "level": 6, "predictor": "STANDARD"}
_JPEG_QUALITY = 85
_BACKGROUND = 214
"""A grey that neither clouds nor a white or black card have."""

_Bytes = NDArray[np.uint8]


def write_visual(red: Path, green: Path, blue: Path, target: Path, *, nodata: int = -10000) -> Cog:
    """Write a true-colour COG from three reflectance COGs, at 100 m a pixel or a little better.

    Three bands of bytes, nodata 0, valid pixels 1 to 255: reflectance 0 to 0.3 with gamma 1.6.
    Pixels are those of an overview of the sources, never finer than the sources.

    Args:
        red: B04, counts of 1/10000.
        green: B03, on the same grid.
        blue: B02, on the same grid.
        target: The COG; its folder exists.
        nodata: Count of pixels outside the image in any of the three.

    Raises:
        CatalogError: A source cannot be read, or the disk is full.
    """
    with gdal(), MemoryFile() as draft:
        profile, counts = _coarse((red, green, blue))
        with draft.open(driver="GTiff", dtype="uint8", nodata=0, **profile) as picture:
            picture.colorinterp = (ColorInterp.red, ColorInterp.green, ColorInterp.blue)
            picture.write(_stretched(counts, nodata))
            add_overviews(picture, Resampling.average)
        with draft.open() as picture, written_cog(picture, target, **_PICTURE):
            pass
    return Cog(target, target.stat().st_size, None)


def write_thumbnail(visual: Path, target: Path, *, width: int = 343) -> Path:
    """Write a small JPEG of a visual, light grey outside the image, without georeference.

    Args:
        visual: As `write_visual` leaves it.
        target: The JPEG; its folder exists.
        width: Columns; rows follow.

    Raises:
        CatalogError: The visual cannot be read, or the disk is full.
    """
    with gdal(), MemoryFile() as memory:
        pixels = _thinned(visual, width)
        form = {"count": 3, "height": pixels.shape[1], "width": width, "dtype": "uint8"}
        with memory.open(driver="JPEG", quality=_JPEG_QUALITY, **form) as picture:
            picture.write(pixels)
        with replacing(target, memory.getbuffer()):
            pass
    return target


def _coarse(sources: tuple[Path, ...]) -> tuple[dict[str, Any], NDArray[Any]]:
    """The three bands at the resolution of the picture, and its place."""
    bands = []
    for source in sources:
        try:
            with rasterio.open(source) as dataset:
                factor = _factor(abs(dataset.transform.a))
                shape = (-(-dataset.height // factor), -(-dataset.width // factor))
                # Exactly the size of an overview, so that GDAL reads that and nothing else.
                bands.append(dataset.read(1, out_shape=shape, resampling=Resampling.nearest))
                scale = dataset.transform.scale(dataset.width / shape[1], dataset.height / shape[0])
                transform, crs = dataset.transform * scale, dataset.crs
        except RasterioError as error:
            raise CatalogError(f"{source}: cannot be read for a preview ({error})") from error
    rows, columns = bands[0].shape
    place = {"crs": crs, "transform": transform, "height": rows, "width": columns, "count": 3}
    return place, np.stack(bands)


def _factor(pixel_m: float) -> int:
    """Of the coarsest overview whose pixels are no larger than the picture's may be."""
    factor = 1
    while 2 * factor * pixel_m <= _PIXEL_M:
        factor *= 2
    return factor


def _stretched(counts: NDArray[Any], nodata: int) -> _Bytes:
    valid = (counts != nodata).all(axis=0)
    light = (counts.clip(0, _WHITE) / np.float32(_WHITE)) ** np.float32(1 / _GAMMA)
    shown = np.rint(light * 255).clip(_DARKEST, 255).astype(np.uint8)
    return np.where(valid, shown, np.uint8(0))


def _thinned(visual: Path, width: int) -> _Bytes:
    try:
        with rasterio.open(visual) as dataset:
            rows = max(1, round(width * dataset.height / dataset.width))
            shape = (dataset.count, rows, width)
            pixels: _Bytes = dataset.read(out_shape=shape, resampling=Resampling.average)
    except RasterioError as error:
        raise CatalogError(f"{visual}: cannot be read for a thumbnail ({error})") from error
    return np.where((pixels == 0).all(axis=0), np.uint8(_BACKGROUND), pixels)
