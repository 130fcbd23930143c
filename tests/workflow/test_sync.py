"""Sync against the simulator: whole runs, runs that were stopped, and those after them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from builders import a_query, utc
from builders_workflow import TOULOUSE, Bench, a_bench
from peps_stac.domain import JobStatus, SearchQuery
from peps_stac.errors import AuthenticationError, RequestError
from peps_stac.simulator import Action, Fault, Scenario
from peps_stac.simulator.scenes import features
from peps_stac.stac.collections import L1C_COLLECTION, L2A_COLLECTION
from peps_stac.store import validate
from peps_stac.workflow import AssetChoice, Outcome, OutcomeState, SyncPlan, TrackedOrder, sync
from peps_stac.workflow.completeness import DateState
from peps_stac.workflow.sync import synced
from peps_stac.workflow.sync_plan import Action as Todo
from peps_stac.workflow.sync_plan import plan_sync

START = utc("2017-11-01T00:00:00")
OPEN = a_query(start=START, end=None, relative_orbit=51)
NOVEMBER = a_query(start=START, end=utc("2017-12-01T00:00:00"), relative_orbit=51)


def scenes(until: date = date(2017, 12, 31)) -> list[dict[str, Any]]:
    return list(features([TOULOUSE], date(2017, 8, 1), until))


@pytest.fixture
def bench(tmp_path: Path, products: Path) -> Iterator[Bench]:
    with a_bench(tmp_path / "catalog", scenes(), archives=products) as bench:
        yield bench


@pytest.fixture(scope="module")
def products(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the simulators have built, once for all tests."""
    return tmp_path_factory.mktemp("products")


@dataclass
class Run:
    """One call of sync, with the simulator's clock for a watch."""

    bench: Bench
    plans: list[SyncPlan] = field(default_factory=list)
    sent: list[TrackedOrder] = field(default_factory=list)

    def __call__(self, query: SearchQuery = NOVEMBER, **options: Any) -> list[Outcome]:  # noqa: ANN401 -- of sync
        return list(self.steps(query, **options))

    def steps(self, query: SearchQuery = NOVEMBER, **options: Any) -> Iterator[Outcome]:  # noqa: ANN401 -- of sync
        bench, clock = self.bench, self.bench.peps.clock
        given: dict[str, Any] = {
            "agree": self.note,
            "assets": bench.assets,
            "now": clock,
            "sleep": lambda seconds: clock.advance(minutes=seconds / 60),
            "tell": bench.lines.append,
            "report_sent": self.sent.append,
        }
        return sync(bench.client, bench.catalog, query, **{**given, **options})

    def note(self, plan: SyncPlan) -> bool:
        self.plans.append(plan)
        return True

    def states(self, query: SearchQuery = NOVEMBER) -> Counter[DateState]:
        dates = synced(self.bench.catalog, query, self.plans[-1]).dates
        return Counter(one.state for one in dates)


@pytest.fixture
def run(bench: Bench) -> Run:
    return Run(bench)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def jobs_by_input(bench: Bench) -> Counter[tuple[tuple[str, str], ...]]:
    return Counter(tuple(sorted(job.inputs.items())) for job in bench.peps.jobs)


def test_tiles_and_a_period_become_a_complete_catalog(run: Run) -> None:
    outcomes = run()

    states = Counter(one.state for one in outcomes)
    assert states == {OutcomeState.ADDED: 5, OutcomeState.TOO_CLOUDY: 1}
    assert run.states() == {DateState.DELIVERED: 5, DateState.TOO_CLOUDY: 1}
    assert len(run.sent) == len(run.bench.peps.jobs) == 6
    assert validate(run.bench.catalog, deep=True).findings == ()


def test_a_second_run_asks_nothing_but_the_search_and_changes_no_byte(run: Run) -> None:
    run()
    made = contents(run.bench.catalog.root)
    run.bench.peps.requests.clear()

    assert run() == []

    assert {request.route for request in run.bench.peps.requests} == {"search"}
    assert contents(run.bench.catalog.root) == made
    assert run.plans[-1].orders.planned == ()


