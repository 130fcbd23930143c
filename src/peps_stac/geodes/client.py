"""GEODES over HTTP: search, whether a file is online, and the addresses of files.

Nothing is ordered here: what is online can be fetched with a key, and what is on tape is
brought back by people, on the service's web page.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from peps_stac.domain import SearchQuery
from peps_stac.errors import RequestError, ResponseError
from peps_stac.geodes.availability import read_availability
from peps_stac.geodes.hrefs import RESTORING, on_service
from peps_stac.geodes.query import Page, on_page, read_page, to_bodies
from peps_stac.http.session import Session
from peps_stac.provider.interface import Look
from peps_stac.provider.matching import Found, matches
from peps_stac.tell import Tell, silent

SEARCH_PATH = "/api/stac/search"
AVAILABILITY_PATH = "/availability"

# A page that brings nothing new may be due to records published meanwhile; two are not.
_PATIENCE = 2


class GeodesClient:
    """GEODES, or any server that speaks as it does."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def search(self, query: SearchQuery, *, tell: Tell = silent) -> Iterator[Found]:
        """Products that match, each once, newest first; pages come as needed.

        Args:
            query: What to look for; its `level` says in which collection.
            tell: Hears of records that cannot be read.

        Raises:
            RequestError: A place in words, or the service finds fault with the query.
            ServiceError: It cannot be reached or fails.
            ResponseError: It answers something else than search results.
        """
        seen: set[str] = set()
        given = 0
        for body in to_bodies(query):
            for page in self._pages(body, tell):
                for product in page.products:
                    if product.name in seen or not matches(product, query):
                        continue
                    seen.add(product.name)
                    yield product
                    given += 1
                    if given == query.limit:
                        return

    def availability(self, name: str) -> dict[str, bool]:
        """Whether each file of a product is online now, by its MD5; one request, with the key.

        Args:
            name: Of the product, as its record has it.

        Raises:
            AuthenticationError: The key is refused.
            ServiceError: The service cannot be reached or fails.
            ResponseError: The answer cannot be read.
        """
        path = f"{AVAILABILITY_PATH}/{quote(name, safe='')}"
        return read_availability(self.session.get(path, login=True).json())

    def resolve(self, href: str) -> str:
        """The address on the configured service of what an answer names.

        Raises:
            ResponseError: It is not one of the service's.
        """
        return on_service(href, self.session.base_url)

    def is_welcome(self) -> bool:
        """As `Archive.is_welcome`: no, as only a bad key is refused here (pygeodes, eodag)."""
        return False

    @property
    def restoring(self) -> str:
        """What is on tape is restored on the web page alone: no program can ask for it."""
        return RESTORING

    def look(self, href: str, *, name: str, md5: str | None) -> Look:  # noqa: ARG002 -- others need it
        """As `Tape.look`; what the service does not say is taken to be on disk."""
        try:
            online = self.availability(name).get(md5 or "")
        except (RequestError, ResponseError):
            return Look(is_ready=True)
        return Look(online is not False)

    def _pages(self, body: dict[str, Any], tell: Tell) -> Iterator[Page]:
        """Pages of one request, until one is empty or those that come bring nothing new."""
        known: set[str] = set()
        number, repeats = 1, 0
        while True:
            answer = self.session.post(SEARCH_PATH, on_page(body, number), cached=True)
            page = read_page(answer.json())
            if page.is_empty:
                return
            if page.rejected:
                told = f"{len(page.rejected)} search results cannot be read"
                tell(f"{told}, such as: {page.rejected[0]}")
            yield page
            contents = {product.name for product in page.products} | set(page.rejected)
            repeats = repeats + 1 if contents <= known else 0
            if repeats == _PATIENCE:
                tell(f"the service repeats itself after {len(known)} results; stopped there")
                return
            known |= contents
            number += 1
