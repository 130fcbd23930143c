from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peps_stac.domain import FullMajaRequest, JobStatus, MajaRequest, MgrsTile
from peps_stac.errors import PepsStacError, ResponseError
from peps_stac.ogc.documents import (
    execute_document,
    no_file,
    read_job_id,
    read_jobs,
    read_location,
    read_next,
    read_results,
    read_status,
)

URL = "https://maja.example/ogc/jobs/7/results"
ZIP = "https://files.example/SENTINEL2A_20171127-105827-462_L2A_T31TCJ_C_V1-0.zip"
LOG = "https://files.example/job.log"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
FIELDS = st.sampled_from(
    ["jobID", "id", "status", "message", "progress", "jobs", "href", "type", "links", "rel"]
)
DOCUMENTS = JSON | st.dictionaries(FIELDS, JSON | st.just([{"rel": "next", "href": "http://["}]))


def test_an_execution_asks_for_one_document_with_the_inputs_as_they_are() -> None:
    assert execute_document(MajaRequest("S2A_MSIL1C_X")) == {
        "inputs": {"product": "S2A_MSIL1C_X"},
        "response": "document",
    }


def test_a_series_has_the_same_inputs_as_on_peps() -> None:
    start, end = datetime(2017, 10, 1, tzinfo=UTC).date(), datetime(2017, 12, 1, tzinfo=UTC).date()
    series = FullMajaRequest(MgrsTile.parse("31TCJ"), start, end, relative_orbit=51)

    assert execute_document(series)["inputs"] == {
        "startDate": "2017-10-01",
        "completionDate": "2017-12-01",
        "tileid": "31TCJ",
        "relativeOrbitNumber": "51",
    }


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("accepted", JobStatus.PENDING),
        ("running", JobStatus.SHIPPING),
        ("successful", JobStatus.SUCCEEDED),
        ("failed", JobStatus.FAILED),
        ("dismissed", JobStatus.CANCELED),
        ("Running", JobStatus.SHIPPING),
        ("paused", None),
    ],
)
def test_every_word_of_the_standard_is_known_and_others_are_kept(
    word: str, status: JobStatus | None
) -> None:
    report = read_status({"jobID": "7", "type": "process", "status": word})

    assert (report.job_status, report.status) == (word, status)


def test_a_status_tells_progress_and_message() -> None:
    report = read_status({"status": "running", "progress": 42, "message": "date 3\nof 7"})

    assert report.progress == 42.0
    assert report.message == "date 3 of 7"


@pytest.mark.parametrize("progress", [None, "", -1, 101, True, [], "half"])
def test_a_progress_that_is_none_is_unknown(progress: object) -> None:
    assert read_status({"status": "running", "progress": progress}).progress is None


@pytest.mark.parametrize("document", [None, [], {}, "successful", {"status": None}, {"status": 5}])
def test_what_has_no_state_is_no_status(document: object) -> None:
    with pytest.raises(ResponseError, match="no `status`"):
        read_status(document)


@pytest.mark.parametrize(
    ("document", "job_id"),
    [
        ({"jobID": "a-b", "status": "accepted"}, "a-b"),
        ({"jobID": "a-b"}, "a-b"),
        ({"id": "a-b", "status": "accepted"}, "a-b"),
        ({"id": "echo", "value": "Hello"}, None),
        ({"jobID": ""}, None),
        ({"jobID": "../../home"}, None),
        ({"jobID": ".."}, None),
        ({"jobID": "a/b"}, None),
        ({"jobID": "a\nb"}, None),
        ({"jobID": "urn:uuid:a.b~c@d=e+f", "status": "accepted"}, "urn:uuid:a.b~c@d=e+f"),
        ([], None),
        (None, None),
    ],
)
def test_a_job_is_known_by_its_id_and_no_result_is_taken_for_one(
    document: object, job_id: str | None
) -> None:
    """What runs at once may answer `{"id": "echo", ...}`: the name of a result.

    An id is part of addresses and paths, where some would lead astray.
    """
    assert read_job_id(document) == job_id


@pytest.mark.parametrize(
    ("href", "job_id"),
    [
        ("http://localhost:5000/jobs/a-b", "a-b"),
        ("https://maja.example/ogc/jobs/a-b/?f=json", "a-b"),
        ("https://maja.example/processes/MAJA/jobs/a%3Ab", "a:b"),
        ("https://maja.example/jobs/..%2F..%2Fhome", None),
        ("https://maja.example/jobs/a-b/results", None),
        ("https://maja.example/", None),
        ("http://[", None),
        (None, None),
    ],
)
def test_an_address_of_a_job_tells_its_id(href: str | None, job_id: str | None) -> None:
    assert read_location(href) == job_id


