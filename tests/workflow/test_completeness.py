"""Every expected date in exactly one state: from names and orders alone, and over a whole job."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pystac
import pytest

from builders import an_order, utc
from builders_l1c import S2A, S2B, a_scene
from builders_loading import an_item
from builders_workflow import TOULOUSE, a_bench
from peps_stac.domain import Days, JobStatus, MgrsTile, Order, Process, Reason, Waiting
from peps_stac.errors import CatalogError, RequestError
from peps_stac.simulator import Scenario, Script
from peps_stac.store import Catalog
from peps_stac.workflow import (
    Completeness,
    DateState,
    ExpectedDate,
    cancel,
    plan_series,
    refresh,
    report,
    submit,
)

S2A_AGAIN = "S2A_MSIL1C_20171127T105351_N0500_R051_T31TCJ_20231110T081502"
L2A = "SENTINEL2A_20171127-105827-648_L2A_T31TCJ_C_V1-0"
L2A_AGAIN = "SENTINEL2A_20171127-105828-101_L2A_T31TCJ_C_V2-2"
BY_HAND = "SENTINEL2B_20171202-105831-007_L2A_T31TCJ_D_V1-4"


def a_series(**changes: Any) -> Order:  # noqa: ANN401 -- of an order
    inputs = {"startDate": "2017-09-01", "completionDate": "2017-12-31", "tileid": "31TCJ"}
    kept = Days(date(2017, 11, 1), date(2017, 12, 31))
    return an_order(**{"process": Process.FULL_MAJA, "inputs": inputs, "kept": kept, **changes})


def a_report(root: Path, *items: pystac.Item, **options: Any) -> Completeness:  # noqa: ANN401 -- of report
    catalog = Catalog(root)
    catalog.put_all(items)
    return report(catalog, **options)


def the_date(root: Path, *items: pystac.Item) -> ExpectedDate:
    [found] = a_report(root, *items).dates
    return found


def counted(found: Completeness) -> dict[str, int]:
    return {str(state): count for state, count in found.tally.counts.items() if count}


def test_a_known_scene_is_expected_and_nothing_more(tmp_path: Path) -> None:
    found = the_date(tmp_path, a_scene())

    assert (found.tile, found.datetime, found.platform) == (
        TOULOUSE,
        utc("2017-11-27T10:53:51"),
        "sentinel-2a",
    )
    assert (found.state, found.reason) == (DateState.NOT_ORDERED, None)
    assert (found.scene, found.product, found.superseded) == (S2A, None, ())


@pytest.mark.parametrize(
    ("facts", "state", "reason"),
    [
        ({"status": JobStatus.ORDERED}, "running", "ordered"),
        ({"status": JobStatus.PENDING}, "running", "pending"),
        ({"status": JobStatus.SHIPPING}, "running", "shipping"),
        ({"status": JobStatus.ORDERED, "id": None}, "running", "unconfirmed: the answer"),
        ({"status": JobStatus.ORDERABLE}, "not_ordered", "the request never arrived"),
        ({"status": JobStatus.SUCCEEDED}, "ready", None),
        ({"status": JobStatus.CANCELED, "message": "no SRTM"}, "canceled", "no SRTM"),
        ({"status": JobStatus.CANCELED}, "canceled", None),
        ({"status": JobStatus.FAILED, "message": "disk full"}, "failed", "disk full"),
        ({"status": JobStatus.FAILED, "reason": Reason.TOO_CLOUDY}, "too_cloudy", "MAJA issues"),
        ({"status": JobStatus.FAILED, "reason": Reason.UNPROCESSED}, "unprocessed", "not among"),
        ({"status": JobStatus.FAILED, "reason": Reason.EXPIRED}, "failed", "expired: gone"),
        (
            {"status": JobStatus.ORDERABLE, "waiting": Waiting(utc("2017-12-01"), 5)},
            "running",
            "planned: it goes out",
        ),
    ],
)
def test_every_state_of_an_order_is_one_state_of_its_date(
    tmp_path: Path, facts: dict[str, Any], state: str, reason: str | None
) -> None:
    order = an_order(**facts)
    found = the_date(tmp_path, a_scene(order=order))

    assert found.state == state
    assert (found.reason or "").startswith(reason or "")
    assert bool(found.reason) == bool(reason)
    assert found.order == order.id


def test_a_product_counts_whatever_its_order_says(tmp_path: Path) -> None:
    failed = an_order(status=JobStatus.FAILED, message="disk full")
    found = the_date(tmp_path, a_scene(order=failed), an_item(L2A))

    assert (found.state, found.reason) == (DateState.DELIVERED, None)
    assert (found.scene, found.product) == (S2A, L2A)


def test_reprocessed_scenes_of_one_pass_are_one_date(tmp_path: Path) -> None:
    found = the_date(tmp_path, a_scene(), a_scene(S2A_AGAIN))

    assert (found.state, found.scene) == (DateState.NOT_ORDERED, S2A_AGAIN)


def test_of_reprocessed_scenes_the_order_that_came_furthest_tells(tmp_path: Path) -> None:
    canceled = an_order(status=JobStatus.CANCELED)
    ready = an_order(status=JobStatus.SUCCEEDED, id="the-other-job")
    found = the_date(tmp_path, a_scene(order=ready), a_scene(S2A_AGAIN, canceled))

    assert (found.state, found.scene, found.order) == (DateState.READY, S2A, "the-other-job")


def test_older_versions_are_counted_beside_the_dates(tmp_path: Path) -> None:
    found = a_report(tmp_path, a_scene(), a_scene(S2A_AGAIN), an_item(L2A), an_item(L2A_AGAIN))
    [only] = found.dates

    assert (only.product, only.superseded) == (L2A_AGAIN, (L2A,))
    assert (found.tally.expected, found.tally.delivered, found.tally.superseded) == (1, 1, 1)


def test_a_product_without_a_known_scene_is_expected_and_delivered(tmp_path: Path) -> None:
    found = a_report(
        tmp_path, a_scene(), an_item(BY_HAND), an_item(BY_HAND.replace("V1-4", "V2-0"))
    )
    alone = found.dates[1]

    assert counted(found) == {"delivered": 1, "not_ordered": 1}
    assert (alone.scene, alone.product) == (None, BY_HAND.replace("V1-4", "V2-0"))
    assert (alone.datetime, alone.superseded) == (utc("2017-12-02T10:58:31.007"), (BY_HAND,))


def test_two_satellites_on_one_day_are_two_dates(tmp_path: Path) -> None:
    """As at high latitudes, where orbits overlap."""
    other = S2B.replace("1122T105349", "1127T110349").replace("R051", "R094")
    found = a_report(tmp_path, a_scene(), a_scene(other), an_item(L2A))

    assert [(one.platform, one.state) for one in found.dates] == [
        ("sentinel-2a", "delivered"),
        ("sentinel-2b", "not_ordered"),
    ]


def test_a_product_of_after_midnight_is_of_the_pass_of_before(tmp_path: Path) -> None:
    scene = S2A.replace("20171127T105351", "20171231T235300")
    product = L2A.replace("20171127-105827", "20180101-000500")
    found = the_date(tmp_path, a_scene(scene), an_item(product))

    assert (found.scene, found.product) == (scene, product)
    assert found.datetime.year == 2017


@pytest.mark.parametrize(
    ("series", "state"),
    [
        ({"status": JobStatus.SHIPPING}, "running"),
        ({"status": JobStatus.SUCCEEDED}, "missing"),
        ({"status": JobStatus.FAILED, "reason": Reason.UNPROCESSED}, "missing"),
        ({"status": JobStatus.FAILED}, "not_ordered"),
        ({"status": JobStatus.CANCELED}, "not_ordered"),
        (
            {"status": JobStatus.SUCCEEDED, "kept": Days(date(2017, 11, 1), date(2017, 11, 25))},
            None,
        ),
        ({"status": JobStatus.SUCCEEDED, "kept": None}, "missing"),
        ({"status": JobStatus.SUCCEEDED, "inputs": {}}, None),
    ],
)
def test_a_scene_found_after_its_series_was_ordered_is_awaited_or_missing(
    tmp_path: Path, series: dict[str, Any], state: str | None
) -> None:
    late, on_it = a_scene(), a_scene(S2B, a_series(**series))
    found = a_report(tmp_path, late, on_it).dates[1]

    assert (found.scene, found.state) == (S2A, state or "not_ordered")
    if state in ("running", "missing"):
        assert str(a_series().id) in str(found.reason)


def test_a_series_of_one_orbit_says_nothing_of_another(tmp_path: Path) -> None:
    inputs = {**a_series().inputs, "relativeOrbitNumber": "8"}
    series = a_series(status=JobStatus.SUCCEEDED, inputs=inputs)
    found = a_report(tmp_path, a_scene(), a_scene(S2B, series, relative_orbit=8)).dates[1]

    assert found.state is DateState.NOT_ORDERED


def test_tiles_and_period_choose_but_what_lies_outside_still_tells(tmp_path: Path) -> None:
    series = a_scene(S2B, a_series(status=JobStatus.SUCCEEDED))
    elsewhere = a_scene(S2A.replace("31TCJ", "31TCH"))
    items = (a_scene(), series, elsewhere)
    found = a_report(tmp_path, *items, tiles="31TCJ", datetime="2017-11-25/2017-11-27")

    assert counted(found) == {"missing": 1}
    assert [month.tile for month in report(tmp_path).months] == [
        MgrsTile.parse("31TCH"),
        TOULOUSE,
    ]
    with pytest.raises(RequestError, match="no such date"):
        report(tmp_path, datetime="2017-13")


def test_months_and_tiles_hold_all_dates_once(tmp_path: Path) -> None:
    found = a_report(tmp_path, a_scene(), a_scene(S2B), an_item(BY_HAND))

    assert [f"{month.first_day:%Y-%m}" for month in found.months] == ["2017-11", "2017-12"]
    assert [month.tally.expected for month in found.months] == [2, 1]
    assert {tile: len(dates) for tile, dates in found.tiles.items()} == {TOULOUSE: 3}


def test_what_is_no_scene_of_a_tile_is_not_expected(tmp_path: Path) -> None:
    """Products of many tiles of 2015, and L2A of ESA that a search may have saved."""
    many = a_scene("S2A_OPER_PRD_MSIL1C_PDMC_20160101T000000_R051_V20160101T0", tile=None)
    esa = a_scene(S2B, level="L2A")

    assert a_report(tmp_path, many, esa).dates == ()


def test_a_scene_of_another_name_is_known_by_its_properties(tmp_path: Path) -> None:
    found = the_date(tmp_path, a_scene("my scene"), an_item(L2A))

    assert (found.scene, found.state) == ("my scene", DateState.DELIVERED)


def test_an_item_that_cannot_be_understood_is_named(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    catalog.put(a_scene("my scene"))
    [path] = tmp_path.glob("*/*/*/*/*.json")
    document = json.loads(path.read_text())
    for name in ("datetime", "start_datetime"):
        document["properties"][name] = "yesterday"
    path.write_text(json.dumps(document))

    with pytest.raises(CatalogError, match="Item my scene: datetime 'yesterday'"):
        report(catalog)


def test_an_empty_catalog_has_no_dates_and_stays_unmade(tmp_path: Path) -> None:
    found = report(tmp_path / "catalog")

    assert (found.dates, found.months, found.tally.expected) == ((), (), 0)
    assert not (tmp_path / "catalog").exists()


def test_another_folder_is_no_catalog(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")

    with pytest.raises(CatalogError, match="not a catalog"):
        report(tmp_path)


def test_a_job_that_loses_dates_for_three_reasons_is_reported_so(tmp_path: Path) -> None:
    """One lost by the tape robot, one too cloudy, one canceled; one scene came in late."""
    canceled = Script(words=((0.0, "CANCELED"),))
    weather = Scenario(unprocessed=frozenset(["2017-11-14"]), scripts={2: canceled})
    with a_bench(tmp_path / "catalog", scenario=weather) as bench:
        late, *on_series, alone = sorted(bench.search(), key=lambda item: str(item.datetime))
        start, end = date(2017, 11, 1), date(2017, 11, 28)
        plan = plan_series(bench.catalog, on_series, start=start, end=end)
        list(submit(bench.client, bench.catalog, plan, now=bench.peps.clock))
        bench.order([alone])
        ordered = report(bench.catalog)
        bench.wait(24)
        list(refresh(bench.client, bench.catalog, now=bench.peps.clock))
        finished = report(bench.catalog)
        bench.download()
        found = report(bench.catalog)

    assert counted(ordered) == {"running": 12}
    # The late one is computed with the others; nobody can tell before it is fetched.
    assert counted(finished) == {
        "ready": 8,
        "too_cloudy": 1,
        "unprocessed": 1,
        "canceled": 1,
        "missing": 1,
    }
    assert counted(found) == {
        "delivered": 9,
        "too_cloudy": 1,
        "unprocessed": 1,
        "canceled": 1,
    }
    states = {one.scene: one.state for one in found.dates}
    assert (states[late.id], states[alone.id]) == ("delivered", "canceled")
    assert [day(one) for one in found.where(DateState.UNPROCESSED)] == ["2017-11-14"]
    assert [day(one) for one in found.where(DateState.TOO_CLOUDY)] == ["2017-11-17"]


def test_what_a_person_canceled_says_so(tmp_path: Path) -> None:
    with a_bench(tmp_path / "catalog") as bench:
        [first, *_] = bench.search()
        bench.order([first])
        list(cancel(bench.client, bench.catalog, [first.id], now=bench.peps.clock))
        [found] = report(bench.catalog).where(DateState.CANCELED)

    assert (found.scene, found.reason) == (first.id, "by you")


def day(one: ExpectedDate) -> str:
    return f"{one.datetime:%Y-%m-%d}"
