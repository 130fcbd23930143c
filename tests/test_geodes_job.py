"""The main job where nothing is ordered: what Theia has made, from a search to xarray."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import odc.stac
import pystac
import pytest
from click.testing import Result

from builders_cli import NOWHERE, Run, run
from peps_stac.domain import MgrsTile
from peps_stac.simulator import GeodesScenario, Scenario, SimulatedClock, Simulator
from peps_stac.simulator.faults import Action, Fault
from peps_stac.simulator.scenes import features
from peps_stac.stac.collections import L1C_COLLECTION, L2A_COLLECTION, OFFER_COLLECTION
from peps_stac.stac.orders import order_of
from peps_stac.store import Catalog

TILE = "31TCH"
PERIOD = ("-t", TILE, "--datetime", "2020-01-01/2020-01-12")
L2A_SEARCH = ("--provider", "geodes", "search", *PERIOD, "--level", "L2A", "--save")
ONLINE = GeodesScenario(l2a_on_tape=0, largest_size=100)


@pytest.fixture
def geodes(request: pytest.FixtureRequest) -> Iterator[Simulator]:
    """Both services, on one port; all is online unless the test says otherwise."""
    rules = getattr(request, "param", ONLINE)
    archive = features([MgrsTile.parse(TILE)], date(2020, 1, 1), date(2020, 1, 12))
    clock = SimulatedClock(speed=0)
    with Simulator(archive, size=100, clock=clock, scenario=Scenario(geodes=rules)) as running:
        yield running


@pytest.fixture
def peps_stac(geodes: Simulator, tmp_path: Path) -> Run:
    variables = {
        "PEPS_STAC_PEPS_URL": NOWHERE,
        "PEPS_STAC_GEODES_URL": geodes.url,
        "PEPS_STAC_API_KEY": geodes.api_key,
        "PEPS_STAC_CATALOG": str(tmp_path / "catalog"),
    }

    def call(*args: str, **env: str) -> Result:
        return run(*args, home=tmp_path, env=variables | env)

    return call


@pytest.fixture
def both(geodes: Simulator) -> dict[str, str]:
    """What is exported to use PEPS as well."""
    account = geodes.credentials
    return {
        "PEPS_STAC_PEPS_URL": geodes.url,
        "PEPS_STAC_USERNAME": str(account.username),
        "PEPS_STAC_PASSWORD": str(account.password),
    }


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "catalog")


def ids(catalog: Catalog, collection: str) -> set[str]:
    return set(catalog.ids(collection))


def test_from_nothing_to_a_catalog_that_odc_stac_loads(
    peps_stac: Run, catalog: Catalog, tmp_path: Path
) -> None:
    assert peps_stac(*L2A_SEARCH).exit_code == 0
    assert peps_stac("download").exit_code == 0

    offers, products = ids(catalog, OFFER_COLLECTION), ids(catalog, L2A_COLLECTION)
    assert offers
    assert products == offers
    assert peps_stac("validate").exit_code == 0
    collection = tmp_path / "catalog" / L2A_COLLECTION / "collection.json"
    items = list(pystac.Collection.from_file(str(collection)).get_items(recursive=True))
    cube = odc.stac.load(items, bands=["red", "nir"], chunks={})
    assert cube.sizes["time"] == len({item.datetime for item in items})
    assert int(cube.red.isel(time=0).max()) > 0


def test_a_second_download_asks_for_nothing(peps_stac: Run, geodes: Simulator) -> None:
    peps_stac(*L2A_SEARCH)
    peps_stac("download")
    asked = len(geodes.requests)

    again = peps_stac("download")

    assert again.exit_code == 0
    assert "nothing new to download" in again.stderr
    assert len(geodes.requests) == asked


def test_a_fetched_offer_leads_to_its_files_and_they_to_the_record(
    peps_stac: Run, catalog: Catalog
) -> None:
    peps_stac(*L2A_SEARCH)
    peps_stac("download")

    for offer in catalog.items(OFFER_COLLECTION):
        product = catalog.get(offer.id, L2A_COLLECTION)
        assert product is not None
        assert offer.properties["order:status"] == "succeeded"
        (link,) = offer.get_links("related")
        assert Path(link.get_target_str() or "").name == f"{product.id}.json"
        vias = [one.get_links("via")[0].target for one in (offer, product)]
        assert vias[0] == vias[1]


def test_what_is_found_again_stays_fetched(peps_stac: Run, catalog: Catalog) -> None:
    peps_stac(*L2A_SEARCH)
    peps_stac("download")
    before = {item.id: item.to_dict() for item in catalog.items(OFFER_COLLECTION)}

    peps_stac(*L2A_SEARCH, "--no-cache")

    assert {item.id: item.to_dict() for item in catalog.items(OFFER_COLLECTION)} == before


def test_l1c_and_l2a_of_a_pass_are_linked(peps_stac: Run, catalog: Catalog) -> None:
    peps_stac("--provider", "geodes", "search", *PERIOD, "--save")
    peps_stac(*L2A_SEARCH)
    peps_stac("download")

    for product in catalog.items(L2A_COLLECTION):
        (scene_link,) = product.get_links("derived_from")
        scene = catalog.get(str(scene_link.title), L1C_COLLECTION)
        assert scene is not None
        assert product.id in [link.title for link in scene.get_links("related")]


def test_one_scene_of_two_services_is_one_item_with_both_records(
    peps_stac: Run, catalog: Catalog, both: dict[str, str]
) -> None:
    peps_stac("--provider", "geodes", "search", *PERIOD, "--save")
    first = ids(catalog, L1C_COLLECTION)

    peps_stac("search", *PERIOD, "--save", **both)

    assert ids(catalog, L1C_COLLECTION) == first
    for scene in catalog.items(L1C_COLLECTION):
        paths = sorted(str(link.target).split("/")[3] for link in scene.get_links("via"))
        assert paths == ["api", "resto"]


@pytest.mark.parametrize(
    "geodes", [replace(ONLINE, l2a_on_tape=1.0)], indirect=True, ids=["all-on-tape"]
)
def test_what_is_on_tape_says_so_and_who_brings_it_back(peps_stac: Run, catalog: Catalog) -> None:
    peps_stac(*L2A_SEARCH)

    result = peps_stac("download")

    assert result.exit_code == 3
    assert "https://geodes.cnes.fr" in result.stdout
    assert not ids(catalog, L2A_COLLECTION)


def test_what_went_to_tape_unnoticed_is_on_tape_and_no_failure(
    peps_stac: Run, catalog: Catalog, geodes: Simulator
) -> None:
    """Who downloads it is answered 410, which elsewhere means that it is gone for good."""
    peps_stac(*L2A_SEARCH)
    geodes.scenario = replace(geodes.scenario, geodes=replace(ONLINE, l2a_on_tape=1.0))
    geodes.faults.add(Fault(route="geodes availability", action=Action.EMPTY, times=None))

    result = peps_stac("download")

    assert result.exit_code == 3
    assert "https://geodes.cnes.fr" in result.stdout
    assert geodes.requests.of("geodes download")
    assert not ids(catalog, L2A_COLLECTION)


@pytest.mark.parametrize("geodes", [replace(ONLINE, quota=1)], indirect=True, ids=["quota"])
def test_a_quota_stops_politely_and_the_next_run_goes_on(peps_stac: Run, catalog: Catalog) -> None:
    peps_stac(*L2A_SEARCH)

    result = peps_stac("download", "--parallel", "1")

    assert result.exit_code == 4
    assert len(ids(catalog, L2A_COLLECTION)) == 1
    assert "postponed" in result.stdout


def test_a_bad_key_is_one_line_and_nothing_is_lost(peps_stac: Run, catalog: Catalog) -> None:
    peps_stac(*L2A_SEARCH)

    result = peps_stac("download", PEPS_STAC_API_KEY="wrong-one")

    assert result.exit_code == 1
    assert "check the credentials" in result.stderr
    assert "wrong-one" not in result.output
    assert ids(catalog, OFFER_COLLECTION)


def test_without_a_key_one_line_says_where_to_get_one(peps_stac: Run) -> None:
    peps_stac(*L2A_SEARCH)

    result = peps_stac("download", PEPS_STAC_API_KEY="")

    assert result.exit_code != 0
    assert "PEPS_STAC_API_KEY" in result.stderr


def test_what_theia_has_made_is_not_ordered(
    peps_stac: Run, catalog: Catalog, both: dict[str, str], geodes: Simulator
) -> None:
    result = peps_stac("order", *PERIOD, **both)

    ordered = {item.id for item in catalog.items(L1C_COLLECTION) if order_of(item)}
    assert "finished already at GEODES as SENTINEL2" in result.stderr + result.stdout
    assert ids(catalog, OFFER_COLLECTION)
    assert len(ordered) + len(ids(catalog, OFFER_COLLECTION)) == len(ids(catalog, L1C_COLLECTION))
    assert geodes.requests


def test_a_dry_run_saves_no_offers(peps_stac: Run, both: dict[str, str], tmp_path: Path) -> None:
    result = peps_stac("order", *PERIOD, "--dry-run", **both)

    assert "finished already at GEODES" in result.stderr + result.stdout
    assert not (tmp_path / "catalog").exists()


def test_an_order_goes_out_though_geodes_is_out(
    peps_stac: Run, catalog: Catalog, both: dict[str, str]
) -> None:
    result = peps_stac("order", *PERIOD, **both, PEPS_STAC_GEODES_URL=NOWHERE)

    assert "what Theia has made cannot be looked up" in result.stderr
    assert any(order_of(item) for item in catalog.items(L1C_COLLECTION))


def test_the_report_names_the_source_of_each_product(peps_stac: Run) -> None:
    peps_stac(*L2A_SEARCH)
    peps_stac("download")

    report = json.loads(peps_stac("report", "--json").stdout)

    assert {one["source"] for one in report["dates"]} == {"geodes"}
    assert report["sources"] == {"geodes": len(report["dates"])}


def test_what_is_offered_and_not_fetched_is_ready(peps_stac: Run) -> None:
    peps_stac(*L2A_SEARCH)

    report = json.loads(peps_stac("report", "--json").stdout)

    assert {(one["state"], one["source"]) for one in report["dates"]} == {("ready", "geodes")}


def test_a_sync_fetches_what_theia_has_and_orders_the_rest(
    peps_stac: Run, catalog: Catalog, both: dict[str, str]
) -> None:
    result = peps_stac("sync", *PERIOD, "--timeout", "1", **both)

    offers = ids(catalog, OFFER_COLLECTION)
    assert offers
    assert offers <= ids(catalog, L2A_COLLECTION)
    assert result.exit_code in (0, 3)
