"""What a service can do for this package. A provider does one of these things, or several.

| | searched | ordered | fetched |
| --- | --- | --- | --- |
| PEPS (`peps`) | L1C | MAJA | results, L1C |
| GEODES (`geodes`) | L1C, MAJA L2A of Theia | - | L2A, L1C |
| any OGC API - Processes (`ogc`) | - | MAJA | results |

A third provider is a room with one class that has these methods (`docs/providers.md`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from peps_stac.domain import (
    JobReport,
    ListedJob,
    Order,
    ProcessRequest,
    SearchQuery,
    Submitted,
)
from peps_stac.http.session import Session
from peps_stac.provider.matching import Found
from peps_stac.tell import Tell


class Catalogue(Protocol):
    """What can be searched."""

    def search(self, query: SearchQuery, *, tell: Tell = ...) -> Iterator[Found]:
        """Products that match, each once, newest first; pages come as needed.

        Args:
            query: What to look for.
            tell: Hears of what was ignored, or could not be read.

        Raises:
            RequestError: The service cannot look for that.
            ServiceError: It cannot be reached or fails.
            ResponseError: It answers something else than search results.
        """


class Archive(Protocol):
    """What can be fetched."""

    @property
    def session(self) -> Session:
        """Knows the login, and who may get it."""

    def resolve(self, href: str) -> str:
        """The address on the configured service of what an answer names.

        Raises:
            ResponseError: It is not one of the service's.
        """

    def is_welcome(self) -> bool:
        """Whether the service takes the account as such, of which it has refused one file.

        Raises:
            ServiceError: It cannot be asked.
        """


@dataclass(frozen=True, slots=True)
class Look:
    """What a service says of one archive now."""

    is_ready: bool
    retry_after_s: float | None = None
    """When to ask again, if it says so."""


class Tape(Archive, Protocol):
    """What can be fetched, some of it only after a robot has brought it from tape."""

    @property
    def restoring(self) -> str | None:
        """What a person does about an archive on tape; None: asking for it is enough."""

    def look(self, href: str, *, name: str, md5: str | None) -> Look:
        """Whether an archive is on disk.

        Args:
            href: Of the archive, as its Item has it.
            name: Of the product.
            md5: Of the archive, hexadecimal, where it is known.

        Raises:
            AuthenticationError: The account is refused, or only this archive (`is_welcome` tells).
            Gone: There is nothing at this address.
            ServiceError: The account's quota is used up, or the service fails.
            RequestError, ResponseError: It is none of the service's addresses.
        """


class Shelf(Catalogue, Tape, Protocol):
    """What can be searched, and has the archives of what is found."""


class Processing(Archive, Protocol):
    """What can be ordered, and fetched when it is done."""

    def submit(self, request: ProcessRequest, *, submission: str) -> Submitted:
        """Submit a job, once: a lost answer is not asked for again.

        Args:
            request: The process and its inputs.
            submission: Our own uuid; goes along where the service takes a title.

        Raises:
            AuthenticationError: No login, or the process is not enabled for the account.
            RequestError: The service refuses the request.
            ServiceError: `arrived` tells whether the job may have been accepted all the same.
            ResponseError: The answer cannot be read; the job may have been accepted.
        """

    def report(self, order: Order) -> JobReport:
        """Where a job stands, and what it delivered.

        Raises:
            AuthenticationError: The account is refused.
            RequestError: The order has no job id, or the service does not know the job (`Gone`).
            ServiceError: It cannot be reached or fails.
            ResponseError: Nothing that came could be read.
        """

    def jobs(self) -> tuple[ListedJob, ...]:
        """The account's jobs that the service still lists.

        Raises:
            AuthenticationError: The account is refused.
            ServiceError: The service cannot be reached or fails.
            ResponseError: The list cannot be read.
        """

    def cancel(self, order: Order) -> None:
        """Cancel a job.

        Raises:
            RequestError: The order has no job id, or the service does not list the job.
        """


class Service(Catalogue, Processing, Protocol):
    """What can be searched, ordered and fetched."""
