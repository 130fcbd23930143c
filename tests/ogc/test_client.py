import json
from collections.abc import Iterator
from typing import Any

import pytest

from builders import PRODUCT_NAME, SUBMISSION
from builders_http import Reply, Server, a_session, json_reply, the_credentials
from peps_stac.domain import JobStatus, MajaRequest, Order, Process
from peps_stac.errors import AuthenticationError, RequestError, ResponseError, ServiceError
from peps_stac.http.failures import Gone, QuotaError
from peps_stac.ogc.client import OgcClient

EXECUTION = "/ogc/processes/MAJA/execution"
JOB = "/ogc/jobs/a-b"
ZIP = "SENTINEL2A_20171127-105827-462_L2A_T31TCJ_C_V1-0.zip"
REQUEST = MajaRequest(PRODUCT_NAME)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[OgcClient]:
    options = {"credentials": the_credentials(), "files_elsewhere": True, "attempts": 2}
    with a_session(f"{server.url}/ogc", **options) as session:
        yield OgcClient(session)


def an_order(**fields: Any) -> Order:  # noqa: ANN401 -- any field of the order
    defaults = {"process": Process.MAJA, "status": JobStatus.ORDERED, "id": "a-b"}
    return Order(**(defaults | fields))


def says(document: object, status: int = 200, **headers: str) -> Reply:
    return json_reply(json.dumps(document), status, headers)


def status_of(word: str, **fields: object) -> dict[str, object]:
    return {"jobID": "a-b", "type": "process", "status": word, **fields}


def test_a_submission_is_one_request_for_a_job_of_the_process(
    client: OgcClient, server: Server
) -> None:
    server.on(EXECUTION, says(status_of("accepted"), 201, Location=f"{server.url}{JOB}"))

    answer = client.submit(REQUEST, submission=SUBMISSION)

    assert (answer.job_id, answer.word, answer.has_failed) == ("a-b", "accepted", False)
    assert answer.monitor == f"{server.url}{JOB}"
    [sent] = server.seen
    assert (sent.method, sent.headers["prefer"]) == ("POST", "respond-async")
    assert "authorization" in sent.headers
    assert json.loads(sent.body)["inputs"] == {"product": PRODUCT_NAME}


@pytest.mark.parametrize(
    "reply",
    [
        says({}, 201, Location="http://internal:5000/ogc/jobs/a-b"),
        says(None, 201, Location="/ogc/jobs/a-b?f=json"),
        Reply(201, b"", {"Location": "https://elsewhere.example/jobs/a-b"}),
        Reply(
            201, b"<html>made</html>", {"Location": "/ogc/jobs/a-b", "Content-Type": "text/html"}
        ),
        says(status_of("accepted"), 201),
        says({"jobID": "a-b"}, 202),
        says({"id": "a-b", "status": "accepted"}, 201),
        says({"outputs": [{"id": "echo", "value": "at once"}]}, 200, Location="/ogc/jobs/a-b"),
        says({"id": "echo", "value": 1, "status": 7}, 200, Location="/ogc/jobs/a-b"),
        says({"id": "echo", "value": 1, "status": "ok"}, 200, Location="/ogc/jobs/a-b"),
        says({"jobID": "a-b", "status": 7}, 201),
    ],
    ids=[
        "location of the machine behind",
        "relative location",
        "location elsewhere, no body",
        "location and a page",
        "body only",
        "202",
        "the older id",
        "results at once, and a job",
        "a result that looks like a job",
        "a result that looks more like one",
        "a state that is none",
    ],
)
def test_a_job_is_known_however_it_is_told_and_asked_for_on_the_service_only(
    reply: Reply, client: OgcClient, server: Server
) -> None:
    server.on(EXECUTION, reply)

    answer = client.submit(REQUEST, submission=SUBMISSION)

    assert answer.job_id == "a-b"
    assert answer.monitor == f"{server.url}{JOB}"
    assert len(server.seen) == 1


def test_a_job_that_failed_before_it_began_says_so(client: OgcClient, server: Server) -> None:
    server.on(EXECUTION, says(status_of("failed", message="no such product"), 201))

    answer = client.submit(REQUEST, submission=SUBMISSION)

    assert answer.has_failed
    assert answer.message == "no such product"


