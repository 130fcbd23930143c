"""The GeoParquet index and the local search, beside stac-geoparquet, DuckDB and plain JSON.

    python benchmarks/search.py --sizes 1000 10000 100000

Every step that is measured runs in a process of its own, and what is compared runs by turns.
stac-geoparquet writes one file from the same Items, read from the same JSON files.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from catalogs import make_catalog

_BEGIN = """
import json, sys, time
root = sys.argv[1]
from peps_stac import Catalog
catalog = Catalog(root)
collection = "sentinel-2-l2a-maja"
def tell(**said):
    # Not `ru_maxrss`: that begins with what the benchmark itself had when it started this.
    [peak] = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")]
    print(json.dumps({**said, "peak_mb": int(peak) / 1024}), flush=True)
"""

_OURS = """
from peps_stac.store.index import reindex
import stac_geoparquet.arrow
began, used = time.perf_counter(), time.process_time()
done = reindex(catalog)
tell(seconds=time.perf_counter() - began, cpu=time.process_time() - used,
     written=len(done.written), faults=done.faults)
"""

_THEIRS = """
import orjson, tempfile
from pathlib import Path
import stac_geoparquet.arrow
def items():
    for path in Path(root, collection).glob("*/*/*/*.json"):
        yield orjson.loads(path.read_bytes())
with tempfile.TemporaryDirectory() as folder:
    began, used = time.perf_counter(), time.process_time()
    stac_geoparquet.arrow.parse_stac_items_to_parquet(
        items(), output_path=Path(folder, "items.parquet"), schema="FirstBatch")
    tell(seconds=time.perf_counter() - began, cpu=time.process_time() - used)
"""

_PUT = """
import copy
[item] = list(catalog.items(tile="31TCA", year=2016))[:1]
times = []
for number in range(30):
    new = item.clone()
    new.id = f"{item.id[:-4]}X{number:02d}"
    began = time.perf_counter()
    catalog.put(new)
    times.append(time.perf_counter() - began)
for number in range(30):
    catalog.remove(f"{item.id[:-4]}X{number:02d}", collection)
catalog.put(item)
tell(seconds=sorted(times)[len(times) // 2])
"""

_ADD_AND_REINDEX = """
from peps_stac.store.index import reindex
import stac_geoparquet.arrow
reindex(catalog)
[item] = list(catalog.items(tile="31TCA", year=2016))[:1]
new = item.clone()
new.id = f"{item.id[:-4]}Y"
catalog.put(new)
began = time.perf_counter()
done = reindex(catalog, deep=False)
seconds = time.perf_counter() - began
catalog.remove(new.id, collection)
reindex(catalog, deep=False)
tell(seconds=seconds, written=len(done.written))
"""

_SEARCH = """
import duckdb
from peps_stac.loading.selection import as_criteria, as_query
from peps_stac.store.search import search
from peps_stac.store.search_filter import Filter
way, runs, asked = sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4])
condition = asked.pop("filter", None)
sql = asked.pop("sql")
criteria = as_criteria(as_query(**asked), filter=condition and Filter.parse(condition))
connection = duckdb.connect()
def find():
    if way == "duckdb":
        parts = f"read_parquet('{root}/**/items.parquet', union_by_name=true)"
        return connection.execute(f"select id from {parts} where {sql}").fetchall()
    if way == "brute force":
        return [d for _, d in catalog.documents(collection) if criteria.matches(d)]
    return list(search(root, collection, criteria, use_index=way == "index"))
times = []
find() if runs > 1 else None
for _ in range(runs):
    began = time.perf_counter()
    found = find()
    times.append(time.perf_counter() - began)
