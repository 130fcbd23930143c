"""Order once more what is worth it, and say why the rest is not."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum

import pystac

from peps_stac.domain import JobStatus, Order, Process, Reason
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.stac.orders import order_of
from peps_stac.store import Catalog
from peps_stac.workflow.advice import is_beyond_srtm
from peps_stac.workflow.estimate import days_of, to_compute
from peps_stac.workflow.inputs import request_of
from peps_stac.workflow.looking import Refused, never
from peps_stac.workflow.pairing import l2a_of
from peps_stac.workflow.plan import OrderPlan, Planned, by_tile, plan_orders, plan_series
from peps_stac.workflow.tracking import TrackedOrder, named, tracked

MAX_ATTEMPTS = 3
"""How often a scene is ordered, the first time included, before somebody has to insist."""


class Repairable(StrEnum):
    """States from which an order may be made once more."""

    FAILED = "failed"
    """The service said so, or lost the scene: those below included."""
    UNPROCESSED = "unprocessed"
    EXPIRED = "expired"
    CANCELED = "canceled"
    ORDERABLE = "orderable"
    """The request provably never arrived."""


def plan_retry(
    catalog: Catalog,
    names: Collection[str] = (),
    *,
    states: Collection[Repairable] = (),
    max_attempts: int = MAX_ATTEMPTS,
) -> OrderPlan:
    """What to order once more.

    A series of which nothing came is repeated as it was; of one with holes, the missing scenes
    are ordered one by one, or as a series where that computes less.

    Args:
        catalog: Whose orders.
        names: Item ids, which mean that scene alone; or order ids, or six first characters of
            one, which mean all scenes of the order.
        states: All scenes that stand there.
        max_attempts: Scenes that were ordered so often are left alone. A request that provably
            never arrived does not count.

    Returns:
        What is not worth it is refused, with the reason; of `states`, only what is named.

    Raises:
        RequestError: A name that no order has.
    """
    entries = tracked(catalog)
    found = (catalog.get(one, L1C_COLLECTION) for one in _chosen(entries, names, states))
    items = {item.id: item for item in found if item is not None}
    reasons = {name: _refusal(catalog, item, max_attempts) for name, item in items.items()}
    refused = tuple(Refused(name, reason) for name, reason in reasons.items() if reason)
    wanted = {name: item for name, item in items.items() if not reasons[name]}
    whole = tuple(_whole_series(entries, wanted))
    repeated = {item.id for planned in whole for item in planned.items}
    rest = [item for name, item in wanted.items() if name not in repeated]
    plans = [OrderPlan(whole, refused), *_repairs(catalog, rest)]
    return OrderPlan(
        tuple(one for plan in plans for one in plan.planned),
        tuple(one for plan in plans for one in plan.refused),
        tuple(line for plan in plans for line in plan.warnings),
    )


def tries(order: Order) -> int:
    """How often a scene was ordered so that the service may have heard of it."""
    withdrawn = sum(
        event.status is JobStatus.ORDERABLE and event.source == "execute" for event in order.history
    )
    return order.attempt - withdrawn


def _chosen(
    entries: Collection[TrackedOrder], names: Iterable[str], states: Collection[Repairable]
) -> list[str]:
    chosen: list[str] = []
    for name in names:
        entry = named(entries, name)
        chosen += [name] if name in entry.orders else entry.item_ids
    for entry in entries:
        chosen += [one for one, order in entry.orders.items() if _stands_in(order, states)]
    return list(dict.fromkeys(chosen))


def _stands_in(order: Order, states: Collection[Repairable]) -> bool:
    if order.reason is Reason.TOO_CLOUDY or order.is_planned:
        return False
    return str(order.status) in states or (order.reason is not None and str(order.reason) in states)


def _refusal(  # noqa: PLR0911 -- one line for each reason
    catalog: Catalog, item: pystac.Item, max_attempts: int
) -> str | None:
    order = order_of(item)
    if (reason := never(item)) or order is None:
        return reason or "never ordered: order it"
    if l2a := l2a_of(catalog, item):
        return f"already in the catalog as {l2a[0]}"
    if order.is_planned:
        return "planned: it goes out when other series end"
    if order.is_unconfirmed:
        return "the answer was lost, it may run: look with `status`, or order it --again"
    if order.status.is_open:
        return f"still {order.status}"
    if order.status is JobStatus.SUCCEEDED:
        return "delivered: download fetches it"
    if order.status is JobStatus.CANCELED and is_beyond_srtm(item):
        return "canceled, as MAJA has no elevation there (SRTM); order it --again to insist"
    if (count := tries(order)) >= max_attempts:
        return f"ordered {count} times already; --max-attempts {count + 1} orders it once more"
    return None


def _whole_series(
    entries: Iterable[TrackedOrder], wanted: Mapping[str, pystac.Item]
) -> Iterator[Planned]:
    """The series of which every scene is wanted once more: the same request."""
    for entry in entries:
        if entry.order.process is Process.FULL_MAJA and all(one in wanted for one in entry.orders):
            items = tuple(wanted[one] for one in entry.orders)
            yield Planned(request_of(entry.order), items, entry.order.kept)


def _repairs(catalog: Catalog, items: Collection[pystac.Item]) -> Iterator[OrderPlan]:
    """Single scenes, and tiles with so many holes in their series that a series costs less."""
    alone = []
    for scenes in by_tile(items).values():
        order = order_of(scenes[0])
        computed = to_compute(scenes)
        if order is None or order.process is Process.MAJA or computed.alone <= computed.in_series:
            alone += scenes
            continue
        days = days_of(scenes)
        yield plan_series(catalog, scenes, start=days.first, end=days.last, again=True)
    yield plan_orders(catalog, alone, again=True)
