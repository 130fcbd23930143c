from datetime import date, timedelta
from typing import Any

import pytest

from builders import PRODUCT_NAME, an_order
from peps_stac.domain import Days, JobStatus, Process
from peps_stac.workflow.expected import expected_end
from peps_stac.workflow.tracking import TrackedOrder

SERIES = {"startDate": "2017-10-02", "completionDate": "2017-11-30", "tileid": "31TCJ"}
PASSES = [
    f"S2A_MSIL1C_201711{day:02}T105411_N0206_R051_T31TCJ_201711{day:02}T130149"
    for day in (2, 7, 12, 17, 22, 27)
]


def one(**facts: Any) -> TrackedOrder:  # noqa: ANN401 -- of an Order
    order = an_order(**facts)
    return TrackedOrder(order, {PRODUCT_NAME: order})


def a_series(names: list[str], **facts: Any) -> TrackedOrder:  # noqa: ANN401 -- of an Order
    order = an_order(**{"process": Process.FULL_MAJA, "inputs": SERIES, **facts})
    return TrackedOrder(order, dict.fromkeys(names, order))


def minutes(entry: TrackedOrder) -> float:
    """From the submission to the expected end."""
    end = expected_end(entry)
    assert end is not None
    assert entry.order.date is not None
    return (end - entry.order.date) / timedelta(minutes=1)


def test_one_product_takes_an_hour_and_a_date() -> None:
    assert minutes(one()) == 85


@pytest.mark.parametrize(
    "facts",
    [
        {"status": JobStatus.SUCCEEDED},
        {"status": JobStatus.CANCELED},
        {"status": JobStatus.ORDERABLE, "date": None, "id": None},
        {"status": JobStatus.ORDERED, "id": None},
    ],
    ids=["done", "canceled", "planned", "unconfirmed"],
)
def test_what_has_no_open_job_has_no_end_to_expect(facts: dict[str, Any]) -> None:
    assert expected_end(one(**facts)) is None


def test_a_series_takes_25_minutes_for_each_date_of_its_window() -> None:
    assert minutes(a_series(PASSES)) == 60 + 25 * 6


def test_the_dates_before_those_that_are_kept_take_their_time_too() -> None:
    """Six of 30 days are wanted, and 60 days are computed."""
    november = Days(date(2017, 11, 1), date(2017, 11, 30))

    assert minutes(a_series(PASSES, kept=november)) == 60 + 25 * 12


def test_two_baselines_of_one_scene_are_one_date() -> None:
    again = [name.replace("N0206", "N0500") for name in PASSES]

    assert minutes(a_series([*PASSES, *again])) == minutes(a_series(PASSES))


@pytest.mark.parametrize(
    "inputs",
    [{}, {**SERIES, "startDate": "soon"}, {**SERIES, "startDate": "2019-01-01"}],
    ids=["unknown", "odd", "backwards"],
)
def test_a_series_that_does_not_tell_its_window_is_still_expected(inputs: dict[str, str]) -> None:
    """As one that was taken over."""
    assert minutes(a_series(PASSES, inputs=inputs)) >= 85
