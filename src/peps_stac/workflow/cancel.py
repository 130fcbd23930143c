"""Cancel orders, at the service and in the catalog."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from peps_stac.clock import Clock, utc_now
from peps_stac.domain import Event, JobStatus, Order
from peps_stac.errors import RequestError, ResponseError
from peps_stac.http.failures import Gone
from peps_stac.provider.interface import Processing
from peps_stac.store import Catalog
from peps_stac.tell import Tell, silent
from peps_stac.workflow.context import Context
from peps_stac.workflow.tracking import Change, Document, TrackedOrder, amend, named, tracked


def cancel(
    client: Processing,
    catalog: Catalog,
    names: Collection[str],
    *,
    now: Clock = utc_now,
    tell: Tell = silent,
) -> Iterator[TrackedOrder]:
    """Cancel orders that are open or planned; each as it stands afterwards.

    Of a series, all scenes are canceled, whichever of them is named. A call that was killed is
    finished by the next: a job that the service no longer lists is canceled.

    Args:
        client: Whom to ask.
        catalog: Whose orders.
        names: Item ids, order ids or the first characters of one, six at least.
        now: The time of what is written.
        tell: Hears what there was nothing to cancel of.

    Raises:
        RequestError: A name that no order of the catalog has, or an order whose answer was lost.
        AuthenticationError, ServiceError, ResponseError: The service cannot be asked; nothing is
            written, and the same call may be repeated.
    """
    entries = tracked(catalog)
    # Two Items of one series are one order.
    for entry in {(found := named(entries, name)).key: found for name in names}.values():
        if not entry.is_unfinished:
            tell(f"{entry.subject}: nothing to cancel, the order is {entry.order.status}")
            continue
        if entry.is_open:
            _cancel_there(Context(client, catalog, now, tell), entry)
        event = Event(JobStatus.CANCELED, now(), "user")
        [now_there] = amend(catalog, [(entry, _canceled(event))], durable=True, tell=tell)
        yield from now_there


def _canceled(event: Event) -> Change:
    def change(_: Document, order: Order) -> Order:
        if not (order.status.is_open or order.is_planned):
            return order  # it ended meanwhile
        history = (*order.history, event)
        return replace(order, status=JobStatus.CANCELED, waiting=None, history=history)

    return change


def _cancel_there(context: Context, entry: TrackedOrder) -> None:
    """Take the job off the service's list; done already where the list lacks it.

    Of a cancellation that was killed, or whose answer was lost, the service keeps no more than
    that: no row in the list, and maybe a job that runs on, as after any other.

    Raises:
        RequestError: No job of the order is known, or the service refuses.
    """
    if entry.order.id is None:
        message = f"{entry.subject}: the answer to it was lost, so that no job of it is known"
        raise RequestError(f"{message}; peps-stac status looks for it")
    try:
        context.client.cancel(entry.order)
    except RequestError:
        # A service whose list cannot be had at all raises here, and what was wrong with it.
        if any(job.job_id == entry.order.id for job in context.client.jobs()):
            raise
        context.tell(f"{entry.subject}: {_what_is_left(context, entry)}")


def _what_is_left(context: Context, entry: TrackedOrder) -> str:
    """What the service says of a job that it does not list."""
    job = f"job {entry.order.id}"
    try:
        report = context.client.report(entry.order)
    except Gone:
        return f"the service has forgotten {job}"
    except (RequestError, ResponseError):
        return f"the service no longer lists {job}"
    if report.status is not None and report.status.is_open:
        return f"the service no longer lists {job}, which may run on there ({report.job_status})"
    return f"the service no longer lists {job}, and says that it has ended ({report.job_status})"
