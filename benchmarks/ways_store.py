"""This package: its catalog, from JSON, from Items and from what a service answers."""

import time
from collections.abc import Iterator

import pystac
from inputs import (
    ADDED,
    COLLECTION,
    REMOVED,
    Document,
    Said,
    documents,
    first,
    fresh,
    median_of,
    sample,
    timed,
    written_by,
)
from ways_pystac import item_of

from peps_stac import Catalog, save
from peps_stac.peps.resto import read_product
from peps_stac.stac.l1c import item_from_product

PIECE = 1024
"""Items made before they are put, where only putting is measured."""


def build_store(root: str, source: str) -> None:
    Catalog(root).put_all(documents(source))


def results_answers(root: str, source: str) -> None:
    """From features as the service sends them: parsing, conversion and writing."""
    save(Catalog(root), items_found(source))


def results_store(root: str, source: str) -> float:
    """From Items that are there already."""
    catalog, seconds = Catalog(root), 0.0
    items: list[pystac.Item] = []
    for item in items_found(source):
        items.append(item)
        if len(items) == PIECE:
            seconds += timed(lambda: save(catalog, items))
            items.clear()
    return seconds + timed(lambda: save(catalog, items))


def items_found(source: str) -> Iterator[pystac.Item]:
    return (item_from_product(read_product(one)) for one in documents(source))


def add_store(root: str, source: str) -> Said:
    catalog = Catalog(root)
    items = [item_of(fresh(first(source), number)) for number in range(ADDED + 1)]
    seconds = median_of(items[1:], catalog.put)
    said = written_by(root, lambda: catalog.put(items[0]))
    for item in items:
        catalog.remove(item.id, COLLECTION)
    return {"seconds": seconds, **said}


def change_store(root: str, source: str) -> float:
    """Reading them is part of it."""
    catalog = Catalog(root)
    names = [document["id"] for document in sample(source)]
    state = f"succeeded {time.time()}"

    def changed() -> Iterator[Document]:
        for name in names:
            document = catalog.document(name, COLLECTION)
            if document is None:
                raise SystemExit(f"{root}: no {name}")
            document["properties"]["order:status"] = state
            yield document

    began = time.perf_counter()
    done = catalog.put_all(changed())
    seconds = time.perf_counter() - began
    if done.changed != len(names):
        raise SystemExit(f"{root}: {done}, not {len(names)} changed")
    return seconds


def remove_store(root: str, source: str) -> float:
    catalog = Catalog(root)
    items = [item_of(fresh(first(source), 600 + number)) for number in range(REMOVED)]
    catalog.put_all(items)
    return median_of(items, lambda item: catalog.remove(item.id, COLLECTION))


def read_store(root: str, _source: str) -> None:
    for _ in Catalog(root).documents():
        pass


def read_store_items(root: str, _source: str) -> None:
    for _ in Catalog(root).items():
        pass
