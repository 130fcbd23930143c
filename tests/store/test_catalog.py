"""Adding, changing, removing and reading Items."""

import errno
import json
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pystac
import pytest

from builders_store import (
    NOON,
    PRODUCTS,
    SCENES,
    TOULOUSE,
    a_catalog,
    a_product,
    add_product,
    an_item,
    files_of,
    rewritten,
    some_items,
)
from peps_stac.domain import MgrsTile
from peps_stac.errors import CatalogError, RequestError
from peps_stac.store import Catalog, Changes, validate
from peps_stac.store import chunks as chunks_module

COLLECTION_FILE = f"{SCENES}/collection.json"
TILE_FILE = f"{SCENES}/31TCJ/catalog.json"
YEAR_FILE = f"{SCENES}/31TCJ/2017/catalog.json"


def read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_bytes())
    return document


def extent(catalog: Catalog) -> tuple[list[float], list[str]]:
    found = read(catalog.root / COLLECTION_FILE)["extent"]
    return found["spatial"]["bbox"][0], found["temporal"]["interval"][0]


def is_valid(catalog: Catalog) -> bool:
    validation = validate(catalog, deep=True)
    assert validation.findings == ()
    return validation.is_valid


def test_nothing_is_made_before_the_first_write(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path / "catalog")

    assert list(catalog.items()) == []
    assert catalog.get("A") is None
    assert catalog.collections() == []
    assert not catalog.remove("A", SCENES)
    assert not (tmp_path / "catalog").exists()


def test_one_item_makes_the_whole_way_down_to_it(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path)

    assert catalog.put(an_item("A"))

    assert sorted(files_of(tmp_path)) == [
        "catalog.json",
        f"{SCENES}/31TCJ/2017/A/A.json",
        YEAR_FILE,
        TILE_FILE,
        COLLECTION_FILE,
    ]
    assert is_valid(catalog)


def test_pystac_walks_the_catalog(tmp_path: Path) -> None:
    a_catalog(tmp_path, *some_items(12), an_item("B", tile=None))

    root = pystac.Catalog.from_file(str(tmp_path / "catalog.json"))

    items = list(root.get_items(recursive=True))
    assert len(items) == 13
    assert {item.collection_id for item in items} == {SCENES}
    collection = root.get_child(SCENES)
    assert isinstance(collection, pystac.Collection)
    assert len(list(collection.get_children())) == 2
    first = items[0]
    assert first.get_root() is root
    assert first.get_parent() is not None
    assert first.get_collection() is collection


def test_pystac_keeps_the_layout_when_it_saves_again(tmp_path: Path) -> None:
    """Normalised by pystac with the same layout, every href is where it was."""
    a_catalog(tmp_path / "ours", *some_items(6))
    root = pystac.Catalog.from_file(str(tmp_path / "ours" / "catalog.json"))

    root.normalize_and_save(str(tmp_path / "theirs"), pystac.CatalogType.SELF_CONTAINED)

    theirs = pystac.Catalog.from_file(str(tmp_path / "theirs" / "catalog.json"))
    assert len(list(theirs.get_items(recursive=True))) == 6


def test_links_are_relative_typed_titled_and_never_self(tmp_path: Path) -> None:
    item = an_item("A")
    item.set_self_href("/elsewhere/A.json")
    a_catalog(tmp_path, item)

    for path in (path for path in files_of(tmp_path)):
        for link in read(tmp_path / path)["links"]:
            assert link["rel"] != "self"
            assert link["href"].startswith((".", "../"))
            assert link["type"] in ("application/json", "application/geo+json")
            assert link["title"]
    titles = [link["title"] for link in read(tmp_path / YEAR_FILE)["links"]]
    assert titles[-1] == "A"


def test_a_moved_catalog_is_as_valid_as_before(tmp_path: Path) -> None:
    add_product(a_catalog(tmp_path / "here"), a_product())
    (tmp_path / "here").rename(tmp_path / "dir.with.dot")
    catalog = a_catalog(tmp_path / "dir.with.dot")

    catalog.put(an_item("B"))

    assert is_valid(catalog)
    assert {item.id for item in catalog.items()} == {"L2A_31TCJ_20171127", "B"}


