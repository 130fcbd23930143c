"""The invented countryside of a tile: a river, hills, woods, towns and fields.

Drawn from the tile's name alone, so that every date and every pixel size show the same land.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from peps_stac.domain import MgrsTile
from peps_stac.simulator.chance import between, seed, share
from peps_stac.simulator.materials import (
    CONIFER,
    FIELD,
    FIELD_VARIANTS,
    LEAFY,
    TOWN,
    VARIANTS,
    WATER,
    crop_shares,
)
from peps_stac.simulator.texture import Axis, Pixels, Texture, spectral
from peps_stac.simulator.tiling import TILE_SIDE_M

Codes = NDArray[np.uint8]
Hashes = NDArray[np.uint32]

_SIDE = 110_000
_STEP = 200
_NODES = _SIDE // _STEP
_DETAIL_M = 14_000
_GRAIN_M = 10_000
_FIELD_LENGTH_M = 1500.0
_FIELD_WIDTH_M = 1100.0
_HEDGE_M = 9.0
_WOODED = 0.27
_VILLAGES = 60
_MEANDERS = ((8500, 61_000), (2300, 17_500), (900, 6900), (380, 2900))
_LAKES_ABOVE = 2.75
_TREES_BY_A_BROOK_M = 70
_FLOOD_PLAIN_M = 260
_EDGE_OF_TOWN = 0.12
_LEAFY_BELOW = 0.35
_LOOKUP = 8192


@dataclass(frozen=True, slots=True)
class Landscape:
    """What lies where in one tile; every field is sampled in metres from its upper-left corner."""

    elevation: Texture
    """Metres above the sea."""
    river: Texture
    """Signed distance from the middle of the river, metres."""
    river_half_width: float
    streams: Texture
    """Distance from the nearest brook, metres."""
    lakes: Texture
    woods: Texture
    woods_above: float
    """Where `woods` is higher there is forest."""
    conifers: Texture
    built: Texture
    """0 at the edge of a town or village, 1 in its middle."""
    bend_x: Texture
    bend_y: Texture
    """Shift of the field pattern, metres."""
    soil: Texture
    detail: Texture
    fields: Codes
    """Ground code of a field, by the last bits of its hash."""

    def codes(self, y: Axis, x: Axis) -> Codes:
        """Ground code (see `materials`) at the middle of every pixel."""
        rough = self.detail.at(y, x)
        shade = (self.detail.scaled(_GRAIN_M / 4).at(y, x) * 1.6 + VARIANTS / 2).clip(
            0, VARIANTS - 1
        )
        variants = shade.astype(np.uint8)
        ground = self._fields(y, x)
        woods = self.woods.at(y, x) + 0.22 * rough > self.woods_above
        leafy = self.conifers.at(y, x) < _LEAFY_BELOW
        brook = self.streams.at(y, x)
        woods |= brook < _TREES_BY_A_BROOK_M
        bank = np.abs(self.river.at(y, x) + 25 * rough)
        woods |= bank - 130 * rough < _FLOOD_PLAIN_M
        forest = np.where(leafy, variants + np.uint8(LEAFY), variants + np.uint8(CONIFER))
        np.copyto(ground, forest, where=woods)
        town = self.built.at(y, x) + 0.1 * rough > _EDGE_OF_TOWN
        np.copyto(ground, variants + np.uint8(TOWN), where=town)
        lake = self.lakes.at(y, x) + 0.05 * rough > _LAKES_ABOVE
        lake |= bank < self.river_half_width
        np.copyto(ground, np.uint8(WATER), where=lake)
        return ground

    def tone(self, y: Axis, x: Axis, codes: Codes) -> Pixels:
        """Brightness of every pixel against the spectrum of its code, about 1."""
        fine = self.detail.scaled(_GRAIN_M).at(y, x)
        tone = 1 + 0.045 * self.soil.at(y, x)
        tone += 0.045 * fine
        town = (codes >= TOWN) & (codes < LEAFY)
        tone += np.where(town, np.float32(0.16), np.float32(0)) * fine
        return np.clip(tone, 0.4, 1.8, out=tone)

    def _fields(self, y: Axis, x: Axis) -> Codes:
        across = self.bend_x.at(y, x)
        across += x.astype(np.float32)
        down = self.bend_y.at(y, x)
        down += y.astype(np.float32)[:, None]
        down *= np.float32(1 / _FIELD_WIDTH_M)
        row = np.floor(down)
        across *= np.float32(1 / _FIELD_LENGTH_M)
        across += 0.5 * (row % 2)
        column = np.floor(across)
        down -= row
        across -= column
        block = _mix(_key(row) * np.uint32(19349663) ^ _key(column) * np.uint32(73856093))
        parts = (block % np.uint32(3) + 1).astype(np.float32)
        strips = ((block >> np.uint32(4)) % np.uint32(4) + 1).astype(np.float32)
        across *= parts
        down *= strips
        cell = across.astype(np.uint32) * np.uint32(8) + down.astype(np.uint32)
        which = _mix(block + cell * np.uint32(2654435)) & np.uint32(_LOOKUP - 1)
        codes = np.take(self.fields, which)
        hedge = (across % 1 * _FIELD_LENGTH_M / parts < _HEDGE_M) & (block > np.uint32(2**31))
        np.copyto(codes, np.uint8(LEAFY + 1), where=hedge)
        return codes


@lru_cache(maxsize=4)
def landscape(tile: MgrsTile) -> Landscape:
    """The countryside of a tile."""
    name = str(tile)
    river = _river(name)
    elevation = _elevation(name, river)
    built = _built(name, river)
    woods = _woods(name, elevation, built)
    return Landscape(
        elevation=_map(elevation),
        river=_map(river),
        river_half_width=between(150, 210, "river width", name),
        streams=_map(_streams(name)),
        lakes=_noise(name, "lakes", slope=2.2, longest_m=6000),
        woods=_map(woods),
        woods_above=float(np.quantile(woods, 1 - _WOODED)),
        conifers=_noise(name, "conifers", slope=1.8, longest_m=25_000),
        built=_map(built),
        bend_x=_amplified(_noise(name, "bend x", slope=2.8, longest_m=70_000), 2900),
        bend_y=_amplified(_noise(name, "bend y", slope=2.8, longest_m=70_000), 2900),
        soil=_noise(name, "soil", slope=1.5, longest_m=30_000),
        detail=spectral(seed("detail", name), _DETAIL_M, slope=1.0, longest_m=1500),
        fields=_field_codes(name),
    )


def _noise(name: str, what: str, *, slope: float, longest_m: float) -> Texture:
    return spectral(seed(what, name), _SIDE, slope=slope, longest_m=longest_m)


def _amplified(texture: Texture, metres: float) -> Texture:
    return Texture(texture.nodes * np.float32(metres), texture.period_m)


def _map(values: Pixels) -> Texture:
    return Texture(values.astype(np.float32), _SIDE)


def _places() -> Axis:
    return np.arange(0, _SIDE, _STEP, dtype=np.float64)


def _river(name: str) -> Pixels:
    """Signed distance from a meandering line through the tile."""
    turn = between(-0.6, 0.6, "river turn", name)
    middle = between(0.35, 0.65, "river place", name) * TILE_SIDE_M
    east, south = np.meshgrid(_places() - middle, _places() - TILE_SIDE_M / 2)
    along = south * np.cos(turn) + east * np.sin(turn)
    across = east * np.cos(turn) - south * np.sin(turn)
    bend, lean = np.zeros_like(along), np.zeros_like(along)
    for amplitude, length in _MEANDERS:
        wave = 2 * np.pi / (length * between(0.85, 1.15, "wave", length, name))
        phase = 2 * np.pi * share("phase", length, name)
        # A second wave keeps the meanders from repeating like a tune.
        drift = np.sin(along * wave * 0.37 + phase * 1.7)
        bend += amplitude * np.sin(along * wave + phase + drift)
        lean += amplitude * wave * np.cos(along * wave + phase + drift)
    return np.asarray((across - bend) / np.hypot(1, lean), dtype=np.float32)


def _elevation(name: str, river: Pixels) -> Pixels:
    """Hills, and in some tiles mountains, cut by a valley along the river."""
    drawn = share("relief", name)
    relief = 260 if drawn < 0.6 else 700 if drawn < 0.85 else 2100  # noqa: PLR2004 -- metres
    nodes = _noise(name, "relief", slope=2.1, longest_m=60_000).at(_places(), _places())
    heights = np.clip(nodes * 0.27 + 0.45, 0, None)
    valley = 1 - np.exp(-((river / 9000) ** 2))
    base = between(20, 160, "base", name)
    return np.asarray(base + relief * heights * (0.12 + 0.88 * valley), dtype=np.float32)


def _streams(name: str) -> Pixels:
    """Metres from the lines where a noise changes its sign."""
    nodes = _noise(name, "streams", slope=2.3, longest_m=16_000).at(_places(), _places())
    down, right = np.gradient(nodes, _STEP)
    return np.asarray(np.abs(nodes) / (np.hypot(down, right) + 1e-6), dtype=np.float32)


def _built(name: str, river: Pixels) -> Pixels:
    """A city by the river and villages around; 1 in a middle, below 0 outside."""
    generator = np.random.default_rng(seed("towns", name))
    east, south = np.meshgrid(_places(), _places())
    row = int(generator.uniform(0.35, 0.65) * _NODES)
    bank = int(np.abs(river[row]).argmin())
    away = np.hypot(east - bank * _STEP, south - row * _STEP)
    # The city grew along its river, and its suburbs are ragged.
    score = 1 - (0.7 * away + 0.6 * np.abs(river)) / 7500
    for _ in range(_VILLAGES):
        x, y = generator.uniform(0, TILE_SIDE_M, 2)
        radius = 500 * generator.pareto(2.2) + 600
        window = _window(x, y, radius)
        near = 1 - np.hypot(east[window] - x, south[window] - y) / radius
        score[window] = np.maximum(score[window], 0.7 * near)
    ragged = _noise(name, "suburbs", slope=1.3, longest_m=7000).at(_places(), _places())
    return np.asarray(np.maximum(score + 0.17 * ragged, -1), dtype=np.float32)


def _window(x: float, y: float, radius: float) -> tuple[slice, slice]:
    def around(middle: float) -> slice:
        return slice(max(0, int((middle - 2 * radius) / _STEP)), int((middle + 2 * radius) / _STEP))

    return around(y), around(x)


def _woods(name: str, elevation: Pixels, built: Pixels) -> Pixels:
    """Higher where forest is likelier: on the hills, away from towns."""
    nodes = _noise(name, "woods", slope=1.35, longest_m=14_000).at(_places(), _places())
    high = (elevation - elevation.mean()) / elevation.std()
    return np.asarray(nodes + 0.7 * high - 2.0 * np.clip(built + 0.3, 0, 1), dtype=np.float32)


def _field_codes(name: str) -> Codes:
    generator = np.random.default_rng(seed("crops", name))
    crops = generator.choice(len(crop_shares()), _LOOKUP, p=crop_shares())
    variants = generator.integers(0, FIELD_VARIANTS, _LOOKUP)
    return np.asarray(FIELD + crops * FIELD_VARIANTS + variants, dtype=np.uint8)


def _key(numbers: Pixels) -> Hashes:
    return (numbers + np.float32(4096)).astype(np.uint32)


def _mix(hashes: Hashes) -> Hashes:
    """Spreads every bit of a number over all of it (a 32-bit finaliser by C. Wellons)."""
    hashes ^= hashes >> np.uint32(16)
    hashes *= np.uint32(0x7FEB352D)
    hashes ^= hashes >> np.uint32(15)
    hashes *= np.uint32(0x846CA68B)
    hashes ^= hashes >> np.uint32(16)
    return hashes
