"""What a simulator was asked, for tests to look at."""

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

_KEPT = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it came in."""

    method: str
    path: str
    """Decoded, without the query."""
    params: Mapping[str, str]
    """Decoded query; of a parameter sent twice the last value, as PHP takes it."""
    headers: Mapping[str, str]
    """Names in lower case; neither `authorization` nor `x-api-key`."""
    login: str | None
    """Account of a login or key that was right."""
    login_sent: bool
    """Whether any login or key came with it, right or wrong."""
    route: str
    time: datetime
    """By the simulator's clock."""


class Journal:
    """The requests of a simulator, oldest first; safe to read while it runs.

    The last 20,000 are kept; `total` counts them all.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: deque[Request] = deque(maxlen=_KEPT)
        self.total = 0

    def add(self, request: Request) -> None:
        """Note one more."""
        with self._lock:
            self._requests.append(request)
            self.total += 1

    def of(self, route: str) -> tuple[Request, ...]:
        """Those of one route."""
        return tuple(request for request in self if request.route == route)

    def clear(self) -> None:
        """Forget them, so that a test may look at what follows."""
        with self._lock:
            self._requests.clear()
            self.total = 0

    def __iter__(self) -> Iterator[Request]:
        with self._lock:
            return iter(tuple(self._requests))

    def __len__(self) -> int:
        with self._lock:
            return len(self._requests)

    def __getitem__(self, index: int) -> Request:
        with self._lock:
            return self._requests[index]
