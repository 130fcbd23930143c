"""What the verbs that ask the service hand to their parts."""

from dataclasses import dataclass

from peps_stac.clock import Clock
from peps_stac.provider.interface import Processing, Service
from peps_stac.store import Catalog
from peps_stac.tell import Tell


@dataclass(frozen=True, slots=True)
class Context:
    """Whom to ask, where to write, what time it is, and who listens."""

    client: Processing
    catalog: Catalog
    now: Clock
    tell: Tell


@dataclass(frozen=True, slots=True)
class SearchingContext(Context):
    """The same with a client that finds scenes as well."""

    client: Service
