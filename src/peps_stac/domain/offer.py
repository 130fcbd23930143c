"""A finished MAJA L2A product that a service has, as its catalogue describes it."""

from dataclasses import dataclass
from datetime import datetime

from shapely.geometry.base import BaseGeometry

from peps_stac.domain.tile import MgrsTile


@dataclass(frozen=True, slots=True, kw_only=True)
class L2AOffer:
    """One archive that can be fetched without an order. None: the service did not say."""

    name: str
    """The archive without `.zip`: `PRODUCT_ID` of the metadata inside, with its version."""
    start: datetime
    """Mean sensing time of the tile, UTC."""
    platform: str
    """`sentinel-2a`, `sentinel-2b`, ..."""
    tile: MgrsTile
    product_href: str
    """Where the service has the archive; it asks for a key."""
    service_id: str | None = None
    footprint: BaseGeometry | None = None
    """As the service sent it: longitude first, WGS 84; GEODES gives the whole tile."""
    absolute_orbit: int | None = None
    relative_orbit: int | None = None
    """1 to 143."""
    orbit_state: str | None = None
    """`ascending` or `descending`."""
    cloud_cover: float | None = None
    """Percent of the tile, 0 to 100, as MAJA counts it."""
    snow_cover: float | None = None
    version: str | None = None
    """Of the distribution: `4.0`."""
    published: datetime | None = None
    """When the service received it."""
    size: int | None = None
    """Bytes of the archive."""
    md5: str | None = None
    """Of the archive, 32 hexadecimal digits, lower case."""
    is_online: bool | None = None
    """Whether it can be fetched at once; False: it is on tape."""
    record_href: str | None = None
    """The service's own description of the product."""

    @property
    def level(self) -> str:
        """As of other products."""
        return "L2A"
