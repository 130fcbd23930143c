"""How fast many products become a catalog: one process, two, and a Dask cluster of two workers.

    python benchmarks/add.py [--products 40] [--size 122] [--rounds 3]

The products are small, so that what is done once a product counts as much as it can. One way has
both processes share the rasters of one product after the other, as `add` does for the last few.
"""

import argparse
import shutil
import tempfile
import time
from datetime import date
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

from distributed import LocalCluster

from peps_stac.domain import MgrsTile
from peps_stac.peps.resto import read_product
from peps_stac.simulator.products import build_product
from peps_stac.simulator.scenes import features
from peps_stac.store import Catalog
from peps_stac.workflow import AssetChoice, OutcomeState, add

WORKERS = 2
VERB: Any = import_module("peps_stac.workflow.add")
Figures = dict[str, list[dict[str, float]]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--products", type=int, default=40)
    parser.add_argument("--size", type=int, default=122, help="pixels of 10 m; 10980: whole tiles")
    parser.add_argument("--rounds", type=int, default=4)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="peps-stac-bench-") as kept:
        found = products(Path(kept), given.products, given.size, given.rounds)
    for way, rounds in found.items():
        print(f"{way}: {median(said['seconds'] for said in rounds):.1f} s")


def products(folder: Path, count: int, size: int, rounds: int) -> Figures:
    """Figures by way."""
    archives = built(folder / "archives", count, size)
    with LocalCluster(
        n_workers=WORKERS,
        threads_per_worker=1,
        dashboard_address=":0",
        local_directory=str(folder),
    ) as cluster:
        found = measured(folder, archives, cluster.scheduler_address, rounds)
    pixels = {"products": float(count), "pixels": float(size)}
    return {way: [{"seconds": one, **pixels} for one in took] for way, took in found.items()}


def built(folder: Path, count: int, size: int) -> list[Path]:
    found = features([MgrsTile.parse("31TCJ")], date(2017, 7, 1), date(2019, 1, 1))
    scenes = [read_product(feature) for _, feature in zip(range(count), found, strict=False)]
    return [build_product(scene, folder, size=size) for scene in scenes]


def measured(
    folder: Path, archives: list[Path], address: str, rounds: int
) -> dict[str, list[float]]:
    two = AssetChoice(workers=WORKERS)
    ways = {
        "one process": (AssetChoice(workers=1), None, False),
        "two processes, raster by raster": (two, None, False),
        "two processes, side by side": (two, None, True),
        "a Dask cluster of two workers": (two, address, True),
    }
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(rounds):
        for way, (choice, scheduler, is_together) in ways.items():
            took = timed(folder / "catalog", archives, choice, scheduler, is_together=is_together)
            if number or rounds == 1:  # the first round warms caches and workers
                seconds[way].append(took)
    return seconds


def timed(
    root: Path,
    archives: list[Path],
    choice: AssetChoice,
    scheduler: str | None,
    *,
    is_together: bool,
) -> float:
    catalog, whole_rounds = Catalog(root), VERB._whole_rounds  # noqa: SLF001 -- to turn it off
    VERB._whole_rounds = whole_rounds if is_together else lambda *_: 0  # noqa: SLF001 -- as above
    start = time.perf_counter()
    for outcome in add(catalog, archives, assets=choice, scheduler=scheduler):
        if outcome.state is not OutcomeState.ADDED:
            raise SystemExit(f"{outcome.name}: {outcome.state}: {outcome.detail}")
    took = time.perf_counter() - start
    VERB._whole_rounds = whole_rounds  # noqa: SLF001 -- as above
    shutil.rmtree(root)
    return took


if __name__ == "__main__":
    main()
