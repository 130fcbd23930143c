"""The GeoTIFFs of a product, written as MAJA writes them: rows in strips, nothing else.

No tiles, overviews or nodata tag; reflectances and atmosphere uncompressed.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
import rasterio
from rasterio.crs import CRS
from rasterio.transform import from_origin
from rasterio.windows import Window

from peps_stac.domain import MgrsTile
from peps_stac.simulator.bandfacts import GROUPS
from peps_stac.simulator.masks import CLOUD_BIT, SNOW_BIT
from peps_stac.simulator.patch import Scene
from peps_stac.simulator.pixels import Block, blocks
from peps_stac.simulator.quicklook import Quicklook
from peps_stac.simulator.reflectance import Raster
from peps_stac.simulator.style import ProductStyle
from peps_stac.simulator.tiling import TILE_SIDE_M, tile_bounds
from peps_stac.simulator.view import View

_ALL_BANDS = {group: (1 << len(bands)) - 1 for group, bands in GROUPS.items()}
_CACHE_MB = 96
_GROUP_OF_BAND = {band: group for group, bands in GROUPS.items() for band in bands}


@dataclass(frozen=True, slots=True)
class Drawn:
    """What came of the pixels."""

    cloud_percent: int
    """Of the seen part; all clouds but the thinnest."""
    snow_percent: int
    quicklook: bytes
    files: tuple[str, ...]
    """Paths in the product."""


@dataclass(slots=True)
class Rasters:
    """The open files of one product."""

    folder: Path
    name: str
    """Full product name, with which every file begins."""
    tile: MgrsTile
    size: int
    style: ProductStyle
    files: list[str] = field(default_factory=list)
    _open: dict[str, Any] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        (self.folder / "MASKS").mkdir()
        return self

    def __exit__(self, *details: object) -> None:
        self._stack.close()

    def write(self, key: str, row: int, values: Raster) -> None:
        """Append rows to a raster.

        Args:
            key: `FRE_B2`, `MASKS/CLM_R1`, `MASKS/DTF_R2-D04`.
            row: The first of them, in the raster's own grid.
            values: Rows by columns, or bands by rows by columns.
        """
        bands = values.reshape(-1, *values.shape[-2:])
        window = Window(0, row, bands.shape[2], bands.shape[1])
        self._dataset(key, bands).write(bands, window=window)

    def _dataset(self, key: str, bands: Raster) -> Any:  # noqa: ANN401 -- rasterio has no types
        if key not in self._open:
            folder, _, layer = key.rpartition("/")
            path = f"{folder}/{self.name}_{layer}.tif" if folder else f"{self.name}_{layer}.tif"
            profile = self._profile(group_of(key), bands, is_mask=bool(folder))
            self.files.append(path)
            file = rasterio.open(self.folder / path, "w", **profile)
            self._open[key] = self._stack.enter_context(file)
        return self._open[key]

    def _profile(self, group: str, bands: Raster, *, is_mask: bool) -> dict[str, Any]:
        count = self.size if group == "R1" else self.size // 2
        west, _, _, north = tile_bounds(self.tile)
        pixel = TILE_SIDE_M / count
        profile = {
            "driver": "GTiff",
            "width": count,
            "height": count,
            "count": bands.shape[0],
            "dtype": bands.dtype.name,
            "crs": CRS.from_epsg(self.tile.epsg),
            "transform": from_origin(west, north, pixel, pixel),
            "tiled": False,
            "blockysize": 1,
            "interleave": "pixel",
            "endianness": "LITTLE",
        }
        if is_mask and self.style.mask_compression == "deflate":
            profile["compress"] = "deflate"
        return profile


def group_of(key: str) -> str:
    """R1 (10 m) or R2 (20 m), from a file's suffix."""
    last = key.rsplit("_", 1)[-1]
    return _GROUP_OF_BAND.get(last) or last[:2]


def draw(scene: Scene, rasters: Rasters, view: View, detectors: tuple[int, ...]) -> Drawn:
    """Make and write all pixels, some rows at a time."""
    picture = Quicklook(scene.size)
    seen = cloudy = snowy = 0
    with rasterio.Env(GDAL_CACHEMAX=_CACHE_MB), rasters:
        for block in blocks(scene):
            made = block.rasters
            seen += int(np.count_nonzero(made["MASKS/EDG_R2"] == 0))
            cloudy += int(np.count_nonzero(made["MASKS/CLM_R2"] & CLOUD_BIT))
            snowy += int(np.count_nonzero(made["MASKS/MG2_R2"] & SNOW_BIT))
            picture.add(made)
            for key, values in _wanted(block, rasters, view, detectors):
                rasters.write(key, block.row * (2 if group_of(key) == "R1" else 1), values)
    share = 100 / max(1, seen)
    return Drawn(round(cloudy * share), round(snowy * share), picture.jpeg(), tuple(rasters.files))


def _wanted(
    block: Block, rasters: Rasters, view: View, detectors: tuple[int, ...]
) -> Iterator[tuple[str, Raster]]:
    style = rasters.style
    without = {
        "FRE": not style.with_fre,
        "SRE": not style.with_sre,
        "MASKS/IAB": not style.with_iab,
    }
    for key, values in block.rasters.items():
        if not without.get(key.rsplit("_", 1)[0]):
            yield key, values
    for group in GROUPS:
        edge = block.rasters[f"MASKS/EDG_{group}"]
        if style.with_dfp:
            yield f"MASKS/DFP_{group}", np.zeros_like(edge)
        if style.with_dtf:
            yield from _detector_footprints(group, block, rasters, view, detectors)


def _detector_footprints(
    group: str, block: Block, rasters: Rasters, view: View, detectors: tuple[int, ...]
) -> Iterator[tuple[str, Raster]]:
    edge = block.rasters[f"MASKS/EDG_{group}"]
    rows, columns = edge.shape
    west, _, _, north = tile_bounds(rasters.tile)
    pixel = TILE_SIDE_M / columns
    first = block.row * (2 if group == "R1" else 1)
    x = west + (np.arange(columns) + 0.5)[None, :] * pixel
    y = north - (np.arange(first, first + rows) + 0.5)[:, None] * pixel
    for detector in detectors:
        inside = view.sees(detector, x, y) & (edge == 0)
        bits = inside.astype(np.uint8) * np.uint8(_ALL_BANDS[group])
        yield f"MASKS/DTF_{group}-D{detector:02d}", bits
