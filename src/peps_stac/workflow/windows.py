"""How a long period becomes series that FULL_MAJA takes and that fit together.

MAJA estimates aerosols and clouds from the dates before, so that the first products of a series
are worse than the others. Each window therefore begins before the days whose products are kept,
and the kept days of all windows follow each other without gap or overlap.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from peps_stac.domain import Days
from peps_stac.errors import RequestError

SHORTEST_SERIES_DAYS = 55
LONGEST_SERIES_DAYS = 366
FIRST_SERIES_DAY = date(2016, 4, 1)
"""Limits of FULL_MAJA, days between the first and the last day, both of them included: MAJA needs
a history, and ESA's products of before April 2016 lack information that MAJA needs (rules of the
original scripts)."""

LEAD_IN_DAYS = 60
"""Days at the start of a window whose products are not kept. MAJA starts from about eight
dates, which two satellites take in 40 days where one orbit sees the tile and one of them alone
in 80; and the readme of the original scripts asks for two months at least."""

LONGEST_LEAD_IN_DAYS = 300
"""So that every window still advances by two months."""


@dataclass(frozen=True, slots=True)
class Window:
    """One series."""

    ordered: Days
    """What the service is asked for: 55 to 366 days between first and last, from 2016-04-01."""
    kept: Days
    """The days whose products are wanted; inside `ordered`."""


def windows(start: date, end: date, *, lead_in_days: int = LEAD_IN_DAYS) -> tuple[Window, ...]:
    """Series that together give the products of a period, oldest first, of about equal length.

    What is kept begins at `start` or 2016-04-01, whichever is later, and ends at `end`. A window
    begins `lead_in_days` before what is kept of it, except where that would be before
    2016-04-01. One that is too short for FULL_MAJA is widened backwards, and forwards only at
    2016-04-01; what is kept stays the same.

    Args:
        start: First day wanted.
        end: Last day wanted, included.
        lead_in_days: 0 to 300.

    Raises:
        RequestError: A period that ends before it starts or before 2016-04-01, or a lead-in
            out of range.
    """
    _check(start, end, lead_in_days)
    first = max(start, FIRST_SERIES_DAY)
    origin = max(first - timedelta(days=lead_in_days), FIRST_SERIES_DAY)
    # The first window spends what there is of its lead-in, each further one the whole of it.
    net_days = max((end - origin).days + 1 - lead_in_days, 0)
    most_days = LONGEST_SERIES_DAYS + 1 - lead_in_days
    count = max(1, -(-net_days // most_days))
    ends = [
        origin + timedelta(days=lead_in_days + net_days * number // count - 1)
        for number in range(1, count)
    ]
    firsts = [first, *(day + timedelta(days=1) for day in ends)]
    return tuple(
        window_for(Days(kept_first, kept_last), lead_in_days)
        for kept_first, kept_last in zip(firsts, [*ends, end], strict=True)
    )


def window_for(kept: Days, lead_in_days: int = LEAD_IN_DAYS) -> Window:
    """The window of which some days are kept; with their lead-in, 366 at most."""
    latest_first = kept.last - timedelta(days=SHORTEST_SERIES_DAYS)
    lead_in = kept.first - timedelta(days=lead_in_days)
    first = max(min(lead_in, latest_first), FIRST_SERIES_DAY)
    last = max(kept.last, first + timedelta(days=SHORTEST_SERIES_DAYS))
    return Window(Days(first, last), kept)


def _check(start: date, end: date, lead_in_days: int) -> None:
    if end < start:
        raise RequestError(f"the period ends ({end}) before it starts ({start}); swap the dates")
    if end < FIRST_SERIES_DAY:
        message = f"no series is possible that ends on {end}: MAJA on PEPS has nothing before"
        raise RequestError(f"{message} {FIRST_SERIES_DAY}; give a later period")
    if not 0 <= lead_in_days <= LONGEST_LEAD_IN_DAYS:
        limits = f"0 to {LONGEST_LEAD_IN_DAYS} days"
        raise RequestError(f"a lead-in of {lead_in_days} days is not possible; give {limits}")
