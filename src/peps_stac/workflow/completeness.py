"""What a catalog should hold and what it holds, date by date.

A date is one pass of one satellite over one tile. It is expected when its L1C scene is known, or
its L2A product is there; it stands in exactly one state. Older versions of a product are counted
beside the dates, never among them.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from peps_stac.domain import MgrsTile


class ProductSource(StrEnum):
    """Where the product of a date comes from."""

    PEPS = "peps"
    """MAJA was ordered for its scene."""
    GEODES = "geodes"
    """Theia made it, and GEODES has it."""
    OWN = "own"
    """Neither is known: it was added from a disk."""


class DateState(StrEnum):
    """Where an expected date stands; what has come furthest stands first."""

    DELIVERED = "delivered"
    """Its L2A product is in the catalog."""
    READY = "ready"
    """Finished at the service, not fetched yet."""
    RUNNING = "running"
    """Ordered, pending, shipping, unconfirmed, or planned."""
    TOO_CLOUDY = "too_cloudy"
    """MAJA issues nothing; final."""
    UNPROCESSED = "unprocessed"
    """Lost from the results of a finished job."""
    FAILED = "failed"
    """The job failed, or its product was gone before it was fetched."""
    CANCELED = "canceled"
    MISSING = "missing"
    """A finished series covers it and no product is here; its scene became known later."""
    NOT_ORDERED = "not_ordered"
    """Its scene is known and nothing else; or the request never arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedDate:
    """One pass of one satellite over one tile."""

    tile: MgrsTile
    datetime: dt.datetime
    """Start of the datatake, UTC; of a product without a known scene, its own time."""
    platform: str
    state: DateState
    reason: str | None = None
    """Why it stands there, in words; None where the state says it all."""
    scene: str | None = None
    """Id of its L1C Item: the one whose order came furthest, else the latest baseline. None: only
    the product is known."""
    order: str | None = None
    """Job id of the scene's order."""
    product: str | None = None
    """Id of its L2A Item, of the latest version."""
    source: ProductSource | None = None
    """Of the product that is here, or ready to be fetched; None: there is none."""
    superseded: tuple[str, ...] = ()
    """Ids of the L2A Items that `product` replaces, oldest version first."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Dates counted."""

    counts: dict[DateState, int]
    """Every state, in its order."""
    superseded: int
    """Products that a newer version in the catalog replaces."""
    sources: dict[ProductSource, int]
    """Of the delivered products, those that there are."""

    @property
    def expected(self) -> int:
        """All dates."""
        return sum(self.counts.values())

    @property
    def delivered(self) -> int:
        """Those whose product is in the catalog."""
        return self.counts[DateState.DELIVERED]


@dataclass(frozen=True, slots=True)
class TileMonth:
    """The dates of one tile in one month, UTC."""

    tile: MgrsTile
    first_day: dt.date
    dates: tuple[ExpectedDate, ...]

    @property
    def tally(self) -> Tally:
        """Its dates counted."""
        return tally(self.dates)


@dataclass(frozen=True, slots=True)
class Completeness:
    """Every expected date of a catalog, or of a part of it."""

    dates: tuple[ExpectedDate, ...]
    """By tile, then by time."""

    @property
    def tally(self) -> Tally:
        """All dates counted."""
        return tally(self.dates)

    @property
    def tiles(self) -> dict[MgrsTile, tuple[ExpectedDate, ...]]:
        """The dates of each tile."""
        return {tile: tuple(found) for tile, found in groupby(self.dates, lambda one: one.tile)}

    @property
    def months(self) -> tuple[TileMonth, ...]:
        """The months in which anything was expected, by tile, then by time."""
        found = groupby(self.dates, lambda one: (one.tile, one.datetime.date().replace(day=1)))
        return tuple(TileMonth(tile, first, tuple(dates)) for (tile, first), dates in found)

    def where(self, *states: DateState) -> tuple[ExpectedDate, ...]:
        """The dates that stand in one of these states."""
        return tuple(one for one in self.dates if one.state in states)


def tally(dates: Iterable[ExpectedDate]) -> Tally:
    """Dates counted by state, and the older versions beside them."""
    known = tuple(dates)
    found = Counter(one.state for one in known)
    sources = Counter(one.source for one in known if one.state is DateState.DELIVERED)
    return Tally(
        counts={state: found[state] for state in DateState},
        superseded=sum(len(one.superseded) for one in known),
        sources={source: sources[source] for source in ProductSource if sources[source]},
    )
