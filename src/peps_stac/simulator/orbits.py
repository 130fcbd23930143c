"""Which passes of Sentinel-2 see a tile, when, and how much of it.

The satellites fly a sun-synchronous circle of 98.62 degrees inclination, 143 orbits in 10 days,
S2B half a cycle after S2A. That, one place (the longitude where relative orbit 51 comes down
through the equator) and one instant a satellite give every pass of the mission. The swath's edges
fall within 2 km of those recorded for orbits 8, 51, 94 and 108 over France.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import shapely
from pyproj import Geod
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from peps_stac.domain import MgrsTile
from peps_stac.simulator.tiling import centre, tile_bounds, to_metres

ORBITS = 143
"""Relative orbits in a cycle."""
CYCLE = timedelta(days=10)
SWATH_M = 294_600
"""Width of the ground seen, metres across the track."""

_PERIOD_S = CYCLE.total_seconds() / ORBITS
_INCLINATION = math.radians(98.62)
_DEGREES_AN_ORBIT = 360 * 10 / ORBITS
# Fitted to the swath edges in the recorded products of March 2021.
_NODE_OF_ORBIT_51 = -10.352
_EARTH = Geod(ellps="WGS84")
_GEOCENTRIC = 0.99330562
_STEP_DEGREES = 0.25
_MARGIN_DEGREES = 1.5
_LAST_LATITUDE = 81.0
_SLANTING_FROM = 60
_LEAST_SEEN = 0.05
"""Slivers below this part of the tile are not served, though ESA delivers them."""


@dataclass(frozen=True, slots=True)
class Satellite:
    """One satellite and an instant that fixes its orbits."""

    letter: str
    """A, B, as in S2A."""
    first: date
    """First day it is served."""
    absolute: int
    """Absolute orbit of a known pass of relative orbit 51."""
    over_31tcj: datetime
    """When that pass came over the middle of tile 31TCJ."""

    @property
    def name(self) -> str:
        """`S2A`."""
        return f"S2{self.letter}"


# Absolute orbits 6626 and 3795 and the second instant are those of real products.
SATELLITES = (
    Satellite("A", date(2015, 7, 4), 6626, datetime(2016, 9, 28, 10, 58, 27, 648000, UTC)),
    Satellite("B", date(2017, 3, 20), 3795, datetime(2017, 11, 27, 10, 58, 27, 648000, UTC)),
)


@dataclass(frozen=True, slots=True)
class Pass:
    """One satellite over one tile."""

    satellite: Satellite
    tile: MgrsTile
    relative_orbit: int
    absolute_orbit: int
    instant: datetime
    """Over the middle of the tile, UTC."""


def passes(tile: MgrsTile, start: date, end: date) -> Iterator[Pass]:
    """Passes over a tile from the start of one day to the end of another, in order of time."""
    first, last = _midnight(start), _midnight(end) + timedelta(days=1)
    found = [
        one
        for satellite in SATELLITES
        for orbit in orbits_over(tile)
        for one in _repeated(satellite, tile, orbit, first, last)
        if one.instant.date() >= satellite.first
    ]
    yield from sorted(found, key=lambda one: one.instant)


def _repeated(
    satellite: Satellite, tile: MgrsTile, orbit: int, first: datetime, last: datetime
) -> Iterator[Pass]:
    since = seconds_after_node(centre(tile)[1]) - seconds_after_node(_LATITUDE_OF_31TCJ)
    known = satellite.over_31tcj + timedelta(seconds=(orbit - 51) * _PERIOD_S + since)
    cycle = math.ceil((first - known) / CYCLE)
    while known + cycle * CYCLE < last:
        absolute = satellite.absolute + orbit - 51 + cycle * ORBITS
        yield Pass(satellite, tile, orbit, absolute, known + cycle * CYCLE)
        cycle += 1


@lru_cache(maxsize=4096)
def orbits_over(tile: MgrsTile) -> tuple[int, ...]:
    """Relative orbits that see at least a twentieth of the tile; best view first."""
    whole = box(*tile_bounds(tile)).area
    seen = {
        orbit: swath_over(tile, orbit).area / whole
        for orbit in range(1, ORBITS + 1)
        if is_near(tile, orbit)
    }
    kept = [orbit for orbit, part in seen.items() if part >= _LEAST_SEEN]
    return tuple(sorted(kept, key=lambda orbit: (-round(seen[orbit], 6), orbit)))


def is_near(tile: MgrsTile, orbit: int) -> bool:
    """Whether a pass may see anything of a tile; never true beyond 79.5 degrees."""
    lon, lat = centre(tile)
    if abs(lat) + _MARGIN_DEGREES > _LAST_LATITUDE:
        return False
    apart = _EARTH.inv(nadir_longitude(orbit, lat), lat, lon, lat)[2]
    # Far north a track runs nearly east to west and comes closer than along this latitude.
    return bool(apart < (SWATH_M if abs(lat) < _SLANTING_FROM else 3 * SWATH_M))


@lru_cache(maxsize=4096)
def swath_over(tile: MgrsTile, orbit: int) -> BaseGeometry:
    """The part of a tile that a descending pass sees, metres, in the CRS `tile.epsg`."""
    return shapely.intersection(_swath(tile, orbit), box(*tile_bounds(tile)))


@lru_cache(maxsize=4096)
def track_over(tile: MgrsTile, orbit: int) -> tuple[tuple[float, float], ...]:
    """Points right below the satellite, north to south, metres, in the CRS `tile.epsg`."""
    lats = _latitudes(tile)
    lons = [nadir_longitude(orbit, lat) for lat in lats]
    return tuple(zip(*to_metres(tile.epsg).transform(lons, lats), strict=True))


def seconds_after_node(latitude: float) -> float:
    """Seconds since the descending node (negative: before) when a latitude is crossed."""
    return _angle_after_node(latitude) / 360 * _PERIOD_S


def nadir_longitude(orbit: int, latitude: float) -> float:
    """Longitude below the satellite where a descending pass crosses a latitude, degrees."""
    angle = _angle_after_node(latitude)
    plane = math.degrees(math.atan(math.cos(_INCLINATION) * math.tan(math.radians(angle))))
    earth = angle * _PERIOD_S / 86_400
    node = _NODE_OF_ORBIT_51 - (orbit - 51) * _DEGREES_AN_ORBIT
    return (node + plane - earth + 180) % 360 - 180


def _angle_after_node(latitude: float) -> float:
    geocentric = math.atan(_GEOCENTRIC * math.tan(math.radians(latitude)))
    # Beyond 81.4 degrees no satellite comes: the turning point stands for it.
    height = math.sin(geocentric) / math.sin(_INCLINATION)
    return -math.degrees(math.asin(max(-1.0, min(1.0, height))))


def _swath(tile: MgrsTile, orbit: int) -> Polygon:
    lats = _latitudes(tile)
    lons = [nadir_longitude(orbit, lat) for lat in lats]
    behind = [nadir_longitude(orbit, lat + 0.01) for lat in lats]
    heading = [
        _EARTH.inv(lon0, lat + 0.01, lon, lat)[0]
        for lon0, lon, lat in zip(behind, lons, lats, strict=True)
    ]
    half = [SWATH_M / 2] * len(lats)
    east = _EARTH.fwd(lons, lats, [azimuth - 90 for azimuth in heading], half)[:2]
    west = _EARTH.fwd(lons, lats, [azimuth + 90 for azimuth in heading], half)[:2]
    metres = to_metres(tile.epsg)
    right = zip(*metres.transform(*east), strict=True)
    left = zip(*metres.transform(*west), strict=True)
    return Polygon([*right, *reversed(list(left))])


def _latitudes(tile: MgrsTile) -> list[float]:
    """Every quarter degree from north of the tile to south of it."""
    lat = centre(tile)[1]
    count = int(2 * _MARGIN_DEGREES / _STEP_DEGREES) + 1
    all_of_them = (lat + _MARGIN_DEGREES - _STEP_DEGREES * step for step in range(count))
    return [one for one in all_of_them if abs(one) <= _LAST_LATITUDE]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


_LATITUDE_OF_31TCJ = centre(MgrsTile.parse("31TCJ"))[1]
