"""Scenes and the products that a service has of them lead to each other."""

from collections.abc import Iterable, Iterator

import pystac

from peps_stac.errors import ResponseError
from peps_stac.muscate.names import ProductName
from peps_stac.stac.collections import L1C_COLLECTION, OFFER_COLLECTION
from peps_stac.stac.l1c import L2A_LINK, with_l2a
from peps_stac.stac.offers import with_scene
from peps_stac.store import Catalog
from peps_stac.workflow.pairing import KnownProducts, l1c_of


def link_offers(catalog: Catalog, scenes: Iterable[str], offers: Iterable[str]) -> None:
    """Link Items that are in the catalog; what is linked already is not written.

    Args:
        catalog: Of these Items.
        scenes: Ids of L1C Items whose offers are to be looked for.
        offers: Ids of offers whose scenes are to be looked for.
    """
    if OFFER_COLLECTION not in catalog.collections():
        return
    known = KnownProducts(catalog, OFFER_COLLECTION)
    found = {name for scene in scenes for name in known.of_name(scene)}
    with catalog.lock():
        catalog.put_all(_linked(catalog, sorted(found.union(offers))))


def _linked(catalog: Catalog, offers: Iterable[str]) -> Iterator[pystac.Item]:
    for offer_id in offers:
        offer = catalog.get(offer_id, OFFER_COLLECTION)
        names = _scenes(catalog, offer_id) if offer else ()
        scenes = [scene for name in names if (scene := catalog.get(name, L1C_COLLECTION))]
        if offer is None or not scenes:
            continue
        yield with_scene(offer, scenes[0].id, str(catalog.item_path(scenes[0])))
        for scene in scenes:
            # A link of this title may lead to the product that was fetched.
            if offer_id not in {link.title for link in scene.get_links(L2A_LINK)}:
                yield with_l2a(scene, offer_id, str(catalog.item_path(offer)))


def _scenes(catalog: Catalog, offer_id: str) -> tuple[str, ...]:
    try:
        return l1c_of(catalog, ProductName.parse(offer_id))
    except ResponseError:
        return ()
