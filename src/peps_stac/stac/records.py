"""What Items of search results share, whatever the level: the record, the archive, the tile."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import pystac
from pystac.utils import datetime_to_str

from peps_stac.domain import L1CProduct, L2AOffer, MgrsTile
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
from peps_stac.stac.orders import declare

VIA: Final = "via"
"""Link to a service's own record of a product."""
PRODUCT_KEY: Final = "product"
"""Asset: the archive on the service."""
ONLINE: Final = "peps:online"
"""Field of that Asset: whether the service had it at hand when it was found."""

_STRUCTURE = ("root", "parent", "collection", "self")
_SCHEMA_OF = {
    "eo": EO_SCHEMA,
    "file": FILE_SCHEMA,
    "grid": GRID_SCHEMA,
    "order": ORDER_SCHEMA,
    "peps": PEPS_SCHEMA,
    "processing": PROCESSING_SCHEMA,
    "proj": PROJECTION_SCHEMA,
    "published": TIMESTAMPS_SCHEMA,
    "s2": SENTINEL2_SCHEMA,
    "sat": SAT_SCHEMA,
    "version": VERSION_SCHEMA,
}


def link_record(item: pystac.Item, href: str | None) -> None:
    """Link the service's own record, when there is one."""
    if href is not None:
        title = f"Record at {urlsplit(href).hostname or href}"
        item.add_link(pystac.Link(VIA, href, pystac.MediaType.JSON, title))


def kept_links(new: pystac.Item, known: pystac.Item) -> list[pystac.Link]:
    """Links of a known Item that a new answer leaves as they are, beside its own record.

    These are its links within the catalog, and to the records of other services. Links to the
    root, the parent and the Collection are left for the store to write.
    """
    services = {_service(link.href) for link in new.links if link.rel == VIA}
    return [link for link in known.links if _is_kept(link, services)]


def archive_asset(product: L1CProduct | L2AOffer, title: str) -> dict[str, pystac.Asset]:
    """The Asset of the archive on the service, by its key; none without an address."""
    if product.product_href is None:
        return {}
    facts = {
        "file:size": product.size,
        "file:checksum": product.md5 and multihash_of_md5(product.md5),
        ONLINE: product.is_online,
    }
    asset = pystac.Asset(
        product.product_href,
        title=title,
        media_type="application/zip",
        roles=["data", "archive"],
        extra_fields=known(facts),
    )
    return {PRODUCT_KEY: asset}


def tile_properties(tile: MgrsTile | None) -> dict[str, str]:
    """The tile and its UTM zone, in the words of the grid and projection extensions."""
    return {"grid:code": tile.grid_code, "proj:code": f"EPSG:{tile.epsg}"} if tile else {}


def known(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that say something."""
    return {name: value for name, value in fields.items() if value is not None}


def declare_used(item: pystac.Item) -> None:
    """Declare the extensions that an Item uses."""
    names = [
        *item.properties,
        *(name for each in item.assets.values() for name in each.extra_fields),
    ]
    used = {name.partition(":")[0] for name in names}
    declare(item, *sorted(_SCHEMA_OF[prefix] for prefix in used if prefix in _SCHEMA_OF))


def text_of(instant: datetime | None) -> str | None:
    """An instant as STAC writes it."""
    return None if instant is None else datetime_to_str(instant.astimezone(UTC))


def _is_kept(link: pystac.Link, services: set[tuple[str, str]]) -> bool:
    if link.rel == VIA:
        return _service(link.href) not in services
    return link.rel not in _STRUCTURE


def _service(href: str) -> tuple[str, str]:
    """Who keeps a record: the host and the first step of the path.

    No port, as the simulator has another one each time; and one host may serve two catalogues.
    """
    parts = urlsplit(href)
    return parts.hostname or href, parts.path.strip("/").partition("/")[0]
