"""A Sentinel-2 L1C scene, as a catalogue service describes it before any download."""

from dataclasses import dataclass
from datetime import datetime

from shapely.geometry.base import BaseGeometry

from peps_stac.domain.tile import MgrsTile


@dataclass(frozen=True, slots=True, kw_only=True)
class L1CProduct:
    """What a search result says of a product. None: the service did not say."""

    name: str
    """ESA's product name without `.SAFE`."""
    start: datetime
    """Start of sensing of the datatake, UTC."""
    end: datetime | None = None
    service_id: str | None = None
    """Identifier on the service (PEPS: a UUID), for download addresses."""
    footprint: BaseGeometry | None = None
    """As the service sent it: longitude first, WGS 84, nothing repaired."""
    tile: MgrsTile | None = None
    """None for the products of many tiles of 2015 and 2016."""
    platform: str | None = None
    """`sentinel-2a`, `sentinel-2b`, ..."""
    product_type: str | None = None
    """ESA's word, e.g. `S2MSI1C`."""
    level: str | None = None
    """`L1C`, `L2A`."""
    absolute_orbit: int | None = None
    relative_orbit: int | None = None
    """1 to 143."""
    orbit_state: str | None = None
    """`ascending` or `descending`."""
    cloud_cover: float | None = None
    """Percent of the tile, 0 to 100, as ESA estimates it."""
    snow_cover: float | None = None
    """Percent of the tile, 0 to 100."""
    datatake_id: str | None = None
    """`GS2A_20200815T005251_026883_N02.09`."""
    datatake_type: str | None = None
    """`INS-NOBS`."""
    processing_baseline: str | None = None
    """`02.09`."""
    created: datetime | None = None
    """When the service received the product."""
    published: datetime | None = None
    updated: datetime | None = None
    product_href: str | None = None
    """Where the service offers the archive."""
    size: int | None = None
    """Bytes of the archive."""
    md5: str | None = None
    """Of the archive, 32 hexadecimal digits, lower case."""
    is_online: bool | None = None
    """Whether the archive can be fetched at once; False: it is on tape."""
    quicklook_href: str | None = None
    record_href: str | None = None
    """The service's own description of the product."""
