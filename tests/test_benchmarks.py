"""The benchmarks run: small, once, and with no word on how fast anything is."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCH = Path(__file__).parents[1] / "benchmarks/bench.py"
SIZES = ("20", "60")
WAYS = {
    "results": {"store", "raw", "answers", "pystac", "pystac_plain"},
    "build": {"store", "raw", "orjson", "rustac", "pystac", "pystac_flat"},
    "add": {"store", "raw", "pystac_saved", "pystac_whole"},
    "change": {"store", "raw", "pystac"},
    "remove": {"store", "pystac"},
    "read": {"store", "store_items", "raw", "orjson", "rustac", "pystac"},
    "index": {"store", "stac_geoparquet"},
    "reindex": {"store"},
    "find": {"index", "json", "brute", "duckdb"},
}
PROMISES = {
    "results-10k",
    "results-100k",
    "results-pystac",
    "results-memory",
    "results-memory-100k",
    "add-files",
    "add-growth",
    "add-time",
    "change-500",
    "search-index",
    "search-tile",
    "index-time",
    "index-years",
    "together-put",
    "together-put-all",
}
"""Other pages point at these."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one run wrote."""
    out, folder = tmp_path_factory.mktemp("out"), tmp_path_factory.mktemp("folder")
    words = ["--quick", "--sizes", ",".join(SIZES), "--out", str(out), "--folder", str(folder)]
    ran = subprocess.run([sys.executable, BENCH, *words], capture_output=True, text=True)  # noqa: S603, PLW1510 -- our own words; looked at below
    assert ran.returncode == 0, ran.stderr
    assert not list(folder.iterdir()), "left behind"
    return out


def rows(page: Path) -> dict[str, list[str]]:
    """Cells of each row that has a name."""
    found = re.findall(r'^\| <a id="([^"]+)"></a>[^|]* \| (.*) \|$', page.read_text(), re.MULTILINE)
    return {name: cells.split(" | ") for name, cells in found}


def test_every_way_is_measured_at_every_size(written: Path) -> None:
    figures: dict[str, Any] = json.loads((written / "catalog.json").read_text())["found"]

    for size in SIZES:
        assert {verb: set(by_size[size]) for verb, by_size in figures.items()} == WAYS


def test_every_figure_has_its_row_with_a_ratio(written: Path) -> None:
    found = rows(written / "catalog.md")

    for verb, ways in WAYS.items():
        for size in SIZES:
            for way in ways:
                name = "search" if verb == "find" else verb
                cells = found[f"{name}-{size}-{way.replace('_', '-')}"]
                assert cells[-1].endswith("MB")
                assert verb in {"find", "reindex"} or float(cells[1]) > 0
    assert float(found["growth-60"][-1].split()[0]) > 0
    assert float(found["together-store"][-1].split()[0]) > 0
    assert float(found["products-a-Dask-cluster-of-two-workers"][-1].split()[0]) > 0


def test_every_promise_has_a_row_and_no_verdict_at_another_size(written: Path) -> None:
    found = rows(written / "catalog.md")

    assert found.keys() >= PROMISES
    verdicts = {name: found[name][-1] for name in PROMISES}
    at_any_size = {name for name, said in verdicts.items() if said in {"yes", "no"}}
    assert at_any_size == {"together-put", "together-put-all"}
    assert found["add-files"][1] == "4 files, with 60 Items"


def test_the_page_shows_the_picture(written: Path) -> None:
    assert "(catalog.svg)" in (written / "catalog.md").read_text()
    assert (written / "catalog.svg").read_text().count("pystac, a catalog a tile") == 1


def test_what_the_readme_claims_was_measured_and_kept() -> None:
    root = BENCH.parents[1]
    kept = rows(root / "docs/benchmarks/catalog.md")
    claims = re.findall(
        r"\(docs/benchmarks/catalog\.md#([a-z0-9-]+)\)", (root / "README.md").read_text()
    )
    named = [name for name in claims if name != "what-is-promised"]

    assert named
    assert {name: kept[name][-1] for name in named} == dict.fromkeys(named, "yes")
