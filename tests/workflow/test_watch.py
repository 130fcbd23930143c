"""Watching, against a simulator whose time passes only while somebody waits."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from builders_workflow import TOULOUSE, Bench, a_bench, november
from peps_stac.domain import JobStatus
from peps_stac.errors import AuthenticationError, ServiceError
from peps_stac.simulator import Action, Fault
from peps_stac.store import Catalog
from peps_stac.workflow import (
    TrackedOrder,
    download_as_they_finish,
    plan_series,
    refresh,
    submit,
    watch,
)
from peps_stac.workflow.pacing import LOST_AFTER
from peps_stac.workflow.patience import FAILURES_OF_AN_OUTAGE


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with a_bench(tmp_path / "catalog") as made:
        yield made


class Waits:
    """Lets the simulator's time pass, and does what is told for a moment of it."""

    def __init__(self, bench: Bench) -> None:
        self._clock = bench.peps.clock
        self._began = bench.peps.clock()
        self.plans: list[tuple[timedelta, Any]] = []
        self.seconds: list[float] = []

    def at(self, hours: float, action: Any) -> None:  # noqa: ANN401 -- whatever is to be done
        self.plans.append((timedelta(hours=hours), action))

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self._clock.sleep(seconds)
        due = [plan for plan in self.plans if self._clock() - self._began >= plan[0]]
        for plan in due:
            self.plans.remove(plan)
            plan[1]()


def watched(
    bench: Bench, waits: Waits | None = None, **options: float
) -> list[tuple[TrackedOrder, ...]]:
    looks = watch(
        bench.client,
        bench.catalog,
        now=bench.peps.clock,
        sleep=waits or bench.peps.clock.sleep,
        tell=bench.lines.append,
        **options,
    )
    return list(looks)


def outage(**facts: Any) -> Fault:  # noqa: ANN401 -- of a Fault
    return Fault(route="*", action=Action.STATUS, status=503, times=None, **facts)


def test_it_ends_by_itself_when_all_is_final(bench: Bench) -> None:
    bench.order()

    *before, last = watched(bench)

    assert any(entry.is_open for entry in before[-1])
    assert not any(entry.is_open for entry in last)
    assert bench.lines == []


def test_nothing_ordered_is_one_look_and_no_request(bench: Bench) -> None:
    assert watched(bench) == [()]
    assert len(bench.peps.requests) == 0


def test_waits_grow_while_a_job_only_runs(bench: Bench) -> None:
    bench.order(bench.search()[:1])
    waits = Waits(bench)

    watched(bench, waits, interval_s=60)

    assert max(waits.seconds) > 5 * min(waits.seconds)
    assert max(waits.seconds) <= 660
    assert len(waits.seconds) < 30


def test_the_time_limit_ends_it_with_a_last_look(bench: Bench) -> None:
    bench.order()
    began = bench.peps.clock()

    looks = watched(bench, timeout_s=1000)

    assert bench.peps.clock() - began == timedelta(seconds=1000)
    assert any(entry.is_open for entry in looks[-1])


def test_an_outage_of_hours_is_told_once_and_its_end_once(bench: Bench) -> None:
    bench.order()
    waits = Waits(bench)
    bench.peps.faults.add(outage())
    waits.at(5, bench.peps.faults.clear)

    watched(bench, waits)

    assert len(bench.lines) == 2, bench.lines
    assert bench.lines[0].startswith("the service cannot be asked (")
    assert bench.lines[1].startswith("the service answers again, after 5 h")
    assert not any(status.is_open for status in bench.statuses().values())


def test_a_service_that_is_out_is_not_asked_for_each_order(bench: Bench) -> None:
    """Five attempts of the session each, and three orders to be sure of an outage."""
    bench.order()
    assert len(bench.orders()) > FAILURES_OF_AN_OUTAGE
    bench.peps.requests.clear()
    bench.peps.faults.add(outage())

    watched(bench, timeout_s=1)

    attempts = bench.client.session.attempts
    assert len(bench.peps.requests) <= (FAILURES_OF_AN_OUTAGE + 1) * attempts


def test_the_trouble_of_one_order_is_no_outage_and_is_told_once(bench: Bench) -> None:
    first, *others = bench.order()
    assert others
    bench.peps.faults.add(outage(containing=str(first.order.id)))

    looks = watched(bench, timeout_s=1200)

    assert len(looks) > 3
    assert len(bench.lines) == 1, bench.lines
    assert bench.lines[0].startswith(f"order {first.order.id}: ")


