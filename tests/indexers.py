"""What other processes do to an index in the tests; top level, so that they can import it."""

from multiprocessing.connection import Connection
from pathlib import Path

from builders_store import a_catalog, an_item, some_items
from peps_stac.store import index
from peps_stac.store.index import reindex


def change_and_tell(folder: Path, prefix: str, count: int, done: Connection) -> None:
    """Adds Items and changes some, each with a higher number, and tells what stands on disk."""
    catalog = a_catalog(folder)
    for number, item in enumerate(some_items(count, prefix)):
        for version in (1, 2) if number % 3 else (1,):
            item.properties["number"] = version
            catalog.put(item)
            done.send((item.id, version))
    done.send(None)


def reindex_often(folder: Path, rounds: int) -> None:
    """Brings the index up to date again and again, committing every few Items."""
    index._ITEMS_A_COMMIT = 5  # noqa: SLF001 -- so that there is much to interrupt
    catalog = a_catalog(folder)
    for _ in range(rounds):
        reindex(catalog)


def change_and_reindex(folder: Path, told: Connection) -> None:
    """Changes an Item and indexes it, until it is killed."""
    index._ITEMS_A_COMMIT = 5  # noqa: SLF001 -- as above
    catalog = a_catalog(folder)
    number = 0
    while True:
        number += 1
        catalog.put(an_item(f"S2A_31TCJ_{number % 7:05d}", cloud_cover=float(number % 100)))
        told.send(number)
        reindex(catalog)
