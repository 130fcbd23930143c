"""Which Items of a catalog: by place, period, tile, cloud cover, and the latest version alone.

Folders narrow first, by tile and year; what is left is read as JSON, and only what matches
becomes an Item.
"""

import datetime as dt
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pystac
from shapely import union_all
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from peps_stac.domain import JobStatus, MgrsTile, SearchQuery
from peps_stac.domain.instants import parse_interval
from peps_stac.errors import RequestError, ResponseError
from peps_stac.muscate.names import ProductName, platform_of
from peps_stac.stac.collections import L2A_COLLECTION
from peps_stac.stac.versions import versions_of
from peps_stac.store import Catalog
from peps_stac.store.layout import Part
from peps_stac.store.layout import Place as OnDisk
from peps_stac.store.records import item_from
from peps_stac.store.search import Found, search
from peps_stac.store.search_criteria import Criteria
from peps_stac.store.search_filter import Filter
from peps_stac.store.walk import exists, places_in

Source = Catalog | Path | str | Iterable[pystac.Item]
"""A catalog, its folder, or Items that were chosen before."""

Place = BaseGeometry | Mapping[str, Any] | Any
"""A shapely geometry, GeoJSON, or anything with `__geo_interface__`; degrees, WGS 84."""

Instant = dt.datetime | dt.date | str | None
Period = str | tuple[Instant, Instant]
"""`2017-11-01/2017-11-30` as STAC writes it, last day included, or the two ends as a pair; None
or `..` where open. Times without a zone are UTC."""

Tiles = str | MgrsTile | Iterable[str | MgrsTile]

