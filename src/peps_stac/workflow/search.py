"""The first arrow: what a catalogue service finds becomes Items of the catalog."""

from collections.abc import Iterable, Iterator
from itertools import islice

import pystac

from peps_stac.domain import L1CProduct, SearchQuery
from peps_stac.provider.interface import Catalogue
from peps_stac.provider.matching import Found
from peps_stac.stac.collections import OFFER_COLLECTION
from peps_stac.stac.l1c import item_from_product, merged
from peps_stac.stac.offers import item_from_offer, merged_offer
from peps_stac.store import Catalog, Changes
from peps_stac.tell import Tell, silent

_CHUNK = 500
"""Items between two locks: one page of the service, so that others may write in between."""


def search(client: Catalogue, query: SearchQuery, *, tell: Tell = silent) -> Iterator[pystac.Item]:
    """Items of what the service finds, page by page, newest first; nothing is saved.

    Scenes of level L1C can be ordered, products of level L2A fetched.
    """
    return (_item(product) for product in client.search(query, tell=tell))


def save(catalog: Catalog, items: Iterable[pystac.Item]) -> Changes:
    """Add Items of a search to the catalog; what it knows of orders and files stays."""
    changes = Changes()
    remaining = iter(items)
    while chunk := list(islice(remaining, _CHUNK)):
        with catalog.lock():
            changes += catalog.put_all(_with_what_is_known(catalog, item) for item in chunk)
    return changes


def _item(product: Found) -> pystac.Item:
    if isinstance(product, L1CProduct):
        return item_from_product(product)
    return item_from_offer(product)


def _with_what_is_known(catalog: Catalog, item: pystac.Item) -> pystac.Item:
    known = catalog.get(item.id, item.collection_id)
    if known is None:
        return item
    return (merged_offer if item.collection_id == OFFER_COLLECTION else merged)(item, known)
