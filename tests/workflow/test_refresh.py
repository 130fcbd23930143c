"""Refresh: what is asked, what is told, and what is kept of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from builders_workflow import a_bench
from peps_stac.domain import JobStatus, ListedJob, MajaRequest
from peps_stac.peps.client import PepsClient
from peps_stac.simulator import Action, Fault, Scenario, Script
from peps_stac.workflow import refresh, tracked

LOST = Fault(route="execute", action=Action.DROP, after=True)


class Titleless(PepsClient):
    """A service that has lost the titles of its jobs."""

    def jobs(self) -> tuple[ListedJob, ...]:
        return tuple(replace(job, title=None) for job in super().jobs())


def test_an_unknown_word_is_warned_about_once_per_order_and_word(tmp_path: Path) -> None:
    words = ((0.0, "HOVERING"), (10.0, "RUNNING"), (20.0, "HOVERING"), (30.0, "SLEEPING"))
    with a_bench(
        tmp_path / "catalog", scenario=Scenario(scripts={1: Script(words=words)})
    ) as bench:
        bench.order(bench.search()[:1])
        for _ in range(5):
            bench.wait(hours=0.1)
            for _ in range(2):
                list(
                    refresh(
                        bench.client, bench.catalog, now=bench.peps.clock, tell=bench.lines.append
                    )
                )

        told = [line for line in bench.lines if "unknown state" in line]
        assert [line.split("'")[1] for line in told] == ["HOVERING", "SLEEPING"]


def test_the_history_tells_each_state_its_time_its_source_and_word(tmp_path: Path) -> None:
    words = ((0.0, "PENDING"), (10.0, "STALLED"), (20.0, "HOVERING"), (30.0, "ERROR"))
    with a_bench(
        tmp_path / "catalog", scenario=Scenario(scripts={1: Script(words=words)})
    ) as bench:
        [entry] = bench.order(bench.search()[:1])
        for _ in range(6):
            list(refresh(bench.client, bench.catalog, now=bench.peps.clock))
            bench.wait(hours=0.15)
        list(refresh(bench.client, bench.catalog, now=bench.peps.clock))

        [order] = bench.orders().values()
        assert [(event.status, event.source, event.word) for event in order.history] == [
            ("ordered", "user", None),
            ("ordered", "execute", "ProcessAccepted"),
            ("pending", "report", "PENDING"),
            ("shipping", "report", "STALLED"),
            ("shipping", "report", "HOVERING"),
            ("failed", "report", "ERROR"),
        ]
        times = [event.time for event in order.history]
        assert times == sorted(times)
        assert order.history[1].job == entry.order.id


def test_a_lost_answer_is_found_by_process_inputs_and_time_when_titles_are_lost(
    tmp_path: Path,
) -> None:
    with a_bench(tmp_path / "catalog", scenario=Scenario(faults=(LOST,))) as bench:
        first, second, *_ = bench.search()
        bench.order([first])
        bench.order([second])
        client = Titleless(bench.client.session)
        list(refresh(client, bench.catalog, now=bench.peps.clock, tell=bench.lines.append))

        orders = bench.orders()
        assert orders[first.id].id == bench.peps.jobs[0].id
        assert orders[first.id].history[-2].source == "jobs"
        assert orders[second.id].id == bench.peps.jobs[1].id
        assert any("no longer lost" in line for line in bench.lines)
        assert bench.sent("execute") == 2


def test_a_job_that_an_earlier_order_of_the_scene_claims_is_not_taken_for_the_lost_one(
    tmp_path: Path,
) -> None:
    unlisted = Fault(route="execute", action=Action.STATUS, nth=2, after=True, unlisted=True)
    with a_bench(tmp_path / "catalog", scenario=Scenario(faults=(unlisted,))) as bench:
        item = bench.search()[0]
        bench.order([item])
        bench.order([item], again=True)
        client = Titleless(bench.client.session)
        list(refresh(client, bench.catalog, now=bench.peps.clock))

        order = bench.orders()[item.id]
        assert order.is_unconfirmed
        assert order.attempt == 2


def test_of_two_jobs_that_may_be_it_neither_is_adopted(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog", scenario=Scenario(faults=(LOST,))) as bench:
        item = bench.search()[0]
        bench.order([item])
        # The same account orders the same product from elsewhere.
        bench.client.submit(MajaRequest(item.id), submission="elsewhere")
        client = Titleless(bench.client.session)
        list(refresh(client, bench.catalog, now=bench.peps.clock))

        assert bench.orders()[item.id].is_unconfirmed


def test_what_was_delivered_and_forgotten_before_it_was_fetched_has_expired(
    tmp_path: Path,
) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        item = next(i for i in bench.search() if (i.properties.get("eo:cloud_cover") or 0) < 50)
        bench.order([item])
        bench.wait()
        list(refresh(bench.client, bench.catalog, now=bench.peps.clock))
        assert bench.statuses()[item.id] is JobStatus.SUCCEEDED
        bench.wait(hours=24 * 6)
        bench.download()

        order = bench.orders()[item.id]
        assert (order.status, order.reason) == ("failed", "expired")
        assert order.history[-1].source == "result"


@pytest.mark.parametrize("status", [404, 410])
def test_a_result_that_is_gone_has_expired(tmp_path: Path, status: int) -> None:
    gone = Fault(route="result", action=Action.ERROR, status=status, times=None)
    with a_bench(tmp_path / "catalog", scenario=Scenario(faults=(gone,))) as bench:
        item = next(i for i in bench.search() if (i.properties.get("eo:cloud_cover") or 0) < 50)
        bench.order([item])
        bench.wait()
        [outcome] = bench.download()

        assert "retry orders it anew" in outcome.detail
        assert bench.orders()[item.id].reason == "expired"
        assert len(tracked(bench.catalog)) == 1
