"""What a local search asks of an Item, and whether the Item's JSON says so."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from shapely import Point, box
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from peps_stac.domain import SearchQuery
from peps_stac.domain.instants import parse_instant
from peps_stac.provider.footprint import meets
from peps_stac.provider.matching import split_at_antimeridian
from peps_stac.store.layout import Part
from peps_stac.store.search_filter import Filter

Properties = Mapping[str, Any]

_ONE_DAY = dt.timedelta(days=1)
_INSTANTS = re.compile(rb'datetime"\s*:\s*"([^"\\]+)"')
_STEP = dt.timedelta(microseconds=1)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Criteria:
    """Every criterion narrows the others; what an Item does not say meets none."""

    query: SearchQuery
    """`location`, `limit` and `level` are left to the caller."""
    ids: frozenset[str] | None = None
    """None for any."""
    statuses: frozenset[str] | None = None
    """Words of `order:status`; an Item without order never matches. None for any."""
    filter: Filter | None = None

    @cached_property
    def areas(self) -> list[BaseGeometry]:
        """Places that an Item has to meet all of, degrees, split at the antimeridian."""
        return areas(self.query)

    def may_hold(self, part: Part) -> bool:
        """Whether Items of a year can match: folders go by the year of `datetime`.

        A scene may begin or end on the other side of New Year.
        """
        first = self.query.start and self.query.start - _ONE_DAY
        last = self.query.end and self.query.end + _ONE_DAY
        if not part.year.isdecimal():
            return True
        year = int(part.year)
        return not (first and year < first.year) and not (last and year > last.year)

    def may_match(self, content: bytes) -> bool:
        """Whether the JSON of an Item is worth parsing, from the instants that stand in it.

        Its own are among them; so when all are on one side of the period, it is too.
        """
        if self.query.start is None and self.query.end is None:
            return True
        try:
            found = [parse_instant(text.decode()) for text in set(_INSTANTS.findall(content))]
        except ValueError:
            return True
        if not found:
            return True
        before = self.query.start is not None and max(found) < self.query.start
        return not before and not (self.query.end is not None and min(found) > self.query.end)

    def matches(self, document: Mapping[str, Any]) -> bool:
        """Whether an Item as STAC JSON meets every criterion."""
        properties = document["properties"]
        return (
            (self.ids is None or document["id"] in self.ids)
            and (self.statuses is None or properties.get("order:status") in self.statuses)
            and _is_of(properties, self.query)
            and _is_clear_enough(properties, self.query)
            and _is_in_period(properties, self.query)
            and _is_in_place(document.get("geometry"), self.areas)
            and (self.filter is None or self.filter.matches(document))
        )


def areas(query: SearchQuery) -> list[BaseGeometry]:
    """Places that an Item has to meet all of, degrees, split at the antimeridian; often none."""
    places: list[BaseGeometry] = []
    if query.point is not None:
        places.append(Point(query.point))
    if query.bbox is not None:
        first, *rest = (box(*part) for part in split_at_antimeridian(query.bbox))
        places.append(first.union(rest[0]) if rest else first)
    if query.intersects is not None:
        places.append(query.intersects)
    return places


def sort_key(document: Mapping[str, Any]) -> int:
    """When an Item was taken: microseconds since 1970, by `datetime`, else `start_datetime`.

    Raises:
        KeyError, ValueError: It says neither.
    """
    properties = document["properties"]
    return microseconds(parse_instant(properties["datetime"] or properties["start_datetime"]))


def microseconds(instant: dt.datetime) -> int:
    """Since 1970, UTC."""
    return (instant - EPOCH) // _STEP


def interval_of(properties: Properties) -> tuple[dt.datetime | None, dt.datetime | None]:
    """First and last instant of an Item; one of them may be missing."""
    first = _instant(properties, "start_datetime") or _instant(properties, "datetime")
    last = _instant(properties, "end_datetime") or _instant(properties, "datetime")
    return first, last


def _is_of(properties: Properties, query: SearchQuery) -> bool:
    tiles = {tile.grid_code for tile in query.tiles}
    return (
        (not tiles or properties.get("grid:code") in tiles)
        and query.platform in (None, properties.get("platform"))
        and query.relative_orbit in (None, properties.get("sat:relative_orbit"))
    )


def _is_clear_enough(properties: Properties, query: SearchQuery) -> bool:
    if query.cloud_cover is None:
        return True
    cloud_cover = properties.get("eo:cloud_cover")
    return isinstance(cloud_cover, int | float) and cloud_cover <= query.cloud_cover


def _is_in_period(properties: Properties, query: SearchQuery) -> bool:
    """As the STAC API has it: an Item with an interval has to overlap the period."""
    if query.start is None and query.end is None:
        return True
    first, last = interval_of(properties)
    if query.start is not None and (last is None or last < query.start):
        return False
    return query.end is None or (first is not None and first <= query.end)


def _instant(properties: Properties, name: str) -> dt.datetime | None:
    text = properties.get(name)
    return None if text is None else parse_instant(text)


def _is_in_place(geometry: Mapping[str, Any] | None, places: list[BaseGeometry]) -> bool:
    if not places or geometry is None:
        return not places
    footprint = shape(dict(geometry))
    return all(meets(footprint, place) for place in places)
