"""The grid of the tile, also where degrees jump."""

import pytest
from shapely.geometry import Point, box

from peps_stac.errors import RequestError
from peps_stac.loading.grid import Extent, middle_longitude, output_grid

FIJI = Extent((99960, 8090220, 209760, 8200020), 32701)
"""01KAB: the antimeridian runs through it."""
ACROSS = box(179.5, -17, 180, -16.9).union(box(-180, -17, -179.9, -16.9))


def test_a_place_across_the_antimeridian_is_one_piece() -> None:
    grid = output_grid([FIJI], crs=None, resolution=None, finest=10, places=[ACROSS])
    west, _, east, _ = grid.boundingbox

    assert grid.crs is not None
    assert grid.crs.epsg == 32701
    assert (west - FIJI.bounds[0]) % 10 == 0
    # From 179.5 to -179.9, at 17 degrees south, are 64 km.
    assert 63_000 < east - west < 66_000
    assert grid.shape[0] * 10 < 13_000


def test_the_whole_tile_is_native() -> None:
    grid = output_grid([FIJI], crs=None, resolution=None, finest=10)

    assert grid.shape == (10980, 10980)
    assert tuple(grid.affine)[:6] == (10, 0, 99960, 0, -10, 8200020)
    assert abs(middle_longitude(grid)) > 179.5


def test_the_crs_of_the_items_needs_no_resolution() -> None:
    assert output_grid([FIJI], crs=32701, resolution=None, finest=20).shape == (5490, 5490)
    with pytest.raises(RequestError, match=r"EPSG:3832.*needs resolution"):
        output_grid([FIJI], crs="EPSG:3832", resolution=None, finest=20)


def test_another_crs_has_a_round_grid_that_covers_the_tile() -> None:
    grid = output_grid([FIJI], crs="EPSG:3832", resolution=100, finest=20)

    assert grid.affine.c % 100 == 0
    assert grid.affine.f % 100 == 0
    assert grid.shape[0] * 100 > 109_800


def test_a_coarse_grid_reaches_over_the_edge_rather_than_lose_it() -> None:
    assert output_grid([FIJI], crs=None, resolution=160, finest=10).shape == (687, 687)


def test_a_point_is_a_pixel_and_a_place_elsewhere_none() -> None:
    def cut(lon: float, lat: float) -> tuple[int, int]:
        place = Point(lon, lat)
        grid = output_grid([FIJI], crs=None, resolution=None, finest=10, places=[place])
        return grid.shape[0], grid.shape[1]

    assert cut(-179.9, -16.95) == cut(179.9, -16.95) == (1, 1)
    with pytest.raises(RequestError, match="outside of the Items' tiles"):
        cut(2.0, 44.0)
