"""Whether an Item is what was asked for, from what the Item itself says."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from shapely import Point, box
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from peps_stac.domain import SearchQuery
from peps_stac.domain.instants import parse_instant
from peps_stac.provider.footprint import meets
from peps_stac.provider.matching import split_at_antimeridian

Properties = Mapping[str, Any]


def matches(properties: Properties, geometry: Mapping[str, Any] | None, query: SearchQuery) -> bool:
    """Whether an Item meets every criterion; what it does not say meets none.

    Args:
        properties: As in the Item's JSON.
        geometry: GeoJSON, split at the antimeridian; None for an Item without place.
        query: `location` and `limit` are left to the caller.
    """
    return (
        _is_of(properties, query)
        and _is_clear_enough(properties, query)
        and _is_in_period(properties, query)
        and _is_in_place(geometry, query)
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
    return cloud_cover is not None and cloud_cover <= query.cloud_cover


def _is_in_period(properties: Properties, query: SearchQuery) -> bool:
    """As the STAC API has it: an Item with an interval has to overlap the period."""
    first = _instant(properties, "start_datetime") or _instant(properties, "datetime")
    last = _instant(properties, "end_datetime") or _instant(properties, "datetime")
    if query.start is not None and (last is None or last < query.start):
        return False
    return query.end is None or (first is not None and first <= query.end)


def _instant(properties: Properties, name: str) -> dt.datetime | None:
    text = properties.get(name)
    return None if text is None else parse_instant(text)


def _is_in_place(geometry: Mapping[str, Any] | None, query: SearchQuery) -> bool:
    places = areas(query)
    if not places or geometry is None:
        return not places
    footprint = shape(dict(geometry))
    return all(meets(footprint, place) for place in places)
