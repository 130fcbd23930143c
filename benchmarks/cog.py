"""How long and how large: the rasters of one product as COGs, against GDAL's own translation.

    python benchmarks/cog.py [--size 10980] [--rounds 3] [--product X.zip]

Both sides read the same members of the same zip, with two processes, the largest first, and write
with the same creation options. Ours also sets nodata, counts statistics and compares every pixel.
Targets: ratio at most 1.15; less than 1.5 GB a worker; at no moment more on disk than the finished
COGs and one raster.
"""

import argparse
import multiprocessing
import os
import resource
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from statistics import median

import rasterio
from rasterio.shutil import copy

from peps_stac.archive import ProductSource, open_product
from peps_stac.domain import MgrsTile
from peps_stac.peps.resto import read_product
from peps_stac.raster.cog import RasterKind, creation_options, write_cog
from peps_stac.raster.files import BLOCK
from peps_stac.simulator.products import build_product
from peps_stac.simulator.scenes import features

WORKERS = 2
GIGA = 1e9
MEGA = 1e6
POLL_S = 0.02
CLOUDY = 50
NODATA = {RasterKind.REFLECTANCE: -10_000, RasterKind.ATMOSPHERE: 0, RasterKind.BITS: None}


@dataclass(frozen=True, slots=True)
class Task:
    """One raster of the archive."""

    archive: Path
    member: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Cost:
    """What a worker has used since it started."""

    worker: int
    cpu_s: float
    memory: int
    """Bytes at its peak."""


@dataclass(frozen=True, slots=True)
class Run:
    """One conversion of all rasters."""

    wall_s: float
    cpu_s: float
    """Of both workers, their start included; steadier than the wall on a busy machine."""
    memory: float
    """Bytes of the larger worker, at its peak."""
    final: int
    """Bytes of the finished COGs."""
    over: int
    """Bytes on disk beyond the finished COGs, at the peak."""


def kind_of(member: str) -> RasterKind:
    if "/MASKS/" in member:
        return RasterKind.BITS
    return RasterKind.ATMOSPHERE if "_ATB_" in member else RasterKind.REFLECTANCE


def ours(task: Task) -> Cost:
    kind, name = kind_of(task.member), PurePosixPath(task.member).stem
    with open_product(task.archive) as source:
        content = source.read(task.member, source.size(task.member))
    for band in (1, 2) if kind is RasterKind.ATMOSPHERE else (1,):
        target = task.folder / f"{name}_{band}.tif"
        write_cog(content, target, kind=kind, nodata=NODATA[kind], band=band)
    return cost()


def by_gdal(task: Task) -> Cost:
    """`gdal_translate -of COG -b N`, and GDAL's defaults for all else."""
    kind, name = kind_of(task.member), PurePosixPath(task.member).stem
    options = {"blocksize": BLOCK, "num_threads": 1, **creation_options(kind)}
    source = f"/vsizip/{task.archive}/{task.member}"
    with rasterio.Env():
        if kind is not RasterKind.ATMOSPHERE:
            copy(source, task.folder / f"{name}.tif", driver="COG", **options)
            return cost()
        for band in (1, 2):
            with rasterio.open(f"vrt://{source}?bands={band}") as one:
                copy(one, task.folder / f"{name}_{band}.tif", driver="COG", **options)
    return cost()


def cost() -> Cost:
    used_up = resource.getrusage(resource.RUSAGE_SELF)
    return Cost(os.getpid(), used_up.ru_utime + used_up.ru_stime, used_up.ru_maxrss * 1024)


def measured(work: Callable[[Task], Cost], archive: Path, members: list[str]) -> Run:
    with tempfile.TemporaryDirectory(dir=archive.parent) as scratch:
        folder = Path(scratch)
        tasks = [Task(archive, member, folder) for member in members]
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(WORKERS, mp_context=spawn) as pool:
            list(pool.map(time.sleep, [0.5] * WORKERS))  # both have started
            with watched(folder) as sizes:
                start = time.perf_counter()
                costs = list(pool.map(work, tasks))
                wall = time.perf_counter() - start
        final = used(folder)
    cpu = {each.worker: max(c.cpu_s for c in costs if c.worker == each.worker) for each in costs}
    memory = max(each.memory for each in costs)
    return Run(wall, sum(cpu.values()), memory, final, max(0, max(sizes) - final))


@contextmanager
def watched(folder: Path) -> Iterator[list[int]]:
    sizes, stop = [0], threading.Event()

    def watch() -> None:
        while not stop.wait(POLL_S):
            sizes.append(used(folder))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield sizes
    finally:
        stop.set()
        watcher.join()


def used(folder: Path) -> int:
    total = 0
    for file in folder.iterdir():
        try:
            total += file.stat().st_size
        except FileNotFoundError:
            continue  # renamed since
    return total


def rasters_of(source: ProductSource) -> list[str]:
    found = [name for name in source.names() if name.endswith(".tif")]
    return sorted(found, key=source.size, reverse=True)


def a_product(size: int, folder: Path) -> Path:
    scenes = features([MgrsTile.parse("31TCJ")], date(2017, 11, 1), date(2017, 12, 1))
    products = (read_product(scene) for scene in scenes)
    clear = next(found for found in products if 0 < (found.cloud_cover or 0) < CLOUDY)
    return build_product(clear, folder, size=size)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=10_980)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--product", type=Path, help="a zip that is there already")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="benchmark-cog-"))
    try:
        archive = options.product or a_product(options.size, folder)
        compare(archive.resolve(), options.rounds)
    finally:
        shutil.rmtree(folder)


def compare(archive: Path, rounds: int) -> None:
    with open_product(archive) as source:
        members = rasters_of(source)
        largest, total = source.size(members[0]), sum(map(source.size, members))
    print(f"{len(members)} rasters, {total / GIGA:.2f} GB, the largest {largest / MEGA:.0f} MB")
    runs: dict[str, list[Run]] = {"ours": [], "GDAL": []}
    for _ in range(rounds):
        for name, work in (("ours", ours), ("GDAL", by_gdal)):
            run = measured(work, archive, members)
            runs[name].append(run)
            print(
                f"{name}: {run.wall_s:6.1f} s, {run.cpu_s:6.1f} s of CPU, "
                f"{run.memory / GIGA:.2f} GB a worker, "
                f"{run.final / GIGA:.3f} GB of COGs, {run.over / MEGA:.0f} MB more at the peak"
            )
    cpus = {name: median(run.cpu_s for run in each) for name, each in runs.items()}
    walls = {name: median(run.wall_s for run in each) for name, each in runs.items()}
    print(f"medians: ours {walls['ours']:.1f} s, GDAL {walls['GDAL']:.1f} s")
    print(f"ratio {walls['ours'] / walls['GDAL']:.2f} (at most 1.15)")
    print(f"ratio of CPU time {cpus['ours'] / cpus['GDAL']:.2f}")
    memory, over = max(run.memory for run in runs["ours"]), max(run.over for run in runs["ours"])
    print(f"memory {memory / GIGA:.2f} GB a worker (less than 1.5)")
    print(f"disk {over / MEGA:.0f} MB beyond the COGs (at most {largest / MEGA:.0f})")


if __name__ == "__main__":
    main()
