"""The life of a job on the cluster, driven by a clock."""

import base64
import json
from typing import Any

import pytest

from builders_simulator import (
    LOGIN,
    OTHER,
    Reply,
    a_feature,
    a_job,
    a_polygon,
    a_series,
    a_simulator,
    ask,
    execute,
    report_of,
)
from peps_stac.domain import Credentials
from peps_stac.simulator import Account, Action, Fault, Scenario, Script, Simulator

WORDS = ["PENDING", "RUNNING", "STALLED", "PAUSED", "KILLED", "FAILED", "IN_ERROR", "ERROR", "ODD"]
SERIES = {"startDate": "2017-09-01", "completionDate": "2017-11-30", "tileid": "31TCJ"}
LIST = "/resto/wps/users/1/jobs"


def name_of(feature: dict[str, Any]) -> str:
    name: str = feature["properties"]["productIdentifier"]
    return name


def word_of(peps: Simulator, job_id: str) -> str:
    word: str = report_of(peps, job_id)["job_status"]
    return word


def listed(peps: Simulator, login: Credentials = LOGIN, path: str = LIST) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = ask(peps, path, login=login).json["data"]
    return rows


def dates(hrefs: list[str]) -> list[str]:
    """From the stand-in names: the date of each result."""
    return [href.rpartition("/")[2].partition("_")[2][:8] for href in hrefs]


def test_a_series_takes_an_hour_and_25_minutes_for_each_further_date() -> None:
    with a_simulator(a_series(3)) as peps:
        job_id = a_job(peps, **SERIES)
        words = [word_of(peps, job_id)]
        for minutes in (5, 55, 5, 44, 1):
            peps.clock.advance(minutes=minutes)
            words.append(word_of(peps, job_id))

    assert words == ["STALLED", "RUNNING", "STALLED", "RUNNING", "RUNNING", "FINISHED"]


def test_results_come_when_all_is_done_oldest_first() -> None:
    with a_simulator(a_series(3)) as peps:
        job_id = a_job(peps, **SERIES)
        peps.clock.advance(minutes=109)
        before = report_of(peps, job_id)
        peps.clock.advance(minutes=1)
        after = report_of(peps, job_id)

    assert before["results"] == []
    assert 0 < before["percentCompleted"] < after["percentCompleted"] == 100
    assert dates(after["results"]) == ["20170901", "20170906", "20170911"]


def test_a_series_holds_its_tile_window_and_orbit() -> None:
    scenes = [
        a_feature("2017-09-01T10:00:00Z"),
        a_feature("2017-09-10T10:00:00Z", relativeOrbitNumber=8),
        a_feature("2017-09-20T23:00:00Z"),
        a_feature("2017-09-21T10:00:00Z"),
        a_feature("2017-09-12T10:00:00Z", tile="31TDJ"),
        a_feature("2017-09-13T10:00:00Z", visible=0),
    ]
    window = {"startDate": "2017-09-01", "completionDate": "2017-09-20", "tileid": "31TCJ"}
    with a_simulator(scenes) as peps:
        a_job(peps, **window)
        a_job(peps, **window, relativeOrbitNumber="8")
        days = [[scene.start.day for scene in job.scenes] for job in peps.jobs]

    assert days == [[1, 10, 20], [10]]


def test_ten_run_at_once_and_the_others_wait_their_turn() -> None:
    with a_simulator() as peps:
        product = name_of(a_feature())
        ids = [a_job(peps, product=product) for _ in range(12)]
        peps.clock.advance(minutes=30)
        words = [word_of(peps, job_id) for job_id in ids]
        peps.clock.advance(minutes=31)
        later = [word_of(peps, job_id) for job_id in ids]

    assert words == ["RUNNING"] * 10 + ["PENDING"] * 2
    assert later == ["FINISHED"] * 10 + ["STALLED"] * 2


def test_a_cancellation_lets_the_next_one_start() -> None:
    with a_simulator(scenario=Scenario(running_at_once=1)) as peps:
        ids = [a_job(peps, product=name_of(a_feature())) for _ in range(3)]
        peps.clock.advance(minutes=10)
        remaining = ask(peps, f"{LIST}/1", login=LOGIN, method="DELETE").json["data"]
        peps.clock.advance(minutes=10)

        assert [word_of(peps, job_id) for job_id in ids] == ["CANCELED", "RUNNING", "PENDING"]
        assert [row["gid"] for row in remaining] == [3, 2]
        peps.jobs.finish()
        assert word_of(peps, ids[2]) == "FINISHED"
        assert word_of(peps, ids[0]) == "CANCELED"


