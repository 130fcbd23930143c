from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peps_stac.domain.instants import (
    day_start,
    format_instant,
    format_span,
    parse_date,
    parse_instant,
    parse_interval,
)
from peps_stac.errors import RequestError


def test_an_interval_includes_its_last_day() -> None:
    """STAC API, Item Search: a bare date at the end is the whole day."""
    start, end = parse_interval("2017-11-01/2017-11-30")

    assert start == datetime(2017, 11, 1, tzinfo=UTC)
    assert end == datetime(2017, 11, 30, 23, 59, 59, 999000, tzinfo=UTC)


def test_one_day_alone_is_that_whole_day() -> None:
    start, end = parse_interval("2017-11-27")

    assert (start, end) == parse_interval("2017-11-27/2017-11-27")


@pytest.mark.parametrize("text", ["2017-11-01/..", "2017-11-01/"])
def test_an_end_may_be_open(text: str) -> None:
    assert parse_interval(text) == (datetime(2017, 11, 1, tzinfo=UTC), None)


@pytest.mark.parametrize("text", ["../..", "/", "", "2017-11-31", "November 2017", "1/2/3"])
def test_no_interval_is_one_clear_line(text: str) -> None:
    with pytest.raises(RequestError, match="--datetime"):
        parse_interval(text)


def test_a_date_that_does_not_exist_is_named_with_its_option() -> None:
    """The server answers 500 to 2023-11-31 (eodag #964)."""
    with pytest.raises(RequestError, match=r"--start: no such date: '2023-11-31'"):
        parse_date("2023-11-31", "--start")


def test_text_without_an_offset_is_utc() -> None:
    assert parse_instant("2017-11-27T10:58:27") == datetime(2017, 11, 27, 10, 58, 27, tzinfo=UTC)


def test_an_offset_is_converted() -> None:
    assert format_instant(parse_instant("2017-11-27T12:58:27+02:00")) == "2017-11-27T10:58:27Z"


def test_a_day_starts_at_midnight_utc() -> None:
    assert format_instant(day_start(date(2017, 11, 27))) == "2017-11-27T00:00:00Z"


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(1900, 1, 1)))  # noqa: DTZ001 -- hypothesis wants it naive
def test_an_instant_survives_the_round_trip_to_the_millisecond(instant: datetime) -> None:
    cut = instant.replace(microsecond=instant.microsecond // 1000 * 1000)

    assert parse_instant(format_instant(cut)) == cut


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-3, "0 s"), (45, "45 s"), (720, "12 min"), (11_100, "3 h 05 min"), (370_800, "4 d 7 h")],
)
def test_an_age_is_told_in_its_two_largest_units(seconds: float, text: str) -> None:
    assert format_span(timedelta(seconds=seconds)) == text
