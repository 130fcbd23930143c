"""`full-maja-process` and `full-maja-download` against a simulator."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import Result

from builders_cli import one_line
from builders_legacy import run_old, run_old_process
from builders_simulator import a_feature
from peps_stac.cli.errors import ExitCode
from peps_stac.cli.legacy_files import read_log
from peps_stac.domain import MgrsTile
from peps_stac.simulator import SimulatedClock, Simulator
from peps_stac.simulator.scenes import features
from peps_stac.stac.collections import L1C_COLLECTION, L2A_COLLECTION
from peps_stac.store import Catalog
from peps_stac.workflow import tracked

Old = Callable[..., Result]
SERIES = ("-t", "31TCJ", "-d", "2017-10-15", "-e", "2017-12-15")
INPUTS = {"tileid": "31TCJ", "startDate": "2017-10-15", "completionDate": "2017-12-15"}
LOG = ("-l", "31TCJ.log")


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """31TCJ in November 2017, with a clock that stands still."""
    archive = features([MgrsTile.parse("31TCJ")], date(2017, 11, 1), date(2017, 11, 30))
    with Simulator(archive, size=100, clock=SimulatedClock(speed=0)) as running:
        yield running


@pytest.fixture
def old(tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Old:
    """An old command in `tmp_path`, its service the simulator."""
    monkeypatch.chdir(tmp_path)

    def call(name: str, *args: str, stdin: str | None = None, **env: str) -> Result:
        return run_old(name, *args, home=tmp_path, stdin=stdin, env={**environ, **env})

    return call


def an_old_log(simulator: Simulator, job_id: str) -> str:
    """What the old script kept of the service's answer: no inputs in it."""
    href = f"{simulator.url}/resto/wps/outputs/pywps-{job_id}.xml"
    return (
        '<wps:ExecuteResponse xmlns:wps="http://www.opengis.net/wps/1.0.0" '
        f'statusLocation="{href}">\n</wps:ExecuteResponse>\n'
    )


def test_process_and_download_as_processes_of_their_own(
    tmp_path: Path, simulator: Simulator, environ: dict[str, str]
) -> None:
    """The session of the old readme; the series comes to another directory than its log."""
    auth = tmp_path / "peps.txt"
    auth.write_text(f"{simulator.credentials.username} {simulator.credentials.password}\n")
    auth.chmod(0o600)
    env = {"PEPS_STAC_PEPS_URL": environ["PEPS_STAC_PEPS_URL"]}
    words = ("-a", "peps.txt", *LOG)
    fetch = ("full-maja-download", *words, "-w", "series/31TCJ")

    ordered = run_old_process(
        "full-maja-process", *SERIES, "-o", "51", *words, home=tmp_path, env=env
    )
    assert ordered.returncode == ExitCode.DONE, ordered.stderr
    line = "= peps-stac order --series -t 31TCJ --datetime 2017-10-15/2017-12-15 -o 51 --yes"
    assert line in ordered.stderr
    (job,) = simulator.jobs
    assert job.inputs == {**INPUTS, "relativeOrbitNumber": "51"}

    simulator.clock.advance(hours=1)
    early = run_old_process(*fetch, home=tmp_path, env=env)
    assert early.returncode == ExitCode.STILL_RUNNING, early.stderr

    simulator.jobs.finish()
    last = run_old_process(*fetch, home=tmp_path, env=env)
    assert last.returncode == ExitCode.DONE, last.stderr
    catalog = Catalog(tmp_path / "series/31TCJ/catalog")
    fetched = len(list(catalog.ids(L2A_COLLECTION)))
    assert last.stdout.count("downloaded as SENTINEL2") == fetched > 3
    assert len(simulator.jobs) == 1

    again = run_old_process(*fetch, home=tmp_path, env=env)
    assert again.returncode == ExitCode.DONE
    assert "nothing new to download" in again.stderr


def test_both_days_of_a_series_are_included_as_before(old: Old, simulator: Simulator) -> None:
    result = old("full-maja-process", *SERIES)

    assert result.exit_code == ExitCode.DONE, result.stderr
    assert simulator.jobs[0].inputs == INPUTS