def test_a_finished_job_that_is_deleted_stays_finished() -> None:
    with a_simulator() as peps:
        job_id = a_job(peps, product=name_of(a_feature()))
        peps.jobs.finish()
        ask(peps, f"{LIST}/1", login=LOGIN, method="DELETE")

        assert word_of(peps, job_id) == "FINISHED"
        assert listed(peps) == []


def test_deleting_may_only_hide_as_the_source_of_2019_reads() -> None:
    with a_simulator(scenario=Scenario(delete_only_hides=True)) as peps:
        job_id = a_job(peps, product=name_of(a_feature()))
        ask(peps, f"{LIST}/1", login=LOGIN, method="DELETE")
        peps.clock.advance(minutes=10)

        assert word_of(peps, job_id) == "RUNNING"
        assert listed(peps) == []


@pytest.mark.parametrize("latitude", [61.0, -63.0])
def test_tiles_beyond_60_degrees_are_canceled(latitude: float) -> None:
    """MAJA has no elevation there (SRTM)."""
    far = a_feature(geometry=a_polygon(10, latitude, 11, latitude + 1))
    with a_simulator([far]) as peps:
        job_id = a_job(peps, product=name_of(far))
        words = [word_of(peps, job_id)]
        peps.clock.advance(minutes=10)

        assert [*words, word_of(peps, job_id)] == ["STALLED", "CANCELED"]


def test_a_tile_across_60_degrees_is_processed() -> None:
    edge = a_feature(geometry=a_polygon(10, 59.5, 11, 60.5))
    with a_simulator([edge]) as peps:
        job_id = a_job(peps, product=name_of(edge))
        peps.jobs.finish()

        assert word_of(peps, job_id) == "FINISHED"


def test_a_job_without_a_scene_fails_and_says_why() -> None:
    with a_simulator() as peps:
        job_id = a_job(peps, product="S2A_UNKNOWN")
        peps.jobs.finish()
        report = report_of(peps, job_id)

    assert report["job_status"] == "FAILED"
    assert "No L1C product" in report["message"]


@pytest.mark.parametrize("word", WORDS)
def test_a_script_says_any_word(word: str) -> None:
    script = Script(words=((10, word),), message="as told")
    with a_simulator(scenario=Scenario(scripts={1: script})) as peps:
        job_id = a_job(peps, product=name_of(a_feature()))
        before = word_of(peps, job_id)
        peps.clock.advance(minutes=10)
        report = report_of(peps, job_id)

    assert (before, report["job_status"]) == ("PENDING", word)
    assert (report["results"], report["message"]) == ([], "as told")


def test_a_script_may_end_well_and_be_given_later() -> None:
    with a_simulator() as peps:
        job_id = a_job(peps, product=name_of(a_feature()))
        peps.jobs.script(job_id, Script(words=((0, "PAUSED"), (5, "FINISHED"))))
        words = [word_of(peps, job_id)]
        peps.clock.advance(minutes=5)
        report = report_of(peps, job_id)

    assert [*words, report["job_status"]] == ["PAUSED", "FINISHED"]
    assert len(report["results"]) == 1


def test_lost_dates_are_counted_and_not_delivered() -> None:
    scenes = a_series(3)
    scenario = Scenario(unprocessed=frozenset({"2017-09-06", name_of(scenes[2])}))
    with a_simulator(scenes, scenario=scenario) as peps:
        job_id = a_job(peps, **SERIES)
        single = a_job(peps, product=name_of(scenes[2]))
        peps.jobs.finish()
        report = report_of(peps, job_id)
        stored = ask(peps, f"/resto/wps/outputs/report-{job_id}.json", login=LOGIN).json

        assert dates(report["results"]) == ["20170901"]
        assert stored["USER_INFO"]["unprocessed"] == "2"
        assert len(report_of(peps, single)["results"]) == 1


@pytest.mark.parametrize(("cloud", "is_valid"), [(90.0, True), (90.1, False), (None, True)])
def test_dates_above_90_percent_of_cloud_are_not_valid(
    cloud: float | None, *, is_valid: bool
) -> None:
    with a_simulator([a_feature(cloudCover=cloud)]) as peps:
        job_id = a_job(peps, product=name_of(a_feature()))
        peps.jobs.finish()

        assert ("NOVALD" not in report_of(peps, job_id)["results"][0]) is is_valid


@pytest.mark.parametrize("word", ["NOTVALD", "L2NOTV"])
def test_the_word_for_not_valid_is_the_scenarios(word: str) -> None:
    with a_simulator([a_feature(cloudCover=99)], scenario=Scenario(not_valid_word=word)) as peps:
        job_id = a_job(peps, product=name_of(a_feature()))
        peps.jobs.finish()

        assert word in report_of(peps, job_id)["results"][0]