@pytest.mark.parametrize(
    "document",
    [
        {"archive": {"href": ZIP, "type": "application/zip"}},
        {"archive": {"href": ZIP}},
        {"archive": ZIP},
        {"archives": [{"href": ZIP}, {"href": ZIP}]},
        {"outputs": [{"id": "archive", "value": {"href": ZIP}}]},
        {"id": "archive", "value": ZIP},
        {"archive": {"value": {"href": ZIP, "type": "application/octet-stream"}}},
        [ZIP],
        ZIP,
        {"href": ZIP, "rel": "results", "type": "application/x-zip-compressed"},
        {"archive": {"href": ZIP, "type": "text/html"}},
        {"archive": {"href": ZIP}, "links": [{"href": URL, "rel": "self"}]},
        {"log": {"href": LOG}, "archive": {"href": ZIP}},
        {"log": {"href": "https://files.example/7", "type": "text/plain"}, "archive": ZIP},
        {"report": LOG, "preview": "https://files.example/QKL.PNG", "archive": ZIP},
        {"size": 7, "ok": True, "nothing": None, "archive": {"href": ZIP}, "epsg": 32631},
    ],
)
def test_the_archives_among_results_are_found_in_every_shape(document: object) -> None:
    assert read_results(document, URL) == (ZIP,)


def test_results_keep_their_order() -> None:
    hrefs = [f"https://files.example/{name}.zip" for name in "bdacz"]
    nested = {"a": hrefs[0], "b": [{"href": hrefs[1]}, {"c": {"href": hrefs[2]}}], "d": hrefs[3:]}

    assert read_results(nested, URL) == tuple(hrefs)


@pytest.mark.parametrize(
    ("href", "absolute"),
    [
        ("/files/a.zip", "https://maja.example/files/a.zip"),
        ("results/a.zip", "https://maja.example/ogc/jobs/7/results/a.zip"),
        ("//files.example/a.zip", "https://files.example/a.zip"),
    ],
)
def test_a_link_is_relative_to_the_results(href: str, absolute: str) -> None:
    assert read_results({"archive": {"href": href}}, URL) == (absolute,)


@pytest.mark.parametrize(
    "document",
    [
        None,
        {},
        {"outputs": [{"id": "echo", "value": "Hello World!"}]},
        {"archive": {"href": "s3://bucket/a.zip"}},
        {"archive": {"href": "file:///etc/passwd"}},
        {"archive": {"href": "http://["}},
        {"archive": {"href": None}},
        {"log": LOG},
    ],
)
def test_results_without_an_archive_have_none(document: object) -> None:
    assert read_results(document, URL) == ()


def test_results_nested_deeper_than_python_calls_itself_are_read() -> None:
    document: Any = {"href": ZIP}
    for _ in range(20_000):
        document = [document]

    assert read_results(document, URL) == (ZIP,)


def test_what_came_instead_of_an_archive_is_told_in_short() -> None:
    told = no_file('{"outputs":\n [{"id": "echo", "value": "Hello' + "!" * 5000 + '"}]}')

    assert told.startswith("finished, and none of its results")
    assert '{"outputs": [{"id": "echo", "value": "Hello!' in told
    assert len(told) < 250


def test_a_list_has_each_job_once_and_what_it_tells() -> None:
    job = {
        "jobID": "a",
        "processID": "maja",
        "status": "running",
        "created": "2017-11-27T10:00:00Z",
    }
    nameless = {"status": "running"}
    (read,) = read_jobs({"jobs": [job, job, nameless, None, "x"]})

    assert (read.row_id, read.job_id, read.process, read.word) == ("a", "a", "maja", "running")
    assert read.created == datetime(2017, 11, 27, 10, tzinfo=UTC)
    assert read.title is None
    assert not read.inputs


def test_a_job_that_does_not_say_when_it_was_asked_for_says_when_it_began() -> None:
    (read,) = read_jobs([{"jobID": "a", "started": "2017-11-27T10:00:00Z"}])

    assert read.created == datetime(2017, 11, 27, 10, tzinfo=UTC)


@pytest.mark.parametrize("document", [None, {}, {"jobs": None}, {"jobs": {}}, "jobs", 7])
def test_what_has_no_jobs_is_no_list(document: object) -> None:
    with pytest.raises(ResponseError, match="no `jobs`"):
        read_jobs(document)


@pytest.mark.parametrize(
    ("links", "query"),
    [
        ([{"rel": "self", "href": "/jobs"}, {"rel": "next", "href": "/jobs?page=2"}], "page=2"),
        ([{"rel": "next", "href": "http://localhost:5000/jobs?a=1&f=json"}], "a=1&f=json"),
        ([{"rel": "next", "href": "/jobs"}], None),
        ([{"rel": "prev", "href": "/jobs?offset=0"}], None),
        ([None, 7], None),
        ({}, None),
        (None, None),
    ],
)
def test_a_page_names_the_next(links: object, query: str | None) -> None:
    assert read_next({"jobs": [], "links": links}) == query


@given(DOCUMENTS)
def test_whatever_json_came_is_read_or_refused(document: object) -> None:
    for read in (read_status, read_jobs, read_next, read_job_id):
        with suppress(PepsStacError):
            read(document)
    assert all(href.startswith(("http://", "https://")) for href in read_results(document, URL))


@given(st.text())
def test_whatever_text_came_is_no_reason_to_fail(text: str) -> None:
    read_location(text)
    read_results({"href": text, "other": text}, URL)
    assert "\n" not in no_file(text)
    assert orjson.dumps(no_file(text))
