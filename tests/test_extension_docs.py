"""The pages of our own extensions: one schema, examples that the package makes, tables that agree.

`PEPS_STAC_REWRITE_EXPECTED=1` writes copies of schemas and examples anew and fails, as for the
whole Items in `tests/expected`.
"""

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import peps_stac
from builders import a_product, an_order
from builders_items import (
    WHOLE,
    Document,
    a_failed_order,
    a_made_item,
    a_planned_order,
    above,
    every_order,
    every_product,
    every_scene,
    kept,
    read,
)
from builders_tables import DOCS, Row, section, tables
from expectations import assert_file
from peps_stac.stac.extensions import MAJA_SCHEMA, PEPS_SCHEMA
from peps_stac.stac.l1c import item_from_product
from peps_stac.stac.layers import AssetMode
from peps_stac.stac.orders import with_order
from recorded import needs_recorded
from schemas import L1C_PROFILE, L2A_PROFILE, core_faults, extension_faults, own_faults

FOLDERS = {"peps": PEPS_SCHEMA, "maja": MAJA_SCHEMA}
WANTED = ("B04", "CLM_R1", "EDG_R1", "thumbnail")
SCENES, YEAR = "sentinel-2-l1c/collection.json", "sentinel-2-l1c/31TCJ/2017/catalog.json"

Schema = dict[str, Any]


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    """Each example by its path below `docs/extensions`, made now."""
    folder = tmp_path_factory.mktemp("examples")
    scene = item_from_product(a_product(is_online=False))
    orders = (an_order(), a_planned_order(), a_failed_order())
    [running, planned, failed] = kept((with_order(scene, order) for order in orders), folder)
    over = above(folder)
    product = a_made_item(read(WHOLE), AssetMode.COG, keep=lambda key: key in WANTED)
    return {
        "peps/examples/item.json": running,
        "peps/examples/item-series.json": planned,
        "peps/examples/item-failed.json": failed,
        "peps/examples/collection.json": over[SCENES],
        "peps/examples/catalog.json": over[YEAR],
        "maja/examples/item.json": kept([product], folder)[0],
    }


def page_of(prefix: str) -> str:
    return (DOCS / "extensions" / prefix / "README.md").read_text("utf-8")


def schema_of(prefix: str) -> Schema:
    return peps_stac.schemas()[FOLDERS[prefix]]


@pytest.mark.parametrize("prefix", FOLDERS)
def test_the_schema_of_the_page_is_that_of_the_package(prefix: str) -> None:
    [own] = (files("peps_stac.stac") / "schemas").glob(f"{prefix}-v*.json")  # type: ignore[attr-defined]  # a folder here

    assert_file(
        DOCS / "extensions" / prefix / "json-schema" / "schema.json", own.read_text("utf-8")
    )


def test_the_package_makes_the_examples(examples: dict[str, Document]) -> None:
    for name, document in examples.items():
        text = json.dumps(document, indent=2, ensure_ascii=False)
        assert_file(DOCS / "extensions" / name, f"{text}\n")


def test_there_is_no_other_example(examples: dict[str, Document]) -> None:
    there = (DOCS / "extensions").glob("*/examples/*")

    assert {str(path.relative_to(DOCS / "extensions")) for path in there} == set(examples)


def test_the_examples_are_valid_without_a_network(examples: dict[str, Document]) -> None:
    profiles = {"sentinel-2-l1c": [L1C_PROFILE], "sentinel-2-l2a-maja": [L2A_PROFILE]}
    for name, document in examples.items():
        uri = FOLDERS[name.partition("/")[0]]
        profile = profiles.get(str(document.get("collection")), [])

        assert uri in document["stac_extensions"]
        assert not core_faults(document)
        assert not own_faults(document, *profile)


@needs_recorded
def test_the_examples_are_valid_for_the_extensions_of_others(
    examples: dict[str, Document],
) -> None:
    assert [fault for document in examples.values() for fault in extension_faults(document)] == []


def test_the_examples_show_every_field(examples: dict[str, Document]) -> None:
    for prefix, uri in FOLDERS.items():
        shown = {
            name
            for path, document in examples.items()
            if path.startswith(f"{prefix}/")
            for name in names_in(document)
        }

        assert {name for name in shown if name.startswith(f"{prefix}:")} == fields_of(uri)


@pytest.mark.parametrize("prefix", FOLDERS)
def test_a_page_says_what_the_template_asks_for(prefix: str) -> None:
    page, schema = page_of(prefix), schema_of(prefix)
    said = dict(
        re.findall(r"^- \*\*(?:Extension \[)?([\w ]+).*?:?\*\*:? (.+)$", page, re.MULTILINE)
    )

    assert page.startswith(
        f"# {schema['title'].removesuffix(' Extension')} Extension Specification"
    )
    assert f"{said['Title']} Extension" == schema["title"]
    assert said["Identifier"] == f"<{schema['$id']}>"
    assert said["Field Name Prefix"] == prefix
    assert {"Scope", "Maturity Classification", "Owner"} <= set(said)
    for heading in ("Fields", "Relation types"):
        assert f"\n## {heading}\n" in page


