"""What was measured, as a page in Markdown: what is promised first, then a table a verb."""

import os
import platform
import statistics
from collections.abc import Iterator
from importlib.metadata import version

from inputs import Said
from measure import EACH, Figures, Run
from promises import Promise, promises
from ways_index import QUESTIONS

NAMES = {
    "raw": "raw writes of the same files",
    "orjson": "orjson, the Items alone",
    "rustac": "rustac, the Items alone",
    "store": "peps-stac",
    "store_items": "peps-stac, as pystac Items",
    "answers": "peps-stac, from the service's JSON",
    "pystac": "pystac, a catalog a tile",
    "pystac_plain": "pystac, without links to elsewhere",
    "pystac_flat": "pystac, flat",
    "pystac_saved": "pystac, Item and parent alone",
    "pystac_whole": "pystac, saved whole",
    "stac_geoparquet": "stac-geoparquet, one file",
    "index": "peps-stac, index",
    "json": "peps-stac, JSON of that tile and year",
    "brute": "JSON of all, compared",
    "duckdb": "plain DuckDB over all `items.parquet`",
}
BYTES = "raw reads of the same files"
PACKAGES = ("peps-stac", "pystac", "orjson", "rustac", "stac-geoparquet", "duckdb", "distributed")
WHOLE = "`make bench` wrote this page."
QUICK = "`make bench QUICK=1` wrote this page, to show that all works: it is no measurement."
READ = """\
Each step ran in a process of its own, and what is compared by turns. Times are medians; ratios are
medians of the ratios of each round, with the least and the greatest; a peak is the most memory that
the process of a step had. Only figures of one run may be compared: the ratios are what counts."""
TITLES = {
    "results": "Search results to a catalog",
    "build": "Building from JSON",
    "add": "Adding one Item",
    "change": "Changing 500 order states",
    "remove": "Removing one Item",
    "read": "Reading all back",
    "index": "The index",
    "reindex": "The index after one Item was added",
}
TEXTS = {
    "results": """\
L1C Items of a search, in memory, to files. Raw writes are a folder, an open, a write and a close
for each of the very files that peps-stac wrote in the same round. The row from the service's JSON
also parses and converts every answer, which during a search is done while the next page is waited
for. For each link to elsewhere (`via`), pystac looks through the whole catalog; without such links
the files are not the same, but pystac is at its best.""",
    "build": """\
L2A Items of 20 assets and 19 kB, from JSON lines; parsing these counts, but not for raw writes.
orjson and rustac write no catalog above the Items.""",
    "add": """\
To the catalogs just built, without fsync. Raw writes are of the same four files.""",
    "growth": """\
Once more when all the catalogs are there, by turns:""",
    "change": """\
All over the catalog; reading and parsing them counts, but not for raw writes, which write over
the old files in place.""",
    "remove": "With its folder; peps-stac makes extents exact again.",
    "read": "All were read once before, so that they are in memory. Raw reads are bytes alone.",
    "index": """\
`items.parquet` of every year and the search index, from the JSON files; stac-geoparquet writes
one file from the same (`FirstBatch`). More than half of its time is a deep copy of every Item,
which Items that nobody else holds can do without.""",
    "reindex": "Files are years written, of all those there are.",
    "find": """\
Inside a process, milliseconds. A box and a month of all years, a tile and a month, and a CQL2
text of two properties. Up to 200 Items are read as JSON even where there is an index, which is
quicker.""",
}


def page(run: Run, picture: str, *, is_quick: bool) -> str:
    """All tables."""
    found, together, products = run.found, run.together, run.products
    sizes = sorted({int(size) for figures in found.values() for size in figures})
    parts = [
        "# Benchmarks of the catalog",
        _intro(sizes, is_quick=is_quick),
        "## What is promised",
        promised(promises(run)),
        f"![How time grows with the number of Items]({picture})",
    ]
    for verb, title in TITLES.items():
        parts += [f"## {title}", TEXTS[verb], *_of_verb(verb, found[verb])]
        parts += [TEXTS["growth"], _growth(run.growth)] if verb == "add" else []
    parts += ["## Searching", TEXTS["find"], *_searches(found["find"])]
    parts += ["## Several processes and one catalog", _together_text(together), _together(together)]
    parts += ["## Adding products", _products_text(products), _products(products)]
    return "\n\n".join(parts) + "\n"


def _intro(sizes: list[int], *, is_quick: bool) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    where = f"{os.cpu_count()} processors, {platform.system()}, Python {platform.python_version()}"
    load = f"Load {os.getloadavg()[0]:.1f} at the end."
    said = f"Catalogs of {_counted(sizes)} Items, on {where}, {packages}. {load}"
    return f"{QUICK if is_quick else WHOLE} {said}\n\n{READ}"


def _counted(sizes: list[int]) -> str:
    words = [f"{size:,}" for size in sizes]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def promised(rows: list[Promise]) -> str:
    lines = ["| row | what is promised | measured | kept |", "| --- | --- | --- | --- |"]
    for row in rows:
        name = f'<a id="{row.name}"></a>{row.name}'
        lines.append(f"| {name} | {row.text} | {row.shown} | {row.verdict} |")
    return "\n".join(lines)


