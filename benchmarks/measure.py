"""All measurements of the catalog: which steps are run, how often, and in what order.

Every step runs in a process of its own; what is compared runs by turns, in folders of its own.
Nothing large is deleted before the end, since that slows the disk down for what follows.
"""

import json
import os
import shutil
import subprocess
import sys
import time
import traceback
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from catalogs import documents
from inputs import Said, write_lines
from ways import perform, step_of

from peps_stac.domain import MgrsTile
from peps_stac.simulator.scenes import features

Figures = dict[str, list[Said]]
"""Rounds, by way."""
Found = dict[str, dict[str, Figures]]
"""Figures by verb and number of Items."""

WAYS = Path(__file__).with_name("ways.py")
SLOW_UP_TO = 10_000
"""A flat Collection of 100,000 takes pystac the better part of an hour, reading a nested one and
saving it whole minutes each. Only building one with a catalog a tile is measured."""
SLOW = {("build", "pystac_flat"), ("results", "pystac"), ("read", "pystac")}
"""Once is enough from 10,000 on."""
ROUNDS = {1000: 3, 10_000: 2}
"""Beyond, two of raw writes and this store, one of all else."""
BOXES = (("CDEFG", "HJKL", 31), ("LMNPQ", "KLMN", 32), ("TUVWX", "HJKL", 33), ("TUVWX", "PQRS", 30))
"""Columns, rows and zone of the tiles that are searched; some 25,000 scenes each."""
RUNS = {"index": 7, "json": 5, "brute": 1, "duckdb": 3}
"""How often each way answers each question; the median counts."""
SOME = 4
"""Processes that add to one catalog."""
EACH = 50
"""Items that each of them adds."""


@dataclass(frozen=True, slots=True)
class Run:
    """All that one run measured."""

    found: Found
    growth: Figures
    """Adding one Item to this store, by number of Items there."""
    together: Figures
    """Processes that add to one catalog, by how they do."""
    products: Figures
    """`add` of products, by who does the work."""


@dataclass(frozen=True, slots=True)
class Bench:
    """One run of all."""

    folder: Path
    rounds: int | None = None
    is_quick: bool = False
    """Steps are forks of one process instead: a hundred times, imports take most of the time. Then
    peaks are those of all that was imported."""

    @property
    def crowd(self) -> int:
        """Processes that add to one catalog."""
        return 2 if self.is_quick else SOME

    def measured(self, sizes: Iterable[int]) -> Found:
        found: Found = {}
        for size in sizes:
            here = self.folder / str(size)
            here.mkdir(parents=True)
            for verb, figures in {**self._items(size, here), **self._results(size, here)}.items():
                found.setdefault(verb, {})[str(size)] = figures
        return found

    def growth(self, sizes: Iterable[int]) -> Figures:
        """Adding one Item to each catalog that `measured` left, by turns."""
        figures: Figures = {str(size): [] for size in sizes}
        for _ in range(self.rounds or ROUNDS[1000]):
            for size, rounds in figures.items():
                here = self.folder / size
                source = here / "items.ndjson"
                rounds.append(self._run("add", "store", here / "build-store-0", source))
        return figures

    def together(self) -> Figures:
        """Some processes that add to one catalog, at once and one after the other."""
        source = self.folder / "together.ndjson"
        write_lines(source, documents(self.crowd * EACH))
        figures: Figures = {}
        for turn in range(self.rounds or ROUNDS[1000]):
            for way in ("store", "store all"):
                for order in ("one after the other", "at once"):
                    root = self.folder / f"together {way} {order} {turn}"
                    seconds = _crowd(self.crowd, way, root, source, is_at_once=order == "at once")
                    said = {"seconds": seconds, "processes": float(self.crowd)}
                    figures.setdefault(f"{way}, {order}", []).append(said)
        return figures

    def _run(self, verb: str, way: str, root: Path, source: Path) -> Said:
        said = (_fork if self.is_quick else _run)(verb, way, root, source)
        print(f"{verb} {way}: {said['seconds']:.4g} s, {said['peak_mb']:.0f} MB", file=sys.stderr)
        return said

    def _often(self, size: int, way: str, verb: str = "") -> int:
        if size > min(ROUNDS) and (verb, way) in SLOW:
            return 1
        least = 2 if way in ("raw", "store", "answers") else 1
        return self.rounds or max(least, ROUNDS.get(size, 3 if size < min(ROUNDS) else 1))

    def _items(self, size: int, here: Path) -> dict[str, Figures]:
        source = here / "items.ndjson"
        write_lines(source, documents(size))
        small = ["rustac", "pystac_flat"] if size <= SLOW_UP_TO else []
        ways = ["store", "raw", "orjson", "pystac", *small]
        figures = {"build": self._built("build", size, here, source, ways)}
        ours, theirs = here / "build-store-0", here / "build-pystac-0"
        slow = {"pystac": theirs} if size <= SLOW_UP_TO else {}
        reads = dict.fromkeys(("raw", "orjson", "store", "store_items"), ours)
        reads |= {"rustac": ours} if slow else {}
        self._run("read", "raw", ours, source)  # into memory
        figures["read"] = self._turns("read", size, source, reads | slow)
        adds = {"raw": ours, "store": ours, "pystac_saved": theirs}
        figures["add"] = self._turns("add", size, source, adds)
        changes = {"raw": ours, "store": ours, "pystac": theirs}
        figures["change"] = self._turns("change", size, source, changes, at_least=3)
        figures["remove"] = self._turns("remove", size, source, {"store": ours, "pystac": theirs})
        figures |= self._index(size, ours, source)
        if slow:
            figures["add"]["pystac_whole"] = [self._run("add", "pystac_whole", theirs, source)]
        return figures

    def _results(self, size: int, here: Path) -> dict[str, Figures]:
        """From the answers of a service to a catalog."""
        source = here / "features.ndjson"
        write_lines(source, found_features(size))
        theirs = ["pystac_plain", "pystac"] if size <= SLOW_UP_TO else []
        ways = ["store", "raw", "answers", *theirs]
        return {"results": self._built("results", size, here, source, ways)}

    def _built(self, verb: str, size: int, here: Path, source: Path, ways: list[str]) -> Figures:
        """What raw writes write is what this store wrote just before."""
        figures: Figures = {way: [] for way in ways}
        for turn in range(max(self._often(size, way, verb) for way in ways)):
            for way in ways:
                if turn >= self._often(size, way, verb):
                    continue
                root = here / f"{verb}-{way}-{turn}"
                model = here / f"{verb}-store-{turn}"
                given = ("build", way, root, model) if way == "raw" else (verb, way, root, source)
                figures[way].append(self._run(*given))
        return figures

    def _turns(
        self, verb: str, size: int, source: Path, roots: dict[str, Path], at_least: int = 1
    ) -> Figures:
        figures: Figures = {way: [] for way in roots}
        rounds = self.rounds or max(at_least, min(3, self._often(size, "")))
        for turn in range(rounds):
            for way, root in roots.items():
                if turn and size > min(ROUNDS) and (verb, way) in SLOW:
                    continue
                figures[way].append(self._run(verb, way, root, source))
        return figures

    def _index(self, size: int, root: Path, source: Path) -> dict[str, Figures]:
        index: Figures = {"store": [], "stac_geoparquet": []}
        for _ in range(self.rounds or min(2, self._often(size, ""))):
            forget_index(root)
            for way, figures in index.items():
                figures.append(self._run("index", way, root, source))
        again: Figures = {"store": [self._run("reindex", "store", root, source)]}
        runs = RUNS if self.rounds is None else dict.fromkeys(RUNS, self.rounds)
        runs |= {"duckdb": 1} if size > SLOW_UP_TO else {}
        finds = {
            way: [self._run("find", way, root, Path(str(often)))] for way, often in runs.items()
        }
        return {"index": index, "reindex": again, "find": finds}


