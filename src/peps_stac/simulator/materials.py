"""What the ground of the simulator is made of, and how it looks on a day of the year.

Reflectances are typical ones, rounded by hand; each code of the landscape has a row.
"""

import math
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from peps_stac.simulator.chance import between

BANDS = ("B2", "B3", "B4", "B5", "B6", "B7", "B8", "B8A", "B11", "B12")
"""MAJA's names, in the order of its metadata; columns of every spectrum here."""

WATER = 0
TOWN = 2
LEAFY = 10
CONIFER = 18
FIELD = 32
VARIANTS = 8
"""Codes from TOWN, LEAFY and CONIFER on: shades of the same."""
FIELD_VARIANTS = 32

Spectra = NDArray[np.float32]

_CODES = 256


def _spectrum(*percent: float) -> NDArray[np.float64]:
    return np.array(percent) / 100


# Bands                 B2    B3    B4    B5    B6    B7    B8    B8A   B11   B12
_WATER = _spectrum(4.6, 5.8, 3.9, 3.2, 2.2, 2.0, 1.7, 1.5, 0.8, 0.5)
_LAKE = _spectrum(2.6, 3.4, 2.2, 1.8, 1.3, 1.2, 1.0, 0.9, 0.5, 0.3)
_ROOFS = _spectrum(10.5, 12.0, 13.8, 14.8, 16.4, 17.4, 18.2, 19.0, 20.5, 18.0)
_CROWNS = _spectrum(1.9, 3.9, 2.1, 6.4, 20.5, 26.0, 29.0, 30.5, 14.0, 6.5)
_TWIGS = _spectrum(3.0, 4.0, 4.6, 6.8, 10.5, 12.0, 14.0, 15.5, 17.0, 10.5)
_NEEDLES = _spectrum(1.5, 2.6, 1.8, 4.2, 11.5, 14.0, 15.8, 16.6, 8.0, 3.8)
_SOIL = _spectrum(5.8, 8.4, 11.4, 13.6, 15.6, 17.2, 19.0, 20.6, 28.0, 24.5)
_STRAW = _spectrum(7.2, 11.0, 14.8, 17.6, 20.5, 22.6, 25.0, 27.0, 34.0, 27.0)
_GREEN = _spectrum(2.2, 6.2, 2.6, 9.6, 30.0, 38.0, 42.0, 44.0, 19.0, 9.0)
SNOW = _spectrum(86, 88, 87, 86, 84, 81, 79, 76, 12, 10).astype(np.float32)
CLOUD = _spectrum(80, 80, 81, 82, 83, 84, 85, 85, 62, 50).astype(np.float32)

# Crops: share of all fields, then peaks as (day of year, days of half width, cover at the peak).
_CROPS = (
    (0.26, 0.06, ((120, 52, 0.88), (352, 60, 0.36))),  # winter cereal
    (0.16, 0.05, ((212, 42, 0.92), (335, 42, 0.34))),  # maize, then a cover crop
    (0.14, 0.05, ((196, 30, 0.72),)),  # sunflower
    (0.09, 0.08, ((108, 46, 0.90), (330, 55, 0.42))),  # rapeseed
    (0.20, 0.42, ((135, 62, 0.40), (310, 50, 0.14))),  # meadow
    (0.07, 0.30, ((160, 90, 0.45),)),  # lucerne
    (0.08, 0.10, ((205, 60, 0.34),)),  # vineyard
)
_HARVEST = 185
_STUBBLE_DAYS = 45
_LEAVES_OUT = 105
_LEAVES_DOWN = 318
_DAYS = 365.25
_TROPICS = 23.4


def crop_shares() -> tuple[float, ...]:
    """Part of all fields under each crop; field codes are grouped in this order."""
    return tuple(share for share, _, _ in _CROPS)


def spectra(instant: datetime, latitude: float) -> Spectra:
    """Reflectance of every ground code on a day: 256 rows, a column for each of `BANDS`."""
    day = season_day(instant, latitude)
    table = np.zeros((_CODES, len(BANDS)))
    table[WATER], table[WATER + 1] = _WATER, _LAKE
    for variant in range(VARIANTS):
        shade = 0.84 + 0.32 * variant / (VARIANTS - 1)
        leaves = _leaves(day + 10 * (shade - 1), latitude)
        table[TOWN + variant] = _ROOFS * shade
        table[LEAFY + variant] = (_CROWNS * leaves + _TWIGS * (1 - leaves)) * shade
        table[CONIFER + variant] = _NEEDLES * shade
    for crop in range(len(_CROPS)):
        for variant in range(FIELD_VARIANTS):
            table[FIELD + crop * FIELD_VARIANTS + variant] = _field(crop, variant, day)
    return table.astype(np.float32)


def season_day(instant: datetime, latitude: float) -> float:
    """Day of the year as the north counts it: half a year is added in the south."""
    day = instant.timetuple().tm_yday
    return day if latitude >= 0 else (day + _DAYS / 2) % _DAYS


def _field(crop: int, variant: int, day: float) -> NDArray[np.float64]:
    _, always, peaks = _CROPS[crop]
    sown = between(-14, 14, "sown", crop, variant)
    vigour = between(0.8, 1.06, "vigour", crop, variant)
    cover = always + sum(_bump(day - sown, *peak) for peak in peaks)
    cover = min(0.97, cover * vigour)
    bare = _SOIL * between(0.72, 1.28, "soil", crop, variant)
    since_harvest = (day - _HARVEST - sown) % _DAYS
    if crop == 0 and since_harvest < _STUBBLE_DAYS:
        bare = _STRAW * between(0.9, 1.1, "straw", variant)
    return _GREEN * cover + bare * (1 - cover)


def _bump(day: float, peak: float, width: float, height: float) -> float:
    apart = (day - peak + _DAYS / 2) % _DAYS - _DAYS / 2
    return height * math.exp(-((apart / width) ** 2))


def _leaves(day: float, latitude: float) -> float:
    """Part of the crown in leaf, 0 to 1; always all in the tropics."""
    if abs(latitude) < _TROPICS:
        return 1.0
    out = 1 / (1 + math.exp(-(day - _LEAVES_OUT) / 9))
    down = 1 / (1 + math.exp((day - _LEAVES_DOWN) / 9))
    return out * down
