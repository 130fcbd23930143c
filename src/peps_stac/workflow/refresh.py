"""Ask the service where the orders stand, each job once, and write it on their Items."""

from collections.abc import Collection, Iterator

import pystac

from peps_stac.clock import Clock, utc_now
from peps_stac.domain import Event, JobReport, JobStatus, Order
from peps_stac.errors import RequestError, ResponseError, ServiceError
from peps_stac.peps.client import PepsClient
from peps_stac.peps.jobs import ListedJob
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.store import Catalog
from peps_stac.tell import Tell, silent
from peps_stac.workflow.context import Context
from peps_stac.workflow.progress import advanced
from peps_stac.workflow.tracking import TrackedOrder, changed, record, tracked


def refresh(
    client: PepsClient, catalog: Catalog, *, now: Clock = utc_now, tell: Tell = silent
) -> Iterator[TrackedOrder]:
    """Every order of the catalog as it stands now; one request for each that is open.

    An order the service cannot be asked about stays as it is, and `tell` says why.

    Raises:
        AuthenticationError: The account is refused.
    """
    context = Context(client, catalog, now, tell)
    for entry in confirmed(context, tracked(catalog)):
        yield reported(context, entry)[0] if entry.is_open else entry


def confirmed(context: Context, entries: Collection[TrackedOrder]) -> Iterator[TrackedOrder]:
    """The orders, those of lost answers with the job the service lists under their submission.

    Absence from that list proves nothing: a proxy that timed out can leave a running job in no
    list. Such an order stays unconfirmed.
    """
    listed: tuple[ListedJob, ...] = ()
    if any(entry.order.is_unconfirmed for entry in entries):
        listed = _listed(context)
    for entry in entries:
        job = _job_of(entry.order, listed) if entry.order.is_unconfirmed else None
        yield _adopted(context, entry, job) if job else entry


def reported(context: Context, entry: TrackedOrder) -> tuple[TrackedOrder, JobReport | None]:
    """One order after asking the service about it, and what the service said, if anything."""
    if entry.order.id is None:
        return entry, None
    try:
        report = context.client.report(entry.order)
    except (ServiceError, ResponseError, RequestError) as error:
        context.tell(f"order {entry.order.id}: {error}")
        return entry, None
    if report.status is None:
        context.tell(f"order {entry.order.id}: unknown state {report.job_status!r}, kept as it is")
    seen = context.now()
    orders = {
        item_id: advanced(
            order, report, item_id, seen, latitude=_latitude(context.catalog, item_id)
        )
        if order.status.is_open
        else order
        for item_id, order in entry.orders.items()
    }
    return (entry if orders == entry.orders else record(context.catalog, orders)), report


def cancel(
    client: PepsClient,
    catalog: Catalog,
    names: Collection[str],
    *,
    now: Clock = utc_now,
    tell: Tell = silent,
) -> Iterator[TrackedOrder]:
    """Cancel open orders, by Item id or order id; each as it stands afterwards.

    Raises:
        RequestError: A name that no order of the catalog has.
    """
    entries = tracked(catalog)
    for name in names:
        entry = _named(entries, name)
        if not entry.is_open:
            tell(f"{name}: nothing to cancel, the order is {entry.order.status}")
            continue
        client.cancel(entry.order)
        event = Event(JobStatus.CANCELED, now(), "user")
        yield record(catalog, changed(entry, event, status=JobStatus.CANCELED), durable=True)


def _named(entries: Collection[TrackedOrder], name: str) -> TrackedOrder:
    for entry in entries:
        if name in (entry.order.id, entry.order.submission) or name in entry.orders:
            return entry
    raise RequestError(f"no order {name!r} in this catalog; `status` lists them")


def _listed(context: Context) -> tuple[ListedJob, ...]:
    try:
        return context.client.jobs()
    except (ServiceError, ResponseError, RequestError) as error:
        context.tell(f"the service's list of jobs cannot be read: {error}")
        return ()


def _job_of(order: Order, listed: Collection[ListedJob]) -> ListedJob | None:
    """The job whose title holds our submission id; none when no submission is known."""
    mark = order.submission
    if mark is None:
        return None
    return next((job for job in listed if job.job_id and mark in (job.title or "")), None)


def _adopted(context: Context, entry: TrackedOrder, job: ListedJob) -> TrackedOrder:
    event = Event(JobStatus.ORDERED, context.now(), "jobs", job.word)
    facts = changed(entry, event, id=job.job_id, monitor=job.status_href, message=None)
    return record(context.catalog, facts, durable=True)


def _latitude(catalog: Catalog, item_id: str) -> float | None:
    """Degrees from the equator of the scene's nearest edge; None without a footprint."""
    item: pystac.Item | None = catalog.get(item_id, L1C_COLLECTION)
    if item is None or item.bbox is None:
        return None
    _, south, _, north = item.bbox
    return min(abs(south), abs(north))
