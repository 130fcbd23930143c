"""Products fetched at once: they overlap, none stops another, and a quota is kept."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier

import pytest

from builders import a_query
from builders_workflow import AS_DELIVERED, Bench, a_bench, november
from peps_stac.domain import JobReport, JobStatus, L1CProduct, Order
from peps_stac.errors import AuthenticationError, RequestError
from peps_stac.http.session import Session
from peps_stac.peps.client import PepsClient
from peps_stac.simulator import Action, Fault, SimulatedClock, Simulator
from peps_stac.simulator.building import build_product
from peps_stac.stac.collections import L2A_COLLECTION
from peps_stac.store import Catalog, validate
from peps_stac.workflow import (
    Outcome,
    OutcomeState,
    download,
    download_as_they_finish,
    refresh,
)

LATEST = a_query(limit=3)
"""The three latest scenes of the month, all clear enough."""


@contextmanager
def finished(folder: Path) -> Iterator[Bench]:
    """Three products wait to be fetched."""
    with a_bench(folder / "catalog") as bench:
        bench.order(bench.search(LATEST))
        bench.wait()
        yield bench


def fetched(bench: Bench, parallel: int = 2) -> dict[str, Outcome]:
    outcomes = download(
        bench.client,
        bench.catalog,
        assets=AS_DELIVERED,
        parallel=parallel,
        now=bench.peps.clock,
        tell=bench.lines.append,
    )
    return {outcome.name: outcome for outcome in outcomes}


def count(outcomes: dict[str, Outcome], state: OutcomeState) -> int:
    return [outcome.state for outcome in outcomes.values()].count(state)


def test_two_products_are_asked_for_before_either_is_there(tmp_path: Path) -> None:
    """The service builds neither before it was asked for both."""
    both = Barrier(2)

    def build(product: L1CProduct, target: Path, *, size: int) -> Path:
        both.wait(60)
        return build_product(product, target, size=size)

    clock = SimulatedClock(speed=0)
    with (
        Simulator(november()[:2], clock=clock, size=122, build=build) as peps,
        Session(peps.url, credentials=peps.credentials) as session,
    ):
        bench = Bench(peps, PepsClient(session), Catalog(tmp_path / "catalog"), [])
        bench.order(bench.search(a_query(limit=2)))
        bench.wait()

        assert count(fetched(bench), OutcomeState.ADDED) == 2


@pytest.mark.parametrize("parallel", [1, 3])
def test_any_number_at_once_brings_the_same(tmp_path: Path, parallel: int) -> None:
    with finished(tmp_path) as bench:
        outcomes = fetched(bench, parallel)

        assert count(outcomes, OutcomeState.ADDED) == 3
        assert validate(bench.catalog).findings == ()
        assert not list(bench.catalog.downloads_dir.glob("*"))


def test_a_quota_in_the_middle_leaves_the_rest_for_later(tmp_path: Path) -> None:
    with finished(tmp_path) as bench:
        refusal = Fault(
            route="result", action=Action.ERROR, status=420, message="week|2", nth=2, times=None
        )
        bench.peps.faults.add(refusal)
        outcomes = fetched(bench, parallel=1)

        assert count(outcomes, OutcomeState.ADDED) == 1
        assert count(outcomes, OutcomeState.POSTPONED) == 2
        assert bench.sent("result") == 2
        assert all("come back" in o.detail for o in outcomes.values() if o.state == "postponed")
        assert len([line for line in bench.lines if "420" in line]) == 1

        bench.peps.faults.clear()
        assert count(fetched(bench), OutcomeState.ADDED) == 2
        assert validate(bench.catalog).findings == ()


def test_one_who_waits_does_not_ask_again_within_a_quota(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        bench.order(bench.search(LATEST))
        refusal = Fault(route="result", action=Action.ERROR, status=420, message="x", times=None)
        bench.peps.faults.add(refusal)
        outcomes = list(
            download_as_they_finish(
                bench.client,
                bench.catalog,
                interval_s=600,
                parallel=1,
                assets=AS_DELIVERED,
                now=bench.peps.clock,
                sleep=bench.peps.clock.sleep,
                tell=bench.lines.append,
            )
        )

        assert [o.state for o in outcomes].count(OutcomeState.POSTPONED) == 3
        assert bench.sent("result") == 1


def test_a_refused_account_ends_all_threads_and_says_so(tmp_path: Path) -> None:
    with finished(tmp_path) as bench:
        for route in ("result", "connect"):
            refusal = Fault(route=route, action=Action.ERROR, status=401, times=None)
            bench.peps.faults.add(refusal)
        with pytest.raises(AuthenticationError):
            fetched(bench)

        assert not [one for one in threading.enumerate() if one.name == "fetching"]
        bench.peps.faults.clear()
        assert count(fetched(bench), OutcomeState.ADDED) == 3


@pytest.mark.parametrize("status", [401, 403])
def test_one_product_that_is_refused_stops_no_other(tmp_path: Path, status: int) -> None:
    """The service accepts the account, and says so when asked."""
    with finished(tmp_path) as bench:
        refusal = Fault(route="result", action=Action.ERROR, status=status, times=1)
        bench.peps.faults.add(refusal)
        outcomes = fetched(bench, parallel=1)

        assert count(outcomes, OutcomeState.ADDED) == 2
        assert count(outcomes, OutcomeState.FAILED) == 1
        assert any("the account as such is accepted" in one.detail for one in outcomes.values())


def test_who_stops_early_keeps_what_came_and_leaves_no_thread(tmp_path: Path) -> None:
    with finished(tmp_path) as bench:
        outcomes = download(bench.client, bench.catalog, assets=AS_DELIVERED, now=bench.peps.clock)
        next(one for one in outcomes if one.state is OutcomeState.ADDED)
        outcomes.close()  # type: ignore[attr-defined]  # an iterator to its callers

        assert not [one for one in threading.enumerate() if one.name == "fetching"]
        assert len(list(bench.catalog.ids(L2A_COLLECTION))) == 1
        assert count(fetched(bench), OutcomeState.ADDED) == 2
        assert validate(bench.catalog).findings == ()


def test_an_interrupt_while_another_is_catalogued_leaves_no_thread(tmp_path: Path) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    with finished(tmp_path) as bench:
        with pytest.raises(KeyboardInterrupt):
            list(
                download(
                    bench.client,
                    bench.catalog,
                    assets=AS_DELIVERED,
                    now=bench.peps.clock,
                    report_step=interrupt,
                )
            )
        assert not [one for one in threading.enumerate() if one.name == "fetching"]
        assert count(fetched(bench), OutcomeState.ADDED) == 3


def test_a_product_of_two_orders_is_fetched_once(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        items = bench.search(a_query(limit=1))
        bench.order(items)
        bench.order(items, again=True)
        bench.wait()
        outcomes = fetched(bench)

        assert count(outcomes, OutcomeState.ADDED) == len(outcomes) == 1
        assert bench.sent("result") == 1


def test_a_damaged_archive_is_found_before_anything_is_made_of_it(tmp_path: Path) -> None:
    steps: list[object] = []
    with finished(tmp_path) as bench:
        bench.peps.faults.add(Fault(route="result", action=Action.CORRUPT, times=None))
        outcomes = list(
            download(bench.client, bench.catalog, now=bench.peps.clock, report_step=steps.append)
        )

        assert {one.state for one in outcomes} == {OutcomeState.FAILED}
        assert all("kept aside" in one.detail for one in outcomes)
        assert steps == []


def test_none_at_once_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    with finished(tmp_path) as bench:
        bench.peps.requests.clear()
        with pytest.raises(RequestError, match="parallel"):
            fetched(bench, parallel=0)
        assert bench.peps.requests.total == 0


class LastToHear(PepsClient):
    """Asks while a job runs; by the time it hears that, another process knows of its end."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench.client.session)
        self._bench = bench

    def report(self, order: Order) -> JobReport:
        said = super().report(order)
        if said.status is not JobStatus.SUCCEEDED:
            self._bench.wait()
            list(refresh(self._bench.client, self._bench.catalog, now=self._bench.peps.clock))
        return said


def test_what_another_process_heard_of_first_is_fetched_all_the_same(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        bench.order(bench.search()[:2])

        outcomes = download_as_they_finish(
            LastToHear(bench),
            bench.catalog,
            assets=bench.assets,
            now=bench.peps.clock,
            sleep=lambda _: None,
        )

        assert {outcome.state for outcome in outcomes} == {"added"}
        assert set(bench.statuses().values()) == {JobStatus.SUCCEEDED}
        assert len(list(bench.catalog.ids(L2A_COLLECTION))) == 2
