"""Footprints: kept as they are, changed only where RFC 7946 asks for it."""

import math
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import GeometryCollection, MultiPolygon, Point, Polygon, box, mapping, shape
from shapely.geometry.base import BaseGeometry

from builders import a_footprint
from peps_stac.domain import Grid
from peps_stac.stac.geometry import geometry_and_bbox, lawful, tile_outline, to_wgs84

Ring = list[tuple[float, float]]

TILE_31TCJ = Grid(300000.0, 4900020.0, 10.0, -10.0, 10980, 10980)
TILE_01KAB = Grid(99960.0, 8200000.0, 10.0, -10.0, 10980, 10980)
"""Its west edge lies beyond the antimeridian."""

degrees_east = st.floats(-180, 180)
degrees_north = st.floats(-80, 80)
sizes = st.floats(0.01, 60)


def written(footprint: BaseGeometry) -> tuple[dict[str, Any], list[float]]:
    geometry, bbox = geometry_and_bbox(footprint)
    assert geometry is not None
    assert bbox is not None
    return geometry, bbox


def as_lists(geometry: BaseGeometry) -> Any:  # noqa: ANN401 -- nested positions
    def lists(value: Any) -> Any:  # noqa: ANN401
        return [lists(each) for each in value] if isinstance(value, tuple | list) else value

    return lists(mapping(geometry)["coordinates"])


def parts(geometry: dict[str, Any]) -> list[Polygon]:
    place = shape(geometry)
    assert isinstance(place, MultiPolygon)
    return list(place.geoms)


def wrapped(longitude: float) -> float:
    return longitude - 360 if longitude > 180 else longitude


def rectangle(west: float, south: float, width: float, height: float) -> Ring:
    """Counterclockwise, longitudes as a service writes them."""
    east, north = west + width, min(south + height, 90.0)
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return [(wrapped(x), y) for x, y in corners]


def test_a_lawful_footprint_keeps_type_and_coordinates() -> None:
    geometry, bbox = written(a_footprint())

    assert geometry["type"] == "MultiPolygon"
    assert geometry["coordinates"] == as_lists(a_footprint())
    assert bbox == [0.48, 43.24, 1.87, 44.25]


def test_a_polygon_stays_a_polygon() -> None:
    polygon = Polygon([(0, 0), (1, 0), (1, 1), (0, 0)])

    assert written(polygon)[0] == {"type": "Polygon", "coordinates": as_lists(polygon)}


def test_all_digits_of_a_coordinate_are_kept() -> None:
    ring = [(146.07570757577, 13.478316386477), (147.09017897872, 13.480000948125), (147, 14.4)]

    coordinates = written(Polygon(ring))[0]["coordinates"]

    assert coordinates[0][0] == [146.07570757577, 13.478316386477]


def test_the_bbox_is_the_bounds_of_the_written_geometry() -> None:
    geometry, bbox = written(a_footprint())

    assert bbox == list(shape(geometry).bounds)


def test_a_ring_that_winds_the_wrong_way_is_turned_round() -> None:
    """RFC 7946, section 3.1.6: exterior rings are counterclockwise, holes clockwise."""
    hole = [(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.2)]
    clockwise = Polygon([(0, 0), (0, 1), (1, 1), (1, 0), (0, 0)], [hole])

    turned = shape(written(clockwise)[0])

    assert isinstance(turned, Polygon)
    assert turned.exterior.is_ccw
    assert not turned.interiors[0].is_ccw
    assert turned.equals(clockwise)


def test_height_is_dropped() -> None:
    """A bbox of four numbers goes with positions of two."""
    high = Polygon([(0, 0, 9), (1, 0, 9), (1, 1, 9)])

    assert written(high)[0]["coordinates"] == [[[0, 0], [1, 0], [1, 1], [0, 0]]]


@pytest.mark.parametrize(
    "footprint",
    [None, Polygon(), Polygon([(0, 0), (1, 1), (2, 2), (0, 0)])],
    ids=["none", "empty", "without area"],
)
def test_no_place_is_an_absent_fact(footprint: BaseGeometry | None) -> None:
    assert geometry_and_bbox(footprint) == (None, None)


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_numbers_that_are_none_are_no_place(number: float) -> None:
    assert geometry_and_bbox(Point(number, 1.0)) == (None, None)


def test_a_point_is_kept() -> None:
    assert geometry_and_bbox(Point(1.5, 2.5)) == (
        {"type": "Point", "coordinates": [1.5, 2.5]},
        [1.5, 2.5, 1.5, 2.5],
    )


