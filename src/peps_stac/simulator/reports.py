"""The report of a job: the JSON that tells where MAJA stands.

Three forms, as three programs read them (protocol facts, section 9).
"""

import json
from typing import Any

from peps_stac.domain import Process
from peps_stac.domain.instants import format_instant
from peps_stac.simulator.jobs import JobState
from peps_stac.simulator.results import lost_of
from peps_stac.simulator.timetable import CANCELED, FAILED, Job
from peps_stac.simulator.world import World

_RESULTS = "cgi-bin/mapcache_results/maja"
_LOGS = "cgi-bin/mapcache_results/logs"

_MESSAGES = {
    FAILED: "No L1C product was found for this request",
    CANCELED: "The job was canceled before its end",
}


def report_file(job: Job, world: World) -> str:
    """The stored report, as of the last PROCESSING_STATUS of this job."""
    state = world.jobs.state(job, job.reported)
    nested = world.scenario.nested_report
    if nested is None:
        nested = job.process == Process.FULL_MAJA
    return _text(job, state, world, is_nested=nested)


def inline_report(job: Job, world: World) -> str:
    """The report inside an answer to PROCESSING_STATUS, as of now."""
    nested = bool(world.scenario.nested_report)
    return _text(job, world.jobs.state(job), world, is_nested=nested)


def log_file(job: Job, world: World) -> str:
    """The log of a job: lines of text, results among them once it has finished."""
    state = world.jobs.state(job)
    lines = [
        f"{job.process} {job.id}",
        f"job_status {state.word}",
        *result_hrefs(job, state, world),
    ]
    return "\n".join(lines) + "\n"


def wps_status(word: str) -> str:
    """The word of WPS for one of the cluster, by the server's own table."""
    return _WPS_WORDS.get(word, "ProcessStarted")


_WPS_WORDS = {
    "PENDING": "ProcessAccepted",
    "PAUSED": "ProcessPaused",
    "FINISHED": "ProcessSucceeded",
    "CANCELED": "ProcessFailed",
    "KILLED": "ProcessFailed",
    "FAILED": "ProcessFailed",
    "IN_ERROR": "ProcessFailed",
}


def _text(job: Job, state: JobState, world: World, *, is_nested: bool) -> str:
    if is_nested:
        return json.dumps({"USER_INFO": _nested(job, state, world)}, indent=2)
    return json.dumps(_flat(job, state, world), indent=2)


def _nested(job: Job, state: JobState, world: World) -> dict[str, Any]:
    """Form A: what `full_maja_download.py` reads."""
    lost = lost_of(job, world.scenario)
    return {
        "job_status": state.word,
        "results": result_hrefs(job, state, world),
        "unprocessed": str(len(lost) if state.is_finished else 0),
        "process": f"{state.percent} % of {len(job.scenes)} dates",
        "logs": [log_href(job, world)],
        "message": message_of(job, state),
    }


def _flat(job: Job, state: JobState, world: World) -> dict[str, Any]:
    """Form B, the server's own; on several lines it is form C."""
    report: dict[str, Any] = {"job_id": job.id, "job_status": state.word}
    if world.scenario.percent_in_report:
        report["percentCompleted"] = state.percent
    report["results"] = result_hrefs(job, state, world)
    report["logs"] = [log_href(job, world)]
    report["wms"] = []
    if state.is_final:
        report["finishedTime"] = format_instant(job.ends)
    if message := message_of(job, state):
        report["message"] = message
    return report


def message_of(job: Job, state: JobState) -> str:
    """What the cluster says of a job in words; empty when it says nothing."""
    if job.script is not None and job.script.message is not None:
        return job.script.message
    return _MESSAGES.get(state.word, "")


def result_hrefs(job: Job, state: JobState, world: World) -> list[str]:
    """Addresses of what a job delivered; none before its end."""
    if not state.is_finished:
        return []
    results = world.results.of(job, world.scenario)
    repeats = 2 if world.scenario.repeat_results else 1
    return [
        f"{world.base}/{_RESULTS}/{job.id}/{result.name}"
        for result in results
        for _ in range(repeats)
    ]


def log_href(job: Job, world: World) -> str:
    """Address of the log of a job."""
    return f"{world.base}/{_LOGS}/joblog-{job.id}.log"
