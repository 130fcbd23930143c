from datetime import UTC, datetime

import pytest

from peps_stac.provider.values import (
    one_line,
    read_count,
    read_href,
    read_instant,
    read_mapping,
    read_number,
    read_percent,
    read_text,
)


@pytest.mark.parametrize(
    "value", [None, "", "  ", "null", "None", "Not Available", "Not+Available", "NaN", 5, [], {}]
)
def test_what_says_nothing_is_no_text(value: object) -> None:
    assert read_text(value) is None


@pytest.mark.parametrize(
    ("value", "number"),
    [("12.5", 12.5), (3, 3.0), (True, None), ("twelve", None), (float("inf"), None), ([], None)],
)
def test_numbers_are_read_from_text_too(value: object, number: float | None) -> None:
    assert read_number(value) == number


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (7, 7),
        ("781865648", 781865648),
        (" 3 ", 3),
        ("3.0", 3),
        (2.0, 2),
        (2.5, None),
        (-1, None),
        ("-1", None),
        (False, None),
        (None, None),
        ("9" * 5000, None),
        (10**400, 10**400),
    ],
)
def test_counts_are_whole_and_not_negative(value: object, count: int | None) -> None:
    assert read_count(value) == count


@pytest.mark.parametrize(
    ("value", "percent"), [(0, 0), ("99.98", 99.98), (100.1, None), (-1, None)]
)
def test_percents_end_at_100(value: object, percent: float | None) -> None:
    assert read_percent(value) == percent


@pytest.mark.parametrize("text", ["2019-07-04T10:56:29Z", "2019-07-04T12:56:29+02:00"])
def test_instants_are_utc(text: str) -> None:
    assert read_instant(text) == datetime(2019, 7, 4, 10, 56, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", ["2019-02-30T00:00:00Z", "9999-12-31T23:59:59-05:00", "yesterday", 1562237789, None]
)
def test_what_is_no_instant_is_none(value: object) -> None:
    assert read_instant(value) is None


@pytest.mark.parametrize("value", ["null", "quicklook.jpg", "ftp://peps.cnes.fr/a", "http://", 3])
def test_what_is_no_web_address_is_none(value: object) -> None:
    assert read_href(value) is None


def test_the_empty_list_of_php_is_an_empty_object() -> None:
    assert read_mapping([]) == {}


def test_foreign_text_in_a_message_is_one_short_line() -> None:
    line = one_line("first\n\x1b[31msecond " + "x" * 1000)

    assert line.startswith("first ?[31msecond")
    assert len(line) == 300