def test_proj_epsg_is_kept(tmp_path: Path) -> None:
    """Reading with migration would drop it, and stackstac knows nothing else."""
    item = an_item("A")
    item.properties |= {"proj:epsg": 32631, "proj:code": "EPSG:32631"}
    item.stac_extensions.append("https://stac-extensions.github.io/projection/v1.2.0/schema.json")
    catalog = a_catalog(tmp_path, item)

    found = catalog.get("A")

    assert found is not None
    assert found.properties["proj:epsg"] == 32631
    assert not catalog.put(found)


def test_an_item_is_read_as_it_was_written_and_knows_where_it_stands(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path)
    add_product(catalog, a_product("A"))

    found = catalog.get("A", PRODUCTS)

    assert found is not None
    assert found.assets["data"].href == "./data.bin"
    path = found.assets["data"].get_absolute_href()
    assert path is not None
    assert Path(path).read_bytes() == b"data"
    assert catalog.item_path(found) == tmp_path / PRODUCTS / "31TCJ/2017/A/A.json"
    assert catalog.item_dir(found) == catalog.item_path(found).parent


def test_an_item_may_be_changed_as_the_json_it_is(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path)
    add_product(catalog, a_product("A"))
    document = catalog.document("A", PRODUCTS)
    assert document is not None
    document["properties"]["gsd"] = 20

    assert catalog.put_all([document]) == Changes(changed=1)

    item = catalog.get("A", PRODUCTS)
    assert item is not None
    assert item.properties["gsd"] == 20
    assert item.assets["data"].href == "./data.bin"
    assert is_valid(catalog)
    assert not catalog.put(item)


def test_the_json_of_an_item_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert a_catalog(tmp_path).document("A", PRODUCTS) is None


def test_an_unchanged_item_writes_nothing(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, an_item("A"))
    before = files_of(tmp_path)

    assert not catalog.put(an_item("A"))

    assert files_of(tmp_path) == before


def test_an_unchanged_item_is_linked_all_the_same(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, an_item("A"), an_item("B"))
    shutil.copy(tmp_path / YEAR_FILE, tmp_path / "year")
    catalog.put(an_item("C"))
    shutil.move(tmp_path / "year", tmp_path / YEAR_FILE)
    for path in (TILE_FILE, COLLECTION_FILE):
        document = read(tmp_path / path)
        document["peps:summary"]["count"] -= 1
        (tmp_path / path).write_text(json.dumps(document))

    assert not catalog.put(an_item("C"))

    assert is_valid(catalog)


def test_a_year_catalog_that_was_lost_comes_back(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, an_item("A"), an_item("B"))
    (tmp_path / YEAR_FILE).unlink()

    assert not catalog.put(an_item("A"))

    assert is_valid(catalog)


def test_one_more_item_writes_itself_and_the_three_catalogs_above(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, *some_items(8))
    before = files_of(tmp_path)

    catalog.put(an_item("Z"))

    assert rewritten(before, files_of(tmp_path)) == [
        f"{SCENES}/31TCJ/2017/Z/Z.json",
        YEAR_FILE,
        TILE_FILE,
        COLLECTION_FILE,
    ]


def test_a_new_collection_writes_the_root_too(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, an_item("A"))
    before = files_of(tmp_path)

    catalog.put(an_item("B", collection_id=PRODUCTS))

    changed = rewritten(before, files_of(tmp_path))
    assert "catalog.json" in changed
    assert len(changed) == 5


def test_a_state_that_no_summary_tells_writes_the_item_alone(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, *some_items(8))
    item = next(catalog.items())
    item.properties["order:status"] = "ordered"
    before = files_of(tmp_path)

    assert catalog.put(item)

    assert rewritten(before, files_of(tmp_path)) == [
        catalog.item_path(item).relative_to(tmp_path).as_posix()
    ]
    assert is_valid(catalog)


