"""From where the satellite looks at a tile: detectors and viewing angles.

The instrument has 12 detectors side by side, 01 in the west of a descending pass; odd ones look
a little ahead and even ones a little behind, which is why azimuths jump between them.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely import contains_xy
from shapely.geometry.base import BaseGeometry

from peps_stac.domain import MgrsTile
from peps_stac.simulator.materials import BANDS
from peps_stac.simulator.orbits import SWATH_M, is_near, orbits_over, track_over
from peps_stac.simulator.tiling import tile_bounds

Grid = NDArray[np.float64]

STEP_M = 5000
"""Distance between the points of an angle grid."""
POINTS = 23
"""Rows and columns of an angle grid."""
DETECTORS = 12

_WIDTH_M = SWATH_M / DETECTORS
_OVERLAP_M = 1000
_ALTITUDE_M = 786_000
_EARTH_RADIUS_M = 6_371_000
_AHEAD = 0.75
_BEHIND = -0.45
_A_BAND_LATER = 0.01
_SOUTHWARDS = math.pi


@dataclass(frozen=True, slots=True)
class View:
    """The track of one pass over a tile; metres in the tile's zone."""

    northings: Grid
    """Ascending."""
    eastings: Grid
    heading: float
    """Direction of flight, radians clockwise from north."""

    def across(self, x: Grid, y: Grid) -> Grid:
        """Distance from the track, metres, positive in the east; broadcasts `x` and `y`."""
        track = np.interp(y, self.northings, self.eastings)
        return np.asarray((x - track) * abs(math.cos(self.heading)))

    def sees(self, detector: int, x: Grid, y: Grid) -> NDArray[np.bool_]:
        """Where a detector looks; neighbours overlap by 2 km."""
        middle = (detector - (DETECTORS + 1) / 2) * _WIDTH_M
        return np.asarray(np.abs(self.across(x, y) - middle) < _WIDTH_M / 2 + _OVERLAP_M)

    def angles(self, detector: int, band: str, x: Grid, y: Grid) -> tuple[Grid, Grid]:
        """Zenith and azimuth (clockwise from north) of the satellite, degrees."""
        across = self.across(x, y)
        sideways = np.degrees(np.arctan2(across, _ALTITUDE_M) + across / _EARTH_RADIUS_M)
        ahead = (_AHEAD if detector % 2 else _BEHIND) + _A_BAND_LATER * BANDS.index(band)
        to_east = self.heading - math.pi / 2
        east = -sideways * math.sin(to_east) + ahead * math.sin(self.heading)
        north = -sideways * math.cos(to_east) + ahead * math.cos(self.heading)
        azimuth = np.degrees(np.arctan2(east, north)) % 360
        return np.asarray(np.hypot(east, north), np.float64), np.asarray(azimuth, np.float64)


@dataclass(frozen=True, slots=True)
class AngleGrids:
    """Viewing angles of one band on a grid, NaN outside what each detector sees."""

    band: str
    by_detector: dict[int, tuple[Grid, Grid]]
    """Zenith and azimuth, degrees."""

    def mean(self) -> tuple[float, float]:
        """Mean zenith and azimuth over all points seen, degrees."""
        zenith = np.concatenate([one.ravel() for one, _ in self.by_detector.values()])
        azimuth = np.concatenate([one.ravel() for _, one in self.by_detector.values()])
        turn = np.radians(azimuth[~np.isnan(azimuth)])
        mean = math.degrees(math.atan2(np.sin(turn).mean(), np.cos(turn).mean()))
        return float(np.nanmean(zenith)), mean % 360


def view_of(tile: MgrsTile, relative_orbit: int) -> View:
    """How a pass sees a tile, also when it hardly does.

    An orbit that runs elsewhere, as in a hand-made record, is taken for the one that sees the
    tile best; the far north, which no pass is modelled for, for one straight overhead.
    """
    orbit = relative_orbit
    if not is_near(tile, orbit):
        orbit = next(iter(orbits_over(tile)), 0)
    if not orbit:
        xmin, ymin, xmax, ymax = tile_bounds(tile)
        middle = np.full(2, (xmin + xmax) / 2)
        return View(np.array([ymin, ymax], np.float64), middle, _SOUTHWARDS)
    track = np.array(track_over(tile, orbit))[::-1]
    east, north = track[0] - track[-1]
    heading = math.atan2(east, north) % (2 * math.pi)
    return View(northings=track[:, 1], eastings=track[:, 0], heading=heading)


def grid_points(tile: MgrsTile) -> tuple[Grid, Grid]:
    """Eastings (one row) and northings (one column) of the angle grids, metres."""
    xmin, _, _, ymax = tile_bounds(tile)
    steps = np.arange(POINTS, dtype=np.float64) * STEP_M
    return (xmin + steps)[None, :], (ymax - steps)[:, None]


def angle_grids(tile: MgrsTile, view: View, footprint: BaseGeometry) -> tuple[AngleGrids, ...]:
    """The grids of all bands, for the detectors that see the footprint.

    Args:
        tile: The tile.
        view: The pass.
        footprint: What is seen, metres in the tile's zone.
    """
    x, y = grid_points(tile)
    seen = _points_of(footprint, x, y)
    parts = {
        detector: view.sees(detector, x, y) & seen
        for detector in range(1, DETECTORS + 1)
        if (view.sees(detector, x, y) & seen).any()
    }
    # A footprint beyond the modelled swath still has angles: those of the outermost detector.
    if not parts:
        outermost = 1 if float(view.across(x, y)[seen].mean()) < 0 else DETECTORS
        parts = {outermost: seen}
    return tuple(_grids(view, band, parts, x, y) for band in BANDS)


def _grids(
    view: View, band: str, parts: dict[int, NDArray[np.bool_]], x: Grid, y: Grid
) -> AngleGrids:
    by_detector: dict[int, tuple[Grid, Grid]] = {}
    for detector, part in parts.items():
        zenith, azimuth = view.angles(detector, band, x, y)
        by_detector[detector] = (np.where(part, zenith, np.nan), np.where(part, azimuth, np.nan))
    return AngleGrids(band, by_detector)


def _points_of(footprint: BaseGeometry, x: Grid, y: Grid) -> NDArray[np.bool_]:
    """Grid points in the footprint, or the nearest one to a footprint between them."""
    east, north = np.broadcast_arrays(x, y)
    inside = np.asarray(contains_xy(footprint.buffer(STEP_M / 2), east, north))
    if not inside.any():
        middle = footprint.centroid
        nearest = np.hypot(east - middle.x, north - middle.y).argmin()
        inside.flat[nearest] = True
    return inside