def test_the_same_call_next_month_does_what_is_new_and_no_more(
    tmp_path: Path, products: Path
) -> None:
    root = tmp_path / "catalog"
    with a_bench(root, scenes(date(2017, 12, 1)), archives=products) as before:
        Run(before)(OPEN)
        known = set(before.catalog.ids(L2A_COLLECTION))
        old = contents(root / L2A_COLLECTION / "31TCJ" / "2017" / min(known))
    with a_bench(root, scenes(), archives=products) as after:
        run = Run(after)
        outcomes = run(OPEN)

        new = {item.id for one in run.plans[0].orders.planned for item in one.items}
        assert all(name[11:17] == "201712" for name in new)
        assert len(after.peps.jobs) == len(new) == 6
        assert {one.name for one in outcomes if one.state is OutcomeState.ADDED}.isdisjoint(known)
        assert len(after.peps.requests.of("result")) == run.states(OPEN)[DateState.DELIVERED] - 5
    assert old.items() <= contents(root).items()


def test_a_series_reaches_to_the_last_scene_found_and_the_next_begins_after_it(
    tmp_path: Path, products: Path
) -> None:
    root = tmp_path / "catalog"
    with a_bench(root, scenes(date(2017, 12, 1)), archives=products) as before:
        Run(before)(OPEN, series=True)
        [job] = before.peps.jobs
        assert job.inputs["completionDate"] == "2017-11-27"
    with a_bench(root, scenes(), archives=products) as after:
        run = Run(after)
        run(OPEN, series=True)

        [planned] = run.plans[0].orders.planned
        assert planned.kept
        assert (planned.kept.first, planned.kept.last) == (date(2017, 12, 2), date(2017, 12, 27))
        assert set(run.states(OPEN)) <= {DateState.DELIVERED, DateState.TOO_CLOUDY}
        assert len(after.peps.jobs) == 1


def test_series_beyond_the_limit_go_out_while_it_waits(bench: Bench, run: Run) -> None:
    earlier = a_query(start=START, end=utc("2017-11-08T00:00:00"), relative_orbit=51)
    query = a_query(start=utc("2017-11-18T00:00:00"), relative_orbit=51)

    run(earlier, series=True, timeout_s=1)
    run(query, series=True, max_open=1)

    assert [entry.is_planned for entry in run.sent] == [False, True]

    assert len(bench.peps.jobs) == 2
    assert max(jobs_by_input(bench).values()) == 1
    assert DateState.RUNNING not in run.states(query)


def test_stopped_at_any_outcome_it_goes_on_where_it_was(bench: Bench, run: Run) -> None:
    chance = Random(20171127)  # noqa: S311 -- repeatable
    for _ in range(4):
        steps = run.steps()
        for _ in range(chance.randrange(1, 3)):
            next(steps, None)
        del steps
    run()

    assert run.states() == {DateState.DELIVERED: 5, DateState.TOO_CLOUDY: 1}
    assert max(jobs_by_input(bench).values()) == 1
    assert len(bench.peps.requests.of("result")) == 5


def test_when_time_is_up_the_rest_is_for_the_next_call(bench: Bench, run: Run) -> None:
    started = bench.peps.clock()
    assert run(timeout_s=1800) == []
    assert (bench.peps.clock() - started).total_seconds() <= 1800
    assert run.states() == {DateState.RUNNING: 6}

    plan = plan_sync(bench.client, bench.catalog, NOVEMBER)
    assert plan.orders.planned == ()
    assert plan.orders.refused == ()
    assert {one.action for one in plan.awaited} == {Todo.WAIT}
    run()
    assert run.states()[DateState.DELIVERED] == 5


def test_a_plan_says_what_is_only_left_to_fetch(bench: Bench) -> None:
    items = bench.search(NOVEMBER)
    bench.order(items[:2])
    bench.wait()
    bench.peps.faults.add(Fault(route="result", action=Action.STATUS, status=500, times=None))
    bench.download()

    plan = plan_sync(bench.client, bench.catalog, NOVEMBER)

    assert [one.action for one in plan.awaited] == [Todo.FETCH] * 2
    each = [one.item_id for one in plan.awaited]
    each += [one.item_id for one in plan.orders.refused]
    each += [item.id for one in plan.orders.planned for item in one.items]
    assert sorted(each) == sorted(item.id for item in plan.found)


