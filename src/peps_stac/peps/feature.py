"""One feature of a search answer, as the product it describes.

What PEPS left out stands in ESA's product name where that says it; nothing else is filled in.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from peps_stac.domain import L1CName, L1CProduct
from peps_stac.errors import ResponseError
from peps_stac.provider.facts import (
    read_md5,
    read_orbit_state,
    read_platform,
    read_relative_orbit,
    read_tile,
)
from peps_stac.provider.footprint import read_footprint
from peps_stac.provider.values import (
    one_line,
    read_count,
    read_href,
    read_instant,
    read_mapping,
    read_percent,
    read_text,
)

_NAMESPACE = UUID("92708059-2077-45a3-a4f3-1eb428789cff")
_NAME = re.compile(r"S2[A-Z]_[A-Za-z0-9_]+")
# The names of many tiles, before December 2016, give the period of sensing after a V.
_SENSING = re.compile(r"_V(?P<start>\d{8}T\d{6})_", re.ASCII)
_LEVELS = {"LEVEL1C": "L1C", "LEVEL2A": "L2A", "L1C": "L1C", "L2A": "L2A"}


def service_id(product_name: str) -> str:
    """PEPS's identifier of a product, which follows from its name (UUIDv5)."""
    return str(uuid5(_NAMESPACE, f"S2ST:{product_name.upper()}"))


def read_product(feature: Mapping[str, Any]) -> L1CProduct:
    """The product that one feature of a search answer describes.

    Values that are null, absent, of another type or placeholders are None.

    Raises:
        ResponseError: No Sentinel-2 product name, or no date.
    """
    said = read_mapping(feature.get("properties"))
    name = _read_name(said)
    named = L1CName.parse(name)
    archive = read_mapping(read_mapping(said.get("services")).get("download"))
    start = _read_start(said, name, named)
    return L1CProduct(
        name=name,
        start=start,
        end=_read_end(said, start),
        service_id=read_text(feature.get("id")),
        footprint=read_footprint(feature.get("geometry")),
        tile=read_tile(said.get("mgrs")) or (named.tile if named else None),
        platform=read_platform(said.get("platform")) or read_platform(name[:3]),
        product_type=read_text(said.get("productType")),
        level=_read_level(said) or (named.level if named else None),
        absolute_orbit=read_count(said.get("orbitNumber")) or None,
        relative_orbit=read_relative_orbit(said.get("relativeOrbitNumber"))
        or (named.relative_orbit if named else None),
        orbit_state=read_orbit_state(said.get("orbitDirection")),
        cloud_cover=read_percent(said.get("cloudCover")),
        snow_cover=read_percent(said.get("snowCover")),
        datatake_id=read_text(said.get("s2TakeId")),
        datatake_type=read_text(said.get("sensorMode")),
        processing_baseline=named.baseline if named else None,
        created=read_instant(said.get("dhusIngestDate")),
        published=read_instant(said.get("published")),
        updated=read_instant(said.get("updated")),
        product_href=read_href(archive.get("url")),
        # An archive of no bytes is PEPS's way of not knowing.
        size=read_count(said.get("resourceSize")) or read_count(archive.get("size")) or None,
        md5=read_md5(said.get("resourceChecksum")) or read_md5(archive.get("checksum")),
        quicklook_href=read_href(said.get("quicklook")) or read_href(said.get("thumbnail")),
        record_href=_read_record_href(said.get("links")),
    )


def _read_name(said: Mapping[str, Any]) -> str:
    for key in ("productIdentifier", "title"):
        name = (read_text(said.get(key)) or "").removesuffix(".SAFE")
        if _NAME.fullmatch(name):
            return name
    raise _refusal(said, "has no Sentinel-2 product name")


def _read_start(said: Mapping[str, Any], name: str, named: L1CName | None) -> datetime:
    start = read_instant(said.get("startDate")) or (named.start if named else None)
    if start is None and (match := _SENSING.search(name)):
        start = read_instant(match["start"])
    if start is None:
        raise _refusal(said, "has no date")
    return start


def _read_level(said: Mapping[str, Any]) -> str | None:
    return _LEVELS.get((read_text(said.get("processingLevel")) or "").upper())


def _refusal(said: Mapping[str, Any], reason: str) -> ResponseError:
    name = one_line(str(said.get("productIdentifier") or said.get("title")))
    return ResponseError(f"a search result ({name!r}) {reason}; it is left out")


def _read_end(said: Mapping[str, Any], start: datetime) -> datetime | None:
    end = read_instant(said.get("completionDate"))
    return end if end is not None and end >= start else None


def _read_record_href(links: object) -> str | None:
    """The product's own JSON: resto links it as `alternate`, beside its ATOM."""
    for link in links if isinstance(links, list) else ():
        said = read_mapping(link)
        if said.get("rel") == "alternate" and said.get("type") == "application/json":
            return read_href(said.get("href"))
    return None
