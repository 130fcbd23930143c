"""The reference of the catalog and its Items has what the package writes, and nothing else."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import peps_stac
from builders_items import Document, above, every_offer, every_product, every_scene, kept
from builders_tables import DOCS, Row, code, section, tables
from builders_workflow import a_bench
from peps_stac.stac.layers import AssetMode, known_keys
from peps_stac.workflow import AssetChoice

PAGE = (DOCS / "items.md").read_text("utf-8")
KINDS = {
    "sentinel-2-l1c": "scenes",
    "sentinel-2-l2a-maja": "products",
    "sentinel-2-l2a-theia": "offers",
}
EXTENSIONS = "https://stac-extensions.github.io/"
BANDS = ("bands", "eo:bands", "raster:bands")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Document]]:
    """Items of each Collection, by what `KINDS` calls them, and the catalogs above them."""
    folder = tmp_path_factory.mktemp("items")
    return {
        "scenes": kept(every_scene(), folder),
        "products": kept(every_product(), folder),
        "offers": kept(every_offer(), folder),
        "above": list(above(folder).values()),
    }


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Document]]:
    """Items of a whole run, of COGs that were made."""
    with a_bench(tmp_path_factory.mktemp("run") / "catalog") as bench:
        bench.order(bench.search()[:2])
        bench.wait(hours=24)
        bench.download(AssetChoice(AssetMode.COG))
        items = [item.to_dict(transform_hrefs=False) for item in bench.catalog.items()]
    return {kind: [i for i in items if i["collection"] == c] for c, kind in KINDS.items()}


def table(heading: str, column: str) -> list[Row]:
    """The table of a section that has a column of this name."""
    [found] = [rows for rows in tables(section(PAGE, heading)) if column in rows[0]]
    return found


def listed(rows: list[Row], column: str) -> set[str]:
    names = [name for row in rows for name in code(row[column])]
    assert len(names) == len(set(names)), "a name stands twice"
    return set(names)


@pytest.mark.parametrize("kind", KINDS.values())
def test_every_property_is_listed_and_every_listed_one_is_written(
    kind: str, written: dict[str, list[Document]]
) -> None:
    rows = table(f"### Properties of {kind}", "property")

    assert listed(rows, "property") == {n for item in written[kind] for n in item["properties"]}
    assert all(cell for row in rows for cell in row.values())


@pytest.mark.parametrize("kind", KINDS.values())
def test_every_asset_is_listed_with_its_roles_and_media_types(
    kind: str, written: dict[str, list[Document]]
) -> None:
    types = {row["word"]: code(row["media type"])[0] for row in tables_of_media_types()}
    rows = table(f"### Assets of {kind}", "key")
    said = {
        key: (set(code(row["roles"])), {types[word] for word in row["media type"].split(", ")})
        for row in rows
        for key in code(row["key"])
    }
    found: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for item in written[kind]:
        for key, asset in item["assets"].items():
            roles, media_types = found[without_detector(key)]
            roles.update(asset["roles"])
            media_types.add(asset["type"])

    assert found == said


def test_the_keys_of_products_are_all_that_there_can_be() -> None:
    keys = listed(table("### Assets of products", "key"), "key")

    assert keys == {without_detector(key) for mode in AssetMode for key in known_keys(mode)}


@pytest.mark.parametrize("kind", KINDS.values())
def test_every_link_is_listed(kind: str, written: dict[str, list[Document]]) -> None:
    relations = {link["rel"] for item in written[kind] for link in item["links"]}

    assert listed(table(f"### Links of {kind}", "link"), "link") == relations


def test_every_field_of_an_asset_is_listed(written: dict[str, list[Document]]) -> None:
    assets = [a for kind in KINDS.values() for i in written[kind] for a in i["assets"].values()]

    assert listed(table("## Fields of Assets", "field"), "field") == {n for a in assets for n in a}


def test_every_field_of_a_band_is_listed_where_it_stands(
    written: dict[str, list[Document]],
) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    statistics: set[str] = set()
    for asset in (a for item in written["products"] for a in item["assets"].values()):
        for place in BANDS:
            for band in asset.get(place, ()):
                statistics |= set(band.get("statistics", ()))
                for name in band:
                    found[name].add(place)
    rows = table("## Fields of Assets", "field of a band")
    said = {name: row for row in rows for name in code(row["field of a band"])}

    assert set(said) == set(found)
    for name, places in found.items():
        assert places <= set(code(said[name]["in"])), name
    assert statistics == set(code(said["statistics"]["meaning"]))


def test_the_catalogs_and_their_links_are_listed(written: dict[str, list[Document]]) -> None:
    rows = table("## Catalogs and Collections", "field")
    catalogs = written["above"]

    assert listed(rows, "field") == {name for document in catalogs for name in document}
    relations = {link["rel"] for document in catalogs for link in document["links"]}
    assert listed(table("## Catalogs and Collections", "link"), "link") == relations
    summaries = {n for document in catalogs for n in document.get("summaries", ())}
    [row] = [row for row in rows if row["field"] == "`summaries`"]
    assert set(code(row["what it says"])) == summaries


def test_the_folders_are_those_of_a_catalog(written: dict[str, list[Document]]) -> None:
    drawn = section(PAGE, "## Layout")

    assert all(f"{document['id']}/collection.json" in drawn for document in collections(written))
    assert {document["id"] for document in collections(written)} == set(KINDS)


def test_the_extensions_are_those_that_items_declare(written: dict[str, list[Document]]) -> None:
    rows = {code(row["Collection"])[0]: row for row in table("## Schemas", "Collection")}

    for collection, kind in KINDS.items():
        declared = {uri for item in written[kind] for uri in item["stac_extensions"]}
        others = {uri for uri in declared if uri.startswith(EXTENSIONS)}
        named = {f"{EXTENSIONS}{name}/schema.json" for name in code(rows[collection]["extensions"])}
        assert named == others
        assert declared - others <= set(peps_stac.schemas())


def test_the_schemas_of_the_package_are_listed() -> None:
    assert listed(table("## Schemas", "schema"), "schema") == set(peps_stac.schemas())


def test_what_a_whole_run_writes_is_listed(real: dict[str, list[Document]]) -> None:
    assert real["scenes"]
    assert real["products"]
    for kind in ("scenes", "products"):
        properties = listed(table(f"### Properties of {kind}", "property"), "property")
        keys = listed(table(f"### Assets of {kind}", "key"), "key")
        relations = listed(table(f"### Links of {kind}", "link"), "link")
        fields = listed(table("## Fields of Assets", "field"), "field")
        for item in real[kind]:
            assert set(item["properties"]) <= properties
            assert {without_detector(key) for key in item["assets"]} <= keys
            assert {link["rel"] for link in item["links"]} - {"self"} <= relations
            assert {name for asset in item["assets"].values() for name in asset} <= fields


def test_the_python_of_the_page_checks_a_catalog(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [program] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    items = list(every_product())
    kept(items, tmp_path / "catalog")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(compile(program, "items.md", "exec"), names)  # noqa: S102 -- our own page

    assert names["item"]["id"] in {item.id for item in items}
    assert len(names["schemas"]) == len(peps_stac.schemas())


def test_schemas_that_were_given_away_may_be_changed() -> None:
    uri = next(iter(peps_stac.schemas()))
    peps_stac.schemas()[uri].clear()

    assert peps_stac.schemas()[uri]["$id"] == uri


def collections(written: dict[str, list[Document]]) -> Iterator[Document]:
    return (document for document in written["above"] if document["type"] == "Collection")


def tables_of_media_types() -> list[Row]:
    return table("## Fields of Assets", "word")


def without_detector(key: str) -> str:
    return re.sub(r"-D\d\d$", "-D01", key)
