"""Several processes at once, and processes that are killed."""

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pystac
import pytest

from builders_store import PRODUCTS, SCENES, a_catalog, an_item, some_items
from peps_stac.loading.selection import as_criteria, as_query
from peps_stac.store import Catalog, validate
from peps_stac.store.search import search
from writers_store import (
    act_and_tell,
    acts,
    hold_lock,
    put_in_small_pieces,
    put_one_by_one,
    put_together,
)

# Not fork: the test process may have threads.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["writers_store"])


def test_two_processes_add_to_one_catalog(tmp_path: Path) -> None:
    both = [
        PROCESSES.Process(target=put_one_by_one, args=(tmp_path, "S2A", 40)),
        PROCESSES.Process(target=put_together, args=(tmp_path, "S2B", 40)),
        PROCESSES.Process(target=put_one_by_one, args=(tmp_path, "S2C", 40)),
    ]
    for process in both:
        process.start()
    for process in both:
        process.join()

    assert [process.exitcode for process in both] == [0, 0, 0]
    catalog = a_catalog(tmp_path)
    assert len(list(catalog.items())) == 120
    assert validate(catalog).findings == ()


def test_a_reader_sees_a_whole_catalog_at_every_moment(tmp_path: Path) -> None:
    """Every link of every file leads to a file that is whole JSON, while another writes."""
    catalog = a_catalog(tmp_path, an_item("A"))
    writer = PROCESSES.Process(target=put_one_by_one, args=(tmp_path, "S2A", 200))
    writer.start()
    rounds = files = last = 0
    while writer.is_alive() or not rounds:
        waiting, items = [tmp_path / "catalog.json"], 0
        while waiting:
            path = waiting.pop()
            document = json.loads(path.read_bytes())
            links = [link for link in document["links"] if link["rel"] in ("child", "item")]
            waiting += [path.parent / link["href"] for link in links]
            items += document["type"] == "Feature"
            files += 1
        assert items >= last
        rounds, last = rounds + 1, items
    writer.join()

    assert writer.exitcode == 0
    assert rounds > 1
    assert len(list(catalog.items())) == 201


def by_pystac(folder: Path) -> set[str]:
    catalog = pystac.Catalog.from_file(str(folder / "catalog.json"))
    return {item.id for item in catalog.get_items(recursive=True)}


def by_search(folder: Path) -> set[str]:
    return {f.place.item_id for f in search(str(folder), SCENES, as_criteria(as_query()))}


def by_store(folder: Path) -> set[str]:
    return {item.id for item in a_catalog(folder).items()}


@pytest.mark.parametrize("read", [by_pystac, by_search, by_store])
def test_every_reader_sees_all_that_was_there_before_while_many_write(
    tmp_path: Path, read: Callable[[Path], set[str]]
) -> None:
    """Items only come here, so whoever reads sees at least what was there when he began."""
    a_catalog(tmp_path, *some_items(20, "OLD"))
    writers = [
        PROCESSES.Process(target=put_one_by_one, args=(tmp_path, "ONE", 60)),
        PROCESSES.Process(target=put_together, args=(tmp_path, "MANY", 300)),
    ]
    for process in writers:
        process.start()
    seen: set[str] = set()
    is_going_on = True
    while is_going_on:
        is_going_on = any(process.is_alive() for process in writers)
        found = read(tmp_path)
        assert seen <= found
        seen = found
    for process in writers:
        process.join()

    assert [process.exitcode for process in writers] == [0, 0]
    assert len(seen) == 380


def test_a_stream_killed_anywhere_is_finished_by_running_it_again(tmp_path: Path) -> None:
    random_ = random.Random(3)  # noqa: S311 -- repeatable, not secret
    for round_ in range(3):
        folder = tmp_path / str(round_)
        ours, theirs = PROCESSES.Pipe()
        process = PROCESSES.Process(target=put_in_small_pieces, args=(folder, 120, theirs))
        process.start()
        ours.recv()
        time.sleep(random_.random() * 0.1)
        process.kill()
        process.join()

        catalog = a_catalog(folder)
        done = catalog.put_all(some_items(120))

        assert done.added + done.changed + done.unchanged == 120
        assert len(list(catalog.items())) == 120
        assert validate(catalog).findings == ()
        assert catalog.rebuild().rewritten == []


def test_a_second_writer_waits_and_says_so(tmp_path: Path) -> None:
    told: list[str] = []
    a_catalog(tmp_path, an_item("A"))
    ours, theirs = PROCESSES.Pipe()
    other = PROCESSES.Process(target=hold_lock, args=(tmp_path, theirs))
    other.start()
    ours.recv()

    def tell(line: str) -> None:
        told.append(line)
        ours.send("let go")

    assert Catalog(tmp_path, tell=tell).remove("A", "scenes")

    other.join()
    assert len(told) == 1
    assert "another process is writing to this catalog, waiting" in told[0]


