"""From an L1C scene to everything that decides the pixels of its product."""

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from peps_stac.domain import L1CProduct, MgrsTile
from peps_stac.errors import RequestError
from peps_stac.simulator.chance import between
from peps_stac.simulator.landscape import landscape
from peps_stac.simulator.materials import season_day, spectra
from peps_stac.simulator.patch import Scene, centres
from peps_stac.simulator.style import acquired, relative_orbit, tile
from peps_stac.simulator.sun import sun_angles
from peps_stac.simulator.texture import Texture
from peps_stac.simulator.tiling import centre, tile_bounds, to_metres
from peps_stac.simulator.weather import Flags, sky, snowline

_LOW_SUN = 80.0
"""Zenith angle beyond which MAJA says that the sun is too low, degrees."""
_COLDEST_DAY = 20
_DAYS = 365


def footprint_of(product: L1CProduct) -> BaseGeometry:
    """The seen part of the tile, metres in its zone; all of it when the service did not say.

    Raises:
        RequestError: The footprint lies elsewhere.
    """
    zone = tile(product)
    whole = box(*tile_bounds(zone))
    if product.footprint is None or product.footprint.is_empty:
        return whole
    to_zone = to_metres(zone.epsg)

    def moved(vertices: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(to_zone.transform(vertices[:, 0], vertices[:, 1]))

    # Vertex by vertex: so a ring that jumps at the antimeridian closes again.
    metres = shapely.transform(product.footprint, moved)
    seen = _common(metres, whole)
    if seen.area == 0:
        message = f"{product.name}: its footprint does not touch tile {zone}"
        raise RequestError(f"{message}; check the record")
    return seen


def scene_of(product: L1CProduct, size: int, footprint: BaseGeometry) -> Scene:
    """Land, light and weather of a scene.

    Args:
        product: Gives the place, the instant and the percent of cloud.
        size: Rows and columns of the 10 m grid.
        footprint: The seen part, metres in the tile's zone.
    """
    zone, instant = tile(product), acquired(product)
    lon, lat = centre(zone)
    zeniths, azimuths = sun_angles(instant, np.array([lon]), np.array([lat]))
    sun = (float(zeniths[0]), float(azimuths[0]))
    land = landscape(zone)
    season = season_day(instant, lat)
    warmth = 0.5 - 0.5 * math.cos(2 * math.pi * (season - _COLDEST_DAY) / _DAYS)
    # Both satellites and all baselines of a pass see the same sky.
    weather = f"{zone} {instant:%Y-%m-%d} {relative_orbit(product)}"
    valid = _valid(zone, size // 2, footprint)
    return Scene(
        land=land,
        sky=sky(
            weather,
            percent=product.cloud_cover,
            sun=sun,
            valid=valid,
            snowline_m=snowline(season, lat),
        ),
        spectra=spectra(instant, lat),
        valid=valid,
        slope=_slope(land.elevation, sun),
        water_vapour=0.7 + 1.5 * warmth + between(-0.2, 0.5, "vapour", weather),
        aerosol=between(0.04, 0.22, "aerosol", weather),
        low_sun=sun[0] > _LOW_SUN,
        size=size,
    )


def _common(metres: BaseGeometry, whole: BaseGeometry) -> BaseGeometry:
    """What both cover; nothing when the first is so far away that its zone cannot tell where."""
    if not np.isfinite(shapely.get_coordinates(metres)).all():
        return Polygon()
    repaired = shapely.make_valid(metres, method="structure", keep_collapsed=False)
    return shapely.intersection(repaired, whole)


def _valid(zone: MgrsTile, rows: int, footprint: BaseGeometry) -> Flags:
    """Pixels whose middle is in the footprint.

    Row by row every ring turns inside into outside and back. rasterio does the same, but changes
    the warning filters of the whole process meanwhile, which the simulator's threads would share.
    """
    west, _, _, north = tile_bounds(zone)
    places = centres(0, rows, rows)
    x, y = west + places, north - places
    inside = np.zeros((rows, rows), np.bool_)
    for ring in _rings(footprint):
        for (x0, y0), (x1, y1) in pairwise(ring):
            crossed = np.flatnonzero((y0 <= y) != (y1 <= y))
            if crossed.size:
                where = x0 + (y[crossed] - y0) * ((x1 - x0) / (y1 - y0))
                inside[crossed] ^= x >= where[:, None]
    return inside


def _rings(geometry: BaseGeometry) -> Iterator[list[tuple[float, float]]]:
    for part in shapely.get_parts(geometry):
        if isinstance(part, Polygon):
            for ring in (part.exterior, *part.interiors):
                yield [(x, y) for x, y, *_ in ring.coords]


def _slope(elevation: Texture, sun: tuple[float, float]) -> Texture:
    """Light on the slopes against light on flat ground."""
    step = elevation.period_m / elevation.nodes.shape[0]
    down, right = np.gradient(elevation.nodes, step)
    reach, turn = math.tan(math.radians(sun[0])), math.radians(sun[1])
    east, north = reach * math.sin(turn), reach * math.cos(turn)
    light = (1 - right * east + down * north) / np.sqrt(1 + right**2 + down**2)
    return Texture(np.clip(light, 0.1, 1.8).astype(np.float32), elevation.period_m)
