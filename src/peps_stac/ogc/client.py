"""OGC API - Processes over HTTP: submit, ask, list and dismiss, one call of the session each."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote, unquote, urlsplit

from peps_stac.domain import JobReport, JobStatus, ListedJob, Order, ProcessRequest, Submitted
from peps_stac.errors import RequestError, ResponseError
from peps_stac.http.session import Session
from peps_stac.ogc.documents import (
    ASYNCHRONOUS,
    execute_document,
    read_job_id,
    read_jobs,
    read_results,
    read_status,
)
from peps_stac.provider.values import read_mapping

_OWN_PATHS = ("/jobs/", "/processes/")


class OgcClient:
    """A service of OGC API - Processes that has MAJA among its processes.

    Args:
        session: Its `base_url` is the landing page of the API.
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
        document = read_mapping(answer.json() if answer.content else None)
        monitor = answer.location
        job_id = read_job_id(document) or _last_step(monitor)
        if job_id is None:
            message = f"process {process} answered without a job"
            raise ResponseError(f"{message}: it may have run at once; look at the service's jobs")
        report = read_status(document) if "status" in document else None
        return Submitted(
            job_id=job_id,
            monitor=self.resolve(monitor) if monitor else self._address(f"/jobs/{job_id}"),
            has_failed=report is not None and report.status is JobStatus.FAILED,
            word=report.job_status if report else None,
            message=report.message if report else None,
        )

    def report(self, order: Order) -> JobReport:
        """As `Processing.report`: one request, and one for the results once it succeeded."""
        path = _job_path(order)
        report = read_status(self.session.get(path, login=True).json())
        if report.status is not JobStatus.SUCCEEDED:
            return report
        answer = self.session.get(f"{path}/results", {"f": "json"}, login=True)
        return replace(report, results=read_results(answer.json()))

    def jobs(self) -> tuple[ListedJob, ...]:
        """As `Processing.jobs`, the first page of them."""
        listed = read_jobs(self.session.get("/jobs", {"f": "json"}, login=True).json())
        ours = {theirs: name for name, theirs in self._processes.items()}
        return tuple(
            replace(
                job,
                process=ours.get(str(job.process), job.process),
                status_href=self._address(f"/jobs/{quote(job.row_id, safe='')}"),
            )
            for job in listed
        )

    def cancel(self, order: Order) -> None:
        """As `Processing.cancel`; what has ended is dismissed with its results."""
        self.session.delete(_job_path(order))

    def resolve(self, href: str) -> str:
        """The address of what an answer names.

        The API's own documents are on the configured service, whatever host a server behind a
        proxy believes to be; of files the host is as written, and gets no login when it is
        another one.

        Raises:
            RequestError: No address of a file.
        """
        path = urlsplit(href).path.removeprefix(urlsplit(self.session.base_url).path)
        if path.startswith(_OWN_PATHS):
            return self.session.resolve(path)
        return self.session.resolve(href)

    def _address(self, path: str) -> str:
        return self.session.resolve(path)


def _last_step(href: str | None) -> str | None:
    return unquote(urlsplit(href).path.rpartition("/")[2]) or None if href else None


def _job_path(order: Order) -> str:
    if order.id is None:
        message = f"the order {order.submission or order.inputs} has no job id"
        raise RequestError(f"{message}: nothing was sent, or the answer was lost")
    return f"/jobs/{quote(order.id, safe='')}"
