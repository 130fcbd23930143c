"""One record of a search answer, as the product it describes.

The record's `datetime` is when GEODES took it in; the time of sensing is `start_datetime`.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from peps_stac.domain import L1CName, L1CProduct, L2AOffer
from peps_stac.errors import ResponseError
from peps_stac.geodes.attributes import attributes
from peps_stac.geodes.files import RecordFile, read_files
from peps_stac.provider.facts import (
    read_orbit_state,
    read_platform,
    read_relative_orbit,
    read_tile,
)
from peps_stac.provider.footprint import read_footprint
from peps_stac.provider.matching import Found
from peps_stac.provider.values import (
    one_line,
    read_count,
    read_href,
    read_instant,
    read_mapping,
    read_percent,
    read_text,
)

_L1C_NAME = re.compile(r"S2[A-Z]_[A-Za-z0-9_]+")
_L2A_NAME = re.compile(r"SENTINEL2[A-Z]_[A-Za-z0-9_-]+_L2A_T\d{2}[A-Z]{3}_[A-Z](_V\d+-\d+)?")


def read_record(feature: Mapping[str, Any]) -> Found:
    """The product that one record of a search answer describes, L1C or L2A.

    Values that are null, absent, of another type or placeholders are None.

    Raises:
        ResponseError: Neither ESA's name of a Sentinel-2 product nor MAJA's, or no date; for
            L2A also without satellite, tile, or archive.
    """
    said = attributes(read_mapping(feature.get("properties")))
    files = tuple(read_files(feature.get("assets")))
    archive = next((file for file in files if file.is_archive), None)
    name = _stem(read_text(said.get("identifier")))
    if _L2A_NAME.fullmatch(name):
        return _read_offer(feature, said, name, archive)
    name = name or _stem(archive.name if archive else None)
    if _L1C_NAME.fullmatch(name):
        return _read_scene(feature, said, name, files)
    raise _refusal(feature, said, "names no Sentinel-2 product")


def _read_scene(
    feature: Mapping[str, Any], said: Mapping[str, Any], name: str, files: tuple[RecordFile, ...]
) -> L1CProduct:
    named = L1CName.parse(name)
    archive = next((file for file in files if file.is_archive), None)
    start = _read_start(feature, said, named.start if named else None)
    return L1CProduct(
        name=name,
        start=start,
        end=_read_end(said, start),
        service_id=read_text(feature.get("id")),
        footprint=read_footprint(feature.get("geometry")),
        tile=read_tile(said.get("grid:code")) or (named.tile if named else None),
        platform=read_platform(said.get("platform")) or read_platform(name[:3]),
        product_type=read_text(said.get("product:type")),
        level=read_text(said.get("processing:level")) or (named.level if named else None),
        absolute_orbit=read_count(said.get("sat:absolute_orbit")) or None,
        relative_orbit=read_relative_orbit(said.get("sat:relative_orbit"))
        or (named.relative_orbit if named else None),
        orbit_state=read_orbit_state(said.get("sat:orbit_state")),
        cloud_cover=read_percent(said.get("eo:cloud_cover")),
        snow_cover=read_percent(said.get("eo:snow_cover")),
        datatake_id=read_text(said.get("s2:datatake_id")),
        datatake_type=read_text(said.get("sar:instrument_mode")),
        processing_baseline=named.baseline if named else None,
        published=read_instant(said.get("datetime")),
        product_href=archive.href if archive else None,
        size=archive.size if archive else None,
        md5=archive.md5 if archive else None,
        is_online=archive.is_online if archive else None,
        quicklook_href=next((file.href for file in files if file.is_quicklook), None),
        record_href=_read_record_href(feature.get("links")),
    )


def _read_offer(
    feature: Mapping[str, Any],
    said: Mapping[str, Any],
    name: str,
    archive: RecordFile | None,
) -> L2AOffer:
    platform = read_platform(said.get("platform")) or read_platform(name.partition("_")[0])
    tile = read_tile(said.get("grid:code")) or read_tile(name.partition("_L2A_")[2][:6])
    if platform is None or tile is None or archive is None:
        raise _refusal(feature, said, "lacks its satellite, tile or archive")
    stem = _stem(archive.name)
    return L2AOffer(
        # The identifier lacks the version, which the archive has.
        name=stem if _L2A_NAME.fullmatch(stem) else name,
        start=_read_start(feature, said, None),
        platform=platform,
        tile=tile,
        product_href=archive.href,
        service_id=read_text(feature.get("id")),
        footprint=read_footprint(feature.get("geometry")),
        absolute_orbit=read_count(said.get("sat:absolute_orbit")) or None,
        relative_orbit=read_relative_orbit(said.get("sat:relative_orbit")),
        orbit_state=read_orbit_state(said.get("sat:orbit_state")),
        cloud_cover=read_percent(said.get("eo:cloud_cover")),
        snow_cover=read_percent(said.get("eo:snow_cover")),
        version=read_text(said.get("version")),
        published=read_instant(said.get("datetime")),
        size=archive.size,
        md5=archive.md5,
        is_online=archive.is_online,
        record_href=_read_record_href(feature.get("links")),
    )


def _stem(name: str | None) -> str:
    return (name or "").removesuffix(".zip").removesuffix(".SAFE")


def _read_start(
    feature: Mapping[str, Any], said: Mapping[str, Any], named: datetime | None
) -> datetime:
    start = read_instant(said.get("start_datetime")) or named
    if start is None:
        raise _refusal(feature, said, "has no date")
    return start


def _read_end(said: Mapping[str, Any], start: datetime) -> datetime | None:
    end = read_instant(said.get("end_datetime"))
    return end if end is not None and end >= start else None


def _read_record_href(links: object) -> str | None:
    """The record itself, without the token that old records carry in their addresses."""
    for link in links if isinstance(links, list) else ():
        said = read_mapping(link)
        if said.get("rel") == "self" and (href := read_href(said.get("href"))):
            return href.partition("?")[0]
    return None


def _refusal(feature: Mapping[str, Any], said: Mapping[str, Any], reason: str) -> ResponseError:
    name = one_line(str(said.get("identifier") or feature.get("id")))
    return ResponseError(f"a search result ({name!r}) {reason}; it is left out")
