"""PEPS over HTTP: search, submit, ask, list and cancel, one call of the session each.

What is asked and what the answers mean is in the pure modules beside this one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from peps_stac.domain import (
    JobReport,
    JobStatus,
    L1CProduct,
    ListedJob,
    Order,
    ProcessRequest,
    SearchQuery,
    Submitted,
)
from peps_stac.errors import AuthenticationError, RequestError, ResponseError, ServiceError
from peps_stac.http.failures import Gone
from peps_stac.http.session import Session
from peps_stac.peps.hrefs import on_service
from peps_stac.peps.jobs import read_jobs, user_id
from peps_stac.peps.report import read_report
from peps_stac.peps.resto import Page, ignored_params, matches, read_page, to_params
from peps_stac.peps.wps import (
    WpsAnswer,
    WpsState,
    execute_params,
    read_execute_response,
    status_params,
)
from peps_stac.provider.interface import Look
from peps_stac.tell import Tell, silent

SEARCH_PATH = "/resto/api/collections/S2ST/search.json"
WPS_PATH = "/resto/wps"
CONNECT_PATH = "/resto/api/users/connect"

# A page may repeat the one before when products are published meanwhile; three in a row mean
# that the server gives the same page for ever.
_PATIENCE = 3
_NOT_READY = 202
_FIRST_BYTE = {"Range": "bytes=0-0", "Accept-Encoding": "identity"}
_BOM = b"\xef\xbb\xbf"
_NOTHING_NEW = JobReport(job_status=None, status=None)


class PepsClient:
    """PEPS, or any server that speaks as it does."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def search(self, query: SearchQuery, *, tell: Tell = silent) -> Iterator[L1CProduct]:
        """Products that match, each once, newest first for each tile; pages come as needed.

        Two processing baselines of one scene are two products.

        Args:
            query: What to look for.
            tell: Hears of parameters that the service ignored, of features that cannot be
                read, and of products that are not what was asked for.

        Raises:
            RequestError: The service finds fault with the query.
            ServiceError: It cannot be reached or fails.
            ResponseError: It answers something else than search results.
        """
        seen: set[str] = set()
        given = dropped = 0
        for product in self._found(query, tell):
            if product.name in seen:
                continue
            seen.add(product.name)
            if not matches(product, query):
                dropped += 1
                continue
            yield product
            given += 1
            if given == query.limit:
                break
        if dropped:
            tell(f"{dropped} products left out: the service sent more than was asked for")

    def submit(self, request: ProcessRequest, *, submission: str) -> Submitted:
        """Submit a job, once: a lost answer is not asked for again.

        Args:
            request: The process and its inputs.
            submission: Our own uuid; it becomes part of the job's title.

        Raises:
            AuthenticationError: No login, or the process is not enabled for the account.
            RequestError: The service refuses the request.
            ServiceError: `arrived` tells whether the job may have been accepted all the same.
            ResponseError: The answer cannot be read; the job may have been accepted.
        """
        params = execute_params(request, title=f"peps-stac {submission}")
        answer = read_execute_response(self.session.send_once(WPS_PATH, params).content)
        return Submitted(
            job_id=answer.job_id,
            monitor=answer.status_href,
            has_failed=answer.state is WpsState.FAILED,
            word=answer.state,
            message=answer.message,
        )

    def report(self, order: Order) -> JobReport:
        """Where a job stands, normally by one request.

        `PROCESSING_STATUS` refreshes the report and holds it inline. When it does not, its
        reference is read, and then the status document, which knows of failures to start.

        Raises:
            AuthenticationError: The account is refused.
            RequestError: The order has no job id, or the service does not know the job (`Gone`).
            ServiceError: It cannot be reached or fails.
            ResponseError: Nothing that came could be read.
        """
        job_id = _job_id(order)
        monitor = order.monitor or f"{WPS_PATH}/outputs/pywps-{job_id}.xml"
        return _first_that_tells(
            [
                lambda: self._report_of_status_process(job_id),
                lambda: self._report_of_status_document(monitor),
            ]
        )

    def jobs(self) -> tuple[ListedJob, ...]:
        """The account's jobs that the service still lists, newest first.

        The addresses of their status documents are absolute; None when not the service's own.

        Raises:
            AuthenticationError: The account is refused.
            ServiceError: The service cannot be reached or fails.
            ResponseError: The list cannot be read.
        """
        listed = read_jobs(self.session.get(f"{self._account_path()}/jobs", login=True).json())
        return tuple(replace(job, status_href=self._located(job)) for job in listed)

    def cancel(self, order: Order) -> None:
        """Take a job off the service's list.

        The service does not say whether a job that already runs stops.

        Raises:
            RequestError: The order has no job id, or the service does not list the job.
        """
        job_id = _job_id(order)
        account = self._account_path()
        listed = read_jobs(self.session.get(f"{account}/jobs", login=True).json())
        rows = [job.row_id for job in listed if job.job_id == job_id]
        if not rows:
            raise RequestError(
                f"the service does not list job {job_id}, so it cannot be canceled there; "
                "it forgets jobs after some days"
            )
        for row in rows:
            self.session.delete(f"{account}/jobs/{row}")

    def resolve(self, href: str) -> str:
        """The address on the configured service of what an answer names.

        Raises:
            ResponseError: It is not one of the service's.
        """
        return on_service(href, self.session.base_url)

    def is_welcome(self) -> bool:
        """As `Archive.is_welcome`."""
        try:
            self.session.get(CONNECT_PATH, login=True)
        except AuthenticationError:
            return False
        return True

    @property
    def restoring(self) -> str | None:
        """Nobody has to do anything: asking for an archive makes the robot bring it."""
        return None

    def look(self, href: str, *, name: str, md5: str | None) -> Look:  # noqa: ARG002 -- others need them
        """As `Tape.look`: asks for the first byte, which is what has an archive brought.

        There is no other call for that, and the storage mode that a search tells is that of
        another moment (protocol facts, section 6).
        """
        with self.session.stream(self.resolve(href), headers=_FIRST_BYTE) as answer:
            return Look(answer.status != _NOT_READY, answer.retry_after_s)

    def _found(self, query: SearchQuery, tell: Tell) -> Iterator[L1CProduct]:
        told: set[str] = set()
        for params in to_params(query):
            for page in self._pages(params, tell):
                for line in _oddities(params, page):
                    if line not in told:
                        told.add(line)
                        tell(line)
                yield from page.products

    def _pages(self, params: dict[str, str], tell: Tell) -> Iterator[Page]:
        """Pages of one request, until there is no next one, or none that brings anything."""
        answer = self.session.get(SEARCH_PATH, params, cached=True)
        hrefs = {answer.url}
        known: set[str] = set()
        repeats = 0
        while True:
            page = read_page(answer.json())
            yield page
            if page.next_href is None or page.is_empty:
                return
            href = self.resolve(page.next_href)
            contents = {product.name for product in page.products} | set(page.rejected)
            repeats = repeats + 1 if contents <= known else 0
            known |= contents
            if href in hrefs or repeats == _PATIENCE:
                tell(f"the service repeats itself after {len(known)} results; stopped there")
                return
            hrefs.add(href)
            answer = self.session.get(href, cached=True)

    def _report_of_status_process(self, job_id: str) -> JobReport:
        content = self.session.get(WPS_PATH, status_params(job_id), login=True).content
        if _is_json(content):
            return read_report(content)
        return _first_that_tells(self._readings(read_execute_response(content)))

    def _report_of_status_document(self, monitor: str) -> JobReport:
        content = self.session.get(self.resolve(monitor), login=True).content
        if _is_json(content):
            return read_report(content)
        answer = read_execute_response(content)
        if answer.state is WpsState.FAILED:
            return JobReport(
                job_status=answer.state, status=JobStatus.FAILED, message=answer.message
            )
        # Without a report so far, accepted or handed to the cluster: nothing new.
        return _first_that_tells(self._readings(answer) or [lambda: _NOTHING_NEW])

    def _readings(self, answer: WpsAnswer) -> list[Callable[[], JobReport]]:
        inline = (text for name, text in answer.outputs.items() if name.lower() == "report")
        # The other outputs may be whole products.
        files = (href for href in answer.references if _names_report(href))
        readings: list[Callable[[], JobReport]] = [partial(read_report, text) for text in inline]
        return [*readings, *(partial(self._report_file, href) for href in files)]

    def _report_file(self, href: str) -> JobReport:
        return read_report(self.session.get(self.resolve(href), login=True).content)

    def _located(self, job: ListedJob) -> str | None:
        try:
            return job.status_href and self.resolve(job.status_href)
        except ResponseError:
            return None

    def _account_path(self) -> str:
        token = self.session.get(CONNECT_PATH, login=True).json()
        return f"{WPS_PATH}/users/{user_id(token)}"