_DAY = re.compile(r"_(\d{8})-")
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
    orbit: int | None = None,
    status: str | Iterable[str] | None = None,
    ids: str | Iterable[str] | None = None,
    filter: str | None = None,  # noqa: A002 -- the word of STAC
    limit: int | None = None,
    latest: bool = True,
) -> list[pystac.Item]:
    """Items that meet every criterion, by time, then by id.

    The catalog's index is used where it is up to date (see `reindex`); without one, the JSON
    files of the tiles and years in question are read. Both find the same.

    Args:
        catalog: A catalog, its folder, or Items.
        collection: Id of one Collection; of Items that are given, all are looked at.
        bbox: West, south, east, north, degrees; west greater than east crosses the antimeridian.
        intersects: A geometry that the footprint has to touch.
        datetime: `A/B`, a day or an instant, or a pair of ends; both ends included.
        tiles: `31TCJ` or several of them.
        cloud_cover: Percent at most; an Item that does not say never matches.
        platform: `sentinel-2a`, or S2A.
        orbit: Relative orbit, 1 to 143.
        status: Word or words of `order:status`; only L1C Items have one.
        ids: Id or ids of Items; who names them gets them, `latest` or not.
        filter: CQL2 text, such as `"eo:cloud_cover" < 20 AND "order:status" = 'failed'`.
        limit: The first so many; None for all.
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
        orbit=orbit,
        limit=limit,
    )
    return find(
        catalog,
        query,
        collection=collection,
        latest=latest and ids is None,
        ids=None if ids is None else _words(ids),
        statuses=None if status is None else parse_statuses(_words(status)),
        filter=None if filter is None else Filter.parse(filter),
    )


def parse_statuses(words: Iterable[str]) -> list[JobStatus]:
    """Words of `order:status`.

    Raises:
        RequestError: One is none.
    """
    known = {str(status): status for status in JobStatus}
    for word in (given := list(words)):
        if word not in known:
            raise RequestError(f"status: {word!r} is none of {', '.join(known)}")
    return [known[word] for word in given]


def as_query(  # noqa: PLR0913 -- the criteria of select
    *,
    bbox: Sequence[float] | None = None,
    intersects: Place | None = None,
    datetime: Period | None = None,
    tiles: Tiles | None = None,
    cloud_cover: float | None = None,
    platform: str | None = None,
    orbit: int | None = None,
    limit: int | None = None,
) -> SearchQuery:
    """The criteria of `select`, checked; without any, everything matches.

    Raises:
        RequestError: A value makes no sense.
    """
    if limit is not None and limit < 1:
        raise RequestError(f"limit: {limit} is not a number of Items; give 1 or more")
    start, end = (None, None) if datetime is None else parse_interval(_interval(datetime))
    return SearchQuery(
        bbox=None if bbox is None else _box(bbox),
        intersects=None if intersects is None else _geometry(intersects),
        start=start,
        end=end,
        tiles=() if tiles is None else _tiles(tiles),
        cloud_cover=cloud_cover,
        platform=None if platform is None else _platform(platform),
        relative_orbit=orbit,
        # Without a limit a query has to name a place; one's own disk may be listed.
        limit=sys.maxsize if limit is None else limit,
    )


def find(  # noqa: PLR0913 -- criteria, all by keyword
    source: Source,
    query: SearchQuery,
    *,
    collection: str = L2A_COLLECTION,
    latest: bool = True,
    ids: Iterable[str] | None = None,
    statuses: Iterable[str] | None = None,
    filter: Filter | None = None,  # noqa: A002 -- the word of STAC
) -> list[pystac.Item]:
    """What `select` answers, for criteria that are checked already.

    Raises:
        RequestError: Criteria with free text, which only a service understands.
        CatalogError: The folder is no catalog, or an Item in it cannot be read.
    """
    criteria = as_criteria(query, ids=ids, statuses=statuses, filter=filter)
    if isinstance(source, str | Path):
        source = Catalog(source)
    if isinstance(source, Catalog):
        root = source.href
        found = find_documents(source, criteria, collection=collection, latest=latest)
        return [item_from(document, f"{root}/{place.path}") for place, document in found]
    listed = _in_list(list(source), criteria, latest=latest)
    return sorted(listed, key=lambda item: (_time(item), item.id))[: query.limit]


def as_criteria(
    query: SearchQuery,
    *,
    ids: Iterable[str] | None = None,
    statuses: Iterable[str] | None = None,
    filter: Filter | None = None,  # noqa: A002 -- the word of STAC
) -> Criteria:
    """All that is asked of an Item.

    Raises:
        RequestError: Free text, which only a service understands.
    """
    if query.location is not None:
        message = f"-l {query.location!r}: a catalog has no free-text search"
        raise RequestError(f"{message}; give a place (--bbox, --intersects, -t)")
    return Criteria(
        query,
        None if ids is None else frozenset(ids),
        None if statuses is None else frozenset(map(str, statuses)),
        filter,
    )


def find_documents(
    catalog: Catalog, criteria: Criteria, *, collection: str = L2A_COLLECTION, latest: bool = True
) -> Iterator[Found]:
    """As `find`, but each Item as STAC JSON just as on disk, with its place, one by one.

    Raises:
        CatalogError: The folder is no catalog, or an Item in it cannot be read.
    """
    if collection not in catalog.collections():
        return iter(())
    root = catalog.href
    found = search(root, collection, criteria)
    kept = filter(_LatestOnDisk(root).has, found) if latest else found
    return islice(kept, criteria.query.limit)


def _in_list(
    items: Sequence[pystac.Item], criteria: Criteria, *, latest: bool
) -> Iterator[pystac.Item]:
    names = _by_day(item.id for item in items)
    for item in items:
        document = item.to_dict(include_self_link=False, transform_hrefs=False)
        rivals = (other for day in _days_near(item.id) for other in names.get(_text(day), ()))
        if criteria.matches(document) and (not latest or _is_latest(item.id, rivals)):
            yield item


class _LatestOnDisk:
    """Whether the catalog has no later version; only the years around an Item are listed."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._names: dict[Part, dict[str, list[str]]] = {}

    def has(self, found: Found) -> bool:
        """Whether an Item is the latest version of its scene, or none of a MAJA product."""
        item_id, part = found.place.item_id, found.place.part
        years = {day: part._replace(year=f"{day.year:04d}") for day in _days_near(item_id)}
        rivals = (
            other
            for day, year in years.items()
            for other in self._in_year(year).get(_text(day), ())
            if exists(self._root, OnDisk(year, other))
        )
        return _is_latest(item_id, rivals)

    def _in_year(self, part: Part) -> dict[str, list[str]]:
        if part not in self._names:
            places = places_in(self._root, part)
            self._names[part] = _by_day(place.item_id for place in places)
        return self._names[part]


def _by_day(ids: Iterable[str]) -> dict[str, list[str]]:
    """Names by the day that stands in them, so that each is compared with few others."""
    names: dict[str, list[str]] = defaultdict(list)
    for item_id in ids:
        if day := _DAY.search(item_id):
            names[day[1]].append(item_id)
    return names


def _days_near(item_id: str) -> list[dt.date]:
    name = _name(item_id)
    day = name and name.acquired.date()
    return [day + shift * _ONE_DAY for shift in (-1, 0, 1)] if day else []


def _text(day: dt.date) -> str:
    return f"{day:%Y%m%d}"


def _is_latest(item_id: str, rivals: Iterable[str]) -> bool:
    if _name(item_id) is None:
        return True
    return versions_of(item_id, (other for other in rivals if _name(other)))[-1] == item_id


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


def _words(given: str | Iterable[str]) -> list[str]:
    return [given] if isinstance(given, str) else list(given)


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
