"""What would be ordered, and what would not and why, before anything is sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import pystac

from peps_stac.domain import FullMajaRequest, MajaRequest, MgrsTile, Order, ProcessRequest, Reason
from peps_stac.domain.instants import day_start
from peps_stac.errors import RequestError
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.stac.orders import order_of
from peps_stac.store import Catalog
from peps_stac.workflow.pairing import l2a_of

SHORTEST_SERIES_DAYS = 55
LONGEST_SERIES_DAYS = 366
FIRST_SERIES_DAY = date(2016, 4, 1)
"""Limits of FULL_MAJA: MAJA needs a history, ESA's products of before April 2016 lack
information that MAJA needs (rules of the original scripts)."""

SRTM_LATITUDE = 60.0
"""Degrees; MAJA on PEPS takes elevation from SRTM, which ends there."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One request to the service and the Items it is for."""

    request: ProcessRequest
    items: tuple[pystac.Item, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A product that will not be ordered."""

    item_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """What an order would do."""

    planned: tuple[Planned, ...]
    refused: tuple[Refused, ...]
    warnings: tuple[str, ...]

    @property
    def products(self) -> int:
        """How many products would be processed."""
        return sum(len(planned.items) for planned in self.planned)


def plan_orders(
    catalog: Catalog, items: Iterable[pystac.Item], *, again: bool = False
) -> OrderPlan:
    """One MAJA job for each product that has neither an order nor an L2A product yet.

    Args:
        catalog: What it knows of the Items counts, not what `items` say of orders.
        items: L1C Items, each looked at once however often it comes.
        again: Order also what failed, was canceled, is ordered or is there already; a scene
            that is too cloudy for MAJA stays refused.
    """
    wanted, refused = _sorted_out(catalog, items, again=again)
    planned = tuple(Planned(MajaRequest(item.id), (item,)) for item in wanted)
    return OrderPlan(planned, refused, _warnings(wanted))


def plan_series(  # noqa: PLR0913 -- the window is the request
    catalog: Catalog,
    items: Iterable[pystac.Item],
    *,
    start: date,
    end: date,
    relative_orbit: int | None = None,
    again: bool = False,
) -> OrderPlan:
    """One FULL_MAJA job for each tile among the Items.

    Args:
        catalog: What it knows of the Items counts.
        items: L1C Items; those outside the window are left out.
        start: First day.
        end: Last day, included.
        relative_orbit: Only this orbit of the tile, 1 to 143.
        again: As for `plan_orders`.

    Raises:
        RequestError: A window that FULL_MAJA does not take.
    """
    _check_window(start, end)
    first, last = day_start(start), day_start(end + timedelta(days=1))
    inside = (item for item in items if item.datetime and first <= item.datetime < last)
    wanted, refused = _sorted_out(catalog, inside, again=again)
    tiles = sorted({_tile(item) for item in wanted})
    planned = tuple(
        Planned(
            FullMajaRequest(tile, start, end, relative_orbit),
            tuple(item for item in wanted if _tile(item) == tile),
        )
        for tile in tiles
    )
    return OrderPlan(planned, refused, _warnings(wanted))


def _check_window(start: date, end: date) -> None:
    if start < FIRST_SERIES_DAY:
        message = f"a series cannot start on {start}: MAJA on PEPS has nothing before"
        raise RequestError(f"{message} {FIRST_SERIES_DAY}; start there or later")
    days = (end - start).days
    if not SHORTEST_SERIES_DAYS <= days <= LONGEST_SERIES_DAYS:
        message = f"a series of {days} days ({start} to {end}) is not possible"
        limits = f"{SHORTEST_SERIES_DAYS} to {LONGEST_SERIES_DAYS} days"
        raise RequestError(f"{message}: FULL_MAJA takes {limits}; change the dates")


def _sorted_out(
    catalog: Catalog, items: Iterable[pystac.Item], *, again: bool
) -> tuple[list[pystac.Item], tuple[Refused, ...]]:
    """The Items to order, as the catalog has them where it does, and those not to order."""
    known = {item.id: catalog.get(item.id, L1C_COLLECTION) or item for item in items}
    reasons = {item.id: _refusal(catalog, item, again=again) for item in known.values()}
    wanted = [item for item in known.values() if reasons[item.id] is None]
    return wanted, tuple(Refused(name, reason) for name, reason in reasons.items() if reason)


def _refusal(catalog: Catalog, item: pystac.Item, *, again: bool) -> str | None:
    """Why a product will not be ordered; None when it will."""
    level = item.properties.get("processing:level")
    if level != "L1C":
        return f"not an L1C product but {level or 'of unknown level'}"
    if "grid:code" not in item.properties:
        return "not a single-tile product: MAJA takes tiles only"
    order = order_of(item)
    if order and order.reason is Reason.TOO_CLOUDY:
        return "too cloudy: MAJA issues nothing above 90 % cloud"
    return None if again else _known_refusal(catalog, item, order)


def _known_refusal(catalog: Catalog, item: pystac.Item, order: Order | None) -> str | None:
    if l2a := l2a_of(catalog, item):
        return f"already in the catalog as {l2a[0]}"
    if order is None:
        return None
    if order.is_unconfirmed:
        return "ordered, but the answer was lost; look with `status`, or order it --again"
    because = f" ({order.reason})" if order.reason else ""
    return f"already ordered: {order.status}{because}; --again orders it once more"


def _tile(item: pystac.Item) -> MgrsTile:
    return MgrsTile.parse(str(item.properties["grid:code"]).removeprefix("MGRS-"))


def _warnings(items: list[pystac.Item]) -> tuple[str, ...]:
    """What a person should know before the request leaves."""
    beyond = [item.id for item in items if item.bbox and _is_beyond_srtm(item.bbox)]
    if not beyond:
        return ()
    others = f" and {len(beyond) - 1} more" if len(beyond) > 1 else ""
    where = f"{beyond[0]}{others}: wholly beyond {SRTM_LATITUDE:.0f} degrees latitude"
    return (f"{where}, where MAJA on PEPS has no elevation (SRTM); such jobs end CANCELED",)


def _is_beyond_srtm(bbox: list[float]) -> bool:
    _, south, _, north = bbox
    return south > SRTM_LATITUDE or north < -SRTM_LATITUDE
