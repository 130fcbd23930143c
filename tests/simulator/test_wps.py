"""The WPS: what it accepts, what it answers, in which spelling."""

from dataclasses import replace

import pytest

from builders_simulator import (
    LOGIN,
    OTHER,
    WPS,
    WPS_NAMES,
    Reply,
    a_feature,
    a_job,
    a_series,
    a_simulator,
    ask,
    execute,
    execute_params,
    report_of,
)
from peps_stac.simulator import Account, Hrefs, Scenario, Script, Simulator, XmlStyle

SERIES = {"startDate": "2017-09-01", "completionDate": "2017-11-30", "tileid": "31TCJ"}
NAME = a_feature()["properties"]["productIdentifier"]
POSTED = """<?xml version="1.0"?>
<wps:Execute xmlns:wps="http://www.opengis.net/wps/1.0.0" xmlns:ows="http://www.opengis.net/ows/1.1"
    service="WPS" version="1.0.0">
  <ows:Identifier>MAJA</ows:Identifier>
  <wps:DataInputs><wps:Input><ows:Identifier>product</ows:Identifier>
    <wps:Data><wps:LiteralData>{name}</wps:LiteralData></wps:Data></wps:Input></wps:DataInputs>
  <wps:ResponseForm><wps:ResponseDocument storeExecuteResponse="true" status="true"/>
  </wps:ResponseForm>
</wps:Execute>"""


def status_of(reply: Reply) -> str:
    status = reply.xml.find("wps:Status", WPS_NAMES)
    return "" if status is None else status[0].tag.rpartition("}")[2]


def exception_of(reply: Reply) -> dict[str, str]:
    exception = reply.xml.find(".//ows:Exception", WPS_NAMES)
    return {} if exception is None else dict(exception.attrib)


def status_document(peps: Simulator, job_id: str) -> Reply:
    return ask(peps, f"{WPS}/outputs/pywps-{job_id}.xml", login=LOGIN)


def stored_report(peps: Simulator, job_id: str) -> Reply:
    return ask(peps, f"{WPS}/outputs/report-{job_id}.json", login=LOGIN)


def test_maja_is_accepted_and_says_where_to_look() -> None:
    with a_simulator() as peps:
        reply = execute(peps, "MAJA", product=NAME)
        location = reply.xml.attrib["statusLocation"]

    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/xml")
    assert status_of(reply) == "ProcessAccepted"
    assert location.startswith(f"{peps.url}{WPS}/outputs/pywps-")
    assert b"Process MAJA accepted" in reply.content


def test_the_status_document_succeeds_while_the_job_waits() -> None:
    """ProcessSucceeded only says that the job was handed to the cluster."""
    with a_simulator(a_series(2)) as peps:
        job_id = a_job(peps, **SERIES)
        early = status_document(peps, job_id)
        peps.clock.advance(seconds=5)
        late = status_document(peps, job_id)
        reference = late.xml.find(".//wps:ProcessOutputs//wps:Reference", WPS_NAMES)

        assert (status_of(early), status_of(late)) == ("ProcessStarted", "ProcessSucceeded")
        assert reference is not None
        assert reference.attrib["href"].endswith(f"/resto/wps/outputs/report-{job_id}.json")
        assert stored_report(peps, job_id).json["USER_INFO"]["job_status"] == "STALLED"


def test_the_stored_report_moves_only_when_the_status_is_asked_for() -> None:
    with a_simulator(a_series(2)) as peps:
        job_id = a_job(peps, **SERIES)
        peps.jobs.finish()
        stale = stored_report(peps, job_id).json["USER_INFO"]
        inline = report_of(peps, job_id)
        fresh = stored_report(peps, job_id).json["USER_INFO"]

    assert (stale["job_status"], stale["results"]) == ("STALLED", [])
    assert inline["job_status"] == fresh["job_status"] == "FINISHED"
    assert inline["results"] == fresh["results"]
    assert len(fresh["results"]) == 2


def test_a_series_is_reported_nested_and_its_status_flat() -> None:
    with a_simulator(a_series(2)) as peps:
        job_id = a_job(peps, **SERIES)
        nested, flat = stored_report(peps, job_id).json, report_of(peps, job_id)

    assert set(nested["USER_INFO"]) == {
        "job_status",
        "results",
        "unprocessed",
        "process",
        "logs",
        "message",
    }
    assert (flat["job_id"], flat["percentCompleted"]) == (job_id, 0)


def test_a_single_product_is_reported_line_by_line() -> None:
    """The old script looks for words in lines: percentCompleted, FINISHED, then "...zip"."""
    with a_simulator() as peps:
        job_id = a_job(peps, product=NAME)
        peps.jobs.finish()
        report_of(peps, job_id)
        lines = stored_report(peps, job_id).content.decode().splitlines()

    assert '  "percentCompleted": 100,' in lines
    assert any("FINISHED" in line for line in lines)
    assert next(line for line in lines if ".zip" in line).count('"') == 2


