"""Tiles and a period in, a complete catalog out: search, order, wait, fetch.

All that is known of earlier calls stands on the Items, so that any call goes on where the one
before ended or was killed, and one that has nothing to do asks for nothing but the search.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from peps_stac.clock import Clock, Sleep, utc_now
from peps_stac.domain import SearchQuery
from peps_stac.errors import ServiceError
from peps_stac.provider.interface import Service
from peps_stac.store import Catalog
from peps_stac.tell import Tell, silent
from peps_stac.workflow.catalogue import Outcome
from peps_stac.workflow.completeness import Completeness
from peps_stac.workflow.context import Context
from peps_stac.workflow.download import Report, download_as_they_finish
from peps_stac.workflow.looking import Elsewhere
from peps_stac.workflow.order import MAX_OPEN, catch_up, check_places, submit
from peps_stac.workflow.pacing import Pacer
from peps_stac.workflow.plan import OrderPlan
from peps_stac.workflow.recipe import EVERYTHING, AssetChoice, Step
from peps_stac.workflow.report import completeness
from peps_stac.workflow.search import save, search
from peps_stac.workflow.sync_plan import SyncPlan, Wish, check_query, planned
from peps_stac.workflow.tracking import TrackedOrder
from peps_stac.workflow.windows import LEAD_IN_DAYS


def _always(_: SyncPlan) -> bool:
    return True


def sync(  # noqa: PLR0913 -- what is wanted, how long, and who listens
    client: Service,
    catalog: Catalog,
    query: SearchQuery,
    *,
    series: bool = False,
    lead_in_days: int = LEAD_IN_DAYS,
    max_open: int = MAX_OPEN,
    elsewhere: Elsewhere | None = None,
    agree: Callable[[SyncPlan], bool] = _always,
    interval_s: float = 60,
    longest_s: float | None = None,
    timeout_s: float | None = None,
    assets: AssetChoice = EVERYTHING,
    now: Clock = utc_now,
    sleep: Sleep = time.sleep,
    tell: Tell = silent,
    report: Report | None = None,
    report_step: Callable[[Step], None] | None = None,
    report_sent: Callable[[TrackedOrder], None] | None = None,
    report_orders: Callable[[tuple[TrackedOrder, ...]], None] | None = None,
) -> Iterator[Outcome]:
    """Make a catalog complete for tiles and a period: each product as it is catalogued.

    What the search finds is saved, what has no order and no product yet is ordered, and what is
    finished is fetched, until nothing is awaited or time is up. Orders that the catalog has of
    other scenes are followed as well. Nothing is ordered twice, and nothing that failed is
    ordered again: `plan_retry` and `submit` do that. A call that was stopped, or killed, is
    finished by the same call; one made next month orders and fetches what is new since.

    Args:
        client: Whom to ask.
        catalog: What is to become complete.
        query: As for `plan_sync`, like the three below.
        series: Jobs over the period rather than for each product.
        lead_in_days: Of series.
        elsewhere: Knows what need not be ordered.
        max_open: As for `submit`.
        agree: Is given the plan before anything is written; when it says False, nothing is.
        interval_s: As for `watch`, like the two below.
        longest_s: What a wait grows to.
        timeout_s: The limit for everything after the search.
        assets: As for `download`.
        now: The clock.
        sleep: Waits between looks.
        tell: Hears of outages, and of what went wrong.
        report: As for `download`, like the one below.
        report_step: Of what is catalogued.
        report_sent: Gets each order that was sent or planned.
        report_orders: Gets all orders after each look.

    Raises:
        AuthenticationError: The account is refused.
        RequestError: A value makes no sense; nothing was written.
        ServiceError, ResponseError: The service cannot be searched; nothing was written.
    """
    wish = Wish(query, series, lead_in_days, elsewhere)
    _check(wish, max_open, assets, Pacer(interval_s, longest_s, timeout_s, now, sleep))
    plan = planned(catalog, wish, tuple(search(client, query, tell=tell)))
    if not agree(plan):
        return
    save(catalog, plan.found)
    orders = _Orders(Context(client, catalog, now, tell), max_open, report_sent)
    end = None if timeout_s is None else now() + timedelta(seconds=timeout_s)
    while True:
        sent = orders.send(plan.orders)
        yield from download_as_they_finish(
            client,
            catalog,
            interval_s=interval_s,
            longest_s=longest_s,
            timeout_s=_left_s(end, now()),
            assets=assets,
            now=now,
            sleep=sleep,
            tell=tell,
            report=report,
            report_step=report_step,
            report_orders=report_orders,
        )
        # Whatever kept the service from taking the rest may be over when it has done a part.
        if sent.is_all or not sent.count or _left_s(end, now()) == 0:
            return
        plan = planned(catalog, wish, plan.found)


def synced(catalog: Catalog, query: SearchQuery, plan: SyncPlan) -> Completeness:
    """Where the scenes of a plan stand in the catalog now."""
    dates = completeness(catalog, query).dates
    names = {item.id for item in plan.found} | set(plan.stand_ins)
    return Completeness(tuple(one for one in dates if one.scene in names))


def _check(wish: Wish, max_open: int, assets: AssetChoice, _pacer: Pacer) -> None:
    """All that could be refused later, when orders are on their way; the pacer did it itself."""
    check_query(wish.query)
    assets.check()
    check_places(max_open)


def _left_s(end: datetime | None, now: datetime) -> float | None:
    return None if end is None else max(0.0, (end - now).total_seconds())


@dataclass(frozen=True, slots=True)
class _Sent:
    """How far the orders of a plan went out."""

    count: int
    is_all: bool


@dataclass(frozen=True, slots=True)
class _Orders:
    """Sends what is planned."""

    context: Context
    max_open: int
    report: Callable[[TrackedOrder], None] | None

    def send(self, plan: OrderPlan) -> _Sent:
        """Send as much as the service takes now; an outage is told and stops nothing else."""
        if not plan.planned:
            return _Sent(0, is_all=True)
        context, count = self.context, 0
        try:
            catch_up(context)
            for entry in submit(
                context.client,
                context.catalog,
                plan,
                max_open=self.max_open,
                now=context.now,
                tell=context.tell,
            ):
                count += entry.is_open
                if self.report is not None:
                    self.report(entry)
        except ServiceError as error:
            context.tell(f"the service takes no orders now: {error}")
            return _Sent(count, is_all=False)
        return _Sent(count, is_all=True)
