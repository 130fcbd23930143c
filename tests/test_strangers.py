"""Tools that nobody here wrote read the whole catalog: validators, a linter, GeoParquet, DuckDB."""

import functools
import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import duckdb
import pytest
import stac_check.lint
import stac_geoparquet.arrow
from stac_validator.validate import StacValidate

from builders_workflow import a_bench
from peps_stac.cli.search import item_collection
from peps_stac.loading import select
from peps_stac.loading.hrefs import absolute
from peps_stac.stac.collections import L1C_COLLECTION, L2A_COLLECTION
from peps_stac.store import Catalog
from peps_stac.workflow import AssetChoice, AssetMode
from recorded import SHARED, needs_recorded

EXPLAINED = {
    "STAC Best Practices: ": "a heading",
    "": "a blank line",
    "Identifiers should consist of only lowercase characters, numbers, '_', and '-'": (
        "ids are the product names of ESA and MAJA, by which everybody looks for them"
    ),
    "A link to 'self' in links is strongly recommended": (
        "the folder can be moved and served from anywhere; a self link would then lie"
    ),
}
"""What stac-check says and why it stays so; by its words."""

EXPLAINED_BEGINNINGS = {
    "Item name '": "as above: the product's name",
    "You have ": "more than 20 properties, each a fact that the product tells",
}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    with a_bench(tmp_path_factory.mktemp("strangers") / "catalog") as bench:
        bench.order(bench.search()[:5])
        bench.wait(hours=24)
        bench.download(AssetChoice(AssetMode.COG))
        yield bench.catalog


def documents(catalog: Catalog) -> list[Path]:
    return [p for p in sorted(catalog.root.rglob("*.json")) if not p.name.startswith(".")]


def schema_map() -> dict[str, str]:
    """Each schema's URI to a file: the offline copies, and our own."""
    folder = SHARED / "stac-schemas"
    index = json.loads((folder / "index.json").read_text())
    own = Path(str(files("peps_stac.stac") / "schemas")).glob("*.json")
    return {uri: str(folder / name) for uri, name in index.items()} | {
        json.loads(path.read_text())["$id"]: str(path) for path in own
    }


@needs_recorded
def test_stac_valid_finds_nothing_in_any_file(catalog: Catalog) -> None:
    found = documents(catalog)

    assert len(found) > 10
    for path in found:
        validator = StacValidate(str(path), schema_map=schema_map())
        assert validator.run(), validator.message


@needs_recorded
def test_stac_valid_finds_nothing_in_what_search_prints(catalog: Catalog) -> None:
    """Items that are not saved: they have no Collection to link to."""
    printed = item_collection(list(catalog.items(L1C_COLLECTION)))["features"]

    assert isinstance(printed, list)
    for document in printed:
        validator = StacValidate(schema_map=schema_map())
        links = [link for link in document["links"] if link["rel"] in ("via", "monitor")]
        assert validator.validate_dict({**document, "links": links}), validator.message


@needs_recorded
def test_what_stac_check_remarks_is_explained(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    offline = functools.partial(StacValidate, schema_map=schema_map())
    monkeypatch.setattr(stac_check.lint, "StacValidate", offline)

    for path in documents(catalog):
        linter = stac_check.lint.Linter(str(path))
        remarks = [
            remark
            for remark in linter.best_practices_msg
            if remark not in EXPLAINED and not remark.startswith(tuple(EXPLAINED_BEGINNINGS))
        ]
        assert linter.valid_stac
        assert remarks == []


def test_geoparquet_and_duckdb_have_what_the_catalog_has(catalog: Catalog, tmp_path: Path) -> None:
    """Written by stac-geoparquet, read by plain DuckDB on `bbox` and `datetime`."""
    items = {item.id: absolute(item) for item in select(catalog)}
    path = tmp_path / "items.parquet"
    reader = stac_geoparquet.arrow.parse_stac_items_to_arrow(list(items.values()))
    stac_geoparquet.arrow.to_parquet(reader, path)

    rows = duckdb.execute(
        f"""select id, "eo:cloud_cover", "proj:epsg", bbox.xmin, assets.B04.href
        from '{path}' where bbox.xmin < 2 and datetime >= '2017-11-01'"""  # noqa: S608 -- our path
    ).fetchall()

    assert {row[0] for row in rows} == set(items) == set(catalog.ids(L2A_COLLECTION))
    for item_id, cloud_cover, epsg, west, href in rows:
        item = items[item_id]
        assert cloud_cover == item["properties"]["eo:cloud_cover"]
        assert epsg == item["properties"]["proj:epsg"] == 32631
        assert west == pytest.approx(item["bbox"][0])
        assert Path(href).is_file()


def test_select_gives_the_same_items_as_the_folders(catalog: Catalog) -> None:
    assert {item.id for item in select(catalog)} == set(catalog.ids(L2A_COLLECTION))
