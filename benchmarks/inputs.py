"""What every step starts from, and how it is timed."""

# Text paths, as pathlib would be measured too.
# ruff: noqa: PTH118, PTH123

import os
import random
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import orjson

Document = dict[str, Any]
Said = dict[str, float]
T = TypeVar("T")
Files = dict[str, tuple[int, int]]
"""Number and time of each file, by path."""

COLLECTION = "sentinel-2-l2a-maja"
CHANGED = 500
ADDED = 31
REMOVED = 5


def lines(path: str) -> Iterator[bytes]:
    with Path(path).open("rb") as file:
        yield from file


def documents(path: str) -> Iterator[Document]:
    return map(orjson.loads, lines(path))


def write_lines(path: Path, found: Iterable[Any]) -> None:
    with path.open("wb") as file:
        file.writelines(orjson.dumps(document) + b"\n" for document in found)


def first(path: str) -> Document:
    return next(documents(path))


def sample(path: str) -> list[Document]:
    """The same 500 Items for all ways."""
    count = sum(1 for _ in lines(path))
    chosen = set(random.Random(2).sample(range(count), min(CHANGED, count)))  # noqa: S311 -- repeatable
    return [orjson.loads(line) for number, line in enumerate(lines(path)) if number in chosen]


def fresh(document: Document, number: int) -> Document:
    """The same Item under another id."""
    changed: Document = orjson.loads(orjson.dumps(document))
    changed["id"] = f"{document['id'][:-4]}X{number:03d}"
    return changed


def tile_of(document: Document) -> str:
    tile: str = document["properties"]["grid:code"].removeprefix("MGRS-")
    return tile


def folder_of(document: Document) -> str:
    """Where this store puts an Item."""
    year = document["properties"]["datetime"][:4]
    collection = document.get("collection", COLLECTION)
    return f"{collection}/{tile_of(document)}/{year}/{document['id']}"


def json_files(root: str) -> Iterator[str]:
    for folder, names, files in os.walk(root):
        names[:] = sorted(name for name in names if not name.startswith("."))
        for name in sorted(files):
            if name.endswith(".json") and not name.startswith("."):
                yield os.path.join(folder, name)


def files_below(root: str) -> Iterator[tuple[str, bytes]]:
    """Each JSON file of a catalog: relative path and bytes."""
    for path in json_files(root):
        yield os.path.relpath(path, root), Path(path).read_bytes()


def write(path: str, content: bytes) -> None:
    with open(path, "wb", buffering=0) as file:
        file.write(content)


def median_of(items: Iterable[T], step: Callable[[T], object]) -> float:
    """Seconds of the middle one."""
    return statistics.median(timed(partial(step, item)) for item in items)


def timed(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    step()
    return time.perf_counter() - began


def peak_mb() -> float:
    """Of this program alone: `getrusage` counts what its parent had, too."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def written_by(root: str, step: Callable[[], object]) -> Said:
    """How many JSON files a step makes or writes again; and the peak before it was counted."""
    peak = peak_mb()
    before = _state(root)
    step()
    after = _state(root)
    files = sum(before.get(path) != state for path, state in after.items())
    return {"files": files, "peak_mb": peak}


def _state(root: str) -> Files:
    found = ((path, os.stat(path)) for path in json_files(root))  # noqa: PTH116 -- as above
    return {path: (said.st_ino, said.st_mtime_ns) for path, said in found}
