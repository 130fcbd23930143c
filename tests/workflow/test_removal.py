"""What goes leaves no link to itself behind, however it goes."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pystac
import pytest

from builders_archives import RAW, SLIVER, WHOLE, added, built
from peps_stac.simulator.products import ProductStyle, product_name
from peps_stac.stac.collections import L1C_COLLECTION, L2A_COLLECTION
from peps_stac.stac.l1c import item_from_product
from peps_stac.stac.versions import is_latest
from peps_stac.store import Catalog, validate
from peps_stac.workflow import remove
from peps_stac.workflow.repair import repair

FEW = replace(RAW, include=("B02",))
NUMBERS = ("1.0", "2.2", "4.0")
NAMES = {number: product_name(WHOLE, ProductStyle(version=number)) for number in NUMBERS}


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """A scene with three versions of its product, and one that has nothing to do with it."""
    made = Catalog(tmp_path / "catalog")
    made.put(item_from_product(WHOLE))
    paths = [built(style=ProductStyle(version=number)).path for number in NUMBERS]
    added(made, *paths, built(SLIVER).path, assets=FEW)
    return made


def the_item(catalog: Catalog, name: str, collection: str = L2A_COLLECTION) -> pystac.Item:
    item = catalog.get(name, collection)
    assert item is not None
    return item


def latest(catalog: Catalog) -> set[str]:
    return {item.id for item in catalog.items(L2A_COLLECTION) if is_latest(item)}


@pytest.mark.parametrize("number", NUMBERS)
def test_a_removed_version_is_in_no_link_and_the_latest_left_is_the_latest(
    catalog: Catalog, number: str
) -> None:
    other = catalog.item_path(the_item(catalog, product_name(SLIVER))).read_bytes()

    assert remove(catalog, NAMES[number], L2A_COLLECTION)

    left = [name for name in NUMBERS if name != number]
    assert latest(catalog) == {NAMES[left[-1]], product_name(SLIVER)}
    scene = the_item(catalog, WHOLE.name, L1C_COLLECTION)
    assert {link.title for link in scene.get_links("related")} == {NAMES[name] for name in left}
    assert catalog.item_path(the_item(catalog, product_name(SLIVER))).read_bytes() == other
    assert validate(catalog).findings == ()


def test_one_after_the_other_may_go(catalog: Catalog) -> None:
    for number in NUMBERS:
        assert remove(catalog, NAMES[number], L2A_COLLECTION)
        assert validate(catalog).findings == ()

    assert not the_item(catalog, WHOLE.name, L1C_COLLECTION).get_links("related")


def test_products_outlive_their_scene(catalog: Catalog) -> None:
    assert remove(catalog, WHOLE.name, L1C_COLLECTION)

    for name in NAMES.values():
        assert not the_item(catalog, name).get_links("derived_from")
    assert latest(catalog) == {NAMES["4.0"], product_name(SLIVER)}
    assert validate(catalog).findings == ()


def test_what_is_not_there_changes_nothing(catalog: Catalog) -> None:
    before = {path: path.read_bytes() for path in catalog.root.rglob("*.json")}

    assert not remove(catalog, "nothing", L2A_COLLECTION)
    assert not remove(catalog, WHOLE.name, L2A_COLLECTION)

    assert {path: path.read_bytes() for path in catalog.root.rglob("*.json")} == before


def test_a_repair_takes_out_the_links_to_folders_that_somebody_deleted(catalog: Catalog) -> None:
    shutil.rmtree(catalog.item_dir(the_item(catalog, NAMES["4.0"])))
    assert validate(catalog).findings

    done = repair(catalog, now=datetime(2026, 11, 21, tzinfo=UTC))

    assert any(WHOLE.name in path for path in done.rewritten)
    assert latest(catalog) == {NAMES["2.2"], product_name(SLIVER)}
    assert validate(catalog).findings == ()
    assert not repair(catalog, now=datetime(2026, 11, 21, tzinfo=UTC)).rewritten


def test_links_to_elsewhere_stay(catalog: Catalog) -> None:
    item = the_item(catalog, NAMES["4.0"])
    elsewhere = pystac.Link("derived_from", "https://example.org/scene.json", title="a scene")
    item.add_link(elsewhere)
    catalog.put(item)

    remove(catalog, WHOLE.name, L1C_COLLECTION)

    links = the_item(catalog, NAMES["4.0"]).get_links("derived_from")
    assert [link.href for link in links] == ["https://example.org/scene.json"]