def test_a_writer_that_waits_stops_at_ctrl_c(tmp_path: Path) -> None:
    lines = (
        "import sys",
        "from peps_stac import Catalog",
        "Catalog(sys.argv[1], tell=lambda line: print(line, flush=True)).remove('A', 'scenes')",
    )
    words = [sys.executable, "-c", "\n".join(lines), str(tmp_path)]
    catalog = a_catalog(tmp_path, an_item("A"))
    with (
        catalog.lock(),
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as waiting,  # noqa: S603 -- our own words
    ):
        assert waiting.stdout
        assert b"waiting" in waiting.stdout.readline()
        waiting.send_signal(signal.SIGINT)
        assert waiting.wait() == -signal.SIGINT

    assert catalog.get("A") is not None


def test_many_threads_that_wait_get_their_turn(tmp_path: Path) -> None:
    told: list[str] = []
    a_catalog(tmp_path, an_item("A"))
    catalog = Catalog(tmp_path, tell=told.append)
    with ThreadPoolExecutor(8) as threads:
        with catalog.lock():
            added = [threads.submit(catalog.put, item) for item in some_items(24)]
            while len(told) < 8:
                time.sleep(0.01)
        assert all(one.result() for one in added)

    assert len(list(catalog.items())) == 25
    assert validate(catalog).findings == ()


def test_the_lock_may_be_taken_again_by_its_holder(tmp_path: Path) -> None:
    catalog, same = a_catalog(tmp_path), a_catalog(tmp_path)

    with catalog.lock(), same.lock():
        assert catalog.put(an_item("A"))
        assert same.put(an_item("B"))

    assert len(list(catalog.items())) == 2


def expected_after(seed: int, state: dict[str, int], done: int) -> list[dict[str, int]]:
    """Both states that are right: without and with the act that was under way."""
    life = list(acts(seed))
    states = []
    for count in (done, done + 1):
        after = dict(state)
        for act in life[:count]:
            after.pop(act.item_id, None)
            if act.version is not None:
                after[act.item_id] = act.version
        states.append(after)
    return states


def state_of(catalog: Catalog) -> dict[str, int]:
    found = {}
    for item in catalog.items():
        found[item.id] = int(item.properties["version"])
        if item.collection_id == PRODUCTS:
            content = catalog.item_path(item).with_name("data.bin").read_text()
            assert content == item.properties["version"]
    return found


def kill_somewhere(folder: Path, seed: int, wait_s: float) -> int:
    """Starts a writer, kills it after a while; answers how many acts it had done."""
    ours, theirs = PROCESSES.Pipe()
    writer = PROCESSES.Process(target=act_and_tell, args=(folder, seed, theirs))
    writer.start()
    theirs.close()
    ours.recv()
    time.sleep(wait_s)
    writer.kill()
    writer.join()
    done = 1
    try:
        while ours.poll():
            done = int(ours.recv()) + 1
    except EOFError:
        pass
    return done


@pytest.mark.parametrize("seed", [1, 2])
def test_a_writer_killed_anywhere_loses_nothing(tmp_path: Path, seed: int) -> None:
    """What was done is on disk, what was under way is done or not, and the rest is right."""
    random_ = random.Random(seed)  # noqa: S311 -- repeatable, not secret
    catalog = a_catalog(tmp_path)
    state: dict[str, int] = {}
    repairs: list[str] = []
    for round_ in range(12):
        life = 100 * seed + round_
        done = kill_somewhere(tmp_path, life, random_.uniform(0.0, 0.12))

        with Catalog(tmp_path, tell=repairs.append).lock():
            pass

        after = state_of(catalog)
        assert after in expected_after(life, state, done)
        assert validate(catalog, deep=True).findings == ()
        hidden = {path.name for path in tmp_path.rglob(".*")}
        assert not [name for name in hidden if name.endswith(".tmp")]
        assert not list((tmp_path / ".staging").glob("*"))
        state = after
    assert repairs, "no kill hit a writer at work: the test proves nothing"


def test_a_catalog_that_another_process_begins_meanwhile_is_taken_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look for `catalog.json` and the look at what else is there."""
    names = os.listdir

    def begun_meanwhile(folder: str) -> list[str]:
        monkeypatch.undo()
        a_catalog(tmp_path).put(an_item("A"))
        return names(folder)

    monkeypatch.setattr(os, "listdir", begun_meanwhile)
    a_catalog(tmp_path).put(an_item("B"))

    assert sorted(a_catalog(tmp_path).ids()) == ["A", "B"]
