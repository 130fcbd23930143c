"""`peps-maja-process` and `peps-maja-download` against a simulator."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from builders_cli import one_line
from builders_legacy import run_old, run_old_process
from builders_simulator import a_feature
from peps_stac.cli.errors import ExitCode
from peps_stac.cli.legacy_files import read_log
from peps_stac.simulator import Action, Fault, Hrefs, Scenario, Script, Simulator
from peps_stac.stac.collections import L2A_COLLECTION
from peps_stac.store import Catalog
from peps_stac.workflow import tracked

Old = Callable[..., Result]
NOVEMBER = ("-t", "31TCJ", "-o", "51", "-d", "2017-11-01", "-f", "2017-12-01")
ONE = ("-t", "T31TCJ", "-d", "2017-11-27", "-f", "2017-11-28")
MANY = ("-t", "31TCJ", "-d", "2017-10-01", "-f", "2018-01-01")
LIST = ("-p", "list.txt")


@pytest.fixture
def old(tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Old:
    """An old command in `tmp_path`, its service the simulator."""
    monkeypatch.chdir(tmp_path)

    def call(name: str, *args: str, stdin: str | None = None, **env: str) -> Result:
        return run_old(name, *args, home=tmp_path, stdin=stdin, env={**environ, **env})

    return call


@pytest.fixture
def peps_txt(tmp_path: Path, simulator: Simulator) -> tuple[str, str]:
    path = tmp_path / "peps.txt"
    account = simulator.credentials
    path.write_text(f"{account.username} {account.password}\n")
    path.chmod(0o600)
    return "-a", str(path)


def the_list(folder: Path) -> list[str]:
    return (folder / "list.txt").read_text().splitlines()


def test_process_and_download_an_hour_later_as_processes_of_their_own(
    tmp_path: Path, simulator: Simulator, peps_txt: tuple[str, str]
) -> None:
    """The session of the old readme: list, password file, write directory, twice the download."""
    env = {"PEPS_STAC_PEPS_URL": simulator.url}
    folder = tmp_path / "MAJA"
    folder.mkdir()
    words = (*peps_txt, *LIST, "-w", "MAJA")

    ordered = run_old_process("peps-maja-process", *NOVEMBER, *words, home=tmp_path, env=env)
    assert ordered.returncode == ExitCode.DONE, ordered.stderr
    assert "= peps-stac --catalog MAJA/catalog order -t 31TCJ" in ordered.stderr
    names = the_list(tmp_path)
    assert len(names) == len(simulator.jobs) == 6
    assert {one.name for one in folder.glob("*.log")} == {f"{name}.log" for name in names}

    early = run_old_process("peps-maja-download", *words, home=tmp_path, env=env)
    assert early.returncode == ExitCode.STILL_RUNNING, early.stderr
    assert "= peps-stac --catalog MAJA/catalog download" in early.stderr

    for _ in range(2):
        simulator.clock.advance(hours=1)
        last = run_old_process("peps-maja-download", *words, home=tmp_path, env=env)
    assert last.returncode == ExitCode.DONE, last.stderr
    assert last.stdout.count("downloaded as SENTINEL2") == 5
    assert last.stdout.count("too cloudy") == 1
    catalog = Catalog(folder / "catalog")
    assert len(list(catalog.ids(L2A_COLLECTION))) == 5
    assert len(simulator.jobs) == 6


def test_the_order_is_said_in_the_new_words(old: Old) -> None:
    result = old("peps-maja-process", *NOVEMBER, *LIST)

    (line,) = [one for one in result.stderr.splitlines() if one.startswith("= ")]
    assert line == "= peps-stac order -t 31TCJ -o 51 -d 2017-11-01 -f 2017-12-01 --yes"


def test_a_bare_end_date_leaves_out_its_day(old: Old, tmp_path: Path) -> None:
    same = ("-t", "31TCJ", "-d", "2017-11-27", "-f", "2017-11-27", *LIST)
    result = old("peps-maja-process", *same)

    assert "no product matches; --end 2017-11-27 leaves out that day" in one_line(result.stderr)
    assert not (tmp_path / "list.txt").exists()


def test_the_end_that_meant_none_is_none(old: Old, tmp_path: Path) -> None:
    words = ("-t", "31TCJ", "-d", "2017-12-25", "-f", "9999-01-01", "-n", *LIST)
    result = old("peps-maja-process", *words)

    assert result.exit_code == ExitCode.DONE
    assert "-f" not in result.stderr
    assert the_list(tmp_path)


def test_no_download_only_lists_and_sends_nothing(
    old: Old, simulator: Simulator, tmp_path: Path
) -> None:
    words = (*MANY, *LIST, "-n", "--json", "search.json")
    result = old("peps-maja-process", *words, PEPS_STAC_USERNAME="", PEPS_STAC_PASSWORD="")

    assert result.exit_code == ExitCode.DONE, result.stderr
    names = the_list(tmp_path)
    found = json.loads((tmp_path / "search.json").read_text())
    assert [one["id"] for one in found["features"]] == names
    assert len(names) > 10
    assert len(simulator.jobs) == 0
    assert not (tmp_path / "catalog").exists()


@pytest.mark.parametrize("answer", ["no\n", "y\n", "\n", None])
def test_from_ten_products_on_only_yes_goes_on(
    old: Old, simulator: Simulator, answer: str | None
) -> None:
    result = old("peps-maja-process", *MANY, *LIST, stdin=answer)

    assert "please confirm" in result.stderr
    assert result.exit_code in (ExitCode.FAILED, ExitCode.WRONG_USAGE)
    assert len(simulator.jobs) == 0


def test_yes_may_come_from_a_pipe(old: Old, simulator: Simulator, tmp_path: Path) -> None:
    """`echo yes | peps_maja_process.py ...` is how scripts were run."""
    result = old("peps-maja-process", *MANY, *LIST, stdin="yes\n")

    assert result.exit_code == ExitCode.DONE
    assert len(simulator.jobs) == len(the_list(tmp_path)) > 10


def test_the_same_line_again_orders_nothing_twice(old: Old, simulator: Simulator) -> None:
    old("peps-maja-process", *NOVEMBER, *LIST)
    again = old("peps-maja-process", *NOVEMBER, *LIST)

    assert again.exit_code == ExitCode.DONE
    assert "not ordered: already ordered" in again.stdout
    assert len(simulator.jobs) == 6


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((), "which place?"),
        (("--lat", "43"), "--lat without --lon"),
        (("--lonmin", "1", "--lonmax", "2"), "--latmin"),
        (("-l", "Toulouse", "--lon", "1", "--lat", "43"), "exclude each other"),
        (("--lon", "1", "--lat", "43", "--latmin", "43"), "exclude each other"),
        (("-t", "nonsense"), "unknown tile"),
        (("-t", "31TCJ", "-w", "nowhere"), "nowhere does not exist"),
        (("-t", "31TCJ", "-d", "2017-13-01"), "no such date"),
        (("-t", "31TCJ", "-o", "144"), "--orbit: 144"),
        (("-t", "31TCJ", "-a", "nowhere.txt", "-d", "2017-11-27"), "nowhere.txt"),
    ],
)
def test_a_line_that_makes_no_sense_is_one_line(
    old: Old, simulator: Simulator, words: tuple[str, ...], complaint: str
) -> None:
    result = old("peps-maja-process", *words, *LIST, stdin="yes\n")

    assert complaint in result.stderr.splitlines()[-1]
    assert result.exit_code == ExitCode.WRONG_USAGE
    assert len(simulator.jobs) == 0


def test_a_tile_wins_over_every_other_place(old: Old, tmp_path: Path) -> None:
    result = old("peps-maja-process", *ONE, "--lon", "100", "--lat", "1", "-n", *LIST)

    assert result.exit_code == ExitCode.DONE, result.stderr
    assert len(the_list(tmp_path)) == 1


@pytest.mark.parametrize(
    "place",
    [
        ("-l", "Toulouse"),
        ("--lon", "1.3", "--lat", "43.5"),
        ("--lonmin", "1", "--lonmax", "1.5", "--latmin", "43.4", "--latmax", "43.6"),
    ],
)
def test_every_kind_of_place_finds_the_scene(
    old: Old, tmp_path: Path, place: tuple[str, ...]
) -> None:
    result = old("peps-maja-process", *place, *ONE[2:], *LIST, "-n")

    assert result.exit_code == ExitCode.DONE, result.stderr
    assert the_list(tmp_path)[0].startswith("S2")


def test_words_without_an_option_are_ignored_as_before(old: Old, tmp_path: Path) -> None:
    """An example of the old readme has a stray 2 in it."""
    result = old("peps-maja-process", "2", *ONE, *LIST, "-n", "--windows")

    assert "ignored" in result.stderr
    assert len(the_list(tmp_path)) == 1


def test_the_download_finds_the_logs_of_another_directory(
    old: Old, simulator: Simulator, tmp_path: Path
) -> None:
    """The old readme orders without -w and downloads with it, which never worked before."""
    old("peps-maja-process", *ONE, *LIST)
    simulator.jobs.finish()

    result = old("peps-maja-download", *LIST, "-w", "big/disk")

    assert result.exit_code == ExitCode.DONE, result.stderr
    assert ".log: adopted: " in result.stderr
    assert "= peps-stac --catalog big/disk/catalog adopt S2" in result.stderr
    assert len(list(Catalog(tmp_path / "big/disk/catalog").ids(L2A_COLLECTION))) == 1
    assert len(simulator.jobs) == 1


def test_the_environments_catalog_comes_first(
    old: Old, simulator: Simulator, tmp_path: Path
) -> None:
    env = {"PEPS_STAC_CATALOG": str(tmp_path / "one")}
    (tmp_path / "a").mkdir()
    old("peps-maja-process", *ONE, *LIST, "-w", "a", **env)
    simulator.jobs.finish()

    result = old("peps-maja-download", *LIST, "-w", "b", **env)

    assert "= peps-stac download" in result.stderr
    assert result.exit_code == ExitCode.DONE
    assert len(list(Catalog(tmp_path / "one").ids(L2A_COLLECTION))) == 1


def test_an_order_of_the_old_script_is_not_ordered_again(
    old: Old, simulator: Simulator, tmp_path: Path
) -> None:
    old("peps-maja-process", *ONE, *LIST)
    for path in sorted((tmp_path / "catalog").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()

    result = old("peps-maja-process", *ONE, *LIST)

    assert ".log: adopted: " in result.stderr
    assert result.exit_code == ExitCode.DONE
    (entry,) = tracked(Catalog(tmp_path / "catalog"))
    assert entry.order.id == simulator.jobs[0].id
    assert len(simulator.jobs) == 1


def test_a_log_of_a_job_that_the_service_forgot_is_told_and_ordered_anew(
    old: Old, simulator: Simulator, tmp_path: Path
) -> None:
    old("peps-maja-process", *ONE, *LIST, "-n")
    (name,) = the_list(tmp_path)
    gone = "0d5f0a9c-d3a1-11e7-9d0d-005056a8a5c7"
    href = f"{simulator.url}/resto/wps/outputs/pywps-{gone}.xml"
    log = tmp_path / f"{name}.log"
    log.write_text(f'<wps:ExecuteResponse statusLocation="{href}">')

    early = old("peps-maja-download", *LIST)
    assert f"{name}.log: failed: " in early.stderr
    assert "not ordered" in early.stdout
    assert early.exit_code == ExitCode.FAILED

    result = old("peps-maja-process", *ONE, *LIST)
    assert result.exit_code == ExitCode.DONE, result.stderr
    launch, kept = read_log(log), read_log(tmp_path / f"{name}-{gone}.log")
    assert launch is not None
    assert kept is not None
    assert (launch.job_id, kept.job_id) == (simulator.jobs[0].id, gone)


def test_a_log_with_an_error_is_told_and_in_nobodys_way(
    old: Old, simulator: Simulator, tmp_path: Path
) -> None:
    old("peps-maja-process", *ONE, *LIST, "-n")
    (name,) = the_list(tmp_path)
    (tmp_path / f"{name}.log").write_text('{"ErrorMessage": "Unauthorized", "ErrorCode": 401}')

    result = old("peps-maja-process", *ONE, *LIST)

    assert "Unauthorized" in result.stderr
    assert len(simulator.jobs) == 1


def test_an_internal_address_in_a_log_is_no_trouble(
    old: Old, simulator: Simulator, tmp_path: Path
) -> None:
    """maja_peps #12: the XML named a machine that no outsider can reach."""
    simulator.scenario = Scenario(hrefs=Hrefs.INTERNAL)
    old("peps-maja-process", *ONE, *LIST)
    simulator.jobs.finish()

    result = old("peps-maja-download", *LIST, "-w", "elsewhere")

    assert result.exit_code == ExitCode.DONE, result.stderr
    assert (tmp_path / "elsewhere/catalog").is_dir()


