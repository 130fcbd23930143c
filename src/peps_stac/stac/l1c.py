"""A Sentinel-2 L1C scene as a STAC Item: what a search result says, in STAC's words."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import pystac
from pystac.utils import datetime_to_str

from peps_stac.domain import JobStatus, L1CProduct, MgrsTile
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.stac.extensions import (
    EO_SCHEMA,
    FILE_SCHEMA,
    GRID_SCHEMA,
    ORDER_SCHEMA,
    PEPS_SCHEMA,
    PROCESSING_SCHEMA,
    PROJECTION_SCHEMA,
    SAT_SCHEMA,
    SENTINEL2_SCHEMA,
    TIMESTAMPS_SCHEMA,
    VERSION_SCHEMA,
    multihash_of_md5,
)
from peps_stac.stac.geometry import geometry_and_bbox
from peps_stac.stac.orders import ORDER_PREFIXES, copy_of, declare

VIA: Final = "via"
"""Link to a service's own record of the scene."""
L2A_LINK: Final = "related"
"""Link to an L2A Item of the scene; STAC has a word for the way back only, `derived_from`."""
PRODUCT_KEY: Final = "product"
"""Asset: the archive on the service."""
ARCHIVE_KEY: Final = "archive"
"""Asset: the same archive on this disk, once it was fetched."""

_STRUCTURE = ("root", "parent", "collection", "self")
_LEVELS = {"S2MSI1C": "L1C", "S2MSI2A": "L2A"}
_SCHEMA_OF = {
    "eo": EO_SCHEMA,
    "file": FILE_SCHEMA,
    "grid": GRID_SCHEMA,
    "order": ORDER_SCHEMA,
    "processing": PROCESSING_SCHEMA,
    "proj": PROJECTION_SCHEMA,
    "published": TIMESTAMPS_SCHEMA,
    "s2": SENTINEL2_SCHEMA,
    "sat": SAT_SCHEMA,
}


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
        properties=_known(_properties(product)),
        collection=L1C_COLLECTION,
        assets=_assets(product),
    )
    if product.record_href is not None:
        title = f"Record at {_host(product.record_href)}"
        item.add_link(pystac.Link(VIA, product.record_href, pystac.MediaType.JSON, title))
    declare(item, *_schemas(item))
    return item


def merged(new: pystac.Item, known: pystac.Item) -> pystac.Item:
    """The Item of a scene that was found again: neither of the two is changed.

    What a service says is taken from `new`, whole, so that a fact it has withdrawn goes:
    geometry, properties, assets and its `via` link. Kept from `known` is what only the catalog
    knows: the order (`order:`, `peps:`), the archive on this disk, the links to its status, to L2A
    products and to other versions, and the `via` links of other hosts, as a scene may be known
    from two services.
    Links to the root, the parent and the Collection are left for the store to write.
    """
    item, kept = copy_of(new), copy_of(known)
    own = {name: said for name, said in kept.properties.items() if _is_of_order(name)}
    if own:
        service = {name: s for name, s in item.properties.items() if not _is_of_order(name)}
        item.properties = {**service, **own}
    records = [link for link in item.links if link.rel == VIA]
    hosts = {_host(link.href) for link in records}
    item.links = records
    item.add_links([link for link in kept.links if _is_of_catalog(link, hosts)])
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
        **_tile_properties(product.tile),
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
        "datetime": _text(product.start),
        "start_datetime": _text(product.start) if has_interval else None,
        "end_datetime": _text(product.end) if has_interval else None,
        "created": _text(product.created),
        "updated": _text(product.updated),
        "published": _text(product.published),
    }


def _tile_properties(tile: MgrsTile | None) -> dict[str, str]:
    if tile is None:
        return {}
    return {
        "grid:code": tile.grid_code,
        "proj:code": f"EPSG:{tile.epsg}",
        "s2:mgrs_tile": str(tile),
    }


def _assets(product: L1CProduct) -> dict[str, pystac.Asset]:
    assets = {}
    if product.product_href is not None:
        checksum = product.md5 and multihash_of_md5(product.md5)
        assets[PRODUCT_KEY] = pystac.Asset(
            product.product_href,
            title="The product in SAFE format; the service asks for a login",
            media_type="application/zip",
            roles=["data", "archive"],
            extra_fields=_known({"file:size": product.size, "file:checksum": checksum}),
        )
    if product.quicklook_href is not None:
        assets["thumbnail"] = pystac.Asset(
            product.quicklook_href,
            title="Quicklook",
            media_type=pystac.MediaType.JPEG,
            roles=["thumbnail"],
        )
    return assets


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _schemas(item: pystac.Item) -> list[str]:
    """The extensions an Item uses, and no other."""
    names = [
        *item.properties,
        *(name for each in item.assets.values() for name in each.extra_fields),
    ]
    used = {name.partition(":")[0] for name in names}
    return sorted(_SCHEMA_OF[prefix] for prefix in used if prefix in _SCHEMA_OF)


def _is_of_order(name: str) -> bool:
    return name.startswith(ORDER_PREFIXES)


def _is_of_catalog(link: pystac.Link, hosts: set[str]) -> bool:
    """Whether a new answer, whose records these hosts keep, leaves a link as it is."""
    if link.rel == VIA:
        return _host(link.href) not in hosts
    return link.rel not in _STRUCTURE


def _host(href: str) -> str:
    """Who keeps a record: the name alone, as the simulator has another port each time."""
    return urlsplit(href).hostname or href


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else datetime_to_str(instant.astimezone(UTC))
