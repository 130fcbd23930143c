"""What is wrong with a catalog is found, and nothing else."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from builders import a_product as an_l1c_product
from builders_store import (
    PRODUCTS,
    SCENES,
    a_catalog,
    a_product,
    add_product,
    an_item,
    some_items,
)
from peps_stac.errors import ServiceError
from peps_stac.stac.l1c import item_from_product
from peps_stac.store import Catalog, Source, validate
from recorded import SHARED, needs_recorded

EO = "https://stac-extensions.github.io/eo/v1.1.0/schema.json"
YEAR = f"{SCENES}/31TCJ/2017"
ITEM = f"{YEAR}/A/A.json"
PRODUCT = f"{PRODUCTS}/31TCJ/2017/P"


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """Two scenes, and a product with a file."""
    root = tmp_path / "catalog"
    catalog = a_catalog(root, an_item("A"), an_item("B", bbox=(1.0, 43.0, 2.0, 44.0)))
    md5 = hashlib.md5(b"data", usedforsecurity=False).hexdigest()
    product = a_product("P")
    product.assets["data"].extra_fields = {"file:size": 4, "file:checksum": f"d50110{md5}"}
    add_product(catalog, product)
    return catalog


def edit(catalog: Catalog, path: str, change: Callable[[Any], Any]) -> None:
    """Changes a file behind the back of the store."""
    file = catalog.root / path
    document = json.loads(file.read_bytes())
    change(document)
    file.write_text(json.dumps(document))


def set_link(rel: str, href: str) -> Callable[[Any], None]:
    def change(document: Any) -> None:  # noqa: ANN401 -- any JSON
        [link] = [link for link in document["links"] if link["rel"] == rel]
        link["href"] = href

    return change


def findings(catalog: Catalog, *, deep: bool = False) -> list[tuple[str, str]]:
    return [(path, message) for path, message in validate(catalog, deep=deep).findings]


def test_what_the_store_wrote_is_right(catalog: Catalog) -> None:
    validation = validate(catalog, deep=True)

    assert validation.is_valid
    counts = {checked.uri.split("/")[-1]: checked.count for checked in validation.against}
    assert counts["item.json"] == 3
    assert counts["collection.json"] == 2
    assert counts["catalog.json"] == 5
    assert {checked.source for checked in validation.against} == {Source.PYSTAC, Source.OWN}


def test_a_missing_catalog_is_found(tmp_path: Path) -> None:
    assert findings(a_catalog(tmp_path)) == [("catalog.json", "does not exist")]


@pytest.mark.parametrize(
    ("path", "change", "message"),
    [
        (ITEM, lambda d: d.update(stac_version=1), "no STAC 1.1.0 document"),
        (ITEM, lambda d: d.pop("geometry"), "'geometry' is a required property"),
        (ITEM, lambda d: d["links"].append({"rel": "self", "href": "./A.json"}), "self link"),
        (ITEM, set_link("root", "../catalog.json"), "link root does not lead to the root"),
        (ITEM, set_link("parent", "../../catalog.json"), f"does not lead back to {YEAR}/cat"),
        (ITEM, set_link("collection", "../catalog.json"), "link collection does not lead to"),
        (ITEM, set_link("parent", "/etc/passwd"), "link parent does not lead back"),
        (ITEM, set_link("parent", "../x.json"), "link parent: ../x.json does not exist"),
        (ITEM, lambda d: d["properties"].update({"grid:code": "MGRS-31TDJ"}), "belongs to"),
        (ITEM, lambda d: d["properties"].update(datetime=None), "no usable datetime"),
        (ITEM, lambda d: d.update(id="C"), f"belongs to {YEAR}/C/C.json"),
        (ITEM, lambda d: d.update(links=None), "has no links"),
        (f"{YEAR}/catalog.json", lambda d: d["links"].pop(), "is not linked from"),
        (f"{YEAR}/catalog.json", lambda d: d["links"].append(d["links"][-1]), "linked twice"),
        (f"{YEAR}/catalog.json", lambda d: d["peps:summary"].update(count=9), "its 2 Items"),
        (f"{YEAR}/catalog.json", lambda d: d.pop("peps:summary"), "its 2 Items"),
        (f"{SCENES}/collection.json", lambda d: d.pop("license"), "'license' is a required"),
        (
            f"{SCENES}/collection.json",
            lambda d: d["extent"]["spatial"].update(bbox=[[0, 0, 1, 1]]),
            "extent differs",
        ),
        (f"{SCENES}/collection.json", lambda d: d["summaries"].update(gsd=[9]), "summaries"),
        (
            f"{PRODUCT}/P.json",
            lambda d: d["assets"]["data"].update({"file:size": 5}),
            "asset data: has 4 bytes, file:size says 5",
        ),
        (
            f"{PRODUCT}/P.json",
            lambda d: d["assets"]["data"].update(href="../../../../../x"),
            "leads out of the catalog",
        ),
        (
            f"{PRODUCT}/P.json",
            lambda d: d["assets"]["data"].update(href="./gone"),
            "asset data: ./gone does not exist",
        ),
    ],
)
def test_what_was_changed_behind_its_back_is_found(
    catalog: Catalog, path: str, change: Callable[[Any], Any], message: str
) -> None:
    edit(catalog, path, change)

    found = findings(catalog)

    assert any(message in line for _, line in found), found


@pytest.mark.parametrize("content", ["", "{", "[]"])
def test_a_file_that_is_no_json_is_one_finding(catalog: Catalog, content: str) -> None:
    """What follows from it, such as a summary that cannot be computed, is not told again."""
    (catalog.root / ITEM).write_text(content)

    [(path, message)] = findings(catalog)

    assert path == ITEM
    assert "not" in message


def test_an_item_that_is_gone_is_found(catalog: Catalog) -> None:
    (catalog.root / ITEM).unlink()

    found = findings(catalog)

    assert (f"{YEAR}/catalog.json", "link item: ./A/A.json does not exist") in found


def test_an_item_twice_is_found(catalog: Catalog) -> None:
    other = catalog.root / SCENES / "31TCJ/2016/A"
    other.mkdir(parents=True)
    (other / "A.json").write_bytes((catalog.root / ITEM).read_bytes())
    catalog.rebuild()

    messages = dict(findings(catalog))

    assert messages[ITEM] == f"same id as {SCENES}/31TCJ/2016/A/A.json"


def test_an_absolute_path_into_the_catalog_is_found(catalog: Catalog) -> None:
    target = str(catalog.root / PRODUCT / "data.bin")
    edit(catalog, f"{PRODUCT}/P.json", lambda d: d["assets"]["data"].update(href=target))

    [(_, message)] = findings(catalog)

    assert "so the catalog cannot be moved: make it relative" in message


def test_files_elsewhere_need_only_be_there(catalog: Catalog, tmp_path: Path) -> None:
    elsewhere = tmp_path / "data.bin"
    elsewhere.write_bytes(b"data")
    edit(catalog, f"{PRODUCT}/P.json", lambda d: d["assets"]["data"].update(href=str(elsewhere)))
    assert findings(catalog, deep=True) == []

    elsewhere.unlink()
    assert "does not exist" in findings(catalog)[0][1]


@pytest.mark.parametrize(
    "href", ["https://example.org/x.tif", "/vsizip//x.zip/y.tif", "s3://bucket/x.tif"]
)
def test_what_is_not_on_this_disk_is_not_looked_for(catalog: Catalog, href: str) -> None:
    edit(catalog, f"{PRODUCT}/P.json", lambda d: d["assets"]["data"].update(href=href))

    assert findings(catalog, deep=True) == []


def test_contents_are_read_only_when_deep(catalog: Catalog) -> None:
    (catalog.root / PRODUCT / "data.bin").write_bytes(b"atad")

    assert findings(catalog) == []
    assert findings(catalog, deep=True) == [
        (f"{PRODUCT}/P.json", "asset data: md5 differs from file:checksum")
    ]


@pytest.mark.parametrize(
    ("checksum", "is_right"),
    [
        ("1220" + hashlib.sha256(b"data").hexdigest(), True),
        ("1114" + hashlib.sha1(b"data", usedforsecurity=False).hexdigest(), True),
        ("1340" + hashlib.sha512(b"data").hexdigest(), True),
        ("1220" + "00" * 32, False),
        ("00", False),
        ("xyz", False),
    ],
)
def test_a_checksum_may_be_any_common_multihash(
    catalog: Catalog, checksum: str, *, is_right: bool
) -> None:
    change = {"file:checksum": checksum}
    edit(catalog, f"{PRODUCT}/P.json", lambda d: d["assets"]["data"].update(change))

    assert (findings(catalog, deep=True) == []) is is_right


def test_a_schema_that_is_nowhere_is_told_and_no_fault(tmp_path: Path) -> None:
    item = an_item("A")
    item.stac_extensions.append("https://example.org/v1/schema.json")

    validation = validate(a_catalog(tmp_path, item))

    assert validation.is_valid
    assert [checked.source for checked in validation.against if "example" in checked.uri] == [
        Source.NOWHERE
    ]


def with_schema(tmp_path: Path) -> tuple[Catalog, str, bytes]:
    """A catalog that breaks a schema which forbids cloud cover, through a reference."""
    uri, other = "https://example.org/v1/schema.json", "https://example.org/v1/no.json"
    item = an_item("A")
    item.stac_extensions.append(uri)
    schema = orjson.dumps(
        {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "$id": f"{uri}#",
            "properties": {"properties": {"properties": {"eo:cloud_cover": {"$ref": other}}}},
        }
    )
    return a_catalog(tmp_path / "catalog", item), uri, schema


def test_schemas_come_from_a_folder(tmp_path: Path) -> None:
    catalog, uri, schema = with_schema(tmp_path)
    (tmp_path / "a.json").write_bytes(schema)
    (tmp_path / "b.json").write_bytes(b'{"not": {}}')
    index = {uri: "a.json", "https://example.org/v1/no.json": "b.json"}
    (tmp_path / "index.json").write_bytes(orjson.dumps(index))

    validation = validate(catalog, schemas=tmp_path)

    [finding] = validation.findings
    assert finding.path == ITEM
    assert finding.message.startswith(f"{uri}: properties/eo:cloud_cover: ")
    assert Source.FOLDER in {checked.source for checked in validation.against}


def test_a_schema_with_a_part_that_is_nowhere_counts_as_not_checked(tmp_path: Path) -> None:
    catalog, uri, schema = with_schema(tmp_path)
    (tmp_path / "a.json").write_bytes(schema)
    (tmp_path / "index.json").write_bytes(orjson.dumps({uri: "a.json"}))

    validation = validate(catalog, schemas=tmp_path)

    assert validation.is_valid
    assert Source.NOWHERE in {checked.source for checked in validation.against}


def test_schemas_are_fetched_once_and_then_cached(tmp_path: Path) -> None:
    catalog, uri, schema = with_schema(tmp_path)
    asked: list[str] = []

    def fetch(wanted: str) -> bytes:
        asked.append(wanted)
        return schema if wanted == uri else b'{"not": {}}'

    cache = tmp_path / "cache"
    first = validate(catalog, cache=cache, fetch=fetch)
    second = validate(catalog, cache=cache)

    assert asked == [uri, "https://example.org/v1/no.json"]
    assert first.findings == second.findings != ()
    sources = [{c.source for c in v.against if c.uri == uri} for v in (first, second)]
    assert sources == [{Source.FETCHED}, {Source.CACHE}]


def test_a_schema_that_cannot_be_fetched_is_not_checked(tmp_path: Path) -> None:
    catalog, _, _ = with_schema(tmp_path)

    def offline(uri: str) -> bytes:
        raise ServiceError(f"{uri}: no network", arrived=False)

    assert validate(catalog, cache=tmp_path / "cache", fetch=offline).is_valid
    assert validate(catalog, fetch=lambda _uri: b"<html>").is_valid


def test_items_of_ours_are_held_against_their_profile(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    catalog.put(item_from_product(an_l1c_product()))
    [item] = catalog.items()

    validation = validate(catalog)
    assert validation.is_valid, validation.findings
    assert [c.count for c in validation.against if "/profiles/l1c-item/" in c.uri] == [1]

    item.properties["gsd"] = 11
    catalog.put(item)
    assert "/profiles/l1c-item/" in validate(catalog).findings[0].message


@needs_recorded
def test_published_extension_schemas_agree(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    catalog.put(item_from_product(an_l1c_product()))

    validation = validate(catalog, schemas=SHARED / "stac-schemas")

    assert validation.findings == ()
    assert Source.NOWHERE not in {checked.source for checked in validation.against}


def test_a_large_year_is_walked_without_recursion_into_items(tmp_path: Path) -> None:
    assert validate(a_catalog(tmp_path, *some_items(60))).is_valid
