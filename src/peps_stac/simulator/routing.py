"""What a route is: a name, an address, and who answers there."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from peps_stac.simulator.answers import Answer
from peps_stac.simulator.users import Account
from peps_stac.simulator.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One request, with its login already looked at."""

    method: str
    path: str
    """Decoded."""
    target: str
    """Path and query as sent."""
    params: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    account: Account | None
    """Of the Basic login."""
    key_owner: Account | None = None
    """Account of the key in `X-API-Key`."""
    is_unlisted: bool = False

    @property
    def has_key(self) -> bool:
        """Whether a key came with it, right or wrong."""
        return "x-api-key" in self.headers


Parts = Mapping[str, str]
RouteHandler = Callable[[World, Incoming, Parts], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """One address and what answers there."""

    name: str
    methods: tuple[str, ...]
    pattern: re.Pattern[str]
    handler: RouteHandler
    needs: str = "nothing"
    """`nothing`, `login`, or `wps`: a login that may use the WPS."""


def route(
    name: str, pattern: str, handler: RouteHandler, needs: str = "nothing", *methods: str
) -> Route:
    """A route; answers GET unless methods are named."""
    return Route(name, methods or ("GET",), re.compile(pattern), handler, needs)