def test_results_at_once_without_a_job_may_have_cost_one(client: OgcClient, server: Server) -> None:
    server.on(EXECUTION, says({"archive": {"href": f"{server.url}/{ZIP}"}}))

    with pytest.raises(ResponseError, match="process MAJA answered 200 and named no job"):
        client.submit(REQUEST, submission=SUBMISSION)

    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (
            says({"type": "about:blank", "title": "Bad", "detail": "no such tile"}, 400),
            RequestError,
            "no such tile",
        ),
        (
            says({"code": "NoSuchProcess", "description": "identifier not found"}, 404),
            Gone,
            "identifier not found",
        ),
        (says({}, 401), AuthenticationError, "check the credentials"),
        (says({"title": "forbidden"}, 403), AuthenticationError, "forbidden"),
        (says({}, 500), ServiceError, "500"),
        (says({}, 307, Location="/other"), ServiceError, "redirect"),
    ],
)
def test_what_is_refused_is_told_in_the_words_of_the_service(
    reply: Reply, error: type[Exception], words: str, client: OgcClient, server: Server
) -> None:
    server.on(EXECUTION, reply)

    with pytest.raises(error, match=words) as caught:
        client.submit(REQUEST, submission=SUBMISSION)

    assert isinstance(caught.value, RequestError) or getattr(caught.value, "arrived", True)
    assert len(server.seen) == 1


def test_a_quota_was_no_submission(client: OgcClient, server: Server) -> None:
    server.on(EXECUTION, says({"detail": "one job a day"}, 429, **{"Retry-After": "3600"}))

    with pytest.raises(QuotaError, match="one job a day") as caught:
        client.submit(REQUEST, submission=SUBMISSION)

    assert not caught.value.arrived


@pytest.mark.parametrize(
    "cut", [Reply(201, b"{}", close_after=1), Reply(201, b"{}", reset_after=0)]
)
def test_a_lost_answer_may_have_made_a_job_and_is_not_asked_for_again(
    cut: Reply, client: OgcClient, server: Server
) -> None:
    server.on(EXECUTION, cut)

    with pytest.raises(ServiceError) as caught:
        client.submit(REQUEST, submission=SUBMISSION)

    assert caught.value.arrived
    assert len(server.seen) == 1


def test_a_service_may_have_other_names_for_the_processes(server: Server) -> None:
    server.on("/processes/maja%204.9/execution", says(status_of("accepted"), 201))
    server.on("/jobs", says({"jobs": [{**status_of("running"), "processID": "maja 4.9"}]}))
    with a_session(server) as session:
        client = OgcClient(session, {"MAJA": "maja 4.9"})

        assert client.submit(REQUEST, submission=SUBMISSION).job_id == "a-b"
        assert client.jobs()[0].process == "MAJA"


def test_a_running_job_is_one_question(client: OgcClient, server: Server) -> None:
    server.on(JOB, says(status_of("running", progress=40, message="date 2")))

    report = client.report(an_order())

    assert (report.status, report.progress, report.message) == (JobStatus.SHIPPING, 40.0, "date 2")
    assert len(server.seen) == 1


def test_a_successful_job_has_its_archives(client: OgcClient, server: Server) -> None:
    server.on(JOB, says(status_of("successful")))
    server.on(f"{JOB}/results", says({"archive": {"href": f"https://files.example/{ZIP}"}}))

    report = client.report(an_order())

    assert report.status is JobStatus.SUCCEEDED
    assert report.results == (f"https://files.example/{ZIP}",)


def test_a_job_that_delivers_no_archive_says_what_came_instead(
    client: OgcClient, server: Server
) -> None:
    server.on(JOB, says(status_of("successful", message="Job complete")))
    server.on(f"{JOB}/results", says({"outputs": [{"id": "echo", "value": "Hello World!"}]}))

    report = client.report(an_order())

    assert report.status is JobStatus.SUCCEEDED
    assert not report.results
    assert "Hello World!" in str(report.message)


