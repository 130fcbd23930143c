"""Windows of a series: each one legal, and what is kept of them is the period, each day once."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peps_stac.domain import Days
from peps_stac.errors import RequestError
from peps_stac.workflow.windows import FIRST_SERIES_DAY, LEAD_IN_DAYS, windows

ONE_DAY = timedelta(days=1)
starts = st.dates(date(2015, 1, 1), date(2026, 1, 1))
lengths = st.integers(0, 4000)
lead_ins = st.integers(0, 300)


@given(starts, lengths, lead_ins)
def test_every_window_is_one_that_full_maja_takes(start: date, days: int, lead_in: int) -> None:
    end = max(start + timedelta(days=days), FIRST_SERIES_DAY)

    for window in windows(start, end, lead_in_days=lead_in):
        assert 55 <= (window.ordered.last - window.ordered.first).days <= 366
        assert window.ordered.first >= FIRST_SERIES_DAY


@given(starts, lengths, lead_ins)
def test_what_is_kept_is_the_period_without_gap_or_overlap(
    start: date, days: int, lead_in: int
) -> None:
    end = max(start + timedelta(days=days), FIRST_SERIES_DAY)

    cut = windows(start, end, lead_in_days=lead_in)

    assert cut[0].kept.first == max(start, FIRST_SERIES_DAY)
    assert cut[-1].kept.last == end
    assert all(window.kept.first <= window.kept.last for window in cut)
    assert all(a.kept.last + ONE_DAY == b.kept.first for a, b in pairwise(cut))


@given(starts, lengths, lead_ins)
def test_the_dates_that_maja_starts_from_are_not_kept(start: date, days: int, lead_in: int) -> None:
    """Except at the very beginning of what MAJA takes, where there is nothing before."""
    end = max(start + timedelta(days=days), FIRST_SERIES_DAY)

    for window in windows(start, end, lead_in_days=lead_in):
        lead = (window.kept.first - window.ordered.first).days
        assert lead >= lead_in or window.ordered.first == FIRST_SERIES_DAY
        assert window.kept.last <= window.ordered.last


@given(starts, lengths)
def test_no_more_windows_than_needed(start: date, days: int) -> None:
    end = max(start + timedelta(days=days), FIRST_SERIES_DAY)
    cut = windows(start, end)

    total = (end - cut[0].ordered.first).days + 1
    most = len(cut) * (367 - LEAD_IN_DAYS) + LEAD_IN_DAYS
    assert total <= most
    assert len(cut) == 1 or total > most - (367 - LEAD_IN_DAYS)


def test_eight_years_of_a_tile() -> None:
    cut = windows(date(2016, 4, 1), date(2024, 3, 31))

    assert len(cut) == 10
    assert len({(w.ordered.last - w.ordered.first).days // 2 for w in cut}) <= 2


def test_a_month_is_widened_backwards_and_nothing_else_is_kept() -> None:
    [window] = windows(date(2017, 11, 1), date(2017, 11, 30))

    assert window.ordered == Days(date(2017, 9, 2), date(2017, 11, 30))
    assert window.kept == Days(date(2017, 11, 1), date(2017, 11, 30))


def test_the_first_days_of_all_are_widened_forwards() -> None:
    [window] = windows(date(2016, 4, 1), date(2016, 4, 10))

    assert window.ordered == Days(date(2016, 4, 1), date(2016, 5, 26))
    assert window.kept == Days(date(2016, 4, 1), date(2016, 4, 10))


@pytest.mark.parametrize(
    ("start", "end", "lead_in", "reason"),
    [
        (date(2017, 2, 1), date(2017, 1, 1), 60, "swap the dates"),
        (date(2015, 8, 1), date(2016, 3, 31), 60, "2016-04-01"),
        (date(2017, 1, 1), date(2017, 12, 31), -1, "0 to 300"),
        (date(2017, 1, 1), date(2017, 12, 31), 301, "0 to 300"),
    ],
)
def test_what_cannot_be_is_refused(start: date, end: date, lead_in: int, reason: str) -> None:
    with pytest.raises(RequestError, match=reason):
        windows(start, end, lead_in_days=lead_in)
