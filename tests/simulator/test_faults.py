"""What goes wrong, and when."""

import time
from http.client import IncompleteRead, RemoteDisconnected

import pytest

from builders_simulator import (
    LOGIN,
    SEARCH,
    a_feature,
    a_job,
    a_simulator,
    ask,
    connect,
    execute,
    report_of,
)
from peps_stac.simulator import Action, Fault, Scenario, Simulator

NAME = a_feature()["properties"]["productIdentifier"]


def download_path() -> str:
    return f"/resto/collections/S2ST/{a_feature()['id']}/download"


def statuses(peps: Simulator, count: int) -> list[int]:
    return [ask(peps, SEARCH).status for _ in range(count)]


def test_a_fault_befalls_the_nth_request_of_its_route_for_some_times() -> None:
    fault = Fault(route="search", action=Action.STATUS, status=503, nth=2, times=2)
    with a_simulator(scenario=Scenario(faults=(fault,))) as peps:
        ask(peps, "/")
        got = statuses(peps, 5)

    assert got == [200, 503, 503, 200, 200]


def test_a_fault_may_last_and_be_cleared() -> None:
    with a_simulator() as peps:
        peps.faults.add(Fault(route="*", action=Action.STATUS, times=None))
        broken = statuses(peps, 3)
        peps.faults.clear()

        assert broken == [500, 500, 500]
        assert statuses(peps, 1) == [200]


def test_a_fault_may_be_for_some_requests_only() -> None:
    fault = Fault(route="search", action=Action.STATUS, containing="31TDJ", times=None)
    with a_simulator(scenario=Scenario(faults=(fault,))) as peps:
        assert ask(peps, SEARCH, {"tileid": "31TCJ"}).status == 200
        assert ask(peps, SEARCH, {"tileid": "31TDJ"}).status == 500


def test_a_status_comes_as_a_web_page() -> None:
    with a_simulator(scenario=Scenario(faults=(Fault(route="*", action=Action.STATUS),))) as peps:
        reply = ask(peps, SEARCH)

    assert reply.headers["Content-Type"].startswith("text/html")
    assert b"<html>" in reply.content


def test_the_service_may_be_unavailable_for_a_while_in_its_own_words() -> None:
    fault = Fault(
        route="search",
        action=Action.ERROR,
        status=400,
        code=9000,
        message="The service is temporarily unavailable. Try again later.",
        times=2,
    )
    with a_simulator(scenario=Scenario(faults=(fault,))) as peps:
        first, second, third = (ask(peps, SEARCH) for _ in range(3))

    assert (first.status, first.json["ErrorCode"]) == (400, 9000)
    assert (second.status, third.status) == (400, 200)


@pytest.mark.parametrize(("action", "start"), [(Action.HTML, b"<!DOCTYPE"), (Action.EMPTY, b"")])
def test_success_may_hold_something_else(action: Action, start: bytes) -> None:
    with a_simulator(scenario=Scenario(faults=(Fault(route="search", action=action),))) as peps:
        reply = ask(peps, SEARCH)

    assert (reply.status, reply.content[: len(start)]) == (200, start)
    assert reply.headers["Content-Type"].startswith("text/html")


def test_a_connection_may_end_before_anything_is_done() -> None:
    with a_simulator(
        scenario=Scenario(faults=(Fault(route="execute", action=Action.DROP),))
    ) as peps:
        with pytest.raises(RemoteDisconnected):
            execute(peps, "MAJA", product=NAME)

        assert len(peps.jobs) == 0
        assert ask(peps, SEARCH).status == 200


def test_the_answer_of_an_order_may_be_lost_after_it_was_accepted() -> None:
    fault = Fault(route="execute", action=Action.DROP, after=True)
    with a_simulator(scenario=Scenario(faults=(fault,))) as peps:
        with pytest.raises(RemoteDisconnected):
            execute(peps, "MAJA", product=NAME)
        rows = ask(peps, "/resto/wps/users/1/jobs", login=LOGIN).json["data"]

        assert (len(peps.jobs), rows[0]["title"]) == (1, "a title")


