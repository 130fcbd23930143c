"""News of orders on their way to the disk: what others did meanwhile, and what ends early."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

import pytest

from builders import PRODUCT_NAME, a_query, a_report, an_order, utc
from builders_workflow import Bench, a_bench
from peps_stac.clock import utc_now
from peps_stac.domain import Event, JobReport, JobStatus, MajaRequest, MgrsTile, Order, Process
from peps_stac.errors import AuthenticationError
from peps_stac.peps.client import PepsClient
from peps_stac.simulator import Scenario
from peps_stac.simulator.scenes import features
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.stac.orders import with_order
from peps_stac.store import Catalog
from peps_stac.workflow import TrackedOrder, cancel, recording, refresh, tracked
from peps_stac.workflow.recording import Heard

NOW = utc("2017-12-01T12:00:00")
MINUTE = timedelta(minutes=1)
REFRESH = """
import sys
from peps_stac.domain import Credentials
from peps_stac.http.session import Session
from peps_stac.peps.client import PepsClient
from peps_stac.store import Catalog
from peps_stac.workflow import recording, refresh

url, username, password, folder = sys.argv[1:]
recording.BATCH = 7
with Session(url, credentials=Credentials(username=username, password=password)) as session:
    print(sum(1 for _ in refresh(PepsClient(session), Catalog(folder))))
