"""The masks of one patch, bit by bit as MAJA's documentation numbers them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from peps_stac.simulator.materials import TOWN
from peps_stac.simulator.patch import Patch
from peps_stac.simulator.reflectance import SATURATED, Raster
from peps_stac.simulator.tiling import TILE_SIDE_M
from peps_stac.simulator.weather import Flags, is_cloud, is_thin

Bits = NDArray[np.uint8]

CLOUD_BIT = 1 << 1
"""Of CLM and of MG2: all clouds but the thinnest."""
SNOW_BIT = 1 << 2
"""Of MG2."""

_BRIGHT = 0.25
"""Thickness that one date shows by its brightness."""
_CHANGED_BELOW = 0.6
_CHANGED_ABOVE = 1.1
_DARK_SLOPE = 0.35


def masks(patch: Patch) -> dict[str, Bits]:
    """CLM, MG2, EDG and IAB, uint8.

    Outside the swath only EDG and IAB tell anything: 1 and 3, and 0 in the others, as in real
    products (fact sheet on MUSCATE, section 3).
    """
    above, valid = patch.above, patch.above.valid
    cloud = is_cloud(above.thickness) & valid
    shadow = is_cloud(above.towards_sun) & ~is_cloud(above.thickness) & valid
    clear = valid & ~cloud
    water = (patch.codes < TOWN) & clear
    return {
        "CLM": _clouds(patch, cloud, shadow),
        "MG2": _geophysics(patch, cloud, shadow, water),
        "EDG": (~valid).astype(np.uint8),
        "IAB": _bits([cloud | water | ~valid, cloud | ~valid]),
    }


def saturation(bands: Sequence[Raster]) -> Bits:
    """SAT of one group: a bit for each of its bands."""
    return _bits([np.asarray(counts >= SATURATED) for counts in bands])


def _clouds(patch: Patch, cloud: Flags, shadow: Flags) -> Bits:
    thickness, valid = patch.above.thickness, patch.above.valid
    changed = (thickness <= _CHANGED_BELOW) | (thickness > _CHANGED_ABOVE)
    from_inside = _caster_is_seen(patch)
    return _bits(
        [
            cloud | shadow,
            cloud,
            cloud & (thickness > _BRIGHT),
            cloud & changed,
            is_thin(thickness) & valid,
            shadow & from_inside,
            shadow & ~from_inside,
            (patch.above.cirrus > 0) & valid,
        ]
    )


def _geophysics(patch: Patch, cloud: Flags, shadow: Flags, water: Flags) -> Bits:
    valid = patch.above.valid
    nothing = np.zeros_like(valid)
    snow = patch.snow() & valid & ~cloud if patch.may_have_snow else nothing
    slope = patch.scene.slope.at(patch.y, patch.x)
    dark_slope = (slope < _DARK_SLOPE) & valid & ~cloud
    low_sun = valid & patch.scene.low_sun
    # Sentinel-2 looks down too steeply for anything to hide behind a hill.
    return _bits([water, cloud, snow, shadow, dark_slope, nothing, low_sun, nothing])


def _caster_is_seen(patch: Patch) -> Flags:
    """Whether what stands between a place and the sun is in the image too."""
    valid = patch.scene.valid
    count = valid.shape[0]
    down, right = patch.scene.sky.shift
    rows = np.floor((patch.y + down) * count / TILE_SIDE_M).astype(int)
    columns = np.floor((patch.x + right) * count / TILE_SIDE_M).astype(int)
    inside_y, inside_x = (rows >= 0) & (rows < count), (columns >= 0) & (columns < count)
    seen = valid[np.ix_(rows.clip(0, count - 1), columns.clip(0, count - 1))]
    return np.asarray(seen & inside_y[:, None] & inside_x[None, :])


def _bits(flags: Sequence[Flags]) -> Bits:
    """One byte a pixel; the first flag is bit 0."""
    byte = np.zeros(flags[0].shape, np.uint8)
    for bit, flag in enumerate(flags):
        byte |= flag.astype(np.uint8) << np.uint8(bit)
    return byte
