"""The search of PEPS (resto): what to ask, and one page of the answer.

Parameters that the server does not know are ignored by it without a word, and so widen the
search; the answer repeats those it understood, and `ignored_params` compares. Types and limits
are those of the published server, `RestoModel.php`, and of recorded answers.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product as combinations
from typing import Any

from shapely import force_2d
from shapely.geometry.base import BaseGeometry

from peps_stac.domain import Bounds, L1CProduct, SearchQuery
from peps_stac.errors import RequestError, ResponseError
from peps_stac.peps.feature import read_product, service_id
from peps_stac.provider.matching import matches, platform_unit, split_at_antimeridian
from peps_stac.provider.values import one_line, read_count, read_mapping, read_text

__all__ = [
    "Page",
    "ignored_params",
    "matches",
    "read_page",
    "read_product",
    "service_id",
    "to_params",
]

MOST_RECORDS = 500
"""What the server clamps `maxRecords` to, without an error."""

_POINT_RADIUS_M = "1"
# Addresses above some 8000 characters are refused by servers; percent-encoding adds a third.
_LONGEST_WKT = 4000
_PARAMETER_OF_FILTER = {
    "searchTerms": "q",
    "count": "maxRecords",
    "startIndex": "index",
    "startPage": "page",
    "language": "lang",
    "geo:uid": "identifier",
    "geo:name": "location",
    "time:start": "startDate",
    "time:end": "completionDate",
    "dc:date": "updated",
}
"""Where the server's name of a filter is not a prefix before the parameter (`eo:cloudCover`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a search answer."""

    products: tuple[L1CProduct, ...]
    """Newest first, as the service sorts them."""
    next_href: str | None = None
    """As written; a full last page has one too, and it leads to an empty page."""
    total: int | None = None
    """An estimate by the service, at times far off: good to show, not to count on."""
    understood: frozenset[str] = frozenset()
    """Names of the parameters that the service took; empty when it does not say."""
    rejected: tuple[str, ...] = ()
    """Why a feature could not be read, one line each."""

    @property
    def is_empty(self) -> bool:
        """Whether the service sent no feature at all."""
        return not (self.products or self.rejected)


def to_params(query: SearchQuery) -> tuple[dict[str, str], ...]:
    """Parameters of each request that the query needs.

    One for each tile, and for each half of a box across the antimeridian. The answers may hold
    more than was asked for: see `matches`.

    Raises:
        RequestError: A platform that is no Sentinel-2, or products of L2A, which PEPS made on
            demand and never listed.
    """
    if query.level != "L1C":
        message = f"--level {query.level}: PEPS lists L1C alone"
        raise RequestError(f"{message}; order MAJA for scenes, or search with --provider geodes")
    common = _common_params(query)
    tiles: list[dict[str, str]] = [{"tileid": str(tile)} for tile in query.tiles] or [{}]
    return tuple(common | tile | place for tile, place in combinations(tiles, _places(query)))


def read_page(document: Any) -> Page:  # noqa: ANN401 -- whatever JSON the service sent
    """One page; features that cannot be read are told in `rejected`.

    Raises:
        ResponseError: Not a GeoJSON FeatureCollection.
    """
    said = read_mapping(document)
    features = said.get("features")
    if said.get("type") != "FeatureCollection" or not isinstance(features or [], list):
        raise ResponseError(
            f"a search answer is no FeatureCollection but {_shown(document)}; "
            "check that the address is a resto service"
        )
    products: list[L1CProduct] = []
    rejected: list[str] = []
    for feature in features or []:
        try:
            products.append(read_product(read_mapping(feature)))
        except ResponseError as error:
            rejected.append(str(error))
    properties = read_mapping(said.get("properties"))
    return Page(
        products=tuple(products),
        next_href=_next_href(properties.get("links")),
        total=read_count(properties.get("totalResults")),
        understood=frozenset(_understood(properties)),
        rejected=tuple(rejected),
    )


def ignored_params(params: Mapping[str, str], page: Page) -> tuple[str, ...]:
    """Parameters sent that the service did not take, by name; none when it does not say."""
    if not page.understood:
        return ()
    return tuple(name for name in params if name not in page.understood)


def _common_params(query: SearchQuery) -> dict[str, str]:
    params = {
        "maxRecords": str(min(query.limit or MOST_RECORDS, MOST_RECORDS)),
        "page": "1",
        "productType": "S2MSI1C",
    }
    if query.location:
        params["q"] = query.location
    if query.relative_orbit is not None:
        params["relativeOrbitNumber"] = str(query.relative_orbit)
    if query.start is not None:
        params["startDate"] = _instant(query.start)
    if query.end is not None:
        params["completionDate"] = _instant(query.end)
    if query.cloud_cover is not None:
        # Whole numbers only: asked for outwards, and filtered again here.
        params["cloudCover"] = f"[0,{math.ceil(query.cloud_cover)}]"
    if query.platform is not None:
        params["platform"] = f"S2{platform_unit(query.platform)}"
    return params


def _places(query: SearchQuery) -> list[dict[str, str]]:
    if query.intersects is not None:
        return [{"geometry": _wkt(query.intersects)}]
    if query.bbox is not None:
        return [{"box": _box(part)} for part in split_at_antimeridian(query.bbox)]
    if query.point is not None:
        lon, lat = query.point
        return [{"lon": _decimal(lon), "lat": _decimal(lat), "radius": _POINT_RADIUS_M}]
    return [{}]


def _instant(instant: datetime) -> str:
    # In full: the server takes a bare date as midnight, and so loses the last day.
    utc = instant.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _box(bounds: Bounds) -> str:
    return ",".join(_decimal(value) for value in bounds)


def _decimal(degrees: float) -> str:
    """Without exponent, which the server refuses in a box; to a tenth of a millimetre."""
    text = f"{degrees:.9f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _wkt(geometry: BaseGeometry) -> str:
    """The first of the geometry, its hull and its box that fits into an address."""
    flat: BaseGeometry = force_2d(geometry)
    # The server takes neither collections nor rings that cross themselves.
    plain = flat if flat.is_valid and flat.geom_type != "GeometryCollection" else flat.convex_hull
    for candidate in (plain, plain.convex_hull):
        if len(candidate.wkt) <= _LONGEST_WKT:
            return candidate.wkt
    return plain.envelope.wkt


def _next_href(links: object) -> str | None:
    for link in links if isinstance(links, list) else ():
        said = read_mapping(link)
        if said.get("rel") == "next":
            return read_text(said.get("href"))
    return None


def _understood(properties: Mapping[str, Any]) -> Iterator[str]:
    filters = read_mapping(read_mapping(properties.get("query")).get("searchFilters"))
    for name in filters:
        yield _PARAMETER_OF_FILTER.get(str(name), str(name).rpartition(":")[2])


def _shown(document: object) -> str:
    message = read_text(read_mapping(document).get("ErrorMessage"))
    if message is not None:
        return f"the error {one_line(message)!r}"
    kind = read_text(read_mapping(document).get("type"))
    return f"a {one_line(kind)}" if kind else f"a JSON {type(document).__name__}"