def test_a_ring_that_crosses_itself_is_repaired() -> None:
    bow_tie = Polygon([(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)])

    geometry, bbox = written(bow_tie)

    assert shape(geometry).is_valid
    assert geometry["type"] == "MultiPolygon"
    assert shape(geometry).area == pytest.approx(0.5)
    assert bbox == [0, 0, 1, 1]


def test_a_repair_leaves_areas_only() -> None:
    """A spike becomes a line when it is cut off; a footprint is an area."""
    with_spike = Polygon([(0, 0), (2, 0), (1, 0), (1, 1), (0, 1), (0, 0)])

    assert written(with_spike)[0]["type"] == "Polygon"


def test_a_ring_from_minus_179_to_179_is_split_at_the_antimeridian() -> None:
    """RFC 7946, sections 3.1.9 and 5.2."""
    ring = [(179.0, -17.0), (-179.0, -17.0), (-179.0, -16.0), (179.0, -16.0), (179.0, -17.0)]

    geometry, bbox = written(Polygon(ring))

    east, west = parts(geometry)
    assert geometry["type"] == "MultiPolygon"
    assert east.equals(box(179, -17, 180, -16))
    assert west.equals(box(-180, -17, -179, -16))
    assert bbox == [179.0, -17.0, -179.0, -16.0]


def test_a_clockwise_ring_across_the_antimeridian_is_split_too() -> None:
    ring = [(179.0, -17.0), (179.0, -16.0), (-179.0, -16.0), (-179.0, -17.0), (179.0, -17.0)]

    geometry, bbox = written(MultiPolygon([Polygon(ring)]))

    assert all(part.exterior.is_ccw for part in parts(geometry))
    assert bbox == [179.0, -17.0, -179.0, -16.0]


def test_coordinates_beyond_180_are_brought_back() -> None:
    assert written(box(179, -17, 181, -16))[1] == [179.0, -17.0, -179.0, -16.0]


def test_the_antimeridian_written_from_the_other_side_is_no_crossing() -> None:
    ring = [(179.5, -17.0), (-180.0, -17.0), (-180.0, -16.0), (179.5, -16.0), (179.5, -17.0)]

    geometry, bbox = written(Polygon(ring))

    assert shape(geometry).equals(box(179.5, -17, 180, -16))
    assert bbox == [179.5, -17.0, 180.0, -16.0]


def test_what_the_service_split_itself_is_kept() -> None:
    halves = MultiPolygon([box(179, -17, 180, -16), box(-180, -17, -179, -16)])

    geometry, bbox = written(halves)

    assert geometry["coordinates"] == as_lists(halves)
    assert bbox == [179.0, -17.0, -179.0, -16.0]


def test_a_hole_across_the_antimeridian_is_split_with_its_ring() -> None:
    hole = [(179.5, -16.8), (-179.5, -16.8), (-179.5, -16.2), (179.5, -16.2), (179.5, -16.8)]
    shell = rectangle(179, -17, 2, 1)

    geometry, _ = written(Polygon(shell, [hole]))

    assert shape(geometry).area == pytest.approx(2 - 0.6)
    assert shape(geometry).is_valid


def test_a_hole_on_the_far_side_stays_where_it_is() -> None:
    hole = [(-179.8, -16.8), (-179.2, -16.8), (-179.2, -16.2), (-179.8, -16.2), (-179.8, -16.8)]

    geometry, _ = written(Polygon(rectangle(179, -17, 2, 1), [hole]))

    assert not shape(geometry).covers(Point(-179.5, -16.5))
    assert shape(geometry).covers(Point(179.5, -16.5))


@pytest.mark.parametrize("latitude", [80.0, -80.0])
def test_a_ring_round_a_pole_covers_the_pole(latitude: float) -> None:
    ring = [(0, latitude), (90, latitude), (179, latitude), (-90, latitude), (0, latitude)]

    geometry, bbox = written(Polygon(ring))

    assert shape(geometry).is_valid
    assert shape(geometry).covers(Point(45, math.copysign(90, latitude)))
    assert (bbox[0], bbox[2]) == (-180, 180)


def test_the_whole_world_is_no_crossing() -> None:
    assert written(box(-180, -80, 180, 80))[1] == [-180, -80, 180, 80]


def test_a_collection_of_geometries_is_left_alone() -> None:
    odd = GeometryCollection([Point(1, 2), box(0, 0, 1, 1)])

    assert lawful(odd).equals(odd)


