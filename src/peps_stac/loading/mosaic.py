"""Several passes, tiles or pieces of one day as one slice: the first pixel of the best rank.

Done after masking, never before: a reader that merges masks by themselves takes 0 for "empty",
so that a pass that sees a pixel as clear and one that sees nothing there become one.
"""

import datetime as dt
from collections.abc import Callable, Hashable, Sequence
from typing import Final

import numpy as np
import xarray as xr

from peps_stac.errors import RequestError

_DEGREES_AN_HOUR = 15

_KEYS: Final[dict[str, Callable[[dt.datetime, float, int], Hashable]]] = {
    "solar_day": lambda time, longitude, _: solar_day(time, longitude),
    "time": lambda time, _, __: time,
    "id": lambda _, __, index: index,
}


def groups_of(
    times: Sequence[dt.datetime], groupby: str, longitude: float
) -> tuple[tuple[int, ...], ...]:
    """Which Items make one slice, each group and its members in the order of the times.

    Args:
        times: Of the Items, sorted.
        groupby: `solar_day`, `time` or `id`.
        longitude: Of the place, for the day; degrees.

    Raises:
        RequestError: Another word.
    """
    if groupby not in _KEYS:
        raise RequestError(f"groupby: {groupby!r} is unknown; give {', '.join(_KEYS)}")
    found: dict[Hashable, list[int]] = {}
    for index, time in enumerate(times):
        found.setdefault(_KEYS[groupby](time, longitude, index), []).append(index)
    return tuple(map(tuple, found.values()))


def solar_day(time: dt.datetime, longitude: float) -> dt.date:
    """The day by the sun at a longitude (degrees), which no midnight of UTC cuts in two."""
    return (time + dt.timedelta(hours=longitude / _DEGREES_AN_HOUR)).date()


def mosaic(
    values: xr.DataArray, ranks: xr.DataArray, groups: Sequence[Sequence[int]]
) -> xr.DataArray:
    """One slice a group: of each pixel the value of the highest rank, the earliest of equals.

    Args:
        values: One slice an Item along `time`, sorted.
        ranks: Whole numbers or booleans of the same shape; 0 is the least.
        groups: Indices along `time`; a slice gets the time of the first.
    """
    if all(len(group) == 1 for group in groups):
        return values
    times = values.time.values[[group[0] for group in groups]]
    plain, order = values.drop_vars("time"), ranks.drop_vars("time").astype(np.uint8)
    slices = [_merged(plain, order, group) for group in groups]
    return xr.concat(slices, dim="time").assign_coords(time=times)


def _merged(values: xr.DataArray, ranks: xr.DataArray, group: Sequence[int]) -> xr.DataArray:
    first, *others = group
    value, best = values.isel(time=first), ranks.isel(time=first)
    for index in others:
        rank = ranks.isel(time=index)
        is_better = rank > best
        value = values.isel(time=index).where(is_better, value)
        best = rank.where(is_better, best)
    return value