@pytest.mark.parametrize("size", [10, 200])
def test_what_one_item_costs_does_not_depend_on_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Counted in files opened: the same few for any number of Items in other years."""
    others = [an_item(f"O{n}", when=NOON.replace(year=1990 + n % 7)) for n in range(size)]
    catalog = a_catalog(tmp_path, an_item("A"), *others)
    opened: list[str] = []
    real = os.open

    def counted(path: str, *args: Any, **kwargs: Any) -> int:  # noqa: ANN401 -- as os.open
        opened.append(str(path))
        return real(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", counted)
    catalog.put(an_item("B"))

    assert len(opened) < 25
    assert not [path for path in opened if "/O" in path]


def test_removing_reads_no_items_of_other_years(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [an_item(f"O{n}", when=NOON.replace(year=1990 + n % 7)) for n in range(30)]
    catalog = a_catalog(tmp_path, an_item("A"), an_item("B"), *others)
    opened: list[str] = []
    real = os.open

    def counted(path: str, *args: Any, **kwargs: Any) -> int:  # noqa: ANN401 -- as os.open
        opened.append(str(path))
        return real(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", counted)
    catalog.remove("A", SCENES)

    assert not [path for path in opened if "/O" in path]


def test_extents_and_summaries_follow_what_is_added(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, an_item("A"))

    catalog.put(an_item("B", bbox=(-1.0, 43.0, 0.0, 44.0), when=datetime(2019, 1, 1, tzinfo=UTC)))

    bbox, interval = extent(catalog)
    assert bbox == [-1.0, 43.0, 1.9, 44.3]
    assert interval == ["2017-11-27T10:58:27Z", "2019-01-01T00:00:00Z"]
    assert read(tmp_path / COLLECTION_FILE)["summaries"]["gsd"] == [10]
    assert read(tmp_path / COLLECTION_FILE)["peps:summary"]["count"] == 2


def test_extents_are_exact_again_after_a_removal(tmp_path: Path) -> None:
    wide = (-1.0, 43.0, 0.0, 44.0)
    far = datetime(2017, 12, 1, tzinfo=UTC)
    catalog = a_catalog(tmp_path, an_item("A"), an_item("B", bbox=wide, when=far, gsd=20))

    assert catalog.remove("B", SCENES)

    assert extent(catalog) == (list(TOULOUSE), ["2017-11-27T10:58:27Z"] * 2)
    assert read(tmp_path / COLLECTION_FILE)["summaries"]["gsd"] == [10]
    assert not catalog.remove("B", SCENES)
    assert is_valid(catalog)


def test_extents_are_exact_again_after_a_replacement(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, *some_items(10), an_item("B", bbox=(-1.0, 43.0, 0.0, 44.0)))

    catalog.put(an_item("B", cloud_cover=99.5))

    assert extent(catalog)[0] == [0.491, 43.2, 1.9, 44.309]
    assert is_valid(catalog)


def test_what_is_empty_goes_with_the_last_item(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, an_item("A"), an_item("B", tile="31TDJ"), an_item("C", tile=None))

    catalog.remove("B", SCENES)
    assert not (tmp_path / SCENES / "31TDJ").exists()
    assert is_valid(catalog)

    catalog.remove("A", SCENES)
    catalog.remove("C", SCENES)
    assert list(files_of(tmp_path)) == ["catalog.json"]
    assert is_valid(catalog)


def test_an_item_may_come_back_after_its_collection_was_empty(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, an_item("A"))
    catalog.remove("A", SCENES)

    assert catalog.put(an_item("A"))

    assert is_valid(catalog)


def test_a_corrected_date_moves_the_item_with_its_files(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path)
    add_product(catalog, a_product("A"))
    item = catalog.get("A")
    assert item is not None
    item.datetime = datetime(2018, 1, 1, tzinfo=UTC)

    assert catalog.put_all([item]) == Changes(changed=1)

    assert not (tmp_path / PRODUCTS / "31TCJ/2017").exists()
    assert (tmp_path / PRODUCTS / "31TCJ/2018/A/data.bin").is_file()
    assert is_valid(catalog)


@pytest.mark.parametrize("old", [{"tile": None}, {"when": datetime(2016, 1, 1, tzinfo=UTC)}])
def test_an_item_made_anew_is_not_there_twice(tmp_path: Path, old: dict[str, Any]) -> None:
    """A later search may know the tile or the date better."""
    catalog = a_catalog(tmp_path, an_item("A", **old), an_item("B"))

    catalog.put(an_item("A"))

    assert [item.id for item in catalog.items()] == ["A", "B"]
    assert is_valid(catalog)


def test_a_batch_writes_each_catalog_once_and_counts(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, *some_items(4))
    changed = some_items(2)
    changed[1].properties["order:status"] = "ordered"

    assert catalog.put_all([*changed, *some_items(20, "S2B")], durable=True) == Changes(20, 1, 1)

    assert is_valid(catalog)
    assert catalog.put_all(iter(())) == Changes()


def test_a_batch_may_hold_an_item_twice_and_the_last_counts(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path)

    changes = catalog.put_all([an_item("A"), an_item("B"), an_item("A", cloud_cover=1.0)])

    assert changes == Changes(added=2, changed=1)
    found = catalog.get("A")
    assert found is not None
    assert found.properties["eo:cloud_cover"] == 1.0
    assert is_valid(catalog)


def test_a_long_stream_is_written_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks_module, "_MOST_ITEMS", 5)
    seen_on_disk = []

    def items() -> Iterator[pystac.Item]:
        for item in some_items(17):
            seen_on_disk.append(len(list(a_catalog(tmp_path).documents())))
            yield item

    catalog = a_catalog(tmp_path)
    assert catalog.put_all(items(), durable=True) == Changes(added=17)

    assert seen_on_disk[-1] >= 10
    assert is_valid(catalog)


def test_what_came_before_a_failure_is_kept(tmp_path: Path) -> None:
    def items() -> Iterator[pystac.Item]:
        yield from some_items(3)
        raise RequestError("the service went away")

    catalog = a_catalog(tmp_path)
    with pytest.raises(RequestError, match="went away"):
        catalog.put_all(items())

    assert len(list(catalog.items())) == 3
    assert is_valid(catalog)


def test_many_durable_items_wait_for_the_disk_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    syncs: list[str] = []
    monkeypatch.setattr(os, "sync", lambda: syncs.append("all"))
    monkeypatch.setattr(os, "fsync", lambda _descriptor: syncs.append("one"))

    a_catalog(tmp_path).put_all(some_items(100), durable=True)

    assert syncs == ["all"]


def test_a_durable_item_is_on_the_disk_before_put_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[int] = set()
    real = os.fsync

    def noted(descriptor: int) -> None:
        synced.add(os.fstat(descriptor).st_ino)
        real(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    catalog = a_catalog(tmp_path)
    catalog.put(an_item("A"), durable=True)

    path = catalog.item_path(an_item("A"))
    assert path.stat().st_ino in synced
    assert path.parent.stat().st_ino in synced
    assert path.parent.parent.stat().st_ino in synced


def test_items_are_sorted_and_filtered_without_reading_the_rest(tmp_path: Path) -> None:
    catalog = a_catalog(
        tmp_path, *some_items(10), an_item("B", tile="01CCV"), an_item("P", collection_id=PRODUCTS)
    )
    (tmp_path / SCENES / "31TCJ/2015/S2A_31TCJ_00000/S2A_31TCJ_00000.json").write_text("{")

    def ids(*args: Any, **filters: Any) -> list[str]:  # noqa: ANN401 -- as items()
        return [item.id for item in catalog.items(*args, **filters)]

    assert ids(tile=MgrsTile.parse("1CCV")) == ["B"]
    assert ids(tile="31TCJ", year=2017) == ["P", "S2A_31TCJ_00002", "S2A_31TCJ_00007"]
    assert ids(SCENES, year="2016") == ["S2A_31TCJ_00001", "S2A_31TCJ_00006"]
    assert ids(PRODUCTS) == ["P"]
    assert ids("other") == ids(tile="../..") == ids(year=1999) == []
    assert catalog.collections() == [PRODUCTS, SCENES]
    with pytest.raises(CatalogError, match=r"S2A_31TCJ_00000\.json: not JSON"):
        ids()


def test_an_item_is_found_by_id_wherever_it_stands(tmp_path: Path) -> None:
    name = "S2A_MSIL1C_20171127T105351_N0206_R051_T31TCJ_20171127T130253"
    catalog = a_catalog(tmp_path, an_item(name), an_item("A", tile=None), an_item(f"{name}x"))

    for item_id in (name, "A", f"{name}x"):
        found = catalog.get(item_id, SCENES)
        assert found is not None
        assert found.id == item_id
    assert catalog.get(name, PRODUCTS) is None
    assert catalog.get("missing") is None
    assert catalog.get("../31TCJ") is None


@pytest.mark.parametrize("content", ["", "[]", '{"type": "Feature"}', '{"id": "A"}', "<html>"])
def test_a_foreign_file_in_the_place_of_an_item_names_itself(tmp_path: Path, content: str) -> None:
    catalog = a_catalog(tmp_path, an_item("A"))
    catalog.item_path(an_item("A")).write_text(content)

    with pytest.raises(CatalogError, match=r"A\.json") as caught:
        list(catalog.items())

    assert "\n" not in str(caught.value)


def test_an_item_with_nonsense_in_it_names_itself(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, an_item("A"))
    path = catalog.item_path(an_item("A"))
    path.write_text(json.dumps(read(path) | {"properties": {"datetime": "soon"}}))

    with pytest.raises(CatalogError, match=r"A\.json: no STAC Item"):
        list(catalog.items())


def test_folders_that_are_no_items_are_passed_over(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, an_item("A"))
    for name in ("notes", f"{SCENES}/notes", f"{SCENES}/31TCJ/2017/notes", ".downloads/x"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / SCENES / "31TCJ/2017/readme.txt").touch()

    assert [item.id for item in catalog.items()] == ["A"]
    catalog.put(an_item("B"))
    assert is_valid(catalog)


@pytest.mark.parametrize("name", ["notes.txt", ".git", ".journal.json"])
def test_a_folder_with_other_things_in_it_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    catalog = a_catalog(tmp_path)

    for use in (lambda: catalog.put(an_item()), lambda: list(catalog.items()), catalog.rebuild):
        with pytest.raises(CatalogError, match="not a catalog of peps-stac"):
            use()

    assert os.listdir(tmp_path) == [name]  # noqa: PTH208 -- names are all it takes


def test_a_folder_with_only_our_own_hidden_files_is_taken(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path)
    catalog.downloads_dir.mkdir()
    catalog.quarantine_dir.mkdir()

    assert catalog.put(an_item())


def test_a_json_that_is_no_catalog_is_refused(tmp_path: Path) -> None:
    (tmp_path / "catalog.json").write_text('{"type": "Collection"}')

    with pytest.raises(CatalogError, match="not a catalog of peps-stac"):
        a_catalog(tmp_path).put(an_item())


def test_a_collection_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    root = pystac.Catalog("other", "Made with pystac")
    extent_ = pystac.Extent(
        pystac.SpatialExtent([list(TOULOUSE)]), pystac.TemporalExtent([[NOON, None]])
    )
    root.add_child(pystac.Collection(SCENES, "Theirs", extent_))
    root.normalize_and_save(str(tmp_path), pystac.CatalogType.SELF_CONTAINED)
    before = (tmp_path / COLLECTION_FILE).read_bytes()

    with pytest.raises(CatalogError, match=r"collection\.json: no peps:summary"):
        a_catalog(tmp_path).put(an_item())

    assert (tmp_path / COLLECTION_FILE).read_bytes() == before


def test_an_unknown_collection_leaves_nothing_behind(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, an_item("A"))

    with pytest.raises(RequestError, match="no Collection 'other'"):
        catalog.put(an_item("B", collection_id="other"))

    assert catalog.put(an_item("C"))
    assert is_valid(catalog)


def test_what_people_write_into_a_collection_stays(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, an_item("A"))
    document = read(tmp_path / COLLECTION_FILE)
    document["title"] = "My scenes"
    document["links"].append({"rel": "license", "href": "https://example.org/l", "title": "L"})
    document["summaries"]["view:off_nadir"] = [0]
    (tmp_path / COLLECTION_FILE).write_text(json.dumps(document))

    catalog.put(an_item("B", tile="31TDJ"))

    after = read(tmp_path / COLLECTION_FILE)
    assert after["title"] == "My scenes"
    assert [link["href"] for link in after["links"] if link["rel"] == "license"]
    assert after["summaries"]["view:off_nadir"] == [0]
    assert is_valid(catalog)


def test_putting_leaves_the_item_as_it_was(tmp_path: Path) -> None:
    item = a_product("A")
    item.set_self_href("/elsewhere/A.json")
    before = item.to_dict()

    a_catalog(tmp_path).put(item)

    assert item.to_dict() == before


def test_links_to_other_items_of_the_catalog_become_relative(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, an_item("S"))
    source, product = catalog.get("S"), an_item("P", collection_id=PRODUCTS)
    assert source is not None
    product.add_derived_from(source)

    catalog.put(product)

    [link] = [
        link for link in read(catalog.item_path(product))["links"] if link["rel"] == "derived_from"
    ]
    assert link["href"] == f"../../../../{SCENES}/31TCJ/2017/S/S.json"
    assert is_valid(catalog)


def test_a_link_to_an_item_without_href_is_refused(tmp_path: Path) -> None:
    item = an_item("A")
    item.add_derived_from(an_item("B"))

    with pytest.raises(CatalogError, match="'A': a link leads to an object without href"):
        a_catalog(tmp_path).put(item)


def test_items_on_both_sides_of_the_antimeridian_have_a_narrow_extent(tmp_path: Path) -> None:
    catalog = a_catalog(
        tmp_path,
        an_item("A", tile="01KAB", bbox=(-180.0, -18.0, -179.0, -17.0)),
        an_item("B", tile="60KXF", bbox=(178.0, -18.0, 179.9, -17.0)),
        an_item("C", tile="01KAB", bbox=(179.5, -19.0, -179.5, -18.0)),
    )

    assert extent(catalog)[0] == [178.0, -19.0, -179.0, -17.0]
    assert is_valid(catalog)


def test_a_read_only_folder_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = a_catalog(tmp_path, an_item("A"))

    def refused(*_args: Any) -> None:  # noqa: ANN401 -- as os.replace
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), "x")

    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(CatalogError, match="Read-only file system: the file system is read-only"):
        catalog.put(an_item("B"))


def test_a_full_disk_in_the_middle_is_set_right_by_the_next_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    catalog = a_catalog(tmp_path, *some_items(6))
    real = os.replace
    left = 8

    def full(*args: Any) -> None:  # noqa: ANN401 -- as os.replace
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(*args)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        with pytest.raises(CatalogError, match="No space left"):
            catalog.put_all(some_items(6, "S2B"))

    with Catalog(tmp_path, tell=told.append).lock():
        pass
    assert is_valid(catalog)
    assert len(told) == 1
    assert "set right" in told[0]


def test_rebuilding_needs_nothing_but_the_items(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, *some_items(6), an_item("P", collection_id=PRODUCTS))
    for path in (YEAR_FILE, TILE_FILE, f"{PRODUCTS}/collection.json"):
        (tmp_path / path).unlink()
    shutil.rmtree(tmp_path / SCENES / "31TCJ/2016")
    document = read(tmp_path / SCENES / "31TCJ/2015/catalog.json")
    (tmp_path / SCENES / "31TCJ/2015/catalog.json").write_text(
        json.dumps(document | {"links": [], "peps:summary": {}})
    )

    catalog.rebuild()

    assert is_valid(catalog)
    assert len(list(catalog.items())) == 6


def test_rebuilding_forgets_folders_that_were_deleted(tmp_path: Path) -> None:
    catalog = a_catalog(
        tmp_path, an_item("A"), an_item("B", tile="31TDJ"), an_item("P", collection_id=PRODUCTS)
    )
    shutil.rmtree(tmp_path / SCENES / "31TDJ")
    shutil.rmtree(tmp_path / PRODUCTS)

    catalog.rebuild()

    assert is_valid(catalog)
    assert catalog.collections() == [SCENES]


def test_ids_are_told_without_opening_a_file(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, *some_items(3), an_item("P", collection_id=PRODUCTS))
    for path in tmp_path.glob("*/*/*/*/*.json"):
        path.write_text("{")
    (tmp_path / SCENES / "31TCJ/2015/notes").mkdir()

    assert list(catalog.ids(year=2015)) == ["S2A_31TCJ_00000"]
    assert len(list(catalog.ids(SCENES))) == 3
    assert list(catalog.ids(PRODUCTS, tile="31TCJ")) == ["P"]


def test_items_with_a_field_are_picked(tmp_path: Path) -> None:
    ordered = an_item("A")
    ordered.properties["order:status"] = "ordered"
    catalog = a_catalog(tmp_path, ordered, an_item("B"))

    assert [item.id for item in catalog.items(having="order:status")] == ["A"]
    assert [place.item_id for place, _ in catalog.documents(having="order:status")] == ["A"]


def test_what_two_batches_did_adds_up() -> None:
    assert Changes(1, 2, 3) + Changes(added=1) == Changes(2, 2, 3)
