"""A strip of a scene while its pixels are made: where it is, what lies there and above it."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from peps_stac.simulator.landscape import Codes, Landscape
from peps_stac.simulator.materials import TOWN, Spectra
from peps_stac.simulator.texture import Axis, Pixels, Texture
from peps_stac.simulator.tiling import TILE_SIDE_M
from peps_stac.simulator.weather import Flags, Sky, opacity

_SUNNY_STEP_M = 500.0
_DEEP_SHADE = 1.5
_ROUGH_SNOWLINE_M = 60.0


@dataclass(frozen=True, slots=True)
class Scene:
    """All that decides the pixels of one product."""

    land: Landscape
    sky: Sky
    spectra: Spectra
    valid: Flags
    """20 m grid: seen by the satellite."""
    slope: Texture
    """Light on the slopes against light on flat ground, about 1."""
    water_vapour: float
    """g/cm2."""
    aerosol: float
    """Optical thickness."""
    low_sun: bool
    size: int
    """Rows and columns of the 10 m grid."""


@dataclass(frozen=True, slots=True)
class Above:
    """What lies over the ground, pixel by pixel."""

    valid: Flags
    thickness: Pixels
    """Of clouds, see `Sky.thickness`."""
    towards_sun: Pixels
    """Thickness of what may cast a shadow here."""
    cloud: Pixels
    """Part of the ground hidden."""
    white: Pixels
    """Brightness of the cloud against its spectrum."""
    shade: Pixels
    """How deep the shadow of a cloud is, 0 to 1."""
    cirrus: Pixels
    """0 to 1."""

    def doubled(self) -> Self:
        """The same on the 10 m grid."""
        return type(self)(*(double(getattr(self, name)) for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Patch:
    """Some rows of one grid."""

    scene: Scene
    y: Axis
    x: Axis
    codes: Codes
    above: Above

    def snow(self) -> Flags:
        """Where snow would lie if no cloud hid it; lakes and rivers stay open."""
        rough = _ROUGH_SNOWLINE_M * self.scene.land.detail.at(self.y, self.x)
        height = self.scene.land.elevation.at(self.y, self.x) + rough
        return np.asarray((height > self.scene.sky.snowline_m) & (self.codes >= TOWN))

    @property
    def may_have_snow(self) -> bool:
        """Whether looking for snow is worth the time."""
        highest = float(self.scene.land.elevation.nodes.max())
        return highest + 5 * _ROUGH_SNOWLINE_M > self.scene.sky.snowline_m


def patches(scene: Scene, row: int, rows: int) -> tuple[Patch, Patch]:
    """The same rows (counted on the 20 m grid) on the 10 m and the 20 m grid."""
    half = scene.size // 2
    y, x = centres(row, rows, half), centres(0, half, half)
    above = _above(scene, scene.valid[row : row + rows], y, x)
    coarse = Patch(scene, y, x, scene.land.codes(y, x), above)
    fine_y, fine_x = centres(2 * row, 2 * rows, scene.size), centres(0, scene.size, scene.size)
    codes = scene.land.codes(fine_y, fine_x)
    return Patch(scene, fine_y, fine_x, codes, above.doubled()), coarse


def centres(first: int, count: int, size: int) -> Axis:
    """Middles of some pixels of a grid of `size` rows, metres from the tile's corner."""
    pixel = TILE_SIDE_M / size
    return np.arange(first, first + count, dtype=np.float64) * pixel + pixel / 2


def double(values: NDArray[Any]) -> NDArray[Any]:
    """Every pixel becomes two by two; the last two axes are rows and columns."""
    return np.repeat(np.repeat(values, 2, axis=-2), 2, axis=-1)


def _above(scene: Scene, valid: Flags, y: Axis, x: Axis) -> Above:
    sky = scene.sky
    thickness = sky.thickness(y, x)
    towards_sun = sky.over_shadows(y, x)
    cloud = opacity(thickness)
    down, right = sky.shift
    step = _SUNNY_STEP_M / max(1.0, float(np.hypot(down, right)))
    # The side of a cloud that looks at the sun is brighter.
    sunny = thickness - sky.thickness(y + step * down, x + step * right)
    white = 0.62 + 0.22 * np.clip(thickness, 0, 1.6) + 0.55 * sunny
    return Above(
        valid=valid,
        thickness=thickness,
        towards_sun=towards_sun,
        cloud=cloud,
        white=np.clip(white, 0.42, 1.3),
        shade=np.clip(_DEEP_SHADE * opacity(towards_sun), 0, 1) * (1 - cloud),
        cirrus=sky.veil(y, x),
    )
