"""Whether a product is what was asked for, checked again on this side.

A service may ignore parameters it does not know, take whole percents only, or look for a point
in a square around it, so its answer may be wider than the question.
"""

import re

from shapely import Point, box
from shapely.geometry.base import BaseGeometry

from peps_stac.domain import Bounds, L1CProduct, L2AOffer, SearchQuery
from peps_stac.errors import RequestError
from peps_stac.provider.footprint import meets

_PLATFORM = re.compile(r"(?:sentinel-2|s2)(?P<unit>[a-z])", re.IGNORECASE)
_ANTIMERIDIAN = 180

Found = L1CProduct | L2AOffer
"""What a search finds."""


def matches(product: Found, query: SearchQuery) -> bool:
    """Whether nothing that is known of the product speaks against it.

    What the service did not say never drops a product, with one exception: a limit on cloud
    cover needs a known cloud cover, as on the service itself.
    """
    return (
        product.level in (None, query.level)
        and _is_clear_enough(product, query)
        and _is_on_orbit(product, query)
        and _is_in_period(product, query)
        and _is_in_place(product, query)
    )


def platform_unit(platform: str) -> str:
    """The letter of the satellite: `A` of `sentinel-2a`, also of PEPS's own `S2A`.

    Raises:
        RequestError: No Sentinel-2.
    """
    match = _PLATFORM.fullmatch(platform.strip())
    if match is None:
        raise RequestError(f"--platform: unknown {platform!r}; write sentinel-2a or sentinel-2b")
    return match["unit"].upper()


def split_at_antimeridian(bbox: Bounds) -> tuple[Bounds, ...]:
    """The box, or its two halves when it crosses the antimeridian (west above east)."""
    west, south, east, north = bbox
    if west <= east:
        return (bbox,)
    return ((west, south, _ANTIMERIDIAN, north), (-_ANTIMERIDIAN, south, east, north))


def _is_clear_enough(product: Found, query: SearchQuery) -> bool:
    if query.cloud_cover is None:
        return True
    return product.cloud_cover is not None and product.cloud_cover <= query.cloud_cover


def _is_on_orbit(product: Found, query: SearchQuery) -> bool:
    if query.platform is not None and product.platform is not None:
        asked = f"sentinel-2{platform_unit(query.platform).lower()}"
        if product.platform != asked:
            return False
    asked_orbit, orbit = query.relative_orbit, product.relative_orbit
    return asked_orbit is None or orbit is None or orbit == asked_orbit


def _is_in_period(product: Found, query: SearchQuery) -> bool:
    after_start = query.start is None or product.start >= query.start
    return after_start and (query.end is None or product.start <= query.end)


def _is_in_place(product: Found, query: SearchQuery) -> bool:
    if query.tiles and product.tile is not None and product.tile not in query.tiles:
        return False
    footprint = product.footprint
    return footprint is None or all(
        any(meets(footprint, part) for part in place) for place in _places(query)
    )


def _places(query: SearchQuery) -> list[list[BaseGeometry]]:
    """Places the footprint must meet all of, each in parts of which one is enough."""
    places: list[list[BaseGeometry]] = []
    if query.point is not None:
        places.append([Point(query.point)])
    if query.bbox is not None:
        places.append([box(*part) for part in split_at_antimeridian(query.bbox)])
    if query.intersects is not None:
        places.append([query.intersects])
    return places
