from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders_peps import (
    NAME,
    SUCCEEDED,
    WPS_ID,
    a_reference,
    a_response,
    an_exception_report,
    an_inline_report,
    an_output,
)
from peps_stac.domain import FullMajaRequest, MajaRequest, MgrsTile
from peps_stac.domain.markup import MAX_BYTES
from peps_stac.errors import AuthenticationError, RequestError, ResponseError
from peps_stac.peps.wps import (
    WpsState,
    execute_params,
    job_id_of,
    read_execute_response,
    status_params,
)
from recorded import SHARED, needs_recorded

GENERIC = SHARED / "peps" / "wps-generic"
STATUS = f"https://peps.cnes.fr/resto/wps/outputs/pywps-{WPS_ID}.xml"
REPORT = f"https://peps.cnes.fr/resto/wps/outputs/report-{WPS_ID}.json"


def test_maja_is_asked_for_one_product() -> None:
    assert execute_params(MajaRequest(product=NAME), title="peps-stac 7a1d") == {
        "service": "WPS",
        "version": "1.0.0",
        "request": "Execute",
        "identifier": "MAJA",
        "datainputs": f"product={NAME}",
        "storeExecuteResponse": "true",
        "status": "true",
        "title": "peps-stac 7a1d",
    }


def test_a_series_joins_its_inputs_with_semicolons() -> None:
    request = FullMajaRequest(
        tile=MgrsTile.parse("31TCJ"),
        start=date(2017, 9, 1),
        end=date(2017, 11, 30),
        relative_orbit=51,
    )
    params = execute_params(request, title="t")

    assert params["identifier"] == "FULL_MAJA"
    assert params["datainputs"] == (
        "startDate=2017-09-01;completionDate=2017-11-30;tileid=31TCJ;relativeOrbitNumber=51"
    )


def test_the_status_process_is_answered_at_once() -> None:
    params = status_params(WPS_ID)

    assert params["identifier"] == "PROCESSING_STATUS"
    assert params["datainputs"] == f"wps_id={WPS_ID}"
    assert (params["storeExecuteResponse"], params["status"]) == ("false", "false")
    assert "title" not in params


@pytest.mark.parametrize("product", ["", "A;tileid=31TCJ", "A=B", "[A]", "A B", "A\n", "A@x"])
def test_an_input_that_would_become_two_is_refused(product: str) -> None:
    with pytest.raises(RequestError, match="product"):
        execute_params(MajaRequest(product=product), title="t")


@pytest.mark.parametrize("job_id", ["", "a b", "x;y=z", "../x"])
def test_what_is_no_job_id_is_not_asked_for(job_id: str) -> None:
    with pytest.raises(RequestError, match="job id"):
        status_params(job_id)


@pytest.mark.parametrize(
    ("href", "job_id"),
    [
        (STATUS, WPS_ID),
        (f"http://peps-vizo.cnes.fr:8081/wps/outputs/pywps-{WPS_ID}.xml?a=b", WPS_ID),
        (f"pywps-{WPS_ID}.xml", WPS_ID),
        ("https://cida.usgs.gov/RetrieveResultServlet?id=1317765263148", None),
        (REPORT, None),
        ("https://peps.cnes.fr/resto/wps/outputs/pywps-.xml", None),
        ("https://peps.cnes.fr/pywps-x.xml/other", None),
    ],
)
def test_the_job_id_is_in_the_name_of_the_status_document(href: str, job_id: str | None) -> None:
    assert job_id_of(href) == job_id


def test_an_accepted_job_has_an_id_and_a_status_document() -> None:
    answer = read_execute_response(a_response())

    assert answer.state is WpsState.ACCEPTED
    assert answer.job_id == WPS_ID
    assert answer.status_href == STATUS
    assert answer.message == "Process MAJA accepted"
    assert answer.percent is None
    assert answer.outputs == {}
    assert answer.references == ()


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("<w:ProcessStarted percentCompleted='40'>on it</w:ProcessStarted>", ("STARTED", 40)),
        ("<w:ProcessStarted/>", ("STARTED", None)),
        ("<w:ProcessStarted percentCompleted='many'/>", ("STARTED", None)),
        ("<w:ProcessPaused percentCompleted='40'/>", ("PAUSED", 40)),
        (SUCCEEDED, ("SUCCEEDED", None)),
        ("<w:ProcessFailed/>", ("FAILED", None)),
    ],
)
def test_every_state_is_known(state: str, expected: tuple[str, float | None]) -> None:
    answer = read_execute_response(a_response(state))

    assert (answer.state.name, answer.percent) == expected


