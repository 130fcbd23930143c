"""When the jobs of a simulated cluster run, and what they say of themselves meanwhile.

Ten jobs run at once and the others wait, first come first served. A series takes an hour for
its first date and 25 minutes for each further one (readme of the old scripts).
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from peps_stac.simulator.holdings import Record
from peps_stac.simulator.scenario import Scenario, Script

PENDING = "PENDING"
RUNNING = "RUNNING"
STALLED = "STALLED"
FINISHED = "FINISHED"
CANCELED = "CANCELED"
FAILED = "FAILED"

LAST_SRTM_LATITUDE = 60.0
"""Degrees, north and south; MAJA has no elevation beyond it."""

_MOST_PERCENT = 99
# The service's percentage runs ahead of the work (readme: "often exaggerated").
_EXAGGERATION = 1.2


@dataclass(slots=True, kw_only=True)
class Job:
    """One submission. Its life is worked out from its times; only a cancellation changes it."""

    id: str
    """The WPS uuid (version 1)."""
    gid: int
    """Row of the job list."""
    userid: int
    process: str
    inputs: dict[str, str]
    title: str | None
    method: str
    data: dict[str, str] | str
    """The query of the Execute request, or the document that was posted."""
    created: datetime
    scenes: tuple[Record, ...]
    """Oldest first."""
    script: Script | None = None
    is_listed: bool = True
    is_hidden: bool = False
    canceled: datetime | None = None
    starts: datetime
    """When it leaves the queue, as far as known now."""
    duration: timedelta
    refusal: str | None = None
    """The word it ends with instead of FINISHED, because MAJA cannot take it."""
    reported: datetime
    """Moment that the stored report file describes."""

    @property
    def ends(self) -> datetime:
        """When it stops running, as far as known now."""
        end = self.starts + self.duration
        return min(end, self.canceled) if self.canceled else end


def work(scenes: tuple[Record, ...], scenario: Scenario) -> tuple[timedelta, str | None]:
    """How long a job of these scenes runs, and the word of failure when it cannot succeed."""
    refusal = None
    if not scenes:
        refusal = FAILED
    elif all(scene.is_beyond(LAST_SRTM_LATITUDE) for scene in scenes):
        refusal = CANCELED
    if refusal:
        return timedelta(minutes=scenario.refusal_min), refusal
    further_min = scenario.further_date_min * (len(scenes) - 1)
    return timedelta(minutes=scenario.first_date_min + further_min), None


def replan(jobs: Iterable[Job], running_at_once: int, now: datetime) -> None:
    """Give every job that waits its start; what has started is left as it is.

    Args:
        jobs: All that are known, in the order of their submission.
        running_at_once: Places on the cluster.
        now: The present; nothing starts before it.
    """
    planned = [job for job in jobs if job.script is None and not _is_over(job, now)]
    places = [job.ends for job in planned if job.starts <= now]
    heapq.heapify(places)
    for job in planned:
        if job.starts <= now:
            continue
        free_at = heapq.heappop(places) if len(places) >= running_at_once else now
        job.starts = max(free_at, job.created)
        heapq.heappush(places, job.ends)


def word(job: Job, scenario: Scenario, now: datetime) -> str:
    """What the cluster says of a job at a moment: `job_status`."""
    if job.canceled is not None and job.canceled <= now:
        return CANCELED
    if job.script is not None:
        return _scripted(job.script, now - job.created)
    if now < job.starts:
        return PENDING
    if now >= job.ends:
        return job.refusal or FINISHED
    into_min = (now - job.starts) / timedelta(minutes=1)
    if into_min >= scenario.first_date_min:
        into_min = (into_min - scenario.first_date_min) % (scenario.further_date_min or 1.0)
    return STALLED if into_min < scenario.stalled_min else RUNNING


def percent(job: Job, scenario: Scenario, now: datetime) -> int:
    """Progress as the cluster tells it: ahead of the truth, 100 only when finished."""
    current = word(job, scenario, now)
    if current == FINISHED:
        return 100
    if current == PENDING or not job.duration:
        return 0
    done = (min(now, job.ends) - job.starts) / job.duration
    return max(0, min(int(done * 100 * _EXAGGERATION), _MOST_PERCENT))


def _is_over(job: Job, now: datetime) -> bool:
    return job.ends <= now or (job.canceled is not None and job.canceled <= now)


def _scripted(script: Script, age: timedelta) -> str:
    current = PENDING
    for minutes, said in script.words:
        if age >= timedelta(minutes=minutes):
            current = said
    return current
