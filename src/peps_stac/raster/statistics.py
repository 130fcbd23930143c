"""What the values of one band amount to, counted exactly while the rows pass by."""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peps_stac.errors import ResponseError

# numpy counts a copy of eight bytes a pixel: one that stays in the processor's cache.
_AT_ONCE = 1 << 18
_UNSIGNED = {1: np.uint8, 2: np.uint16}


@dataclass(frozen=True, slots=True)
class Statistics:
    """`bands[].statistics` of STAC 1.1, nodata left out; None where nothing is valid."""

    minimum: int | None
    maximum: int | None
    mean: float | None
    stddev: float | None
    """Of the whole population, not of a sample."""
    valid_percent: float
    """Percent of all pixels, 0 to 100."""


class Histogram:
    """How often each value of an integer band of one or two bytes occurs.

    A table of 65536 counters instead of a second copy of 120 million pixels.
    """

    def __init__(self, dtype: str) -> None:
        """An empty table.

        Raises:
            ResponseError: Not an integer of one or two bytes.
        """
        kind = np.dtype(dtype)
        if kind.kind not in "iu" or kind.itemsize not in _UNSIGNED:
            raise ResponseError(f"pixels of type {dtype}; MAJA writes integers of 8 or 16 bits")
        self._unsigned = np.dtype(_UNSIGNED[kind.itemsize])
        size = 1 << (8 * kind.itemsize)
        self._values = np.arange(size, dtype=np.int64).astype(self._unsigned).view(kind)
        self._counts = np.zeros(size, np.int64)

    def add(self, block: NDArray[Any]) -> None:
        """Count the pixels of some rows."""
        flat = np.ascontiguousarray(block).reshape(-1).view(self._unsigned)
        for start in range(0, flat.size, _AT_ONCE):
            part = flat[start : start + _AT_ONCE]
            self._counts += np.bincount(part, minlength=self._counts.size)

    def statistics(self, nodata: int | None) -> Statistics:
        """What has been counted, without the pixels that are `nodata`."""
        there = self._counts > 0
        if nodata is not None:
            there &= self._values != nodata
        counts, values = self._counts[there], self._values[there].astype(np.int64)
        total, valid = int(self._counts.sum()), int(counts.sum())
        if not valid:
            return Statistics(None, None, None, None, 0.0)
        mean = int((counts * values).sum()) / valid
        variance = float((counts * (values - mean) ** 2).sum()) / valid
        return Statistics(
            int(values.min()), int(values.max()), mean, sqrt(variance), 100 * valid / total
        )