def test_references_are_taken_with_and_without_xlink() -> None:
    """The standard leaves the href of outputs unqualified; PyWPS 4 does not."""
    qualified = an_output("log", "<w:Reference x:href='https://peps.cnes.fr/resto/log'/>")
    answer = read_execute_response(a_response(SUCCEEDED, outputs=a_reference(REPORT) + qualified))

    assert answer.references == (REPORT, "https://peps.cnes.fr/resto/log")


def test_references_of_inputs_are_not_results() -> None:
    lineage = (
        "<w:DataInputs><w:Input><o:Identifier>product</o:Identifier>"
        "<w:Reference x:href='https://decoy.example/input.zip'/></w:Input></w:DataInputs>"
        "<w:OutputDefinitions><w:Output><o:Identifier>report</o:Identifier>"
        "<w:Reference href='https://decoy.example/report.json'/></w:Output></w:OutputDefinitions>"
    )
    answer = read_execute_response(
        a_response(SUCCEEDED, outputs=a_reference(REPORT), extra=lineage)
    )

    assert answer.references == (REPORT,)


def test_ampersands_in_an_address_are_decoded() -> None:
    answer = read_execute_response(
        a_response(SUCCEEDED, outputs=a_reference("https://peps.cnes.fr/resto/x?a=1&amp;b=2"))
    )

    assert answer.references == ("https://peps.cnes.fr/resto/x?a=1&b=2",)


def test_an_inline_report_is_an_output() -> None:
    answer = read_execute_response(an_inline_report({"job_status": "RUNNING", "a": "<&>"}))

    assert answer.outputs == {"report": '{"job_status": "RUNNING", "a": "<&>"}'}
    assert answer.job_id is None


def test_elements_of_other_namespaces_are_not_read() -> None:
    decoy = (
        "<n:Status xmlns:n='https://decoy.example'><n:ProcessFailed/></n:Status>"
        "<n:ProcessOutputs xmlns:n='https://decoy.example'/>"
    )

    assert read_execute_response(a_response(extra=decoy)).state is WpsState.ACCEPTED


@pytest.mark.parametrize(
    "content",
    [
        b"\n\n  " + a_response(),
        a_response().replace(b"'", b'"'),
        a_response().replace(b" ", b"\n  ").replace(b"<?xml\n", b"<?xml ", 1),
        a_response().decode().replace("utf-8", "utf-16").encode("utf-16"),
        a_response()
        .replace(b"<w:", b"<")
        .replace(b"</w:", b"</")
        .replace(b"xmlns:w=", b"xmlns=")
        .replace(b" w:processVersion='1.0'", b""),
    ],
    ids=["blanks before", "double quotes", "many lines", "utf-16", "no prefix"],
)
def test_the_way_the_xml_is_written_does_not_matter(content: bytes) -> None:
    answer = read_execute_response(content)

    assert (answer.state, answer.job_id) == (WpsState.ACCEPTED, WPS_ID)


@pytest.mark.parametrize("prefix", ["o", "w"])
def test_a_failed_job_says_why(prefix: str) -> None:
    """PEPS's own parser looks for the report in the WPS namespace."""
    failed = (
        f"<w:ProcessFailed><{prefix}:ExceptionReport><o:Exception exceptionCode='NoApplicableCode'>"
        f"<o:ExceptionText>no DEM\n here</o:ExceptionText></o:Exception></{prefix}:ExceptionReport>"
        "</w:ProcessFailed>"
    )
    answer = read_execute_response(a_response(failed))

    assert (answer.state, answer.message) == (WpsState.FAILED, "no DEM here")


