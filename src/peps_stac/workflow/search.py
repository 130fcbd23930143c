"""The first arrow: what a catalogue service finds becomes L1C Items of the catalog."""

from collections.abc import Iterable, Iterator
from itertools import islice

import pystac

from peps_stac.domain import SearchQuery
from peps_stac.peps.client import PepsClient
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.stac.l1c import item_from_product, merged
from peps_stac.store import Catalog, Changes
from peps_stac.tell import Tell, silent

_CHUNK = 500
"""Items between two locks: one page of the service, so that others may write in between."""


def search(client: PepsClient, query: SearchQuery, *, tell: Tell = silent) -> Iterator[pystac.Item]:
    """L1C Items of what the service finds, page by page, newest first; nothing is saved."""
    return (item_from_product(product) for product in client.search(query, tell=tell))


def save(catalog: Catalog, items: Iterable[pystac.Item]) -> Changes:
    """Add L1C Items to the catalog; what it knows of their orders and L2A products stays."""
    changes = Changes()
    remaining = iter(items)
    while chunk := list(islice(remaining, _CHUNK)):
        with catalog.lock():
            changes += catalog.put_all(_with_what_is_known(catalog, item) for item in chunk)
    return changes


def _with_what_is_known(catalog: Catalog, item: pystac.Item) -> pystac.Item:
    known = catalog.get(item.id, L1C_COLLECTION)
    return merged(item, known) if known else item