def test_a_plan_writes_nothing_and_needs_no_account(bench: Bench) -> None:
    plan = plan_sync(bench.client, bench.catalog, NOVEMBER)

    assert not bench.catalog.root.exists()
    assert plan.orders.products == 6
    assert not any(request.login_sent for request in bench.peps.requests)


def test_who_does_not_agree_changes_nothing(bench: Bench, run: Run) -> None:
    assert run(agree=lambda _: False) == []

    assert not bench.catalog.root.exists()
    assert len(bench.peps.jobs) == 0


def test_what_another_provider_has_is_not_ordered(run: Run) -> None:
    wanted: list[str] = []

    def elsewhere(items: Any) -> dict[str, str]:  # noqa: ANN401 -- L1C Items
        wanted.extend(item.id for item in items)
        return {items[0].id: "GEODES"}

    run(elsewhere=elsewhere)

    assert len(run.bench.peps.jobs) == 5
    assert run.states()[DateState.NOT_ORDERED] == 1
    assert "GEODES" in run.plans[0].orders.refused[0].reason


def test_one_order_for_a_scene_of_two_baselines(bench: Bench, run: Run) -> None:
    run()
    [first, *_] = run.plans[0].found
    again = first.clone()
    again.id = first.id.replace("_N0206_", "_N0500_")
    bench.catalog.put(again)

    run()

    assert len(bench.peps.jobs) == 6


def test_what_failed_is_not_ordered_again_by_itself(tmp_path: Path, products: Path) -> None:
    scenario = Scenario(unprocessed=frozenset({"2017-11-22"}))
    with a_bench(tmp_path / "catalog", scenes(), scenario, products) as bench:
        run = Run(bench)
        run(series=True)
        assert run.states()[DateState.UNPROCESSED] == 1

        run(series=True)
        run()

        assert len(bench.peps.jobs) == 1
        assert run.states()[DateState.UNPROCESSED] == 1


def test_a_lost_answer_is_found_in_the_services_list(bench: Bench, run: Run) -> None:
    bench.peps.faults.add(Fault(route="execute", action=Action.DROP, after=True))

    run()

    assert run.states() == {DateState.DELIVERED: 5, DateState.TOO_CLOUDY: 1}
    assert max(jobs_by_input(bench).values()) == 1


def test_an_outage_while_ordering_leaves_the_rest_for_later(bench: Bench, run: Run) -> None:
    """When a part went out, the rest is tried once more after it."""
    bench.peps.faults.add(Fault(route="execute", action=Action.ERROR, status=429, nth=3))
    run()
    assert run.states() == {DateState.DELIVERED: 5, DateState.TOO_CLOUDY: 1}
    assert max(jobs_by_input(bench).values()) == 1


def test_a_service_that_takes_no_orders_at_all_ends_it(bench: Bench, run: Run) -> None:
    bench.peps.faults.add(Fault(route="execute", action=Action.ERROR, status=429, times=None))

    assert run() == []

    assert run.states() == {DateState.NOT_ORDERED: 6}
    assert any("takes no orders now" in line for line in bench.lines)
    assert len(list(bench.catalog.ids(L1C_COLLECTION))) == 6


def test_a_refused_account_is_told_and_nothing_is_lost(bench: Bench, run: Run) -> None:
    bench.peps.change_password("another")

    with pytest.raises(AuthenticationError):
        run()

    assert set(bench.statuses().values()) <= {JobStatus.ORDERABLE}


@pytest.mark.parametrize(
    ("query", "options", "complaint"),
    [
        (a_query(tiles=(), point=(1.5, 43.5), start=START), {}, "sync needs a tile"),
        (a_query(start=None, end=START), {}, "a period with a start"),
        (NOVEMBER, {"interval_s": 0}, "no wait"),
        (NOVEMBER, {"max_open": 0}, "--max-open"),
        (NOVEMBER, {"assets": AssetChoice(include=("B99",))}, "B99"),
        (NOVEMBER, {"series": True, "lead_in_days": 999}, "lead-in of 999"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_sent(
    run: Run, query: SearchQuery, options: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(RequestError, match=complaint):
        run(query, **options)

    assert not run.bench.catalog.root.exists()
    assert len(run.bench.peps.jobs) == 0
