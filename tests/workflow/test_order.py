"""Orders against the real protocol: what is on disk at every moment of a submission."""

from datetime import date
from pathlib import Path

import pystac
import pytest

from builders import a_query
from builders_workflow import Bench, a_bench
from peps_stac.domain import JobStatus, Order, Process, ProcessRequest, Reason, Submitted
from peps_stac.errors import AuthenticationError, ServiceError
from peps_stac.http.session import Session
from peps_stac.peps.client import PepsClient
from peps_stac.simulator import Action, Fault, Scenario, Script
from peps_stac.workflow import plan_orders, plan_series, refresh, search, submit, tracked


def test_an_order_is_on_its_item_with_id_and_attempt(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        [entry, *_] = bench.order()

        order = bench.orders()[entry.item_ids[0]]
        assert (order.status, order.attempt) == (JobStatus.ORDERED, 1)
        assert order.id in {job.id for job in bench.peps.jobs}
        assert order.inputs == {"product": entry.item_ids[0]}
        assert order.message is None


def test_the_intent_is_on_disk_before_the_request_leaves(tmp_path: Path) -> None:
    """Seen from the server's side: at the moment of Execute the Item already says so."""
    seen: list[Order] = []

    class Watching(PepsClient):
        def submit(self, request: ProcessRequest, *, submission: str) -> Submitted:
            seen.extend(order for order in bench.orders().values() if order.is_unconfirmed)
            assert seen[-1].submission == submission
            return super().submit(request, submission=submission)

    with a_bench(tmp_path / "catalog") as bench:
        item = bench.search()[0]
        client = Watching(bench.client.session)
        plan = plan_orders(bench.catalog, [item])
        list(submit(client, bench.catalog, plan, now=bench.peps.clock))

        assert len(seen) == 1
        assert bench.orders()[item.id].submission == seen[0].submission


def test_nothing_is_ordered_twice(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        items = bench.search()
        bench.order(items)
        before = bench.sent("execute")

        plan = plan_orders(bench.catalog, bench.search())

        assert plan.planned == ()
        assert len(plan.refused) == len(items)
        assert "already ordered" in plan.refused[0].reason
        assert list(submit(bench.client, bench.catalog, plan)) == []
        assert bench.sent("execute") == before


def test_again_orders_once_more_and_counts(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        item = bench.search()[0]
        bench.order([item])
        bench.order([item], again=True)

        order = bench.orders()[item.id]
        assert order.attempt == 2
        assert [event.status for event in order.history].count(JobStatus.ORDERED) == 4
        assert len(bench.peps.jobs) == 2


def test_an_order_made_since_the_plan_is_not_doubled(tmp_path: Path) -> None:
    """Two people at once: the plan of the second was made before the first one sent."""
    with a_bench(tmp_path / "catalog") as bench:
        item = bench.search()[0]
        plan = plan_orders(bench.catalog, [item])
        list(submit(bench.client, bench.catalog, plan))

        assert list(submit(bench.client, bench.catalog, plan, tell=bench.lines.append)) == []
        assert len(bench.peps.jobs) == 1
        assert "someone else" in bench.lines[-1]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(route="execute", action=Action.DROP, after=True),
        Fault(route="execute", action=Action.STATUS, status=500, after=True),
        Fault(route="execute", action=Action.HTML, after=True),
    ],
    ids=["connection lost", "status 500", "web page"],
)
def test_a_lost_answer_leaves_the_order_unconfirmed_and_is_not_repeated(
    tmp_path: Path, fault: Fault
) -> None:
    with a_bench(tmp_path / "catalog", scenario=Scenario(faults=(fault,))) as bench:
        item = bench.search()[0]
        [entry] = bench.order([item])

        assert entry.order.is_unconfirmed
        assert "unconfirmed" in bench.lines[-1]
        assert plan_orders(bench.catalog, [item]).planned == ()
        assert len(bench.peps.jobs) == 1


def test_an_unconfirmed_order_is_found_in_the_services_list(tmp_path: Path) -> None:
    lost = Fault(route="execute", action=Action.DROP, after=True)
    with a_bench(tmp_path / "catalog", scenario=Scenario(faults=(lost,))) as bench:
        item = bench.search()[0]
        bench.order([item])

        list(refresh(bench.client, bench.catalog, now=bench.peps.clock))

        assert bench.orders()[item.id].id == bench.peps.jobs[0].id


def test_an_order_in_no_list_stays_unconfirmed(tmp_path: Path) -> None:
    """A proxy that gave up can leave a running job in no list: absence proves nothing."""
    lost = Fault(route="execute", action=Action.STATUS, after=True, unlisted=True)
    with a_bench(tmp_path / "catalog", scenario=Scenario(faults=(lost,))) as bench:
        item = bench.search()[0]
        bench.order([item])
        list(refresh(bench.client, bench.catalog, now=bench.peps.clock))

        assert bench.orders()[item.id].is_unconfirmed
        assert bench.sent("execute") == 1


def test_a_request_that_never_arrived_leaves_the_scene_orderable(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        item = bench.search()[0]
        bench.peps.close()

        with pytest.raises(ServiceError):
            bench.order([item])

        order = bench.orders()[item.id]
        assert order.is_withdrawn
        assert order.id is None
        assert not order.status.is_open
        assert plan_orders(bench.catalog, [item]).products == 1


def test_an_order_that_never_arrived_keeps_its_attempts_and_its_history(tmp_path: Path) -> None:
    quota = Fault(route="execute", action=Action.ERROR, status=429, times=2)
    with a_bench(tmp_path / "catalog", scenario=Scenario(faults=(quota,))) as bench:
        item = bench.search()[0]
        for _ in range(2):
            with pytest.raises(ServiceError):
                bench.order([item])

        withdrawn = bench.orders()[item.id]
        assert (withdrawn.attempt, withdrawn.status) == (2, JobStatus.ORDERABLE)
        [entry] = bench.order([item])
        assert entry.order.attempt == 3
        assert [(event.status, event.source) for event in entry.order.history] == [
            ("ordered", "user"),
            ("orderable", "execute"),
            ("ordered", "user"),
            ("orderable", "execute"),
            ("ordered", "user"),
            ("ordered", "execute"),
        ]
        assert len(bench.peps.jobs) == 1


def test_each_order_that_never_arrived_is_one_of_its_own(tmp_path: Path) -> None:
    quota = Fault(route="execute", action=Action.ERROR, status=429, times=2)
    with a_bench(tmp_path / "catalog", scenario=Scenario(faults=(quota,))) as bench:
        for item in bench.search()[:2]:
            with pytest.raises(ServiceError):
                bench.order([item])

        first, second = tracked(bench.catalog)
        assert first.key != second.key
        assert not first.is_unfinished


def test_a_wrong_password_orders_nothing(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        item = bench.search()[0]
        with Session(bench.peps.url) as session:
            plan = plan_orders(bench.catalog, [item])
            with pytest.raises(AuthenticationError):
                list(submit(PepsClient(session), bench.catalog, plan))

        assert all(order.is_withdrawn for order in bench.orders().values())
        assert len(bench.peps.jobs) == 0


def test_a_request_the_service_refuses_is_failed_in_its_words_and_the_next_goes_on(
    tmp_path: Path,
) -> None:
    refusal = Fault(route="execute", action=Action.ERROR, status=400, message="no such product")
    with a_bench(tmp_path / "catalog", scenario=Scenario(faults=(refusal,))) as bench:
        refused, taken, *_ = bench.order()

        assert refused.order.status is JobStatus.FAILED
        assert "no such product" in str(refused.order.message)
        assert taken.order.status is JobStatus.ORDERED


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"processing:level": "L2A"}, "not an L1C product but L2A"),
        ({"grid:code": None}, "not a single-tile product"),
    ],
)
def test_what_maja_cannot_take_is_refused_with_the_reason(
    tmp_path: Path, properties: dict[str, str | None], reason: str
) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        item = next(search(bench.client, a_query()))
        for name, value in properties.items():
            if value is None:
                del item.properties[name]
            else:
                item.properties[name] = value

        plan = plan_orders(bench.catalog, [item])

        assert plan.planned == ()
        assert reason in plan.refused[0].reason


