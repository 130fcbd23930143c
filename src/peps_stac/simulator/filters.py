"""What each search parameter asks of a scene, by the rules of PEPS's database.

Source: `Functions_filters.php` of the published server, and the protocol facts.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from peps_stac.domain.instants import parse_instant
from peps_stac.peps.resto import service_id
from peps_stac.simulator.holdings import Record
from peps_stac.simulator.parameters import BadParameter

Filter = Callable[[Record], bool]

_DEFAULT_RADIUS_M = 10_000.0
_METRES_A_DEGREE = 111_110.0
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_BOX_CORNERS = 4

_TEXTS = (
    "productIdentifier",
    "parentIdentifier",
    "productType",
    "processingLevel",
    "platform",
    "instrument",
    "organisationName",
    "orbitDirection",
    "sensorMode",
    "realtime",
    "s2TakeId",
)
_NUMBERS = ("orbitNumber", "relativeOrbitNumber", "isNrt")
_INTERVALS = (
    "resolution",
    "cloudCover",
    "snowCover",
    "cultivatedCover",
    "desertCover",
    "floodedCover",
    "forestCover",
    "herbaceousCover",
    "iceCover",
    "urbanCover",
    "waterCover",
)


class DatabaseFault(Exception):  # noqa: N818 -- a fact about the request, turned into an answer
    """A value that passed every check and that the database cannot take: 500."""


def filters(params: Mapping[str, str]) -> Iterator[Filter]:
    """One test for each parameter that narrows a search.

    Args:
        params: Checked already (`parameters.understood`); empty values count as absent.

    Raises:
        BadParameter: A box without four numbers.
        DatabaseFault: An impossible date, or a geometry that is no WKT.
    """
    given = {name: value for name, value in params.items() if value}
    yield from _text_filters(given)
    yield from _date_filters(given)
    yield from _place_filters(given)
    for name in _NUMBERS:
        if name in given:
            yield _number(name, float(given[name]))
    for name in _INTERVALS:
        if name in given:
            yield _interval(name, given[name])


def touches(area: BaseGeometry) -> Filter:
    """Whether a footprint has a point in common with an area."""
    shapely.prepare(area)

    def test(record: Record) -> bool:
        return record.geometry is not None and bool(area.intersects(record.geometry))

    return test


def _text_filters(given: Mapping[str, str]) -> Iterator[Filter]:
    for name in _TEXTS:
        if name in given:
            yield _text(name, given[name])
    if "tileid" in given:
        yield _text("mgrs", given["tileid"])
    if "identifier" in given:
        text = given["identifier"]
        wanted = text.lower() if _UUID.fullmatch(text) else service_id(text)
        yield lambda record: record.id == wanted


def _text(key: str, wanted: str) -> Filter:
    """Equality as written, or a prefix with `%` behind it (SQL LIKE)."""
    if wanted.endswith("%"):
        prefix = wanted[:-1]
        return lambda record: str(record.properties.get(key) or "").startswith(prefix)
    return lambda record: record.properties.get(key) == wanted


def _number(key: str, wanted: float) -> Filter:
    return lambda record: record.properties.get(key) == wanted


def _date_filters(given: Mapping[str, str]) -> Iterator[Filter]:
    if "startDate" in given:
        start = _instant(given["startDate"])
        yield lambda record: record.start >= start
    if "completionDate" in given:
        # Compared with the START of a scene; a bare date is that day at 00:00.
        end = _instant(given["completionDate"])
        yield lambda record: record.start <= end
    for name, key in (("updated", "updated"), ("publishedBegin", "published")):
        if name in given:
            yield _not_before(key, _instant(given[name]))
    if "publishedEnd" in given:
        last = _instant(given["publishedEnd"])
        yield lambda record: (found := record.instant("published")) is not None and found <= last


def _not_before(key: str, first: datetime) -> Filter:
    return lambda record: (found := record.instant(key)) is not None and found >= first


def _instant(text: str) -> datetime:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise DatabaseFault(f"Cannot process query: no such date {text}") from error


def _place_filters(given: Mapping[str, str]) -> Iterator[Filter]:
    if "box" in given:
        yield touches(_box(given["box"]))
    if "geometry" in given:
        yield touches(_geometry(given["geometry"]))
    if "lon" in given and "lat" in given:
        yield touches(_square(given))


def _box(text: str) -> BaseGeometry:
    try:
        corners = [float(corner) for corner in text.split(",")]
    except ValueError as error:
        raise BadParameter("Invalid geo:box") from error
    if len(corners) != _BOX_CORNERS:
        raise BadParameter("Invalid geo:box")
    # Nothing special at the antimeridian: west above east is the box in between.
    west, east = sorted((corners[0], corners[2]))
    south, north = sorted((corners[1], corners[3]))
    return box(west, south, east, north)


def _geometry(text: str) -> BaseGeometry:
    try:
        return shapely.from_geojson(text) if text.startswith("{") else shapely.from_wkt(text)
    except ShapelyError as error:
        raise DatabaseFault("Cannot process query: invalid geometry") from error


def _square(given: Mapping[str, str]) -> BaseGeometry:
    """The square around a point, `radius` metres turned into degrees as PEPS does it."""
    lon, lat = float(given["lon"]), float(given["lat"])
    radius_m = float(given.get("radius") or _DEFAULT_RADIUS_M)
    half = radius_m * math.cos(math.radians(lat)) / _METRES_A_DEGREE
    return box(lon - half, lat - half, lon + half, lat + half)


def _interval(key: str, text: str) -> Filter:
    """A number, or an interval whose inward brackets include their end.

    A scene whose value is null never matches, whatever the interval.
    """
    within = _bounds(text)

    def test(record: Record) -> bool:
        value = record.properties.get(key)
        return isinstance(value, int | float) and within(value)

    return test


def _bounds(text: str) -> Callable[[float], bool]:
    low_text, comma, high_text = text.partition(",")
    if comma:
        above, below = _above(low_text), _below(high_text)
        return lambda value: above(value) and below(value)
    if text[0] in "[]":
        return _above(text)
    if text[-1] in "[]":
        return _below(text)
    return lambda value: value == float(text)


def _above(text: str) -> Callable[[float], bool]:
    low = float(text[1:])
    return (lambda value: value >= low) if text[0] == "[" else (lambda value: value > low)


def _below(text: str) -> Callable[[float], bool]:
    high = float(text[:-1])
    return (lambda value: value <= high) if text[-1] == "]" else (lambda value: value < high)
