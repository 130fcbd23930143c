"""What PEPS really sent, catalogued, indexed and found again both ways."""

import json
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from peps_stac.loading.selection import as_criteria, as_query
from peps_stac.peps.recorded import raw_features
from peps_stac.peps.resto import read_product
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.stac.l1c import item_from_product
from peps_stac.store import Catalog
from peps_stac.store.index import reindex
from peps_stac.store.search import search
from peps_stac.store.search_filter import Filter
from recorded import SHARED, needs_recorded


@needs_recorded
def test_recorded_scenes_are_indexed_and_found_both_ways(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog")
    for path in sorted((SHARED / "peps").glob("eodag_result_*.geojson")):
        products = map(read_product, raw_features(json.loads(path.read_text())))
        catalog.put_all(map(item_from_product, products))

    done = reindex(catalog)

    assert done.faults == []
    assert done.items == len(list(catalog.ids(L1C_COLLECTION))) > 50
    for text in ("eo:cloud_cover < 30", "sat:relative_orbit = 51 OR platform = 'sentinel-2b'"):
        asked = as_criteria(as_query(), filter=Filter.parse(text))
        both = [
            [f.place.item_id for f in search(str(catalog.root), L1C_COLLECTION, asked, use_index=w)]
            for w in (True, False)
        ]
        assert both[0] == both[1]
        assert both[0]
    parts = f"{catalog.root}/**/items.parquet"
    [(count,)] = duckdb.execute(
        "select count(distinct id) from read_parquet(?, union_by_name=true)", [parts]
    ).fetchall()
    assert count == done.items
    assert all(
        pq.read_schema(path).metadata[b"geo"] for path in catalog.root.glob("*/*/*/*.parquet")
    )