def forget_index(root: Path) -> None:
    shutil.rmtree(root / ".index", ignore_errors=True)
    for path in root.glob("*/*/*/items.parquet"):
        path.unlink()


def found_features(count: int) -> Iterator[Any]:
    """Scenes as a service sends them: of a box of tiles after the other, newest year first."""
    scenes = (
        scene
        for columns, rows, zone in BOXES
        for year in range(2024, 2014, -1)
        for scene in features(
            [MgrsTile.parse(f"{zone}T{column}{row}") for column in columns for row in rows],
            date(year, 1, 1),
            date(year, 12, 31),
        )
    )
    return islice(scenes, count)


def _run(verb: str, way: str, root: Path, source: Path) -> Said:
    with _process(verb, way, root, source) as process:
        out, err = process.communicate()
    if process.returncode:
        raise SystemExit(f"{verb} {way}: {err}")
    said: Said = json.loads(out.splitlines()[-1])
    return said


def _fork(verb: str, way: str, root: Path, source: Path) -> Said:
    step_of(verb, way)  # imported once, here
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writer, json.dumps(perform(verb, way, str(root), str(source))).encode())
        except BaseException:  # noqa: BLE001 -- a fork must not go on as its parent
            traceback.print_exc()
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as told:  # noqa: PTH123 -- a descriptor
        answer = told.read()
    os.waitpid(child, 0)
    if not answer:
        raise SystemExit(f"{verb} {way} failed")
    said: Said = json.loads(answer)
    return said


def _crowd(count: int, way: str, root: Path, source: Path, *, is_at_once: bool) -> float:
    """Seconds from the first to the last, without what each needs to start."""
    with ExitStack() as stack:
        shares = (f"{number}/{count}" for number in range(count))
        crowd = [stack.enter_context(_process("put", way, root, source, s)) for s in shares]
        for one in crowd:
            _line(one)
        began = time.perf_counter()
        for step in (_begin, _line) if is_at_once else (_done,):
            for one in crowd:
                step(one)
        return time.perf_counter() - began


def _done(process: subprocess.Popen[str]) -> None:
    _begin(process)
    _line(process)


def _begin(process: subprocess.Popen[str]) -> None:
    if process.stdin is None:
        raise TypeError
    process.stdin.write("\n")
    process.stdin.flush()


def _line(process: subprocess.Popen[str]) -> None:
    if process.stdout is None or not process.stdout.readline():
        raise SystemExit(process.stderr.read() if process.stderr else "")


def _process(*words: object) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 -- our own words
        [sys.executable, str(WAYS), *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
