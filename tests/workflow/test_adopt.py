"""Adopt: jobs made elsewhere are followed and fetched as if they had been ordered here."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pystac
import pytest

from builders_workflow import TOULOUSE, Bench, a_bench
from peps_stac.domain import Days, FullMajaRequest, MajaRequest, ProcessRequest
from peps_stac.errors import RequestError
from peps_stac.peps.wps import execute_params
from peps_stac.simulator import Action, Fault, Hrefs, Scenario, Script, XmlStyle
from peps_stac.stac.collections import L1C_COLLECTION, L2A_COLLECTION
from peps_stac.store import Catalog
from peps_stac.workflow import Adoption, adopt, cancel, plan_series, submit, tracked

SERIES = FullMajaRequest(TOULOUSE, date(2017, 10, 1), date(2017, 11, 30))


def take_over(bench: Bench, *paths: Path, **options: Any) -> list[Adoption]:  # noqa: ANN401 -- of adopt
    clock, tell = bench.peps.clock, bench.lines.append
    return list(adopt(bench.client, bench.catalog, paths, now=clock, tell=tell, **options))


def elsewhere(bench: Bench, request: ProcessRequest, title: str = "Maja-Process") -> bytes:
    """The answer of the service to a submission made without this package."""
    return bench.client.session.send_once(
        "/resto/wps", execute_params(request, title=title)
    ).content


def an_empty(bench: Bench, tmp_path: Path) -> Bench:
    """The same account, in front of an empty catalog."""
    return replace(bench, catalog=Catalog(tmp_path / "empty"), lines=[])


def scenes(bench: Bench) -> list[pystac.Item]:
    return [i for i in bench.search() if (i.properties.get("eo:cloud_cover") or 0) < 50]


def test_the_services_list_fills_an_empty_catalog(tmp_path: Path) -> None:
    """Somebody deleted the catalog: nothing of the orders is lost but what was local."""
    with a_bench(tmp_path / "catalog") as full:
        made = full.order(scenes(full)[:2])
        full.wait()
        bench = an_empty(full, tmp_path)

        adoptions = take_over(bench)

        assert {one.state for one in adoptions} == {"adopted"}
        entries = tracked(bench.catalog)
        assert {entry.order.id for entry in entries} == {entry.order.id for entry in made}
        assert {e.order.submission for e in entries} == {e.order.submission for e in made}
        assert {entry.order.status for entry in entries} == {"succeeded"}
        assert [outcome.state for outcome in bench.download()] == ["added"] * 2
        assert take_over(bench)[0].state == "known"


def test_failed_jobs_of_the_list_are_left_out(tmp_path: Path) -> None:
    failed = Script(words=((0.0, "FAILED"),))
    with a_bench(tmp_path / "catalog", scenario=Scenario(scripts={1: failed})) as full:
        full.order(scenes(full)[:2])
        full.wait(hours=0.5)
        bench = an_empty(full, tmp_path)

        assert len(take_over(bench)) == 1


def test_of_several_jobs_for_one_product_the_latest_is_taken(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as full:
        [item] = scenes(full)[:1]
        full.order([item])
        full.wait(hours=1)
        full.order([item], again=True)
        bench = an_empty(full, tmp_path)

        states = [one.state for one in take_over(bench)]

        assert states == ["adopted", "known"]
        assert bench.orders()[item.id].id == full.peps.jobs[1].id


def test_an_open_order_of_the_catalog_is_never_replaced(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        [item] = scenes(bench)[:1]
        [own] = bench.order([item])
        bench.wait(hours=0.5)
        elsewhere(bench, MajaRequest(item.id))

        assert [one.state for one in take_over(bench)] == ["known", "known"]
        assert bench.orders()[item.id].id == own.order.id


def test_a_later_job_replaces_an_order_that_ended_badly(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        [item] = scenes(bench)[:1]
        [own] = bench.order([item])
        list(cancel(bench.client, bench.catalog, [item.id], now=bench.peps.clock))
        bench.wait(hours=0.5)
        elsewhere(bench, MajaRequest(item.id))

        [one] = [one for one in take_over(bench) if one.state == "adopted"]

        order = bench.orders()[item.id]
        assert order.id == one.name != own.order.id
        assert order.attempt == 2
        assert any(event.job == own.order.id for event in order.history)


def test_overlapping_series_keep_the_days_that_the_earlier_one_leaves(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as full:
        elsewhere(full, FullMajaRequest(TOULOUSE, date(2017, 9, 1), date(2017, 11, 15)))
        full.wait(hours=1)
        elsewhere(full, FullMajaRequest(TOULOUSE, date(2017, 9, 20), date(2017, 11, 30)))

        take_over(full)

        first, second = tracked(full.catalog)
        assert not set(first.orders) & set(second.orders)
        assert first.order.kept is None
        assert second.order.kept
        assert second.order.kept.first > date(2017, 11, 15)


@pytest.mark.parametrize(
    "style",
    [XmlStyle(), XmlStyle(prefix="", one_line=True), XmlStyle(lineage=True, single_quotes=True)],
    ids=["plain", "one line", "lineage"],
)
@pytest.mark.parametrize("hrefs", [Hrefs.OWN, Hrefs.INTERNAL])
def test_a_log_of_a_product_is_adopted_and_its_product_comes(
    tmp_path: Path, style: XmlStyle, hrefs: Hrefs
) -> None:
    """Whatever the spelling, and with the address of the machine behind PEPS (maja_peps #12)."""
    with a_bench(tmp_path / "catalog", scenario=Scenario(xml=style, hrefs=hrefs)) as full:
        [item] = scenes(full)[:1]
        log = tmp_path / f"{item.id}.log"
        log.write_bytes(elsewhere(full, MajaRequest(item.id)))
        bench = an_empty(full, tmp_path)

        [one] = take_over(bench, log)

        assert (one.state, one.name) == ("adopted", bench.peps.jobs[0].id)
        assert list(bench.catalog.ids(L1C_COLLECTION)) == [item.id]
        assert bench.orders()[item.id].history[0].source == "log"
        bench.wait()
        bench.download()
        assert len(list(bench.catalog.ids(L2A_COLLECTION))) == 1


def test_a_product_list_takes_each_log_beside_it_and_else_the_services_list(
    tmp_path: Path,
) -> None:
    with a_bench(tmp_path / "catalog") as full:
        with_log, listed, nowhere = scenes(full)[:3]
        logs = tmp_path / "logs"
        logs.mkdir()
        (logs / f"{with_log.id}.log").write_bytes(elsewhere(full, MajaRequest(with_log.id)))
        elsewhere(full, MajaRequest(listed.id))
        names = tmp_path / "products.txt"
        names.write_text(f"{with_log.id}\n{listed.id}\n{nowhere.id}.SAFE\n")
        bench = an_empty(full, tmp_path)

        adoptions = take_over(bench, names, logs=logs)

        assert [one.state for one in adoptions] == ["adopted", "adopted", "failed"]
        assert "order it" in adoptions[2].detail
        assert set(bench.orders()) == {with_log.id, listed.id}


def test_a_folder_stands_for_its_logs(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as full:
        logs = tmp_path / "logs"
        logs.mkdir()
        for item in scenes(full)[:2]:
            (logs / f"{item.id}.log").write_bytes(elsewhere(full, MajaRequest(item.id)))
        (logs / "broken.log").write_text("")
        bench = an_empty(full, tmp_path)

        states = [one.state for one in take_over(bench, logs)]

        assert sorted(states) == ["adopted", "adopted", "failed"]


def test_a_saved_reply_of_a_series_finds_its_inputs_in_the_services_list(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as full:
        reply = tmp_path / "reply.xml"
        reply.write_bytes(elsewhere(full, SERIES))
        bench = an_empty(full, tmp_path)

        [one] = take_over(bench, reply)

        assert one.entry
        assert one.entry.order.inputs == SERIES.inputs
        assert set(one.entry.orders) == {item.id for item in full.search()}
        assert one.entry.order.history[0].source == "reply"


def test_a_series_that_no_list_tells_of_is_described_by_the_person(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as full:
        log = tmp_path / "Full_Maja.log"
        log.write_bytes(elsewhere(full, SERIES))
        number = full.peps.jobs[0]
        bench = an_empty(full, tmp_path)
        bench.client = type("Listless", (type(bench.client),), {"jobs": lambda _: ()})(
            bench.client.session
        )

        [failed] = take_over(bench, log)
        assert "give -t and --datetime" in failed.detail
        [one] = take_over(bench, log, series=SERIES)
        assert (one.state, one.name) == ("adopted", number.id)


def test_a_job_that_the_service_has_forgotten_is_not_taken_over(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as full:
        [item] = scenes(full)[:1]
        log = tmp_path / f"{item.id}.log"
        log.write_bytes(elsewhere(full, MajaRequest(item.id)))
        full.wait(hours=24 * 6)
        bench = an_empty(full, tmp_path)

        [one] = take_over(bench, log)

        assert one.state == "failed"
        assert bench.orders() == {}


def test_lost_answers_get_their_job_before_anything_is_adopted(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        items = bench.search()
        plan = plan_series(bench.catalog, items, start=date(2017, 11, 1), end=date(2017, 11, 30))
        bench.peps.faults.add(Fault(route="execute", action=Action.DROP, after=True))
        list(submit(bench.client, bench.catalog, plan, now=bench.peps.clock))
        assert tracked(bench.catalog)[0].order.is_unconfirmed

        [one] = take_over(bench)

        assert one.state == "known"
        [entry] = tracked(bench.catalog)
        assert entry.order.id == bench.peps.jobs[0].id
        assert entry.order.kept == Days(date(2017, 11, 1), date(2017, 11, 30))


def test_a_file_that_is_neither_log_nor_list_is_refused(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        (tmp_path / "notes.txt").write_text("remember the milk\n")
        with pytest.raises(RequestError, match="or the log of a submission"):
            take_over(bench, tmp_path / "notes.txt")
        with pytest.raises(RequestError, match="cannot be read"):
            take_over(bench, tmp_path / "missing.log")