@given(degrees_east, degrees_north, sizes, st.floats(0.01, 5))
def test_a_rectangle_anywhere_keeps_its_area_and_is_valid(
    west: float, south: float, width: float, height: float
) -> None:
    geometry, bbox = written(Polygon(rectangle(west, south, width, height)))

    place = shape(geometry)
    assert place.is_valid
    assert place.area == pytest.approx(width * height, rel=1e-6, abs=1e-6)
    assert place.bounds[0] >= -180
    assert place.bounds[2] <= 180
    extent = bbox[2] - bbox[0] if bbox[0] <= bbox[2] else bbox[2] - bbox[0] + 360
    assert extent == pytest.approx(width, abs=1e-6)


def test_a_repair_leaves_no_shared_edges() -> None:
    """Found by chance: a ring that runs twice along one edge."""
    ring = [(0.0, 1.0), (1.0, 0.0), (0.0, 2.0), (0.0, 1.0), (1.0, 0.0), (0.0, 0.0)]

    geometry, _ = written(Polygon(ring))

    assert shape(geometry).equals(Polygon([(0, 0), (1, 0), (0, 2)]))


def test_a_sliver_beyond_the_antimeridian_is_dropped() -> None:
    """Found by chance: GEOS could not repair what the cut had left."""
    barely_across = Polygon([(-1.0, 0.0), (-1.0, 1.0), (179.99999999999997, 0.0)])

    geometry, bbox = written(barely_across)

    assert geometry["type"] == "Polygon"
    assert bbox == [-180.0, 0.0, -1.0, 1.0]


@given(degrees_east, degrees_north, sizes, st.floats(0.01, 5))
def test_what_was_written_once_is_written_the_same_again(
    west: float, south: float, width: float, height: float
) -> None:
    once = written(Polygon(rectangle(west, south, width, height)))

    assert written(shape(once[0])) == once


def as_sent(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers as services write them; GEOS cannot even judge a ring with 1e-233 in it."""
    return st.floats(low, high).map(lambda number: round(number, 14))


@given(st.lists(st.tuples(as_sent(-180, 180), as_sent(-90, 90)), min_size=3, max_size=8))
def test_no_ring_makes_it_fail(points: Ring) -> None:
    geometry, bbox = geometry_and_bbox(Polygon(points))

    assert (geometry is None) == (bbox is None)
    if geometry is not None:
        assert shape(geometry).is_valid
        assert not shape(geometry).is_empty
        assert abs(shapely.get_coordinates(shape(geometry))).max() <= 180


@given(
    st.floats(-179, 178),
    degrees_north,
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=3, max_size=8),
)
def test_valid_rings_that_wind_right_are_never_touched(
    west: float, south: float, points: Ring
) -> None:
    hull = shapely.MultiPoint([(west + x, south + y) for x, y in points]).convex_hull
    if not isinstance(hull, Polygon) or not hull.is_valid:
        return
    sent = shapely.geometry.polygon.orient(hull)

    assert written(sent)[0]["coordinates"] == as_lists(sent)


def test_the_outline_of_a_tile_is_densified() -> None:
    """A straight edge in UTM is a curve in longitude and latitude."""
    outline = tile_outline(TILE_31TCJ, 32631)

    assert isinstance(outline, Polygon)
    assert len(outline.exterior.coords) == 4 * 20 + 1
    assert outline.exterior.is_ccw
    corners = Polygon(outline.exterior.coords[::20])
    bulge = outline.symmetric_difference(corners).area
    assert 1e-4 < bulge < 1e-2


def test_the_outline_reaches_the_corners_of_the_grid() -> None:
    """Tile 31TCJ ends at 300000 m east and 4900020 m north (ESA's tiling grid)."""
    bounds = tile_outline(TILE_31TCJ, 32631).bounds

    assert bounds == pytest.approx((0.4959286, 43.2382626, 1.888683, 44.2478307), abs=1e-6)


def test_an_outline_across_the_antimeridian_is_split() -> None:
    geometry, bbox = written(tile_outline(TILE_01KAB, 32701))

    assert geometry["type"] == "MultiPolygon"
    assert bbox[0] > bbox[2]
    assert shape(geometry).is_valid


def test_an_outline_is_written_to_seven_decimals() -> None:
    """A centimetre: more digits would only fill the disk."""
    points = shapely.get_coordinates(tile_outline(TILE_31TCJ, 32631))

    assert (points == points.round(7)).all()


@pytest.mark.parametrize("nothing", [Polygon(), box(5, 5, 5, 5)], ids=["empty", "without area"])
def test_nothing_reprojected_is_nothing(nothing: BaseGeometry) -> None:
    """As the footprint of a product without a valid pixel."""
    assert to_wgs84(nothing, 32631).is_empty


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_a_grid_off_the_earth_is_no_place() -> None:
    assert geometry_and_bbox(to_wgs84(box(1e12, 0, 1e12 + 1, 1), 32631)) == (None, None)
