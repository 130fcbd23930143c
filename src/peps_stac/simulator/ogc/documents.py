"""What the OGC face answers, as documents of the standard."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from peps_stac.domain import Process
from peps_stac.domain.instants import format_instant
from peps_stac.simulator.answers import Answer, json_answer
from peps_stac.simulator.jobs import JobState
from peps_stac.simulator.processes import PROCESSES, ProcessInfo
from peps_stac.simulator.reports import log_href, message_of, result_hrefs
from peps_stac.simulator.timetable import CANCELED, FAILED, FINISHED, PENDING, RUNNING, STALLED, Job
from peps_stac.simulator.world import World

OGC_ROOT = "/ogc"
"""Path of the landing page."""

CONFORMANCE = tuple(
    f"http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/{name}"
    for name in ("core", "ogc-process-description", "json", "job-list", "dismiss")
)

_REL = "http://www.opengis.net/def/rel/ogc/1.0"
_EXCEPTIONS = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0"
_UNAUTHORIZED = 401

_WORDS = {
    PENDING: "accepted",
    RUNNING: "running",
    STALLED: "running",
    "PAUSED": "running",
    FINISHED: "successful",
    CANCELED: "failed",
    "KILLED": "failed",
    FAILED: "failed",
    "IN_ERROR": "failed",
    "ERROR": "failed",
}
"""Only a client dismisses: what the cluster cancels has failed."""

_MESSAGES = {CANCELED: "There is no elevation for this tile", FINISHED: "Done"}


def refused(status: int, kind: str, detail: str) -> Answer:
    """An exception (RFC 7807).

    Args:
        status: Of HTTP.
        kind: A name of the standard such as `no-such-job`; empty for none.
        detail: Words for a person.
    """
    document = {
        "type": f"{_EXCEPTIONS}/{kind}" if kind else "about:blank",
        "title": kind.replace("-", " ").capitalize() or "Error",
        "status": status,
        "detail": detail,
    }
    answer = json_answer(document, status)
    if status == _UNAUTHORIZED:
        return replace(answer, headers=(("WWW-Authenticate", 'Basic realm="MAJA"'),))
    return answer


def landing_document(world: World) -> dict[str, Any]:
    """The page at the root of the API."""
    root = f"{world.url}{OGC_ROOT}"
    return {
        "title": "Simulated MAJA",
        "links": [
            _link(root, "self"),
            _link(f"{root}/conformance", f"{_REL}/conformance"),
            _link(f"{root}/processes", f"{_REL}/processes"),
            _link(f"{root}/jobs", f"{_REL}/job-list"),
        ],
    }


def process_list(world: World) -> dict[str, Any]:
    """What can be run."""
    root = f"{world.url}{OGC_ROOT}/processes"
    return {
        "processes": [_summary(world, PROCESSES[name]) for name in Process],
        "links": [_link(root, "self")],
    }


def process_document(world: World, process: str) -> dict[str, Any]:
    """A process with its inputs."""
    info = PROCESSES[process]
    inputs = {name: _input(name, least=1) for name in info.required}
    inputs |= {name: _input(name, least=0) for name in info.optional}
    schema = {"type": "string", "contentMediaType": "application/zip"}
    archives = {"title": "L2A products", "schema": schema, "maxOccurs": "unbounded"}
    return {**_summary(world, info), "inputs": inputs, "outputs": {"archives": archives}}


def status_document(world: World, job: Job) -> dict[str, Any]:
    """Where a job stands (`statusInfo`)."""
    state = world.jobs.state(job)
    word = word_of(job, state)
    root = f"{world.url}{OGC_ROOT}/jobs/{job.id}"
    document: dict[str, Any] = {
        "processID": job.process,
        "type": "process",
        "jobID": job.id,
        "status": word,
        "created": format_instant(job.created),
        "progress": state.percent,
        "links": [_link(root, "self")],
    }
    if job.starts <= world.clock():
        document["started"] = format_instant(job.starts)
    if state.is_final:
        document["finished"] = format_instant(job.ends)
    if message := _MESSAGES.get(state.word) or message_of(job, state):
        document["message"] = message
    if word == "successful":
        document["links"].append(_link(f"{root}/results", f"{_REL}/results"))
    return document


def word_of(job: Job, state: JobState) -> str:
    """The `status` of a job; of a word that the cluster invents, that word."""
    if job.canceled is not None and state.word == CANCELED:
        return "dismissed"
    return _WORDS.get(state.word, state.word.lower())


def job_page(world: World, jobs: tuple[Job, ...], *, offset: int, limit: int) -> dict[str, Any]:
    """Some jobs of a list, and where the next are."""
    root = f"{world.url}{OGC_ROOT}/jobs"
    links = [_link(root, "self")]
    if offset + limit < len(jobs):
        query = urlencode({"limit": limit, "offset": offset + limit})
        links.append(_link(f"{root}?{query}", "next"))
    shown = [status_document(world, job) for job in jobs[offset : offset + limit]]
    return {"jobs": shown, "links": links}


def results_document(world: World, job: Job) -> dict[str, Any]:
    """What a job delivered, as links, and its log."""
    hrefs = [_on_this_host(world, href) for href in result_hrefs(job, world.jobs.state(job), world)]
    return {
        "archives": [{"href": href, "type": "application/zip"} for href in hrefs],
        "log": {"href": _on_this_host(world, log_href(job, world)), "type": "text/plain"},
    }


def _on_this_host(world: World, href: str) -> str:
    """Whatever PEPS calls itself, this service has an address of its own."""
    return world.url + href.removeprefix(world.base)


def _summary(world: World, info: ProcessInfo) -> dict[str, Any]:
    root = f"{world.url}{OGC_ROOT}/processes/{info.identifier}"
    return {
        "id": str(info.identifier),
        "title": info.title,
        "version": "1.0.0",
        "jobControlOptions": ["async-execute", "dismiss"],
        "outputTransmission": ["reference"],
        "links": [_link(root, "self"), _link(f"{root}/execution", f"{_REL}/execute")],
    }


def _input(name: str, *, least: int) -> Mapping[str, Any]:
    return {"title": name, "minOccurs": least, "schema": {"type": "string"}}


def _link(href: str, rel: str) -> dict[str, str]:
    return {"href": href, "rel": rel, "type": "application/json"}
