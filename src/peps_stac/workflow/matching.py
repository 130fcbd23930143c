"""Which job of the service's list is the one that a submission without an answer became."""

import re
from collections.abc import Collection, Iterable
from datetime import timedelta

from peps_stac.domain import ListedJob, Order

EARLIEST = timedelta(minutes=-15)
LATEST = timedelta(hours=2, minutes=15)
"""From our time of submission to the service's: its clock may differ, and it writes the time of
day of Paris at worst, which is up to two hours ahead of the UTC that it is taken for."""

_MARK = re.compile(r"peps-stac\W+(?P<submission>[0-9a-f-]{36})")


def submission_in(title: str | None) -> str | None:
    """The submission id that a job's title carries, of whatever catalog; None without one."""
    match = _MARK.search(title or "")
    return match["submission"] if match else None


def job_of(
    order: Order,
    listed: Iterable[ListedJob],
    *,
    claimed: Collection[str],
    rivals: Iterable[Order] = (),
) -> ListedJob | None:
    """The job of an order whose answer was lost; None when that cannot be told.

    The one with our submission id in its title. When the service has lost the titles: the only
    one of the same process and inputs and of about the same time, which neither another order
    claims nor another submission's title names. Of two such jobs, none is taken.

    Args:
        order: Unconfirmed.
        listed: The account's jobs.
        claimed: Job ids of all other orders, now and before.
        rivals: Other orders without an answer.
    """
    jobs = [job for job in listed if job.job_id]
    if own := [job for job in jobs if order.submission and order.submission in (job.title or "")]:
        return own[0]
    if any((one.process, one.inputs) == (order.process, order.inputs) for one in rivals):
        return None
    free = [job for job in jobs if job.job_id not in claimed and submission_in(job.title) is None]
    alike = [job for job in free if _is_like(order, job)]
    return alike[0] if len(alike) == 1 else None


def _is_like(order: Order, job: ListedJob) -> bool:
    if order.date is None or job.created is None:
        return False
    is_same = job.process == order.process and bool(job.inputs) and job.inputs == order.inputs
    return is_same and EARLIEST <= job.created - order.date <= LATEST