tell(seconds=sorted(times)[len(times) // 2], found=len(found))
"""

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
_MOST_OFTEN = 20_000
"""Items up to which each index is made in every round; above, once."""
WAYS = {"index": 7, "JSON": 5, "brute force": 1, "duckdb": 3}
"""How often each way is taken; the median counts."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument(
        "--rounds", type=int, default=3, help="of the index, by turns; one above 20,000 Items"
    )
    parser.add_argument("--folder", type=Path, help="keeps the catalogs and uses them again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        roots = [a_catalog(options.folder or Path(folder), size) for size in options.sizes]
        print_index(options.sizes, roots, options.rounds)
        for size, root in zip(options.sizes, roots, strict=True):
            print_searches(size, root)


def a_catalog(folder: Path, size: int) -> Path:
    root = folder / f"c{size}"
    if not root.exists():
        make_catalog(root, size)
    return root


def print_index(sizes: list[int], roots: list[Path], rounds: int) -> None:
    print("| Items | index | stac-geoparquet | ratio | CPU ratio | peak memory, ours and theirs |")
    print("| --- | --- | --- | --- | --- | --- |")
    for size, root in zip(sizes, roots, strict=True):
        turns = range(rounds if size <= _MOST_OFTEN else 1)
        pairs = [(first_index(root), measured(_THEIRS, root)) for _ in turns]
        ours = statistics.median(pair[0]["seconds"] for pair in pairs)
        theirs = statistics.median(pair[1]["seconds"] for pair in pairs)
        ratio = statistics.median(a["seconds"] / b["seconds"] for a, b in pairs)
        cpu = statistics.median(a["cpu"] / b["cpu"] for a, b in pairs)
        peaks = " and ".join(f"{max(p[n]['peak_mb'] for p in pairs):.0f} MB" for n in (0, 1))
        cells = (f"{size:,}", f"{ours:.1f} s", f"{theirs:.1f} s", f"{ratio:.2f}", f"{cpu:.2f}")
        print(f"| {' | '.join(cells)} | {peaks} |", flush=True)
    print("\n| Items | put one, no index | put one, indexed | reindex after one | years written |")
    print("| --- | --- | --- | --- | --- |")
    for size, root in zip(sizes, roots, strict=True):
        with_index = measured(_PUT, root)["seconds"]
        measured(_OURS, root)
        again = measured(_ADD_AND_REINDEX, root)
        index = root / ".index"
        aside = index.rename(root / ".staging-index")
        without = measured(_PUT, root)["seconds"]
        aside.rename(index)
        measured(_OURS, root)
        cells = (f"{without * 1e3:.2f} ms", f"{with_index * 1e3:.2f} ms")
        after = f"{again['seconds'] * 1e3:.0f} ms"
        print(f"| {size:,} | {' | '.join(cells)} | {after} | {again['written']} |", flush=True)


def first_index(root: Path) -> dict[str, Any]:
    for path in (root / ".index").glob("*"):
        path.unlink()
    for path in root.glob("*/*/*/items.parquet"):
        path.unlink()
    return measured(_OURS, root)


def print_searches(size: int, root: Path) -> None:
    print(f"\n| {size:,} Items: ms, peak MB | found | {' | '.join(WAYS)} |")
    print(f"| --- | --- |{' --- |' * len(WAYS)}")
    for question, asked in QUESTIONS.items():
        cells, counts = [], set()
        for way, runs in WAYS.items():
            said = measured(_SEARCH, root, way, str(runs), json.dumps(asked))
            counts.add(said["found"])
            cells.append(f"{said['seconds'] * 1e3:.1f}, {said['peak_mb']:.0f}")
        found = counts.pop() if len(counts) == 1 else f"DIFFERENT: {counts}"
        print(f"| {question} | {found} | {' | '.join(cells)} |", flush=True)


def measured(code: str, root: Path, *more: str) -> dict[str, Any]:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run(  # noqa: S603 -- our own words
        [sys.executable, "-c", _BEGIN + code, str(root), *more],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    if ran.returncode:
        raise SystemExit(ran.stderr)
    said: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return said


if __name__ == "__main__":
    main()
