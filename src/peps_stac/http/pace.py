"""How fast a service is asked: one pace for all threads of a session.

When the service asks one of them to wait, all wait.
"""

import logging
import re
import time
from collections.abc import Callable
from secrets import SystemRandom
from threading import Lock

from peps_stac.clock import Sleep
from peps_stac.errors import RequestError
from peps_stac.http.answers import CHUNK_BYTES

_UNITS = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9}
_RATE = re.compile(r"(\d+(?:\.\d+)?)\s*([kKMG]?)(?:B?(?:/s)?)", re.ASCII)
_SLOWEST = 1000.0
_SAVED_S = 0.1
"""What a thread that slept too long may catch up."""
_PIECES_A_SECOND = 8
_SPREAD_S = (0.05, 0.9)
"""So that those who waited do not all come back in the same instant: at least, and more."""
_WORTH_TELLING_S = 10.0

logger = logging.getLogger("peps_stac.http")


def read_rate(text: str) -> float:
    """Bytes per second of `500k`, `2.5M`, `10 MB/s`: decimal units.

    Raises:
        RequestError: No rate, or one below 1 kB/s.
    """
    match = _RATE.fullmatch(text.strip())
    rate = float(match[1]) * _UNITS[match[2].replace("K", "k")] if match else 0.0
    if rate < _SLOWEST:
        raise RequestError(f"{text!r} is no rate; write bytes per second, at least 1k, as 2.5M")
    return rate


class Pace:
    """When the next request may leave, and the next bytes be read; safe to share."""

    def __init__(
        self,
        max_bytes_per_s: float | None,
        sleep: Sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepares; None is as fast as it goes."""
        if max_bytes_per_s is not None and not max_bytes_per_s >= _SLOWEST:
            raise RequestError(f"{max_bytes_per_s} bytes/s is no rate; give at least {_SLOWEST:g}")
        self._rate = max_bytes_per_s
        self._sleep = sleep
        self._clock = clock
        self._random = SystemRandom()
        self._lock = Lock()
        self._free_at = clock()
        self._held_until = 0.0

    @property
    def piece_bytes(self) -> int:
        """What to read at most at once, so that a slow line is even."""
        if self._rate is None:
            return CHUNK_BYTES
        return max(1, min(CHUNK_BYTES, int(self._rate / _PIECES_A_SECOND)))

    def take(self, count: int) -> None:
        """Waits until so many bytes more are within the rate."""
        if self._rate is None:
            return
        with self._lock:
            now = self._clock()
            self._free_at = max(self._free_at, now - _SAVED_S) + count / self._rate
            seconds = self._free_at - now
        if seconds > 0:
            self._sleep(seconds)

    def hold(self, seconds: float) -> None:
        """Lets nobody ask for some time."""
        with self._lock:
            self._held_until = max(self._held_until, self._clock() + seconds)

    def wait_turn(self) -> None:
        """Waits while nobody shall ask."""
        with self._lock:
            until = self._held_until
            seconds = until - self._clock()
        if seconds <= 0:
            return
        least, more = _SPREAD_S
        seconds += least + more * self._random.random()
        is_long = seconds >= _WORTH_TELLING_S
        logger.log(
            logging.WARNING if is_long else logging.INFO,
            "the service asks to wait: going on in %.0f s",
            seconds,
        )
        self._sleep(seconds)
        with self._lock:
            if self._held_until == until:
                self._held_until = 0.0
