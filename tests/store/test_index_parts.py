"""Many Items in one GeoParquet file."""

from pathlib import Path

import duckdb
import geopandas
import pyarrow.parquet as pq
import pytest
import stac_geoparquet.arrow

from builders_store import an_item, some_items
from peps_stac.errors import RequestError
from peps_stac.loading.export import export
from peps_stac.store import index_parts


def test_more_items_than_fit_into_memory_are_one_table_of_all_their_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_parts, "_BATCH", 4)
    items = some_items(10)
    items[1].properties |= {"gsd": 10.5, "early": "only", "deep": {"x": 1}}
    items[9].properties |= {"late": [1, 2], "deep": {"y": "two"}}
    path = tmp_path / "items.parquet"

    assert export(items, path) == 10

    again = {i["id"]: i for i in stac_geoparquet.arrow.stac_table_to_items(pq.read_table(path))}
    assert list(again) == [item.id for item in items]
    assert again[items[1].id]["properties"]["deep"]["x"] == 1
    assert again[items[9].id]["properties"]["late"] == [1, 2]
    assert len(geopandas.read_parquet(path)) == 10
    [(count,)] = duckdb.execute(
        "select count(*) from read_parquet(?) where early is null", [str(path)]
    ).fetchall()
    assert count == 9
    assert [file.name for file in tmp_path.iterdir()] == ["items.parquet"]


def test_what_geoparquet_cannot_hold_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    odd = an_item("odd")
    odd.properties["mixed"] = [1, "two"]
    path = tmp_path / "items.parquet"
    path.write_text("mine")

    with pytest.raises(RequestError, match=r"cannot be GeoParquet.*choose \.ndjson"):
        export([odd], path)

    assert path.read_text() == "mine"
    assert [file.name for file in tmp_path.iterdir()] == ["items.parquet"]


def test_no_items_make_no_file(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no Items"):
        export([], tmp_path / "items.parquet")

    assert list(tmp_path.iterdir()) == []