def test_a_series_is_not_asked_about_and_its_log_has_a_default_name(
    old: Old, tmp_path: Path, simulator: Simulator
) -> None:
    """More than ten products, but one job: the old script never asked, and so cron can run it."""
    old("full-maja-process", *SERIES)

    launch = read_log(tmp_path / "Full_Maja.log")
    assert launch is not None
    assert (launch.job_id, launch.process) == (simulator.jobs[0].id, "FULL_MAJA")
    assert launch.inputs == INPUTS
    assert len(tracked(Catalog(tmp_path / "catalog"))[0].item_ids) > 10
    assert old("full-maja-download", "-w", ".").exit_code == ExitCode.STILL_RUNNING


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("-t", "31TCJ", "-d", "2017-10-01", "-e", "2017-11-01"), "31 days are not 55 to 366"),
        (("-t", "31TCJ", "-d", "2017-01-01", "-e", "2019-01-01"), "order --series takes"),
        (("-t", "31TCJ", "-d", "2017-1-1", "-e", "2017-12-01"), "no such date: '2017-1-1'"),
        (("-t", "31TCJ", "-d", "2017-10-01"), "--end_date"),
        (("-t", "99TCJ", "-d", "2017-10-01", "-e", "2017-12-31"), "unknown tile"),
        (("-t", "31TCJ", "-o", "0", "-d", "2017-10-01", "-e", "2017-12-31"), "--orbit: 0"),
        (("-t", "31TCJ", "-d", "2016-01-01", "-e", "2016-12-01"), "2016-04-01"),
    ],
)
def test_what_is_no_job_is_one_line(
    old: Old, simulator: Simulator, words: tuple[str, ...], complaint: str
) -> None:
    result = old("full-maja-process", *words)

    assert complaint in result.stderr.splitlines()[-1]
    assert result.exit_code in (ExitCode.WRONG_USAGE, ExitCode.FAILED)
    assert len(simulator.jobs) == 0


def test_no_download_sends_nothing_and_json_lists_the_scenes(
    old: Old, simulator: Simulator, tmp_path: Path
) -> None:
    result = old("full-maja-process", *SERIES, "-n", "--json", "scenes.json", *LOG)

    assert result.exit_code == ExitCode.DONE, result.stderr
    assert len(json.loads((tmp_path / "scenes.json").read_text())["features"]) > 10
    assert len(simulator.jobs) == 0
    assert not (tmp_path / "31TCJ.log").exists()
    assert not (tmp_path / "catalog").exists()


def test_a_log_that_is_used_again_loses_nothing(
    old: Old, simulator: Simulator, tmp_path: Path
) -> None:
    """The old readme warns that a second series in one log loses the first."""
    old("full-maja-process", *SERIES, "-o", "51")
    old("full-maja-process", *SERIES, "-o", "8")

    first, second = simulator.jobs
    kept = read_log(tmp_path / f"Full_Maja-{first.id}.log")
    launch = read_log(tmp_path / "Full_Maja.log")
    assert kept is not None
    assert launch is not None
    assert (kept.job_id, launch.job_id) == (first.id, second.id)


def test_the_same_series_again_is_not_ordered_twice(old: Old, simulator: Simulator) -> None:
    old("full-maja-process", *SERIES, *LOG)
    again = old("full-maja-process", *SERIES, *LOG)

    assert again.exit_code == ExitCode.DONE, again.stderr
    assert len(simulator.jobs) == 1


def test_a_log_of_the_old_script_is_taken_over(
    old: Old, simulator: Simulator, tmp_path: Path
) -> None:
    """Its tile and dates come from the service's list of jobs."""
    old("full-maja-process", *SERIES, "-o", "51")
    simulator.jobs.finish()
    (tmp_path / "old.log").write_text(an_old_log(simulator, simulator.jobs[0].id))

    result = old("full-maja-download", "-l", "old.log", "-w", "elsewhere")

    assert result.exit_code == ExitCode.DONE, result.stderr
    assert ".log: adopted: " in result.stderr
    catalog = Catalog(tmp_path / "elsewhere/catalog")
    assert len(list(catalog.ids(L1C_COLLECTION))) > len(list(catalog.ids(L2A_COLLECTION))) > 3


