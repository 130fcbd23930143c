"""A client for those who wait: a service that is out is noticed once, and told once.

Without it each open order would be asked for in vain, and each would say so, at every look.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from peps_stac.clock import Clock
from peps_stac.domain import JobReport, ListedJob, Order, ProcessRequest, Submitted
from peps_stac.domain.instants import format_span
from peps_stac.errors import AuthenticationError, PepsStacError, ServiceError
from peps_stac.http.session import Session
from peps_stac.provider.interface import Processing
from peps_stac.tell import Tell

FAILURES_OF_AN_OUTAGE = 3
"""In a row; fewer may be the trouble of single jobs."""


_T = TypeVar("_T")


class OutageError(PepsStacError):
    """The service is out, so that asking on is no use; ends a look, and is caught there."""


class PatientClient:
    """A client of the same service that ends a look as soon as the service proves to be out.

    Args:
        client: Whom to ask.
        now: To say how long an outage took.
        tell: Hears of each outage once, and once when it is over.
    """

    def __init__(self, client: Processing, *, now: Clock, tell: Tell) -> None:
        self._client = client
        self._now = now
        self._tell = tell
        self._failures = 0
        self._out_since: datetime | None = None
        self._troubles: set[str] = set()
        self._held: list[str] = []
        self._said: set[str] = set()
        self._said_before: set[str] = set()
        self.retry_after_s: float | None = None
        """What the service asked for at the present look."""

    @property
    def session(self) -> Session:
        """That of the client."""
        return self._client.session

    def resolve(self, href: str) -> str:
        """As `Processing.resolve`."""
        return self._client.resolve(href)

    def is_welcome(self) -> bool:
        """As `Archive.is_welcome`."""
        return self._client.is_welcome()

    def cancel(self, order: Order) -> None:
        """As `Processing.cancel`."""
        self._client.cancel(order)

    @property
    def is_out(self) -> bool:
        """Whether the last look found the service out."""
        return self._out_since is not None

    def report(self, order: Order) -> JobReport:
        """As `Processing.report`.

        Raises:
            OutageError: The service is out.
        """
        return self._asked(lambda: self._client.report(order))

    def jobs(self) -> tuple[ListedJob, ...]:
        """As `Processing.jobs`.

        Raises:
            OutageError: The service is out.
        """
        return self._asked(self._client.jobs)

    def submit(self, request: ProcessRequest, *, submission: str) -> Submitted:
        """As `Processing.submit`; what is out is remembered, and told as its caller wishes."""
        try:
            answer = self._client.submit(request, submission=submission)
        except ServiceError as error:
            self._remember(error)
            if not error.arrived:
                self._note(error)
            raise
        self._note_answer()
        return answer

    def tell(self, line: str) -> None:
        """Pass a line on, unless the last look said the same.

        What says no more than that the service did not answer is kept back until the end of the
        look: it is worth saying of single orders, and not of an outage.
        """
        if any(trouble in line for trouble in self._troubles):
            self._held.append(line)
        else:
            self._say(line)

    @contextmanager
    def look(self) -> Iterator[None]:
        """Around what is done at one look; an outage ends it, and nothing else.

        Raises:
            AuthenticationError: The account is refused.
        """
        self.retry_after_s = None
        self._said_before, self._said = self._said, set()
        self._troubles, self._held = set(), []
        try:
            yield
        except OutageError as error:
            self._note(error)
        if not self.is_out:
            for line in self._held:
                self._say(line)

    def _asked(self, ask: Callable[[], _T]) -> _T:
        try:
            answer = ask()
        except ServiceError as error:
            self._remember(error)
            if self._proves_outage(error):
                raise OutageError(str(error)) from error
            raise
        except AuthenticationError:
            raise
        except PepsStacError:
            self._note_answer()
            raise
        self._note_answer()
        return answer

    def _say(self, line: str) -> None:
        if line not in self._said | self._said_before:
            self._tell(line)
        self._said.add(line)

    def _remember(self, error: ServiceError) -> None:
        self._failures += 1
        self._troubles.add(str(error))
        if error.retry_after_s is not None:
            self.retry_after_s = max(self.retry_after_s or 0, error.retry_after_s)

    def _proves_outage(self, error: ServiceError) -> bool:
        is_told = not error.arrived or error.retry_after_s is not None
        return is_told or self.is_out or self._failures >= FAILURES_OF_AN_OUTAGE

    def _note(self, error: PepsStacError) -> None:
        if self._out_since is None:
            self._out_since = self._now()
            self._tell(f"the service cannot be asked ({error}); looking again until it answers")

    def _note_answer(self) -> None:
        self._failures = 0
        if self._out_since is not None:
            outage = self._now() - self._out_since
            self._out_since = None
            self._tell(f"the service answers again, after {format_span(outage)}")
