"""How an order changes when the service reports: pure, one scene at a time (DESIGN, section 6)."""

from dataclasses import replace
from datetime import datetime

from peps_stac.domain import Event, JobReport, JobStatus, Order, Process, Reason
from peps_stac.workflow.pairing import scene_of
from peps_stac.workflow.results import verdict

SRTM_HINT = "MAJA on PEPS has no elevation beyond 60 degrees latitude (SRTM)"


def advanced(
    order: Order, report: JobReport, item_id: str, now: datetime, *, latitude: float | None = None
) -> Order:
    """The order of one scene after a report; equal to `order` when the report says nothing new.

    A word this package does not know changes nothing but `job_status`.

    Args:
        order: As it stood.
        report: What the service says of the job.
        item_id: L1C product name, to find its result among those of a series.
        now: When the report was read.
        latitude: Degrees, of the scene's edge nearest to the equator, for the hint about SRTM.
    """
    status, reason = _state(order, report, item_id)
    changed = replace(
        order,
        status=status,
        reason=reason,
        job_status=report.job_status or order.job_status,
        progress=report.progress if report.progress is not None else order.progress,
        message=_message(report, status, latitude) or order.message,
    )
    if (changed.status, changed.job_status) == (order.status, order.job_status):
        return changed
    event = Event(status, now, "report", report.job_status)
    return replace(changed, history=(*order.history, event))


def may_advance(order: Order, report: JobReport) -> bool:
    """Whether a report may change an open order; False is certain, and cheaper than `advanced`."""
    return (
        report.status not in (None, order.status)
        or report.job_status not in (None, order.job_status)
        or report.progress not in (None, order.progress)
        or report.message not in (None, order.message)
        or order.reason is not None
    )


def _state(order: Order, report: JobReport, item_id: str) -> tuple[JobStatus, Reason | None]:
    if report.status is None:
        return order.status, order.reason
    if report.status is not JobStatus.SUCCEEDED:
        return report.status, None
    is_alone = order.process is Process.MAJA
    found = verdict(scene_of(item_id), report.results, is_alone=is_alone)
    if found.hrefs:
        return JobStatus.SUCCEEDED, None
    reason = Reason.TOO_CLOUDY if found.is_too_cloudy else Reason.UNPROCESSED
    return JobStatus.FAILED, reason


def _message(report: JobReport, status: JobStatus, latitude: float | None) -> str | None:
    is_beyond = latitude is not None and latitude > 60  # noqa: PLR2004 -- SRTM_HINT says it
    if status is JobStatus.CANCELED and is_beyond:
        return f"{report.message}; {SRTM_HINT}" if report.message else SRTM_HINT
    return report.message
