"""An index that several processes use and change at once, or are killed over."""

import multiprocessing
import random
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from builders_index import found_by
from builders_store import SCENES, a_catalog, some_items
from indexers import change_and_reindex, change_and_tell, reindex_often
from peps_stac.loading.selection import as_criteria, as_query
from peps_stac.store import Catalog, validate
from peps_stac.store.index import reindex
from peps_stac.store.index_manifest import stale_items
from peps_stac.store.search import search
from peps_stac.store.search_filter import Filter

# Not fork: the test process may have threads.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["indexers"])

EVERYTHING = as_criteria(as_query())


def numbers(catalog: Catalog) -> dict[str, int]:
    asked = as_criteria(as_query(), filter=Filter.parse("number > 0"))
    found = search(str(catalog.root), SCENES, asked, use_index=True)
    return {place.item_id: document["properties"]["number"] for place, document in found}


def drained(pipe: Connection, told: dict[str, int]) -> bool:
    """Adds what was told since; says whether that was all."""
    while pipe.poll():
        message = pipe.recv()
        if message is None:
            return True
        told[message[0]] = message[1]
    return False


def test_what_a_writer_has_done_is_found_while_others_index(tmp_path: Path) -> None:
    """What it told before a search began is in the answer, or what it did later still."""
    catalog = a_catalog(tmp_path / "catalog", *some_items(20))
    reindex(catalog)
    ours, theirs = PROCESSES.Pipe()
    others = [
        PROCESSES.Process(target=change_and_tell, args=(catalog.root, "S2B", 25, theirs)),
        PROCESSES.Process(target=reindex_often, args=(catalog.root, 8)),
        PROCESSES.Process(target=reindex_often, args=(catalog.root, 8)),
    ]
    for process in others:
        process.start()
    told: dict[str, int] = {}
    while not drained(ours, told):
        before = dict(told)
        found = numbers(catalog)
        assert [i for i, number in before.items() if found.get(i, 0) < number] == []
    for process in others:
        process.join()

    assert [process.exitcode for process in others] == [0, 0, 0]
    assert len(told) == 25
    assert numbers(catalog) == told
    reindex(catalog)
    assert stale_items(str(catalog.root)) == 0
    assert numbers(catalog) == told
    assert validate(catalog).findings == ()


@pytest.mark.parametrize("seed", range(4))
def test_killed_at_any_moment_the_index_never_lies(tmp_path: Path, seed: int) -> None:
    random_ = random.Random(seed)  # noqa: S311 -- repeatable, not secret
    catalog = a_catalog(tmp_path / "catalog", *some_items(12))
    for _ in range(3):
        ours, theirs = PROCESSES.Pipe()
        process = PROCESSES.Process(target=change_and_reindex, args=(catalog.root, theirs))
        process.start()
        for _ in range(random_.randrange(1, 4)):
            ours.recv()
        time.sleep(random_.random() * 0.3)
        process.kill()
        process.join()

        for limit in (3, 50):
            asked = as_criteria(as_query(cloud_cover=limit))
            by_json = found_by(catalog, asked, use_index=False)
            assert found_by(catalog, asked, use_index=True) == by_json

    reindex(catalog)
    assert stale_items(str(catalog.root)) == 0
    by_json = found_by(catalog, EVERYTHING, use_index=False)
    assert found_by(catalog, EVERYTHING, use_index=True) == by_json
    assert validate(catalog).findings == ()
    assert not list(catalog.root.rglob("*.tmp"))
