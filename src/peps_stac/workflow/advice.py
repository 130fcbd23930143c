"""What a person should know before a request leaves."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

import pystac

from peps_stac.domain import MgrsTile
from peps_stac.workflow.estimate import (
    COMPUTED_PER_PRODUCT,
    days_of,
    to_compute,
)
from peps_stac.workflow.windows import (
    FIRST_SERIES_DAY,
    SHORTEST_SERIES_DAYS,
    Window,
)

SRTM_LATITUDE = 60.0
"""Degrees; MAJA on PEPS takes elevation from SRTM, which ends there."""


def is_beyond_srtm(item: pystac.Item) -> bool:
    """Whether a scene lies wholly where MAJA on PEPS has no elevation."""
    if not item.bbox:
        return False
    _, south, _, north = item.bbox
    return south > SRTM_LATITUDE or north < -SRTM_LATITUDE


def beyond_srtm(items: Collection[pystac.Item]) -> tuple[str, ...]:
    """Says that jobs will be canceled for lack of elevation."""
    beyond = [item.id for item in items if is_beyond_srtm(item)]
    if not beyond:
        return ()
    others = f" and {len(beyond) - 1} more" if len(beyond) > 1 else ""
    where = f"{beyond[0]}{others}: wholly beyond {SRTM_LATITUDE:.0f} degrees latitude"
    return (f"{where}, where MAJA on PEPS has no elevation (SRTM); such jobs end CANCELED",)


def series_instead(scenes: Mapping[MgrsTile, Sequence[pystac.Item]]) -> tuple[str, ...]:
    """Says for which tiles one series would cost less than a job for each product."""
    return tuple(
        line for tile, items in scenes.items() if (line := _series_instead(tile, items)) is not None
    )


def widened(start: date, end: date, cut: Sequence[Window]) -> tuple[str, ...]:
    """Says where a period was not taken as it is."""
    lines = []
    if cut and start < FIRST_SERIES_DAY:
        lines.append(f"MAJA on PEPS has nothing before {FIRST_SERIES_DAY}; the series begin there")
    if cut and (end - start).days < SHORTEST_SERIES_DAYS:
        period = f"{start}/{end} is shorter than the {SHORTEST_SERIES_DAYS} days of a series"
        lines.append(f"{period}: {cut[0].ordered} is ordered, and only the days asked for are kept")
    return tuple(lines)


def _series_instead(tile: MgrsTile, items: Sequence[pystac.Item]) -> str | None:
    computed = to_compute(items)
    if computed.alone <= computed.in_series:
        return None
    return (
        f"{tile}: a job for each of {len(items)} products makes MAJA compute about "
        f"{computed.alone} dates, {COMPUTED_PER_PRODUCT} for each; a series about "
        f"{computed.in_series}: order --series -t {tile} --datetime {days_of(items)}"
    )
