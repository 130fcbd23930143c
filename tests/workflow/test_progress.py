import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import a_report, an_order, utc
from peps_stac.domain import JobReport, JobStatus, Order, Process, Reason
from peps_stac.workflow.progress import SRTM_HINT, advanced, may_advance

NOW = utc("2017-12-01T10:00:00")
SCENE = "S2A_MSIL1C_20171127T105351_N0206_R051_T31TCJ_20171127T130253"


def running(**changes: object) -> Order:
    return an_order(status=JobStatus.PENDING, job_status="PENDING", progress=0.0, **changes)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("STALLED", JobStatus.SHIPPING),
        ("CANCELED", JobStatus.CANCELED),
        ("ERROR", JobStatus.FAILED),
    ],
)
def test_a_state_seen_becomes_the_orders_and_part_of_its_history(
    word: str, status: JobStatus
) -> None:
    report = a_report(job_status=word, status=status, results=())

    order = advanced(running(), report, SCENE, NOW)

    assert (order.status, order.job_status) == (status, word)
    last = order.history[-1]
    assert (last.status, last.word, last.time, last.source) == (status, word, NOW, "report")


def test_a_word_nobody_knows_changes_no_state() -> None:
    order = advanced(running(), a_report(job_status="HOVERING", status=None), SCENE, NOW)

    assert order.status is JobStatus.PENDING
    assert order.job_status == "HOVERING"
    assert order.history[-1].word == "HOVERING"


def test_the_same_report_twice_changes_nothing() -> None:
    once = advanced(running(), a_report(), SCENE, NOW)

    assert advanced(once, a_report(), SCENE, NOW) == once


WORDS = st.sampled_from([None, "PENDING", "RUNNING", "HOVERING", "FINISHED"])
PERCENTS = st.sampled_from([None, 0.0, 40.0, 100.0])
MESSAGES = st.sampled_from([None, "", "tape is slow"])
REPORTS = st.builds(
    JobReport,
    job_status=WORDS,
    status=st.sampled_from([None, *JobStatus]),
    progress=PERCENTS,
    message=MESSAGES,
)


OPEN_ORDERS = st.builds(
    an_order,
    status=st.sampled_from([one for one in JobStatus if one.is_open]),
    job_status=WORDS,
    progress=PERCENTS,
    message=MESSAGES,
    reason=st.sampled_from([None, Reason.UNPROCESSED]),
)


@given(OPEN_ORDERS, REPORTS)
def test_a_report_that_may_not_advance_an_order_does_not(order: Order, report: JobReport) -> None:
    assert may_advance(order, report) or advanced(order, report, SCENE, NOW) == order


def test_a_report_that_says_the_same_again_may_not_advance_an_order() -> None:
    report = a_report(job_status="RUNNING", status=JobStatus.SHIPPING, progress=40.0)

    once = advanced(running(), report, SCENE, NOW)

    assert not may_advance(once, report)


def test_a_job_that_finished_with_its_product_has_succeeded() -> None:
    order = advanced(running(), a_report(), SCENE, NOW)

    assert (order.status, order.reason) == (JobStatus.SUCCEEDED, None)


def test_a_finished_job_that_issues_nothing_valid_was_too_cloudy() -> None:
    results = tuple(href.replace(".zip", "_NOVALD.zip") for href in a_report().results)

    order = advanced(running(), a_report(results=results), SCENE, NOW)

    assert (order.status, order.reason) == (JobStatus.FAILED, Reason.TOO_CLOUDY)


def test_a_date_missing_from_a_finished_series_is_unprocessed() -> None:
    """The tape robot was too slow: the job is FINISHED, the series has a hole."""
    series = running(process=Process.FULL_MAJA)
    other = SCENE.replace("20171127", "20171107")

    order = advanced(series, a_report(unprocessed=1), other, NOW)

    assert (order.status, order.reason) == (JobStatus.FAILED, Reason.UNPROCESSED)


def test_a_canceled_job_beyond_srtm_says_why_it_may_be() -> None:
    report = a_report(job_status="CANCELED", status=JobStatus.CANCELED, results=())

    assert advanced(running(), report, SCENE, NOW, latitude=61.0).message == SRTM_HINT
    assert advanced(running(), report, SCENE, NOW, latitude=59.0).message is None
