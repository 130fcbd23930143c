"""Take over orders made elsewhere, so that nobody starts over.

A job is known by its id alone; which scenes it is for is told by its inputs, by the name of its
log, by the service's list of jobs, or by the person. A job that the service no longer knows is not
taken over: nothing could ever be heard of it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import pystac

from peps_stac.domain import (
    Days,
    Event,
    FullMajaRequest,
    JobStatus,
    ListedJob,
    Order,
    Process,
    ProcessRequest,
    Reason,
)
from peps_stac.errors import AuthenticationError, PepsStacError, RequestError
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.stac.orders import order_of
from peps_stac.workflow.context import Context, SearchingContext
from peps_stac.workflow.estimate import days_of
from peps_stac.workflow.inputs import request_from
from peps_stac.workflow.matching import submission_in
from peps_stac.workflow.refresh import confirmed, job_ids, reported
from peps_stac.workflow.scenes import scenes_of_request
from peps_stac.workflow.search import save
from peps_stac.workflow.tracking import TrackedOrder, record, tracked

FAILED_WORD = "ProcessFailed"


class AdoptionState(StrEnum):
    """What became of one job."""

    ADOPTED = "adopted"
    KNOWN = "known"
    """The catalog knew it, or its scenes stand for other orders."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Adoption:
    """One job, or one file that should have named one, and what became of it."""

    name: str
    state: AdoptionState
    detail: str = ""
    entry: TrackedOrder | None = None
    """As it stands now, when it was taken over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundJob:
    """A job of which the catalog may know nothing."""

    job_id: str
    request: ProcessRequest
    created: datetime | None = None
    monitor: str | None = None
    source: str
    """Who told of it: `jobs`, `reply` or `log`."""
    word: str | None = None
    submission: str | None = None
    """Of this package, when it made the job."""


def adopt_listed(context: SearchingContext) -> Iterator[Adoption]:
    """Take over every job of MAJA that the service lists, failed ones left out.

    Orders of this catalog whose answer was lost get their job first. Of several jobs for one
    product the latest is taken; of series that overlap, the earlier one keeps the scenes.

    Raises:
        AuthenticationError: The account is refused.
        ServiceError, ResponseError: The list cannot be read.
    """
    list(confirmed(context, tracked(context.catalog)))
    listed = [job for job in context.client.jobs() if job.process in tuple(Process)]
    for job in sorted(listed, key=_turn):
        if job.word != FAILED_WORD:
            yield guarded(job.job_id or job.row_id, lambda job=job: _adopt_row(context, job))  # type: ignore[misc] # mypy cannot infer a lambda's default


def adopt_job(context: SearchingContext, found: FoundJob) -> Adoption:
    """Take over one job: its scenes are found and saved, and the service is asked about it.

    Raises:
        PepsStacError: The service does not know the job or its scenes, or cannot be asked.
    """
    if found.job_id in known_jobs(context):
        return Adoption(found.job_id, AdoptionState.KNOWN, "the catalog has it already")
    items = _scenes(context, found.request)
    free = _free(context, found, items)
    if not free:
        return Adoption(found.job_id, AdoptionState.KNOWN, "its scenes stand for other orders")
    context.client.report(_order(found, None, context.now()))
    entry = _written(context, found, free, kept=_kept(found.request, items, free))
    entry, _ = reported(context, entry)
    return Adoption(found.job_id, AdoptionState.ADOPTED, entry.subject, entry)


def known_jobs(context: Context) -> set[str]:
    """Ids of the jobs that the catalog's orders claim, now or earlier."""
    return {job for entry in tracked(context.catalog) for job in job_ids(entry)}


def guarded(name: str, adopt: Callable[[], Adoption]) -> Adoption:
    """What an adoption answers, its errors as a failure of that job alone.

    Raises:
        AuthenticationError: The account is refused, for this job and all others.
    """
    try:
        return adopt()
    except AuthenticationError:
        raise
    except PepsStacError as error:
        return Adoption(name, AdoptionState.FAILED, str(error))


def from_row(job: ListedJob) -> FoundJob:
    """A row of the service's list as a job.

    Raises:
        RequestError: It does not tell which scenes it is for.
    """
    if job.job_id is None:
        raise RequestError(f"row {job.row_id} of the list names no job")
    return FoundJob(
        job_id=job.job_id,
        request=request_from(Process(job.process or ""), job.inputs),
        created=job.created,
        monitor=job.status_href,
        source="jobs",
        word=job.word,
        submission=submission_in(job.title),
    )


def _adopt_row(context: SearchingContext, job: ListedJob) -> Adoption:
    return adopt_job(context, from_row(job))


def _turn(job: ListedJob) -> tuple[bool, float]:
    """Products first, the latest job before others; then series, the earliest before others."""
    is_series = job.process == Process.FULL_MAJA
    seconds = job.created.timestamp() if job.created else 0.0
    return is_series, seconds if is_series else -seconds


def _scenes(context: SearchingContext, request: ProcessRequest) -> list[pystac.Item]:
    found = scenes_of_request(context.client, context.catalog, request, tell=context.tell)
    items = sorted(found, key=lambda item: item.id)
    if not items:
        inputs = ", ".join(request.inputs.values())
        message = f"no scene of {request.process} {inputs} in the catalog or on the service"
        raise RequestError(f"{message}; nothing to write the order on")
    return items


def _free(
    context: Context, found: FoundJob, items: Iterable[pystac.Item]
) -> tuple[pystac.Item, ...]:
    return tuple(item for item in items if _is_free(context, item, found))


def _is_free(context: Context, item: pystac.Item, found: FoundJob) -> bool:
    """Whether an Item's own order, as it is on disk, may give way."""
    known = context.catalog.get(item.id, L1C_COLLECTION)
    order = order_of(known) if known else None
    if order is None or order.status is JobStatus.ORDERABLE:
        return True
    if order.is_unconfirmed:
        request = found.request
        return (order.process, order.inputs) == (request.process, request.inputs)
    if order.status not in (JobStatus.FAILED, JobStatus.CANCELED):
        return False
    is_later = bool(order.date and found.created and found.created > order.date)
    return is_later and order.reason is not Reason.TOO_CLOUDY


def _kept(
    request: ProcessRequest, items: list[pystac.Item], free: tuple[pystac.Item, ...]
) -> Days | None:
    """Of a series that another one overlaps: the days that are left to it."""
    if not isinstance(request, FullMajaRequest) or len(free) == len(items):
        return None
    return days_of(free)


def _written(
    context: Context, found: FoundJob, free: tuple[pystac.Item, ...], *, kept: Days | None
) -> TrackedOrder:
    save(context.catalog, free)
    with context.catalog.lock():
        orders = {}
        for item in free:
            known = context.catalog.get(item.id, L1C_COLLECTION)
            previous = order_of(known) if known else None
            orders[item.id] = replace(_order(found, previous, context.now()), kept=kept)
        return record(context.catalog, orders, durable=True)


def _order(found: FoundJob, previous: Order | None, now: datetime) -> Order:
    event = Event(JobStatus.ORDERED, now, found.source, found.word, found.job_id)
    return Order(
        process=found.request.process,
        status=JobStatus.ORDERED,
        inputs=found.request.inputs,
        id=found.job_id,
        date=found.created or now,
        submission=found.submission,
        monitor=found.monitor,
        attempt=previous.attempt + 1 if previous else 1,
        history=(*(previous.history if previous else ()), event),
    )
