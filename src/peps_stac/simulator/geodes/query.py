"""What the body of a search asks of a record.

Attributes are those of GEODES's data model 8.0, and `identifier`. An attribute it does not know
is refused with 400, as the names of before March 2025 were from then on (eodag #1578). How it
compares, and the words of its errors, are recorded nowhere: numbers are compared as numbers,
dates as instants, text as it is written.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import box, shape
from shapely.geometry.base import BaseGeometry

from peps_stac.domain.instants import parse_instant
from peps_stac.simulator.geodes.records import GeodesRecord
from peps_stac.simulator.geodes.spelling import NEW_NAMES

Test = Callable[[GeodesRecord], bool]
Key = Callable[[GeodesRecord], Any]

_DATES = frozenset({"datetime", "start_datetime", "end_datetime", "processing:datetime"})
_NUMBERS = frozenset(
    {
        "area",
        "eo:cloud_cover",
        "ground_useful_pixel",
        "min_useful_pixel",
        "mission_take_id",
        "nb_col_interpolation_error",
        "nodata_pixel",
        "sat:absolute_orbit",
        "sat:orbit_cycle",
        "sat:relative_orbit",
        "saturated_defective_pixel",
        "sensor_angle",
        "sensor_pitch",
        "sensor_roll",
        "water_cover",
    }
)
_LISTS = frozenset({"continent_code", "keywords", "sci:doi"})
_TEXTS = frozenset(
    {
        "bands",
        "bbox",
        "classification",
        "dataset",
        "grid:code",
        "identifier",
        "instrument",
        "links",
        "nb_cols",
        "nb_rows",
        "parameter",
        "platform",
        "political",
        "pparameter",
        "processing:level",
        "processing:lineage",
        "processing:version",
        "processing_context",
        "processing_correction",
        "product",
        "product:type",
        "s2:datatake_id",
        "sar:beam_ids",
        "sar:instrument_mode",
        "sar:polarizations",
        "sat:orbit_state",
        "subTile",
        "swath",
        "temporal_resolution",
    }
)
_BOOLEANS = frozenset({"no_geometry", "product_validity"})
_KNOWN = _DATES | _NUMBERS | _LISTS | _TEXTS | _BOOLEANS
_CORNERS = 4
_DIRECTIONS = {"asc": False, "desc": True, "dsc": True}


class BadSearch(Exception):  # noqa: N818 -- a fact about the request, turned into an answer
    """A body that GEODES refuses with 400."""


def tests(body: Mapping[str, Any], *, old_names: bool) -> Iterator[Test]:
    """One test for each thing that narrows a search, besides the collections.

    Raises:
        BadSearch: An attribute, operator, value or place that makes no sense.
    """
    query = body.get("query") or {}
    if not isinstance(query, Mapping):
        raise BadSearch("query: not an object")
    for given, conditions in query.items():
        name = _attribute(given, old_names=old_names)
        if not isinstance(conditions, Mapping):
            raise BadSearch(f"query: {given}: no operator")
        for operator, wanted in conditions.items():
            yield _condition(name, operator, wanted)
    if body.get("bbox") is not None:
        yield _touches(_box(body["bbox"]))
    if body.get("intersects") is not None:
        yield _touches(_geometry(body["intersects"]))


def sort_keys(body: Mapping[str, Any], *, old_names: bool) -> list[tuple[Key, bool]]:
    """What to sort by, the most important first, and whether downwards.

    Raises:
        BadSearch: A field or direction it does not know.
    """
    keys = []
    for one in body.get("sortBy") or []:
        if not isinstance(one, Mapping) or one.get("direction") not in _DIRECTIONS:
            raise BadSearch(f"sortBy: {one}: give field and direction")
        name = _attribute(str(one.get("field")), old_names=old_names)
        keys.append((_sort_key(name), _DIRECTIONS[one["direction"]]))
    return keys


def _attribute(given: str, *, old_names: bool) -> str:
    # Both spellings when the records have the old one: clients of today ask with the new one.
    name = NEW_NAMES.get(given, given) if old_names else given
    if name not in _KNOWN:
        raise BadSearch(f"query: unknown attribute {given}")
    return name


def _condition(name: str, operator: str, wanted: Any) -> Test:  # noqa: ANN401 -- any JSON value
    if operator == "in":
        if not isinstance(wanted, list):
            raise BadSearch(f"query: {name}: in wants a list")
        values = [_value(name, one) for one in wanted]
        return lambda record: any(_equal(record, name, value) for value in values)
    value = _value(name, wanted)
    match operator:
        case "eq":
            return lambda record: _equal(record, name, value)
        case "neq":
            return lambda record: not _equal(record, name, value)
        case "contains":
            return lambda record: _contains(record, name, value)
        case "lte":
            return lambda record: (own := _own(record, name)) is not None and own <= value
        case "gte":
            return lambda record: (own := _own(record, name)) is not None and own >= value
    raise BadSearch(f"query: {name}: unknown operator {operator}")


def _equal(record: GeodesRecord, name: str, value: Any) -> bool:  # noqa: ANN401 -- any attribute
    own = _own(record, name)
    return value in own if isinstance(own, list) else own == value


def _contains(record: GeodesRecord, name: str, value: Any) -> bool:  # noqa: ANN401 -- any attribute
    own = _own(record, name)
    return isinstance(own, str | list) and value in own


def _own(record: GeodesRecord, name: str) -> Any:  # noqa: ANN401 -- any attribute
    """The attribute of a record, as it is compared; None when it has none, or not of its type."""
    try:
        return _value(name, record.attributes.get(name))
    except BadSearch:
        return None


def _value(name: str, value: Any) -> Any:  # noqa: ANN401 -- any attribute
    """A value of the attribute's own type."""
    if value is None:
        return None
    if name in _DATES:
        return _instant(name, value)
    if name in _NUMBERS:
        return _number(name, value)
    if name in _TEXTS and not isinstance(value, str):
        raise BadSearch(f"query: {name}: {value} is no text")
    return value


def _instant(name: str, value: object) -> datetime:
    try:
        return parse_instant(str(value))
    except ValueError as error:
        raise BadSearch(f"query: {name}: {value} is no date") from error


def _number(name: str, value: object) -> float:
    try:
        return float(str(value))
    except ValueError as error:
        raise BadSearch(f"query: {name}: {value} is no number") from error


def _sort_key(name: str) -> Key:
    """Records without the attribute come first, whatever the direction of the others."""

    def key(record: GeodesRecord) -> tuple[bool, Any]:
        own = _own(record, name)
        return own is not None, str(own) if isinstance(own, list) else own

    return key


def _touches(area: BaseGeometry) -> Test:
    shapely.prepare(area)

    def test(record: GeodesRecord) -> bool:
        return record.geometry is not None and bool(area.intersects(record.geometry))

    return test


def _box(corners: object) -> BaseGeometry:
    if not isinstance(corners, Sequence) or isinstance(corners, str) or len(corners) != _CORNERS:
        raise BadSearch("bbox: give west, south, east, north")
    try:
        west, south, east, north = (float(corner) for corner in corners)
    except (TypeError, ValueError) as error:
        raise BadSearch("bbox: give four numbers") from error
    if west > east or south > north:
        raise BadSearch("bbox: give west, south, east, north")
    return box(west, south, east, north)


def _geometry(document: Any) -> BaseGeometry:  # noqa: ANN401 -- any JSON value
    try:
        return shape(document)
    except (AttributeError, KeyError, TypeError, ValueError, ShapelyError) as error:
        raise BadSearch("intersects: no GeoJSON geometry") from error
