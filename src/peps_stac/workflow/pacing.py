"""When to look at the orders again, until there is nothing left to wait for.

A look costs the service one request for each open order, and a job takes hours. So the waits
grow while nothing changes, and are short again as soon as something does.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import SystemRandom

from peps_stac.clock import Clock, Sleep
from peps_stac.errors import RequestError
from peps_stac.store import Catalog
from peps_stac.workflow.patience import PatientClient
from peps_stac.workflow.tracking import TrackedOrder, tracked

GROWTH = 1.5
"""Of the wait, each time that nothing changed."""

LONGEST_BY_INTERVAL = 10
"""The longest wait, in first waits, unless the person says otherwise: 10 minutes for 60 s."""

JITTER = 0.1
"""Part of a wait that is left to chance, so that many clients do not come back together."""

LOST_AFTER = timedelta(minutes=10)
"""A job whose answer was lost is in the service's list by then, or never will be: the proxy in
front of PEPS gives up after a minute."""


@dataclass(slots=True)
class Pacer:
    """Waits between two looks, as long as the time allows."""

    interval_s: float
    """The first wait, and that after a change."""
    longest_s: float | None
    """What a wait grows to; None: ten times the first."""
    timeout_s: float | None
    """From now, all looks and waits together; None: no limit."""
    now: Clock
    sleep: Sleep
    chance: Callable[[], float] = SystemRandom().random
    """0 to 1."""
    _wait_s: float = field(init=False)
    _end: datetime | None = field(init=False)
    _is_over: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        if self.interval_s <= 0:
            raise RequestError(f"--interval: {self.interval_s:g} s is no wait; give more than 0")
        self._wait_s = 0.0
        limit = self.timeout_s
        self._end = None if limit is None else self.now() + timedelta(seconds=limit)

    def wait(self, *, is_calm: bool, at_least_s: float | None = None) -> bool:
        """Wait for the next look; False, at once, when there is no time for one.

        The last look is when the time is up.

        Args:
            is_calm: Whether nothing changed since the last look.
            at_least_s: What the service asked for.
        """
        longest_s = self.longest_s or LONGEST_BY_INTERVAL * self.interval_s
        grown_s = min(self._wait_s * GROWTH, longest_s) if is_calm else 0
        self._wait_s = max(grown_s, self.interval_s)
        asked_s = at_least_s or 0
        chosen_s = max(self._wait_s, asked_s) * (1 + JITTER * self.chance())
        if self._end is None:
            self.sleep(chosen_s)
            return True
        left_s = (self._end - self.now()).total_seconds()
        if self._is_over or left_s <= asked_s:
            return False
        self._is_over = chosen_s >= left_s
        self.sleep(min(chosen_s, left_s))
        return True


def looks(catalog: Catalog, client: PatientClient, pacer: Pacer) -> Iterator[None]:
    """One step for each look to be taken, until nothing is awaited or the time is up.

    Ends also when all that is left are orders whose answers were lost and that the service does
    not list: no look will find them.
    """
    before = _standing(tracked(catalog))
    while True:
        yield
        entries = tracked(catalog)
        standing = _standing(entries)
        is_calm, before = standing == before, standing
        may_be_sent = any(entry.is_planned for entry in entries)
        is_moving = not is_calm or client.is_out
        if not any(is_awaited(one, pacer.now()) for one in entries) and not (
            may_be_sent and is_moving
        ):
            return
        if not pacer.wait(is_calm=is_calm, at_least_s=client.retry_after_s):
            return


def is_awaited(entry: TrackedOrder, now: datetime) -> bool:
    """Whether the service may still have something to say of an order."""
    sent = entry.order.date
    if entry.order.is_unconfirmed and sent is not None:
        return now - sent < LOST_AFTER
    return entry.is_open


def _standing(entries: Collection[TrackedOrder]) -> dict[tuple[str, str], object]:
    """What counts as a change: a state, of ours or in the service's word, but no percentage."""
    return {
        (entry.key, item_id): (order.status, order.reason, order.job_status)
        for entry in entries
        for item_id, order in entry.orders.items()
    }
