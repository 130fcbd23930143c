"""How time grows with the number of Items, as a picture."""

import statistics
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from measure import Figures, Found
from ways_index import QUESTIONS

STYLES = {
    "store": ("peps-stac", "#0b6e4f", "o"),
    "raw": ("raw writes", "#888888", "s"),
    "orjson": ("orjson, Items alone", "#c9a227", "^"),
    "rustac": ("rustac, Items alone", "#b5541c", "v"),
    "pystac": ("pystac, a catalog a tile", "#3a5ba0", "D"),
    "pystac_flat": ("pystac, flat", "#8aa4d6", "x"),
    "pystac_saved": ("pystac, Item and parent alone", "#8aa4d6", "x"),
    "pystac_whole": ("pystac, saved whole", "#3a5ba0", "D"),
}
SEARCHES = {
    "index": ("peps-stac, index", "#0b6e4f", "o"),
    "json": ("peps-stac, no index", "#6abf9b", "s"),
    "brute": ("JSON of all", "#888888", "^"),
    "duckdb": ("plain DuckDB", "#c9a227", "v"),
}


def draw(found: Found, path: Path) -> None:
    mpl.rcParams |= {"svg.hashsalt": "peps-stac", "font.size": 9, "svg.fonttype": "none"}
    figure = Figure(figsize=(11, 3.9), layout="constrained")
    build, add, find = figure.subplots(1, 3)
    for verb, axes, title in (("build", build, "Build a catalog"), ("add", add, "Add one Item")):
        for way, style in STYLES.items():
            line(axes, medians(found[verb], way), style)
        finish(axes, title, found)
    question = next(iter(QUESTIONS))
    for way, style in SEARCHES.items():
        points = {int(size): f[way][0][f"{question}: s"] for size, f in found["find"].items()}
        line(find, points, style)
    finish(find, f"Search by {question}", found)
    figure.savefig(path, metadata={"Date": None, "Creator": None})


def medians(by_size: dict[str, Figures], way: str) -> dict[int, float]:
    return {
        int(size): statistics.median(said["seconds"] for said in figures[way])
        for size, figures in by_size.items()
        if way in figures
    }


def line(axes: Axes, points: dict[int, float], style: tuple[str, str, str]) -> None:
    name, color, marker = style
    if points:
        axes.plot(list(points), list(points.values()), marker=marker, color=color, label=name)


def finish(axes: Axes, title: str, found: Found) -> None:
    axes.set(title=title, xlabel="Items in the catalog", ylabel="seconds")
    axes.loglog()
    sizes = sorted(map(int, found["build"]))
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.set_xticks([], minor=True)
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend(fontsize=7, frameon=False)
