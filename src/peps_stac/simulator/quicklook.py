"""The small picture of a product: red, green and blue as JPEG, about 1000 pixels wide."""

from dataclasses import dataclass, field

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio import Affine
from rasterio.io import MemoryFile

from peps_stac.simulator.reflectance import Raster

Picture = NDArray[np.uint8]
"""Three bands of rows and columns."""

_SIDE = 1000
_STEPS = (1, 2, 3, 4, 5, 6, 8, 10)
_HALF_BRIGHT = 0.15
"""Reflectance shown at about half of the brightness: fields are darker, clouds brighter."""
_QUALITY = 85
_COLOURS = ("B4", "B3", "B2")


@dataclass(slots=True)
class Quicklook:
    """A picture that grows with the blocks of a product."""

    size: int
    """Rows and columns of the 10 m grid."""
    _rows: list[Picture] = field(default_factory=list)

    def add(self, rasters: dict[str, Raster]) -> None:
        """Append the rows of a block, thinned to the picture's size."""
        step = max(step for step in _STEPS if step <= max(1, self.size // _SIDE))
        bands = [_thinned(rasters[f"FRE_{band}"], step) for band in _COLOURS]
        self._rows.append(np.stack([_brightness(band) for band in bands]))

    def jpeg(self) -> bytes:
        """The whole picture, enlarged when the product is small."""
        picture = np.concatenate(self._rows, axis=1)
        times = max(1, round(_SIDE / self.size))
        return jpeg(picture.repeat(times, axis=1).repeat(times, axis=2))


def black() -> bytes:
    """The picture of a product that MAJA gave up."""
    return jpeg(np.zeros((3, _SIDE, _SIDE), np.uint8))


def jpeg(picture: Picture) -> bytes:
    """A picture as JPEG."""
    # A quicklook has no place on earth, which rasterio finds worth a warning; so it is given one,
    # and the driver that cannot write it is kept from putting it into a file beside.
    with rasterio.Env(GDAL_PAM_ENABLED="NO"), MemoryFile() as file:
        with file.open(
            driver="JPEG",
            width=picture.shape[2],
            height=picture.shape[1],
            count=3,
            dtype="uint8",
            quality=_QUALITY,
            transform=Affine(10, 0, 0, 0, -10, 0),
        ) as image:
            image.write(picture)
        return bytes(file.read())


def _thinned(counts: Raster, step: int) -> NDArray[np.float32]:
    """Means of squares; the remainder at the edge is left out."""
    rows, columns = counts.shape[0] // step, counts.shape[1] // step
    squares = counts[: rows * step, : columns * step].reshape(rows, step, columns, step)
    return np.asarray(squares.mean(axis=(1, 3)), dtype=np.float32)


def _brightness(counts: NDArray[np.float32]) -> Picture:
    light = np.clip(counts / np.float32(10_000), 0, 1)
    shown = 255 * (1 + _HALF_BRIGHT) * light / (light + _HALF_BRIGHT)
    return np.asarray(shown, dtype=np.uint8)
