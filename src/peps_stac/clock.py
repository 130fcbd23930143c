"""The time of day, read in one place.

Readers and writers take `now` as an argument; the verbs of `peps_stac.workflow` take a
`Clock`, so that tests and the simulator can drive it. Only its default stands here.
"""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Answers the present instant, timezone aware, UTC."""

Sleep = Callable[[float], None]
"""Waits for a number of seconds."""


def utc_now() -> datetime:
    """The present instant, UTC."""
    return datetime.now(UTC)  # noqa: TID251 -- the one place that reads the clock
