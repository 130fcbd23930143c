"""What the verbs that ask the service hand to their parts."""

from dataclasses import dataclass

from peps_stac.clock import Clock
from peps_stac.peps.client import PepsClient
from peps_stac.store import Catalog
from peps_stac.tell import Tell


@dataclass(frozen=True, slots=True)
class Context:
    """Whom to ask, where to write, what time it is, and who listens."""

    client: PepsClient
    catalog: Catalog
    now: Clock
    tell: Tell
