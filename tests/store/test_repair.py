"""A catalog is made right again from its Items, whatever became of the rest."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from builders_store import (
    PRODUCTS,
    SCENES,
    a_catalog,
    a_product,
    add_product,
    an_item,
    files_of,
    rewritten,
    some_items,
)
from peps_stac.errors import CatalogError
from peps_stac.store import Catalog, validate

YEAR = f"{SCENES}/31TCJ/2017"
YEAR_FILE = f"{YEAR}/catalog.json"
TILE_FILE = f"{SCENES}/31TCJ/catalog.json"
COLLECTION_FILE = f"{SCENES}/collection.json"
PARENTS = ("catalog.json", COLLECTION_FILE, TILE_FILE, YEAR_FILE)


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    made = a_catalog(tmp_path / "c", *some_items(15), an_item("D", tile="31TDJ"))
    add_product(made, a_product())
    return made


def contents(catalog: Catalog) -> dict[str, object]:
    """All files as JSON; the root lists Collections in the order of their first Items."""
    found: dict[str, object] = {}
    for name in files_of(catalog.root):
        content = (catalog.root / name).read_bytes()
        found[name] = json.loads(content) if name.endswith(".json") else content
    root = json.loads((catalog.root / "catalog.json").read_bytes())
    found["catalog.json"] = sorted(map(str, root.pop("links"))), root
    return found


def edit(path: Path, change: Callable[[dict[str, object]], object]) -> None:
    document = json.loads(path.read_bytes())
    change(document)
    path.write_text(json.dumps(document))


def test_a_catalog_that_is_right_is_not_touched(catalog: Catalog) -> None:
    before = files_of(catalog.root)

    done = catalog.rebuild()

    assert rewritten(before, files_of(catalog.root)) == []
    assert (done.items, done.rewritten, done.moved, done.unreadable) == (17, [], [], [])


@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b"\x00" * 300])
@pytest.mark.parametrize("name", PARENTS)
def test_a_catalog_file_that_is_lost_or_garbage_comes_back_as_it_was(
    catalog: Catalog, name: str, content: bytes | None
) -> None:
    before = contents(catalog)
    path = catalog.root / name
    path.unlink()
    if content is not None:
        path.write_bytes(content)

    done = catalog.rebuild()

    assert contents(catalog) == before
    assert done.rewritten == [name]


@pytest.mark.parametrize("content", ["{}", '{"links": [1]}', '{"links": null}'])
@pytest.mark.parametrize("name", [TILE_FILE, YEAR_FILE])
def test_json_that_is_no_catalog_is_replaced(catalog: Catalog, name: str, content: str) -> None:
    before = contents(catalog)
    (catalog.root / name).write_text(content)

    catalog.rebuild()

    assert contents(catalog) == before


def test_all_catalogs_may_be_garbage_at_once(catalog: Catalog) -> None:
    before = contents(catalog)
    for name in before:
        if name.endswith(("catalog.json", "collection.json")):
            (catalog.root / name).write_bytes(b"\x00" * 10)

    catalog.rebuild()

    assert contents(catalog) == before


def test_all_catalogs_may_be_gone_at_once(catalog: Catalog) -> None:
    before = contents(catalog)
    for name in before:
        if name.endswith(("catalog.json", "collection.json")):
            (catalog.root / name).unlink()

    catalog.rebuild()

    assert contents(catalog) == before


def test_folders_that_were_deleted_are_forgotten(catalog: Catalog) -> None:
    shutil.rmtree(catalog.root / YEAR)
    shutil.rmtree(catalog.root / SCENES / "31TDJ")

    done = catalog.rebuild()

    assert validate(catalog).findings == ()
    assert done.items == 13


def test_an_orphan_is_linked(catalog: Catalog) -> None:
    source = catalog.root / YEAR / "S2A_31TCJ_00002"
    target = source.with_name("ORPHAN")
    shutil.copytree(source, target)
    (target / f"{source.name}.json").rename(target / "ORPHAN.json")
    edit(target / "ORPHAN.json", lambda document: document.update(id="ORPHAN"))

    catalog.rebuild()

    assert validate(catalog).findings == ()
    assert catalog.get("ORPHAN") is not None


def test_wrong_extents_summaries_and_links_are_set_right(catalog: Catalog) -> None:
    def spoil(document: dict[str, object]) -> None:
        links = [{"rel": "item", "href": "./GONE/GONE.json"}, {"rel": "self", "href": "/x"}]
        document.update(extent={}, summaries={}, links=links)
        document["peps:summary"] = {"count": 7}

    for name in PARENTS[1:]:
        edit(catalog.root / name, spoil)

    catalog.rebuild()

    assert validate(catalog).findings == ()


def test_an_item_with_wrong_links_gets_them_back(catalog: Catalog) -> None:
    name = f"{YEAR}/S2A_31TCJ_00002/S2A_31TCJ_00002.json"
    before = contents(catalog)
    edit(
        catalog.root / name,
        lambda document: document.update(links=[{"rel": "self", "href": "/elsewhere"}]),
    )

    done = catalog.rebuild()

    assert contents(catalog) == before
    assert done.rewritten == [name]


def test_an_item_in_the_wrong_place_goes_to_its_own_with_its_files(catalog: Catalog) -> None:
    old = catalog.root / PRODUCTS / "31TCJ" / "2017" / "L2A_31TCJ_20171127"
    wrong = catalog.root / PRODUCTS / "31TDJ" / "2031" / old.name
    wrong.parent.mkdir(parents=True)
    before = contents(catalog)
    old.rename(wrong)

    done = catalog.rebuild()

    assert contents(catalog) == before
    assert [to for _, to in done.moved] == [f"{old.relative_to(catalog.root)}/{old.name}.json"]
    assert validate(catalog, deep=True).findings == ()


def test_an_item_that_is_there_twice_is_left_to_the_user(catalog: Catalog) -> None:
    old = catalog.root / YEAR / "S2A_31TCJ_00002"
    shutil.copytree(old, catalog.root / SCENES / "31TDJ" / "2017" / old.name)

    catalog.rebuild()

    assert any("same id as" in finding.message for finding in validate(catalog).findings)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\x00" * 99, b'{"type": "Feature", "id": "S2A_31TCJ_00002"}', b"{}"],
)
def test_an_item_that_cannot_be_read_is_given_away(
    catalog: Catalog, tmp_path: Path, content: bytes
) -> None:
    given: list[tuple[Path, str]] = []
    path = catalog.root / YEAR / "S2A_31TCJ_00002" / "S2A_31TCJ_00002.json"
    path.write_bytes(content)

    def aside(found: Path, reason: str) -> None:
        given.append((found, reason))
        found.rename(tmp_path / "kept")

    done = catalog.rebuild(aside=aside)

    assert [found for found, _ in given] == [path]
    assert [(name, why) for name, why in done.unreadable] == [
        (str(path.relative_to(catalog.root)), given[0][1])
    ]
    assert (tmp_path / "kept").read_bytes() == content
    assert not path.parent.exists()
    assert validate(catalog).findings == ()
    assert len(list(catalog.items())) == 16


def test_an_item_that_cannot_be_read_stays_when_nobody_takes_it(catalog: Catalog) -> None:
    path = catalog.root / YEAR / "S2A_31TCJ_00002" / "S2A_31TCJ_00002.json"
    path.write_bytes(b"{")

    done = catalog.rebuild()

    assert path.read_bytes() == b"{"
    assert done.items == 16
    assert len(validate(catalog).findings) == 1


def test_an_item_of_no_collection_of_ours_is_given_away(catalog: Catalog) -> None:
    path = catalog.root / YEAR / "S2A_31TCJ_00002" / "S2A_31TCJ_00002.json"
    edit(path, lambda document: document.update(collection="landsat"))

    done = catalog.rebuild(aside=lambda found, _reason: found.unlink())

    assert len(done.unreadable) == 1
    assert "no Collection 'landsat'" in done.unreadable[0][1]
    assert validate(catalog).findings == ()


def test_a_collection_of_somebody_else_is_left_alone(catalog: Catalog) -> None:
    theirs = catalog.root / "landsat"
    (theirs / "31TCJ" / "2017" / "X").mkdir(parents=True)
    for name in ("collection.json", "31TCJ/2017/X/X.json"):
        (theirs / name).write_text('{"type": "Collection", "links": []}')

    done = catalog.rebuild()

    assert (done.rewritten, done.unreadable) == ([], [])


@pytest.mark.parametrize("content", [None, "{}", '{"type": "FeatureCollection"}', "<html>"])
def test_a_folder_of_somebody_else_is_refused(tmp_path: Path, content: str | None) -> None:
    (tmp_path / "landsat" / "31TCJ" / "2017" / "X").mkdir(parents=True)
    if content is not None:
        (tmp_path / "catalog.json").write_text(content)

    with pytest.raises(CatalogError, match="not a catalog of peps-stac"):
        a_catalog(tmp_path).rebuild()

    assert not (tmp_path / ".lock").exists()


def test_what_a_killed_writer_left_is_done_too(catalog: Catalog) -> None:
    (catalog.root / ".journal.json").write_bytes(b"\x00" * 20)
    (catalog.root / COLLECTION_FILE).write_bytes(b"")

    catalog.rebuild()

    assert not (catalog.root / ".journal.json").exists()
    assert validate(catalog).findings == ()


def test_the_next_writer_sets_right_garbage_that_a_lost_power_left(catalog: Catalog) -> None:
    """A journal says where to look, so nobody has to ask for a repair."""
    place = f"{SCENES}/31TCJ/2017/S2A_31TCJ_00002/S2A_31TCJ_00002.json"
    journal = {"items": [{"path": place, "aside": None}]}
    (catalog.root / ".journal.json").write_text(json.dumps(journal))
    for name in PARENTS[1:]:
        (catalog.root / name).write_bytes(b"\x00" * 40)

    catalog.put(an_item("NEW", when=datetime(2017, 12, 1, tzinfo=UTC)))

    assert validate(catalog).findings == ()
    assert len(list(catalog.items())) == 18
