"""Which listed job a lost answer belongs to: never a guess."""

from datetime import timedelta
from typing import Any

import pytest

from builders import JOB_ID, SUBMISSION, an_order
from peps_stac.domain import JobStatus, ListedJob, Order
from peps_stac.workflow.matching import job_of, submission_in

OTHER = "11111111-2222-4333-8444-555555555555"


def lost() -> Order:
    return an_order(status=JobStatus.ORDERED, id=None)


def a_job(**changes: Any) -> ListedJob:  # noqa: ANN401 -- any field
    order = lost()
    fields: dict[str, Any] = {
        "row_id": "1",
        "job_id": JOB_ID,
        "title": None,
        "process": "MAJA",
        "inputs": order.inputs,
        "created": order.date,
    }
    return ListedJob(**{**fields, **changes})


def test_our_own_submission_id_in_the_title_decides() -> None:
    own = a_job(title=f"peps-stac {SUBMISSION}", process=None, inputs={}, created=None)

    assert job_of(lost(), [a_job(job_id="x"), own], claimed=()) == own


def test_without_titles_the_only_job_of_that_process_inputs_and_time_is_it() -> None:
    assert job_of(lost(), [a_job(), a_job(job_id="y", inputs={})], claimed=()) == a_job()


@pytest.mark.parametrize(
    "changes",
    [
        {"process": "FULL_MAJA"},
        {"inputs": {"product": "another"}},
        {"inputs": {}},
        {"created": None},
        {"job_id": None},
        {"title": f"peps-stac {OTHER}"},
    ],
    ids=str,
)
def test_a_job_that_differs_is_not_it(changes: dict[str, Any]) -> None:
    assert job_of(lost(), [a_job(**changes)], claimed=()) is None


@pytest.mark.parametrize(
    ("hours", "is_it"), [(-1.0, False), (-0.1, True), (0.1, True), (2.0, True), (3.0, False)]
)
def test_the_time_may_be_off_by_the_clock_of_paris_and_no_more(hours: float, is_it: bool) -> None:  # noqa: FBT001 -- parametrized
    created = lost().date
    assert created
    job = a_job(created=created + timedelta(hours=hours))

    assert (job_of(lost(), [job], claimed=()) is not None) == is_it


def test_of_two_such_jobs_none_is_taken() -> None:
    assert job_of(lost(), [a_job(), a_job(job_id="y")], claimed=()) is None


def test_a_job_that_another_order_claims_is_not_taken() -> None:
    assert job_of(lost(), [a_job()], claimed={JOB_ID}) is None
    assert job_of(lost(), [a_job(), a_job(job_id="y")], claimed={"y"}) == a_job()


def test_two_lost_orders_of_the_same_inputs_are_told_apart_by_title_only() -> None:
    rival = an_order(status=JobStatus.ORDERED, id=None, submission=OTHER)

    assert job_of(lost(), [a_job()], claimed=(), rivals=[rival]) is None
    own = a_job(title=f"peps-stac {SUBMISSION}")
    assert job_of(lost(), [own], claimed=(), rivals=[rival]) == own


def test_titles_of_others_hold_no_submission() -> None:
    assert submission_in("Maja-Process") is None
    assert submission_in(f"peps-stac {OTHER}") == OTHER