"""


class Meddled(PepsClient):
    """A client during whose first request somebody else does something."""

    def __init__(self, client: PepsClient, meddle: Callable[[], object]) -> None:
        super().__init__(client.session)
        self._meddle: list[Callable[[], object]] = [meddle]

    def report(self, order: Order) -> JobReport:
        report = super().report(order)
        while self._meddle:
            self._meddle.pop()()
        return report


class Refused(PepsClient):
    """A client whose account is refused after some requests."""

    def __init__(self, client: PepsClient, after: int) -> None:
        super().__init__(client.session)
        self._left = after

    def report(self, order: Order) -> JobReport:
        self._left -= 1
        if self._left < 0:
            raise AuthenticationError("the account is refused")
        return super().report(order)


def refreshed(bench: Bench, client: PepsClient | None = None) -> list[TrackedOrder]:
    found = refresh(
        client or bench.client, bench.catalog, now=bench.peps.clock, tell=bench.lines.append
    )
    return list(found)


def asked_and_written(bench: Bench) -> tuple[int, int]:
    written = [one for one in bench.statuses().values() if one is not JobStatus.ORDERED]
    return bench.sent("status"), len(written)


def test_a_cancellation_made_between_asking_and_writing_stays(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        [entry] = bench.order(bench.search()[:1])
        bench.wait()
        names = [str(entry.order.id)]
        other = Catalog(bench.catalog.root)
        [now] = refreshed(
            bench, Meddled(bench.client, lambda: list(cancel(bench.client, other, names)))
        )

        [order] = bench.orders().values()
        assert order.status is JobStatus.CANCELED
        assert order.history[-1].source == "user"
        assert now.order == order


def test_an_order_made_anew_between_asking_and_writing_is_not_lost(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        item = bench.search()[0]
        [before] = bench.order([item])
        bench.wait()
        [now] = refreshed(bench, Meddled(bench.client, lambda: bench.order([item], again=True)))

        order = bench.orders()[item.id]
        assert order.id == bench.peps.jobs[-1].id != before.order.id
        assert (order.status, order.attempt) == (JobStatus.ORDERED, 2)
        assert now.order == order


def test_an_item_that_is_removed_meanwhile_costs_the_others_nothing(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        first, *others = bench.order(bench.search()[:4])
        bench.wait()
        [gone] = first.item_ids
        found = refreshed(
            bench, Meddled(bench.client, lambda: bench.catalog.remove(gone, L1C_COLLECTION))
        )

        assert [one.key for one in found] == [one.key for one in others]
        assert all(order.status.is_final for order in bench.orders().values())
        assert any(gone in line and "no longer in the catalog" in line for line in bench.lines)


def test_what_was_reported_before_the_account_is_refused_is_written(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        bench.order(bench.search()[:4])
        bench.wait()
        with pytest.raises(AuthenticationError):
            refreshed(bench, Refused(bench.client, after=3))

        assert asked_and_written(bench) == (3, 3)


@pytest.mark.parametrize("batch", [1, 2, 200])
def test_who_stops_listening_loses_nothing_that_was_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(recording, "BATCH", batch)
    with a_bench(tmp_path / "catalog") as bench:
        bench.order(bench.search()[:6])
        bench.wait()
        listening = refresh(bench.client, bench.catalog, now=bench.peps.clock)
        next(listening)
        listening.close()  # type: ignore[attr-defined] # refresh is a generator

        asked, written = asked_and_written(bench)
        assert asked == written > 0


@pytest.mark.parametrize("batch", [1, 4, 200])
def test_each_order_is_on_the_disk_when_it_is_told_oldest_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(recording, "BATCH", batch)
    with a_bench(tmp_path / "catalog") as bench:
        bench.order(bench.search()[:6])
        bench.wait()
        keys = []
        for entry in refresh(bench.client, bench.catalog, now=bench.peps.clock):
            keys.append(entry.key)
            assert entry.order.status.is_final
            assert bench.orders()[entry.item_ids[0]] == entry.order

        assert keys == [entry.key for entry in tracked(bench.catalog)]


def test_news_do_not_wait_long_for_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "BATCH_S", -1)
    with a_bench(tmp_path / "catalog") as bench:
        bench.order(bench.search()[:6])
        bench.wait()
        next(refresh(bench.client, bench.catalog, now=bench.peps.clock))

        assert bench.sent("status") == 2


def test_who_keeps_other_writers_out_may_refresh(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        bench.order(bench.search()[:2])
        bench.wait()
        with bench.catalog.lock():
            found = refreshed(bench)

        assert all(entry.order.status.is_final for entry in found)
        assert not bench.catalog.is_locked_here


def test_nothing_new_writes_nothing(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        bench.order(bench.search()[:2])
        refreshed(bench)
        before = bench.orders()
        times = {path: path.stat().st_mtime_ns for path in bench.catalog.root.rglob("*.json")}
        refreshed(bench)

        assert bench.orders() == before
        assert times == {path: path.stat().st_mtime_ns for path in times}


def test_whoever_asked_last_is_believed() -> None:
    order = an_order(status=JobStatus.ORDERED, history=())
    entry = TrackedOrder(order, {PRODUCT_NAME: order})
    item = {"id": PRODUCT_NAME, "bbox": [0.5, 43.2, 1.9, 44.3]}
    running = a_report(status=JobStatus.SHIPPING, job_status="RUNNING")
    pending = a_report(status=JobStatus.PENDING, job_status="PENDING")
    early, late = Heard(entry, pending, NOW), Heard(entry, running, NOW + MINUTE)

    in_turn = late.advance(item, early.advance(item, order))
    crossed = early.advance(item, late.advance(item, order))

    assert in_turn.status is crossed.status is JobStatus.SHIPPING
    assert [event.word for event in in_turn.history] == ["PENDING", "RUNNING"]
    assert [event.word for event in crossed.history] == ["RUNNING"]


def test_the_same_news_twice_are_told_once() -> None:
    order = an_order(status=JobStatus.ORDERED, history=())
    heard = Heard(TrackedOrder(order, {PRODUCT_NAME: order}), a_report(), NOW)
    item = {"id": PRODUCT_NAME}

    once = heard.advance(item, order)

    assert (
        heard.advance(item, once) == replace(heard, time=NOW + MINUTE).advance(item, once) == once
    )


def many_orders(bench: Bench, count: int) -> list[Order]:
    """Orders of as many scenes, sent and written at once."""
    now = utc_now()
    years = a_query(start=utc("2016-01-01"), end=utc("2021-01-01"))
    items = bench.search(years)[:count]
    answers = [bench.client.submit(MajaRequest(item.id), submission=item.id) for item in items]
    seen = Event(JobStatus.ORDERED, now, "execute", "ProcessAccepted")
    orders = [
        Order(
            process=Process.MAJA,
            status=JobStatus.ORDERED,
            inputs={"product": item.id},
            id=answer.job_id,
            date=now,
            history=(replace(seen, job=answer.job_id),),
            monitor=answer.monitor,
        )
        for item, answer in zip(items, answers, strict=True)
    ]
    bench.catalog.put_all(map(with_order, items, orders))
    return orders


def test_two_processes_at_once_lose_nothing_and_tell_nothing_twice(tmp_path: Path) -> None:
    tiles = [MgrsTile.parse("31TCJ")]
    scenes = list(islice(features(tiles, date(2016, 1, 1), date(2021, 1, 1)), 300))
    with a_bench(tmp_path / "catalog", scenes, Scenario(running_at_once=150)) as bench:
        orders = many_orders(bench, 300)
        account = bench.peps.credentials
        told = [bench.peps.url, str(account.username), str(account.password)]
        command = [sys.executable, "-c", REFRESH, *told, str(bench.catalog.root)]
        for hours in (0.4, 5.0):
            bench.wait(hours=hours)
            runs = [
                subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 -- our own
                for _ in range(2)
            ]
            assert [run.communicate()[0].strip() for run in runs] == [str(len(orders))] * 2

        found = {order.id: order for order in bench.orders().values()}
        assert found.keys() == {order.id for order in orders}
        for order in found.values():
            said = [(event.status, event.word) for event in order.history]
            assert len(said) == len(set(said))
            assert order.status.is_final
