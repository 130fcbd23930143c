"""What PEPS's WPS 1.0.0 is asked, and what it answers.

Prefixes of the XML are free and differ between servers, so everything is read by namespace
(OGC 05-007r7; PyWPS 3.2 is the software behind PEPS). `ProcessSucceeded` means only that the
job was handed to the cluster: where MAJA stands is told by the report (`peps.report`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from xml.etree.ElementTree import Element

from peps_stac.domain import ProcessRequest
from peps_stac.domain.markup import parse_xml
from peps_stac.errors import AuthenticationError, RequestError, ResponseError
from peps_stac.provider.values import one_line, read_instant, read_percent

_WPS = "http://www.opengis.net/wps/"
_OWS = "http://www.opengis.net/ows"
_XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
_STATUS_FILE = re.compile(r"(?:^|/)pywps-(?P<job>[A-Za-z0-9._-]+)\.xml(?=$|[?#])")
_JOB_ID = re.compile(r"[A-Za-z0-9._-]+")
# What separates inputs, names and lists in `datainputs`; PEPS has no way to escape them.
_RESERVED = re.compile(r"[;=@\[\]\s\x00-\x1f]")


class WpsState(StrEnum):
    """What a status document says, in the words of WPS 1.0.0."""

    ACCEPTED = "ProcessAccepted"
    STARTED = "ProcessStarted"
    PAUSED = "ProcessPaused"
    SUCCEEDED = "ProcessSucceeded"
    FAILED = "ProcessFailed"


@dataclass(frozen=True, slots=True, kw_only=True)
class WpsAnswer:
    """An ExecuteResponse."""

    job_id: str | None
    """From the name of the status document, `pywps-<job id>.xml`."""
    status_href: str | None
    """As written, maybe with an internal host."""
    state: WpsState
    percent: float | None = None
    """Of the dispatch to the cluster, not of MAJA; many servers leave it out."""
    message: str | None = None
    outputs: dict[str, str] = field(default_factory=dict)
    """Text of the inline outputs, by identifier."""
    references: tuple[str, ...] = ()
    """Addresses of the other outputs, as written."""
    process: str | None = None
    inputs: dict[str, str] = field(default_factory=dict)
    """Of the request, where the answer repeats them; PEPS's own do not."""
    created: datetime | None = None
    """Of the status, which for an answer to a submission is when it was submitted."""


def execute_params(request: ProcessRequest, *, title: str) -> dict[str, str]:
    """Parameters that submit a job.

    Args:
        request: The process and its inputs.
        title: Label in the user's job list, by which a submission is found again.

    Raises:
        RequestError: An input that `datainputs` cannot hold.
    """
    return _execute(request.process, request.inputs, wants_status_document=True) | {"title": title}


def status_params(job_id: str) -> dict[str, str]:
    """Parameters that ask where a job stands, answered at once.

    Raises:
        RequestError: Not a job id.
    """
    if not _JOB_ID.fullmatch(job_id):
        raise RequestError(f"{job_id!r} is not a job id of PEPS; give the text after pywps-")
    return _execute("PROCESSING_STATUS", {"wps_id": job_id}, wants_status_document=False)


def job_id_of(href: str) -> str | None:
    """The job id in the address of a status document; None when it is none of PyWPS."""
    match = _STATUS_FILE.search(href)
    return match["job"] if match else None


def read_execute_response(content: bytes) -> WpsAnswer:
    """What an ExecuteResponse says.

    Raises:
        AuthenticationError: An exception report: the process is not enabled for the account.
        RequestError: Any other exception report, in the service's words.
        ResponseError: Anything else.
    """
    root = _parse(content)
    if _is(root, _OWS, "ExceptionReport") or _is(root, _WPS, "ExceptionReport"):
        raise _refusal(root)
    if not _is(root, _WPS, "ExecuteResponse"):
        raise ResponseError(f"the WPS answered <{one_line(root.tag)}>, no ExecuteResponse")
    state, told = _read_status(root)
    status_href = (root.get("statusLocation") or "").strip() or None
    outputs = list(_outputs(root))
    return WpsAnswer(
        job_id=job_id_of(status_href) if status_href else None,
        status_href=status_href,
        state=state,
        percent=read_percent(told.get("percentCompleted")),
        message=_failure(told) if state is WpsState.FAILED else _text(told),
        outputs={name: text for name, text, _ in outputs if name and text is not None},
        references=tuple(href for _, _, href in outputs if href),
        process=_process(root),
        inputs=dict(_inputs(root)),
        created=_created(root),
    )


