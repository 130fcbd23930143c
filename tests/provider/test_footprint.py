import pytest
from shapely import MultiPolygon, Point, Polygon, box

from builders_peps import SQUARE
from peps_stac.provider.footprint import meets, read_footprint


def test_a_polygon_is_kept_as_it_stands() -> None:
    """Records of 2018 have polygons."""
    footprint = read_footprint({"type": "Polygon", "coordinates": [SQUARE]})

    assert isinstance(footprint, Polygon)
    assert [list(pair) for pair in footprint.exterior.coords] == SQUARE


def test_a_multipolygon_of_one_part_stays_one() -> None:
    """Records from 2020 on have multipolygons."""
    footprint = read_footprint({"type": "MultiPolygon", "coordinates": [[SQUARE]]})

    assert isinstance(footprint, MultiPolygon)
    assert len(footprint.geoms) == 1


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        [],
        "POLYGON EMPTY",
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[]]},
        {"type": "MultiPolygon", "coordinates": [None]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, "1"], [1, 2], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, None], [1, 2], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, float("nan")], [1, 2], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 91], [1, 2], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [10**400, 1], [1, 2], [0, 0]]]},
        {"type": "MultiPolygon", "coordinates": []},
        {"type": "MultiPolygon", "coordinates": [[SQUARE], [[]]]},
        {"type": "Point", "coordinates": [1, 2]},
    ],
)
def test_what_is_no_area_on_earth_is_none(geometry: object) -> None:
    assert read_footprint(geometry) is None


def test_heights_are_left_out() -> None:
    ring = [[*pair, 100.0] for pair in SQUARE]
    footprint = read_footprint({"type": "Polygon", "coordinates": [ring]})

    assert footprint is not None
    assert not footprint.has_z


ACROSS = Polygon([(179.5, -17), (-179.5, -17), (-179.5, -16), (179.5, -16)])
"""One ring from 179.5 to -179.5, as PEPS writes tiles on the antimeridian."""


@pytest.mark.parametrize("lon", [179.8, 180.0, -180.0, -179.8])
def test_a_footprint_across_the_antimeridian_holds_both_sides(lon: float) -> None:
    assert meets(ACROSS, Point(lon, -16.5))
    assert meets(MultiPolygon([ACROSS]), Point(lon, -16.5))


@pytest.mark.parametrize("lon", [0.0, 178.0, -178.0])
def test_a_footprint_across_the_antimeridian_does_not_go_round_the_earth(lon: float) -> None:
    assert not meets(ACROSS, Point(lon, -16.5))


def test_holes_of_a_footprint_across_the_antimeridian_stay_holes() -> None:
    hole = [(179.9, -16.8), (-179.9, -16.8), (-179.9, -16.2), (179.9, -16.2)]
    footprint = Polygon(ACROSS.exterior.coords, [hole])

    assert not meets(footprint, Point(180.0, -16.5))
    assert meets(footprint, Point(-179.7, -16.5))


def test_two_halves_at_the_antimeridian_are_taken_as_they_are() -> None:
    halves = MultiPolygon([box(179, 0, 180, 1), box(-180, 0, -179, 1)])

    assert meets(halves, Point(-179.5, 0.5))
    assert not meets(halves, Point(0, 0.5))


def test_a_ring_that_crosses_itself_can_be_asked() -> None:
    bow_tie = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])

    assert meets(bow_tie, box(0, 0, 1, 1))
    assert not meets(bow_tie, Point(5, 5))
