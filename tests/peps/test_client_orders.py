from datetime import UTC, datetime
from typing import Any

import pytest

from builders_peps import (
    NAME,
    SUCCEEDED,
    WPS_ID,
    Reply,
    ScriptedPeps,
    a_job_row,
    a_reference,
    a_response,
    a_token,
    an_exception_report,
    an_inline_report,
    an_output,
)
from peps_stac.domain import (
    JobReport,
    JobStatus,
    MajaRequest,
    MgrsTile,
    Order,
    Process,
    SearchQuery,
)
from peps_stac.errors import (
    AuthenticationError,
    RequestError,
    ResponseError,
    ServiceError,
)
from peps_stac.peps.client import CONNECT_PATH, WPS_PATH, PepsClient

PUBLIC = "https://peps.cnes.fr"
STATUS_PATH = f"{WPS_PATH}/outputs/pywps-{WPS_ID}.xml"
REPORT_PATH = f"{WPS_PATH}/outputs/report-{WPS_ID}.json"
JOBS_PATH = f"{WPS_PATH}/users/42/jobs"
TILE = MgrsTile.parse("31TCJ")
QUERY = SearchQuery(tiles=(TILE,))
RUNNING = {"job_status": "RUNNING", "percentCompleted": 42}


def an_order(**fields: Any) -> Order:  # noqa: ANN401 -- any field of the order
    defaults = {"process": Process.MAJA, "status": JobStatus.ORDERED, "id": WPS_ID}
    return Order(**(defaults | fields))


