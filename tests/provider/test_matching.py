from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from shapely import MultiPolygon, Point, Polygon, box

from builders_peps import a_product
from peps_stac.domain import MgrsTile, SearchQuery
from peps_stac.peps.resto import matches
from peps_stac.provider.matching import split_at_antimeridian

START = datetime(2019, 7, 4, 10, 56, 29, 24000, tzinfo=UTC)
SQUARE = box(1, 43, 2, 44)


def asked(**criteria: Any) -> SearchQuery:  # noqa: ANN401 -- any criterion
    return SearchQuery(**({"limit": 10} | criteria))


@pytest.mark.parametrize(("cover", "is_match"), [(12.0, True), (12.5, True), (12.51, False)])
def test_decimal_cloud_cover_is_checked_here(cover: float, *, is_match: bool) -> None:
    """The server was asked for 13 percent."""
    assert matches(a_product(cloud_cover=cover), asked(cloud_cover=12.5)) is is_match


def test_unknown_cloud_cover_matches_only_without_a_limit() -> None:
    assert matches(a_product(cloud_cover=None), asked())
    assert not matches(a_product(cloud_cover=None), asked(cloud_cover=100))


@pytest.mark.parametrize(
    ("field", "criteria"),
    [
        ({"platform": "sentinel-2b"}, {"platform": "sentinel-2a"}),
        ({"relative_orbit": 94}, {"relative_orbit": 51}),
        ({"tile": MgrsTile.parse("31TCJ")}, {"tiles": (MgrsTile.parse("31TDJ"),)}),
        ({"footprint": SQUARE}, {"point": (5.0, 43.5)}),
        ({"footprint": SQUARE}, {"bbox": (3.0, 43.0, 4.0, 44.0)}),
        ({"footprint": SQUARE}, {"intersects": Point(5.0, 43.5)}),
        ({"start": START}, {"start": START + timedelta(milliseconds=1)}),
        ({"start": START}, {"end": START - timedelta(milliseconds=1)}),
    ],
)
def test_what_is_known_to_differ_is_dropped(
    field: dict[str, object], criteria: dict[str, object]
) -> None:
    assert not matches(a_product(**field), asked(**criteria))


@pytest.mark.parametrize(
    ("field", "criteria"),
    [
        ("platform", {"platform": "sentinel-2a"}),
        ("relative_orbit", {"relative_orbit": 51}),
        ("tile", {"tiles": (MgrsTile.parse("31TDJ"),)}),
        ("footprint", {"point": (5.0, 43.5)}),
        ("footprint", {"bbox": (3.0, 43.0, 4.0, 44.0)}),
        ("level", {}),
    ],
)
def test_what_is_unknown_never_drops_a_product(field: str, criteria: dict[str, object]) -> None:
    assert matches(a_product(**{field: None}), asked(**criteria))


def test_both_ends_of_the_period_belong_to_it() -> None:
    assert matches(a_product(start=START), asked(start=START, end=START))


def test_any_of_the_tiles_will_do() -> None:
    tiles = (MgrsTile.parse("31TDJ"), MgrsTile.parse("31TCJ"))

    assert matches(a_product(), asked(tiles=tiles))


def test_a_platform_may_be_asked_for_in_the_words_of_peps() -> None:
    assert matches(a_product(platform="sentinel-2b"), asked(platform="S2B"))
    assert not matches(a_product(platform="sentinel-2b"), asked(platform="S2A"))


def test_only_tiles_that_hold_the_point_match() -> None:
    """The server looks in a square around it."""
    assert matches(a_product(footprint=SQUARE), asked(point=(1.5, 43.5)))
    assert not matches(a_product(footprint=SQUARE), asked(point=(2.001, 43.5)))


def test_box_and_geometry_must_both_be_met() -> None:
    """Only the geometry was sent."""
    both = asked(intersects=SQUARE, bbox=(1.9, 43.0, 3.0, 44.0))

    assert matches(a_product(footprint=SQUARE), both)
    assert not matches(a_product(footprint=box(1, 43, 1.5, 44)), both)


def test_a_box_across_the_antimeridian_is_met_on_either_side() -> None:
    query = asked(bbox=(179.0, -18.0, -179.0, -16.0))

    assert matches(a_product(footprint=box(178, -17, 179.2, -16)), query)
    assert matches(a_product(footprint=MultiPolygon([box(-179.5, -17, -178, -16)])), query)
    assert not matches(a_product(footprint=box(-178, -17, 178, -16)), asked(bbox=(0, 0, 1, 1)))


def test_a_footprint_in_one_ring_around_the_antimeridian_does_not_match_greenwich() -> None:
    ring = Polygon([(179.5, -17), (-179.5, -17), (-179.5, -16), (179.5, -16)])

    assert matches(a_product(footprint=ring), asked(bbox=(-180.0, -18.0, -179.9, -16.0)))
    assert not matches(a_product(footprint=ring), asked(point=(0.0, -16.5)))


def test_l2a_products_are_no_l1c() -> None:
    assert not matches(a_product(level="L2A"), asked())


def test_a_box_that_does_not_cross_stays_whole() -> None:
    assert split_at_antimeridian((1, 43, 2, 44)) == ((1, 43, 2, 44),)