@pytest.mark.parametrize("prefix", FOLDERS)
def test_each_example_is_on_the_page_and_each_link_leads_to_a_file(prefix: str) -> None:
    folder = DOCS / "extensions" / prefix
    hrefs = set(re.findall(r"\]\(([^)#:]+)\)", page_of(prefix)))

    assert {f"examples/{path.name}" for path in (folder / "examples").iterdir()} <= hrefs
    assert all((folder / href).is_file() for href in hrefs)
    assert f"\n## [v{schema_of(prefix)['$id'].split('/v')[1].split('/')[0]}]\n" in (
        folder / "CHANGELOG.md"
    ).read_text("utf-8")


@pytest.mark.parametrize(("prefix", "uri"), FOLDERS.items())
def test_the_tables_have_the_fields_of_the_schema(prefix: str, uri: str) -> None:
    rows = [row for row in rows_of(page_of(prefix), "Type") if ":" in row["Field Name"]]

    assert sorted(row["Field Name"] for row in rows) == sorted(fields_of(uri))
    assert {row["Field Name"] for row in rows if is_required(row)} == required_in(
        schema_of(prefix), "order"
    )
    assert all(row["Description"] and row["Type"] for row in rows)


@pytest.mark.parametrize("name", ["waiting", "event", "summary"])
def test_the_tables_of_objects_have_the_fields_of_the_schema(name: str) -> None:
    schema = object_in(schema_of("peps"), name)
    [rows] = tables(section(page_of("peps"), f"### {name.capitalize()} Object"))

    assert [row["Field Name"] for row in rows] == list(schema["properties"])
    assert {row["Field Name"] for row in rows if is_required(row)} == set(schema["required"])


@pytest.mark.parametrize(("field", "rows"), [("order:status", 7), ("peps:reason", 3)])
def test_the_words_are_those_of_the_schema(field: str, rows: int) -> None:
    definitions = schema_of("peps")["definitions"]
    words = {
        "order:status": definitions["event"]["properties"]["status"]["enum"],
        "peps:reason": definitions["order"]["properties"]["peps:reason"]["enum"],
    }[field]
    [table] = tables(section(page_of("peps"), f"#### {field}"))

    assert len(table) == rows
    assert [next(iter(row.values())).strip("`") for row in table] == words


def test_the_writers_write_the_fields_of_the_schema_and_no_others(tmp_path: Path) -> None:
    items = kept((*every_scene(), *every_product()), tmp_path)
    documents = [*items, *above(tmp_path).values()]
    written = {name for document in documents for name in names_in(document)}

    for prefix, uri in FOLDERS.items():
        assert {name for name in written if name.startswith(f"{prefix}:")} == fields_of(uri)


def test_the_writers_fill_every_field_of_the_objects(tmp_path: Path) -> None:
    items = kept(every_scene(), tmp_path)
    said = [item["properties"] for item in items]
    found = {
        "event": [event for one in said for event in one.get("peps:history", [])],
        "waiting": [one["peps:waiting"] for one in said if "peps:waiting" in one],
        "summary": [d["peps:summary"] for d in above(tmp_path).values() if "peps:summary" in d],
    }
    for name, objects in found.items():
        written = {key for one in objects for key in one}

        assert written == set(object_in(schema_of("peps"), name)["properties"])


def test_every_order_is_valid(tmp_path: Path) -> None:
    scene = item_from_product(a_product())
    documents = kept((with_order(scene, order) for order in every_order()), tmp_path)

    assert [fault for document in documents for fault in own_faults(document, L1C_PROFILE)] == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("count", -1),
        ("bbox", [0, 0, 1]),
        ("interval", ["2017-11-27T10:58:27Z"]),
        ("interval", ["today", None]),
        ("values", {"gsd": 10}),
        ("ranges", {"eo:cloud_cover": [0]}),
        ("colour", "blue"),
    ],
)
def test_the_schema_finds_a_summary_that_is_none(
    field: str, value: object, examples: dict[str, Document]
) -> None:
    catalog = examples["peps/examples/catalog.json"]
    changed = {**catalog, "peps:summary": {**catalog["peps:summary"], field: value}}

    assert own_faults(catalog) == []
    assert own_faults(changed)


def fields_of(uri: str) -> set[str]:
    """Names with the prefix of an extension that its schema has."""
    schema = peps_stac.schemas()[uri]
    prefix = next(prefix for prefix, known in FOLDERS.items() if known == uri)
    return {name for name in properties_in(schema) if name.startswith(f"{prefix}:")}


def properties_in(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        properties = schema.get("properties")
        yield from properties if isinstance(properties, dict) else ()
        for value in schema.values():
            yield from properties_in(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from properties_in(value)


def object_in(schema: Schema, name: str) -> Schema:
    definitions = schema["definitions"]
    found: Schema = definitions.get(name) or definitions["order"]["properties"][f"peps:{name}"]
    return found


def required_in(schema: Schema, definition: str) -> set[str]:
    return set(schema["definitions"].get(definition, {}).get("required", ()))


def rows_of(page: str, column: str) -> Iterator[Row]:
    for table in tables(page):
        yield from (row for row in table if column in row and "Field Name" in row)


def is_required(row: Row) -> bool:
    return row["Description"].startswith("**REQUIRED")


def names_in(value: object) -> Iterator[str]:
    """Names of all fields of a document, at any depth."""
    if isinstance(value, dict):
        yield from value
        for each in value.values():
            yield from names_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from names_in(each)
