"""Where on Earth a product lies, as a service writes it, and whether that meets a place.

All write longitude first; PEPS a Polygon in 2018 and a MultiPolygon later, and footprints across
the antimeridian as one ring from -179 to 179.
"""

from collections.abc import Iterable

from shapely import MultiPolygon, Polygon
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from peps_stac.provider.values import read_mapping

_SMALLEST_RING = 4
_PAIR = 2
_TOLERANCE_DEG = 1e-7
"""About a centimetre: the service compares with more digits than it writes."""
_QUARTER_TURN = 90
_HALF_TURN = 180
_FULL_TURN = 360

Position = tuple[float, float]


def read_footprint(geometry: object) -> BaseGeometry | None:
    """The Polygon or MultiPolygon as it stands, nothing repaired; None when it is not one."""
    said = read_mapping(geometry)
    kind, coordinates = said.get("type"), said.get("coordinates")
    if kind == "Polygon":
        return _read_polygon(coordinates)
    if kind != "MultiPolygon" or not isinstance(coordinates, list) or not coordinates:
        return None
    polygons = [_read_polygon(part) for part in coordinates]
    parts = [polygon for polygon in polygons if polygon is not None]
    return MultiPolygon(parts) if len(parts) == len(polygons) else None


def meets(footprint: BaseGeometry, place: BaseGeometry) -> bool:
    """Whether they touch, on either side of the antimeridian."""
    near = _unwrapped(footprint)
    turns = (0, _FULL_TURN, -_FULL_TURN)
    # A distance, and not `intersects`: it takes rings that cross themselves.
    return any(near.distance(translate(place, turn)) <= _TOLERANCE_DEG for turn in turns)


def _read_polygon(coordinates: object) -> Polygon | None:
    if not isinstance(coordinates, list) or not coordinates:
        return None
    rings = [_read_ring(ring) for ring in coordinates]
    whole = [ring for ring in rings if ring is not None]
    return Polygon(whole[0], whole[1:]) if len(whole) == len(rings) else None


def _read_ring(value: object) -> list[Position] | None:
    if not isinstance(value, list) or len(value) < _SMALLEST_RING:
        return None
    positions = [_read_position(position) for position in value]
    whole = [position for position in positions if position is not None]
    return whole if len(whole) == len(positions) else None


def _read_position(value: object) -> Position | None:
    if not isinstance(value, list) or len(value) < _PAIR:
        return None
    lon, lat = value[0], value[1]
    return (lon, lat) if _is_within(lon, _FULL_TURN) and _is_within(lat, _QUARTER_TURN) else None


def _is_within(value: object, degrees: int) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -degrees <= value <= degrees


def _unwrapped(footprint: BaseGeometry) -> BaseGeometry:
    west, _, east, _ = footprint.bounds
    if east - west <= _HALF_TURN:
        return footprint
    parts = footprint.geoms if isinstance(footprint, MultiPolygon) else [footprint]
    return MultiPolygon([_unwrapped_part(part) for part in parts if isinstance(part, Polygon)])


def _unwrapped_part(polygon: Polygon) -> Polygon:
    west, _, east, _ = polygon.bounds
    if east - west <= _HALF_TURN:
        return polygon
    shell, *holes = (_eastward(ring.coords) for ring in (polygon.exterior, *polygon.interiors))
    return Polygon(shell, holes)


def _eastward(ring: Iterable[tuple[float, ...]]) -> list[Position]:
    return [(lon + _FULL_TURN if lon < 0 else lon, lat) for lon, lat, *_ in ring]
