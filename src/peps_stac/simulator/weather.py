"""The sky over a tile on one day: clouds, the shadows they cast, cirrus and snow.

Everything follows from the tile, the day and the percent of cloud, at any pixel size.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from peps_stac.simulator.chance import between, seed, share
from peps_stac.simulator.texture import Axis, Pixels, Texture, spectral

Flags = NDArray[np.bool_]

_SIDE = 110_000
_DETAIL_M = 21_000
_ROUGHNESS = 0.2
_SOFT_EDGE = 0.5
"""How far below the threshold of a cloud its thin rim reaches, in deviations of the noise."""
_CIRRUS_DAYS = 0.22
_CIRRUS_ABOVE = 0.9
_SAMPLES = 366
_NO_CLOUD = 1e6


@dataclass(frozen=True, slots=True)
class Sky:
    """What hides the land; positions in metres from the tile's upper-left corner."""

    clouds: Texture
    detail: Texture
    threshold: float
    """A cloud is where the noise is higher than this."""
    shift: tuple[float, float]
    """From a shadow to its cloud: metres southwards, eastwards."""
    cirrus: Texture | None
    snowline_m: float

    def thickness(self, y: Axis, x: Axis) -> Pixels:
        """Noise above the threshold; a cloud is positive, its thin rim from -0.5 to 0."""
        values = self.clouds.at(y, x)
        values += _ROUGHNESS * self.detail.at(y, x)
        values -= self.threshold
        return values

    def over_shadows(self, y: Axis, x: Axis) -> Pixels:
        """Thickness of what stands between each place and the sun."""
        down, right = self.shift
        return self.thickness(y + down, x + right)

    def veil(self, y: Axis, x: Axis) -> Pixels:
        """Cirrus, 0 to 1; 0 everywhere on most days."""
        if self.cirrus is None:
            return np.zeros((len(y), len(x)), np.float32)
        streaks = (self.cirrus.at(y, x) - _CIRRUS_ABOVE) * 0.8
        return np.clip(streaks, 0, 1, out=streaks)


def opacity(thickness: Pixels) -> Pixels:
    """Part of the light from the ground that a cloud hides, 0 to 1."""
    ramp = np.clip((thickness + _SOFT_EDGE) / (3 * _SOFT_EDGE), 0, 1)
    return np.asarray(ramp * ramp * (3 - 2 * ramp), dtype=np.float32)


def is_cloud(thickness: Pixels) -> Flags:
    """All clouds but the thinnest."""
    return np.asarray(thickness > 0)


def is_thin(thickness: Pixels) -> Flags:
    """The rim of the clouds."""
    return np.asarray((thickness <= 0) & (thickness > -_SOFT_EDGE))


def sky(
    name: str,
    *,
    percent: float | None,
    sun: tuple[float, float],
    valid: Flags,
    snowline_m: float,
) -> Sky:
    """The sky of one product.

    Args:
        name: What makes this day different from others.
        percent: Cloud cover of the seen part of the tile; None: drawn here.
        sun: Zenith and azimuth, degrees.
        valid: Where the tile is seen, on any square grid.
        snowline_m: Snow lies above, metres.
    """
    # Small heaps of cloud on most days, large banks on the others and on dull ones.
    cover = between(0, 60, "unknown", name) if percent is None else percent
    heaps = share("kind of cloud", name) < 0.65 and cover < 75  # noqa: PLR2004
    clouds = spectral(
        seed("clouds", name),
        _SIDE,
        slope=1.75 if heaps else 2.3,
        longest_m=11_000 if heaps else 45_000,
    )
    detail = spectral(seed("wisps", name), _DETAIL_M, slope=1.8, longest_m=5000)
    height = between(900, 2100, "height", name) if heaps else between(2200, 4200, "height", name)
    has_cirrus = share("cirrus", name) < _CIRRUS_DAYS and cover > 1
    return Sky(
        clouds=clouds,
        detail=detail,
        threshold=_threshold(clouds, detail, cover, valid),
        shift=_towards_sun(height, *sun),
        cirrus=_cirrus(name) if has_cirrus else None,
        snowline_m=snowline_m,
    )


def snowline(season_day: float, latitude: float) -> float:
    """Metres above the sea above which snow lies: 850 in January at 44 degrees, 3400 in July."""
    far = abs(latitude)
    winter = math.cos(2 * math.pi * (season_day - 20) / 365)
    return 5200 - 70 * far - 1300 * winter * far / 45


def _cirrus(name: str) -> Texture:
    return spectral(seed("cirrus", name), _SIDE, slope=2.0, longest_m=35_000, stretch=2)


def _towards_sun(height: float, zenith: float, azimuth: float) -> tuple[float, float]:
    # A sun on the horizon would throw shadows out of the world.
    reach = height * math.tan(math.radians(min(zenith, 80)))
    turn = math.radians(azimuth)
    return (-reach * math.cos(turn), reach * math.sin(turn))


def _threshold(clouds: Texture, detail: Texture, percent: float, valid: Flags) -> float:
    """Of the noise over the valid part, `percent` lies above it."""
    if percent <= 0:
        return _NO_CLOUD
    rows = np.linspace(0, valid.shape[0] - 1, _SAMPLES).round().astype(int)
    columns = np.linspace(0, valid.shape[1] - 1, _SAMPLES).round().astype(int)
    seen = valid[np.ix_(rows, columns)]
    places = (np.arange(_SAMPLES) + 0.5) * 109_800 / _SAMPLES
    values = clouds.at(places, places) + _ROUGHNESS * detail.at(places, places)
    if percent >= 100:  # noqa: PLR2004 -- percent
        return float(values.min()) - 3 * _SOFT_EDGE
    chosen = values[seen] if seen.any() else values
    return float(np.quantile(chosen, 1 - percent / 100))
