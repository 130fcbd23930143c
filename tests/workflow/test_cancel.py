"""Cancel: what is stopped, and what a name may be."""

from pathlib import Path

import pytest

from builders_workflow import a_bench
from peps_stac.domain import JobStatus
from peps_stac.errors import RequestError
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
