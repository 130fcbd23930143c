"""The OGC face: what it accepts, and what it answers, in the words of the standard."""

import json
from dataclasses import replace
from typing import Any

import pytest

from builders_simulator import LOGIN, OTHER, Reply, a_feature, a_simulator, ask
from peps_stac.domain import Credentials
from peps_stac.simulator import Account, Hrefs, Scenario, Script, Simulator

NAME = a_feature()["properties"]["productIdentifier"]
SERIES = {"startDate": "2017-09-01", "completionDate": "2017-11-30", "tileid": "31TCJ"}


def run(
    peps: Simulator,
    inputs: object,
    process: str = "MAJA",
    login: Credentials | None = LOGIN,
) -> Reply:
    body = inputs if isinstance(inputs, bytes) else json.dumps({"inputs": inputs}).encode()
    path = f"/ogc/processes/{process}/execution"
    return ask(peps, path, login=login, method="POST", body=body)


def job_of(peps: Simulator, path: str = "", login: Credentials | None = LOGIN) -> Reply:
    return ask(peps, f"/ogc/jobs/{peps.jobs[-1].id}{path}", login=login)


def document(reply: Reply) -> dict[str, Any]:
    said = reply.json
    assert isinstance(said, dict)
    return said


def test_the_landing_page_leads_to_all_there_is() -> None:
    with a_simulator() as peps:
        links = document(ask(peps, "/ogc"))["links"]
        found = {link["rel"].rpartition("/")[2]: ask(peps, link["href"]) for link in links}
        names = [one["id"] for one in document(found["processes"])["processes"]]
        described = [document(ask(peps, f"/ogc/processes/{name}")) for name in names]

    assert {name: reply.status for name, reply in found.items()} == {
        "self": 200,
        "conformance": 200,
        "processes": 200,
        "job-list": 401,
    }
    assert names == ["MAJA", "FULL_MAJA"]
    assert list(described[0]["inputs"]) == ["product"]
    assert described[1]["inputs"]["relativeOrbitNumber"]["minOccurs"] == 0


def test_an_execution_makes_a_job_of_the_same_queue_as_the_wps() -> None:
    with a_simulator() as peps:
        reply = run(peps, {"product": {"value": NAME}})
        [job] = peps.jobs

    assert reply.status == 201
    assert reply.headers["Location"] == f"{peps.processes_url}/jobs/{job.id}"
    assert (document(reply)["jobID"], document(reply)["status"]) == (job.id, "running")
    assert (job.process, job.inputs) == ("MAJA", {"product": NAME})


@pytest.mark.parametrize(
    ("inputs", "process", "status", "words"),
    [
        ({}, "MAJA", 400, "input product is missing"),
        ({"product": True}, "MAJA", 400, "no text"),
        ([], "MAJA", 400, "no object"),
        (b"<xml/>", "MAJA", 400, "no JSON"),
        (b"[]", "MAJA", 400, "no object"),
        ({**SERIES, "startDate": "soon"}, "FULL_MAJA", 400, "soon"),
        ({}, "PROCESSING_STATUS", 404, "no process PROCESSING_STATUS"),
        ({}, "nothing", 404, "no process nothing"),
    ],
)
def test_what_makes_no_sense_is_an_exception(
    inputs: object, process: str, status: int, words: str
) -> None:
    with a_simulator() as peps:
        reply = run(peps, inputs, process)

        assert not len(peps.jobs)

    assert reply.status == document(reply)["status"] == status
    assert words in document(reply)["detail"]