def _execute(
    identifier: str, inputs: Mapping[str, str], *, wants_status_document: bool
) -> dict[str, str]:
    for name, value in inputs.items():
        if not value or _RESERVED.search(value):
            raise RequestError(f"{identifier}: {name} cannot be {value!r}; give a plain value")
    flag = str(wants_status_document).lower()
    return {
        "service": "WPS",
        "version": "1.0.0",
        "request": "Execute",
        "identifier": str(identifier),
        "datainputs": ";".join(f"{name}={value}" for name, value in inputs.items()),
        "storeExecuteResponse": flag,
        "status": flag,
    }


def _parse(content: bytes) -> Element:
    if not content.strip():
        raise ResponseError("the WPS answered nothing (an empty document); ask again later")
    try:
        # PHP puts blanks before the XML declaration at times, which XML forbids.
        return parse_xml(content.lstrip())
    except ValueError as error:
        first = one_line(content[:80].decode(errors="replace"))
        message = f"the WPS answered no XML that can be read: {first!r}"
        raise ResponseError(f"{message} ({error})") from error


def _is(element: Element, family: str, name: str) -> bool:
    namespace, _, local = element.tag.removeprefix("{").rpartition("}")
    return local == name and namespace.startswith(family)


def _children(element: Element, family: str, name: str) -> list[Element]:
    return [child for child in element if _is(child, family, name)]


def _descendants(element: Element, family: str, name: str) -> list[Element]:
    return [found for found in element.iter() if _is(found, family, name)]


def _text(element: Element) -> str | None:
    text = " ".join("".join(element.itertext()).split())
    return text or None


def _read_status(root: Element) -> tuple[WpsState, Element]:
    for status in _children(root, _WPS, "Status"):
        for state in WpsState:
            for told in _children(status, _WPS, state):
                return state, told
    raise ResponseError("the WPS answered an ExecuteResponse without a status; ask again later")


def _process(root: Element) -> str | None:
    names = (
        _text(name)
        for process in _children(root, _WPS, "Process")
        for name in _children(process, _OWS, "Identifier")
    )
    return next(names, None)


def _inputs(root: Element) -> Iterator[tuple[str, str]]:
    for inputs in _children(root, _WPS, "DataInputs"):
        for given in _children(inputs, _WPS, "Input"):
            names = [_text(name) for name in _children(given, _OWS, "Identifier")]
            for data in _children(given, _WPS, "Data"):
                if names and names[0] and (value := _text(data)):
                    yield names[0], value


def _created(root: Element) -> datetime | None:
    times = (status.get("creationTime") for status in _children(root, _WPS, "Status"))
    return read_instant(next(times, None))


def _outputs(root: Element) -> Iterator[tuple[str | None, str | None, str | None]]:
    """Identifier, inline text and address of each output; inputs repeated there are not taken."""
    for outputs in _children(root, _WPS, "ProcessOutputs"):
        for output in _children(outputs, _WPS, "Output"):
            names = [_text(name) for name in _children(output, _OWS, "Identifier")]
            inline = [
                "".join(value.itertext()).strip()
                for data in _children(output, _WPS, "Data")
                for value in data
            ]
            hrefs = [
                # WPS 1.0.0 leaves it unqualified on outputs; PyWPS 4 does not.
                (reference.get("href") or reference.get(_XLINK_HREF) or "").strip()
                for reference in _children(output, _WPS, "Reference")
            ]
            yield next(iter(names), None), next(iter(inline), None), next(iter(hrefs), None)


def _exceptions(report: Element) -> list[Element]:
    return _descendants(report, _OWS, "Exception") + _descendants(report, _WPS, "Exception")


def _failure(failed: Element) -> str | None:
    """Texts of the exceptions; the code where there is no text."""
    words = [
        _text(exception) or exception.get("exceptionCode") for exception in _exceptions(failed)
    ]
    return "; ".join(word for word in words if word) or _text(failed)


def _refusal(report: Element) -> RequestError | AuthenticationError:
    for exception in _exceptions(report):
        code, locator = exception.get("exceptionCode"), exception.get("locator")
        if code == "InvalidParameterValue" and (locator or "").lower() == "identifier":
            text = _text(exception)
            return AuthenticationError(
                "the WPS refused the process: it is not enabled for this account"
                + (f" ({one_line(text)})" if text else "")
            )
    details = [
        " ".join(filter(None, (item.get("exceptionCode"), item.get("locator"), _text(item))))
        for item in _exceptions(report)
    ]
    said = one_line("; ".join(filter(None, details))) or "no reason given"
    return RequestError(f"the WPS refused the request: {said}")
