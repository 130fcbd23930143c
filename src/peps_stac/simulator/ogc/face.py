"""What the OGC face does: it takes orders, tells of jobs, and lets them go."""

from dataclasses import replace
from typing import Any

import orjson

from peps_stac.domain import Process
from peps_stac.simulator.answers import Answer, json_answer
from peps_stac.simulator.jobs import Submission
from peps_stac.simulator.ogc.documents import (
    OGC_ROOT,
    job_page,
    process_document,
    refused,
    results_document,
    status_document,
    word_of,
)
from peps_stac.simulator.routing import Incoming, Parts
from peps_stac.simulator.timetable import Job
from peps_stac.simulator.users import Account
from peps_stac.simulator.world import World
from peps_stac.simulator.wps import check_inputs, scenes_of
from peps_stac.simulator.wps_request import BadRequest

_PAGE = 10
"""Jobs to a page unless the client wants another number."""

_CREATED = 201


def process(world: World, _: Incoming, parts: Parts) -> Answer:
    """A process; nobody needs a login."""
    if parts["process"] not in tuple(Process):
        return _no_process(parts["process"])
    return json_answer(process_document(world, parts["process"]))


def execute(world: World, incoming: Incoming, parts: Parts) -> Answer:
    """Accept a job: 201, where it is to be asked for, and where it stands.

    Processes run in the background whether or not `Prefer` says so, as they offer nothing else.
    """
    name, account = parts["process"], _account(incoming)
    if isinstance(account, Answer):
        return account
    if name not in tuple(Process):
        return _no_process(name)
    if name not in account.processes:
        return refused(403, "", f"process {name} is not enabled for this account")
    try:
        inputs = _inputs(incoming.body)
        check_inputs(name, inputs)
        scenes = scenes_of(world, name, inputs)
    except BadRequest as bad:
        return refused(400, "", bad.text)
    job = world.jobs.submit(
        Submission(
            userid=account.userid,
            process=name,
            inputs=inputs,
            title=None,
            method=incoming.method,
            data=incoming.body.decode(errors="replace"),
            scenes=scenes,
            is_listed=not incoming.is_unlisted,
        )
    )
    place = ("Location", f"{world.url}{OGC_ROOT}/jobs/{job.id}")
    answer = json_answer(status_document(world, job), _CREATED)
    return replace(answer, headers=(place, ("Preference-Applied", "respond-async")))


def job_list(world: World, incoming: Incoming, _: Parts) -> Answer:
    """A page of the account's jobs, newest first."""
    account = _account(incoming)
    if isinstance(account, Answer):
        return account
    try:
        limit = max(1, int(incoming.params.get("limit", _PAGE)))
        offset = max(0, int(incoming.params.get("offset", 0)))
    except ValueError:
        return refused(400, "", "limit and offset are whole numbers")
    jobs = world.jobs.of(account.userid)
    return json_answer(job_page(world, jobs, offset=offset, limit=limit))


def status(world: World, incoming: Incoming, parts: Parts) -> Answer:
    """Where a job stands."""
    job = _job(world, incoming, parts)
    return job if isinstance(job, Answer) else json_answer(status_document(world, job))


def results(world: World, incoming: Incoming, parts: Parts) -> Answer:
    """What a job delivered, once it is successful."""
    job = _job(world, incoming, parts)
    if isinstance(job, Answer):
        return job
    word = word_of(job, world.jobs.state(job))
    if word == "successful":
        return json_answer(results_document(world, job))
    if word in ("failed", "dismissed"):
        return refused(400, "", f"the job is {word}")
    return refused(404, "result-not-ready", f"the job is {word}")


def dismiss(world: World, incoming: Incoming, parts: Parts) -> Answer:
    """Stop a job, or forget one that has ended."""
    job = _job(world, incoming, parts)
    if isinstance(job, Answer):
        return job
    world.jobs.cancel(job.gid, job.userid)
    return json_answer({**status_document(world, job), "status": "dismissed"})


def _account(incoming: Incoming) -> Account | Answer:
    """Who asks, if that is somebody who may run something."""
    account = incoming.account
    if account is None:
        return refused(401, "", "no login")
    return account if account.processes else refused(403, "", "this account may run nothing")


def _job(world: World, incoming: Incoming, parts: Parts) -> Job | Answer:
    """The account's job; one that has ended and was dismissed is no more."""
    account = _account(incoming)
    if isinstance(account, Answer):
        return account
    job = world.jobs.get(parts["job"])
    if job is None or job.userid != account.userid or (job.is_hidden and job.canceled is None):
        return refused(404, "no-such-job", f"no job {parts['job']}")
    return job


def _no_process(name: str) -> Answer:
    return refused(404, "no-such-process", f"no process {name}")


def _inputs(body: bytes) -> dict[str, str]:
    """The inputs of an execution as text; each may be wrapped in an object with a `value`."""
    try:
        document: Any = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest("InvalidParameterValue", None, "the body is no JSON") from error
    given = document.get("inputs", {}) if isinstance(document, dict) else None
    if not isinstance(given, dict):
        raise BadRequest("InvalidParameterValue", "inputs", "inputs are no object")
    plain = {
        name: value.get("value") if isinstance(value, dict) else value
        for name, value in given.items()
    }
    for name, value in plain.items():
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise BadRequest("InvalidParameterValue", name, f"input {name} is no text")
    return {name: str(value) for name, value in plain.items()}