@pytest.mark.parametrize("path", [JOB, f"{JOB}/results"])
def test_a_job_the_service_does_not_know_is_gone(
    path: str, client: OgcClient, server: Server
) -> None:
    server.on(JOB, says(status_of("successful")))
    server.on(path, says({"code": "NoSuchJob", "description": "a-b"}, 404))

    with pytest.raises(Gone, match="a-b"):
        client.report(an_order())


@pytest.mark.parametrize(
    "reply", [Reply(200, b"<html></html>", {"Content-Type": "text/html"}), says({}), says([])]
)
def test_what_is_no_status_is_refused(reply: Reply, client: OgcClient, server: Server) -> None:
    server.on(JOB, reply)

    with pytest.raises(ResponseError):
        client.report(an_order())


def test_a_dismissed_job_is_canceled(client: OgcClient, server: Server) -> None:
    server.on(JOB, says(status_of("dismissed")))

    assert client.report(an_order()).status is JobStatus.CANCELED


@pytest.mark.parametrize("verb", ["report", "cancel"])
def test_an_order_without_a_job_cannot_be_asked_for(
    verb: str, client: OgcClient, server: Server
) -> None:
    with pytest.raises(RequestError, match="no job id"):
        getattr(client, verb)(an_order(id=None, submission=SUBMISSION))

    assert not server.seen


def test_a_job_is_dismissed_by_deleting_it(client: OgcClient, server: Server) -> None:
    server.on(JOB, says(status_of("dismissed")))

    client.cancel(an_order())

    [sent] = server.seen
    assert (sent.method, sent.path) == ("DELETE", JOB)
    assert "authorization" in sent.headers


def test_the_list_is_read_page_by_page_from_the_service_itself(
    client: OgcClient, server: Server
) -> None:
    """`cancel` believes a job that is on no page to be gone."""

    def page(number: int) -> Reply:
        jobs = [{"jobID": f"{number}-{place}", "status": "running"} for place in range(2)]
        href = f"http://internal:5000/jobs?offset={number + 1}&f=json"
        return says({"jobs": jobs, "links": [{"rel": "next", "href": href}] if number < 2 else []})

    server.on("/ogc/jobs", *map(page, range(3)))

    listed = client.jobs()

    assert [job.job_id for job in listed] == ["0-0", "0-1", "1-0", "1-1", "2-0", "2-1"]
    assert listed[0].status_href == f"{server.url}/ogc/jobs/0-0"
    asked = [one.path.partition("?")[2] for one in server.seen]
    assert asked == ["f=json", "offset=1&f=json", "offset=2&f=json"]


def test_a_list_that_repeats_itself_ends(client: OgcClient, server: Server) -> None:
    links = [{"rel": "next", "href": "/jobs?offset=1"}]
    server.on("/ogc/jobs", says({"jobs": [status_of("running")], "links": links}))

    assert len(client.jobs()) == 1
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    ("href", "path"),
    [
        ("http://internal:5000/jobs/a-b/results", f"{JOB}/results"),
        ("http://internal:5000/ogc/jobs/a-b/results/1.zip", f"{JOB}/results/1.zip"),
        ("/jobs/a-b/results", f"{JOB}/results"),
    ],
)
def test_results_of_the_service_are_on_the_service(
    href: str, path: str, client: OgcClient, server: Server
) -> None:
    assert client.resolve(href) == f"{server.url}{path}"


@pytest.mark.parametrize(
    "href", [f"https://files.example/{ZIP}", "https://store.example/jobs/x.zip?signature=1"]
)
def test_other_files_are_where_they_are_said_to_be(href: str, client: OgcClient) -> None:
    assert client.resolve(href) == href


@pytest.mark.parametrize("href", ["ftp://files.example/x.zip", "https://me:secret@files.example/x"])
def test_what_is_no_address_of_a_file_is_refused(href: str, client: OgcClient) -> None:
    with pytest.raises(RequestError):
        client.resolve(href)


def test_a_file_elsewhere_gets_no_login(client: OgcClient) -> None:
    with Server().on(f"/{ZIP}", Reply(200, b"PK")) as other:
        href = client.resolve(f"{other.url}/{ZIP}")
        with client.session.stream(href, headers={}) as answer:
            assert b"".join(answer.iter_chunks()) == b"PK"

    assert "authorization" not in other.seen[0].headers
