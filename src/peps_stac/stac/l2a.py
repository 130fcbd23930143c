"""A MAJA L2A product as a STAC Item: what the product says of itself, in STAC's words.

Cloud cover is MAJA's; ESA's estimate stays with the L1C Item. `datetime` is when the tile was
seen, not the start of the datatake, which the L1C Item has.
"""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import pystac
from pystac.utils import datetime_to_str
from shapely.geometry.base import BaseGeometry

from peps_stac.domain import Grid, L2AProduct
from peps_stac.domain.instants import format_instant
from peps_stac.muscate.bands import BANDS
from peps_stac.muscate.metadata import LONGEST_PASS
from peps_stac.muscate.orbits import relative_orbit
from peps_stac.stac.collections import L2A_COLLECTION
from peps_stac.stac.extensions import (
    CLASSIFICATION_SCHEMA,
    EO_SCHEMA,
    FILE_SCHEMA,
    GRID_SCHEMA,
    MAJA_SCHEMA,
    PROCESSING_SCHEMA,
    PROJECTION_SCHEMA,
    RASTER_SCHEMA,
    SAT_SCHEMA,
    VERSION_SCHEMA,
    VIEW_SCHEMA,
)
from peps_stac.stac.geometry import geometry_and_bbox, tile_outline
from peps_stac.stac.l2a_assets import AssetFile, assets_of
from peps_stac.stac.layers import AssetMode

DERIVED_FROM: Final = "derived_from"
"""Link to the L1C Item of the scene."""

MODE: Final = "maja:assets"
"""Property: in what form the files are kept."""
LEFT_OUT: Final = "maja:left_out"
"""Property: keys of Assets that the product could have and the Item has not."""

SAME_DATATAKE: Final = timedelta(seconds=1)
"""ESA's names tell the start of a datatake to the second, metadata to the millisecond."""

_SCHEMA_OF = {
    "classification": CLASSIFICATION_SCHEMA,
    "eo": EO_SCHEMA,
    "file": FILE_SCHEMA,
    "grid": GRID_SCHEMA,
    "maja": MAJA_SCHEMA,
    "processing": PROCESSING_SCHEMA,
    "proj": PROJECTION_SCHEMA,
    "raster": RASTER_SCHEMA,
    "sat": SAT_SCHEMA,
    "version": VERSION_SCHEMA,
    "view": VIEW_SCHEMA,
}
_DECIMALS = 6  # of a degree; MAJA writes six digits in all
_RIGHT_ANGLE = 90.0
_TURN = 360.0


def item_from_l2a(  # noqa: PLR0913 -- separate facts, all but one by keyword
    product: L2AProduct,
    *,
    files: Mapping[str, AssetFile],
    l1c: pystac.Item | None = None,
    l1c_href: str | None = None,
    now: datetime,
    footprint: BaseGeometry | None = None,
    mode: AssetMode | None = None,
    left_out: Iterable[str] = (),
) -> pystac.Item:
    """The Item of a product; what the product does not say is absent.

    Args:
        product: Read from its archive or folder.
        files: By key of the Asset, as `keys_of` lists them; a layer that is missing here gets
            no Asset.
        l1c: The Item of the scene it was made from, where known; gives the relative orbit and
            the orbit state.
        l1c_href: Of that Item, as the L2A Item's file has to write it; None for no link.
        now: Becomes `created`.
        footprint: Where there are data, WGS 84, longitude first; None: the outline of the tile,
            also where only a part of it was seen.
        mode: In what form the files are kept; None: not told.
        left_out: Keys that the product could have in this mode and the Item has not.
    """
    finest = min(product.grids.values(), key=lambda grid: grid.xdim)
    geometry, bbox = geometry_and_bbox(footprint or tile_outline(finest, product.epsg))
    kept = {MODE: mode and str(mode), LEFT_OUT: list(left_out) or None}
    item = pystac.Item(
        id=product.product_id,
        geometry=geometry,
        bbox=bbox,
        datetime=product.acquired,
        properties=_known({**_properties(product, finest, l1c, now), **kept}),
        collection=L2A_COLLECTION,
        assets=assets_of(product, files),
    )
    if l1c_href is not None:
        title = l1c.id if l1c else None
        item.add_link(pystac.Link(DERIVED_FROM, l1c_href, pystac.MediaType.GEOJSON, title))
    item.stac_extensions = _schemas(item)
    return item


