"""Scenes and offered products of one pass lead to each other, in whatever order they come."""

import json
from pathlib import Path

import pystac
import pytest

from builders_geodes import L2A_NAME, a_record, an_l2a_record
from peps_stac.domain import L1CProduct
from peps_stac.geodes.feature import read_record
from peps_stac.geodes.query import read_page
from peps_stac.provider.matching import Found
from peps_stac.stac.collections import L1C_COLLECTION, OFFER_COLLECTION
from peps_stac.stac.l1c import item_from_product
from peps_stac.stac.offers import item_from_offer
from peps_stac.store import Catalog
from peps_stac.store.validate import validate
from peps_stac.workflow import save
from recorded import SHARED, needs_recorded

OFFER = f"{L2A_NAME}_V4-0"
OTHER_BASELINE = "S2B_MSIL1C_20190704T105629_N0207_R094_T31TCJ_20190704T131058"


def item(product: Found) -> pystac.Item:
    return (
        item_from_product(product) if isinstance(product, L1CProduct) else item_from_offer(product)
    )


def a_scene(*name: str) -> pystac.Item:
    return item(read_record(a_record(*name)))


def an_offer() -> pystac.Item:
    return item(read_record(an_l2a_record()))


def leads(catalog: Catalog, collection: str, rel: str) -> dict[str, list[str]]:
    """Titles of the links of each Item; a link leads to a file that is there."""
    found = {}
    for one in catalog.items(collection):
        links = one.get_links(rel)
        assert all(Path(str(link.get_absolute_href())).is_file() for link in links)
        found[one.id] = [str(link.title) for link in links]
    return found


@pytest.mark.parametrize("scene_first", [True, False])
def test_a_scene_and_its_offer_lead_to_each_other(tmp_path: Path, *, scene_first: bool) -> None:
    catalog, scene = Catalog(tmp_path / "catalog"), a_scene()
    for one in (scene, an_offer()) if scene_first else (an_offer(), scene):
        save(catalog, [one])

    assert leads(catalog, OFFER_COLLECTION, "derived_from") == {OFFER: [scene.id]}
    assert leads(catalog, L1C_COLLECTION, "related") == {scene.id: [OFFER]}
    assert not validate(catalog).findings


def test_of_two_baselines_the_latest_is_what_it_was_derived_from(tmp_path: Path) -> None:
    catalog, latest = Catalog(tmp_path / "catalog"), a_scene()
    save(catalog, [a_scene(OTHER_BASELINE), an_offer(), latest])

    assert leads(catalog, OFFER_COLLECTION, "derived_from") == {OFFER: [latest.id]}
    assert set(leads(catalog, L1C_COLLECTION, "related")) == {OTHER_BASELINE, latest.id}


def test_what_is_saved_again_changes_nothing(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog")
    save(catalog, [a_scene(), an_offer()])
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.json")}

    changes = save(catalog, [a_scene(), an_offer()])

    assert changes.unchanged == 2
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.json")} == before


@needs_recorded
def test_the_recorded_scenes_and_products_of_one_pass_are_linked(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog")
    for level in ("PEPS_S2_L1C", "THEIA_REFLECTANCE_SENTINEL2_L2A"):
        path = SHARED / "muscate" / f"geodes_items_{level}_31TCH_2020-01.json"
        save(catalog, map(item, read_page(json.loads(path.read_bytes())).products))

    derived = leads(catalog, OFFER_COLLECTION, "derived_from")
    related = leads(catalog, L1C_COLLECTION, "related")
    assert (len(derived), len(related)) == (5, 4)
    # Two products are of orbit 8, whose scenes were not recorded; one scene was too cloudy.
    assert sorted(name[11:19] for name, to in derived.items() if to) == [
        "20200101",
        "20200116",
        "20200131",
    ]
    assert [name for name, to in related.items() if not to] == [
        "S2A_MSIL1C_20200121T105341_N0500_R051_T31TCH_20230426T174147"
    ]
    assert not validate(catalog, schemas=SHARED / "stac-schemas").findings
