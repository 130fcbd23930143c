"""The pixels of one product, block by block, so that memory stays small at full size.

All masks are decided on the 20 m grid and doubled for the 10 m grid, so that the two agree.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from peps_stac.simulator.bandfacts import GROUPS
from peps_stac.simulator.masks import masks, saturation
from peps_stac.simulator.patch import Scene, double, patches
from peps_stac.simulator.reflectance import Raster, atmosphere, reflectances

_BLOCK_PIXELS = 1_300_000
_ROWS_TOGETHER = 60
"""Blocks begin at multiples of this, so that quicklooks can thin them by 1 to 6, 8 or 10."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of every raster of a product."""

    row: int
    """First row, 20 m grid; the 10 m grid has twice as many."""
    rasters: dict[str, Raster]
    """By file suffix: `FRE_B2`, `ATB_R1` (two bands), `MASKS/CLM_R1`, ..."""


def blocks(scene: Scene) -> Iterator[Block]:
    """All rasters of a scene from north to south."""
    half = scene.size // 2
    rows = max(1, _BLOCK_PIXELS // (4 * half * _ROWS_TOGETHER)) * _ROWS_TOGETHER
    for row in range(0, half, rows):
        yield Block(row, _rasters(scene, row, min(rows, half - row)))


def _rasters(scene: Scene, row: int, rows: int) -> dict[str, Raster]:
    fine, coarse = patches(scene, row, rows)
    rasters = reflectances(fine, "R1") | reflectances(coarse, "R2")
    air = atmosphere(coarse)
    rasters["ATB_R1"], rasters["ATB_R2"] = double(air), air
    for name, bits in masks(coarse).items():
        rasters[f"MASKS/{name}_R1"], rasters[f"MASKS/{name}_R2"] = double(bits), bits
    for group, bands in GROUPS.items():
        rasters[f"MASKS/SAT_{group}"] = saturation([rasters[f"FRE_{band}"] for band in bands])
    return rasters
