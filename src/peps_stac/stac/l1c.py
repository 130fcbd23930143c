"""A Sentinel-2 L1C scene as a STAC Item: what a search result says, in STAC's words."""

from typing import Any, Final

import pystac

from peps_stac.domain import JobStatus, L1CProduct
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.stac.extensions import (
    FILE_SCHEMA,
    ORDER_SCHEMA,
    PEPS_SCHEMA,
    VERSION_SCHEMA,
    multihash_of_md5,
)
from peps_stac.stac.geometry import geometry_and_bbox
from peps_stac.stac.orders import ORDER_PREFIXES, copy_of, declare
from peps_stac.stac.records import (
    PRODUCT_KEY,
    VIA,
    archive_asset,
    declare_used,
    kept_links,
    known,
    link_record,
    text_of,
    tile_properties,
)

__all__ = [
    "ARCHIVE_KEY",
    "L2A_LINK",
    "PRODUCT_KEY",
    "VIA",
    "item_from_product",
    "merged",
    "with_archive",
    "with_l2a",
]

L2A_LINK: Final = "related"
"""Link to an L2A Item of the scene; STAC has a word for the way back only, `derived_from`."""
ARCHIVE_KEY: Final = "archive"
"""Asset: the archive of the service, on this disk, once it was fetched."""

_LEVELS = {"S2MSI1C": "L1C", "S2MSI2A": "L2A"}


def item_from_product(product: L1CProduct) -> pystac.Item:
    """The Item of a scene; what the service did not say is absent.

    `datetime` is the start of sensing, the one time that every service gives and that is part
    of the product's name. `order:status` is `orderable` where MAJA takes the scene: L1C, and of
    one tile (the products of many tiles of 2015 and 2016 cannot be ordered). `proj:code` is the
    UTM zone of the tile. The Item names its Collection without being linked to it: the store
    does that.
    """
    geometry, bbox = geometry_and_bbox(product.footprint)
    item = pystac.Item(
        id=product.name,
        geometry=geometry,
        bbox=bbox,
        datetime=product.start,
        properties=known(_properties(product)),
        collection=L1C_COLLECTION,
        assets=_assets(product),
    )
    link_record(item, product.record_href)
    declare_used(item)
    return item


def merged(new: pystac.Item, old: pystac.Item) -> pystac.Item:
    """The Item of a scene that was found again: neither of the two is changed.

    What a service says is taken from `new`, whole, so that a fact it has withdrawn goes:
    geometry, properties, assets and its `via` link. Kept from `old` is what only the catalog
    knows: the order (`order:`, `peps:`), the archive on this disk, the links to its status, to L2A
    products and to other versions, and the `via` links of other services, as a scene may be known
    from two services.
    Links to the root, the parent and the Collection are left for the store to write.
    """
    item, kept = copy_of(new), copy_of(old)
    own = {name: said for name, said in kept.properties.items() if _is_of_order(name)}
    if own:
        service = {name: s for name, s in item.properties.items() if not _is_of_order(name)}
        item.properties = {**service, **own}
    item.links = [link for link in item.links if link.rel == VIA]
    item.add_links(kept_links(item, kept))
    item.assets.pop(ARCHIVE_KEY, None)
    if archive := kept.assets.get(ARCHIVE_KEY):
        # Absolute: the new Item may have been read from somewhere else.
        archive.href = archive.get_absolute_href() or archive.href
        item.add_asset(ARCHIVE_KEY, archive)
        declare(item, FILE_SCHEMA)
    catalogs_own = (ORDER_SCHEMA, PEPS_SCHEMA, VERSION_SCHEMA)
    declare(item, *(schema for schema in catalogs_own if schema in kept.stac_extensions))
    return item


def with_l2a(item: pystac.Item, l2a_id: str, href: str) -> pystac.Item:
    """A copy of an L1C Item that leads to an L2A product of its scene.

    Args:
        item: The scene.
        l2a_id: Becomes the title of the link; a link of this title is replaced.
        href: Of the L2A Item, as the L1C Item's file has to write it.
    """
    changed = copy_of(item)
    changed.links = [link for link in changed.links if (link.rel, link.title) != (L2A_LINK, l2a_id)]
    changed.add_link(pystac.Link(L2A_LINK, href, pystac.MediaType.GEOJSON, l2a_id))
    return changed


def with_archive(item: pystac.Item, href: str, *, size: int, md5: str) -> pystac.Item:
    """A copy of an L1C Item whose archive is on this disk; `product` stays what the service has.

    Args:
        item: The scene.
        href: Of the file, as the Item's own file has to write it.
        size: Bytes.
        md5: Hexadecimal.
    """
    changed = copy_of(item)
    archive = pystac.Asset(
        href,
        title="The product in SAFE format, on this disk",
        media_type="application/zip",
        roles=["data", "archive"],
        extra_fields={"file:size": size, "file:checksum": multihash_of_md5(md5)},
    )
    changed.add_asset(ARCHIVE_KEY, archive)
    declare(changed, FILE_SCHEMA)
    return changed


def _properties(product: L1CProduct) -> dict[str, Any]:
    level = product.level or _LEVELS.get(str(product.product_type))
    return {
        **_times(product),
        "platform": product.platform,
        "constellation": "sentinel-2",
        "instruments": ["msi"],
        "gsd": 10,
        "eo:cloud_cover": product.cloud_cover,
        "eo:snow_cover": product.snow_cover,
        "sat:absolute_orbit": product.absolute_orbit,
        "sat:relative_orbit": product.relative_orbit,
        "sat:orbit_state": product.orbit_state,
        **tile_properties(product.tile),
        "s2:mgrs_tile": str(product.tile) if product.tile else None,
        "processing:level": level,
        "s2:product_uri": f"{product.name}.SAFE",
        "s2:product_type": product.product_type,
        "s2:processing_baseline": product.processing_baseline,
        "s2:datatake_id": product.datatake_id,
        "s2:datatake_type": product.datatake_type,
        "order:status": str(JobStatus.ORDERABLE) if product.tile and level == "L1C" else None,
    }


def _times(product: L1CProduct) -> dict[str, str | None]:
    """STAC wants the ends of an interval both or not at all, and in order.

    `datetime` stands first, where pystac finds and refreshes it: otherwise its place would
    tell whether an Item was read or made.
    """
    has_interval = product.end is not None and product.end >= product.start
    return {
        "datetime": text_of(product.start),
        "start_datetime": text_of(product.start) if has_interval else None,
        "end_datetime": text_of(product.end) if has_interval else None,
        "created": text_of(product.created),
        "updated": text_of(product.updated),
        "published": text_of(product.published),
    }


def _assets(product: L1CProduct) -> dict[str, pystac.Asset]:
    title = "The product in SAFE format; the service asks for a login"
    assets = archive_asset(product, title)
    if product.quicklook_href is not None:
        assets["thumbnail"] = pystac.Asset(
            product.quicklook_href,
            title="Quicklook",
            media_type=pystac.MediaType.JPEG,
            roles=["thumbnail"],
        )
    return assets


def _is_of_order(name: str) -> bool:
    return name.startswith(ORDER_PREFIXES)
