"""A clock that tests drive and that may run faster than the real one."""

import threading
import time
from datetime import datetime, timedelta

from peps_stac.clock import utc_now
from peps_stac.errors import RequestError


class SimulatedClock:
    """The time of day inside a simulator; safe to share between threads.

    An instance is a `peps_stac.clock.Clock`, and its `sleep` is a `peps_stac.clock.Sleep`, so
    a whole wait of hours can be driven without waiting.

    Args:
        start: Present instant at the beginning; the real time by default.
        speed: Simulated seconds a real second. 1 runs like any clock, 600 makes an hour take
            six seconds, 0 stands still between calls of `advance`.

    Raises:
        RequestError: A negative speed.
    """

    def __init__(self, start: datetime | None = None, speed: float = 1.0) -> None:
        self._lock = threading.Lock()
        self._speed = _checked(speed)
        self._anchor = start or utc_now()
        self._read_at = time.monotonic()

    def __call__(self) -> datetime:
        """The present instant, UTC."""
        with self._lock:
            return self._now()

    @property
    def speed(self) -> float:
        """Simulated seconds a real second; may be changed while the clock runs."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        checked = _checked(speed)
        with self._lock:
            self._set(self._now())
            self._speed = checked

    def advance(
        self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0
    ) -> datetime:
        """Jump forward and return the new present.

        Raises:
            RequestError: A jump back in time.
        """
        jump = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        if jump < timedelta():
            raise RequestError(f"simulated clock: cannot go back by {-jump}; give a positive jump")
        with self._lock:
            self._set(self._now() + jump)
            return self._anchor

    def sleep(self, seconds: float) -> None:
        """Jump forward instead of waiting."""
        self.advance(seconds=seconds)

    def _now(self) -> datetime:
        elapsed_s = time.monotonic() - self._read_at
        return self._anchor + timedelta(seconds=elapsed_s * self._speed)

    def _set(self, now: datetime) -> None:
        self._anchor = now
        self._read_at = time.monotonic()


def _checked(speed: float) -> float:
    if not speed >= 0:
        raise RequestError(f"simulated clock: speed {speed} is negative; give 0 or more")
    return speed
