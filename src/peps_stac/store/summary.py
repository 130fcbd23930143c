"""What a set of Items has in common, small enough to stand in each catalog above them.

A monoid: `union` is associative and commutative, and the empty summary changes nothing. So
adding an Item is one union a level, and a level can be computed again from those just below.
`peps:summary` in a catalog file is its JSON form.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache, reduce
from typing import Any, Self

from peps_stac.domain import Bounds
from peps_stac.domain.instants import format_instant, parse_instant

FIELD = "peps:summary"

VALUES = (
    "platform",
    "constellation",
    "instruments",
    "gsd",
    "processing:level",
    "proj:code",
    "grid:code",
    "sat:relative_orbit",
)
"""Properties of which every value is kept."""

RANGES = ("eo:cloud_cover",)
"""Properties of which the smallest and the largest value are kept."""

_FULL_CIRCLE = 360.0
_WORLD = (-180.0, 180.0)

_Values = Mapping[str, frozenset[str | float]]


@dataclass(frozen=True, slots=True)
class Summary:
    """Count, place, time and values of some Items."""

    count: int = 0
    bbox: Bounds | None = None
    """Hull with longitudes from -180 to 180; all of them for Items across the antimeridian."""
    bbox_360: Bounds | None = None
    """Hull with longitudes from 0 to 360, spelled -180 to 180: west may be greater than east.
    From 0 to 360 for Items across Greenwich. Two hulls, since the narrowest one around both
    sides of the antimeridian could not be computed Item by Item in any order."""
    start: datetime | None = None
    end: datetime | None = None
    values: _Values = field(default_factory=dict)
    """By property; no empty sets."""
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """By property."""

    @classmethod
    def from_item(cls, document: Mapping[str, Any]) -> Self:
        """Summary of one Item as STAC JSON.

        Raises:
            ValueError: An instant is not RFC 3339.
        """
        properties = document["properties"]
        bbox = _flat(document.get("bbox"))
        start = properties.get("start_datetime") or properties.get("datetime")
        end = properties.get("end_datetime") or properties.get("datetime")
        numbers = {name: properties.get(name) for name in RANGES}
        first = parse_instant(start) if start else None
        return cls(
            count=1,
            bbox=_seen_from_greenwich(bbox),
            bbox_360=_seen_from_antimeridian(bbox),
            start=first,
            end=first if end == start else parse_instant(end) if end else None,
            values=_values_of(properties),
            ranges={n: (x, x) for n, x in numbers.items() if isinstance(x, int | float)},
        )

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Summary as `to_json` wrote it.

        Raises:
            KeyError, TypeError, ValueError: It did not.
        """
        start, end = document["interval"]
        return cls(
            count=int(document["count"]),
            bbox=_bounds(document["bbox"]),
            bbox_360=_bounds(document["bbox_360"]),
            start=parse_instant(start) if start else None,
            end=parse_instant(end) if end else None,
            values={name: frozenset(values) for name, values in document["values"].items()},
            ranges={name: (low, high) for name, (low, high) in document["ranges"].items()},
        )

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; equal summaries give equal JSON."""
        return {
            "count": self.count,
            "bbox": self.bbox and list(self.bbox),
            "bbox_360": self.bbox_360 and list(self.bbox_360),
            "interval": list(self.interval),
            "values": {name: _sorted(self.values[name]) for name in sorted(self.values)},
            "ranges": {name: list(self.ranges[name]) for name in sorted(self.ranges)},
        }

    def union(self, other: Self) -> Self:
        """Summary of the Items of both, none of which is in both."""
        return self.of((self, other))

    @classmethod
    def of(cls, summaries: Iterable[Self]) -> Self:
        """Summary of all Items that some summaries are about."""
        found = tuple(summaries)
        return cls(
            count=sum(one.count for one in found),
            bbox=_hull_of((one.bbox for one in found), _plain),
            bbox_360=_hull_of((one.bbox_360 for one in found), _eastward),
            start=min((one.start for one in found if one.start), default=None),
            end=max((one.end for one in found if one.end), default=None),
            values=_join_all(_different(one.values for one in found), frozenset.union),
            ranges=_join_all((one.ranges for one in found), _span),
        )

    @property
    def narrowest_bbox(self) -> Bounds | None:
        """`(west, south, east, north)`, degrees; west > east across the antimeridian."""
        if self.bbox is None or self.bbox_360 is None:
            return self.bbox
        across = _degrees_east(self.bbox_360[2]) - _degrees_east(self.bbox_360[0])
        return self.bbox_360 if across < self.bbox[2] - self.bbox[0] else self.bbox

    @property
    def interval(self) -> tuple[str | None, str | None]:
        """First and last instant, RFC 3339."""
        return _text(self.start), _text(self.end)

    @property
    def collection_summaries(self) -> dict[str, Any]:
        """STAC `summaries` of a Collection of these Items."""
        listed: dict[str, Any] = {n: _sorted(self.values[n]) for n in VALUES if n in self.values}
        spans = {n: {"minimum": a, "maximum": b} for n, (a, b) in sorted(self.ranges.items())}
        return listed | spans


def _flat(bbox: Any) -> Bounds | None:  # noqa: ANN401 -- any JSON
    match bbox:
        case [west, south, east, north] | [west, south, _, east, north, _]:
            # Adding zero turns -0.0, which JSON tells apart, into 0.0.
            return (west + 0.0, south + 0.0, east + 0.0, north + 0.0)
        case _:
            return None


def _bounds(numbers: list[float] | None) -> Bounds | None:
    if numbers is None:
        return None
    west, south, east, north = numbers
    return (west, south, east, north)


def _seen_from_greenwich(bbox: Bounds | None) -> Bounds | None:
    if bbox is None or bbox[0] <= bbox[2]:
        return bbox
    return (_WORLD[0], bbox[1], _WORLD[1], bbox[3])


def _seen_from_antimeridian(bbox: Bounds | None) -> Bounds | None:
    if bbox is None:
        return None
    west, south, east, north = bbox
    crosses_greenwich = west < 0 <= east if west <= east else (west < 0) == (east < 0)
    if crosses_greenwich:
        return (0.0, south, _FULL_CIRCLE, north)
    # One spelling of the antimeridian, so that the order of unions does not show.
    return (_unsigned(west), south, _unsigned(east), north)


def _unsigned(longitude: float) -> float:
    return _WORLD[1] if longitude == _WORLD[0] else longitude


def _plain(longitude: float) -> float:
    return longitude


def _eastward(longitude: float) -> tuple[bool, float]:
    # Compared as they are: adding 360 would round close longitudes to the same.
    return (longitude < 0 or longitude == _FULL_CIRCLE, longitude)


def _degrees_east(longitude: float) -> float:
    return longitude if longitude >= 0 else longitude + _FULL_CIRCLE


def _hull(one: Bounds | None, two: Bounds | None, position: Any) -> Bounds | None:  # noqa: ANN401 -- a sort key
    if one is None or two is None:
        return one or two
    west = min(one[0], two[0], key=position)
    east = max(one[2], two[2], key=position)
    return (west, min(one[1], two[1]), east, max(one[3], two[3]))


def _hull_of(bounds: Iterable[Bounds | None], position: Any) -> Bounds | None:  # noqa: ANN401 -- a sort key
    # Most Items of a tile have the same one.
    return reduce(lambda one, two: _hull(one, two, position), dict.fromkeys(bounds), None)


def _span(one: tuple[float, float], two: tuple[float, float]) -> tuple[float, float]:
    return (min(one[0], two[0]), max(one[1], two[1]))


def _different(found: Iterable[_Values]) -> Iterable[_Values]:
    # Most Items share the very object.
    return {id(values): values for values in found}.values()


def _join_all(found: Iterable[Mapping[str, Any]], join: Any) -> dict[str, Any]:  # noqa: ANN401 -- a function
    joined: dict[str, Any] = {}
    for each in found:
        for name, value in each.items():
            known = joined.setdefault(name, value)
            if known is not value:
                joined[name] = join(known, value)
    return joined


def _values_of(properties: Mapping[str, Any]) -> _Values:
    found = [properties.get(name) for name in VALUES]
    plain = [tuple(v) if isinstance(v, list) else v for v in found]
    try:
        return _shared_values(*plain)
    except TypeError:  # what cannot be hashed is no value either
        return {n: s for n, v in zip(VALUES, found, strict=True) if (s := _value_set(v))}


@lru_cache(1024, typed=True)
def _shared_values(*plain: Any) -> _Values:  # noqa: ANN401 -- any JSON
    return {n: s for n, v in zip(VALUES, plain, strict=True) if (s := _value_set(v))}


def _value_set(value: Any) -> frozenset[str | float]:  # noqa: ANN401 -- any JSON
    if isinstance(value, str | int | float):
        return _shared(value)
    found = value if isinstance(value, list | tuple) else ()
    return frozenset(v for v in found if isinstance(v, str | int | float))


@lru_cache(1024, typed=True)
def _shared(value: str | float) -> frozenset[str | float]:
    # The same few sets stand in the summaries of all Items.
    return frozenset((value,))


def _sorted(values: Iterable[str | float]) -> list[str | float]:
    return sorted(values, key=lambda value: (isinstance(value, str), value))


def _text(instant: datetime | None) -> str | None:
    if instant is None:
        return None
    if instant.microsecond % 1000:
        return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return format_instant(instant)
