"""Cancel: what is stopped, and what a name may be."""

from pathlib import Path

import pytest

from builders_workflow import a_bench
from peps_stac.domain import JobStatus, Order
from peps_stac.errors import RequestError
from peps_stac.peps.client import PepsClient
from peps_stac.simulator import Action, Fault, Scenario
from peps_stac.workflow import cancel, refresh
from peps_stac.workflow.tracking import changed, record


def test_orders_are_canceled_by_the_first_characters_of_their_id(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        first, second = bench.order(bench.search()[:2])
        assert first.order.id
        with pytest.raises(RequestError, match="no such order"):
            list(cancel(bench.client, bench.catalog, [first.order.id[:5]]))
        [canceled] = cancel(bench.client, bench.catalog, [first.order.id[:8]])

        assert canceled.order.status is JobStatus.CANCELED
        assert canceled.order.history[-1].source == "user"
        assert bench.orders()[second.item_ids[0]].status is JobStatus.ORDERED


def test_a_beginning_that_two_orders_share_names_none(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        entries = bench.order(bench.search()[:2])
        for entry, mark in zip(entries, "ab", strict=True):
            record(bench.catalog, changed(entry, id=f"0d5f0a9c-{mark}"))

        with pytest.raises(RequestError, match="begins 2 order ids"):
            list(cancel(bench.client, bench.catalog, ["0d5f0a9c"]))


def test_a_job_the_service_has_forgotten_can_be_canceled_here(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        [entry] = bench.order(bench.search()[:1])
        bench.wait(hours=24 * 6)
        list(refresh(bench.client, bench.catalog, tell=bench.lines.append))
        assert "cancel, then retry" in bench.lines[-1]
        [canceled] = cancel(
            bench.client, bench.catalog, [str(entry.order.id)], tell=bench.lines.append
        )

        assert canceled.order.status is JobStatus.CANCELED
        assert "has forgotten" in bench.lines[-1]


class Unheard(PepsClient):
    """A client that ends as soon as the service has canceled, as a power cut would end it."""

    def cancel(self, order: Order) -> None:
        super().cancel(order)
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("only_hides", "told"),
    [(False, "and says that it has ended (CANCELED)"), (True, "which may run on there (STALLED)")],
)
def test_a_cancellation_of_which_only_the_service_knows_is_finished_by_the_next(
    tmp_path: Path, *, only_hides: bool, told: str
) -> None:
    """By its source of 2019 the service only takes a job off the list, and lets it run."""
    scenario = Scenario(delete_only_hides=only_hides)
    with a_bench(tmp_path / "catalog", scenario=scenario) as bench:
        [entry] = bench.order(bench.search()[:1])
        with pytest.raises(KeyboardInterrupt):
            list(cancel(Unheard(bench.client.session), bench.catalog, [entry.key]))
        assert [one.is_open for one in bench.statuses().values()] == [True]

        [canceled] = cancel(bench.client, bench.catalog, [entry.key], tell=bench.lines.append)

        assert canceled.order.status is JobStatus.CANCELED
        assert told in bench.lines[-1]
        assert bench.sent("cancel") == 1


@pytest.mark.parametrize("route", ["connect", "jobs"])
def test_a_list_that_cannot_be_had_cancels_nothing(tmp_path: Path, route: str) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        [entry] = bench.order(bench.search()[:1])
        bench.peps.faults.add(Fault(route=route, action=Action.ERROR, status=404, times=None))
        with pytest.raises(RequestError, match="404"):
            list(cancel(bench.client, bench.catalog, [entry.key]))

        assert bench.orders()[entry.item_ids[0]].status is JobStatus.ORDERED


def test_an_order_whose_answer_was_lost_cannot_be_canceled_before_it_is_found(
    tmp_path: Path,
) -> None:
    lost = Fault(route="execute", action=Action.DROP, after=True)
    with a_bench(tmp_path / "catalog", scenario=Scenario(faults=(lost,))) as bench:
        [entry] = bench.order(bench.search()[:1])
        with pytest.raises(RequestError, match="peps-stac status looks for it"):
            list(cancel(bench.client, bench.catalog, [entry.item_ids[0]]))
        list(refresh(bench.client, bench.catalog))

        [canceled] = cancel(bench.client, bench.catalog, [entry.item_ids[0]])

        assert canceled.order.status is JobStatus.CANCELED
