"""Ask the service where the orders stand, each job once, and write it on their Items."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from peps_stac.clock import Clock, utc_now
from peps_stac.domain import Event, JobReport, JobStatus, ListedJob, Order
from peps_stac.errors import RequestError, ResponseError, ServiceError
from peps_stac.http.failures import Gone
from peps_stac.provider.interface import Processing
from peps_stac.store import Catalog
from peps_stac.tell import Tell, silent
from peps_stac.workflow.context import Context
from peps_stac.workflow.expiry import note_expired
from peps_stac.workflow.matching import job_of
from peps_stac.workflow.recording import Heard, Recorder, written
from peps_stac.workflow.tracking import Document, TrackedOrder, amend, tracked


def refresh(
    client: Processing, catalog: Catalog, *, now: Clock = utc_now, tell: Tell = silent
) -> Iterator[TrackedOrder]:
    """Every order of the catalog as it stands now; one request for each that is open.

    An order the service cannot be asked about stays as it is, and `tell` says why.

    Raises:
        AuthenticationError: The account is refused.
    """
    context = Context(client, catalog, now, tell)
    with Recorder(context) as recorder:
        for entry in confirmed(context, tracked(catalog)):
            yield from recorder.add(_heard(context, entry) if entry.is_open else Heard(entry))
        yield from recorder.rest()


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
        yield from _confirmed(context, entry, job) if job else (entry,)


def job_ids(entry: TrackedOrder) -> set[str]:
    """The jobs that an order claims, and those that earlier orders of its scenes claimed."""
    orders = entry.orders.values()
    now = {order.id for order in orders if order.id}
    return now | {event.job for order in orders for event in order.history if event.job}


def reported(context: Context, entry: TrackedOrder) -> tuple[TrackedOrder, JobReport | None]:
    """One order after asking the service about it, and what the service said, if anything."""
    heard = _heard(context, entry)
    [now] = written(context, [heard])
    same = [one for one in now if one.key == entry.key]
    return (same[0], heard.report) if same else (entry, None)


def _heard(context: Context, entry: TrackedOrder) -> Heard:
    if entry.order.id is None:
        return Heard(entry)
    try:
        report = context.client.report(entry.order)
    except (ServiceError, ResponseError, RequestError) as error:
        _not_heard(context, entry, error)
        return Heard(entry)
    if _is_new_word(entry, report):
        context.tell(f"order {entry.order.id}: unknown state {report.job_status!r}, kept as it is")
    return Heard(entry, report, context.now())


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


def _confirmed(context: Context, entry: TrackedOrder, job: ListedJob) -> Iterator[TrackedOrder]:
    context.tell(f"{entry.subject}: the service lists it as job {job.job_id}; no longer lost")
    event = Event(JobStatus.ORDERED, context.now(), "jobs", job.word, job.job_id)

    def found(_: Document, order: Order) -> Order:
        if not order.is_unconfirmed:
            return order
        history = (*order.history, event)
        return replace(order, id=job.job_id, monitor=job.status_href, message=None, history=history)

    [now] = amend(context.catalog, [(entry, found)], durable=True, tell=context.tell)
    yield from now
