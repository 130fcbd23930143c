import json
import string
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peps_stac.domain import JobReport, JobStatus
from peps_stac.errors import ResponseError
from peps_stac.peps.report import STATUS_OF_WORD, is_not_valid, read_report

RESULTS = "https://peps.cnes.fr/cgi-bin/mapcache_results/maja/5e2f"
ZIP = f"{RESULTS}/SENTINEL2B_20190704-105852-990_L2A_T31TCJ_C_V1-0.zip"
NOVALD = f"{RESULTS}/SENTINEL2B_20190714-105852-990_L2A_T31TCJ_C_NOVALD.zip"
NOTHING = JobReport(job_status=None, status=None)


def read(document: object) -> JobReport:
    return read_report(json.dumps(document))


def test_a_series_is_nested() -> None:
    said = {
        "job_status": "FINISHED",
        "results": [ZIP, NOVALD],
        "unprocessed": 2,
        "process": "100 %",
        "logs": [f"{RESULTS}/job.log"],
        "message": "two dates lost",
    }

    assert read({"USER_INFO": said}) == JobReport(
        job_status="FINISHED",
        status=JobStatus.SUCCEEDED,
        progress=100,
        results=(ZIP, NOVALD),
        unprocessed=2,
        message="two dates lost",
        logs=(f"{RESULTS}/job.log",),
    )


def test_the_servers_own_report_is_flat() -> None:
    said = {
        "job_id": "5e2f",
        "job_status": "RUNNING",
        "percentCompleted": 42,
        "results": [],
        "logs": None,
        "wms": [],
        "finishedTime": None,
    }

    assert read(said) == JobReport(job_status="RUNNING", status=JobStatus.SHIPPING, progress=42)


def test_a_report_of_one_product_is_found_in_lines() -> None:
    """The form of the script for single products: not quite JSON, searched line by line."""
    text = f"""report = {{
        "percentCompleted": 100,
        "job_status": "FINISHED",
        "results": ["{ZIP}",]
    }}"""

    assert read_report(text) == JobReport(
        job_status="FINISHED", status=JobStatus.SUCCEEDED, progress=100, results=(ZIP,)
    )


@pytest.mark.parametrize("word", ["FINISHED", "CANCELED"])
def test_lines_may_lack_the_percentage(word: str) -> None:
    report = read_report(f"state: {word}\n")

    assert (report.job_status, report.progress) == (word, None)


def test_lines_with_a_percentage_alone_tell_progress() -> None:
    report = read_report("'percentCompleted': '37',")

    assert (report.status, report.progress) == (None, 37)


def test_lines_with_two_words_tell_no_status() -> None:
    assert read_report("FINISHED or CANCELED").status is None


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("PENDING", JobStatus.PENDING),
        ("PAUSED", JobStatus.PENDING),
        ("RUNNING", JobStatus.SHIPPING),
        ("STALLED", JobStatus.SHIPPING),
        ("FINISHED", JobStatus.SUCCEEDED),
        ("CANCELED", JobStatus.CANCELED),
        ("KILLED", JobStatus.CANCELED),
        ("FAILED", JobStatus.FAILED),
        ("IN_ERROR", JobStatus.FAILED),
        ("ERROR", JobStatus.FAILED),
        ("ExceptionReport", JobStatus.FAILED),
    ],
)
def test_every_word_of_the_design_is_known(word: str, status: JobStatus) -> None:
    assert STATUS_OF_WORD[word] is status
    assert read({"job_status": word}).status is status
    assert read({"USER_INFO": {"job_status": word}}).job_status == word


def test_no_other_word_is_known() -> None:
    assert len(STATUS_OF_WORD) == 11


@pytest.mark.parametrize("word", ["DREAMING", "CANCELLED", "finished soon"])
def test_an_unknown_word_is_kept_and_means_nothing(word: str) -> None:
    report = read({"job_status": word})

    assert (report.job_status, report.status) == (word, None)


def test_case_does_not_matter_to_the_words() -> None:
    assert read({"job_status": "Finished"}).status is JobStatus.SUCCEEDED


@pytest.mark.parametrize(
    "document", [{}, [], None, {"USER_INFO": {}}, {"USER_INFO": None}, {"USER_INFO": []}]
)
def test_an_empty_report_says_nothing(document: object) -> None:
    assert read(document) == NOTHING


@pytest.mark.parametrize("word", [None, "", "null", 5, []])
def test_a_missing_word_is_no_status(word: object) -> None:
    report = read({"job_status": word, "percentCompleted": 5})

    assert (report.job_status, report.status, report.progress) == (None, None, 5)


@pytest.mark.parametrize(
    ("said", "results"),
    [
        (None, ()),
        ([], ()),
        ({}, ()),
        ("", ()),
        ("null", ()),
        (5, ()),
        (ZIP, (ZIP,)),
        (f"{ZIP}\n{NOVALD}", (ZIP, NOVALD)),
        (f"{ZIP}, {NOVALD}", (ZIP, NOVALD)),
        (f"{ZIP};{NOVALD}", (ZIP, NOVALD)),
        ("https://peps.cnes.fr/a,b.zip", ("https://peps.cnes.fr/a,b.zip",)),
        ([ZIP, ZIP, NOVALD, ZIP], (ZIP, NOVALD)),
        ([ZIP, None, "", 5, [ZIP]], (ZIP,)),
        ({"0": ZIP, "1": NOVALD}, (ZIP, NOVALD)),
    ],
)
def test_results_come_in_any_form_and_count_once(said: object, results: tuple[str, ...]) -> None:
    assert read({"job_status": "FINISHED", "results": said}).results == results


