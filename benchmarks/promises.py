"""What is promised of the catalog, and whether a run kept it.

A promise is about a number of Items; a run without that many shows what it measured at its most,
and gives no verdict.
"""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass

from measure import Figures, Found, Run
from ways_index import QUESTIONS

MB = "MB"
TIMES = "times"
MS = "ms"


@dataclass(frozen=True, slots=True)
class Promise:
    """One row of the table at the top."""

    name: str
    """Stable, so that other pages can point at it."""
    text: str
    value: float
    unit: str
    most: float | None = None
    least: float | None = None
    items: int | None = None
    """Measured with so many; None: with as many as promised."""

    @property
    def shown(self) -> str:
        value = f"{self.value:,.0f}" if self.unit in ("files", MB) else f"{self.value:,.2f}"
        at = f", with {self.items:,} Items" if self.items else ""
        return f"{value} {self.unit}{at}".replace(" times", "")

    @property
    def verdict(self) -> str:
        if self.items:
            return "not at this size"
        is_kept = (self.most is None or self.value <= self.most) and (
            self.least is None or self.value >= self.least
        )
        return "yes" if is_kept else "no"


def promises(run: Run) -> list[Promise]:
    found = run.found
    return [
        *_of_results(found),
        *_of_add(found, run.growth),
        *_of_changes(found),
        *_of_search(found),
        *_of_crowds(run.together),
    ]


def _of_results(found: Found) -> Iterator[Promise]:
    by_size = found["results"]
    for wanted, name in ((10_000, "10k"), (100_000, "100k")):
        size, short = _nearest(by_size, wanted)
        yield Promise(
            f"results-{name}",
            f"{wanted:,} Items of a search on disk: at most 2.5 times raw writes of these files",
            _ratio(by_size[size], "store", "raw"),
            TIMES,
            most=2.5,
            items=short,
        )
    size, short = _nearest({k: f for k, f in by_size.items() if "pystac" in f}, 10_000)
    yield Promise(
        "results-pystac",
        "10,000 Items of a search: at least 4 times as fast as pystac, with a catalog a tile",
        _ratio(by_size[size], "pystac", "store"),
        TIMES,
        least=4,
        items=short,
    )
    size, short = _nearest(by_size, 10_000)
    peaks = {key: _peak(figures) for key, figures in by_size.items()}
    yield Promise(
        "results-memory",
        "10,000 search results, from the service's JSON: less than 150 MB",
        peaks[size],
        MB,
        most=150,
        items=short,
    )
    largest, short = _nearest(by_size, 100_000)
    yield Promise(
        "results-memory-100k",
        "100,000 search results: no more memory than 10,000 (at most 1.1 times)",
        peaks[largest] / peaks[size],
        TIMES,
        most=1.1,
        items=short,
    )


def _of_add(found: Found, growth: Figures) -> Iterator[Promise]:
    by_size = found["add"]
    size, short = _nearest(by_size, 100_000)
    least, _ = _nearest(by_size, 1000)
    one = _middle(growth, size)
    files = max(said["files"] for said in by_size[size]["store"])
    text = "One Item added to 100,000: "
    yield Promise("add-files", f"{text}at most 4 files written", files, "files", 4, items=short)
    told = f"{text}at most 1.3 times what it costs with 1,000"
    yield Promise("add-growth", told, _ratio(growth, size, least), TIMES, 1.3, items=short)
    told = f"{text}less than 5 ms without fsync"
    yield Promise("add-time", told, one * 1000, MS, 5, items=short)


def _of_changes(found: Found) -> Iterator[Promise]:
    size, short = _nearest(found["change"], 100_000)
    figures = found["change"][size]
    told = "500 order states changed in 100,000: at most 3 times the raw writes of those files"
    yield Promise("change-500", told, _ratio(figures, "store", "raw"), TIMES, 3, items=short)


def _of_search(found: Found) -> Iterator[Promise]:
    size, short = _nearest(found["find"], 100_000)
    ways = {way: said for way, [said] in found["find"][size].items()}
    slowest = max(ways["index"][f"{name}: s"] for name in QUESTIONS)
    text = "A search of 100,000 Items with the index: less than 100 ms in the process"
    yield Promise("search-index", text, slowest * 1000, MS, 100, items=short)
    text = "By tile and month without the index: less than 50 ms"
    tile = ways["json"]["tile and month: s"]
    yield Promise("search-tile", text, tile * 1000, MS, 50, items=short)
    index = _ratio(found["index"][size], "store", "stac_geoparquet")
    text = "The index of 100,000 Items: at most 1.5 times stac-geoparquet's own writer"
    yield Promise("index-time", text, index, TIMES, 1.5, items=short)
    years = found["reindex"][size]["store"][0]["files"]
    text = "The index after one Item was added: only its year is written again"
    yield Promise("index-years", text, years, "files", 1, items=short)


def _of_crowds(together: Figures) -> Iterator[Promise]:
    for way, name in {"store": "put", "store all": "put-all"}.items():
        value = _ratio(together, f"{way}, at once", f"{way}, one after the other")
        text = f"Processes that add to one catalog at once (`{name.replace('-', '_')}`)"
        told = f"{text}: not slower than one after the other (1.05 at most)"
        yield Promise(f"together-{name}", told, value, TIMES, 1.05)


def _nearest(by_size: dict[str, Figures], wanted: int) -> tuple[str, int | None]:
    """The size asked for, or the greatest below it, and then how great that is."""
    sizes = sorted(map(int, by_size))
    below = [size for size in sizes if size <= wanted] or sizes[:1]
    return str(below[-1]), None if below[-1] == wanted else below[-1]


def _middle(figures: Figures, way: str) -> float:
    return statistics.median(said["seconds"] for said in figures[way])


def _ratio(figures: Figures, way: str, to: str) -> float:
    both = zip(figures[way], figures[to], strict=False)
    return statistics.median(one["seconds"] / other["seconds"] for one, other in both)


def _peak(figures: Figures) -> float:
    return max(said["peak_mb"] for said in figures["answers"])
