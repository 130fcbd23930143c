"""Which Items of a catalog: by place, period, tile, cloud cover, and the latest version alone.

Folders narrow first, by tile and year; what is left is read as JSON, and only what matches
becomes an Item.
"""

import datetime as dt
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pystac
from shapely import union_all
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from peps_stac.domain import MgrsTile, SearchQuery
from peps_stac.domain.instants import parse_interval
from peps_stac.errors import RequestError, ResponseError
from peps_stac.loading.matching import matches
from peps_stac.muscate.names import ProductName, platform_of
from peps_stac.stac.collections import L2A_COLLECTION
from peps_stac.stac.versions import versions_of
from peps_stac.store import Catalog
from peps_stac.store.layout import Part
from peps_stac.store.records import item_from
from peps_stac.store.walk import parts_in

Source = Catalog | Path | str | Iterable[pystac.Item]
"""A catalog, its folder, or Items that were chosen before."""

Place = BaseGeometry | Mapping[str, Any] | Any
"""A shapely geometry, GeoJSON, or anything with `__geo_interface__`; degrees, WGS 84."""

Instant = dt.datetime | dt.date | str | None
Period = str | tuple[Instant, Instant]
"""`2017-11-01/2017-11-30` as STAC writes it, last day included, or the two ends as a pair; None
or `..` where open. Times without a zone are UTC."""

Tiles = str | MgrsTile | Iterable[str | MgrsTile]

_CORNERS = 4
_HALF_TURN, _QUARTER_TURN = 180, 90
_ONE_DAY = dt.timedelta(days=1)


def select(  # noqa: PLR0913 -- criteria, all by keyword
    catalog: Source,
    *,
    collection: str = L2A_COLLECTION,
    bbox: Sequence[float] | None = None,
    intersects: Place | None = None,
    datetime: Period | None = None,
    tiles: Tiles | None = None,
    cloud_cover: float | None = None,
    platform: str | None = None,
    latest: bool = True,
) -> list[pystac.Item]:
    """Items that meet every criterion, by time, then by id.

    Args:
        catalog: A catalog, its folder, or Items.
        collection: Id of one Collection; of Items that are given, all are looked at.
        bbox: West, south, east, north, degrees; west greater than east crosses the antimeridian.
        intersects: A geometry that the footprint has to touch.
        datetime: `A/B`, a day or an instant, or a pair of ends; both ends included.
        tiles: `31TCJ` or several of them.
        cloud_cover: Percent at most; an Item that does not say never matches.
        platform: `sentinel-2a`, or S2A.
        latest: Leave out a product of which the catalog (or the list) has a later version,
            whether or not that one matches. Names tell, links need not be there.

    Raises:
        RequestError: A value makes no sense.
        CatalogError: The folder is no catalog, or an Item in it cannot be read.
    """
    query = as_query(
        bbox=bbox,
        intersects=intersects,
        datetime=datetime,
        tiles=tiles,
        cloud_cover=cloud_cover,
        platform=platform,
    )
    return find(catalog, query, collection=collection, latest=latest)


def as_query(  # noqa: PLR0913 -- the criteria of select
    *,
    bbox: Sequence[float] | None = None,
    intersects: Place | None = None,
    datetime: Period | None = None,
    tiles: Tiles | None = None,
    cloud_cover: float | None = None,
    platform: str | None = None,
) -> SearchQuery:
    """The criteria of `select`, checked; without any, everything matches.

    Raises:
        RequestError: A value makes no sense.
    """
    start, end = (None, None) if datetime is None else parse_interval(_interval(datetime))
    return SearchQuery(
        bbox=None if bbox is None else _box(bbox),
        intersects=None if intersects is None else _geometry(intersects),
        start=start,
        end=end,
        tiles=() if tiles is None else _tiles(tiles),
        cloud_cover=cloud_cover,
        platform=None if platform is None else _platform(platform),
        limit=sys.maxsize,
    )


def find(
    source: Source, query: SearchQuery, *, collection: str = L2A_COLLECTION, latest: bool = True
) -> list[pystac.Item]:
    """What `select` answers, for criteria that are checked already.

    Raises:
        RequestError: Criteria with free text, which only a service understands.
        CatalogError: The folder is no catalog, or an Item in it cannot be read.
    """
    if query.location is not None:
        message = f"-l {query.location!r}: a catalog has no free-text search"
        raise RequestError(f"{message}; give a place (--bbox, --intersects, -t)")
    if isinstance(source, str | Path):
        source = Catalog(source)
    if isinstance(source, Catalog):
        found = _in_catalog(source, query, collection, latest=latest)
    else:
        found = _in_list(list(source), query, latest=latest)
    ordered = sorted(found, key=lambda item: (_time(item), item.id))
    return ordered[: query.limit]


