"""Retry: what is worth it and nothing else, counted and limited."""

from datetime import date
from pathlib import Path

import pystac
import pytest

from builders import a_query, utc
from builders_workflow import TOULOUSE, Bench, a_bench
from peps_stac.domain import JobStatus, MajaRequest, Process, Reason
from peps_stac.errors import RequestError, ServiceError
from peps_stac.simulator import Action, Fault, Scenario, Script
from peps_stac.simulator.scenes import features
from peps_stac.workflow import (
    OrderPlan,
    Repairable,
    plan_retry,
    plan_series,
    refresh,
    submit,
    tracked,
)

FAILED = Script(words=((0.0, "FAILED"),))


def send(bench: Bench, plan: OrderPlan) -> None:
    list(submit(bench.client, bench.catalog, plan, now=bench.peps.clock))


def look(bench: Bench) -> None:
    list(refresh(bench.client, bench.catalog, now=bench.peps.clock))


def clear(bench: Bench) -> list[pystac.Item]:
    return [i for i in bench.search() if (i.properties.get("eo:cloud_cover") or 0) < 50]


def test_each_state_is_taken_or_refused_with_its_reason(tmp_path: Path) -> None:
    """The n-th job that is submitted has the n-th script."""
    scripts: dict[int | str, Script] = {
        1: FAILED,
        2: Script(words=((0.0, "CANCELED"),)),
        3: Script(words=((0.0, "RUNNING"),)),
    }
    with a_bench(tmp_path / "catalog", scenario=Scenario(scripts=scripts)) as bench:
        failed, canceled, running, done, never = clear(bench)[:5]
        cloudy = next(i for i in bench.search() if (i.properties.get("eo:cloud_cover") or 0) > 90)
        for item in (failed, canceled, running, done, cloudy):
            bench.order([item])
        bench.wait()
        bench.download()

        names = [item.id for item in (failed, canceled, running, done, cloudy)]
        plan = plan_retry(bench.catalog, names)

        assert [one.items[0].id for one in plan.planned] == [failed.id, canceled.id]
        reasons = {one.item_id: one.reason for one in plan.refused}
        assert reasons[running.id] == "still shipping"
        assert "already in the catalog" in reasons[done.id]
        assert "too cloudy" in reasons[cloudy.id]
        with pytest.raises(RequestError, match="no such order"):
            plan_retry(bench.catalog, [never.id])


def test_by_state_only_what_stands_there_is_taken(tmp_path: Path) -> None:
    scripts: dict[int | str, Script] = {1: FAILED, 2: Script(words=((0.0, "CANCELED"),))}
    with a_bench(tmp_path / "catalog", scenario=Scenario(scripts=scripts)) as bench:
        failed, canceled, other = clear(bench)[:3]
        for item in (failed, canceled, other):
            bench.order([item])
        bench.wait(hours=0.5)
        look(bench)

        def ids(*states: Repairable) -> list[str]:
            plan = plan_retry(bench.catalog, states=states)
            assert plan.refused == ()
            return [one.items[0].id for one in plan.planned]

        assert ids(Repairable.FAILED) == [failed.id]
        assert ids(Repairable.CANCELED) == [canceled.id]
        assert ids(Repairable.EXPIRED) == []
        assert sorted(ids(*Repairable)) == sorted([failed.id, canceled.id])


def test_attempts_are_counted_and_limited(tmp_path: Path) -> None:
    with a_bench(
        tmp_path / "catalog", scenario=Scenario(scripts=dict.fromkeys(range(1, 9), FAILED))
    ) as bench:
        item = clear(bench)[0]
        bench.order([item])
        for attempt in (1, 2, 3):
            bench.wait(hours=0.1)
            look(bench)
            assert bench.orders()[item.id].attempt == attempt
            plan = plan_retry(bench.catalog, states=[Repairable.FAILED])
            send(bench, plan)

        assert plan.planned == ()
        assert plan.refused[0].reason.startswith("ordered 3 times already; --max-attempts 4")
        assert plan_retry(bench.catalog, [item.id], max_attempts=4).products == 1
        assert len(bench.peps.jobs) == 3


def test_a_request_that_never_arrived_is_retried_and_does_not_count(tmp_path: Path) -> None:
    quota = Fault(route="execute", action=Action.ERROR, status=429, times=4)
    with a_bench(tmp_path / "catalog", scenario=Scenario(faults=(quota,))) as bench:
        item = clear(bench)[0]
        for _ in range(4):
            with pytest.raises(ServiceError):
                bench.order([item])

        send(bench, plan_retry(bench.catalog, states=[Repairable.ORDERABLE]))
        assert bench.orders()[item.id].attempt == 5
        assert len(bench.peps.jobs) == 1


