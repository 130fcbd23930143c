import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders_peps import NAME, WPS_ID, a_job_row, a_token
from peps_stac.domain import ListedJob
from peps_stac.errors import ResponseError
from peps_stac.peps.jobs import read_jobs, user_id


def listed(*rows: object) -> tuple[ListedJob, ...]:
    return read_jobs({"status": "success", "message": "WPS jobs for user 42", "data": list(rows)})


def test_a_row_is_read_field_by_field() -> None:
    assert listed(a_job_row()) == (
        ListedJob(
            row_id="4711",
            job_id=WPS_ID,
            title="peps-stac 7a1d",
            process="MAJA",
            inputs={"product": NAME},
            created=datetime(2019, 7, 5, 8, tzinfo=UTC),
            status_href=f"/resto/wps/outputs/pywps-{WPS_ID}.xml",
            word="ProcessAccepted",
        ),
    )


def test_a_job_that_the_list_names_twice_counts_once() -> None:
    """The server joins each job with the keys of its query."""
    jobs = listed(a_job_row(), a_job_row(), a_job_row(gid=4712))

    assert [job.row_id for job in jobs] == ["4711", "4712"]


@pytest.mark.parametrize(
    "data",
    [
        {"datainputs": "startDate=2017-09-01;tileid=31TCJ"},
        {"DataInputs": "[startDate=2017-09-01;tileid=31TCJ]"},
        json.dumps({"dataInputs": " startDate=2017-09-01 ; tileid=31TCJ"}),
    ],
)
def test_inputs_are_read_from_the_query_kept_with_the_job(data: object) -> None:
    (job,) = listed(a_job_row(data=data))

    assert job.inputs == {"startDate": "2017-09-01", "tileid": "31TCJ"}


@pytest.mark.parametrize(
    "data", [None, "", "<wps:Execute/>", "[]", {}, {"datainputs": None}, {"datainputs": ""}]
)
def test_a_query_that_cannot_be_read_has_no_inputs(data: object) -> None:
    (job,) = listed(a_job_row(data=data))

    assert job.inputs == {}


def test_a_job_answered_at_once_has_no_job_id() -> None:
    (job,) = listed(a_job_row(statuslocation=None, title=None, querytime=None))

    assert (job.job_id, job.status_href, job.title, job.created) == (None, None, None, None)


def test_a_full_address_of_the_status_document_is_kept() -> None:
    href = f"https://peps.cnes.fr/resto/wps/outputs/pywps-{WPS_ID}.xml"
    (job,) = listed(a_job_row(statuslocation=href))

    assert (job.job_id, job.status_href) == (WPS_ID, href)


@pytest.mark.parametrize("document", [[], {"data": []}, {"data": {}}, {"status": "x", "data": []}])
def test_an_empty_list_has_no_jobs(document: object) -> None:
    assert read_jobs(document) == ()


@pytest.mark.parametrize(
    "document",
    [None, {}, "jobs", {"data": None}, {"status": "error", "message": "no\nway", "data": "?"}],
)
def test_anything_else_is_no_list_of_jobs(document: object) -> None:
    with pytest.raises(ResponseError) as caught:
        read_jobs(document)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("row", [None, {}, a_job_row(gid=None), a_job_row(gid="../42")])
def test_a_row_without_number_is_refused(row: object) -> None:
    """Left out, its job would look as if it had never arrived."""
    with pytest.raises(ResponseError, match="gid"):
        listed(row)


@pytest.mark.parametrize(
    "claims",
    [{"sub": "42"}, {"sub": 42}, {"data": {"userid": "42"}}, {"sub": None, "data": {"userid": 42}}],
)
def test_the_account_is_in_the_token(claims: dict[str, object]) -> None:
    assert user_id(a_token(**claims)) == "42"


def test_tokens_may_be_padded_or_not() -> None:
    for email in ("a", "ab", "abc", "ÿ?>"):
        assert user_id(a_token(sub=42, email=email)) == "42"


def encoded(content: bytes) -> str:
    return f"a.{base64.urlsafe_b64encode(content).decode()}.b"


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"token": None},
        {"token": "no-token"},
        {"token": "a.ÿ.b"},
        {"token": "a.b.c"},
        {"token": encoded(b"not json")},
        {"token": encoded(b"[]")},
        a_token(sub="../1"),
        a_token(sub="someone@example.org"),
        a_token(data=[]),
    ],
)
def test_without_an_account_the_token_is_refused(document: object) -> None:
    with pytest.raises(ResponseError, match="account"):
        user_id(document)


def test_a_refused_token_is_not_shown() -> None:
    with pytest.raises(ResponseError) as caught:
        user_id(a_token(email="hidden"))

    assert a_token(email="hidden")["token"] not in str(caught.value)


@given(st.text(max_size=60))
def test_no_token_makes_the_reader_stumble(token: str) -> None:
    with pytest.raises(ResponseError):
        user_id({"token": token})