def test_a_failed_job_without_text_gives_its_code() -> None:
    failed = (
        "<w:ProcessFailed><o:ExceptionReport><o:Exception exceptionCode='NoApplicableCode'/>"
        "</o:ExceptionReport></w:ProcessFailed>"
    )

    assert read_execute_response(a_response(failed)).message == "NoApplicableCode"


def test_an_exception_report_refuses_the_request() -> None:
    """It comes with HTTP status 200."""
    with pytest.raises(RequestError, match="MissingParameterValue product give one"):
        read_execute_response(an_exception_report("MissingParameterValue", "product", "give\none"))


@pytest.mark.parametrize("locator", ["identifier", "Identifier"])
def test_a_process_that_is_not_enabled_is_a_matter_of_the_account(locator: str) -> None:
    with pytest.raises(AuthenticationError, match="not enabled for this account"):
        read_execute_response(an_exception_report("InvalidParameterValue", locator))


def test_another_wrong_value_is_not_a_matter_of_the_account() -> None:
    with pytest.raises(RequestError, match="tileid"):
        read_execute_response(an_exception_report("InvalidParameterValue", "tileid"))


def test_an_exception_report_may_say_nothing() -> None:
    with pytest.raises(RequestError, match="no reason given"):
        read_execute_response(an_exception_report(None, None))


BOMB = b"""<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>"""
OUTSIDE = b"""<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>"""


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"  \n",
        b"not xml",
        b"<html><body>502 Bad Gateway</body></html>",
        b'{"ErrorMessage": "Forbidden", "ErrorCode": 403}',
        a_response()[:-20],
        a_response("<w:ProcessDreaming/>"),
        a_response().replace(b"opengis.net/wps/1.0.0", b"decoy.example"),
        b"<?xml version='1.0' encoding='no-such-encoding'?><a/>",
        b"<?xml version='1.0' encoding='utf-7'?><a/>",
        b"\xff\xfe\x00",
        b"<!DOCTYPE html>" + a_response(),
        BOMB,
        OUTSIDE,
        b" " * 10 + b"<a>" * 10 + b"x" * MAX_BYTES,
    ],
)
def test_anything_else_cannot_be_read(content: bytes) -> None:
    with pytest.raises(ResponseError) as caught:
        read_execute_response(content)

    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"<a>{text}</a>".encode()))
def test_no_bytes_make_the_reader_stumble(content: bytes) -> None:
    with pytest.raises(ResponseError):
        read_execute_response(content)


@given(start=st.integers(0, 800), length=st.integers(0, 40), junk=st.binary(max_size=20))
def test_no_damage_makes_the_reader_stumble(start: int, length: int, junk: bytes) -> None:
    whole = a_response(SUCCEEDED, outputs=a_reference(REPORT))
    damaged = whole[:start] + junk + whole[start + length :]
    try:
        read_execute_response(damaged)
    except (ResponseError, RequestError, AuthenticationError):
        return


@needs_recorded
def test_a_recorded_pywps_answer_is_read() -> None:
    answer = read_execute_response((GENERIC / "wps_PMLExecuteResponse5.xml").read_bytes())

    assert answer.state is WpsState.SUCCEEDED
    assert answer.job_id == "132078821036"
    assert answer.message == "PyWPS Process reprojectCoords successfully calculated"
    assert answer.outputs["stdout"].startswith("7504912.93758151 -764109.175074507,")
    assert answer.references == ()


@needs_recorded
def test_a_recorded_answer_without_percent_is_read() -> None:
    answer = read_execute_response((GENERIC / "wps_USGSExecuteResponse1a.xml").read_bytes())

    assert (answer.state, answer.percent) == (WpsState.STARTED, None)
    assert answer.job_id is None
    assert answer.status_href is not None
    assert answer.status_href.endswith("id=1317765263148")
    assert answer.message is None


@needs_recorded
def test_a_recorded_failure_is_read() -> None:
    content = (GENERIC / "wps_USGSExecuteInvalidRequestResponse.xml").read_bytes()
    answer = read_execute_response(content)

    assert answer.state is WpsState.FAILED
    assert answer.message == "Attribute null not found in feature collection"
