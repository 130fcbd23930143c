"""Small GeoTIFFs as MAJA writes them, and what to compare COGs with."""

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.io import MemoryFile
from rasterio.transform import Affine, from_origin
from rio_cogeo.cogeo import cog_validate

from peps_stac.raster.cog import Cog, RasterKind, write_cog

WEST, NORTH = 300_000.0, 4_900_020.0

Pixels = NDArray[Any]


def a_geotiff(
    pixels: Pixels,
    *,
    pixel_m: float = 20.0,
    epsg: int | None = 32631,
    north: float = NORTH,
    compress: str | None = None,
) -> bytes:
    """Striped, one row a strip, without nodata tag or overviews; bands first when there are."""
    bands = pixels.reshape(-1, *pixels.shape[-2:])
    profile = {
        "driver": "GTiff",
        "count": bands.shape[0],
        "height": bands.shape[1],
        "width": bands.shape[2],
        "dtype": bands.dtype.name,
        "crs": None if epsg is None else f"EPSG:{epsg}",
        "transform": from_origin(WEST, north, pixel_m, pixel_m),
        "blockysize": 1,
        "interleave": "pixel",
    }
    with MemoryFile() as memory:
        with memory.open(**profile, **({"compress": compress} if compress else {})) as file:
            file.write(bands)
        content: bytes = memory.read()
    return content


def reflectances(size: int = 366, *, seed: int = 0, outside: bool = True) -> Pixels:
    """Counts with a diagonal edge of the image, darker than black here and there."""
    counts = np.random.default_rng(seed).integers(-50, 6000, (size, size)).astype(np.int16)
    if outside:
        rows, columns = np.mgrid[:size, :size]
        counts[columns > 0.9 * size - 0.22 * rows] = -10_000
    return counts


def masks(size: int = 366, *, seed: int = 0) -> Pixels:
    """Patches of few bit patterns with ragged edges."""
    chance = np.random.default_rng(seed)
    patches = chance.choice(np.array([0, 3, 34, 129], np.uint8), (size // 7 + 1, size // 7 + 1))
    bits = patches.repeat(7, axis=0).repeat(7, axis=1)[:size, :size]
    noisy = chance.random((size, size)) < 0.1
    return np.where(noisy, chance.choice(np.array([0, 3], np.uint8), bits.shape), bits)


def a_cog(target: Path, pixels: Pixels, *, pixel_m: float = 20.0) -> Cog:
    content = a_geotiff(pixels, pixel_m=pixel_m)
    return write_cog(content, target, kind=RasterKind.REFLECTANCE, nodata=-10_000)


def pixels_of(path: Path, overview: int | None = None) -> Pixels:
    """Bands, rows, columns; of an overview, from 0, when it is given."""
    options = {} if overview is None else {"overview_level": overview}
    with rasterio.open(path, **options) as file:
        values: Pixels = file.read()
    return values


def place_of(path: Path) -> tuple[int | None, Affine]:
    with rasterio.open(path) as file:
        return file.crs.to_epsg(), file.transform


def is_cog(path: Path) -> bool:
    """By the validator of rio-cogeo, which must not even warn."""
    valid, errors, warnings = cog_validate(str(path), strict=True, quiet=True)
    return bool(valid) and not errors and not warnings