def test_a_series_of_the_old_script_is_not_ordered_again(
    old: Old, simulator: Simulator, tmp_path: Path
) -> None:
    old("full-maja-process", *SERIES, *LOG)
    old_log = an_old_log(simulator, simulator.jobs[0].id)
    (tmp_path / "31TCJ.log").write_text(old_log)
    env = {"PEPS_STAC_CATALOG": "another"}

    result = old("full-maja-process", *SERIES, *LOG, **env)

    assert ".log: adopted: " in result.stderr
    assert result.exit_code == ExitCode.DONE, result.stderr
    assert len(simulator.jobs) == 1


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "no log 31TCJ.log"),
        ("", "is empty"),
        ('{"ErrorMessage": "Unauthorized", "ErrorCode": 401}', "Unauthorized"),
        ("<html>Bad Gateway</html>", "html"),
    ],
)
def test_a_log_without_a_job_is_one_line(
    old: Old, tmp_path: Path, content: str | None, complaint: str
) -> None:
    """maja_peps #6: a name that was never set."""
    if content is not None:
        (tmp_path / "31TCJ.log").write_text(content)

    result = old("full-maja-download", *LOG)

    assert complaint in one_line(result.stderr)
    assert result.exit_code == ExitCode.WRONG_USAGE


def test_a_job_that_the_service_forgot_is_told(
    old: Old, simulator: Simulator, tmp_path: Path
) -> None:
    gone = "0d5f0a9c-d3a1-11e7-9d0d-005056a8a5c7"
    (tmp_path / "31TCJ.log").write_text(an_old_log(simulator, gone))

    result = old("full-maja-download", *LOG)

    assert "31TCJ.log: failed: " in result.stderr
    assert f"its job {gone} is not in" in result.stderr.splitlines()[-1]
    assert result.exit_code == ExitCode.FAILED


def test_a_job_in_no_list_says_what_is_missing(
    old: Old, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old("full-maja-process", *SERIES)
    (tmp_path / "31TCJ.log").write_text(an_old_log(simulator, simulator.jobs[0].id))
    monkeypatch.setattr("peps_stac.peps.client.PepsClient.jobs", lambda _: ())

    result = old("full-maja-download", *LOG, "-w", "elsewhere")

    assert "tells its tile and days" in result.stderr
    assert result.exit_code == ExitCode.FAILED


def test_a_series_that_waits_for_others_goes_out_by_the_same_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One catalog takes half of the ten places that PEPS has for everybody."""
    monkeypatch.chdir(tmp_path)
    tiles = ("31TCH", "31TCJ", "31TCK", "31TDH", "31TDJ", "31TDK")
    scenes = [a_feature(tile=tile) for tile in tiles]
    with Simulator(scenes, size=100, clock=SimulatedClock(speed=0)) as peps:
        account = peps.credentials
        env = {
            "PEPS_STAC_PEPS_URL": peps.url,
            "PEPS_STAC_USERNAME": str(account.username),
            "PEPS_STAC_PASSWORD": str(account.password),
        }

        def process(tile: str) -> Result:
            words = ("-t", tile, *SERIES[2:], "-l", f"{tile}.log")
            return run_old("full-maja-process", *words, home=tmp_path, env=env)

        last = [process(tile) for tile in tiles][-1]
        assert last.exit_code == ExitCode.DONE, last.stderr
        assert "waits for other series; run the same line again" in last.stderr
        assert len(peps.jobs) == 5
        assert not (tmp_path / "31TDK.log").exists()

        peps.jobs.finish()
        again = process(tiles[-1])
        assert again.exit_code == ExitCode.DONE, again.stderr
        assert len(peps.jobs) == 6
        assert read_log(tmp_path / "31TDK.log") is not None
