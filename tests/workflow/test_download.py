"""The third arrow over real HTTP: whatever happens, the catalog stays right."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pystac
import pytest
import rasterio

from builders import a_query
from builders_workflow import TOULOUSE, Bench, a_bench
from peps_stac.domain import JobStatus
from peps_stac.simulator import Action, Fault, Hrefs, Scenario, XmlStyle
from peps_stac.simulator.scenes import features
from peps_stac.stac.collections import L1C_COLLECTION, L2A_COLLECTION
from peps_stac.store import validate
from peps_stac.workflow import (
    AssetChoice,
    AssetMode,
    OutcomeState,
    download_as_they_finish,
    plan_series,
    submit,
)

LATEST = a_query(limit=2)
"""The two latest scenes of the month, both clear enough."""


def products(bench: Bench) -> list[pystac.Item]:
    return list(bench.catalog.items(L2A_COLLECTION))


def tree(root: Path) -> dict[str, bytes]:
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def test_what_finished_becomes_items_with_all_their_files(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        bench.order(bench.search(LATEST))
        bench.wait()
        outcomes = bench.download()

        assert [outcome.state for outcome in outcomes] == [OutcomeState.ADDED] * 2
        for item in products(bench):
            hrefs = {asset.get_absolute_href() for asset in item.assets.values()}
            assert all(Path(str(href)).is_file() for href in hrefs)
        assert validate(bench.catalog).findings == ()
        assert not list(bench.catalog.downloads_dir.glob("*"))


def test_scene_and_product_lead_to_each_other(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        bench.order(bench.search(a_query(limit=1)))
        bench.wait()
        bench.download()

        [product] = products(bench)
        [scene] = bench.catalog.items(L1C_COLLECTION)
        back = product.get_single_link("derived_from")
        forth = scene.get_single_link("related")
        assert back is not None
        assert back.get_absolute_href() == scene.get_self_href()
        assert forth is not None
        assert forth.get_absolute_href() == product.get_self_href()
        for name in ("sat:relative_orbit", "sat:orbit_state"):
            assert product.properties[name] == scene.properties[name]


def test_a_second_run_changes_nothing_and_asks_nothing(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        bench.order()
        bench.wait()
        bench.download()
        before = tree(bench.catalog.root)
        bench.peps.requests.clear()

        assert bench.download() == []
        assert bench.peps.requests.total == 0
        assert tree(bench.catalog.root) == before


def test_a_scene_that_is_too_cloudy_is_told_once_and_is_no_failure(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        bench.order()
        bench.wait()
        told = [o for o in bench.download() if o.state is OutcomeState.TOO_CLOUDY]

        assert len(told) == 1
        assert bench.orders()[told[0].name].status is JobStatus.FAILED
        assert bench.download() == []


def test_what_is_already_a_product_is_not_ordered(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        items = bench.search(LATEST)
        bench.order(items)
        bench.wait()
        bench.download()
        before = bench.sent("execute")

        assert bench.order(items) == []
        assert bench.sent("execute") == before


@pytest.mark.parametrize(
    ("action", "is_kept_aside"),
    [
        (Action.STATUS, False),
        (Action.HTML, False),
        (Action.EMPTY, False),
        (Action.TRUNCATE, False),
        (Action.SHORT, True),
        (Action.CORRUPT, True),
    ],
)
def test_a_bad_file_is_never_catalogued_and_the_next_run_mends_it(
    tmp_path: Path, action: Action, *, is_kept_aside: bool
) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        bench.order(bench.search(LATEST))
        bench.wait()
        bench.peps.faults.add(Fault(route="result", action=action, times=None))
        failed = bench.download()

        assert {outcome.state for outcome in failed} == {OutcomeState.FAILED}
        assert products(bench) == []
        aside = list(bench.catalog.quarantine_dir.glob("*.json"))
        assert bool(aside) is is_kept_aside
        assert all("reason" in json.loads(path.read_text()) for path in aside)

        bench.peps.faults.clear()
        assert [outcome.state for outcome in bench.download()] == [OutcomeState.ADDED] * 2
        assert validate(bench.catalog).findings == ()


def test_one_failure_does_not_stop_the_others(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        items = bench.search()
        bench.order(items)
        bench.wait()
        bench.peps.faults.add(
            Fault(route="result", action=Action.HTML, times=None, containing="20171122")
        )
        states = [outcome.state for outcome in bench.download()]

        assert states.count(OutcomeState.FAILED) == 1
        assert states.count(OutcomeState.ADDED) == len(products(bench)) > 1


@pytest.mark.parametrize("hrefs", [Hrefs.INTERNAL, Hrefs.PUBLIC])
def test_an_address_of_another_host_is_mapped_to_the_configured_one(
    tmp_path: Path, hrefs: Hrefs
) -> None:
    """The password goes to the configured host only (maja_peps #12)."""
    with a_bench(tmp_path / "catalog", scenario=Scenario(hrefs=hrefs)) as bench:
        bench.order(bench.search(LATEST))
        bench.wait()

        assert [outcome.state for outcome in bench.download()] == [OutcomeState.ADDED] * 2


@pytest.mark.parametrize(
    "style",
    [
        XmlStyle(prefix="ns0", one_line=True, xlink=True, lineage=True, percent=False),
        XmlStyle(prefix="", single_quotes=True),
    ],
)
def test_the_spelling_of_the_xml_does_not_matter(tmp_path: Path, style: XmlStyle) -> None:
    scenario = Scenario(xml=style, repeat_results=True, inline_report=False)
    with a_bench(tmp_path / "catalog", scenario=scenario) as bench:
        bench.order(bench.search(LATEST))
        bench.wait()

        assert [outcome.state for outcome in bench.download()] == [OutcomeState.ADDED] * 2


def test_waiting_downloads_each_product_as_it_finishes(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog", scenario=Scenario(running_at_once=2)) as bench:
        bench.order()
        rounds = []

        def sleep(seconds: float) -> None:
            rounds.append(len(products(bench)))
            bench.peps.clock.sleep(seconds)

        list(
            download_as_they_finish(
                bench.client,
                bench.catalog,
                interval_s=1800,
                assets=bench.assets,
                now=bench.peps.clock,
                sleep=sleep,
            )
        )

        assert sorted(set(rounds)) == rounds or len(set(rounds)) > 2
        assert all(status.is_final for status in bench.statuses().values())


def test_waiting_ends_when_the_time_is_up(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        bench.order()
        outcomes = download_as_they_finish(
            bench.client,
            bench.catalog,
            interval_s=60,
            timeout_s=600,
            now=bench.peps.clock,
            sleep=bench.peps.clock.sleep,
        )

        assert list(outcomes) == []
        assert any(status.is_open for status in bench.statuses().values())


def test_an_outage_while_waiting_ends_nothing(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        bench.order(bench.search(LATEST))
        down = Fault(route="status", action=Action.STATUS, status=503, times=40)
        bench.peps.faults.add(down)
        outcomes = list(
            download_as_they_finish(
                bench.client,
                bench.catalog,
                interval_s=1800,
                assets=bench.assets,
                now=bench.peps.clock,
                sleep=bench.peps.clock.sleep,
                tell=bench.lines.append,
            )
        )

        assert [outcome.state for outcome in outcomes] == [OutcomeState.ADDED] * 2
        assert any("503" in line for line in bench.lines)


def test_a_result_that_was_added_by_hand_is_kept(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        items = bench.search(LATEST)
        bench.order(items)
        bench.wait()
        bench.download()
        for item in items:
            # As if the links and states of the scenes had been lost.
            bench.catalog.remove(item.id, L1C_COLLECTION)
        bench.search(LATEST)

        plan_refusals = bench.order(items)

        assert plan_refusals == []
        assert len(products(bench)) == 2


def test_products_are_converted_and_nothing_of_the_archive_stays(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        bench.order(bench.search(LATEST))
        bench.wait()
        bench.download(AssetChoice())

        assert not list(tmp_path.rglob("*.zip"))
        for item in products(bench):
            assert item.properties["maja:assets"] == "cog"
            assert {
                asset.media_type
                for asset in item.assets.values()
                if "proj:shape" in asset.extra_fields
            } == {pystac.MediaType.COG}
        assert validate(bench.catalog).findings == ()


@pytest.mark.parametrize("mode", AssetMode)
def test_what_was_left_out_is_fetched_by_a_wider_choice_and_only_then(
    tmp_path: Path, mode: AssetMode
) -> None:
    narrow = AssetChoice(mode=mode, include=("B04",), workers=1)
    with a_bench(tmp_path / "catalog", assets=narrow) as bench:
        bench.order(bench.search(LATEST))
        bench.wait()
        bench.download()
        assert all(set(item.assets) == {"B04", "metadata"} for item in products(bench))
        bench.peps.requests.clear()
        assert bench.download() == []
        assert bench.peps.requests.total == 0

        wider = bench.download(replace(narrow, include=("B04", "B03")))
        assert [outcome.state for outcome in wider] == [OutcomeState.COMPLETED] * 2
        assert all(set(item.assets) == {"B03", "B04", "metadata"} for item in products(bench))
        # An archive that was kept is not fetched again.
        assert bench.sent("result") == (0 if mode is AssetMode.ZIP else 2)
        assert validate(bench.catalog).findings == ()


def test_an_archive_that_is_kept_stands_beside_its_item(tmp_path: Path) -> None:
    """And readers open it there, by an absolute path."""
    with a_bench(tmp_path / "catalog", assets=AssetChoice(mode=AssetMode.ZIP)) as bench:
        bench.order(bench.search(LATEST))
        bench.wait()
        bench.download()

        for item in products(bench):
            [archive] = bench.catalog.item_dir(item).glob("*.zip")
            assert item.assets["B04"].href.startswith(f"/vsizip/{archive}/")
            with rasterio.open(item.assets["B04"].href) as dataset:
                assert dataset.shape == (122, 122)
        assert not list(bench.catalog.downloads_dir.glob("*"))
        assert validate(bench.catalog).findings == ()


def test_of_a_series_only_what_is_missing_is_fetched_again(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog", list(_autumn())) as bench:
        items = bench.search(a_query(start=None, end=None, limit=40))
        plan = plan_series(bench.catalog, items, start=date(2017, 10, 1), end=date(2017, 12, 31))
        list(submit(bench.client, bench.catalog, plan, now=bench.peps.clock))
        bench.wait(hours=48)
        bench.peps.faults.add(
            Fault(route="result", action=Action.HTML, times=None, containing="20171127")
        )
        first = [outcome.state for outcome in bench.download()]
        assert first.count(OutcomeState.FAILED) == 1
        assert first.count(OutcomeState.ADDED) > 3

        bench.peps.faults.clear()
        bench.peps.requests.clear()
        second = bench.download()
        assert [outcome.state for outcome in second] == [OutcomeState.ADDED]
        assert bench.sent("result") == 1


def _autumn() -> Iterator[dict[str, Any]]:
    return features([TOULOUSE], date(2017, 10, 1), date(2018, 1, 1))
