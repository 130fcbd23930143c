"""The first arrow: what a catalogue service finds becomes Items of the catalog."""

from collections.abc import Iterable, Iterator, Mapping

import pystac

from peps_stac.domain import L1CProduct, SearchQuery
from peps_stac.provider.interface import Catalogue
from peps_stac.provider.matching import Found
from peps_stac.stac.collections import L1C_COLLECTION, OFFER_COLLECTION
from peps_stac.stac.l1c import item_from_product, merged
from peps_stac.stac.offers import item_from_offer, merged_offer
from peps_stac.store import Catalog, Changes
from peps_stac.tell import Tell, silent
from peps_stac.workflow.offer_links import link_offers


def search(client: Catalogue, query: SearchQuery, *, tell: Tell = silent) -> Iterator[pystac.Item]:
    """Items of what the service finds, page by page, newest first; nothing is saved.

    Scenes of level L1C can be ordered, products of level L2A fetched.
    """
    return (_item(product) for product in client.search(query, tell=tell))


def save(catalog: Catalog, items: Iterable[pystac.Item], *, durable: bool = False) -> Changes:
    """Add Items of a search to the catalog; what it knows of orders and files stays.

    Scenes and products of one pass lead to each other.

    A long search is saved while it is going on, in constant memory, but for the ids of offers, and
    of scenes where there are offers; started again after an interruption, it finds what was saved
    unchanged.

    Args:
        catalog: Of these Items.
        items: Read once, as far as they come.
        durable: Wait for the disk, once, at the end.
    """
    scenes, offers = list[str](), list[str]()
    # New offers look for their scenes; scenes need to look only for offers that are there before.
    wanted = {OFFER_COLLECTION: offers}
    if OFFER_COLLECTION in catalog.collections():
        wanted[L1C_COLLECTION] = scenes
    changes = catalog.put_all(_noted(items, wanted), durable=durable, merge=_merged)
    link_offers(catalog, scenes, offers)
    return changes


def _noted(items: Iterable[pystac.Item], wanted: Mapping[str, list[str]]) -> Iterator[pystac.Item]:
    for item in items:
        if item.collection_id and (ids := wanted.get(item.collection_id)) is not None:
            ids.append(item.id)
        yield item


def _item(product: Found) -> pystac.Item:
    if isinstance(product, L1CProduct):
        return item_from_product(product)
    return item_from_offer(product)


def _merged(new: pystac.Item, known: pystac.Item) -> pystac.Item:
    return (merged_offer if new.collection_id == OFFER_COLLECTION else merged)(new, known)
