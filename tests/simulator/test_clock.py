"""The clock that tests drive."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from peps_stac.clock import utc_now
from peps_stac.errors import RequestError
from peps_stac.simulator import SimulatedClock

START = datetime(2020, 1, 1, tzinfo=UTC)


def test_a_still_clock_moves_by_jumps_alone() -> None:
    clock = SimulatedClock(START, speed=0)
    clock.advance(days=1, hours=2, minutes=3, seconds=4)

    assert clock() == START + timedelta(days=1, hours=2, minutes=3, seconds=4)


def test_a_wait_is_a_jump() -> None:
    clock = SimulatedClock(START, speed=0)
    clock.sleep(90)

    assert clock() == START + timedelta(seconds=90)


def test_a_fast_clock_makes_hours_of_seconds() -> None:
    clock = SimulatedClock(START, speed=36_000)
    time.sleep(0.05)

    assert timedelta(minutes=25) < clock() - START < timedelta(hours=12)


def test_a_change_of_speed_keeps_the_present() -> None:
    clock = SimulatedClock(START, speed=0)
    clock.advance(hours=1)
    clock.speed = 1
    clock.speed = 0

    assert timedelta(hours=1) <= clock() - START < timedelta(hours=1, seconds=5)
    assert clock.speed == 0


def test_it_begins_now_unless_told() -> None:
    assert abs(SimulatedClock()() - utc_now()) < timedelta(seconds=5)


def test_time_does_not_run_backwards() -> None:
    with pytest.raises(RequestError, match="cannot go back"):
        SimulatedClock(START).advance(seconds=-1)
    with pytest.raises(RequestError, match="negative"):
        SimulatedClock(START, speed=-1)
