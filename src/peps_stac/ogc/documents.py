"""Documents of OGC API - Processes, Part 1 (OGC 18-062r2): what to send, what comes back.

Servers differ in what they leave out, so that an absent field is an unknown fact; only the state
of a job has to be there (requirement `/req/core/job-success`).
"""

from collections.abc import Iterator, Mapping
from typing import Any

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


def execute_document(request: ProcessRequest) -> dict[str, Any]:
    """The body of an execution: the inputs, and results as one document with links."""
    return {"inputs": dict(request.inputs), "response": "document"}


def read_job_id(document: Any) -> str | None:  # noqa: ANN401 -- whatever JSON came
    """The id of a job that its status tells; older servers call it `id`."""
    said = read_mapping(document)
    return read_text(said.get("jobID")) or read_text(said.get("id"))


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


def read_results(document: Any) -> tuple[str, ...]:  # noqa: ANN401 -- whatever JSON came
    """Addresses of the files among the results of a job, each once, in their order.

    A result is a link (`href`), or a text that is an address; anything else is a value that
    nothing can be fetched for. Lists and objects of results are looked through.
    """
    return tuple(dict.fromkeys(_hrefs(document)))


def read_jobs(document: Any) -> tuple[ListedJob, ...]:  # noqa: ANN401 -- whatever JSON came
    """The jobs of a list, each once, in the service's order; those without an id are left out.

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


def _hrefs(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        if href := read_href(value.get("href")):
            yield href
        for name, part in value.items():
            if name not in ("href", "links"):
                yield from _hrefs(part)
    elif isinstance(value, list):
        for part in value:
            yield from _hrefs(part)
    elif href := read_href(value):
        yield href
