"""Series against the real protocol: windows, places, what waits, and what is kept."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from builders import a_query, utc
from builders_workflow import TOULOUSE, Bench, a_bench
from peps_stac.domain import Days, JobStatus, Reason
from peps_stac.errors import RequestError, ServiceError
from peps_stac.simulator import Action, Fault, Scenario
from peps_stac.simulator.scenes import features
from peps_stac.stac.collections import L2A_COLLECTION
from peps_stac.workflow import (
    OrderPlan,
    TrackedOrder,
    cancel,
    plan_orders,
    plan_series,
    refresh,
    send_planned,
    submit,
    tracked,
)
from peps_stac.workflow.order import MAX_OPEN
from peps_stac.workflow.watch import watch

START, END = date(2017, 1, 1), date(2018, 12, 31)
PERIOD = a_query(start=utc("2017-01-01T00:00:00"), end=utc("2018-12-31T23:59:59"))


@pytest.fixture(scope="module")
def two_years() -> list[dict[str, Any]]:
    return list(features([TOULOUSE], date(2016, 10, 1), date(2019, 1, 1)))


@pytest.fixture
def bench(tmp_path: Path, two_years: list[dict[str, Any]]) -> Iterator[Bench]:
    with a_bench(tmp_path / "catalog", two_years) as bench:
        yield bench


def a_plan(bench: Bench, **options: Any) -> OrderPlan:  # noqa: ANN401 -- of plan_series
    items = bench.search(PERIOD)
    return plan_series(bench.catalog, items, **{"start": START, "end": END, **options})


def send(bench: Bench, plan: OrderPlan, max_open: int = MAX_OPEN) -> list[TrackedOrder]:
    clock, tell = bench.peps.clock, bench.lines.append
    return list(submit(bench.client, bench.catalog, plan, max_open=max_open, now=clock, tell=tell))


def send_more(bench: Bench, max_open: int | None = None) -> list[TrackedOrder]:
    list(refresh(bench.client, bench.catalog, now=bench.peps.clock))
    return list(send_planned(bench.client, bench.catalog, max_open=max_open, now=bench.peps.clock))


def test_a_plan_is_one_job_for_each_window_of_each_tile(bench: Bench) -> None:
    plan = a_plan(bench)

    assert len(plan.planned) == 3
    for one in plan.planned:
        assert one.window
        assert one.window.ordered.first < one.window.kept.first
        days = [item.datetime.date() for item in one.items if item.datetime]
        assert all(day in one.window.kept for day in days)
    ids = [item.id for one in plan.planned for item in one.items]
    assert len(ids) == len(set(ids)) == plan.products


def test_the_plan_expects_dates_time_and_disk(bench: Bench) -> None:
    [first, *_] = a_plan(bench).planned
    expected = first.estimate

    assert first.window
    rate = len({item.datetime for item in first.items}) / first.window.kept.count
    assert expected.dates == round(rate * first.window.ordered.count)
    assert expected.duration.total_seconds() == 60 * (60 + 25 * expected.dates)
    assert expected.zip_gb == pytest.approx(1.2 * expected.kept_dates)
    assert expected.raw_gb == pytest.approx(3.8 * expected.kept_dates)
    assert expected.cog_gb == pytest.approx(2.2 * expected.kept_dates)


def test_series_beyond_the_limit_wait_in_the_catalog_and_are_not_open(bench: Bench) -> None:
    entries = send(bench, a_plan(bench), max_open=2)

    assert [entry.is_open for entry in entries] == [True, True, False]
    assert bench.sent("execute") == 2
    [waiting] = [entry for entry in tracked(bench.catalog) if entry.is_planned]
    assert waiting.order.status is JobStatus.ORDERABLE
    assert waiting.order.attempt == 0
    assert waiting.is_unfinished
    assert not waiting.is_open
    plan = a_plan(bench)
    assert plan.planned == ()
    assert any("planned already" in one.reason for one in plan.refused)


def test_they_go_out_as_others_end_oldest_first_and_no_more_than_asked_for(bench: Bench) -> None:
    send(bench, a_plan(bench), max_open=1)
    assert send_more(bench) == []

    bench.peps.jobs.finish()
    [second] = send_more(bench)
    assert send_more(bench) == []
    assert second.is_open
    assert second.order.attempt == 1
    kept = [entry.order.kept for entry in tracked(bench.catalog)]
    assert second.order.kept == kept[1]
    bench.peps.jobs.finish()
    assert len(send_more(bench)) == 1
    assert len(bench.peps.jobs) == 3
    assert not any(entry.is_planned for entry in tracked(bench.catalog))


def test_the_limit_can_be_raised_later(bench: Bench) -> None:
    send(bench, a_plan(bench), max_open=1)

    assert len(send_more(bench, max_open=5)) == 2


def test_products_do_not_count_among_the_open_series(bench: Bench) -> None:
    items = bench.search(PERIOD)
    bench.order(items[:4])

    assert len([e for e in send(bench, a_plan(bench), max_open=2) if e.is_open]) == 2


def test_no_place_for_any_series_is_refused(bench: Bench) -> None:
    with pytest.raises(RequestError, match="--max-open"):
        send(bench, a_plan(bench), max_open=0)


def test_an_outage_while_sending_leaves_every_series_planned(bench: Bench) -> None:
    plan = a_plan(bench)
    bench.peps.faults.add(Fault(route="execute", action=Action.ERROR, status=429))
    with pytest.raises(ServiceError):
        send(bench, plan)

    assert [entry.is_planned for entry in tracked(bench.catalog)] == [True] * 3
    assert len(send_more(bench)) == 3
    assert len(bench.peps.jobs) == 3


def test_a_lost_answer_takes_a_place_and_is_not_sent_again(bench: Bench) -> None:
    bench.peps.faults.add(
        Fault(route="execute", action=Action.STATUS, status=500, after=True, unlisted=True)
    )
    entries = send(bench, a_plan(bench), max_open=1)

    assert entries[0].order.is_unconfirmed
    assert send_more(bench) == []
    assert bench.sent("execute") == 1


def test_watching_sends_what_waits_until_all_is_finished(bench: Bench) -> None:
    send(bench, a_plan(bench), max_open=1)

    def sleep(_: float) -> None:
        bench.peps.jobs.finish()

    rounds = list(watch(bench.client, bench.catalog, now=bench.peps.clock, sleep=sleep))

    assert bench.sent("execute") == 3
    assert not any(entry.is_unfinished for entry in rounds[-1])


def test_a_planned_series_can_be_canceled_without_the_service(bench: Bench) -> None:
    send(bench, a_plan(bench), max_open=1)
    waiting = [entry for entry in tracked(bench.catalog) if entry.is_planned]
    before = bench.peps.requests.total
    list(cancel(bench.client, bench.catalog, [waiting[0].item_ids[0]], now=bench.peps.clock))

    assert bench.peps.requests.total == before
    entry = next(e for e in tracked(bench.catalog) if e.item_ids == waiting[0].item_ids)
    assert entry.order.status is JobStatus.CANCELED
    assert not entry.is_planned


def test_a_window_partly_done_is_cut_to_the_rest(bench: Bench) -> None:
    items = [
        item for item in bench.search(PERIOD) if (item.properties.get("eo:cloud_cover") or 0) < 50
    ]
    late = sorted(items, key=lambda item: str(item.datetime))[-3:]
    done = [item for item in items if item not in late]
    bench.order(done)

    plan = plan_series(bench.catalog, items, start=START, end=END)

    [one] = plan.planned
    days = sorted(item.datetime.date() for item in late if item.datetime)
    assert one.kept == Days(days[0], days[-1])
    assert {item.id for item in one.items} == {item.id for item in late}


def test_only_the_kept_days_of_a_series_are_fetched(tmp_path: Path) -> None:
    scenes = list(features([TOULOUSE], date(2017, 10, 20), date(2017, 12, 1)))
    with a_bench(tmp_path / "catalog", scenes) as bench:
        items = bench.search(a_query(start=utc("2017-11-20T00:00:00")))
        plan = plan_series(bench.catalog, items, start=date(2017, 11, 20), end=date(2017, 11, 30))
        send(bench, plan)
        bench.wait(hours=48)
        bench.download()

        ids = list(bench.catalog.ids(L2A_COLLECTION))
        assert ids
        assert all("20171120" <= name.split("_")[1][:8] <= "20171130" for name in ids)
        assert len(bench.peps.jobs[0].scenes) > len(items)


def test_before_april_2016_there_is_nothing_and_the_plan_says_so(bench: Bench) -> None:
    plan = plan_series(bench.catalog, bench.search(PERIOD), start=date(2015, 7, 1), end=END)

    assert plan.planned[0].kept
    assert "nothing before 2016-04-01" in plan.warnings[0]
    with pytest.raises(RequestError, match="2016-04-01"):
        plan_series(bench.catalog, [], start=date(2015, 7, 1), end=date(2015, 12, 31))


def test_the_single_product_way_warns_when_a_series_would_be_cheaper(bench: Bench) -> None:
    items = bench.search(PERIOD)

    [warning] = plan_orders(bench.catalog, items).warnings
    assert "8 for each" in warning
    assert "order --series -t 31TCJ" in warning
    assert plan_orders(bench.catalog, items[:1]).warnings == ()


def test_what_another_provider_has_is_not_ordered_and_the_plan_says_where(bench: Bench) -> None:
    items = bench.search(PERIOD)[:3]
    asked: list[int] = []

    def elsewhere(wanted: Any) -> dict[str, str]:  # noqa: ANN401 -- L1C Items
        asked.append(len(wanted))
        return {items[0].id: "GEODES (SENTINEL2A_20171127-105827-648_L2A_T31TCJ_C_V1-0)"}

    plan = plan_orders(bench.catalog, items, elsewhere=elsewhere)
    assert asked == [3]
    assert plan.products == 2
    [refused] = plan.refused
    assert refused.item_id == items[0].id
    assert "finished already at GEODES" in refused.reason
    assert plan_orders(bench.catalog, items, again=True, elsewhere=elsewhere).products == 3
    series = plan_series(bench.catalog, items, start=START, end=END, elsewhere=elsewhere)
    assert series.products == 2


def test_what_is_known_is_refused_with_its_reason(bench: Bench) -> None:
    cloudy = [i for i in bench.search(PERIOD) if (i.properties.get("eo:cloud_cover") or 0) > 90][:1]
    clear = [i for i in bench.search(PERIOD) if (i.properties.get("eo:cloud_cover") or 0) < 50][:2]
    bench.order([*cloudy, clear[0]])
    bench.wait()
    bench.download()
    bench.order([clear[1]])

    plan = plan_orders(bench.catalog, [*cloudy, *clear])
    reasons = {one.item_id: one.reason for one in plan.refused}
    assert "too cloudy" in reasons[cloudy[0].id]
    assert "already in the catalog as SENTINEL2" in reasons[clear[0].id]
    assert "already ordered: ordered" in reasons[clear[1].id]
    assert plan.planned == ()


def test_a_hole_says_that_retry_mends_it(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        items = bench.search()
        item = items[3]
        bench.peps.scenario = Scenario(unprocessed=frozenset({item.id}))
        send(bench, plan_series(bench.catalog, items, start=date(2017, 11, 1), end=END))
        bench.peps.jobs.finish()
        list(refresh(bench.client, bench.catalog, now=bench.peps.clock))

        assert bench.orders()[item.id].reason is Reason.UNPROCESSED
        [refused] = plan_orders(bench.catalog, [item]).refused
        assert "failed (unprocessed); retry or --again" in refused.reason