def test_a_submission_is_sent_once_with_its_own_title(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    peps.says(WPS_PATH, Reply.xml(a_response()))
    answer = client.submit(MajaRequest(product=NAME), submission="7a1d")

    assert answer.job_id == WPS_ID
    (request,) = peps.requests
    assert request.has_login
    assert request.params["title"] == "peps-stac 7a1d"
    assert request.params["datainputs"] == f"product={NAME}"


def test_a_failed_submission_is_not_repeated(client: PepsClient, peps: ScriptedPeps) -> None:
    """The job may run all the same (maja_peps issue 13)."""
    peps.says(WPS_PATH, Reply.json({"ErrorMessage": "proxy", "ErrorCode": 500}, 500))

    with pytest.raises(ServiceError) as caught:
        client.submit(MajaRequest(product=NAME), submission="7a1d")

    assert caught.value.arrived
    assert len(peps.requests) == 1


def test_an_exception_report_with_status_200_is_a_refusal(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    peps.says(WPS_PATH, Reply.xml(an_exception_report("InvalidParameterValue", "identifier")))

    with pytest.raises(AuthenticationError, match="not enabled"):
        client.submit(MajaRequest(product=NAME), submission="7a1d")


def test_a_report_takes_one_request(client: PepsClient, peps: ScriptedPeps) -> None:
    peps.says(WPS_PATH, Reply.xml(an_inline_report(RUNNING)))

    report = client.report(an_order())

    assert report == JobReport(job_status="RUNNING", status=JobStatus.SHIPPING, progress=42)
    (request,) = peps.requests
    assert request.has_login
    assert request.params["identifier"] == "PROCESSING_STATUS"
    assert request.params["datainputs"] == f"wps_id={WPS_ID}"


def test_a_process_that_succeeded_is_not_a_job_that_did(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    """ProcessSucceeded only hands the job to the cluster."""
    peps.says(WPS_PATH, Reply.xml(an_inline_report({"job_status": "PENDING"})))

    assert client.report(an_order()).status is JobStatus.PENDING


def test_a_report_that_comes_bare_is_read(client: PepsClient, peps: ScriptedPeps) -> None:
    peps.says(WPS_PATH, Reply.json(RUNNING))

    assert client.report(an_order()).progress == 42


@pytest.mark.parametrize("before", [b"", b"\n", b"\xef\xbb\xbf"])
def test_a_bare_report_may_have_what_is_no_part_of_it_before(
    client: PepsClient, peps: ScriptedPeps, before: bytes
) -> None:
    peps.says(WPS_PATH, Reply(before + b'{"job_status": "RUNNING"}'))

    assert client.report(an_order()).job_status == "RUNNING"


def test_the_reference_is_read_when_nothing_is_inline(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    internal = f"http://peps-vizo.cnes.fr:8081/wps/outputs/report-{WPS_ID}.json"
    archive = an_output("zip", "<w:Reference href='https://peps.cnes.fr/resto/a.zip'/>")
    peps.says(WPS_PATH, Reply.xml(a_response(SUCCEEDED, outputs=archive + a_reference(internal))))
    peps.says(REPORT_PATH, Reply.json({"USER_INFO": RUNNING}))

    assert client.report(an_order()).job_status == "RUNNING"
    assert [request.path for request in peps.requests] == [WPS_PATH, REPORT_PATH]


@pytest.mark.parametrize(
    "first",
    [
        Reply.xml(an_inline_report({})),
        Reply.xml(an_inline_report("")),
        Reply.xml(an_inline_report("<html/>")),
        Reply.xml(a_response(SUCCEEDED)),
        Reply.xml(a_response("<w:ProcessFailed/>")),
        Reply.xml(an_exception_report("NoApplicableCode", None, "unknown job")),
        Reply.xml(b""),
        Reply(b"<html>", content_type="text/html"),
        Reply.json({"ErrorMessage": "Not Found", "ErrorCode": 404}, 404),
        Reply.xml(a_response(SUCCEEDED, outputs=a_reference("https://evil.example/report.json"))),
        Reply.xml(a_response(SUCCEEDED, outputs=a_reference(f"{PUBLIC}/resto/gone.json"))),
    ],
)
def test_the_status_document_is_the_last_resort(
    client: PepsClient, peps: ScriptedPeps, first: Reply
) -> None:
    peps.says(WPS_PATH, first)
    peps.says(
        STATUS_PATH, Reply.xml(a_response(SUCCEEDED, outputs=a_reference(f"{PUBLIC}{REPORT_PATH}")))
    )
    peps.says(REPORT_PATH, Reply.json(RUNNING))

    assert client.report(an_order()).job_status == "RUNNING"
    assert all(request.has_login for request in peps.requests)


def test_a_job_that_failed_to_start_is_known_by_its_status_document(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    failed = (
        "<w:ProcessFailed><o:ExceptionReport><o:Exception><o:ExceptionText>no such product"
        "</o:ExceptionText></o:Exception></o:ExceptionReport></w:ProcessFailed>"
    )
    peps.says(WPS_PATH, Reply.xml(an_inline_report({})))
    peps.says(STATUS_PATH, Reply.xml(a_response(failed)))

    assert client.report(an_order()) == JobReport(
        job_status="ProcessFailed", status=JobStatus.FAILED, message="no such product"
    )


def test_a_failure_of_the_status_process_is_not_one_of_the_job(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    peps.says(WPS_PATH, Reply.xml(a_response("<w:ProcessFailed/>")))
    peps.says(STATUS_PATH, Reply.xml(a_response()))

    assert client.report(an_order()).status is None


def test_a_status_document_without_report_says_nothing(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    peps.says(WPS_PATH, Reply.xml(an_inline_report({})))
    peps.says(STATUS_PATH, Reply.xml(a_response()))

    assert client.report(an_order()) == JobReport(job_status=None, status=None)


def test_an_empty_report_is_better_than_a_missing_status_document(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    peps.says(WPS_PATH, Reply.xml(an_inline_report({})))
    peps.says(STATUS_PATH, Reply.json({"ErrorMessage": "proxy", "ErrorCode": 500}, 500))

    assert client.report(an_order()) == JobReport(job_status=None, status=None)


def test_the_monitor_of_the_order_is_asked_on_the_configured_service(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    monitor = "http://peps-vizo.cnes.fr:8081/wps/outputs/pywps-other.xml"
    peps.says(f"{WPS_PATH}/outputs/pywps-other.xml", Reply.json(RUNNING))

    assert client.report(an_order(monitor=monitor)).job_status == "RUNNING"


def test_when_nothing_can_be_read_the_first_reason_is_given(client: PepsClient) -> None:
    with pytest.raises(RequestError, match="Not Found"):
        client.report(an_order())


def test_a_refused_account_is_not_asked_twice(client: PepsClient, peps: ScriptedPeps) -> None:
    peps.says(WPS_PATH, Reply.json({"ErrorMessage": "Unauthorized", "ErrorCode": 401}, 401))

    with pytest.raises(AuthenticationError):
        client.report(an_order())
    assert len(peps.requests) == 1


def test_a_service_that_is_down_is_a_service_error(client: PepsClient, peps: ScriptedPeps) -> None:
    peps.says(WPS_PATH, Reply.json({"ErrorMessage": "down", "ErrorCode": 500}, 500))

    with pytest.raises(ServiceError):
        client.report(an_order())
    assert {request.path for request in peps.requests} == {WPS_PATH}


def test_an_order_without_job_id_cannot_be_asked_for(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    with pytest.raises(RequestError, match="7a1d"):
        client.report(an_order(id=None, submission="7a1d"))
    with pytest.raises(RequestError, match="7a1d"):
        client.cancel(an_order(id=None, submission="7a1d"))
    assert peps.requests == []


def a_list_of(*rows: dict[str, Any]) -> Reply:
    return Reply.json({"status": "success", "message": "WPS jobs", "data": list(rows)})


def test_the_accounts_own_jobs_are_listed(client: PepsClient, peps: ScriptedPeps) -> None:
    peps.says(CONNECT_PATH, Reply.json(a_token(sub="42")))
    peps.says(JOBS_PATH, a_list_of(a_job_row(), a_job_row(gid=4712, title=None)))

    first, second = client.jobs()

    assert (first.job_id, first.title) == (WPS_ID, "peps-stac 7a1d")
    assert first.created == datetime(2019, 7, 5, 8, tzinfo=UTC)
    assert second.title is None
    assert all(request.has_login for request in peps.requests)


def test_listed_jobs_have_whole_addresses_of_the_service_alone(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    """The server keeps file names, and an Item needs a link that leads somewhere."""
    foreign = "https://evil.example/pywps-x.xml"
    peps.says(CONNECT_PATH, Reply.json(a_token(sub="42")))
    peps.says(JOBS_PATH, a_list_of(a_job_row(), a_job_row(gid=4712, statuslocation=foreign)))

    own, other = client.jobs()

    assert own.status_href == f"{peps.url}{STATUS_PATH}"
    assert other.status_href is None


def test_canceling_takes_the_row_off_the_list(client: PepsClient, peps: ScriptedPeps) -> None:
    peps.says(CONNECT_PATH, Reply.json(a_token(sub="42")))
    peps.says(JOBS_PATH, a_list_of(a_job_row(gid=1, statuslocation="pywps-x.xml"), a_job_row()))
    peps.says(f"{JOBS_PATH}/4711", a_list_of())

    client.cancel(an_order())

    deleted = [request for request in peps.requests if request.method == "DELETE"]
    assert [request.path for request in deleted] == [f"{JOBS_PATH}/4711"]
    assert deleted[0].has_login


def test_a_job_that_is_not_listed_cannot_be_canceled(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    peps.says(CONNECT_PATH, Reply.json(a_token(sub="42")))
    peps.says(JOBS_PATH, a_list_of())

    with pytest.raises(RequestError, match="does not list job"):
        client.cancel(an_order())
    assert not [request for request in peps.requests if request.method == "DELETE"]


def test_the_login_goes_to_no_other_host(client: PepsClient, peps: ScriptedPeps) -> None:
    foreign = a_reference("https://evil.example/steal/report.json")
    peps.says(WPS_PATH, Reply.xml(a_response(SUCCEEDED, outputs=foreign)))
    peps.says(STATUS_PATH, Reply.xml(a_response(SUCCEEDED, outputs=foreign)))

    with pytest.raises(ResponseError, match=r"evil\.example"):
        client.report(an_order())
    assert [request.path for request in peps.requests] == [WPS_PATH, STATUS_PATH]


def test_addresses_in_answers_are_brought_onto_the_service(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    zip_path = f"/cgi-bin/mapcache_results/maja/{WPS_ID}/a.zip"

    assert client.resolve(f"{PUBLIC}{zip_path}") == f"{peps.url}{zip_path}"