def test_what_the_service_asks_to_wait_is_waited(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Milliseconds in its header; the session hands the seconds on when it has given up."""
    bench.order(bench.search()[:1])
    waits = Waits(bench)
    answered = bench.client.report
    troubles = [ServiceError("too many requests", arrived=False, retry_after_s=840)]

    def report(order: Any) -> Any:  # noqa: ANN401 -- as the client
        if troubles:
            raise troubles.pop()
        return answered(order)

    monkeypatch.setattr(bench.client, "report", report)
    watched(bench, waits)

    assert 840 <= waits.seconds[0] <= 924
    assert waits.seconds[1] < 100
    assert "too many requests" in bench.lines[0]


def test_planned_series_go_out_when_others_end(tmp_path: Path) -> None:
    scenes = november()
    with a_bench(tmp_path / "catalog", scenes) as bench:
        items = bench.search()
        plan = plan_series(bench.catalog, items, start=date(2017, 11, 1), end=date(2017, 11, 30))
        (whole,) = plan.planned
        halves = [replace(whole, items=part) for part in (whole.items[:3], whole.items[3:])]
        two = replace(plan, planned=tuple(halves))
        sent = submit(bench.client, bench.catalog, two, max_open=1, now=bench.peps.clock)
        assert [entry.is_planned for entry in sent].count(True) == 1

        watched(bench)

        assert len(bench.peps.jobs) == 2
        assert not any(entry.is_unfinished for entry in watched(bench)[-1])


def test_an_answer_lost_for_good_does_not_keep_it_waiting(bench: Bench) -> None:
    """The service lists no such job, and never will."""
    bench.peps.faults.add(
        Fault(route="execute", action=Action.DROP, after=True, unlisted=True, times=None)
    )
    bench.order(bench.search()[:1])
    began = bench.peps.clock()

    (entry,) = watched(bench)[-1]

    assert entry.order.is_unconfirmed
    assert bench.peps.clock() - began < 2 * LOST_AFTER


def test_a_refused_account_ends_it(bench: Bench) -> None:
    bench.order(bench.search()[:1])
    bench.peps.faults.add(
        Fault(route="*", action=Action.ERROR, status=401, message="Unauthorized", times=None)
    )

    with pytest.raises(AuthenticationError):
        watched(bench)


def test_downloading_as_they_finish_survives_an_outage_too(bench: Bench) -> None:
    bench.order()
    waits = Waits(bench)
    bench.peps.faults.add(outage())
    waits.at(3, bench.peps.faults.clear)
    seen: list[int] = []

    outcomes = list(
        download_as_they_finish(
            bench.client,
            bench.catalog,
            now=bench.peps.clock,
            sleep=waits,
            tell=bench.lines.append,
            report_orders=lambda entries: seen.append(len(entries)),
        )
    )

    assert len(bench.lines) == 2, bench.lines
    assert len({outcome.name for outcome in outcomes}) == len(outcomes) == len(bench.orders())
    assert set(bench.statuses().values()) <= {JobStatus.SUCCEEDED, JobStatus.FAILED}
    assert seen[0] == len(bench.orders())
    assert str(TOULOUSE) in outcomes[0].name


def test_two_who_watch_one_catalog_end_alike_and_send_nothing_twice(bench: Bench) -> None:
    items = bench.search()
    plan = plan_series(bench.catalog, items, start=date(2017, 11, 1), end=date(2017, 11, 30))
    (whole,) = plan.planned
    halves = [replace(whole, items=part) for part in (whole.items[:3], whole.items[3:])]
    two = replace(plan, planned=tuple(halves))
    list(submit(bench.client, bench.catalog, two, max_open=1, now=bench.peps.clock))
    clock = bench.peps.clock
    others = (
        watch(bench.client, Catalog(bench.catalog.root), now=clock, sleep=clock.sleep)
        for _ in range(2)
    )

    *_, (first, second) = zip_longest(*others)

    assert len(bench.peps.jobs) == 2
    last = first or second
    assert last is not None
    assert not any(entry.is_unfinished for entry in last)
    assert not any(entry.is_unfinished for entry in watched(bench)[-1])


def test_an_end_that_another_process_heard_of_is_the_last_thing_seen(bench: Bench) -> None:
    bench.order()
    clock = bench.peps.clock
    seen = watch(bench.client, bench.catalog, now=clock, sleep=clock.sleep)
    assert any(entry.is_open for entry in next(seen))
    bench.wait(hours=5)
    list(refresh(bench.client, Catalog(bench.catalog.root), now=clock))

    [last] = seen

    assert not any(entry.is_open for entry in last)
