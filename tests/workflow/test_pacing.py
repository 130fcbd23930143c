from datetime import UTC, datetime

import pytest

from peps_stac.errors import RequestError
from peps_stac.simulator import SimulatedClock
from peps_stac.workflow.pacing import Pacer


class Watch:
    """A clock that stands still but for the waits, which it notes."""

    def __init__(self) -> None:
        self.clock = SimulatedClock(datetime(2017, 12, 1, tzinfo=UTC), speed=0)
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(round(seconds, 3))
        self.clock.sleep(seconds)

    def pacer(
        self,
        interval_s: float = 60,
        longest_s: float | None = None,
        timeout_s: float | None = None,
        chance: float = 0,
    ) -> Pacer:
        return Pacer(interval_s, longest_s, timeout_s, self.clock, self.sleep, lambda: chance)


def test_waits_grow_while_nothing_changes_up_to_ten_times_the_first() -> None:
    watch = Watch()
    pacer = watch.pacer()

    for _ in range(10):
        assert pacer.wait(is_calm=True)

    assert watch.waits[:4] == [60, 90, 135, 202.5]
    assert watch.waits[-2:] == [600, 600]


def test_a_change_makes_the_wait_short_again() -> None:
    watch = Watch()
    pacer = watch.pacer()

    for is_calm in (False, True, True, False, True):
        pacer.wait(is_calm=is_calm)

    assert watch.waits == [60, 90, 135, 60, 90]


def test_a_wait_is_as_long_as_the_service_asks() -> None:
    watch = Watch()
    pacer = watch.pacer()

    pacer.wait(is_calm=False, at_least_s=180)
    pacer.wait(is_calm=False, at_least_s=5)

    assert watch.waits == [180, 60]


def test_chance_adds_up_to_a_tenth_and_never_takes_from_what_was_asked() -> None:
    watch = Watch()
    pacer = watch.pacer(chance=1)

    pacer.wait(is_calm=False)
    pacer.wait(is_calm=False, at_least_s=180)

    assert watch.waits == [66, 198]


def test_the_last_look_is_when_the_time_is_up() -> None:
    watch = Watch()
    pacer = watch.pacer(timeout_s=100)

    assert [pacer.wait(is_calm=False) for _ in range(4)] == [True, True, False, False]
    assert watch.waits == [60, 40]


def test_nobody_waits_for_a_look_that_would_be_too_late() -> None:
    watch = Watch()
    pacer = watch.pacer(timeout_s=100)

    assert not pacer.wait(is_calm=True, at_least_s=180)
    assert watch.waits == []


def test_the_longest_wait_may_be_said_and_is_never_below_the_interval() -> None:
    watch = Watch()
    short, long = watch.pacer(longest_s=70), watch.pacer(longest_s=10)

    for pacer in (short, short, long, long):
        pacer.wait(is_calm=True)

    assert watch.waits == [60, 70, 60, 60]


def test_a_wait_of_nothing_is_refused() -> None:
    with pytest.raises(RequestError, match="--interval: 0 s is no wait"):
        Watch().pacer(interval_s=0)
