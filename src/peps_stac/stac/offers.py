"""A finished L2A product on a service as a STAC Item: what a search result says of it.

Its one Asset is the archive. Once that is on this disk, the product's files are Assets of an Item
of the same id in the Collection of products; this one says so, and stays.
"""

import pystac

from peps_stac.domain import JobStatus, L2AOffer
from peps_stac.stac.collections import OFFER_COLLECTION
from peps_stac.stac.geometry import geometry_and_bbox
from peps_stac.stac.l2a import DERIVED_FROM
from peps_stac.stac.orders import copy_of
from peps_stac.stac.records import (
    ONLINE,
    PRODUCT_KEY,
    archive_asset,
    declare_used,
    kept_links,
    known,
    link_record,
    text_of,
    tile_properties,
)

FETCHED = "related"
"""Link to the Item of the product's files in this catalog."""

_STATUS = "order:status"


def item_from_offer(offer: L2AOffer) -> pystac.Item:
    """The Item of a product that a service has, `orderable`; what was not said is absent.

    `datetime` is when the tile was seen. The footprint is what the service says: for GEODES the
    whole tile, also where only a part of it was seen.
    """
    geometry, bbox = geometry_and_bbox(offer.footprint)
    item = pystac.Item(
        id=offer.name,
        geometry=geometry,
        bbox=bbox,
        datetime=offer.start,
        properties=known(
            {
                # First, where pystac finds and refreshes it, so that reading changes no order.
                "datetime": text_of(offer.start),
                "published": text_of(offer.published),
                "platform": offer.platform,
                "constellation": "sentinel-2",
                "instruments": ["msi"],
                "gsd": 10,
                "version": offer.version,
                "eo:cloud_cover": offer.cloud_cover,
                "eo:snow_cover": offer.snow_cover,
                "sat:absolute_orbit": offer.absolute_orbit,
                "sat:relative_orbit": offer.relative_orbit,
                "sat:orbit_state": offer.orbit_state,
                **tile_properties(offer.tile),
                "processing:level": offer.level,
                _STATUS: str(JobStatus.ORDERABLE),
            }
        ),
        collection=OFFER_COLLECTION,
        assets=archive_asset(offer, "The product in MUSCATE format; the service asks for a key"),
    )
    link_record(item, offer.record_href)
    declare_used(item)
    return item


def merged_offer(new: pystac.Item, old: pystac.Item) -> pystac.Item:
    """The Item of an offer that was found again: neither of the two is changed.

    What the service says is taken from `new`; whether the archive was fetched, from `old`.
    """
    item, kept = copy_of(new), copy_of(old)
    item.properties[_STATUS] = kept.properties.get(_STATUS, item.properties[_STATUS])
    item.add_links(kept_links(item, kept))
    return item


def is_fetched(item: pystac.Item) -> bool:
    """Whether the archive of an offer was fetched once."""
    return bool(item.properties.get(_STATUS) == JobStatus.SUCCEEDED)


def fetched(item: pystac.Item, href: str, product_id: str) -> pystac.Item:
    """A copy of an offer whose archive was fetched.

    Args:
        item: The offer.
        href: Of the Item that has the files, as the offer's file has to write it.
        product_id: Of that Item; the letter of the profile may differ from the archive's.
    """
    changed = copy_of(item)
    changed.properties[_STATUS] = str(JobStatus.SUCCEEDED)
    changed.links = [link for link in changed.links if link.rel != FETCHED]
    changed.add_link(pystac.Link(FETCHED, href, pystac.MediaType.GEOJSON, product_id))
    return changed


def with_scene(item: pystac.Item, scene_id: str, href: str) -> pystac.Item:
    """A copy of an offer that leads to the L1C Item of its scene.

    Args:
        item: The offer.
        scene_id: Of that Item; the latest baseline, where there are several.
        href: Of that Item, as the offer's file has to write it.
    """
    changed = copy_of(item)
    changed.links = [link for link in changed.links if link.rel != DERIVED_FROM]
    changed.add_link(pystac.Link(DERIVED_FROM, href, pystac.MediaType.GEOJSON, scene_id))
    return changed


def with_online(item: pystac.Item, *, is_online: bool) -> pystac.Item:
    """A copy of an offer of which the service says that it is online now, or on tape."""
    changed = copy_of(item)
    changed.assets[PRODUCT_KEY].extra_fields[ONLINE] = is_online
    declare_used(changed)
    return changed
