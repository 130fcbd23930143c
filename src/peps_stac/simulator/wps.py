"""The WPS of a simulated PEPS: what it accepts, and what it answers.

Executing MAJA hands a job to the cluster; the ProcessSucceeded that follows within seconds says
no more than that. The state of the job stands in a report of its own.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from peps_stac.domain import Process
from peps_stac.domain.instants import day_start
from peps_stac.simulator.answers import JSON, Answer, error_answer, xml_answer
from peps_stac.simulator.holdings import Record
from peps_stac.simulator.jobs import Submission
from peps_stac.simulator.processes import PROCESSES
from peps_stac.simulator.reports import inline_report, report_file
from peps_stac.simulator.scenario import Script
from peps_stac.simulator.timetable import Job
from peps_stac.simulator.users import STATUS_PROCESS, Account
from peps_stac.simulator.world import World
from peps_stac.simulator.wps_documents import (
    Execution,
    capabilities,
    descriptions,
    exception_report,
    execute_response,
)
from peps_stac.simulator.wps_request import BadRequest, WpsRequest, read_kvp, read_xml

_STATUS_FILE = re.compile(r"pywps-(?P<id>[0-9a-f-]{36})\.xml")
_REPORT_FILE = re.compile(r"report-(?P<id>[0-9a-f-]{36})\.json")
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WpsCall:
    """One HTTP request for the WPS, by an account that may use it."""

    account: Account
    method: str
    params: Mapping[str, str]
    body: bytes
    is_unlisted: bool = False
    """Whether a job that it starts is to be in no list."""


def read_call(call: WpsCall) -> WpsRequest:
    """The request of a call.

    Raises:
        BadRequest: It makes no sense; see `refusal`.
    """
    return read_xml(call.body) if call.method == "POST" else read_kvp(call.params)


def refusal(bad: BadRequest) -> Answer:
    """Status 200 all the same, as the standard's software does."""
    return xml_answer(exception_report(bad))


def wps(world: World, call: WpsCall) -> Answer:
    """The answer of `/resto/wps`."""
    try:
        request = read_call(call)
        match request.request:
            case "getcapabilities":
                return xml_answer(capabilities(_service(world)))
            case "describeprocess":
                return _describe(request)
            case _:
                return _execute(world, call, request)
    except BadRequest as bad:
        return refusal(bad)


def output(world: World, account: Account, name: str) -> Answer:
    """A file below `/resto/wps/outputs/`: a status document or a report, of one's own jobs."""
    for pattern, write in ((_STATUS_FILE, _status_document), (_REPORT_FILE, _report)):
        match = pattern.fullmatch(name)
        job = world.jobs.get(match["id"]) if match else None
        if job is not None and job.userid == account.userid and job.is_listed:
            return write(world, job)
    return error_answer(404)


def _describe(request: WpsRequest) -> Answer:
    wanted = (request.identifier or "").split(",")
    if wanted in (["all"], ["ALL"]):
        wanted = list(PROCESSES)
    unknown = [name for name in wanted if name not in PROCESSES]
    if unknown:
        raise BadRequest("InvalidParameterValue", "identifier", f"no process {unknown[0]!r}")
    return xml_answer(descriptions(tuple(PROCESSES[name] for name in wanted)))


def _execute(world: World, call: WpsCall, request: WpsRequest) -> Answer:
    process = _checked_process(world, call.account, request)
    if process == STATUS_PROCESS:
        return _tell_status(world, request)
    scenes = scenes_of(world, process, request.inputs)
    job = world.jobs.submit(
        Submission(
            userid=call.account.userid,
            process=process,
            inputs=request.inputs,
            title=call.params.get("title"),
            method=call.method,
            data=call.body.decode(errors="replace") if call.body else dict(call.params),
            scenes=scenes,
            is_listed=not call.is_unlisted,
        )
    )
    if not request.is_stored:
        return _respond(world, job, "ProcessSucceeded", location=None, reference=_report_href)
    return _respond(world, job, "ProcessAccepted", location=_status_href(world, job))


def _checked_process(world: World, account: Account, request: WpsRequest) -> str:
    process = request.identifier
    if process is None:
        raise BadRequest("MissingParameterValue", "identifier", "")
    if process not in account.processes or process not in PROCESSES:
        # The proxy's own refusal: it has no text (lib/WPS/ExceptionReport.php).
        locator = process if world.scenario.refusal_names_process else "identifier"
        raise BadRequest("InvalidParameterValue", locator, "")
    check_inputs(process, request.inputs)
    return process


