"""The grid that pixels are loaded on: the tile's own wherever that can be.

Readers that work it out from footprints in degrees are off by metres, and by whole pixels where
two UTM zones or the antimeridian meet, so it is computed here from the grids of the Items.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from affine import Affine
from odc.geo import CRS
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from peps_stac.domain import Bounds
from peps_stac.errors import RequestError
from peps_stac.stac.geometry import to_wgs84

_STEP_DEG = 0.01
"""Of a straight line in degrees, so that it stays one in metres."""
_TOLERANCE = 0.01
"""Of a pixel: degrees are written to a centimetre."""
_EDGE_POINTS = 21
_NOWHERE = "the place lies outside of the Items' tiles; choose one inside"


@dataclass(frozen=True, slots=True)
class Extent:
    """The rectangle of one Item's rasters."""

    bounds: Bounds
    """`(xmin, ymin, xmax, ymax)`, metres, in the CRS `epsg`."""
    epsg: int


def common_epsg(extents: Sequence[Extent]) -> int:
    """The one CRS of all Items.

    Raises:
        RequestError: There are several.
    """
    codes = sorted({extent.epsg for extent in extents})
    if len(codes) > 1:
        names = " and ".join(f"EPSG:{code}" for code in codes)
        message = f"the Items lie in several UTM zones, {names}: choose tiles of one zone"
        raise RequestError(f"{message}, or give crs= to have all resampled to one")
    return codes[0]


def output_grid(
    extents: Sequence[Extent],
    *,
    crs: str | int | None,
    resolution: float | None,
    finest: float,
    places: Sequence[BaseGeometry] = (),
) -> GeoBox:
    """The grid that covers the Items, or what of them lies in the box round all places.

    In the CRS of the Items its pixels are those of the tiles, or blocks of them.

    Args:
        extents: Of all Items.
        crs: None: that of the Items.
        resolution: Of the grid, in units of its CRS; None: `finest`, in the CRS of the Items.
        finest: Of the rasters, metres.
        places: Longitude and latitude, split at the antimeridian.

    Raises:
        RequestError: Several CRS, no or no possible resolution, places that no Item reaches.
    """
    target = CRS(common_epsg(extents) if crs is None else crs)
    is_native = target.epsg in {extent.epsg for extent in extents}
    pixel = _pixel(resolution, finest, target, is_native=is_native)
    left, bottom, right, top = _union([_projected(extent, target) for extent in extents])
    if not is_native:
        left, top = math.floor(left / pixel) * pixel, math.ceil(top / pixel) * pixel
    first, last = (0, 0), (_count(right - left, pixel), _count(top - bottom, pixel))
    if places:
        west, south, east, north = _bounds_of(places, extents, target)
        first = max(0, _first(west - left, pixel)), max(0, _first(top - north, pixel))
        reached = _count(east - left, pixel), _count(top - south, pixel)
        # A point is a pixel.
        last = (
            min(last[0], max(reached[0], first[0] + 1)),
            min(last[1], max(reached[1], first[1] + 1)),
        )
    columns, rows = last[0] - first[0], last[1] - first[1]
    if min(columns, rows) < 1:
        raise RequestError(_NOWHERE)
    corner = left + first[0] * pixel, top - first[1] * pixel
    return GeoBox((rows, columns), Affine(pixel, 0, corner[0], 0, -pixel, corner[1]), target)


def middle_longitude(grid: GeoBox) -> float:
    """Of a grid, degrees."""
    x, y = grid.extent.centroid.coords[0]
    return float(Transformer.from_crs(str(grid.crs), 4326, always_xy=True).transform(x, y)[0])


def _pixel(given: float | None, finest: float, target: CRS, *, is_native: bool) -> float:
    if given is None and not is_native:
        raise RequestError(f"crs={str(target)!r} needs resolution=, in units of that CRS")
    if given is not None and not given > 0:
        raise RequestError(f"resolution: {given} is no size of a pixel; give metres, e.g. 10")
    return finest if given is None else float(given)


def _bounds_of(places: Sequence[BaseGeometry], extents: Sequence[Extent], target: CRS) -> Bounds:
    """Bounds in the target's CRS of what all places and the tiles have in common.

    Cut in degrees first: far from its zone UTM has no coordinates.
    """
    tiles = shapely.union_all([to_wgs84(box(*e.bounds), e.epsg) for e in extents])
    common = shapely.intersection_all([tiles, *places])
    if common.is_empty:
        raise RequestError(_NOWHERE)
    project = Transformer.from_crs(4326, str(target), always_xy=True).transform
    points = shapely.get_coordinates(shapely.segmentize(common, _STEP_DEG))
    x, y = project(points[:, 0], points[:, 1])
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _projected(extent: Extent, target: CRS) -> Bounds:
    if target.epsg == extent.epsg:
        return extent.bounds
    change = Transformer.from_crs(extent.epsg, str(target), always_xy=True)
    west, south, east, north = change.transform_bounds(*extent.bounds, densify_pts=_EDGE_POINTS)
    return west, south, east, north


def _union(bounds: Sequence[Bounds]) -> Bounds:
    lefts, bottoms, rights, tops = zip(*bounds, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)


def _first(distance: float, resolution: float) -> int:
    return math.floor(distance / resolution + _TOLERANCE)


def _count(distance: float, resolution: float) -> int:
    return math.ceil(distance / resolution - _TOLERANCE)
