"""Names of Sentinel-2 L1C products.

    S2A_MSIL1C_20200101T105441_N0500_R051_T31TCH_20230501T190202

The compact convention, of 2016-12-06 and later (Sentinel-2 Products Specification Document).
The names before it, of many tiles, tell less and are not read here.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from peps_stac.domain.tile import MgrsTile
from peps_stac.errors import RequestError

_NAME = re.compile(
    r"S2(?P<unit>[A-Z])_MSI(?P<level>L1C|L2A)_(?P<start>\d{8}T\d{6})_N(?P<baseline>\d{4})"
    r"_R(?P<orbit>\d{3})_T(?P<tile>\d{2}[A-Z]{3})_\d{8}T\d{6}",
    re.ASCII,
)
_LAST_RELATIVE_ORBIT = 143


@dataclass(frozen=True, slots=True)
class L1CName:
    """What the name of a product says."""

    platform: str
    """`sentinel-2a`, ...; any letter."""
    level: str
    """`L1C`; ESA's own L2A is named the same way."""
    start: datetime
    """Start of sensing of the datatake, UTC, whole seconds."""
    baseline: str
    """`05.00`; a later one of the same scene sorts last."""
    relative_orbit: int | None
    """1 to 143; None for a number that is none."""
    tile: MgrsTile

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The name, without `.SAFE`; None when text is of another convention, or no name."""
        match = _NAME.fullmatch(text)
        if match is None:
            return None
        try:
            start = datetime.strptime(match["start"], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
            tile = MgrsTile.parse(match["tile"])
        except (ValueError, RequestError):
            return None
        orbit, baseline = int(match["orbit"]), match["baseline"]
        return cls(
            platform=f"sentinel-2{match['unit'].lower()}",
            level=match["level"],
            start=start,
            baseline=f"{baseline[:2]}.{baseline[2:]}",
            relative_orbit=orbit if 1 <= orbit <= _LAST_RELATIVE_ORBIT else None,
            tile=tile,
        )
