"""The search of GEODES: what to ask, and one page of the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import shapely

from peps_stac.domain import SearchQuery
from peps_stac.errors import RequestError, ResponseError
from peps_stac.geodes.feature import read_record
from peps_stac.provider.matching import Found, platform_unit, split_at_antimeridian
from peps_stac.provider.values import read_count, read_mapping

COLLECTIONS = {"L1C": "PEPS_S2_L1C", "L2A": "THEIA_REFLECTANCE_SENTINEL2_L2A"}
"""Scenes of ESA, and what Theia made of them with MAJA."""

MOST_RECORDS = 80
"""A page, since November 2025; more were allowed before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a search answer."""

    products: tuple[Found, ...]
    total: int | None = None
    """Of all pages, as the service counts."""
    rejected: tuple[str, ...] = ()
    """Why a record could not be read, one line each."""

    @property
    def is_empty(self) -> bool:
        """Whether the service sent no record at all."""
        return not (self.products or self.rejected)


def to_bodies(query: SearchQuery) -> tuple[dict[str, Any], ...]:
    """The body of each request that the query needs, of its first page.

    Two for a box across the antimeridian. The answers may hold more than was asked for: see
    `peps_stac.provider.matching`.

    Raises:
        RequestError: A platform that is no Sentinel-2, or a place in words, which GEODES does
            not look up.
    """
    if query.location is not None:
        message = f"-l {query.location!r}: GEODES knows no places by name"
        raise RequestError(f"{message}; give --bbox, --lon/--lat, --intersects or -t")
    common = {
        "limit": MOST_RECORDS,
        "collections": [COLLECTIONS[query.level]],
        "query": _filters(query),
        # Pages of an answer in no order may repeat and omit records.
        "sortBy": [{"field": "start_datetime", "direction": "desc"}],
    }
    return tuple({**common, **place} for place in _places(query))


def on_page(body: Mapping[str, Any], page: int) -> dict[str, Any]:
    """The body for one page of an answer, counted from 1."""
    return {"page": page, **body}


def read_page(document: Any) -> Page:  # noqa: ANN401 -- whatever JSON the service sent
    """One page; records that cannot be read are told in `rejected`.

    Raises:
        ResponseError: Not a GeoJSON FeatureCollection.
    """
    said = read_mapping(document)
    features = said.get("features")
    if said.get("type") != "FeatureCollection" or not isinstance(features, list | None):
        raise ResponseError(
            "a search answer is no FeatureCollection; check that the address is that of GEODES"
        )
    products: list[Found] = []
    rejected: list[str] = []
    for feature in features or []:
        try:
            products.append(read_record(read_mapping(feature)))
        except ResponseError as error:
            rejected.append(str(error))
    total = read_count(read_mapping(said.get("context")).get("matched"))
    return Page(products=tuple(products), total=total, rejected=tuple(rejected))


def _filters(query: SearchQuery) -> dict[str, dict[str, Any]]:
    filters: dict[str, dict[str, Any]] = {}
    if query.tiles:
        # Records of before and after 2024-09-25 write the tile with and without a T.
        codes = [code for tile in query.tiles for code in (f"T{tile}", str(tile))]
        filters["grid:code"] = {"in": codes}
    if query.start is not None:
        filters["end_datetime"] = {"gte": _text(query.start)}
    if query.end is not None:
        filters["start_datetime"] = {"lte": _text(query.end)}
    if query.cloud_cover is not None:
        filters["eo:cloud_cover"] = {"lte": query.cloud_cover}
    if query.relative_orbit is not None:
        filters["sat:relative_orbit"] = {"eq": query.relative_orbit}
    if query.platform is not None:
        filters["platform"] = {"eq": f"S2{platform_unit(query.platform)}"}
    return filters


def _places(query: SearchQuery) -> list[dict[str, Any]]:
    """One place for each request; of several, the others are checked on this side."""
    if query.intersects is not None:
        return [{"intersects": shapely.geometry.mapping(shapely.force_2d(query.intersects))}]
    if query.point is not None:
        return [{"intersects": {"type": "Point", "coordinates": list(query.point)}}]
    if query.bbox is not None:
        return [{"bbox": list(part)} for part in split_at_antimeridian(query.bbox)]
    return [{}]


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