def pairs(l1c: pystac.Item, product: L2AProduct) -> bool:
    """Whether an L1C Item is the scene that a product shows: one pass over one tile.

    The start of the datatake decides where the product tells it, else the time from it to the
    sensing of the tile, 0 to 15 minutes.
    """
    start = l1c.datetime
    is_same_tile = l1c.properties.get("grid:code") == product.tile.grid_code
    if start is None or not is_same_tile or l1c.properties.get("platform") != product.platform:
        return False
    if product.datatake_start is not None:
        return abs(start - product.datatake_start) <= SAME_DATATAKE
    return timedelta(0) <= product.acquired - start <= LONGEST_PASS


def _properties(
    product: L2AProduct, finest: Grid, l1c: pystac.Item | None, now: datetime
) -> dict[str, Any]:
    return {
        # First, where pystac finds and refreshes it, so that reading changes no order.
        "datetime": datetime_to_str(product.acquired),
        "created": format_instant(now),
        "platform": product.platform,
        "constellation": "sentinel-2",
        "instruments": ["msi"],
        "gsd": int(finest.xdim) if finest.xdim.is_integer() else finest.xdim,
        "version": product.version,
        "eo:cloud_cover": product.cloud_cover,
        "eo:snow_cover": product.snow_cover,
        "grid:code": product.tile.grid_code,
        **_orbits(product, l1c),
        **_angles(product),
        "proj:epsg": product.epsg,
        "proj:code": f"EPSG:{product.epsg}",
        "proj:bbox": list(finest.bounds),
        **_processing(product),
    }


def _processing(product: L2AProduct) -> dict[str, Any]:
    """`processing:datetime` is when MAJA ran, never PRODUCTION_DATE, which may be the L1C's."""
    return {
        "processing:level": "L2A",
        "processing:software": {"MAJA": product.maja_version} if product.maja_version else None,
        "processing:datetime": _text(product.processed),
        "processing:version": product.version,
        "maja:processing_mode": product.processing_mode,
        "maja:validity": product.validity,
        "maja:cams": product.cams,
        "maja:profile": product.profile,
        "maja:l1c_name": product.l1c_name,
        "maja:datatake_start": _text(product.datatake_start),
    }


def _orbits(product: L2AProduct, l1c: pystac.Item | None) -> dict[str, Any]:
    """The relative orbit is the scene's; counted only where no scene tells or contradicts it."""
    scene = l1c.properties if l1c else {}
    relative = scene.get("sat:relative_orbit")
    agrees = scene.get("sat:absolute_orbit") in (None, product.absolute_orbit)
    if relative is None and product.absolute_orbit is not None and agrees:
        relative = relative_orbit(product.platform, product.absolute_orbit, product.acquired)
    return {
        "sat:absolute_orbit": product.absolute_orbit,
        "sat:relative_orbit": relative,
        "sat:orbit_state": scene.get("sat:orbit_state"),
    }


def _angles(product: L2AProduct) -> dict[str, float | None]:
    """Means of the product's ten bands; azimuths have no plain mean, 359 and 1 being neighbours."""
    views = [view for band, view in product.view_angles.items() if band in BANDS]
    elevation = None if product.sun_zenith is None else _RIGHT_ANGLE - product.sun_zenith
    incidence = sum(view.zenith for view in views) / len(views) if views else None
    return {
        "view:sun_azimuth": _azimuth(product.sun_azimuth),
        "view:sun_elevation": _between(-_RIGHT_ANGLE, elevation, _RIGHT_ANGLE),
        "view:incidence_angle": _between(0, incidence, _RIGHT_ANGLE),
        "view:azimuth": _azimuth(_circular_mean([view.azimuth for view in views])),
    }


def _circular_mean(degrees: list[float]) -> float | None:
    east = sum(math.sin(math.radians(angle)) for angle in degrees)
    north = sum(math.cos(math.radians(angle)) for angle in degrees)
    is_told = math.hypot(east, north) > len(degrees) * 1e-6  # opposite directions have no mean
    return math.degrees(math.atan2(east, north)) if is_told else None


def _azimuth(angle: float | None) -> float | None:
    return None if angle is None else round(angle % _TURN, _DECIMALS) % _TURN


def _between(low: float, angle: float | None, high: float) -> float | None:
    """The angle, rounded; None when it is none."""
    return round(angle, _DECIMALS) if angle is not None and low <= angle <= high else None


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else format_instant(instant)


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _schemas(item: pystac.Item) -> list[str]:
    """The extensions an Item uses, and no other."""
    fields = [
        *item.properties,
        *(name for each in item.assets.values() for name in each.extra_fields),
    ]
    used = {name.partition(":")[0] for name in fields}
    return sorted(_SCHEMA_OF[prefix] for prefix in used if prefix in _SCHEMA_OF)
