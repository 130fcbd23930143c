"""What other processes do to a catalog in the tests; top level, so that they can import it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from builders_store import PRODUCTS, SCENES, a_catalog, a_product, add_product, an_item, some_items
from peps_stac.store import chunks


@dataclass(frozen=True, slots=True)
class Act:
    """One change; `version` tells what is on disk afterwards, None that it is gone."""

    item_id: str
    collection: str
    version: int | None


def acts(seed: int, count: int = 400) -> Iterator[Act]:
    """A random but repeatable life of a few Items."""
    random_ = random.Random(seed)  # noqa: S311 -- repeatable, not secret
    for version in range(count):
        collection = random_.choice((SCENES, PRODUCTS))
        item_id = f"{collection}_{random_.randrange(6)}"
        is_removal = random_.random() < 0.3
        yield Act(item_id, collection, None if is_removal else seed * count + version)


def do(folder: Path, act: Act) -> None:
    """Does one change."""
    catalog = a_catalog(folder)
    cloud_cover, version = float((act.version or 0) % 100), str(act.version)
    if act.version is None:
        catalog.remove(act.item_id, act.collection)
    elif act.collection == PRODUCTS:
        item = a_product(act.item_id, cloud_cover=cloud_cover, version=version)
        add_product(catalog, item, version.encode())
    else:
        catalog.put(an_item(act.item_id, cloud_cover=cloud_cover, version=version))


def act_and_tell(folder: Path, seed: int, done: Connection) -> None:
    """Does the acts of a seed and tells after each."""
    for number, act in enumerate(acts(seed)):
        do(folder, act)
        done.send(number)


def put_one_by_one(folder: Path, prefix: str, count: int) -> None:
    """Adds Items one at a time."""
    catalog = a_catalog(folder)
    for item in some_items(count, prefix):
        catalog.put(item)


def put_together(folder: Path, prefix: str, count: int) -> None:
    """Adds Items at once."""
    a_catalog(folder).put_all(some_items(count, prefix))


def put_in_small_pieces(folder: Path, count: int, begun: Connection) -> None:
    """Adds a long stream, a few Items at a time."""
    chunks._MOST_ITEMS = 7  # noqa: SLF001 -- a process of its own
    begun.send("begun")
    a_catalog(folder).put_all(iter(some_items(count)))


def hold_lock(folder: Path, held: Connection) -> None:
    """Holds the lock until told to let go."""
    with a_catalog(folder).lock():
        held.send("held")
        held.recv()


def stage_and_wait(folder: Path, told: Connection) -> None:
    """Keeps a staging folder open until it is killed."""
    with a_catalog(folder).staging() as staged:
        (staged / "part").write_bytes(b"half")
        told.send(str(staged))
        told.recv()
