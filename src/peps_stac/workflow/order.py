"""The second arrow: MAJA is asked for, and the Items say so before anyone else can forget it.

Products go out one job each. Series are written on their Items as planned, all of them, before
the first is sent, and go out as places get free: ten series run at once for all users of PEPS
together, so that nobody should hold more than some of them.
"""

from collections.abc import Iterator

from peps_stac.clock import Clock, utc_now
from peps_stac.domain import FullMajaRequest, Process
from peps_stac.errors import RequestError, ServiceError
from peps_stac.provider.interface import Processing
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.store import Catalog
from peps_stac.tell import Tell, silent
from peps_stac.workflow.context import Context
from peps_stac.workflow.inputs import request_of
from peps_stac.workflow.plan import OrderPlan, Planned
from peps_stac.workflow.refresh import refresh
from peps_stac.workflow.search import save
from peps_stac.workflow.sending import put_off, send
from peps_stac.workflow.tracking import TrackedOrder, tracked

MAX_OPEN = 5
"""Series at the service at once, unless the person says otherwise: half of what PEPS runs."""


def submit(  # noqa: PLR0913 -- the service, the disk, and how many
    client: Processing,
    catalog: Catalog,
    plan: OrderPlan,
    *,
    max_open: int = MAX_OPEN,
    now: Clock = utc_now,
    tell: Tell = silent,
) -> Iterator[TrackedOrder]:
    """Send what is planned, one request after the other; each order as it stands afterwards.

    Args:
        client: Whom to ask.
        catalog: Where the orders are written.
        plan: What to order.
        max_open: Series that may be open at once; the others are written as planned, and
            `send_planned` sends them when others have ended.
        now: The time of what is written.
        tell: Hears what went wrong.

    Raises:
        AuthenticationError: The account is refused; nothing of this request was accepted.
        ServiceError: The service cannot be reached; products left of the plan were not sent,
            series of it stay planned.
        RequestError: No place for any series.
    """
    check_places(max_open)
    context = Context(client, catalog, now, tell)
    for planned in plan.planned:
        # What is there may be newer than what the plan was made of.
        save(catalog, (one for one in planned.items if not catalog.get(one.id, L1C_COLLECTION)))
    waiting = [
        entry
        for planned in plan.planned
        if isinstance(planned.request, FullMajaRequest)
        and (entry := put_off(context, planned, max_open=max_open))
    ]
    for planned in plan.planned:
        if not isinstance(planned.request, FullMajaRequest) and (entry := send(context, planned)):
            yield entry
    yield from _as_places_allow(context, waiting)


def check_places(max_open: int) -> None:
    """Refuse a number of open series that is none.

    Raises:
        RequestError: Less than one.
    """
    if max_open < 1:
        raise RequestError(f"--max-open: {max_open} lets no series go out; give 1 or more")


def send_planned(
    client: Processing,
    catalog: Catalog,
    *,
    max_open: int | None = None,
    now: Clock = utc_now,
    tell: Tell = silent,
) -> Iterator[TrackedOrder]:
    """Send the planned series for which there is a place now, those planned first before others.

    Places get free as `refresh` finds that orders have ended, so call it after that. Nothing
    is asked of the service when nothing is planned or there is no place.

    Args:
        client: Whom to ask.
        catalog: Whose plans.
        max_open: Series that may be open at once; None: what was said when they were planned.
        now: The time of what is written.
        tell: Hears what went wrong.

    Returns:
        Those that were sent, as they stand afterwards.

    Raises:
        AuthenticationError: The account is refused.
        ServiceError: The service cannot be reached; what was planned stays planned.
    """
    context = Context(client, catalog, now, tell)
    waiting = [entry for entry in tracked(catalog) if entry.is_planned]
    for entry in _as_places_allow(context, waiting, max_open):
        if not entry.is_planned:
            yield entry


def fill_places(context: Context) -> None:
    """Send planned series on the way of another verb: an outage is told and stops nothing.

    Raises:
        AuthenticationError: The account is refused.
    """
    sent = send_planned(context.client, context.catalog, now=context.now, tell=context.tell)
    try:
        for entry in sent:
            context.tell(f"{entry.key}: a place was free, {entry.subject} sent")
    except ServiceError as error:
        context.tell(f"planned series wait: {error}")


def catch_up(context: Context) -> None:
    """Send what was planned before, where there are places now, so that it goes before others.

    Places are free only when somebody has seen that orders ended, so all orders are looked at;
    nothing is asked when nothing is planned.

    Raises:
        AuthenticationError: The account is refused.
    """
    if any(entry.is_planned for entry in tracked(context.catalog)):
        for _ in refresh(context.client, context.catalog, now=context.now, tell=context.tell):
            pass
        fill_places(context)


def _as_places_allow(
    context: Context, waiting: list[TrackedOrder], max_open: int | None = None
) -> Iterator[TrackedOrder]:
    """The planned orders as they stand after those with a place were sent."""
    if not waiting:
        return
    taken = sum(
        entry.is_open and entry.order.process is Process.FULL_MAJA
        for entry in tracked(context.catalog)
    )
    for entry in sorted(waiting, key=_turn):
        if taken >= (max_open or _asked_for(entry)):
            yield entry
        elif sent := send(context, _planned(context, entry)):
            taken += sent.is_open
            yield sent


def _turn(entry: TrackedOrder) -> tuple[str, str, str]:
    """Who goes first: what was planned first, then the earliest days."""
    since = entry.order.waiting.since.isoformat() if entry.order.waiting else ""
    return since, entry.order.inputs.get("startDate", ""), entry.key


def _asked_for(entry: TrackedOrder) -> int:
    return entry.order.waiting.max_open if entry.order.waiting else MAX_OPEN


def _planned(context: Context, entry: TrackedOrder) -> Planned:
    found = (context.catalog.get(item_id, L1C_COLLECTION) for item_id in entry.orders)
    items = tuple(item for item in found if item is not None)
    return Planned(request_of(entry.order), items, entry.order.kept)
