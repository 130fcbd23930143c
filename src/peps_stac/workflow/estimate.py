"""How long an order will take and what it will need on disk, told before it is sent.

Both are rules of thumb: their sources stand beside the numbers.
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pystac

from peps_stac.domain import Days
from peps_stac.workflow.windows import FIRST_SERIES_DAY, Window, windows

START_MIN = 60
DATE_MIN = 25
"""Minutes that a series takes to start, and for each date, one after the other (readme of the
original scripts)."""

COMPUTED_PER_PRODUCT = 8
"""Dates that MAJA computes to start a series of one product."""

REVISIT_DAYS = 5
"""Two satellites on one orbit; twice that with one of them, half of it on two orbits."""

_TELLING_DAYS = 30

ZIP_GB = 1.2
RAW_GB = 3.8
COG_GB = 2.2
"""Of one whole tile and date: MAJA archives that are published have 0.9 to 2.35 GB, 3 to 3.8 GB
unpacked; as COGs with overviews the same takes about 2.2 GB."""

SIZES_SOURCE = "1.2 GB a zip, 3.8 GB unpacked, 2.2 GB as COGs: whole tiles as MAJA delivers them"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one job, or many, will come to."""

    dates: int
    """Dates that are computed."""
    kept_dates: int
    """Dates whose products are wanted."""
    duration: timedelta
    """From the moment it starts; waiting for a place comes on top."""

    @property
    def zip_gb(self) -> float:
        """Archives of what is kept, 10^9 bytes."""
        return self.kept_dates * ZIP_GB

    @property
    def raw_gb(self) -> float:
        """The same unpacked as delivered."""
        return self.kept_dates * RAW_GB

    @property
    def cog_gb(self) -> float:
        """The same as COGs."""
        return self.kept_dates * COG_GB


@dataclass(frozen=True, slots=True)
class Comparison:
    """Dates that MAJA computes, by the way of ordering."""

    alone: int
    """With one job for each product."""
    in_series: int


def estimate(items: Sequence[pystac.Item], window: Window | None = None) -> Estimate:
    """What one job for some scenes will come to; without a window, a job of one product."""
    kept = dates_of(items)
    if window is None:
        # One product: one to two hours, which is one start and the date itself.
        return Estimate(COMPUTED_PER_PRODUCT, kept, timedelta(minutes=START_MIN + DATE_MIN))
    dates = computed_dates(kept, window)
    return Estimate(dates, kept, timedelta(minutes=START_MIN + DATE_MIN * dates))


def together(jobs: Iterable[Estimate], *, at_once: int) -> Estimate:
    """What many jobs will come to when so many of them run at once."""
    known = list(jobs)
    places = [timedelta(0)] * max(1, at_once)
    for job in known:
        heapq.heappush(places, heapq.heappop(places) + job.duration)
    dates, kept = sum(job.dates for job in known), sum(job.kept_dates for job in known)
    return Estimate(dates, kept, max(places))


def computed_dates(kept_dates: int, window: Window) -> int:
    """Dates in the whole window, as dense as what is known of its kept part.

    A kept part too short to tell counts as one date in five days at least, two at most.
    """
    density = kept_dates / window.kept.count
    if window.kept.count < _TELLING_DAYS:
        density = min(max(density, 1 / REVISIT_DAYS), 2 / REVISIT_DAYS)
    return max(kept_dates, round(density * window.ordered.count))


def to_compute(items: Sequence[pystac.Item]) -> Comparison:
    """What MAJA computes for some scenes of one tile, each alone or all in series.

    The scenes may be a choice, by cloud cover for instance, while a series computes all dates:
    one in five days at least. Before 2016-04-01 there are no series.
    """
    days = days_of(items)
    if days.last < FIRST_SERIES_DAY:
        return Comparison(0, 0)
    alone = in_series = 0
    for window in windows(days.first, days.last):
        count = sum(bool(one.datetime and one.datetime.date() in window.kept) for one in items)
        alone += count * COMPUTED_PER_PRODUCT
        in_series += max(computed_dates(count, window), window.ordered.count // REVISIT_DAYS)
    return Comparison(alone, in_series)


def dates_of(items: Iterable[pystac.Item]) -> int:
    """How many different passes the scenes show; baselines of one scene are one."""
    return len({item.datetime for item in items})


def days_of(items: Iterable[pystac.Item]) -> Days:
    """From the first to the last scene; at least one is needed."""
    days = [item.datetime.date() for item in items if item.datetime]
    return Days(min(days), max(days))
