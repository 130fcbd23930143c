"""The jobs of a simulated PEPS: who submitted what, and where it stands."""

import threading
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from peps_stac.simulator.clock import SimulatedClock
from peps_stac.simulator.holdings import Record
from peps_stac.simulator.scenario import Scenario, Script
from peps_stac.simulator.timetable import FINISHED, Job, percent, replan, word, work

# A node of our own, so that job ids do not tell the machine's network address.
_NODE = 0x0242AC110002
_NOT_PLANNED = timedelta(days=36_500)
_FINAL = ("FINISHED", "CANCELED", "KILLED", "FAILED", "IN_ERROR", "ERROR")


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """An Execute request that was accepted."""

    userid: int
    process: str
    inputs: Mapping[str, str]
    title: str | None
    method: str
    data: dict[str, str] | str
    scenes: tuple[Record, ...]
    is_listed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """What the cluster says of a job at one moment."""

    word: str
    percent: int
    is_finished: bool
    """Whether the results are there."""
    is_final: bool


class Jobs:
    """All jobs that are not yet forgotten, oldest first; safe to share between threads."""

    def __init__(self, clock: SimulatedClock, scenario: Scenario) -> None:
        self.scenario = scenario
        self._clock = clock
        self._lock = threading.RLock()
        self._jobs: dict[str, Job] = {}
        self._accepted = 0

    def submit(self, submission: Submission) -> Job:
        """Accept one more job and plan it."""
        with self._lock:
            now = self._clock()
            self._forget(now)
            self._accepted += 1
            job = self._new(submission, self._accepted, now)
            self._jobs[job.id] = job
            replan(self._jobs.values(), self.scenario.running_at_once, now)
            return replace(job)

    def cancel(self, gid: int, userid: int) -> None:
        """Take a job off its owner's list and, unless the scenario says not, stop it."""
        with self._lock:
            now = self._clock()
            for job in self._jobs.values():
                if job.gid != gid or job.userid != userid:
                    continue
                job.is_hidden = True
                if not self.scenario.delete_only_hides and not self._state(job, now).is_final:
                    job.canceled = now
            replan(self._jobs.values(), self.scenario.running_at_once, now)

    def refresh(self, job_id: str) -> Job | None:
        """Bring the stored report of a job up to date, as PROCESSING_STATUS does."""
        with self._lock:
            now = self._clock()
            self._forget(now)
            job = self._jobs.get(job_id)
            if job is None:
                return None
            job.reported = now
            return replace(job)

    def get(self, job_id: str) -> Job | None:
        """A copy of the job with this WPS uuid; None when unknown or forgotten."""
        with self._lock:
            self._forget(self._clock())
            job = self._jobs.get(job_id)
            return replace(job) if job else None

    def of(self, userid: int) -> tuple[Job, ...]:
        """The job list of an account, newest first."""
        mine = [job for job in self if job.userid == userid]
        return tuple(job for job in reversed(mine) if job.is_listed and not job.is_hidden)

    def state(self, job: Job, at: datetime | None = None) -> JobState:
        """What the cluster says of a job, now or at another moment."""
        return self._state(job, at or self._clock())

    def script(self, job_id: str, script: Script) -> None:
        """Tell the life of a job that is already there; an unknown id changes nothing."""
        with self._lock:
            if job_id in self._jobs:
                self._jobs[job_id].script = script

    def finish(self) -> None:
        """Let time pass until every planned job has ended."""
        with self._lock:
            last = max((job.ends for job in self._jobs.values()), default=self._clock())
            ahead_s = (last - self._clock()).total_seconds()
        self._clock.advance(seconds=max(ahead_s, 0.0) + 1)

    def __iter__(self) -> Iterator[Job]:
        with self._lock:
            self._forget(self._clock())
            return iter([replace(job) for job in self._jobs.values()])

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __getitem__(self, index: int) -> Job:
        return list(iter(self))[index]

    def _state(self, job: Job, now: datetime) -> JobState:
        current = word(job, self.scenario, now)
        return JobState(
            word=current,
            percent=percent(job, self.scenario, now),
            is_finished=current == FINISHED,
            is_final=current in _FINAL,
        )

    def _new(self, submission: Submission, gid: int, now: datetime) -> Job:
        duration, refusal = work(submission.scenes, self.scenario)
        script = self._script_of(submission, gid)
        if script is not None:
            duration = timedelta(minutes=max((minutes for minutes, _ in script.words), default=0))
        return Job(
            id=str(uuid.uuid1(_NODE)),
            gid=gid,
            userid=submission.userid,
            process=submission.process,
            inputs=dict(submission.inputs),
            title=submission.title,
            method=submission.method,
            data=submission.data,
            created=now,
            scenes=submission.scenes,
            script=script,
            is_listed=submission.is_listed,
            starts=now if script else now + _NOT_PLANNED,
            duration=duration,
            refusal=refusal,
            reported=now,
        )

    def _script_of(self, submission: Submission, number: int) -> Script | None:
        keys: tuple[int | str, ...] = (number, *submission.inputs.values())
        scripts = self.scenario.scripts
        return next((scripts[key] for key in keys if key in scripts), None)

    def _forget(self, now: datetime) -> None:
        oldest = now - timedelta(days=self.scenario.job_days)
        for job in list(self._jobs.values()):
            if job.created >= oldest:
                break
            del self._jobs[job.id]
