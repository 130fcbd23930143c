"""Two services as one: scenes are found at one and ordered at the other."""

from collections.abc import Iterator

from peps_stac.domain import JobReport, ListedJob, Order, ProcessRequest, SearchQuery, Submitted
from peps_stac.http.session import Session
from peps_stac.provider.interface import Catalogue, Processing
from peps_stac.provider.matching import Found
from peps_stac.tell import Tell, silent


class Joined:
    """A `Service` of two halves.

    Args:
        catalogue: Is searched.
        processing: Takes orders, and has what they deliver.
    """

    def __init__(self, catalogue: Catalogue, processing: Processing) -> None:
        self._catalogue = catalogue
        self._processing = processing

    @property
    def session(self) -> Session:
        """That of the half that delivers."""
        return self._processing.session

    def search(self, query: SearchQuery, *, tell: Tell = silent) -> Iterator[Found]:
        """As `Catalogue.search`."""
        return self._catalogue.search(query, tell=tell)

    def resolve(self, href: str) -> str:
        """As `Archive.resolve`."""
        return self._processing.resolve(href)

    def is_welcome(self) -> bool:
        """As `Archive.is_welcome`."""
        return self._processing.is_welcome()

    def submit(self, request: ProcessRequest, *, submission: str) -> Submitted:
        """As `Processing.submit`."""
        return self._processing.submit(request, submission=submission)

    def report(self, order: Order) -> JobReport:
        """As `Processing.report`."""
        return self._processing.report(order)

    def jobs(self) -> tuple[ListedJob, ...]:
        """As `Processing.jobs`."""
        return self._processing.jobs()

    def cancel(self, order: Order) -> None:
        """As `Processing.cancel`."""
        self._processing.cancel(order)
