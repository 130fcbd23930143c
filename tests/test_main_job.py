"""The main job, end to end: search, order, follow, download, catalogue, as a person does it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import odc.stac
import pystac
import pytest
import rasterio
from shapely.geometry import shape

from builders import utc
from builders_workflow import Bench, a_bench
from peps_stac.domain import JobStatus, MgrsTile, SearchQuery
from peps_stac.domain.instants import parse_instant
from peps_stac.simulator import SimulatedClock, Simulator, read_features
from peps_stac.simulator.scenes import features
from peps_stac.stac.collections import L1C_COLLECTION, L2A_COLLECTION
from peps_stac.store import Catalog, validate
from peps_stac.workflow import AssetChoice, OutcomeState, tracked
from recorded import SHARED, needs_recorded

RECORD = SHARED / "peps" / "eodag_result_2021-03_tier2_50products.geojson"


def red_in_archive(folder: Path, product_id: str) -> np.ndarray[Any, Any]:
    """Band 4 as the simulator put it into the archive that it served."""
    [archive] = folder.rglob(f"*{product_id}*.zip")
    with rasterio.open(f"zip+file://{archive}!{product_id}/{product_id}_FRE_B4.tif") as source:
        return np.asarray(source.read(1))


@needs_recorded
def test_the_main_job_on_real_scenes(tmp_path: Path) -> None:
    """The 50 real products of March 2021, from the search to a catalog that validates."""
    recorded = {feature["id"]: feature for feature in json.loads(RECORD.read_text())["features"]}
    tiles = sorted({MgrsTile.parse(name.split("_")[5]) for name in recorded})
    with a_bench(tmp_path / "catalog", read_features(RECORD)) as bench:
        for tile in tiles:
            bench.search(
                SearchQuery(
                    tiles=(tile,), start=utc("2021-03-01T00:00:00"), end=utc("2021-03-31T23:59:59")
                )
            )
        scenes = list(bench.catalog.items(L1C_COLLECTION))
        bench.order(scenes)
        bench.wait(hours=24)
        outcomes = bench.download()
        products = list(bench.catalog.items(L2A_COLLECTION))

        assert {scene.id for scene in scenes} == set(recorded)
        for scene in scenes:
            _assert_equals_record(scene, recorded[scene.id])
        cloudy = {name for name, f in recorded.items() if f["properties"]["eo:cloud_cover"] > 90}
        told = {o.name for o in outcomes if o.state is OutcomeState.TOO_CLOUDY}
        assert told == cloudy
        assert len(products) == len(recorded) - len(cloudy)
        found = validate(bench.catalog, schemas=SHARED / "stac-schemas")
        assert found.findings == ()


def _assert_equals_record(scene: pystac.Item, feature: Mapping[str, Any]) -> None:
    """Id, time, footprint, orbits and cloud cover of the Item are those of the record."""
    said, properties = feature["properties"], scene.properties
    assert scene.datetime == parse_instant(said["start_datetime"])
    assert scene.geometry == feature["geometry"]
    assert scene.bbox == list(shape(feature["geometry"]).bounds)
    assert properties["eo:cloud_cover"] == said["eo:cloud_cover"]
    assert properties["sat:absolute_orbit"] == said["sat:absolute_orbit"]
    assert properties["sat:relative_orbit"] == said["peps:relativeOrbitNumber"]
    assert properties["sat:orbit_state"] == said["sat:orbit_state"]
    assert properties["grid:code"] == f"MGRS-{said['grid:code']}"
    assert properties["platform"] == f"sentinel-2{said['platform'][-1].lower()}"


@needs_recorded
@pytest.mark.parametrize(
    ("file", "count"),
    [
        ("search_s2st_2020-08_raw_2features.json", 2),
        ("eodag_result_2020-08_disk_tape.geojson", 2),
    ],
)
def test_other_recorded_scenes_are_found_again(tmp_path: Path, file: str, count: int) -> None:
    with a_bench(tmp_path / "catalog", read_features(SHARED / "peps" / file)) as bench:
        found = bench.search(SearchQuery(limit=10))

        assert len(found) == count
        assert validate(bench.catalog, schemas=SHARED / "stac-schemas").findings == ()


def _scenes(count: int) -> list[dict[str, Any]]:
    """So many scenes of a few tiles and years."""
    tiles = [MgrsTile.parse(text) for text in ("31TCJ", "31TCH", "31TDJ", "31TDH", "30TYP")]
    return list(islice(features(tiles, date(2017, 7, 1), date(2020, 1, 1)), count))


@pytest.mark.parametrize("count", [1203, 1000, 500])
def test_every_result_is_found_however_many_pages_there_are(tmp_path: Path, count: int) -> None:
    """1,203 are three pages, the last one short; after 1,000 a `next` leads to an empty page."""
    with a_bench(tmp_path / "catalog", _scenes(count)) as bench:
        found = bench.search(SearchQuery(limit=5000))

        assert len({item.id for item in found}) == count
        assert bench.sent("search") == count // 500 + 1


def test_a_wrong_total_changes_nothing(tmp_path: Path) -> None:
    """`totalResults` is a planner's estimate, -1 possible."""
    with a_bench(tmp_path / "catalog", _scenes(600)) as bench:
        bench.peps.scenario = type(bench.peps.scenario)(total_results=-1)

        assert len(bench.search(SearchQuery(limit=5000))) == 600