def check_inputs(process: str, inputs: Mapping[str, str]) -> None:
    """Make sure that a process has what it needs.

    Raises:
        BadRequest: An input is missing.
    """
    for name in PROCESSES[process].required:
        if not inputs.get(name):
            raise BadRequest("MissingParameterValue", name, f"input {name} is missing")


def scenes_of(world: World, process: str, inputs: Mapping[str, str]) -> tuple[Record, ...]:
    """The scenes that MAJA or FULL_MAJA would compute, oldest first.

    Raises:
        BadRequest: An input that makes no sense.
    """
    return _SCENES[process](world, inputs)


def _one_scene(world: World, inputs: Mapping[str, str]) -> tuple[Record, ...]:
    record = world.holdings.by_name(inputs["product"])
    return (record,) if record else ()


def _series(world: World, inputs: Mapping[str, str]) -> tuple[Record, ...]:
    start = day_start(_day(inputs, "startDate"))
    end = day_start(_day(inputs, "completionDate")) + _ONE_DAY
    orbit = inputs.get("relativeOrbitNumber")
    if orbit and not orbit.isdigit():
        raise BadRequest("InvalidParameterValue", "relativeOrbitNumber", f"no orbit {orbit!r}")
    found = [
        record
        for record in world.holdings
        if record.is_visible
        and record.properties.get("mgrs") == inputs["tileid"]
        and start <= record.start < end
        and (not orbit or record.properties.get("relativeOrbitNumber") == int(orbit))
    ]
    return tuple(reversed(found))


_SCENES: Mapping[str, Callable[[World, Mapping[str, str]], tuple[Record, ...]]] = {
    Process.MAJA: _one_scene,
    Process.FULL_MAJA: _series,
}


def _day(inputs: Mapping[str, str], name: str) -> date:
    try:
        return datetime.strptime(inputs[name], "%Y-%m-%d").date()  # noqa: DTZ007 -- a bare day
    except ValueError as error:
        raise BadRequest("InvalidParameterValue", name, f"no date {inputs[name]!r}") from error


def _tell_status(world: World, request: WpsRequest) -> Answer:
    """PROCESSING_STATUS: the report, after bringing its stored file up to date."""
    job = world.jobs.refresh(request.inputs["wps_id"].strip("[]"))
    if job is None or _dispatch_error(job):
        error = _dispatch_error(job) if job else f"no job {request.inputs['wps_id']}"
        return xml_answer(
            execute_response(
                Execution(
                    process=STATUS_PROCESS,
                    service=_service(world),
                    created=world.clock(),
                    status="ProcessFailed",
                    error=error,
                ),
                world.scenario.xml,
            )
        )
    is_inline = world.scenario.inline_report
    execution = Execution(
        process=STATUS_PROCESS,
        service=_service(world),
        created=world.clock(),
        status="ProcessSucceeded",
        inputs=request.inputs,
        literal=inline_report(job, world) if is_inline else None,
        reference=None if is_inline else _report_href(world, job),
    )
    return xml_answer(execute_response(execution, world.scenario.xml))


def _status_document(world: World, job: Job) -> Answer:
    age_s = (world.clock() - job.created).total_seconds()
    if age_s < world.scenario.empty_status_s:
        return Answer(content_type="text/xml")
    location = _status_href(world, job)
    if age_s < world.scenario.dispatch_s:
        return _respond(world, job, "ProcessStarted", location=location)
    if _dispatch_error(job):
        return _respond(world, job, "ProcessFailed", location=location)
    return _respond(world, job, "ProcessSucceeded", location=location, reference=_report_href)


def _report(world: World, job: Job) -> Answer:
    return Answer(body=report_file(job, world).encode(), content_type=JSON)


def _respond(
    world: World,
    job: Job,
    status: str,
    *,
    location: str | None,
    reference: Callable[[World, Job], str] | None = None,
) -> Answer:
    execution = Execution(
        process=job.process,
        service=_service(world),
        created=world.clock(),
        status=status,
        percent=0,
        status_location=location,
        inputs=job.inputs,
        error=_dispatch_error(job),
        reference=reference(world, job) if reference else None,
    )
    return xml_answer(execute_response(execution, world.scenario.xml))


def _dispatch_error(job: Job) -> str | None:
    return (job.script or Script()).dispatch_error


def _service(world: World) -> str:
    return f"{world.base}/resto/wps"


def _status_href(world: World, job: Job) -> str:
    return f"{world.outputs}/pywps-{job.id}.xml"


def _report_href(world: World, job: Job) -> str:
    return f"{world.outputs}/report-{job.id}.json"
