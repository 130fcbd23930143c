"""The GeoParquet index and the local search, beside stac-geoparquet, DuckDB and plain JSON."""

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import orjson
import stac_geoparquet.arrow
from inputs import COLLECTION, Said, first, fresh, timed
from pystac import Item

from peps_stac import Catalog
from peps_stac.loading.selection import as_criteria, as_query
from peps_stac.store.index import reindex
from peps_stac.store.search import search
from peps_stac.store.search_criteria import Criteria
from peps_stac.store.search_filter import Filter

QUESTIONS: dict[str, dict[str, Any]] = {
    "box and month": {
        "bbox": [0.2, 40.1, 0.4, 40.2],
        "datetime": "2018-11-01/2018-11-30",
        "sql": "bbox.xmin <= 0.4 and bbox.xmax >= 0.2 and bbox.ymin <= 40.2 and bbox.ymax >= 40.1"
        " and datetime between '2018-11-01 00:00:00Z' and '2018-11-30 23:59:59.999Z'",
    },
    "tile and month": {
        "tiles": "31TCA",
        "datetime": "2018-11-01/2018-11-30",
        "sql": "\"grid:code\" = 'MGRS-31TCA'"
        " and datetime between '2018-11-01 00:00:00Z' and '2018-11-30 23:59:59.999Z'",
    },
    "CQL2 on two properties": {
        "filter": "eo:cloud_cover < 0.1 AND platform = 'sentinel-2b'",
        "sql": "\"eo:cloud_cover\" < 0.1 and platform = 'sentinel-2b'",
    },
}
Ask = Callable[[Criteria, str], int]
"""How many Items answer a question, asked as criteria or as SQL."""


def index_store(root: str, _source: str) -> None:
    """`items.parquet` of every year, and the search index, from the catalog."""
    done = reindex(Catalog(root))
    if done.faults or not done.written:
        raise SystemExit(f"{root}: not indexed: {done}")


def index_stac_geoparquet(root: str, _source: str) -> float:
    """One file, from the same JSON files."""
    with tempfile.TemporaryDirectory(dir=Path(root).parent) as folder:
        return timed(
            lambda: stac_geoparquet.arrow.parse_stac_items_to_parquet(
                _items(root), output_path=Path(folder, "items.parquet"), schema="FirstBatch"
            )
        )


def _items(root: str) -> Iterator[dict[str, Any]]:
    for path in Path(root, COLLECTION).glob("*/*/*/*.json"):
        yield orjson.loads(path.read_bytes())


def reindex_store(root: str, source: str) -> Said:
    """After one Item was added."""
    catalog = Catalog(root)
    item = Item.from_dict(fresh(first(source), 900) | {"links": []}, migrate=False)
    catalog.put(item)
    written: list[str] = []
    seconds = timed(lambda: written.extend(reindex(catalog, deep=False).written))
    catalog.remove(item.id, COLLECTION)
    reindex(catalog, deep=False)
    return {"seconds": seconds, "files": len(written)}


def find_index(root: str, runs: str) -> Said:
    return _found(int(runs), lambda asked, _: _searched(root, asked, use_index=True))


def find_json(root: str, runs: str) -> Said:
    """Pruned by tile and year."""
    return _found(int(runs), lambda asked, _: _searched(root, asked, use_index=False))


def find_brute(root: str, runs: str) -> Said:
    """Every Item read and compared."""
    catalog = Catalog(root)

    def ask(asked: Criteria, _sql: str) -> int:
        return sum(asked.matches(document) for _, document in catalog.documents(COLLECTION))

    return _found(int(runs), ask)


def find_duckdb(root: str, runs: str) -> Said:
    """Plain SQL over all `items.parquet`, each of which has to be opened."""
    connection = duckdb.connect()
    parts = f"read_parquet('{root}/**/items.parquet', union_by_name=true)"

    def ask(_asked: Criteria, sql: str) -> int:
        return len(connection.execute(f"select id from {parts} where {sql}").fetchall())  # noqa: S608 -- our own words

    return _found(int(runs), ask)


def _searched(root: str, asked: Criteria, *, use_index: bool) -> int:
    return len(list(search(root, COLLECTION, asked, use_index=use_index)))


def _found(runs: int, ask: Ask) -> Said:
    """Seconds and number of Items for each question; a first run that warms is not counted."""
    said: Said = {}
    for name, question in QUESTIONS.items():
        given = {**question}
        sql, condition = given.pop("sql"), given.pop("filter", None)
        criteria = as_criteria(as_query(**given), filter=condition and Filter.parse(condition))
        counts = {ask(criteria, sql)} if runs > 1 else set[int]()
        times = []
        for _ in range(runs):
            began = time.perf_counter()
            counts.add(ask(criteria, sql))
            times.append(time.perf_counter() - began)
        if len(counts) > 1:
            raise SystemExit(json.dumps({name: list(counts)}))
        said |= {f"{name}: s": statistics.median(times), f"{name}: found": counts.pop()}
    return said
