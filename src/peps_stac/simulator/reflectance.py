"""Surface reflectances and the state of the atmosphere over one patch, as MAJA's counts."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from peps_stac.simulator.bandfacts import GROUPS
from peps_stac.simulator.materials import BANDS, CLOUD, CONIFER, LEAFY, SNOW, VARIANTS
from peps_stac.simulator.patch import Patch
from peps_stac.simulator.texture import Pixels
from peps_stac.simulator.weather import Flags

Raster = NDArray[Any]

NODATA = -10_000
SATURATED = 10_000
"""Counts at which the instrument has no more to tell."""

_SHADE_VISIBLE = 0.62
_SHADE_INFRARED = 0.72
_CIRRUS = 0.045
_VISIBLE = ("B2", "B3", "B4")
_LAST_TREE = CONIFER + VARIANTS
_WVC_COUNTS = 20
_AOT_COUNTS = 200


def reflectances(patch: Patch, group: str) -> dict[str, Raster]:
    """`FRE_...` (as if the ground were flat) and `SRE_...` of the bands of a group, int16."""
    above = patch.above
    tone = patch.scene.land.tone(patch.y, patch.x, patch.codes)
    slope = patch.scene.slope.at(patch.y, patch.x)
    snow = _snow_part(patch) if patch.may_have_snow else None
    rasters: dict[str, Raster] = {}
    for band in GROUPS[group]:
        column = BANDS.index(band)
        light = np.take(patch.scene.spectra[:, column], patch.codes)
        light *= tone
        if snow is not None:
            light += (SNOW[column] - light) * snow
        light *= 1 - (_SHADE_VISIBLE if band in _VISIBLE else _SHADE_INFRARED) * above.shade
        light += _CIRRUS * above.cirrus
        top = CLOUD[column] * above.white
        rasters[f"FRE_{band}"] = _counts(light + (top - light) * above.cloud, above.valid)
        # Only the ground is tilted, not the clouds.
        light *= slope
        rasters[f"SRE_{band}"] = _counts(light + (top - light) * above.cloud, above.valid)
    return rasters


def atmosphere(patch: Patch) -> Raster:
    """Water vapour (x 20) and aerosol (x 200) as two bands; 0 outside, at least 1 inside."""
    scene = patch.scene
    smooth = scene.land.soil.scaled(4 * scene.land.soil.period_m).at(patch.y, patch.x)
    height = scene.land.elevation.at(patch.y, patch.x)
    vapour = scene.water_vapour * _WVC_COUNTS * (1 + 0.12 * smooth) - 0.004 * height
    aerosol = scene.aerosol * _AOT_COUNTS * (1 - 0.10 * smooth)
    both = np.rint(np.stack([vapour, aerosol]).clip(1, 250))
    return np.where(patch.above.valid, both, 0).astype(np.uint8)


def _snow_part(patch: Patch) -> Pixels:
    """Part of each pixel that is white; trees hide half of the snow below them."""
    woods = (patch.codes >= LEAFY) & (patch.codes < _LAST_TREE)
    return np.where(patch.snow(), np.where(woods, 0.5, 0.95), 0).astype(np.float32)


def _counts(reflectance: Pixels, valid: Flags) -> Raster:
    counts = np.rint(reflectance * np.float32(10_000))
    np.clip(counts, 1, SATURATED, out=counts)
    counts[~valid] = NODATA
    return np.asarray(counts, dtype=np.int16)
