from datetime import UTC, datetime

import pytest

from peps_stac.http.retry import LONGEST_BELIEVED_S, come_back, read_retry_after, wait_s

NOW = datetime(2017, 11, 27, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("1.5", 1.5),
        (" 30 ", 30.0),
        ("180000", 180.0),
        ("900000", 900.0),
        ("7200000", 7200.0),
        ("99999999", LONGEST_BELIEVED_S),
        ("9" * 400, LONGEST_BELIEVED_S),
        ("Mon, 27 Nov 2017 10:00:30 GMT", 30.0),
        ("Mon, 27 Nov 2017 10:00:30 -0000", 30.0),
        ("Mon, 27 Nov 2017 09:00:00 GMT", 0.0),
        ("Mon, 27 Nov 2017 22:00:00 GMT", 43_200.0),
        ("Mon, 27 Nov 2117 10:00:00 GMT", LONGEST_BELIEVED_S),
    ],
)
def test_retry_after_is_seconds_a_date_or_milliseconds(text: str, seconds: float) -> None:
    assert read_retry_after({"Retry-After": text}, NOW) == seconds


@pytest.mark.parametrize(("text", "seconds"), [("3601", 3601.0), ("86400", 86_400.0)])
def test_large_numbers_are_seconds_where_the_service_keeps_the_rule(
    text: str, seconds: float
) -> None:
    """A quota for a day, as GEODES or any other service may tell it."""
    assert read_retry_after({"Retry-After": text}, NOW, in_ms=False) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-5", "1e3", "nan", "٣", "Mon, 99 Foo"])
def test_what_cannot_be_read_is_no_wish(text: str) -> None:
    assert read_retry_after({"Retry-After": text}, NOW) is None


def test_no_header_is_no_wish() -> None:
    assert read_retry_after({}, NOW) is None


def test_the_second_header_of_peps_is_read_too() -> None:
    assert read_retry_after({"X-regards-retry": "180000"}, NOW) == 180.0


def test_a_date_is_measured_against_the_clock_of_the_service() -> None:
    """A clock that is a day off must not make a wait of a day."""
    headers = {
        "Retry-After": "Tue, 28 Nov 2017 10:00:30 GMT",
        "Date": "Tue, 28 Nov 2017 10:00:00 GMT",
    }

    assert read_retry_after(headers, NOW) == 30.0


def test_waits_double_up_to_a_minute() -> None:
    assert [wait_s(failures, 1.0) for failures in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_jitter_takes_away_half_at_most() -> None:
    assert wait_s(3, 0.0) == 2.0
    assert wait_s(100000, 0.0) == 30.0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "again later"),
        (0.0, "again later"),
        (180.0, "again after 2017-11-27 10:03 UTC (in 180 s)"),
        (181.0, "again after 2017-11-27 10:04 UTC (in 181 s)"),
        (57_600.0, "again after 2017-11-28 02:00 UTC (in 57600 s)"),
    ],
)
def test_when_to_come_back_is_said_by_the_clock_and_never_too_early(
    seconds: float | None, text: str
) -> None:
    assert come_back(seconds, NOW) == text
