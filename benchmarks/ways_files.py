"""Raw writes, the limit of all, and what only turns Items to JSON: orjson and rustac.

Raw writes are those of the very files that this store made: a folder, an open, a write and a
close each; reading them is not counted. All others start from JSON lines of Items, and the time
to parse these is theirs.
"""

# Text paths, as pathlib would be measured too.
# ruff: noqa: PTH102, PTH103, PTH108, PTH120, PLC0415

import os
import shutil
import time
from pathlib import Path

import orjson
from inputs import (
    ADDED,
    documents,
    files_below,
    first,
    folder_of,
    median_of,
    sample,
    write,
)


def build_raw(root: str, source: str) -> float:
    made: set[str] = set()
    seconds = 0.0
    for name, content in files_below(source):
        path = f"{root}/{name}"
        folder = os.path.dirname(path)
        began = time.perf_counter()
        if folder not in made:
            os.makedirs(folder)
            made.add(folder)
        write(path, content)
        seconds += time.perf_counter() - began
    return seconds


def build_orjson(root: str, source: str) -> None:
    for document in documents(source):
        folder = f"{root}/{folder_of(document)}"
        os.makedirs(folder)
        write(f"{folder}/{document['id']}.json", orjson.dumps(document))


def build_rustac(root: str, source: str) -> None:
    import rustac

    for document in documents(source):
        folder = f"{root}/{folder_of(document)}"
        os.makedirs(folder)
        rustac.write_sync(f"{folder}/{document['id']}.json", document)


def add_raw(root: str, source: str) -> float:
    """The four files that adding one writes, each of the size it has here."""
    model = first(source)
    folder = f"{root}/{folder_of(model)}"
    names = ("catalog.json", "../catalog.json", "../../collection.json")
    above = [f"{os.path.dirname(folder)}/{name}" for name in names]
    contents = [Path(path).read_bytes() for path in above]
    content = orjson.dumps(model)

    def add(number: int) -> None:
        new = f"{folder}-raw{number}"
        os.mkdir(new)
        write(f"{new}/item.json", content)
        for path, old in zip(above, contents, strict=True):
            write(f"{path}.raw", old)

    found = median_of(range(ADDED), add)
    for number in range(ADDED):
        shutil.rmtree(f"{folder}-raw{number}")
    for path in above:
        os.unlink(f"{path}.raw")
    return found


def change_raw(root: str, source: str) -> float:
    """The Items' files written over, in place."""
    paths = [f"{root}/{folder_of(document)}/{document['id']}.json" for document in sample(source)]
    contents = [Path(path).read_bytes() for path in paths]
    began = time.perf_counter()
    for path, content in zip(paths, contents, strict=True):
        write(path, content)
    return time.perf_counter() - began


def read_raw(root: str, _source: str) -> None:
    for _ in files_below(root):
        pass


def read_orjson(root: str, _source: str) -> None:
    for _, content in files_below(root):
        orjson.loads(content)


def read_rustac(root: str, _source: str) -> None:
    import rustac

    for path in Path(root).glob("*/*/*/*/*.json"):
        rustac.read_sync(str(path))