def test_a_scene_wholly_beyond_srtm_is_warned_about_not_refused(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        item = next(search(bench.client, a_query()))
        item.bbox = [20.0, 60.1, 22.0, 61.0]

        plan = plan_orders(bench.catalog, [item])

        assert plan.products == 1
        assert "SRTM" in plan.warnings[0]


def test_a_scene_too_cloudy_for_maja_is_never_ordered_again(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        items = [item for item in bench.search() if (item.properties["eo:cloud_cover"] or 0) > 90]
        bench.order(items)
        bench.wait()
        list(refresh(bench.client, bench.catalog, now=bench.peps.clock))

        assert {order.reason for order in bench.orders().values()} == {Reason.TOO_CLOUDY}
        assert plan_orders(bench.catalog, items, again=True).planned == ()


def test_a_series_is_one_job_that_stands_on_every_item(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        items = bench.search()
        _order_series(bench, items)

        assert {order.id for order in bench.orders().values()} == {
            job.id for job in bench.peps.jobs
        }
        assert {order.process for order in bench.orders().values()} == {Process.FULL_MAJA}
        assert bench.sent("execute") == 1


def test_a_series_is_asked_about_once_however_many_scenes_it_has(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        _order_series(bench, bench.search())
        before = bench.peps.requests.total
        list(refresh(bench.client, bench.catalog, now=bench.peps.clock))

        assert bench.peps.requests.total == before + 1


def test_a_hole_in_a_series_is_told_on_its_own_scene(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        items = bench.search()
        lost = items[3].id
        bench.peps.scenario = Scenario(unprocessed=frozenset({lost}))
        _order_series(bench, items)
        bench.wait(hours=24)
        list(refresh(bench.client, bench.catalog, now=bench.peps.clock))

        by_reason = {item_id: order.reason for item_id, order in bench.orders().items()}
        assert by_reason[lost] is Reason.UNPROCESSED
        assert set(by_reason.values()) == {None, Reason.TOO_CLOUDY, Reason.UNPROCESSED}


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("PENDING", "pending"),
        ("PAUSED", "pending"),
        ("RUNNING", "shipping"),
        ("STALLED", "shipping"),
        ("CANCELED", "canceled"),
        ("KILLED", "canceled"),
        ("FAILED", "failed"),
        ("IN_ERROR", "failed"),
        ("ERROR", "failed"),
        ("HOVERING", "ordered"),
    ],
)
@pytest.mark.parametrize("nested", [True, False], ids=["nested", "flat"])
@pytest.mark.parametrize("inline", [True, False], ids=["inline", "referenced"])
def test_every_word_of_the_service_has_its_state(
    tmp_path: Path, word: str, status: str, *, nested: bool, inline: bool
) -> None:
    """DESIGN, section 6; a word nobody knows changes nothing and is kept."""
    script = Script(words=((0.0, word),))
    scenario = Scenario(scripts={1: script}, nested_report=nested, inline_report=inline)
    with a_bench(tmp_path / "catalog", scenario=scenario) as bench:
        item = bench.search(a_query(limit=1))[0]
        bench.order([item])
        bench.wait(hours=0.1)
        list(refresh(bench.client, bench.catalog, now=bench.peps.clock, tell=bench.lines.append))

        order = bench.orders()[item.id]
        assert (order.status, order.job_status) == (status, word)


def test_a_job_that_never_reached_the_cluster_has_failed(tmp_path: Path) -> None:
    """Its status document says so; there is no report to read."""
    scenario = Scenario(scripts={1: Script(dispatch_error="no such product on disk")})
    with a_bench(tmp_path / "catalog", scenario=scenario) as bench:
        item = bench.search(a_query(limit=1))[0]
        bench.order([item])
        bench.wait(hours=0.1)
        list(refresh(bench.client, bench.catalog, now=bench.peps.clock))

        order = bench.orders()[item.id]
        assert order.status is JobStatus.FAILED
        assert "no such product on disk" in str(order.message)


def _order_series(bench: Bench, items: list[pystac.Item]) -> None:
    plan = plan_series(bench.catalog, items, start=date(2017, 10, 1), end=date(2017, 11, 30))
    list(submit(bench.client, bench.catalog, plan, now=bench.peps.clock))
