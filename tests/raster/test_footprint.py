from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry

from builders_raster import NORTH, WEST, Pixels, a_geotiff
from peps_stac.errors import DownloadError
from peps_stac.raster import footprint
from peps_stac.raster.footprint import Footprint, footprint_of
from peps_stac.stac.geometry import geometry_and_bbox, to_wgs84


def draw(outside: Pixels, *, pixel_m: float = 20.0, **options: Any) -> Footprint | None:  # noqa: ANN401
    edg = a_geotiff(outside.astype(np.uint8), pixel_m=pixel_m)
    return footprint_of(edg, epsg=32631, **options)


def drawn(outside: Pixels, **options: Any) -> Footprint:  # noqa: ANN401 -- of `draw`
    found = draw(outside, **options)
    assert found is not None
    return found


def in_metres(geometry: BaseGeometry) -> BaseGeometry:
    project = Transformer.from_crs(4326, 32631, always_xy=True).transform
    moved: BaseGeometry = shapely.transform(
        geometry, lambda points: np.column_stack(project(points[:, 0], points[:, 1]))
    )
    return moved


def area_error(found: Footprint, outside: Pixels, pixel_m: float = 20.0) -> float:
    """Part of the mask's area by which the footprint's differs."""
    area = np.count_nonzero(outside == 0) * pixel_m**2
    return abs(in_metres(found.geometry).area / area - 1)


def a_swath(size: int = 1098) -> Pixels:
    """Outside east of an edge that leans as a real one does, in the steps of detectors."""
    rows, columns = np.mgrid[:size, :size]
    outside: Pixels = columns + (rows // 100 % 2) * 5 > 0.8 * size - 0.22 * rows
    return outside


def test_a_full_tile_is_its_outline() -> None:
    found = drawn(np.zeros((549, 549)))

    tile = box(WEST, NORTH - 549 * 20, WEST + 549 * 20, NORTH)
    assert found.geometry.equals(to_wgs84(tile, 32631))
    assert found.valid_percent == 100.0


def test_long_edges_are_sampled() -> None:
    """A straight edge in UTM is a curve in longitude and latitude."""
    found = drawn(np.zeros((549, 549)))

    assert 40 < shapely.get_num_coordinates(found.geometry) < 100


def test_a_swath_has_few_vertices() -> None:
    outside = a_swath()
    found = drawn(outside)

    assert isinstance(found.geometry, Polygon)
    assert found.tolerance_m == 100.0
    assert area_error(found, outside) < 0.01
    assert shapely.get_num_coordinates(found.geometry) < 120
    assert found.valid_percent == pytest.approx(100 * (1 - outside.mean()))


def test_an_edge_stays_within_the_tolerance() -> None:
    outside = a_swath()
    simple = in_metres(drawn(outside).geometry)
    exact = in_metres(drawn(outside, tolerance_m=0).geometry)

    assert simple.hausdorff_distance(exact) < 101


def test_nothing_valid_has_no_footprint() -> None:
    assert draw(np.ones((50, 50))) is None


@pytest.mark.parametrize(("row", "column"), [(0, 0), (17, 31), (49, 49)])
def test_a_single_pixel_is_a_square(row: int, column: int) -> None:
    outside = np.ones((50, 50))
    outside[row, column] = 0

    found = drawn(outside)

    west, south, east, north = in_metres(found.geometry).bounds
    assert (west, north) == pytest.approx((WEST + 20 * column, NORTH - 20 * row), abs=0.05)
    assert (east - west, north - south) == pytest.approx((20, 20), abs=0.05)


def test_a_sliver_keeps_its_area() -> None:
    outside = np.ones((1098, 1098))
    outside[:, -1] = 0

    assert area_error(drawn(outside), outside) < 0.01


def test_several_pieces_stay_apart() -> None:
    outside = np.ones((500, 500))
    outside[:100, :100] = 0
    outside[400:, 300:] = 0

    found = drawn(outside)

    assert shapely.get_num_geometries(found.geometry) == 2
    assert area_error(found, outside) < 0.01


def test_what_detectors_lose_makes_no_holes() -> None:
    outside = a_swath()
    outside[300:302, 100:600] = 1
    outside[np.random.default_rng(0).integers(0, 500, 30), np.arange(0, 600, 20)] = 1

    found = drawn(outside)

    assert isinstance(found.geometry, Polygon)
    assert not found.geometry.interiors
    assert area_error(found, outside) < 0.01


def test_a_line_lost_from_edge_to_edge_does_not_divide() -> None:
    outside = np.zeros((1098, 1098))
    outside[500:503] = 1

    assert isinstance(drawn(outside).geometry, Polygon)


def test_a_large_hole_stays() -> None:
    outside = a_swath()
    outside[200:400, 200:400] = 1

    found = drawn(outside)

    assert isinstance(found.geometry, Polygon)
    assert len(found.geometry.interiors) == 1
    assert area_error(found, outside) < 0.01


def test_specks_beside_the_image_are_left_out() -> None:
    outside = a_swath()
    outside[50, 1000] = 0

    assert isinstance(drawn(outside).geometry, Polygon)


def test_the_tolerance_shrinks_until_the_area_is_kept() -> None:
    outside = np.ones((100, 100))
    outside[20:26, 20:26] = 0

    found = drawn(outside, tolerance_m=5000)

    assert found.tolerance_m < 200
    assert area_error(found, outside) < 0.01


def test_any_value_but_zero_is_outside() -> None:
    outside = np.zeros((100, 100))
    outside[:, 50:] = 255

    assert drawn(outside).valid_percent == 50.0


def test_a_tile_on_the_antimeridian_is_split() -> None:
    edg = a_geotiff(np.zeros((549, 549), np.uint8), pixel_m=200, north=6_100_000)
    found = footprint_of(edg, epsg=32601)

    assert found is not None
    geometry, bbox = geometry_and_bbox(found.geometry)
    assert geometry is not None
    assert bbox is not None
    assert geometry["type"] == "MultiPolygon"
    assert bbox[0] > bbox[2]


def test_noise_is_drawn_in_larger_pixels_rather_than_never(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(footprint, "_MAX_EDGES", 1000)
    noise = np.random.default_rng(0).random((201, 201)) < 0.5

    found = drawn(noise)

    assert found.tolerance_m >= 40
    assert found.valid_percent == pytest.approx(50, abs=2)


def test_too_many_vertices_are_kept_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(footprint, "_MAX_VERTICES", 100)
    outside = a_swath(300)

    assert drawn(outside).tolerance_m == 0.0
    assert area_error(drawn(outside), outside) < 0.001


def test_a_damaged_mask_is_a_download_error() -> None:
    with pytest.raises(DownloadError, match="EDG"):
        footprint_of(b"not a mask", epsg=32631)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.floats(0, 1),
    st.integers(0, 2**32 - 1),
    st.sampled_from([1, 5]),
)
def test_any_mask_keeps_its_area_within_a_percent(
    rows: int, columns: int, share: float, seed: int, patch: int
) -> None:
    outside = np.random.default_rng(seed).random((rows, columns)) < share
    outside = outside.repeat(patch, axis=0).repeat(patch, axis=1)

    found = draw(outside)

    if found is None:
        assert outside.all()
    else:
        assert found.geometry.is_valid
        assert area_error(found, outside) < 0.01
