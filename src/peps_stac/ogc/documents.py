"""Documents of OGC API - Processes, Part 1 (OGC 18-062r2): what to send, what comes back.

Servers differ in what they leave out, so that an absent field is an unknown fact; only the state
of a job has to be there (requirement `/req/core/job-success`).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from peps_stac.domain import JobReport, JobStatus, ListedJob, ProcessRequest
from peps_stac.errors import ResponseError
from peps_stac.provider.values import (
    one_line,
    read_href,
    read_instant,
    read_mapping,
    read_percent,
    read_text,
)

STATUS_OF_WORD: Mapping[str, JobStatus] = {
    "accepted": JobStatus.PENDING,
    "running": JobStatus.SHIPPING,
    "successful": JobStatus.SUCCEEDED,
    "failed": JobStatus.FAILED,
    "dismissed": JobStatus.CANCELED,
}
"""`statusCode` of the standard, table 13."""

ASYNCHRONOUS: Mapping[str, str] = {"Prefer": "respond-async"}
"""Ask for a job rather than to wait for its results (RFC 7240)."""

_JOB_PATH = re.compile(r".*/jobs/(?P<id>[^/]+)/?")
_JOB_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.~:@=+-]{0,199}")
"""What an id may be: it names a folder of ours too, so that no path can be one."""

_LONGEST_SUMMARY = 120
_OTHER_KIND = re.compile(
    r".*\.(?:csv|geojson|gif|html?|jp2|jpe?g|json|log|md|pdf|png|tiff?|txt|xml|ya?ml)"
)
"""Names of files that are no archives."""


def execute_document(request: ProcessRequest) -> dict[str, Any]:
    """The body of an execution: the inputs, and results as one document with links."""
    return {"inputs": dict(request.inputs), "response": "document"}


def read_job_id(document: Any) -> str | None:  # noqa: ANN401 -- whatever JSON came
    """The id of the job whose status a document is; older servers call it `id`."""
    said = read_mapping(document)
    older = said.get("id") if read_text(said.get("status")) else None
    return _job_id(said.get("jobID")) or _job_id(older)


def read_location(href: str | None) -> str | None:
    """The id of the job that an address is of."""
    match = _JOB_PATH.fullmatch(_parts(href or "")[0])
    return _job_id(unquote(match["id"])) if match else None


def read_status(document: Any) -> JobReport:  # noqa: ANN401 -- whatever JSON came
    """Where a job stands; its results are in a document of their own.

    Raises:
        ResponseError: No status of a job.
    """
    said = read_mapping(document)
    word = read_text(said.get("status"))
    if word is None:
        raise ResponseError("the status of a job has no `status`; check the service's address")
    message = read_text(said.get("message"))
    return JobReport(
        job_status=word,
        status=STATUS_OF_WORD.get(word.lower()),
        progress=read_percent(said.get("progress")),
        message=None if message is None else one_line(message),
    )


def read_results(document: Any, url: str) -> tuple[str, ...]:  # noqa: ANN401 -- whatever JSON came
    """Addresses of the files among the results of a job, each once, in their order.

    A result is a link (`href`), or a text that is an address; anything else is a value that
    nothing can be fetched for. Lists and objects of results are looked through. What is by its
    media type, or else by its name, no archive is left out: a log, a picture.

    Args:
        document: The results.
        url: Where they came from; what links are relative to.
    """
    return tuple(dict.fromkeys(_hrefs(document, url)))


def no_file(text: str) -> str:
    """What to tell of a job that ended well and whose results, as written, name no archive."""
    said = one_line(text)
    shown = said if len(said) <= _LONGEST_SUMMARY else f"{said[:_LONGEST_SUMMARY]}…"
    return f"finished, and none of its results is the address of an archive: {shown}"


def read_jobs(document: Any) -> tuple[ListedJob, ...]:  # noqa: ANN401 -- whatever JSON came
    """The jobs of one page, each once, in the service's order; those without an id are left out.

    The standard has neither their titles nor their inputs.

    Raises:
        ResponseError: No list of jobs.
    """
    said = read_mapping(document)
    jobs = document if isinstance(document, list) else said.get("jobs")
    if not isinstance(jobs, list):
        raise ResponseError("the list of jobs cannot be read: it has no `jobs`; ask again later")
    listed = (_listed(read_mapping(job)) for job in jobs)
    return tuple({job.row_id: job for job in listed if job is not None}.values())


def read_next(document: Any) -> str | None:  # noqa: ANN401 -- whatever JSON came
    """The query of the next page of a list, without `?`; None on the last."""
    links = read_mapping(document).get("links")
    for link in links if isinstance(links, list) else ():
        said = read_mapping(link)
        if said.get("rel") == "next" and (href := read_text(said.get("href"))):
            return _parts(href)[1] or None
    return None


def _job_id(value: object) -> str | None:
    text = read_text(value)
    return text if text is not None and _JOB_ID.fullmatch(text) else None


def _listed(said: Mapping[str, Any]) -> ListedJob | None:
    job_id = read_job_id(said)
    if job_id is None:
        return None
    return ListedJob(
        row_id=job_id,
        job_id=job_id,
        process=read_text(said.get("processID")),
        created=read_instant(said.get("created")) or read_instant(said.get("started")),
        word=read_text(said.get("status")),
    )


def _hrefs(document: Any, url: str) -> Iterator[str]:  # noqa: ANN401 -- whatever JSON came
    # Not by recursion: JSON may be nested more deeply than Python calls itself.
    left = [document]
    while left:
        value = left.pop()
        if isinstance(value, Mapping):
            if (href := _linked(value, url)) is not None and _may_be_archive(href, value):
                yield href
            parts = [part for name, part in value.items() if name not in ("href", "links")]
            left += reversed(parts)
        elif isinstance(value, list):
            left += reversed(value)
        elif (href := read_href(value)) and _may_be_archive(href):
            yield href


def _linked(link: Mapping[str, Any], url: str) -> str | None:
    text = read_text(link.get("href"))
    if text is None:
        return None
    try:
        return read_href(urljoin(url, text))
    except ValueError:
        return None


def _may_be_archive(href: str, link: Mapping[str, Any] | None = None) -> bool:
    name = unquote(_parts(href)[0]).rpartition("/")[2].lower()
    said = read_text((link or {}).get("type"))
    if said is None or said == "application/octet-stream":
        return not _OTHER_KIND.fullmatch(name)
    return "zip" in said or name.endswith(".zip")


def _parts(href: str) -> tuple[str, str]:
    """Path and query of an address."""
    try:
        parts = urlsplit(href)
    except ValueError:
        return "", ""
    return parts.path, parts.query
