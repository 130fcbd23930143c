from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from peps_stac.cli import orders
from peps_stac.cli.errors import ExitCode
from peps_stac.domain import Event, JobStatus, Order, Process, Reason
from peps_stac.workflow import TrackedOrder

NOW = datetime(2017, 12, 1, 12, tzinfo=UTC)
SCENE = "S2A_MSIL1C_20171127T105411_N0206_R051_T31TCJ_20171127T130149"


def an_order(status: JobStatus = JobStatus.SHIPPING, **facts: object) -> Order:
    order = Order(
        process=Process.MAJA,
        status=status,
        id="job-1",
        date=NOW - timedelta(minutes=65),
        inputs={"product": SCENE},
    )
    return replace(order, **facts)  # type: ignore[arg-type]  # facts of an Order, by name


def tracked(**by_item: Order) -> TrackedOrder:
    return TrackedOrder(next(iter(by_item.values())), by_item)


def one(order: Order) -> TrackedOrder:
    return TrackedOrder(order, {SCENE: order})


def test_a_row_says_what_a_person_asks_first() -> None:
    entry = one(an_order(job_status="RUNNING", progress=40.4))

    assert orders.row(entry, NOW) == (
        "31TCJ 2017-11-27 S2A",
        "MAJA",
        "shipping",
        "RUNNING",
        "40 %",
        "1 h 05 min",
        "job-1",
        "",
    )


def test_an_order_whose_answer_was_lost_is_shown_as_unconfirmed() -> None:
    entry = one(an_order(JobStatus.ORDERED, id=None, submission="uuid-1"))

    assert orders.row(entry, NOW)[-2] == "unconfirmed"
    assert orders.document(entry)["unconfirmed"] is True


def test_a_series_tells_its_tile_its_period_and_how_its_scenes_ended() -> None:
    series = an_order(
        JobStatus.SUCCEEDED,
        process=Process.FULL_MAJA,
        inputs={"tileid": "31TCJ", "startDate": "2017-10-01", "completionDate": "2017-12-31"},
    )
    lost = replace(series, status=JobStatus.FAILED, reason=Reason.UNPROCESSED)
    entry = tracked(a=series, b=series, c=lost)

    assert orders.subject(entry) == "31TCJ 2017-10-01/2017-12-31 (3 products)"
    assert orders.status(entry) == "2 succeeded, 1 failed"
    assert orders.note(entry) == "unprocessed"


CLOUDY = an_order(JobStatus.FAILED, reason=Reason.TOO_CLOUDY)
FAILED = an_order(JobStatus.FAILED, message="no elevation")
DONE = an_order(JobStatus.SUCCEEDED)
BY_HAND = an_order(JobStatus.CANCELED, history=(Event(JobStatus.CANCELED, NOW, "user"),))
KILLED = an_order(JobStatus.CANCELED, history=(Event(JobStatus.CANCELED, NOW, "report"),))


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ((), ExitCode.DONE),
        ((DONE, CLOUDY, BY_HAND), ExitCode.DONE),
        ((DONE, FAILED), ExitCode.PARTLY_FAILED),
        ((DONE, KILLED), ExitCode.PARTLY_FAILED),
        ((FAILED,), ExitCode.FAILED),
        ((FAILED, an_order()), ExitCode.STILL_RUNNING),
    ],
)
def test_the_exit_code_tells_running_from_failed_from_done(
    found: tuple[Order, ...], code: ExitCode
) -> None:
    assert orders.exit_code(map(one, found)) == code


def test_the_summary_counts_scenes_and_gives_the_reason_where_there_is_one() -> None:
    entries = [one(DONE), one(CLOUDY), one(DONE)]

    assert orders.summary(entries) == "2 succeeded, 1 too_cloudy"