def test_a_report_may_leave_out_its_percentage_or_nest_always() -> None:
    scenario = Scenario(percent_in_report=False)
    with a_simulator(scenario=scenario) as peps:
        job_id = a_job(peps, product=NAME)
        assert "percentCompleted" not in report_of(peps, job_id)
        peps.scenario = replace(scenario, nested_report=True)
        assert set(report_of(peps, job_id)) == {"USER_INFO"}


def test_the_status_may_be_a_reference_instead() -> None:
    with a_simulator(scenario=Scenario(inline_report=False)) as peps:
        job_id = a_job(peps, product=NAME)
        reply = execute(peps, "PROCESSING_STATUS", wps_id=job_id)

    assert reply.xml.find(".//wps:LiteralData", WPS_NAMES) is None
    assert f"report-{job_id}.json".encode() in reply.content


def test_brackets_around_the_inputs_are_understood() -> None:
    with a_simulator() as peps:
        job_id = a_job(peps, product=NAME)
        params = execute_params("PROCESSING_STATUS") | {"datainputs": f"[wps_id={job_id}]"}

        assert status_of(ask(peps, WPS, params, login=LOGIN)) == "ProcessSucceeded"


def test_a_posted_request_is_the_same_order() -> None:
    body = POSTED.format(name=NAME).encode()
    with a_simulator() as peps:
        reply = ask(peps, f"{WPS}?title=by+post", login=LOGIN, method="POST", body=body)
        job = peps.jobs[0]

    assert status_of(reply) == "ProcessAccepted"
    assert (job.title, job.process, job.inputs) == ("by post", "MAJA", {"product": NAME})


def test_xml_with_entities_is_refused() -> None:
    body = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    with a_simulator() as peps:
        reply = ask(peps, WPS, login=LOGIN, method="POST", body=body)

    assert exception_of(reply)["exceptionCode"] == "NoApplicableCode"


@pytest.mark.parametrize(
    ("identifier", "inputs", "exception"),
    [
        ("", {}, {"exceptionCode": "MissingParameterValue", "locator": "identifier"}),
        ("OTHER", {}, {"exceptionCode": "InvalidParameterValue", "locator": "identifier"}),
        ("MAJA", {}, {"exceptionCode": "MissingParameterValue", "locator": "product"}),
        (
            "FULL_MAJA",
            {"startDate": "2017-09-01", "tileid": "31TCJ"},
            {"exceptionCode": "MissingParameterValue", "locator": "completionDate"},
        ),
        (
            "FULL_MAJA",
            SERIES | {"startDate": "2017-09-31"},
            {"exceptionCode": "InvalidParameterValue", "locator": "startDate"},
        ),
        (
            "FULL_MAJA",
            SERIES | {"relativeOrbitNumber": "[1,2]"},
            {"exceptionCode": "InvalidParameterValue", "locator": "relativeOrbitNumber"},
        ),
    ],
)
def test_what_makes_no_sense_is_an_exception_with_status_200(
    identifier: str, inputs: dict[str, str], exception: dict[str, str]
) -> None:
    with a_simulator() as peps:
        reply = execute(peps, identifier, **inputs)

        assert reply.status == 200
        assert exception_of(reply) == exception
        assert len(peps.jobs) == 0


def test_a_process_that_is_not_enabled_is_refused_by_its_identifier() -> None:
    accounts = [Account(processes=frozenset({"MAJA"}))]
    with a_simulator(accounts=accounts) as peps:
        assert exception_of(execute(peps, "FULL_MAJA", **SERIES))["locator"] == "identifier"
        peps.scenario = Scenario(refusal_names_process=True)
        assert exception_of(execute(peps, "FULL_MAJA", **SERIES))["locator"] == "FULL_MAJA"


def test_the_wps_needs_a_login_that_may_use_it() -> None:
    with a_simulator(accounts=[Account(processes=frozenset())]) as peps:
        without = ask(peps, WPS, execute_params("MAJA", product=NAME))
        forbidden = execute(peps, "MAJA", product=NAME)

    assert (without.status, without.json["ErrorMessage"]) == (401, "Unauthorized")
    assert (forbidden.status, forbidden.json["ErrorMessage"]) == (403, "Forbidden")


def test_names_of_parameters_may_have_any_case() -> None:
    params = execute_params("MAJA", product=NAME)
    with a_simulator() as peps:
        shouted = {name.upper(): value for name, value in params.items()}
        assert status_of(ask(peps, WPS, shouted, login=LOGIN)) == "ProcessAccepted"


def test_without_storing_the_answer_is_the_report_at_once() -> None:
    params = execute_params("MAJA", product=NAME) | {"status": "false"}
    with a_simulator() as peps:
        reply = ask(peps, WPS, params, login=LOGIN)

    assert status_of(reply) == "ProcessSucceeded"
    assert "statusLocation" not in reply.xml.attrib


