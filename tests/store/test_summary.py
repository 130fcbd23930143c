"""Summaries are a monoid, and say what their Items say."""

import random
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders_store import Box, an_item
from peps_stac.store.summary import Summary

FIJI = (178.0, -19.0, -179.0, -16.0)


def summary(**changes: Any) -> Summary:  # noqa: ANN401 -- as an_item
    return Summary.from_item(an_item(**changes).to_dict())


def box(*bounds: float) -> Summary:
    return summary(bbox=bounds)


longitudes = st.one_of(st.floats(-180, 180), st.sampled_from([-180.0, -0.0, 0.0, 180.0]))
boxes = st.builds(
    lambda w, e, a, b: (w, min(a, b), e, max(a, b)),
    longitudes,
    longitudes,
    st.floats(-90, 90),
    st.floats(-90, 90),
)
summaries = st.builds(
    summary,
    bbox=boxes,
    cloud_cover=st.none() | st.floats(0, 100),
    when=st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 -- hypothesis adds it
    tile=st.sampled_from(["31TCJ", "01CCV", None]),
)


@given(st.lists(summaries, max_size=8), st.randoms())
def test_the_order_of_unions_does_not_matter(parts: list[Summary], order: random.Random) -> None:
    shuffled = list(parts)
    order.shuffle(shuffled)
    cut = len(shuffled) // 2
    grouped = Summary.of(shuffled[:cut]).union(Summary.of(shuffled[cut:]))

    assert grouped == Summary.of(parts)
    assert orjson.dumps(grouped.to_json()) == orjson.dumps(Summary.of(parts).to_json())


@given(summaries)
def test_the_empty_summary_changes_nothing(one: Summary) -> None:
    assert one.union(Summary()) == one == Summary().union(one)


@given(st.lists(summaries, max_size=4))
def test_json_brings_back_the_same_summary(parts: list[Summary]) -> None:
    whole = Summary.of(parts)

    assert Summary.from_json(orjson.loads(orjson.dumps(whole.to_json()))) == whole


@given(st.lists(boxes, min_size=1, max_size=6), st.randoms())
def test_every_bbox_lies_in_the_bbox_of_all(found: list[Box], random_: random.Random) -> None:
    def holds(outer: Box, longitude: float) -> bool:
        west, _, east, _ = outer
        turns = [turn + longitude for turn in (-360, 0, 360)]
        last = east if west <= east else east + 360
        return any(west - 1e-9 <= turn <= last + 1e-9 for turn in turns)

    hull = Summary.of(box(*bounds) for bounds in found).narrowest_bbox

    assert hull is not None
    for west, south, east, north in found:
        width = (east - west) % 360 if west > east else east - west
        inside = (west + width * random_.random() + 180) % 360 - 180
        assert hull[1] <= south <= north <= hull[3]
        assert holds(hull, west)
        assert holds(hull, east)
        assert holds(hull, inside)


def test_two_boxes_of_one_continent_have_their_hull() -> None:
    both = box(0.5, 43.0, 1.9, 44.0).union(box(-1.0, 42.0, 0.2, 43.0))

    assert both.narrowest_bbox == (-1.0, 42.0, 1.9, 44.0)


def test_a_box_across_the_antimeridian_stays_narrow() -> None:
    assert box(*FIJI).narrowest_bbox == FIJI


def test_boxes_on_both_sides_of_the_antimeridian_meet_there() -> None:
    both = box(178.0, -19.0, 179.5, -16.0).union(box(-179.5, -20.0, -179.0, -17.0))

    assert both.narrowest_bbox == (178.0, -20.0, -179.0, -16.0)


def test_boxes_that_touch_the_antimeridian_meet_there() -> None:
    both = box(179.0, 0.0, 180.0, 1.0).union(box(-180.0, 0.0, -179.0, 1.0))

    assert both.narrowest_bbox == (179.0, 0.0, -179.0, 1.0)


def test_fiji_and_toulouse_span_the_world() -> None:
    whole = box(*FIJI).union(box(-1.0, 43.0, 1.0, 44.0)).narrowest_bbox

    assert whole == (-180.0, -19.0, 180.0, 44.0)


def test_an_item_without_bbox_adds_none() -> None:
    document = an_item().to_dict() | {"bbox": None, "geometry": None}

    assert Summary.from_item(document).narrowest_bbox is None
    assert Summary.from_item(document).count == 1


def test_a_bbox_with_heights_counts_without_them() -> None:
    document = an_item().to_dict() | {"bbox": [1.0, 2.0, 0.0, 3.0, 4.0, 900.0]}

    assert Summary.from_item(document).narrowest_bbox == (1.0, 2.0, 3.0, 4.0)


def test_the_interval_reaches_from_first_start_to_last_end() -> None:
    one = summary(start_datetime="2017-11-27T10:58:27.648Z", end_datetime="2017-11-27T10:59:00Z")
    other = summary(when=datetime(2017, 11, 27, 10, 58, 59, 123456, UTC))

    assert one.union(other).interval == ("2017-11-27T10:58:27.648Z", "2017-11-27T10:59:00Z")
    assert other.interval[0] == "2017-11-27T10:58:59.123456Z"


def test_values_are_listed_once_and_ranges_kept() -> None:
    both = summary(platform="sentinel-2b", cloud_cover=3.0).union(summary(cloud_cover=None))

    assert both.collection_summaries == {
        "platform": ["sentinel-2a", "sentinel-2b"],
        "constellation": ["sentinel-2"],
        "instruments": ["msi"],
        "gsd": [10],
        "grid:code": ["MGRS-31TCJ"],
        "eo:cloud_cover": {"minimum": 3.0, "maximum": 3.0},
    }


@pytest.mark.parametrize("document", [{}, {"count": 1}, {"count": 1, "interval": "x"}])
def test_a_foreign_summary_is_not_read(document: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Summary.from_json(document)
