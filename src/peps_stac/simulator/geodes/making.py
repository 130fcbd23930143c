"""The records of GEODES, made out of the scenes of the PEPS face.

What a gazetteer adds to real records (`political`, `hydrology`, `references`) is left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from peps_stac.domain import L1CProduct, MgrsTile
from peps_stac.errors import PepsStacError
from peps_stac.peps.resto import read_product
from peps_stac.simulator.chance import between, share
from peps_stac.simulator.geodes.records import L1C, L2A, GeodesRecord, urn
from peps_stac.simulator.geodes.scenario import GeodesScenario
from peps_stac.simulator.holdings import Record
from peps_stac.simulator.style import (
    THEIA_STYLE,
    acquired,
    identifier,
    is_valid,
    l1c_produced,
    maja_ran,
    product_name,
)
from peps_stac.simulator.tiling import tile_bounds, to_lonlat, to_metres

_EXTENSIONS = tuple(
    f"https://stac-extensions.github.io/{name}/schema.json"
    for name in (
        "product/v0.1.0",
        "processing/v1.2.0",
        "projection/v2.0.0",
        "sat/v1.1.0",
        "scientific/v1.0.0",
        "sar/v1.1.0",
        "eo/v2.0.0",
        "sentinel-2/v1.0.0",
        "view/v1.0.0",
        "grid/v1.1.0",
        "raster/v2.0.0",
    )
)
_DATALAKE = "https://s3.datalake.cnes.fr"
_SEASONS = ("winter", "spring", "summer", "autumn")
_MONTHS_A_SEASON = 3
_SQUARE_KILOMETRE = 1e6


def records(scenes: Iterable[Record], scenario: GeodesScenario) -> Iterator[GeodesRecord]:
    """An L1C record of every scene that a search of PEPS shows, an L2A one where MAJA issues it.

    Two baselines of one scene have one product. A scene whose feature cannot be read has none.
    """
    delivered: set[str] = set()
    for scene in scenes:
        if not scene.is_visible:
            continue
        try:
            product = read_product(scene.feature)
            yield _l1c(scene, product, scenario)
            name = product_name(product, THEIA_STYLE)
        except PepsStacError:
            continue
        if is_valid(product) and name not in delivered:
            delivered.add(name)
            yield _l2a(scene, product, name, scenario)


def _l1c(scene: Record, product: L1CProduct, scenario: GeodesScenario) -> GeodesRecord:
    name, said = product.name, scene.properties
    start, day = _text(product.start), product.start
    square = str(product.tile) if product.tile else ""
    baseline = product.processing_baseline
    properties = {
        **_common(L1C, product, product.start, scenario),
        "product:type": product.product_type,
        "sar:instrument_mode": product.datatake_type,
        "endpoint_url": f"{_DATALAKE}/sentinel2-l1c/{square[:2]}/{square[2:3]}/{square[3:]}"
        f"/{day:%Y/%m/%d}/{name}.zip",
        "sat:orbit_state": (product.orbit_state or "").capitalize() or None,
        "identifier": name,
        "product:timeliness": said.get("realtime"),
        "s2:datatake_id": product.datatake_id,
        "processing:version": baseline,
        "version": "00.00",
        "start_datetime": start,
        "end_datetime": start,
        "datetime": _text(product.published or l1c_produced(product)),
        "processing:level": "L1C",
        "eo:cloud_cover": product.cloud_cover,
    }
    return GeodesRecord(_item(L1C, name, properties, _one_part(scene.geometry)), name, scene)


def _l2a(scene: Record, product: L1CProduct, name: str, scenario: GeodesScenario) -> GeodesRecord:
    instant, short = acquired(product), identifier(product, THEIA_STYLE.profile)
    ran = maja_ran(product, THEIA_STYLE)
    cloud = product.cloud_cover
    taken_in = ran + timedelta(hours=between(20, 2000, "GEODES", name))
    properties = {
        **_common(L2A, product, instant, scenario),
        "product:type": "REFLECTANCE",
        "endpoint_url": f"{_DATALAKE}/sentinel2-l2a-sprid/T{product.tile}/{instant:%Y/%m/%d}"
        f"/{short}/{ran:%Y%m%d-%H%M%S}000/{name}.zip",
        "identifier": short,
        "mission": "THEIA Hesperides",
        "processing_context": "HESPERIDES",
        "provider_urn": urn(L2A, short).replace(":gdh:", ":sprid:"),
        "version": THEIA_STYLE.version,
        "start_datetime": _text(instant),
        "end_datetime": _text(instant),
        "datetime": _text(taken_in),
        "processing:level": "L2A",
        # Whole percents, as MAJA counts them.
        "eo:cloud_cover": None if cloud is None else float(round(cloud)),
    }
    whole = None if product.tile is None else _whole_tile(product.tile)
    made = _item(L2A, name, properties, whole)
    # Empty in recorded records of L2A.
    made["properties"]["proj:bbox"] = ""
    return GeodesRecord(made, name, scene)


def _common(
    collection: str, product: L1CProduct, instant: datetime, scenario: GeodesScenario
) -> dict[str, Any]:
    has_t = share("grid code without T", collection, product.name) >= scenario.without_t
    unit = (product.platform or "").rpartition("-2")[2].upper()
    return {
        "dataset": collection,
        "grid:code": f"{'T' if has_t else ''}{product.tile}" if product.tile else None,
        "platform": f"S2{unit}" if unit else None,
        "instrument": "MSI",
        "latest": True,
        "sci:doi": "[]",
        "endpoint_description": "Link to product in datalake",
        "keywords": _keywords(instant, product.tile),
        "sat:relative_orbit": product.relative_orbit,
        "sat:absolute_orbit": product.absolute_orbit,
    }


def _item(
    collection: str, name: str, properties: Mapping[str, Any], footprint: BaseGeometry | None
) -> dict[str, Any]:
    said = {key: value for key, value in properties.items() if value is not None}
    item: dict[str, Any] = {
        "stac_version": "1.0.0-beta.2",
        "stac_extensions": list(_EXTENSIONS),
        "id": urn(collection, name),
        "type": "Feature",
        "collection": collection,
        "properties": said,
        "geometry": None,
    }
    if footprint is not None and not footprint.is_empty:
        west, south, east, north = footprint.bounds
        item["bbox"] = [west, south, east, north]
        item["geometry"] = mapping(footprint)
        item["centroid"] = {"lon": footprint.centroid.x, "lat": footprint.centroid.y}
        said["proj:bbox"] = f"{west},{north},{east},{south}"
        if "grid:code" in said:
            said["area"] = _area(footprint, MgrsTile.parse(said["grid:code"]))
    return item


def _one_part(footprint: BaseGeometry | None) -> BaseGeometry | None:
    """GEODES writes a Polygon where PEPS writes a MultiPolygon of one."""
    if footprint is None or footprint.geom_type != "MultiPolygon":
        return footprint
    parts = list(mapping(footprint)["coordinates"])
    return shape({"type": "Polygon", "coordinates": parts[0]}) if len(parts) == 1 else footprint


@lru_cache(maxsize=1024)
def _whole_tile(tile: MgrsTile) -> BaseGeometry:
    """The corners that MAJA's metadata name: the full tile, however little of it is seen."""
    west, south, east, north = tile_bounds(tile)
    to_degrees = to_lonlat(tile.epsg)
    corners = ((west, north), (west, south), (east, south), (east, north), (west, north))
    ring = [[round(degrees, 12) for degrees in to_degrees.transform(*one)] for one in corners]
    return shape({"type": "Polygon", "coordinates": [ring]})


def _area(footprint: BaseGeometry, tile: MgrsTile) -> float:
    """Square kilometres, in the zone of the tile."""
    to_zone = to_metres(tile.epsg)

    def moved(vertices: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(to_zone.transform(vertices[:, 0], vertices[:, 1]))

    # Vertex by vertex: so a ring that jumps at the antimeridian closes again.
    return round(shapely.transform(footprint, moved).area / _SQUARE_KILOMETRE, 4)


def _keywords(instant: datetime, tile: MgrsTile | None) -> list[str]:
    northern = tile is None or tile.is_northern
    season = instant.month % 12 // _MONTHS_A_SEASON + (0 if northern else 2)
    half = "northern" if northern else "southern"
    return [f"location:{half}", f"season:{_SEASONS[season % len(_SEASONS)]}"]


def _text(instant: datetime) -> str:
    text = instant.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
