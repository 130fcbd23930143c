"""Footprints as STAC wants them: GeoJSON of RFC 7946 and the bbox of just that geometry.

A footprint is kept coordinate for coordinate as long as it is valid, so that the Item and the
service's record agree. What RFC 7946 does not allow is changed and nothing else: rings that
wind the wrong way (section 3.1.6), rings that cross the antimeridian (section 3.1.9), rings
that cross themselves.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import shapely
from pyproj import Transformer
from shapely import affinity
from shapely.geometry import MultiPolygon, Polygon, box, mapping
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from peps_stac.domain import Grid

Geometry = dict[str, Any]
"""A GeoJSON geometry, positions as lists."""

_Point = tuple[float, float]

_POINTS_AN_EDGE = 20
_DECIMALS = 7  # of a degree: about a centimetre
_EXACT_DECIMALS = 12  # what a turn of 360 degrees there and back leaves of a double
_HALF_TURN = 180.0
_TURN = 360.0
_POLE = 90.0


def geometry_and_bbox(footprint: BaseGeometry | None) -> tuple[Geometry | None, list[float] | None]:
    """The geometry and the bbox of an Item.

    Args:
        footprint: As a service sent it: longitude first, WGS 84. A step of more than 180
            degrees between two vertices is one across the antimeridian.

    Returns:
        A GeoJSON geometry, split at the antimeridian where it crosses it, and its bounds
        `[west, south, east, north]`, degrees; west is greater than east when it crosses
        (RFC 7946, section 5.2). Both None for a footprint that is missing, empty or not made
        of finite numbers.
    """
    written = None if footprint is None else lawful(footprint)
    if written is None or written.is_empty:
        return None, None
    return _geojson(written), _bbox(written)


def lawful(footprint: BaseGeometry) -> BaseGeometry:
    """The same place as RFC 7946 writes it: two dimensions, right winding, split, valid.

    Points and lines come back as they are; what is right already keeps its coordinates.
    A ring round a pole is closed along the antimeridian and over the pole. Empty when nothing
    is left: a polygon without area, coordinates that are no finite numbers.
    """
    if not _is_finite(footprint):
        return Polygon()
    flat: BaseGeometry = shapely.force_2d(footprint)
    if not isinstance(flat, Polygon | MultiPolygon):
        return flat
    parts = flat.geoms if isinstance(flat, MultiPolygon) else (flat,)
    if any(_leaves_the_map(part) for part in parts):
        pieces = [piece for part in parts for piece in _split(_unwrapped(part))]
        # Nothing is left of a box round the world, whose edges are a whole turn long.
        flat = _assemble(pieces) if pieces else flat
    return _wound(flat if flat.is_valid else _repaired(flat))


def tile_outline(grid: Grid, epsg: int) -> BaseGeometry:
    """The rectangle of a grid in longitude and latitude, fit for `geometry_and_bbox`.

    Args:
        grid: Any resolution group of the tile.
        epsg: EPSG code of the CRS of the grid, e.g. 32631.

    Raises:
        pyproj.exceptions.CRSError: `epsg` names no CRS.
    """
    return to_wgs84(box(*grid.bounds), epsg)


def to_wgs84(geometry: BaseGeometry, epsg: int) -> BaseGeometry:
    """A projected polygon in longitude and latitude, lawful, to seven decimals.

    A straight edge in UTM is a curve in longitude and latitude, so long edges are sampled
    first: an edge as long as the geometry gets 20 segments. Empty for what has no area.

    Args:
        geometry: Metres, in the CRS `epsg`, easting first.
        epsg: EPSG code of a projected CRS, e.g. 32631.

    Raises:
        pyproj.exceptions.CRSError: `epsg` names no CRS.
    """
    if not geometry.area:
        return Polygon()
    xmin, ymin, xmax, ymax = geometry.bounds
    step = max(xmax - xmin, ymax - ymin) / _POINTS_AN_EDGE
    reproject = _to_lon_lat(epsg).transform

    def to_degrees(points: Any) -> Any:  # noqa: ANN401 -- an array, without importing numpy
        degrees = points.copy()
        degrees[:, 0], degrees[:, 1] = reproject(points[:, 0], points[:, 1])
        return degrees.round(_DECIMALS)

    return lawful(shapely.transform(shapely.segmentize(geometry, step), to_degrees))


@lru_cache(maxsize=128)
def _to_lon_lat(epsg: int) -> Transformer:
    return Transformer.from_crs(epsg, 4326, always_xy=True)


def _is_finite(geometry: BaseGeometry) -> bool:
    return bool((abs(shapely.get_coordinates(geometry)) < float("inf")).all())  # NaN neither


def _leaves_the_map(polygon: Polygon) -> bool:
    west, _, east, _ = polygon.bounds
    longitudes = [x for x, *_ in polygon.exterior.coords]
    return (
        west < -_HALF_TURN
        or east > _HALF_TURN
        or any(abs(after - before) > _HALF_TURN for before, after in pairwise(longitudes))
    )


def _unwrapped(polygon: Polygon) -> Polygon:
    """The polygon on a map that goes on beyond 180 degrees, without steps."""
    shell = _closed(_continuous(polygon.exterior.coords))
    middle = (min(x for x, _ in shell) + max(x for x, _ in shell)) / 2
    holes = [_beside(_continuous(ring.coords), middle) for ring in polygon.interiors]
    return Polygon(shell, holes)


def _continuous(ring: Iterable[Sequence[float]]) -> list[_Point]:
    points: list[_Point] = []
    for x, y, *_ in ring:
        before = points[-1][0] if points else x
        points.append((x - _TURN * round((x - before) / _TURN), y))
    return points


def _closed(points: list[_Point]) -> list[_Point]:
    """A ring round a pole ends a whole turn from where it began, so it is led over the pole."""
    if points[0][0] == points[-1][0]:
        return points
    pole = _POLE if sum(y for _, y in points) > 0 else -_POLE
    return [*points, (points[-1][0], pole), (points[0][0], pole), points[0]]


def _beside(ring: list[_Point], middle: float) -> list[_Point]:
    own = sum(x for x, _ in ring) / len(ring)
    turns = _TURN * round((middle - own) / _TURN)
    return [(x + turns, y) for x, y in ring]


def _split(polygon: Polygon) -> Iterable[Polygon]:
    """The pieces of an unwrapped polygon, each moved back between -180 and 180 degrees."""
    whole = polygon if polygon.is_valid else _repaired(polygon)
    if whole.is_empty:
        return
    west, _, east, _ = whole.bounds
    first, last = round(west / _TURN), round(east / _TURN)
    for turn in range(first, last + 1):
        middle = turn * _TURN
        strip = box(middle - _HALF_TURN, -_POLE, middle + _HALF_TURN, _POLE)
        yield from _polygons(_moved(whole.intersection(strip), -middle))


def _moved(geometry: BaseGeometry, degrees: float) -> BaseGeometry:
    if not degrees:
        return geometry
    turned = affinity.translate(geometry, degrees)
    return shapely.transform(turned, lambda points: points.round(_EXACT_DECIMALS))


def _assemble(polygons: Sequence[Polygon]) -> BaseGeometry:
    return polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)


def _repaired(geometry: BaseGeometry) -> BaseGeometry:
    """The areas that the rings enclose, by the first way of GEOS that succeeds.

    `linework` may raise on a sliver beside a polygon, `structure` may leave polygons side by
    side that share an edge. Where neither succeeds, nothing is claimed.
    """
    for repair in (_by_linework, _by_structure):
        try:
            areas = _assemble(_polygons(repair(geometry)))
        except shapely.errors.GEOSException:
            continue
        if areas.is_valid:
            return areas
    return Polygon()


def _by_linework(geometry: BaseGeometry) -> BaseGeometry:
    return shapely.make_valid(geometry)


def _by_structure(geometry: BaseGeometry) -> BaseGeometry:
    return shapely.make_valid(geometry, method="structure", keep_collapsed=False)


def _polygons(geometry: BaseGeometry) -> list[Polygon]:
    """The areas of a geometry; lines and points that a repair or a cut left are dropped."""
    if isinstance(geometry, Polygon):
        return [] if geometry.is_empty else [geometry]
    parts: Iterable[BaseGeometry] = getattr(geometry, "geoms", ())
    return [polygon for part in parts for polygon in _polygons(part)]


def _wound(geometry: BaseGeometry) -> BaseGeometry:
    if isinstance(geometry, Polygon):
        return orient(geometry)
    if isinstance(geometry, MultiPolygon):
        return MultiPolygon([orient(part) for part in geometry.geoms])
    return geometry


def _geojson(geometry: BaseGeometry) -> Geometry:
    return {key: _lists(value) for key, value in mapping(geometry).items()}


def _lists(value: Any) -> Any:  # noqa: ANN401 -- positions, nested to any depth
    return [_lists(each) for each in value] if isinstance(value, tuple | list) else value


def _bbox(geometry: BaseGeometry) -> list[float]:
    west, south, east, north = geometry.bounds
    if (west, east) == (-_HALF_TURN, _HALF_TURN):
        west, east = _across(geometry)
    return [west, south, east, north]


def _across(geometry: BaseGeometry) -> tuple[float, float]:
    """West and east of what touches the antimeridian from both sides: round the widest gap."""
    parts: Iterable[BaseGeometry] = getattr(geometry, "geoms", (geometry,))
    widest, answer, reached = 0.0, (-_HALF_TURN, _HALF_TURN), -_HALF_TURN
    for west, east in sorted((part.bounds[0], part.bounds[2]) for part in parts):
        if west - reached > widest:
            widest, answer = west - reached, (west, reached)
        reached = max(reached, east)
    return answer