def test_a_status_request_is_a_route_of_its_own() -> None:
    fault = Fault(route="status", action=Action.STATUS)
    with a_simulator(scenario=Scenario(faults=(fault,))) as peps:
        job_id = a_job(peps, product=NAME)
        broken = execute(peps, "PROCESSING_STATUS", wps_id=job_id)

        assert broken.status == 500
        assert report_of(peps, job_id)["job_status"] == "STALLED"


def test_an_answer_may_be_late() -> None:
    fault = Fault(route="search", action=Action.DELAY, delay_s=0.2)
    with a_simulator(scenario=Scenario(faults=(fault,))) as peps:
        begun = time.monotonic()
        reply = ask(peps, SEARCH)

    assert reply.status == 200
    assert time.monotonic() - begun >= 0.2


def test_a_late_answer_does_not_hold_up_the_end() -> None:
    fault = Fault(route="search", action=Action.DELAY, delay_s=30)
    with a_simulator(scenario=Scenario(faults=(fault,))) as peps:
        connection = connect(peps)
        connection.request("GET", SEARCH)
        while not peps.requests.total:
            time.sleep(0.01)
        begun = time.monotonic()

    assert time.monotonic() - begun < 5
    connection.close()


def test_a_redirect_keeps_path_and_query() -> None:
    fault = Fault(route="search", action=Action.REDIRECT, location="https://elsewhere.example")
    with a_simulator(scenario=Scenario(faults=(fault,))) as peps:
        reply = ask(peps, SEARCH, {"tileid": "31TCJ"})

    assert reply.status == 302
    assert reply.headers["Location"] == f"https://elsewhere.example{SEARCH}?tileid=31TCJ"


def test_a_body_may_end_early() -> None:
    fault = Fault(route="download", action=Action.TRUNCATE)
    with (
        a_simulator(scenario=Scenario(faults=(fault,))) as peps,
        pytest.raises(IncompleteRead) as caught,
    ):
        ask(peps, download_path(), login=LOGIN)

    assert 0 < len(caught.value.partial) < 20_000


def test_a_short_body_may_be_announced_as_the_whole() -> None:
    fault = Fault(route="download", action=Action.SHORT)
    with a_simulator(scenario=Scenario(faults=(fault,))) as peps:
        short = ask(peps, download_path(), login=LOGIN)
        whole = ask(peps, download_path(), login=LOGIN)

    assert len(short.content) == len(whole.content) // 2
    assert whole.content.startswith(short.content)


def test_a_length_may_be_missing() -> None:
    fault = Fault(route="download", action=Action.NO_LENGTH)
    with a_simulator(scenario=Scenario(faults=(fault,))) as peps:
        without = ask(peps, download_path(), login=LOGIN)
        whole = ask(peps, download_path(), login=LOGIN)

    assert "Content-Length" not in without.headers
    assert without.content == whole.content


def test_a_byte_may_be_another() -> None:
    fault = Fault(route="download", action=Action.CORRUPT)
    with a_simulator(scenario=Scenario(faults=(fault,))) as peps:
        spoilt = ask(peps, download_path(), login=LOGIN).content
        right = ask(peps, download_path(), login=LOGIN).content

    assert len(spoilt) == len(right)
    assert sum(a != b for a, b in zip(spoilt, right, strict=True)) == 1


@pytest.mark.parametrize("action", [Action.TRUNCATE, Action.SHORT, Action.CORRUPT])
def test_result_files_break_the_same_way(action: Action) -> None:
    fault = Fault(route="result", action=action)
    with a_simulator(scenario=Scenario(faults=(fault,))) as peps:
        job_id = a_job(peps, product=NAME)
        peps.jobs.finish()
        href = report_of(peps, job_id)["results"][0]
        try:
            broken = ask(peps, href, login=LOGIN).content
        except IncompleteRead as error:
            broken = error.partial
        right = ask(peps, href, login=LOGIN).content

    assert broken != right
    assert (len(broken) == len(right)) is (action is Action.CORRUPT)