def test_accounts_have_their_rights_and_jobs_of_their_own() -> None:
    barred = Account(username="barred@example.org", userid=3, processes=frozenset())
    with a_simulator(accounts=(Account(), OTHER, barred)) as peps:
        denied = [run(peps, {"product": NAME}, login=one) for one in (None, barred.credentials)]
        run(peps, {"product": NAME})
        others = [job_of(peps, login=login) for login in (OTHER.credentials, None)]

    assert [reply.status for reply in denied] == [401, 403]
    assert [reply.status for reply in others] == [404, 401]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("PENDING", "accepted"),
        ("RUNNING", "running"),
        ("STALLED", "running"),
        ("PAUSED", "running"),
        ("FINISHED", "successful"),
        ("FAILED", "failed"),
        ("KILLED", "failed"),
        ("CANCELED", "failed"),
        ("RESTING", "resting"),
    ],
)
def test_every_word_of_the_cluster_has_one_of_the_standard(word: str, said: str) -> None:
    script = Script(words=((0, word),))
    with a_simulator(scenario=Scenario(scripts={1: script})) as peps:
        run(peps, {"product": NAME})

        assert document(job_of(peps))["status"] == said


def test_results_are_links_and_come_at_the_end() -> None:
    with a_simulator(scenario=Scenario(hrefs=Hrefs.PUBLIC)) as peps:
        run(peps, {"product": NAME})
        early = job_of(peps, "/results")
        peps.jobs.finish()
        status, late = document(job_of(peps)), document(job_of(peps, "/results"))
        [archive] = late["archives"]
        fetched = ask(peps, archive["href"], login=LOGIN)

    assert (early.status, document(early)["title"]) == (404, "Result not ready")
    assert (status["status"], status["progress"]) == ("successful", 100)
    assert archive["href"].startswith(f"{peps.url}/")
    assert (fetched.status, fetched.headers["Content-Type"]) == (200, "application/zip")


def test_a_job_that_failed_has_no_results_and_says_why() -> None:
    with a_simulator() as peps:
        run(peps, {"product": "S2A_MSIL1C_NOBODY"})
        peps.jobs.finish()

        assert "No L1C product" in document(job_of(peps))["message"]
        assert job_of(peps, "/results").status == 400


def test_a_job_that_runs_is_dismissed_and_says_so_from_then_on() -> None:
    with a_simulator() as peps:
        run(peps, {"product": NAME})
        path = f"/ogc/jobs/{peps.jobs[0].id}"
        reply = ask(peps, path, login=LOGIN, method="DELETE")
        later = job_of(peps)
        listed = document(ask(peps, "/ogc/jobs", login=LOGIN))["jobs"]

    assert document(reply)["status"] == document(later)["status"] == "dismissed"
    assert not listed


def test_a_job_that_ended_is_forgotten_when_it_is_dismissed() -> None:
    with a_simulator() as peps:
        run(peps, {"product": NAME})
        peps.jobs.finish()
        ask(peps, f"/ogc/jobs/{peps.jobs[0].id}", login=LOGIN, method="DELETE")
        reply = job_of(peps)

    assert (reply.status, document(reply)["title"]) == (404, "No such job")


def test_the_list_has_pages() -> None:
    with a_simulator() as peps:
        for _ in range(3):
            run(peps, {"product": NAME})
        first = document(ask(peps, "/ogc/jobs", {"limit": "2"}, login=LOGIN))
        [following] = [link["href"] for link in first["links"] if link["rel"] == "next"]
        last = document(ask(peps, following, login=LOGIN))
        wrong = ask(peps, "/ogc/jobs", {"limit": "all"}, login=LOGIN)
        ids = [job["jobID"] for page in (first, last) for job in page["jobs"]]

        assert ids == [job.id for job in reversed(list(peps.jobs))]
    assert all(link["rel"] != "next" for link in last["links"])
    assert wrong.status == 400


def test_dates_that_a_series_loses_are_not_among_its_results() -> None:
    days = ("2017-10-06", "2017-10-16", "2017-10-26")
    scenes = [a_feature(f"{day}T10:53:49.024Z") for day in days]
    with a_simulator(scenes) as peps:
        peps.scenario = replace(peps.scenario, unprocessed=frozenset({"2017-10-16"}))
        run(peps, SERIES, "FULL_MAJA")
        peps.jobs.finish()

        assert len(document(job_of(peps, "/results"))["archives"]) == 2
