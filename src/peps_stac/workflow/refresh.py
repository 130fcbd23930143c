"""Ask the service where the orders stand, each job once, and write it on their Items."""

from collections.abc import Collection, Iterator

import pystac

from peps_stac.clock import Clock, utc_now
from peps_stac.domain import Event, JobReport, JobStatus
from peps_stac.errors import RequestError, ResponseError, ServiceError
from peps_stac.http.failures import Gone
from peps_stac.peps.client import PepsClient
from peps_stac.peps.jobs import ListedJob
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.store import Catalog
from peps_stac.tell import Tell, silent
from peps_stac.workflow.context import Context
from peps_stac.workflow.expiry import note_expired
from peps_stac.workflow.matching import job_of
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
    """The orders, those of lost answers with the job that the service lists for them.

    Absence from that list proves nothing: a proxy that timed out can leave a running job in no
    list. Such an order stays unconfirmed.
    """
    unconfirmed = [entry for entry in entries if entry.order.is_unconfirmed]
    listed = _listed(context) if unconfirmed else ()
    claimed = {job for entry in entries for job in job_ids(entry)}
    for entry in entries:
        if not entry.order.is_unconfirmed:
            yield entry
            continue
        rivals = [other.order for other in unconfirmed if other is not entry]
        job = job_of(entry.order, listed, claimed=claimed, rivals=rivals)
        yield _confirmed(context, entry, job) if job else entry


def job_ids(entry: TrackedOrder) -> set[str]:
    """The jobs that an order claims, and those that earlier orders of its scenes claimed."""
    orders = entry.orders.values()
    now = {order.id for order in orders if order.id}
    return now | {event.job for order in orders for event in order.history if event.job}


def reported(context: Context, entry: TrackedOrder) -> tuple[TrackedOrder, JobReport | None]:
    """One order after asking the service about it, and what the service said, if anything."""
    if entry.order.id is None:
        return entry, None
    try:
        report = context.client.report(entry.order)
    except (ServiceError, ResponseError, RequestError) as error:
        _not_heard(context, entry, error)
        return entry, None
    if _is_new_word(entry, report):
        context.tell(f"order {entry.order.id}: unknown state {report.job_status!r}, kept as it is")
    seen = context.now()
    orders = {
        item_id: advanced(
            order, report, item_id, seen, latitude=_latitude(context.catalog, item_id, report)
        )
        if order.status.is_open
        else order
        for item_id, order in entry.orders.items()
    }
    return (entry if orders == entry.orders else record(context.catalog, orders)), report


def _not_heard(context: Context, entry: TrackedOrder, error: Exception) -> None:
    """Say why nothing was heard of an order, and note what is gone for good."""
    line = f"order {entry.order.id}: {error}"
    if not isinstance(error, Gone):
        context.tell(line)
    elif entry.is_open:
        # Another server may have been asked by mistake: a person has to say so.
        context.tell(f"{line}; if the service forgot the job: peps-stac cancel, then retry")
    else:
        # Delivered, and forgotten with its results before they were fetched.
        context.tell(line)
        note_expired(context, entry, None, str(error))


def _is_new_word(entry: TrackedOrder, report: JobReport) -> bool:
    """Whether the report has a word that is unknown, here and in the order's history."""
    if report.status is not None or report.job_status is None:
        return False
    events = (event for order in entry.orders.values() for event in order.history)
    return all(event.word != report.job_status for event in events)


def _listed(context: Context) -> tuple[ListedJob, ...]:
    try:
        return context.client.jobs()
    except (ServiceError, ResponseError, RequestError) as error:
        context.tell(f"the service's list of jobs cannot be read: {error}")
        return ()


def _confirmed(context: Context, entry: TrackedOrder, job: ListedJob) -> TrackedOrder:
    context.tell(f"{entry.subject}: the service lists it as job {job.job_id}; no longer lost")
    event = Event(JobStatus.ORDERED, context.now(), "jobs", job.word, job.job_id)
    facts = changed(entry, event, id=job.job_id, monitor=job.status_href, message=None)
    return record(context.catalog, facts, durable=True)


def _latitude(catalog: Catalog, item_id: str, report: JobReport) -> float | None:
    """Degrees from the equator of the scene's nearest edge; None where it explains nothing."""
    if report.status is not JobStatus.CANCELED:
        return None
    item: pystac.Item | None = catalog.get(item_id, L1C_COLLECTION)
    if item is None or item.bbox is None:
        return None
    _, south, _, north = item.bbox
    return min(abs(south), abs(north))