def test_a_stranger_opens_the_catalog_and_loads_the_true_pixels(tmp_path: Path) -> None:
    """Pystac walks it, every asset is there, and odc-stac reads `red` as the archive has it."""
    archives = tmp_path / "archives"
    archives.mkdir()
    with a_bench(tmp_path / "catalog", archives=archives) as bench:
        bench.order()
        bench.wait(hours=24)
        bench.download(AssetChoice())
        root = pystac.Catalog.from_file(str(bench.catalog.root / "catalog.json"))
        items = list(root.get_items(recursive=True))
        products = sorted(
            (item for item in items if item.collection_id == L2A_COLLECTION),
            key=lambda item: str(item.datetime),
        )
        loaded = odc.stac.load(products, bands=["red"])

        assert len(items) == len(bench.orders()) + len(products)
        for item in products:
            hrefs = [asset.get_absolute_href() for asset in item.assets.values()]
            assert all(Path(str(href)).is_file() for href in hrefs)
        assert loaded.red.dtype == "int16"
        for index, item in enumerate(products):
            expected = red_in_archive(archives, item.id)
            np.testing.assert_array_equal(loaded.red.isel(time=index).values, expected)


def test_a_download_that_was_killed_is_finished_by_the_same_command(tmp_path: Path) -> None:
    """SIGKILL while it waits, while it fetches, while it unpacks: nothing lost, nothing doubled."""
    scenes = list(features([MgrsTile.parse("31TCJ")], date(2017, 11, 1), date(2017, 12, 1)))
    clock = SimulatedClock(speed=600)
    with Simulator(scenes, clock=clock, size=366) as peps:
        run = _commands(tmp_path, peps)
        assert run("order", "-t", "31TCJ", "--datetime", "2017-11", "--yes").wait() == 2
        assert (
            run("order", "-t", "31TCJ", "--datetime", "2017-11-01/2017-11-30", "--yes").wait() == 0
        )
        ordered = len(peps.jobs)
        for pause in (0.6, 1.2, 1.5, 1.8, 2.1):
            process = run("download", "--watch", "--interval", "1")
            time.sleep(pause)
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert run("download", "--watch", "--interval", "1").wait() == 0

        catalog = Catalog(tmp_path / "catalog")
        _assert_all_there(catalog, expected=ordered)
        assert len(peps.jobs) == ordered
        peps.requests.clear()
        assert run("download").wait() == 0
        assert peps.requests.total == 0


def _commands(folder: Path, peps: Simulator) -> Any:  # noqa: ANN401 -- starts a command
    environment = {
        **os.environ,
        "PEPS_STAC_PEPS_URL": peps.url,
        "PEPS_STAC_USERNAME": str(peps.credentials.username),
        "PEPS_STAC_PASSWORD": str(peps.credentials.password),
        "PEPS_STAC_CATALOG": str(folder / "catalog"),
        "PEPS_STAC_CACHE_DIR": str(folder / "cache"),
    }

    def run(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "peps_stac", *arguments]
        return subprocess.Popen(  # noqa: S603 -- our own words
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    return run


def _assert_all_there(catalog: Catalog, *, expected: int) -> None:
    entries = tracked(catalog)
    assert len(entries) == expected
    succeeded = [e for e in entries if e.order.status is JobStatus.SUCCEEDED]
    assert len(list(catalog.ids(L2A_COLLECTION))) == len(succeeded)
    assert validate(catalog).findings == ()
    left = [path for path in catalog.root.rglob("*") if path.name.endswith((".part", ".tmp"))]
    assert left == []


def test_a_full_disk_is_one_line_and_nothing_is_lost(tmp_path: Path) -> None:
    """A catalog on a file system of its own that is too small for a product."""
    small = tmp_path / "small"
    small.mkdir()
    if not _ran("mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", str(small)):
        pytest.skip("only root may mount the small file system this needs")
    try:
        with a_bench(small / "catalog") as bench:
            _assert_full_disk_told(bench)
    finally:
        _ran("umount", str(small))


def _ran(*command: str) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603 -- our own words


def _assert_full_disk_told(bench: Bench) -> None:
    items = bench.search()
    bench.order([item for item in items if (item.properties["eo:cloud_cover"] or 0) < 50][:2])
    bench.wait(hours=24)
    outcomes = bench.download()

    assert {outcome.state for outcome in outcomes} == {OutcomeState.FAILED}
    assert [outcome.detail for outcome in outcomes if "space" not in outcome.detail] == []
    assert all("\n" not in outcome.detail for outcome in outcomes)
    assert list(bench.catalog.items(L2A_COLLECTION)) == []
    assert {order.status for order in bench.orders().values()} == {JobStatus.SUCCEEDED}
    assert validate(bench.catalog).findings == ()
