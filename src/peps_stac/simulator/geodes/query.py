"""What the body of a search asks of a record.

How GEODES compares, and the words of its errors, are recorded nowhere: here numbers are compared
as numbers, dates as instants, text as it is written, and what makes no sense is refused with 400.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import ge, le
from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import box, shape
from shapely.geometry.base import BaseGeometry

from peps_stac.simulator.geodes.attributes import BadSearch, has_order, known, own, typed
from peps_stac.simulator.geodes.records import GeodesRecord

Test = Callable[[GeodesRecord], bool]
Key = Callable[[GeodesRecord], Any]

_CORNERS = 4
_DIRECTIONS = {"asc": False, "desc": True, "dsc": True}


def tests(body: Mapping[str, Any], *, old_names: bool) -> Iterator[Test]:
    """One test for each thing that narrows a search, besides the collections.

    Raises:
        BadSearch: An attribute, operator, value or place that makes no sense.
    """
    query = body.get("query") or {}
    if not isinstance(query, Mapping):
        raise BadSearch("query: not an object")
    for given, conditions in query.items():
        name = known(given, old_names=old_names)
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
    wanted = body.get("sortBy") or []
    keys = []
    for one in wanted if isinstance(wanted, list) else [wanted]:
        if not isinstance(one, Mapping) or str(one.get("direction")) not in _DIRECTIONS:
            raise BadSearch(f"sortBy: {one}: give field and direction")
        name = known(str(one.get("field")), old_names=old_names)
        keys.append((_sort_key(name), _DIRECTIONS[str(one["direction"])]))
    return keys


def _condition(name: str, operator: str, wanted: Any) -> Test:  # noqa: ANN401 -- any JSON value
    if operator == "in":
        if not isinstance(wanted, list):
            raise BadSearch(f"query: {name}: in wants a list")
        values = [typed(name, one) for one in wanted]
        return lambda record: any(_equal(record, name, value) for value in values)
    value = typed(name, wanted)
    match operator:
        case "eq":
            return lambda record: _equal(record, name, value)
        case "neq":
            return lambda record: not _equal(record, name, value)
        case "contains":
            return lambda record: _contains(record, name, value)
        case "lte" | "gte":
            return _bound(name, operator, value)
    raise BadSearch(f"query: {name}: unknown operator {operator}")


def _bound(name: str, operator: str, value: Any) -> Test:  # noqa: ANN401 -- any attribute
    if value is None or not has_order(name):
        raise BadSearch(f"query: {name}: {operator} makes no sense")
    compare = ge if operator == "gte" else le
    return lambda record: (said := own(record, name)) is not None and bool(compare(said, value))


def _equal(record: GeodesRecord, name: str, value: Any) -> bool:  # noqa: ANN401 -- any attribute
    said = own(record, name)
    return value in said if isinstance(said, list) else bool(said == value)


def _contains(record: GeodesRecord, name: str, value: Any) -> bool:  # noqa: ANN401 -- any attribute
    said = own(record, name)
    if isinstance(said, list):
        return value in said
    return isinstance(said, str) and isinstance(value, str) and value in said


def _sort_key(name: str) -> Key:
    """Records without the attribute come before the others, or behind them downwards."""

    def key(record: GeodesRecord) -> tuple[bool, Any]:
        said = own(record, name)
        return said is not None, said if has_order(name) else str(said)

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
    # `not <=` rather than `>`: nor is a box of NaN one.
    if not (west <= east and south <= north):
        raise BadSearch("bbox: give west, south, east, north")
    return box(west, south, east, north)


def _geometry(document: Any) -> BaseGeometry:  # noqa: ANN401 -- any JSON value
    try:
        return shape(document)
    except (AttributeError, KeyError, TypeError, ValueError, ShapelyError) as error:
        raise BadSearch("intersects: no GeoJSON geometry") from error