def _job_id(order: Order) -> str:
    if order.id is None:
        raise RequestError(
            f"the order {order.submission or order.inputs} has no job id: nothing was sent, or "
            "the answer was lost; look for it in the service's job list"
        )
    return order.id


def _oddities(params: Mapping[str, str], page: Page) -> Iterator[str]:
    ignored = ignored_params(params, page)
    if ignored:
        names = ", ".join(ignored)
        yield f"the service ignored {names}: its answer may be wider than what was asked for"
    if page.rejected:
        yield f"{len(page.rejected)} search results cannot be read, such as: {page.rejected[0]}"


def _is_json(content: bytes) -> bool:
    # A text in JSON may hold the document, as PHP sometimes encodes twice.
    return content.removeprefix(_BOM).lstrip()[:1] in (b"{", b"[", b'"')


def _names_report(href: str) -> bool:
    name = href.partition("?")[0].rpartition("/")[2].lower()
    return name.endswith(".json") or name.startswith("report")


def _first_that_tells(readings: Iterable[Callable[[], JobReport]]) -> JobReport:
    """The first report that says something; else the first that says nothing; else the error."""
    silent_one: JobReport | None = None
    error: ResponseError | RequestError | None = None
    for reading in readings:
        try:
            report = reading()
        except (ResponseError, RequestError) as trouble:
            # That there is nothing any more says most.
            error = trouble if isinstance(trouble, Gone) else error or trouble
            continue
        except ServiceError:
            if silent_one is None:
                raise
            continue
        if report != _NOTHING_NEW:
            return report
        silent_one = silent_one or report
    if silent_one is not None:
        return silent_one
    raise error or ResponseError("the service sent no report of the job; ask again later")
