"""One of several processes that add to one catalog; it begins when a line comes in."""

import sys
from collections.abc import Callable

import pystac
from inputs import documents, timed
from ways_pystac import item_of

from peps_stac.store import Catalog

Put = Callable[[Catalog, list[pystac.Item]], object]


def put_store(root: str, source: str) -> float:
    """Item by Item."""
    return _share(root, source, lambda catalog, items: [catalog.put(item) for item in items])


def put_store_all(root: str, source: str) -> float:
    """As `put_store`, all Items in one piece."""
    return _share(root, source, lambda catalog, items: catalog.put_all(items))


def _share(root: str, source: str, put: Put) -> float:
    number, count = (int(part) for part in sys.argv[5].split("/"))
    items = [item_of(one) for at, one in enumerate(documents(source)) if at % count == number]
    print("ready", flush=True)
    sys.stdin.readline()
    return timed(lambda: put(Catalog(root), items))