def test_an_unconfirmed_order_is_never_repeated_by_retry(tmp_path: Path) -> None:
    lost = Fault(route="execute", action=Action.STATUS, after=True, unlisted=True)
    with a_bench(tmp_path / "catalog", scenario=Scenario(faults=(lost,))) as bench:
        item = clear(bench)[0]
        bench.order([item])
        plan = plan_retry(bench.catalog, [item.id])

        assert plan.planned == ()
        assert "--again" in plan.refused[0].reason


def test_what_was_canceled_for_lack_of_elevation_is_not_worth_it(tmp_path: Path) -> None:
    with a_bench(
        tmp_path / "catalog", scenario=Scenario(scripts={1: Script(words=((0.0, "CANCELED"),))})
    ) as bench:
        item = clear(bench)[0]
        bench.order([item])
        look(bench)
        stored = bench.catalog.get(item.id)
        assert stored
        stored.bbox = [20.0, 60.1, 22.0, 61.0]
        bench.catalog.put(stored)

        [refused] = plan_retry(bench.catalog, [item.id]).refused
        assert "no elevation" in refused.reason


def a_series(bench: Bench) -> list[pystac.Item]:
    items = bench.search()
    plan = plan_series(bench.catalog, items, start=date(2017, 11, 1), end=date(2017, 11, 30))
    send(bench, plan)
    return items


def test_a_series_of_which_nothing_came_is_repeated_as_it_was(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog", scenario=Scenario(scripts={1: FAILED})) as bench:
        a_series(bench)
        bench.wait(hours=0.1)
        look(bench)
        [entry] = tracked(bench.catalog)

        plan = plan_retry(bench.catalog, [str(entry.order.id)[:8]])
        [one] = plan.planned
        assert one.request.inputs == entry.order.inputs
        assert one.kept == entry.order.kept
        assert len(one.items) == len(entry.orders)
        send(bench, plan)
        [again] = tracked(bench.catalog)
        assert again.is_open
        assert {order.attempt for order in again.orders.values()} == {2}


def test_one_hole_in_a_series_is_ordered_alone(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        lost = clear(bench)[1].id
        bench.peps.scenario = Scenario(unprocessed=frozenset({lost}))
        a_series(bench)
        bench.peps.jobs.finish()
        look(bench)

        [one] = plan_retry(bench.catalog, states=[Repairable.UNPROCESSED]).planned
        assert one.request == MajaRequest(lost)


def test_many_holes_are_ordered_as_a_series_where_that_computes_less(tmp_path: Path) -> None:
    scenes = list(features([TOULOUSE], date(2018, 1, 1), date(2018, 7, 1)))
    with a_bench(tmp_path / "catalog", scenes) as bench:
        query = a_query(start=utc("2018-01-01T00:00:00"), end=utc("2018-06-30T23:59:59"))
        items = bench.search(query)
        lost = [i for i in items if (i.properties.get("eo:cloud_cover") or 0) < 50]
        lost = sorted(lost, key=lambda item: str(item.datetime))[2:10]
        bench.peps.scenario = Scenario(unprocessed=frozenset(item.id for item in lost))
        send(
            bench, plan_series(bench.catalog, items, start=date(2018, 1, 1), end=date(2018, 6, 30))
        )
        bench.peps.jobs.finish()
        look(bench)

        plan = plan_retry(bench.catalog, states=[Repairable.FAILED])
        [one] = plan.planned
        assert one.request.process is Process.FULL_MAJA
        assert {item.id for item in one.items} == {item.id for item in lost}
        send(bench, plan)
        bench.peps.scenario = Scenario()
        bench.peps.jobs.finish()
        look(bench)
        after = bench.statuses()
        assert {after[item.id] for item in lost} == {JobStatus.SUCCEEDED}


def test_an_expired_product_is_ordered_anew_and_delivered(tmp_path: Path) -> None:
    gone = Fault(route="result", action=Action.ERROR, status=410)
    with a_bench(tmp_path / "catalog", scenario=Scenario(faults=(gone,))) as bench:
        item = clear(bench)[0]
        bench.order([item])
        bench.wait()
        bench.download()
        assert bench.orders()[item.id].reason is Reason.EXPIRED

        send(bench, plan_retry(bench.catalog, states=[Repairable.EXPIRED]))
        bench.wait()
        [outcome] = bench.download()

        assert outcome.state == "added"
        order = bench.orders()[item.id]
        assert (order.status, order.reason, order.attempt) == ("succeeded", None, 2)
