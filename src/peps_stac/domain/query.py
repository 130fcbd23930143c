"""What to search for, checked before anything is sent."""

from dataclasses import dataclass
from datetime import datetime

from shapely.geometry.base import BaseGeometry

from peps_stac.domain.tile import MgrsTile
from peps_stac.errors import RequestError

Bounds = tuple[float, float, float, float]
"""`(west, south, east, north)`, degrees, WGS 84 (RFC 7946, section 5)."""

LAST_RELATIVE_ORBIT = 143
LEVELS = ("L1C", "L2A")


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """Which Sentinel-2 products are wanted; every criterion narrows the others.

    Raises:
        RequestError: A value out of range, or criteria that exclude each other.
    """

    location: str | None = None
    """Free text that the service analyses: a place, or "Toulouse August"."""
    point: tuple[float, float] | None = None
    """`(lon, lat)`, degrees, WGS 84; excludes `bbox`."""
    bbox: Bounds | None = None
    """West greater than east: the box crosses the antimeridian."""
    intersects: BaseGeometry | None = None
    """Any geometry, longitude first, WGS 84."""
    tiles: tuple[MgrsTile, ...] = ()
    """Any of these."""
    relative_orbit: int | None = None
    """1 to 143."""
    start: datetime | None = None
    """First instant of sensing, included, UTC."""
    end: datetime | None = None
    """Last instant of sensing, included, UTC."""
    cloud_cover: float | None = None
    """Percent at most, 0 to 100; a product of unknown cloud cover never matches."""
    platform: str | None = None
    """`sentinel-2a`, `sentinel-2b`, ..."""
    level: str = "L1C"
    """`L1C`: scenes of ESA; `L2A`: finished products of MAJA."""
    limit: int | None = None
    """Results at most, over all pages."""

    def __post_init__(self) -> None:
        self._check_place()
        self._check_range("--orbit", self.relative_orbit, 1, LAST_RELATIVE_ORBIT)
        self._check_range("--cloud-cover", self.cloud_cover, 0, 100)
        if self.level not in LEVELS:
            raise RequestError(f"--level: {self.level} is not known; give {' or '.join(LEVELS)}")
        if self.limit is not None and self.limit < 1:
            raise RequestError(f"--limit: {self.limit} is not a number of results; give 1 or more")
        if self.start and self.end and self.start > self.end:
            message = f"the period ends ({self.end:%Y-%m-%d}) before it starts"
            raise RequestError(f"{message} ({self.start:%Y-%m-%d}); swap the dates")

    def _check_place(self) -> None:
        if self.point and self.bbox:
            raise RequestError("a point and a box exclude each other; give --lon/--lat or --bbox")
        if self.point:
            self._check_range("--lon", self.point[0], -180, 180)
            self._check_range("--lat", self.point[1], -90, 90)
        if self.bbox:
            west, south, east, north = self.bbox
            self._check_range("--bbox", west, -180, 180)
            self._check_range("--bbox", east, -180, 180)
            self._check_range("--bbox", south, -90, 90)
            self._check_range("--bbox", north, -90, 90)
            if south > north:
                raise RequestError(f"--bbox: south {south} is above north {north}; swap them")
        if self.intersects is not None and self.intersects.is_empty:
            raise RequestError("--intersects: the geometry is empty; give a place to search")
        if not (self.location or self.point or self.bbox or self.tiles or self.limit) and (
            self.intersects is None
        ):
            raise RequestError(
                "nothing says where to search; give a place (-l, --lon/--lat, --bbox, "
                "--intersects, -t), or --limit to search everywhere"
            )

    @staticmethod
    def _check_range(option: str, value: float | None, low: float, high: float) -> None:
        # `not <=` rather than `>`: a NaN is out of every range.
        if value is not None and not low <= value <= high:
            raise RequestError(f"{option}: {value} is not between {low} and {high}")
