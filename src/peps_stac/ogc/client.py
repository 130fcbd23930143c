"""OGC API - Processes over HTTP: submit, ask, list and dismiss, one call of the session each."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from peps_stac.domain import JobReport, JobStatus, ListedJob, Order, ProcessRequest, Submitted
from peps_stac.errors import AuthenticationError, RequestError, ResponseError
from peps_stac.http.answers import Answer
from peps_stac.http.session import Session
from peps_stac.ogc.documents import (
    ASYNCHRONOUS,
    execute_document,
    no_file,
    read_job_id,
    read_jobs,
    read_location,
    read_next,
    read_results,
    read_status,
)
from peps_stac.provider.values import read_mapping, read_text

_JSON = {"f": "json"}
"""Where servers answer HTML to those who accept anything (pygeoapi)."""

_OWN_RESULTS = re.compile(r"/jobs/[^/]+/results(?:/.*)?")
_MOST_PAGES = 1000


class OgcClient:
    """A service of OGC API - Processes that has MAJA among its processes.

    Args:
        session: Its `base_url` is the landing page of the API. Results are often on other hosts,
            so that it should allow `files_elsewhere`.
        processes: Names of the service's processes by ours (`MAJA`, `FULL_MAJA`), where they
            differ.
    """

    def __init__(self, session: Session, processes: Mapping[str, str] | None = None) -> None:
        self.session = session
        self._processes = dict(processes or {})

    def submit(self, request: ProcessRequest, *, submission: str) -> Submitted:  # noqa: ARG002 -- the standard has no title to carry it
        """As `Processing.submit`; `submission` stays here, as jobs have no titles."""
        process = self._processes.get(request.process, str(request.process))
        answer = self.session.send_once(
            f"/processes/{quote(process, safe='')}/execution",
            method="POST",
            document=execute_document(request),
            headers=ASYNCHRONOUS,
        )
        document = _document(answer)
        told = read_job_id(document)
        job_id = read_location(answer.location) or told
        if job_id is None:
            message = f"process {process} answered {answer.status} and named no job"
            raise ResponseError(f"{message}: it may have run at once; look at the service's jobs")
        is_status = told == job_id and read_text(document.get("status")) is not None
        report = read_status(document) if is_status else None
        return Submitted(
            job_id=job_id,
            # Not the address as written: a server behind a proxy may take itself for another.
            monitor=self.session.resolve(_job_path(job_id)),
            has_failed=report is not None and report.status is JobStatus.FAILED,
            word=report.job_status if report else None,
            message=report.message if report else None,
        )

    def report(self, order: Order) -> JobReport:
        """As `Processing.report`: one request, and one for the results once it succeeded."""
        path = _job_path(_id_of(order))
        report = read_status(self.session.get(path, _JSON, login=True).json())
        if report.status is not JobStatus.SUCCEEDED:
            return report
        answer = self.session.get(f"{path}/results", _JSON, login=True)
        results = read_results(answer.json(), answer.url)
        if not results:
            return replace(report, message=no_file(answer.content.decode(errors="replace")))
        return replace(report, results=results)

    def jobs(self) -> tuple[ListedJob, ...]:
        """As `Processing.jobs`, page by page."""
        found: dict[str, ListedJob] = {}
        params: dict[str, str] | None = _JSON
        for _ in range(_MOST_PAGES):
            document = self.session.get("/jobs", params, login=True).json()
            new = {job.row_id: job for job in read_jobs(document) if job.row_id not in found}
            found |= {row_id: self._named(job) for row_id, job in new.items()}
            query = read_next(document)
            if not new or query is None:
                break
            params = dict(parse_qsl(query, keep_blank_values=True))
        return tuple(found.values())

    def cancel(self, order: Order) -> None:
        """As `Processing.cancel`; what has ended is dismissed with its results."""
        self.session.delete(_job_path(_id_of(order)))

    def resolve(self, href: str) -> str:
        """The address of what an answer names.

        What is below a job's own results is on the configured service, whatever host a server
        behind a proxy believes to be. Of other files the host is as written; another one gets no
        login.

        Raises:
            RequestError: No address of a file.
        """
        url = self.session.resolve(href)
        path = urlsplit(url).path.removeprefix(urlsplit(self.session.base_url).path)
        return self.session.resolve(path) if _OWN_RESULTS.fullmatch(path) else url

    def is_welcome(self) -> bool:
        """As `Archive.is_welcome`: who may see the jobs is known."""
        try:
            self.session.get("/jobs", _JSON, login=True)
        except AuthenticationError:
            return False
        return True

    def _named(self, job: ListedJob) -> ListedJob:
        """The same, with our name of the process and where to ask for it."""
        ours = {theirs: name for name, theirs in self._processes.items()}
        return replace(
            job,
            process=ours.get(str(job.process), job.process),
            status_href=self.session.resolve(_job_path(job.row_id)),
        )


def _document(answer: Answer) -> Mapping[str, Any]:
    """The body, if it is a JSON object: one that cannot be read must not lose the job."""
    try:
        return read_mapping(answer.json())
    except ResponseError:
        return {}


def _id_of(order: Order) -> str:
    """The id of an order's job.

    Raises:
        RequestError: It has none.
    """
    if order.id is None:
        message = f"the order {order.submission or order.inputs} has no job id"
        raise RequestError(f"{message}: nothing was sent, or the answer was lost")
    return order.id


def _job_path(job_id: str) -> str:
    return f"/jobs/{quote(job_id, safe='')}"
