"""What a service can do for this package. A provider does one of these things, or several.

| | searched | ordered | fetched |
| --- | --- | --- | --- |
| PEPS (`peps`) | L1C | MAJA | results, L1C |
| GEODES (`geodes`) | L1C, MAJA L2A of Theia | - | both |

A third provider is a room with one class that has these methods.
"""

from collections.abc import Iterator
from typing import Protocol

from peps_stac.domain import SearchQuery
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