def _in_catalog(
    catalog: Catalog, query: SearchQuery, collection: str, *, latest: bool
) -> Iterator[pystac.Item]:
    if collection not in catalog.collections():
        return
    tiles: list[str | None] = [str(tile) for tile in query.tiles]
    parts = (
        part for tile in tiles or [None] for part in parts_in(str(catalog.root), collection, tile)
    )
    versions: dict[str, _Versions] = {}
    for part in parts:
        if not _may_hold(part, query):
            continue
        if latest and part.tile not in versions:
            versions[part.tile] = _Versions(catalog.ids(collection, tile=part.tile))
        for place, document in catalog.documents(collection, tile=part.tile, year=part.year):
            if matches(document["properties"], document["geometry"], query) and (
                not latest or versions[part.tile].is_latest(place.item_id)
            ):
                yield item_from(document, f"{catalog.root}/{place.path}")


def _in_list(
    items: Sequence[pystac.Item], query: SearchQuery, *, latest: bool
) -> Iterator[pystac.Item]:
    versions = _Versions(item.id for item in items)
    for item in items:
        properties = item.to_dict(include_self_link=False, transform_hrefs=False)["properties"]
        if matches(properties, item.geometry, query) and (
            not latest or versions.is_latest(item.id)
        ):
            yield item


def _may_hold(part: Part, query: SearchQuery) -> bool:
    """Folders go by the year of `datetime`; an interval may reach over New Year."""
    first = query.start and query.start - _ONE_DAY
    last = query.end and query.end + _ONE_DAY
    return not (first and int(part.year) < first.year) and not (last and int(part.year) > last.year)


class _Versions:
    """Names of products, found by the day, so that each is compared with few others."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._by_day: dict[dt.date, list[str]] = defaultdict(list)
        for item_id in ids:
            if name := _name(item_id):
                self._by_day[name.acquired.date()].append(item_id)

    def is_latest(self, item_id: str) -> bool:
        """Whether no later version is among the names; so is what is no MAJA product."""
        name = _name(item_id)
        if name is None:
            return True
        day = name.acquired.date()
        near = (self._by_day.get(day + shift * _ONE_DAY, []) for shift in (-1, 0, 1))
        return versions_of(item_id, (other for names in near for other in names))[-1] == item_id


def _name(item_id: str) -> ProductName | None:
    try:
        return ProductName.parse(item_id)
    except ResponseError:
        return None


def _time(item: pystac.Item) -> dt.datetime:
    found = item.datetime or item.common_metadata.start_datetime
    if found is None:
        raise RequestError(f"Item {item.id!r} has neither datetime nor start_datetime")
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _interval(period: Period) -> str:
    if isinstance(period, str):
        return period
    try:
        start, end = period
    except (TypeError, ValueError) as error:
        message = f"datetime: {period!r} is no period; give 'A/B' or a pair of ends"
        raise RequestError(message) from error
    return f"{_end(start)}/{_end(end)}"


def _end(instant: Instant) -> str:
    if instant is None:
        return ".."
    return instant if isinstance(instant, str) else instant.isoformat()


def _box(bbox: Sequence[float]) -> tuple[float, float, float, float]:
    if len(bbox) != _CORNERS:
        message = f"bbox: {list(bbox)} is not a box; give west, south, east, north in degrees"
        raise RequestError(message)
    west, south, east, north = map(float, bbox)
    return west, south, east, north


def _geometry(place: Place) -> BaseGeometry:
    if isinstance(place, BaseGeometry):
        geometry = place
    else:
        document = getattr(place, "__geo_interface__", place)
        try:
            geometry = _from_geojson(document)
        except (ShapelyError, KeyError, TypeError, ValueError, AttributeError) as error:
            message = f"intersects: no geometry in {str(document)[:60]!r}; "
            raise RequestError(f"{message}give a shapely geometry or GeoJSON") from error
    if not geometry.is_empty:
        west, south, east, north = geometry.bounds
        if max(-west, east) > _HALF_TURN or max(-south, north) > _QUARTER_TURN:
            message = "intersects: the geometry goes beyond 180 and 90 degrees; "
            raise RequestError(f"{message}give longitude and latitude, WGS 84")
    return geometry


def _from_geojson(document: Mapping[str, Any]) -> BaseGeometry:
    if document["type"] == "FeatureCollection":
        return union_all([shape(dict(feature["geometry"])) for feature in document["features"]])
    return shape(dict(document["geometry"] if document["type"] == "Feature" else document))


def _tiles(tiles: Tiles) -> tuple[MgrsTile, ...]:
    given = [tiles] if isinstance(tiles, str | MgrsTile) else tiles
    return tuple(dict.fromkeys(t if isinstance(t, MgrsTile) else MgrsTile.parse(t) for t in given))


def _platform(text: str) -> str:
    found = platform_of(text)
    if found is None:
        raise RequestError(f"platform: {text!r} is no Sentinel-2; give sentinel-2a or S2A")
    return found