def test_a_report_may_name_every_result_twice() -> None:
    with a_simulator(scenario=Scenario(repeat_results=True)) as peps:
        job_id = a_job(peps, product=name_of(a_feature()))
        peps.jobs.finish()
        results = report_of(peps, job_id)["results"]

    assert len(results) == 2
    assert len(set(results)) == 1


def test_two_baselines_of_one_scene_have_the_same_name() -> None:
    scenes = [a_feature(name=f"S2A_MSIL1C_X_N{number}") for number in ("0206", "0500")]
    with a_simulator(scenes) as peps:
        job_id = a_job(peps, **SERIES)
        peps.jobs.finish()
        results = report_of(peps, job_id)["results"]

    assert len(results) == 2
    assert len(set(results)) == 1


def test_the_job_list_keeps_title_query_and_state() -> None:
    product = name_of(a_feature())
    with a_simulator() as peps:
        job_id = a_job(peps, product=product)
        envelope = ask(peps, LIST, login=LOGIN).json
        row = envelope["data"][0]

    assert (envelope["status"], len(envelope["data"])) == ("success", 1)
    assert (row["gid"], row["userid"], row["title"]) == (1, 1, "a title")
    assert (row["identifier"], row["status"]) == ("MAJA", "ProcessStarted")
    assert row["statuslocation"] == f"pywps-{job_id}.xml"
    assert json.loads(row["data"])["datainputs"] == f"product={product}"


def test_a_status_request_is_no_job() -> None:
    with a_simulator() as peps:
        report_of(peps, a_job(peps, product=name_of(a_feature())))

        assert len(listed(peps)) == 1


def test_jobs_are_forgotten_after_some_days() -> None:
    with a_simulator() as peps:
        a_job(peps, product=name_of(a_feature()))
        peps.clock.advance(days=5, seconds=1)
        a_job(peps, product=name_of(a_feature()))

        assert [row["gid"] for row in listed(peps)] == [2]
        assert len(peps.jobs) == 1


@pytest.mark.parametrize(
    ("path", "login", "status"),
    [
        (LIST, None, 401),
        (LIST, OTHER.credentials, 403),
        ("/resto/wps/users/me/jobs", LOGIN, 400),
        (f"{LIST}/one", LOGIN, 400),
    ],
)
def test_a_job_list_is_its_owners_alone(path: str, login: Credentials | None, status: int) -> None:
    method = "GET" if path.endswith("jobs") else "DELETE"
    with a_simulator() as peps:
        assert ask(peps, path, login=login, method=method).status == status


def test_nobody_cancels_the_jobs_of_another() -> None:
    with a_simulator() as peps:
        job_id = a_job(peps, product=name_of(a_feature()))
        ask(peps, "/resto/wps/users/2/jobs/1", login=OTHER.credentials, method="DELETE")
        peps.clock.advance(minutes=10)

        assert word_of(peps, job_id) == "RUNNING"


def test_an_accepted_job_that_the_proxy_lost_runs_and_is_in_no_list() -> None:
    fault = Fault(route="execute", action=Action.ERROR, after=True, unlisted=True, message="proxy")
    with a_simulator(scenario=Scenario(faults=(fault,))) as peps:
        reply = execute(peps, "MAJA", product=name_of(a_feature()))
        peps.clock.advance(minutes=10)

        assert reply.json == {"ErrorMessage": "proxy", "ErrorCode": 500}
        assert listed(peps) == []
        assert word_of(peps, peps.jobs[0].id) == "RUNNING"


def token_claims(reply: Reply) -> dict[str, Any]:
    payload = reply.json["token"].split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * 3))
    return claims


def test_a_token_tells_the_number_of_the_account() -> None:
    with a_simulator() as peps:
        claims = token_claims(ask(peps, "/resto/api/users/connect", login=OTHER.credentials))
        without = ask(peps, "/resto/api/users/connect")

    assert (claims["sub"], claims["data"]["userid"]) == ("2", 2)
    assert claims["data"]["email"] == OTHER.username
    assert without.status == 403


def test_a_password_may_hold_any_character() -> None:
    odd = Account(password="ä:b \"c' $d&")  # noqa: S106 -- simulated
    with a_simulator(accounts=[odd]) as peps:
        reply = ask(peps, "/resto/api/users/connect", login=odd.credentials)

    assert reply.status == 200
    assert "ä" not in repr(odd)