def _of_verb(verb: str, by_size: dict[str, Figures]) -> Iterator[str]:
    ways = list(dict.fromkeys(way for figures in by_size.values() for way in figures))
    base = "raw" if "raw" in ways else "store" if len(ways) > 1 else None
    shown = milliseconds if verb in ("add", "change", "remove", "reindex") else seconds
    has_files = verb in ("add", "reindex")
    named = NAMES | ({"raw": BYTES} if verb == "read" else {})
    beside = {None: [], "store": ["to peps-stac"], "raw": [f"to {named['raw'].split(' of ')[0]}"]}
    heads = ["time", *beside[base]]
    heads += [*(["files written"] if has_files else []), "peak"]
    for size, figures in by_size.items():
        lines = [f"| {int(size):,} Items | {' | '.join(heads)} |"]
        lines.append("| --- |" + " --- |" * len(heads))
        for way, rounds in figures.items():
            cells = [shown(middle(rounds))]
            cells += [ratio(figures, way, base)] if base else []
            cells += [_files(rounds)] if has_files else []
            cells.append(peak(rounds))
            anchor = f'<a id="{verb}-{size}-{way.replace("_", "-")}"></a>'
            lines.append(f"| {anchor}{named[way]} | {' | '.join(cells)} |")
        yield "\n".join(lines)


def _growth(figures: Figures) -> str:
    [least, *_] = figures
    lines = ["| | time | to the smallest |", "| --- | --- | --- |"]
    for size, rounds in figures.items():
        anchor = f'<a id="growth-{size}"></a>'
        cells = f"{milliseconds(middle(rounds))} | {ratio(figures, size, least)}"
        lines.append(f"| {anchor}{int(size):,} Items | {cells} |")
    return "\n".join(lines)


def _files(rounds: list[Said]) -> str:
    return f"{max(said['files'] for said in rounds):,.0f}" if "files" in rounds[0] else ""


def _searches(by_size: dict[str, Figures]) -> Iterator[str]:
    for size, figures in by_size.items():
        lines = [f"| {int(size):,} Items | {' | '.join(QUESTIONS)} | peak |"]
        lines.append("| --- |" + " --- |" * (len(QUESTIONS) + 1))
        for way, [said] in figures.items():
            cells = [milliseconds(said[f"{name}: s"]) for name in QUESTIONS]
            anchor = f'<a id="search-{size}-{way}"></a>'
            lines.append(f"| {anchor}{NAMES[way]} | {' | '.join(cells)} | {peak([said])} |")
        counts = (f"{_same(figures, name):,.0f}" for name in QUESTIONS)
        lines.append(f"| Items found, by each way | {' | '.join(counts)} | |")
        yield "\n".join(lines)


def _same(figures: Figures, question: str) -> float:
    counts = {said[f"{question}: found"] for [said] in figures.values()}
    if len(counts) > 1:
        raise SystemExit(f"{question}: the ways find different Items: {counts}")
    return counts.pop()


def _together_text(figures: Figures) -> str:
    [said, *_] = next(iter(figures.values()))
    return f"""\
{said["processes"]:.0f} processes add {EACH} Items each to one new catalog: `put` one by one, and
`put_all`. What a process needs to start is not counted."""


def _together(figures: Figures) -> str:
    lines = ["| | one after the other | at once | ratio |", "| --- | --- | --- | --- |"]
    for way, name in {"store": "`put`", "store all": "`put_all`"}.items():
        alone, crowd = f"{way}, one after the other", f"{way}, at once"
        cells = (milliseconds(middle(figures[alone])), milliseconds(middle(figures[crowd])))
        anchor = f'<a id="together-{way.replace(" ", "-")}"></a>'
        shown = ratio(figures, crowd, alone)
        lines.append(f"| {anchor}{name} | {' | '.join(cells)} | {shown} |")
    return "\n".join(lines)


def _products_text(figures: Figures) -> str:
    [said, *_] = next(iter(figures.values()))
    return f"""\
`add` of {said["products"]:.0f} simulated products of {said["pixels"]:.0f} pixels, to COGs; they are
small, so that what is done once a product counts as much as it can."""


def _products(figures: Figures) -> str:
    lines = ["| | time | products a second | times as fast |", "| --- | --- | --- | --- |"]
    [base, *_] = figures
    for way, rounds in figures.items():
        rate = rounds[0]["products"] / middle(rounds)
        anchor = f'<a id="products-{way.replace(" ", "-").replace(",", "")}"></a>'
        shown = ratio(figures, base, way)
        lines.append(f"| {anchor}{way} | {seconds(middle(rounds))} | {rate:.1f} | {shown} |")
    return "\n".join(lines)


def middle(rounds: list[Said]) -> float:
    return statistics.median(said["seconds"] for said in rounds)


def peak(rounds: list[Said]) -> str:
    return f"{max(said['peak_mb'] for said in rounds):.0f} MB"


def ratio(figures: Figures, way: str, to: str) -> str:
    """Median of the ratios of each round, and where they lie."""
    ratios = sorted(pairs(figures, way, to))
    shown = f"{statistics.median(ratios):.2f}"
    if way == to:
        return "1"
    return shown if len(ratios) == 1 else f"{shown} ({ratios[0]:.2f} to {ratios[-1]:.2f})"


def pairs(figures: Figures, way: str, to: str) -> list[float]:
    both = zip(figures[way], figures[to], strict=False)
    return [one["seconds"] / other["seconds"] for one, other in both]


def seconds(value: float) -> str:
    return f"{value:.2f} s"


def milliseconds(value: float) -> str:
    return f"{value * 1000:,.2f} ms" if value < 1 else f"{value * 1000:,.0f} ms"