@pytest.mark.parametrize(
    ("style", "words"),
    [
        (XmlStyle(prefix="ns0"), b"<ns0:ExecuteResponse"),
        (XmlStyle(prefix=""), b"<ExecuteResponse xmlns="),
        (XmlStyle(xlink=True), b" xlink:href="),
        (XmlStyle(single_quotes=True), b"service='WPS'"),
        (XmlStyle(lineage=True), b"report-of-an-input.json"),
    ],
)
def test_one_document_in_many_spellings(style: XmlStyle, words: bytes) -> None:
    with a_simulator(scenario=Scenario(xml=style)) as peps:
        job_id = a_job(peps, product=NAME)
        peps.clock.advance(minutes=1)
        reply = status_document(peps, job_id)
        outputs = reply.xml.find("wps:ProcessOutputs", WPS_NAMES)

    assert words in reply.content
    assert outputs is not None
    assert f"report-{job_id}.json" in str([node.attrib for node in outputs.iter()])


def test_a_document_may_be_one_line_and_without_a_percentage() -> None:
    style = XmlStyle(one_line=True, percent=False)
    with a_simulator(scenario=Scenario(xml=style)) as peps:
        reply = status_document(peps, a_job(peps, product=NAME))

    assert b"\n" not in reply.content
    assert b"percentCompleted" not in reply.content


def test_addresses_may_name_the_machine_behind() -> None:
    with a_simulator(scenario=Scenario(hrefs=Hrefs.INTERNAL)) as peps:
        reply = execute(peps, "MAJA", product=NAME)

    location = reply.xml.attrib["statusLocation"]
    assert location.startswith("http://peps-vizo.cnes.fr:8081/wps/outputs/pywps-")


def test_the_status_document_may_be_empty_at_first() -> None:
    with a_simulator(scenario=Scenario(empty_status_s=10)) as peps:
        job_id = a_job(peps, product=NAME)
        empty = status_document(peps, job_id)
        peps.clock.advance(seconds=10)

        assert (empty.status, empty.content) == (200, b"")
        assert status_of(status_document(peps, job_id)) == "ProcessSucceeded"


def test_a_job_that_never_reached_the_cluster_says_why() -> None:
    script = Script(dispatch_error="disk < full")
    with a_simulator(scenario=Scenario(scripts={NAME: script})) as peps:
        job_id = a_job(peps, product=NAME)
        peps.clock.advance(seconds=5)
        replies = (
            status_document(peps, job_id),
            execute(peps, "PROCESSING_STATUS", wps_id=job_id),
        )

    for reply in replies:
        assert status_of(reply) == "ProcessFailed"
        assert reply.xml.findtext(".//ows:ExceptionText", namespaces=WPS_NAMES) == "disk < full"


def test_files_of_others_and_of_forgotten_jobs_are_not_there() -> None:
    with a_simulator() as peps:
        job_id = a_job(peps, product=NAME)
        path = f"{WPS}/outputs/pywps-{job_id}.xml"

        assert ask(peps, path).status == 401
        assert ask(peps, path, login=OTHER.credentials).status == 404
        assert ask(peps, f"{WPS}/outputs/other.xml", login=LOGIN).status == 404
        peps.clock.advance(days=6)
        assert ask(peps, path, login=LOGIN).status == 404
        assert status_of(execute(peps, "PROCESSING_STATUS", wps_id=job_id)) == "ProcessFailed"


def test_capabilities_and_descriptions_name_the_processes() -> None:
    common = {"service": "WPS", "version": "1.0.0"}
    with a_simulator() as peps:
        offered = ask(peps, WPS, common | {"request": "GetCapabilities"}, login=LOGIN)
        described = ask(
            peps,
            WPS,
            common | {"request": "DescribeProcess", "identifier": "FULL_MAJA"},
            login=LOGIN,
        )
        every = ask(
            peps, WPS, common | {"request": "DescribeProcess", "identifier": "all"}, login=LOGIN
        )
        none = ask(peps, WPS, common | {"request": "DescribeProcess"}, login=LOGIN)

    names = [node.text for node in offered.xml.findall(".//wps:Process/ows:Identifier", WPS_NAMES)]
    assert names == ["MAJA", "FULL_MAJA", "PROCESSING_STATUS"]
    inputs = described.xml.findall(".//Input")
    assert [node.attrib["minOccurs"] for node in inputs] == ["1", "1", "1", "0"]
    assert len(every.xml.findall("ProcessDescription")) == 3
    assert exception_of(none)["exceptionCode"] == "InvalidParameterValue"


@pytest.mark.parametrize(
    ("params", "locator"),
    [
        ({}, "service"),
        ({"service": "WPS"}, "request"),
        ({"service": "WPS", "request": "Execute"}, "version"),
    ],
)
def test_a_request_that_is_no_wps_1_is_refused(params: dict[str, str], locator: str) -> None:
    with a_simulator() as peps:
        assert exception_of(ask(peps, WPS, params, login=LOGIN))["locator"] == locator