def test_a_canceled_product_says_why(old: Old, simulator: Simulator) -> None:
    script = Script(words=((1, "CANCELED"),), message="no elevation beyond 60 degrees")
    simulator.scenario = Scenario(scripts={1: script})
    old("peps-maja-process", *ONE, *LIST)
    simulator.clock.advance(hours=1)

    result = old("peps-maja-download", *LIST)

    assert "canceled" in result.stdout
    assert "no elevation" in result.stdout
    assert result.exit_code == ExitCode.FAILED


def test_a_wrong_password_sends_nothing_and_is_not_repeated_to_the_screen(
    old: Old, simulator: Simulator, tmp_path: Path
) -> None:
    account = tmp_path / "wrong.txt"
    account.write_text(f"{simulator.credentials.username} not the one\n")

    result = old("peps-maja-process", *ONE, *LIST, "-a", "wrong.txt")

    assert "401" in result.stderr.splitlines()[-1]
    assert "not the one" not in result.output
    assert result.exit_code == ExitCode.FAILED
    assert len(simulator.jobs) == 0


def test_a_password_may_hold_blanks(old: Old, simulator: Simulator, tmp_path: Path) -> None:
    """The old scripts broke on a blank in the password, and curl on quotes."""
    account = simulator.credentials
    (tmp_path / "peps.txt").write_text(f"{account.username}   {account.password}\r\n")

    result = old("peps-maja-process", *ONE, *LIST, "-a", "peps.txt")

    assert result.exit_code == ExitCode.DONE, result.stderr


def test_a_lost_answer_is_not_sent_again(old: Old, simulator: Simulator) -> None:
    simulator.faults.add(Fault(route="execute", action=Action.STATUS, status=500))
    old("peps-maja-process", *ONE, *LIST)
    again = old("peps-maja-process", *ONE, *LIST)

    assert "the answer was lost" in again.stdout
    assert len(simulator.requests.of("execute")) == 1


def test_more_than_500_products_are_all_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old script asked for one page of 500 and never for the next."""
    scenes = [
        a_feature(f"2017-{month:02}-{day:02}T{hour:02}:53:49.024Z")
        for month in range(1, 13)
        for day in range(1, 24)
        for hour in (9, 10, 11)
    ]
    monkeypatch.chdir(tmp_path)
    with Simulator(scenes) as peps:
        env = {"PEPS_STAC_PEPS_URL": peps.url}
        words = ("-t", "31TCJ", "-d", "2017-01-01", *LIST, "-n")
        result = run_old("peps-maja-process", *words, home=tmp_path, env=env)

    assert result.exit_code == ExitCode.DONE, result.stderr
    assert len(the_list(tmp_path)) == len(scenes) > 500