@pytest.mark.parametrize(
    ("said", "count"),
    [(3, 3), ("3", 3), (0, 0), ("0", 0), (3.0, 3), (None, None), ("some", None), (-1, None)],
)
def test_unprocessed_dates_are_counted_when_they_are_a_number(
    said: object, count: int | None
) -> None:
    report = read({"USER_INFO": {"job_status": "FINISHED", "unprocessed": said}})

    assert (report.status, report.unprocessed) == (JobStatus.SUCCEEDED, count)


@pytest.mark.parametrize(
    ("said", "percent"),
    [
        ({"percentCompleted": "42"}, 42),
        ({"percentCompleted": 42.5}, 42.5),
        ({"percentCompleted": None, "process": "17"}, 17),
        ({"process": "MAJA: 17 % done"}, 17),
        ({"process": "3 of 12"}, None),
        ({"process": "170 %"}, None),
        ({"percentCompleted": -1}, None),
        ({"process": ["17"]}, None),
    ],
)
def test_progress_is_a_percent_or_unknown(said: dict[str, object], percent: float | None) -> None:
    assert read(said).progress == percent


def test_json_inside_json_is_read() -> None:
    assert read(json.dumps({"job_status": "PENDING"})).status is JobStatus.PENDING
    assert read({"USER_INFO": json.dumps({"job_status": "PENDING"})}).status is JobStatus.PENDING


def test_a_nested_report_that_is_no_json_says_nothing() -> None:
    assert read({"USER_INFO": "not ready"}) == NOTHING


def test_a_byte_order_mark_does_not_matter() -> None:
    assert read_report(b'\xef\xbb\xbf{"job_status": "PENDING"}').status is JobStatus.PENDING


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   ",
        b"nothing to see",
        b"<html><body>FINISHED</body></html>",
        b'{"ErrorMessage": "Forbidden", "ErrorCode": 403}',
        b'{"a": 1}',
        b"[1, 2]",
        b"5",
        b"true",
        b'{"job_stat',
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_report_cannot_be_read(content: bytes) -> None:
    with pytest.raises(ResponseError) as caught:
        read_report(content)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        '{"job_status": "FINISHED',
        '{"job_status": "FINISHED", "results": ["https://peps.cnes.fr/a.zip", "https://pe',
        '{"USER_INFO": {"job_status": "FINISHED"',
        '"{\\"job_status\\": \\"FINISHED\\"',
    ],
)
def test_a_report_that_is_still_being_written_cannot_be_read(text: str) -> None:
    """The rest may hold the results of the scenes that seem to be missing."""
    with pytest.raises(ResponseError, match="cannot be read"):
        read_report(text)


@pytest.mark.parametrize(
    "href",
    [
        NOVALD,
        f"{RESULTS}/S2B_OPER_SSC_L2NOTV_31TCJ____20190704.zip",
        f"{RESULTS}/x_NOTVALD.zip?token=1",
        f"{RESULTS}/x_novald.zip",
        "x_NOVALD.zip",
    ],
)
def test_too_cloudy_dates_are_told_by_their_names(href: str) -> None:
    assert is_not_valid(href)


@pytest.mark.parametrize(
    "href", [ZIP, "https://peps.cnes.fr/NOVALD/a.zip", f"{ZIP}?was=NOVALD", "", "http://[::1"]
)
def test_only_the_name_of_the_file_tells(href: str) -> None:
    assert not is_not_valid(href)


def test_too_cloudy_dates_stay_among_the_results() -> None:
    assert read({"results": [ZIP, NOVALD]}).results == (ZIP, NOVALD)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(string.ascii_letters, max_size=10), inner, max_size=3)
    ),
    max_leaves=8,
)
KEYS = ("USER_INFO", "job_status", "results", "unprocessed", "process", "percentCompleted", "logs")


@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=6))
def test_no_report_makes_the_reader_stumble(document: dict[str, object]) -> None:
    try:
        report = read(document)
    except ResponseError:
        return
    assert report.progress is None or 0 <= report.progress <= 100
    assert len(set(report.results)) == len(report.results)


@given(st.binary(max_size=100) | st.text(max_size=100))
def test_no_text_makes_the_reader_stumble(content: bytes | str) -> None:
    try:
        read_report(content)
    except ResponseError:
        return


@pytest.mark.parametrize("text", ['"' + "zip" * 200_000, '{"process": "' + "1" * 600_000 + '"}'])
def test_a_long_text_costs_no_square_of_its_length(text: str) -> None:
    """Both took hours; found by fuzzing."""
    with suppress(ResponseError):
        assert read_report(text).progress is None
