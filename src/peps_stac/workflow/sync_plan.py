"""What a sync would do, worked out without writing anything."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import pystac

from peps_stac.domain import JobStatus, Order, SearchQuery
from peps_stac.errors import RequestError
from peps_stac.provider.interface import Service
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.stac.orders import order_of
from peps_stac.store import Catalog
from peps_stac.tell import Tell, silent
from peps_stac.workflow.baselines import one_of_each
from peps_stac.workflow.estimate import days_of
from peps_stac.workflow.looking import Elsewhere
from peps_stac.workflow.pairing import KnownProducts
from peps_stac.workflow.plan import OrderPlan, plan_orders, plan_series
from peps_stac.workflow.search import search
from peps_stac.workflow.windows import LEAD_IN_DAYS


class Action(StrEnum):
    """What is left to do for a scene that is ordered."""

    WAIT = "wait"
    """The service has not finished it, or it is planned and was not sent yet."""
    FETCH = "fetch"
    """It was delivered and is not in the catalog."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """A scene that was ordered before and whose product is not in the catalog yet."""

    item_id: str
    order: Order
    action: Action


@dataclass(frozen=True, slots=True)
class SyncPlan:
    """What a sync would do; each scene found is planned, awaited or refused."""

    found: tuple[pystac.Item, ...]
    """What the service has, as it says it now."""
    orders: OrderPlan
    """What would be ordered; and what would not, with the reason."""
    awaited: tuple[Awaited, ...] = ()
    """What was ordered before: of all scenes of the catalog, also of those not searched for."""
    stand_ins: tuple[str, ...] = ()
    """Items that were not found, and whose orders are for scenes that were."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted, and how it is to be ordered."""

    query: SearchQuery
    series: bool = False
    lead_in_days: int = LEAD_IN_DAYS
    elsewhere: Elsewhere | None = None


def check_selection(*, has_tiles: bool, has_start: bool) -> None:
    """Refuse a selection that names no catalog that could be complete.

    Raises:
        RequestError: No tile, or a period without a start.
    """
    if not has_tiles or not has_start:
        missing = "a period with a start" if has_tiles else "a tile"
        example = "-t 31TCJ --datetime 2017-11-01/2017-12-31, or 2017-11-01/.. without an end"
        raise RequestError(f"sync needs {missing}: {example}")


def check_query(query: SearchQuery) -> None:
    """The same for a query."""
    check_selection(has_tiles=bool(query.tiles), has_start=query.start is not None)


def plan_sync(  # noqa: PLR0913 -- what is wanted, and how to order it
    client: Service,
    catalog: Catalog,
    query: SearchQuery,
    *,
    series: bool = False,
    lead_in_days: int = LEAD_IN_DAYS,
    elsewhere: Elsewhere | None = None,
    tell: Tell = silent,
) -> SyncPlan:
    """Search, and say what `sync` would do now; nothing is written and no account is needed.

    What was ordered before stands as the catalog last heard of it.

    Args:
        client: Whom to ask.
        catalog: What it has and knows counts.
        query: Tiles, and a period of which only the end may be open; what else it says narrows.
        series: FULL_MAJA jobs over the period rather than one job for each product. They reach
            to the last scene found, so that the next call has only later ones to order.
        lead_in_days: Of series, as for `windows`.
        elsewhere: As for `plan_orders`.
        tell: Hears of oddities in the service's answer.

    Raises:
        RequestError: No tile, no start, or a period of which no series can be made.
        ServiceError, ResponseError: The service cannot be searched.
    """
    wish = Wish(query, series, lead_in_days, elsewhere)
    check_query(query)
    return planned(catalog, wish, tuple(search(client, query, tell=tell)))


def planned(catalog: Catalog, wish: Wish, found: tuple[pystac.Item, ...]) -> SyncPlan:
    """What would be done for scenes that were found."""
    scenes = one_of_each(catalog, found)
    orders = _orders(catalog, wish, scenes.items)
    awaited = tuple(_awaited(catalog))
    is_awaited = {one.item_id for one in awaited}
    refused = tuple(
        one for one in (*orders.refused, *scenes.refused) if one.item_id not in is_awaited
    )
    plan = OrderPlan(orders.planned, refused, orders.warnings)
    return SyncPlan(found, plan, awaited, scenes.stand_ins)


def _orders(catalog: Catalog, wish: Wish, scenes: Sequence[pystac.Item]) -> OrderPlan:
    if not wish.series or not scenes or wish.query.start is None:
        return plan_orders(catalog, scenes, elsewhere=wish.elsewhere)
    return plan_series(
        catalog,
        scenes,
        start=wish.query.start.date(),
        # Later days may still get scenes, which would be kept by a job that does not know them.
        end=days_of(scenes).last,
        relative_orbit=wish.query.relative_orbit,
        elsewhere=wish.elsewhere,
        lead_in_days=wish.lead_in_days,
    )


def _awaited(catalog: Catalog) -> Iterator[Awaited]:
    products = KnownProducts(catalog)
    for item in catalog.items(L1C_COLLECTION, having="peps:process"):
        order = order_of(item)
        if order is None:
            continue
        if order.status.is_open or order.is_planned:
            yield Awaited(item.id, order, Action.WAIT)
        elif order.status is JobStatus.SUCCEEDED and not products.of(item):
            yield Awaited(item.id, order, Action.FETCH)
