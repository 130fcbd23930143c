"""Where a product has an image: the edge mask EDG as a few vertices in longitude and latitude.

Of the area that the mask calls valid, 1 % may be given up for a simple outline: 0.1 % in specks
beside the image, 0.5 % in holes (lines that a detector lost, single pixels) and the rest to
straight lines in place of stairs. Where that is not enough the tolerance is halved, down to the
outline of every pixel. A full-size mask of mere noise alone is drawn larger than it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import shapes
from rasterio.transform import Affine
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from peps_stac.raster.files import gdal, opened
from peps_stac.stac.geometry import to_wgs84

_TOLERANCE_M = 100.0
"""Far below what shows on a map of a tile, and enough for four to ten vertices a swath."""
_SPECKS = 0.001
_HOLES = 0.005
_ERROR = 0.009
"""Of the area, all taken together: less than 1 %, of which the reprojection needs little."""
_GAP_PIXELS = 6
"""Gaps up to this between two pieces are lines that a detector lost."""
_MAX_VERTICES = 30_000
"""Beyond it, simplifying takes minutes; a swath has some ten thousand before."""
_MAX_EDGES = 400_000
"""Pixel edges between valid and not: ten times those of a swath with lost lines."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """The valid part of one product."""

    geometry: BaseGeometry
    """WGS 84, longitude first, long edges sampled; one polygon or several."""
    valid_percent: float
    """Percent of the tile's pixels that the mask calls valid, 0 to 100."""
    tolerance_m: float
    """How far in UTM an edge may lie from the mask's; 0: it follows every pixel."""


def footprint_of(edg: bytes, *, epsg: int, tolerance_m: float | None = None) -> Footprint | None:
    """The footprint that an edge mask draws.

    Args:
        edg: `*_EDG_R2.tif` (or R1): 0 is valid, anything else outside the image.
        epsg: EPSG code of the tile's CRS, e.g. 32631.
        tolerance_m: To begin with; None: 100 m.

    Returns:
        The footprint; None when nothing is valid.

    Raises:
        DownloadError: The mask is damaged.
    """
    with gdal(), opened(edg, Path("EDG")) as mask:
        valid: NDArray[Any] = mask.read(1) == 0
        transform = mask.transform
    count = int(np.count_nonzero(valid))
    if not count:
        return None
    area = count * abs(transform.determinant)
    tame, coarse = _tamed(valid, transform)
    simple, tolerance = _simplified(_outline(tame, coarse), area, transform.a, tolerance_m)
    if coarse.a > transform.a:
        tolerance = max(tolerance, coarse.a)
    return Footprint(to_wgs84(simple, epsg), 100 * count / valid.size, tolerance)


def _tamed(valid: NDArray[Any], transform: Affine) -> tuple[NDArray[Any], Affine]:
    """The mask in larger pixels, valid where any is, while it is noise rather than an edge."""
    while _edges(valid) > _MAX_EDGES:
        rows, columns = valid.shape[0] // 2, valid.shape[1] // 2
        fours = valid[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2)
        valid, transform = np.asarray(fours.any((1, 3))), transform * Affine.scale(2)
    return valid, transform


def _edges(valid: NDArray[Any]) -> int:
    across = np.count_nonzero(valid[:, 1:] != valid[:, :-1])
    return int(across + np.count_nonzero(valid[1:] != valid[:-1]))


def _simplified(
    exact: BaseGeometry, area: float, pixel: float, tolerance_m: float | None
) -> tuple[BaseGeometry, float]:
    """The outline with few vertices, and the tolerance in metres at which it kept its area."""
    if shapely.get_num_coordinates(exact) > _MAX_VERTICES:
        return exact, 0.0
    for tolerance in _tolerances(_TOLERANCE_M if tolerance_m is None else tolerance_m, pixel):
        simple = shapely.simplify(exact, tolerance)
        if simple.is_valid and _keeps(area, simple):
            return _without_gaps(simple, area, _GAP_PIXELS * pixel), tolerance
    return exact, 0.0


def _keeps(area: float, geometry: BaseGeometry) -> bool:
    return bool(abs(geometry.area - area) <= _ERROR * area)


def _tolerances(first: float, pixel: float) -> Iterator[float]:
    tolerance = first
    while tolerance > pixel / 4:
        yield tolerance
        tolerance /= 2


def _outline(valid: NDArray[Any], transform: Affine) -> BaseGeometry:
    """Every pixel's edge, without specks and small holes."""
    if valid.all():
        rows, columns = valid.shape
        return box(*_bounds(transform, rows, columns))
    drawn = shapes(valid.view(np.uint8), mask=valid, connectivity=4, transform=transform)
    rings = (shape["coordinates"] for shape, _ in drawn)
    pieces = [Polygon(shell, holes) for shell, *holes in rings]
    area = sum(piece.area for piece in pieces)
    return shapely.union_all(_without_small_holes(_without_specks(pieces, area), area))


def _without_specks(pieces: list[Polygon], area: float) -> list[Polygon]:
    pieces = sorted(pieces, key=lambda piece: float(piece.area))
    specks = _how_many([piece.area for piece in pieces[:-1]], _SPECKS * area)
    return pieces[specks:]


def _without_small_holes(pieces: list[Polygon], area: float) -> list[Polygon]:
    holes = sorted(Polygon(ring).area for piece in pieces for ring in piece.interiors)
    small = _how_many(holes, _HOLES * area)
    if not small:
        return pieces
    largest = holes[small - 1]
    return [
        Polygon(piece.exterior, [r for r in piece.interiors if Polygon(r).area > largest])
        for piece in pieces
    ]


def _how_many(ascending: list[float], budget: float) -> int:
    """How many of the smallest areas there are within a budget; of equal ones all or none."""
    within = int(np.searchsorted(np.cumsum(ascending), budget, side="right"))
    if 0 < within < len(ascending):
        within = int(np.searchsorted(ascending, ascending[within], side="left"))
    return within


def _without_gaps(geometry: BaseGeometry, area: float, width: float) -> BaseGeometry:
    """Pieces that only a narrow gap divides are one, if the area allows it."""
    if isinstance(geometry, Polygon):
        return geometry
    grown = geometry.buffer(width / 2, join_style="mitre")
    joined = grown.buffer(-width / 2, join_style="mitre")
    fewer = shapely.get_num_geometries(joined) < shapely.get_num_geometries(geometry)
    return joined if fewer and joined.is_valid and _keeps(area, joined) else geometry


def _bounds(transform: Affine, rows: int, columns: int) -> tuple[float, float, float, float]:
    (west, north), (east, south) = transform * (0, 0), transform * (columns, rows)
    return west, south, east, north
