"""Relative orbits of Sentinel-2, counted from the absolute ones."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

ORBITS_A_CYCLE: Final = 143

# Checked against real pairs: S2A 6626 -> 51, S2B 14806 -> 51, S2C 5069 -> 94.
_OFFSETS: Final[Mapping[str, int]] = {"sentinel-2a": 2, "sentinel-2b": -27, "sentinel-2c": 29}

# The extension campaign of 2025 moved S2A; nothing says how its orbits count since.
_MOVED: Final[Mapping[str, datetime]] = {"sentinel-2a": datetime(2025, 1, 1, tzinfo=UTC)}


def relative_orbit(platform: str, absolute_orbit: int, acquired: datetime) -> int | None:
    """1 to 143, or None for a satellite, or a time of it, whose count is not known.

    A fallback only: about one product in ten states an absolute orbit that is one too high, so
    the relative orbit of the L1C scene is better.
    """
    if platform not in _OFFSETS or absolute_orbit < 1:
        return None
    if platform in _MOVED and acquired >= _MOVED[platform]:
        return None
    return (absolute_orbit + _OFFSETS[platform]) % ORBITS_A_CYCLE + 1
