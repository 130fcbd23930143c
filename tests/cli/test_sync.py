"""`peps-stac sync`: what a person types, what comes back, and how it ends."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random

import pystac
import pytest
from rich.cells import cell_len

from builders_cli import NOWHERE, Run, environment, one_line, run
from builders_workflow import TOULOUSE
from peps_stac.cli.errors import ExitCode
from peps_stac.simulator import Scenario, Script, SimulatedClock, Simulator
from peps_stac.simulator.scenes import features
from peps_stac.stac.collections import L2A_COLLECTION
from peps_stac.store import Catalog, validate

PERIOD = ("-t", "31TCJ", "-o", "51", "--datetime", "2017-11-01/2017-11-20")
QUICK = ("--interval", "0.2", "--assets", "raw")
SCENES = 4
"""One of them too cloudy."""


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """31TCJ from October to December 2017, an hour of which passes in half a second."""
    archive = features([TOULOUSE], date(2017, 10, 1), date(2017, 12, 31))
    with Simulator(archive, size=100, clock=SimulatedClock(speed=7200)) as running:
        yield running


@pytest.fixture
def still(simulator: Simulator) -> Simulator:
    """The same, with a clock that stands still."""
    simulator.clock.speed = 0
    return simulator


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_one_line_makes_a_whole_catalog_and_again_changes_nothing(
    peps_stac: Run, simulator: Simulator, tmp_path: Path
) -> None:
    first = peps_stac("sync", *PERIOD, *QUICK)

    assert first.exit_code == ExitCode.DONE, first.stderr
    assert first.stdout.count("order MAJA") == SCENES
    assert first.stdout.count("added ") == SCENES - 1
    assert first.stderr.splitlines()[-1] == "4 scenes: 3 in the catalog, 1 too cloudy"
    root = tmp_path / "catalog"
    items = pystac.Catalog.from_file(str(root / "catalog.json")).get_items(recursive=True)
    assert len(list(items)) == 2 * SCENES - 1
    assert validate(Catalog(root), deep=True).findings == ()

    made = contents(root)
    simulator.requests.clear()
    second = peps_stac("sync", *PERIOD, *QUICK)

    assert second.exit_code == ExitCode.DONE
    assert contents(root) == made
    assert {request.route for request in simulator.requests} <= {"search"}


def test_a_dry_run_writes_nothing_anywhere_and_needs_no_account(
    peps_stac: Run, still: Simulator, tmp_path: Path
) -> None:
    peps_stac("order", "-t", "31TCJ", "--datetime", "2017-11-12")
    made = contents(tmp_path / "catalog")
    still.requests.clear()

    nobody = {"PEPS_STAC_USERNAME": "", "PEPS_STAC_PASSWORD": ""}
    result = peps_stac("sync", *PERIOD, "--dry-run", **nobody)

    assert result.exit_code == ExitCode.DONE
    assert "31TCJ 2017-11-12 S2A  wait: ordered when last heard of" in result.stdout
    assert result.stdout.count("order MAJA") == SCENES - 1
    assert "nothing was written or sent" in result.stderr
    assert contents(tmp_path / "catalog") == made
    assert {request.route for request in still.requests} == {"search"}


def test_a_dry_run_as_json_puts_each_scene_in_one_list(peps_stac: Run, still: Simulator) -> None:
    peps_stac("order", "-t", "31TCJ", "--datetime", "2017-11-12")
    peps_stac("order", "-t", "31TCJ", "--datetime", "2017-11-17")
    still.jobs.finish()
    peps_stac("download", "--assets", "raw")
    peps_stac("order", "-t", "31TCJ", "--datetime", "2017-11-07")

    plan = json.loads(peps_stac("sync", *PERIOD, "--dry-run", "--json").stdout)

    assert list(plan) == ["planned", "awaited", "refused", "warnings", "expected"]
    [planned] = plan["planned"]
    [awaited] = plan["awaited"]
    assert planned["expected"]["minutes"] == plan["expected"]["minutes"] == 85
    assert plan["expected"]["cog_gb"] == pytest.approx(2.2)
    assert (awaited["action"], awaited["status"]) == ("wait", "ordered")
    reasons = sorted(one["reason"] for one in plan["refused"])
    assert reasons[0].startswith("already in the catalog as SENTINEL2")
    assert reasons[1].startswith("too cloudy")
    names = [*planned["items"], awaited["id"], *(one["id"] for one in plan["refused"])]
    assert len(set(names)) == len(names) == SCENES


def test_a_dry_run_of_series_tells_windows_time_and_disk(
    peps_stac: Run, still: Simulator, tmp_path: Path
) -> None:
    shown = peps_stac("sync", *PERIOD, "--series", "--dry-run")
    told = peps_stac("sync", *PERIOD, "--series", "--dry-run", "--json")

    header, row = shown.stdout.splitlines()
    assert header.split() == ["tile", "ordered", "kept", "scenes", "dates", "duration", "COGs"]
    assert row.startswith("31TCJ  2017-09-02/2017-11-17  from 2017-11-01")
    assert "readme of the PEPS scripts" in shown.stderr
    assert "GB as COGs" in shown.stderr
    [planned] = json.loads(told.stdout)["planned"]
    assert planned["kept"] == ["2017-11-01", "2017-11-17"]
    assert planned["expected"]["minutes"] == 60 + 25 * planned["expected"]["dates"]
    assert len(still.jobs) == 0
    assert not (tmp_path / "catalog").exists()


def test_the_plan_fits_a_terminal_of_80_columns(peps_stac: Run, still: Simulator) -> None:
    """A year of series, and what is there already."""
    peps_stac("order", "-t", "31TCJ", "--datetime", "2017-11-12/2017-11-17")
    still.jobs.finish()
    peps_stac("download", "--assets", "raw")

    for more in ((), ("--series",)):
        result = peps_stac("sync", *PERIOD, *more, "--dry-run")
        assert max(map(cell_len, result.stdout.splitlines())) <= 80


def test_the_way_of_single_products_has_the_advice_of_order(
    peps_stac: Run, still: Simulator
) -> None:
    period = ("-t", "31TCJ", "--datetime", "2017-11-01/2017-12-31")
    sync = peps_stac("sync", *period, "--dry-run").stderr.splitlines()
    order = peps_stac("order", *period, "--dry-run").stderr.splitlines()

    [advice] = [line for line in sync if line.startswith("warning: ") and "a series" in line]
    assert advice in order
    assert len(still.jobs) == 0


def test_a_disk_that_is_too_small_is_told_beforehand(
    peps_stac: Run, still: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    del still
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 3e9}))

    result = peps_stac("sync", *PERIOD, "--dry-run", "--assets", "raw")

    assert "warning: about 15 GB are needed and 3 GB are free" in result.stderr


def test_above_ten_products_somebody_has_to_agree(
    peps_stac: Run, still: Simulator, tmp_path: Path
) -> None:
    many = ("-t", "31TCJ", "--datetime", "2017-10-01/..")

    result = peps_stac("sync", *many)

    assert result.stderr.splitlines()[-1].endswith("add --yes")
    assert result.exit_code == ExitCode.WRONG_USAGE
    assert not (tmp_path / "catalog").exists()
    timed = peps_stac("sync", *many, "--yes", "--interval", "0.1", "--timeout", "0.1")
    assert timed.exit_code == ExitCode.STILL_RUNNING
    assert len(still.jobs) > 10


def test_when_time_is_up_it_says_3_and_how_to_go_on(peps_stac: Run, still: Simulator) -> None:
    result = peps_stac("sync", *PERIOD, "--interval", "0.1", "--timeout", "0.1")

    assert "4 scenes still to come: run the same line again" in result.stderr
    assert result.exit_code == ExitCode.STILL_RUNNING
    still.jobs.finish()
    assert peps_stac("sync", *PERIOD, *QUICK).exit_code == ExitCode.DONE
    assert len(still.jobs) == SCENES


@pytest.mark.parametrize(("failing", "code"), [(1, ExitCode.PARTLY_FAILED), (4, ExitCode.FAILED)])
def test_what_failed_is_counted_and_the_retry_that_would_help_is_told(
    peps_stac: Run, simulator: Simulator, failing: int, code: ExitCode
) -> None:
    broken = Script(words=((0.0, "FAILED"),))
    simulator.scenario = Scenario(scripts=dict.fromkeys(range(1, failing + 1), broken))

    result = peps_stac("sync", *PERIOD, *QUICK, "--json")

    assert result.exit_code == code
    assert "peps-stac retry --status failed, then the same line again" in result.stderr
    told = json.loads(result.stdout)
    assert told["dates"]["failed"] == len(told["retry"]) == failing
    again = peps_stac("sync", *PERIOD, *QUICK)
    assert again.exit_code == code
    assert len(simulator.jobs) == SCENES

    peps_stac("retry", "--status", "failed")
    assert peps_stac("sync", *PERIOD, *QUICK).exit_code == ExitCode.DONE


def test_the_json_of_a_run_is_its_plan_and_what_became_of_it(peps_stac: Run) -> None:
    result = peps_stac("sync", *PERIOD, *QUICK, "--json")

    told = json.loads(result.stdout)
    assert list(told) == [
        *("planned", "awaited", "refused", "warnings", "expected"),
        *("ordered", "outcomes", "dates", "retry"),
    ]
    assert len(told["planned"]) == len(told["ordered"]) == SCENES
    assert told["dates"] == {"delivered": SCENES - 1, "too_cloudy": 1}
    states = Counter(one["state"] for one in told["outcomes"])
    assert states == {"added": SCENES - 1, "too_cloudy": 1}


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--datetime", "2017-11-01/.."), "sync needs a tile"),
        (("--bbox", "1", "43", "2", "44", "-d", "2017-11-01"), "sync needs a tile"),
        (("-t", "31TCJ"), "sync needs a period with a start"),
        (("-t", "31TCJ", "--datetime", "../2017-12-01"), "sync needs a period with a start"),
        (("-t", "31TCJ", "-f", "2017-12-01"), "sync needs a period with a start"),
        (("-t", "31TCJ", "--datetime", "2017-12-01/2017-11-01"), "before it starts"),
        (("-t", "nowhere", "-d", "2017-11-01"), "nowhere"),
        (("-t", "31TCJ", "-d", "2017-11-31"), "no such date"),
        (("-t", "31TCJ", "-d", "2017-11-01", "--include", "B99"), "B99"),
        (("-t", "31TCJ", "-d", "2017-11-01", "--interval", "soon"), "no length of time"),
        (("-t", "31TCJ", "-d", "2017-11-01", "--max-open", "0"), "--max-open"),
    ],
)
def test_a_line_that_cannot_be_meant_is_refused_in_one_line(
    words: tuple[str, ...], complaint: str, tmp_path: Path
) -> None:
    result = run("sync", *words, home=tmp_path, env={"PEPS_STAC_PEPS_URL": NOWHERE})

    assert complaint in one_line(result.stderr)
    assert result.exit_code == ExitCode.WRONG_USAGE


def test_a_period_without_any_scene_is_one_line(peps_stac: Run) -> None:
    result = peps_stac("sync", "-t", "31TCJ", "-d", "2030-01-01")

    assert "no product matches" in one_line(result.stderr)
    assert result.exit_code == ExitCode.FAILED


def started(home: Path, environ: dict[str, str], *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 -- our own command
        [sys.executable, "-m", "peps_stac", "sync", *PERIOD, *QUICK, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(home, PYTHONUNBUFFERED="1", **environ),
        cwd=home,
    )


def test_killed_at_any_time_the_same_line_completes(
    simulator: Simulator, environ: dict[str, str], peps_stac: Run, tmp_path: Path
) -> None:
    chance = Random(20171127)  # noqa: S311 -- repeatable
    for number in range(4):
        with started(tmp_path, environ) as process:
            assert process.stderr is not None
            if number:
                process.stderr.readline()
            time.sleep(chance.uniform(0, 0.5))
            process.kill()

    # An order that was never sent is waited for ten minutes of the person's clock.
    line = ("sync", *PERIOD, *QUICK, "--timeout", "60")
    result = peps_stac(*line)
    if "unconfirmed" in result.stderr:
        peps_stac("order", "--again", *never_sent(tmp_path / "catalog"))
        result = peps_stac(*line)

    assert result.exit_code == ExitCode.DONE, result.stderr
    assert "4 scenes: 3 in the catalog, 1 too cloudy" in result.stderr
    counts = Counter(job.inputs["product"] for job in simulator.jobs)
    assert set(counts.values()) == {1}
    assert len(list(Catalog(tmp_path / "catalog").ids(L2A_COLLECTION))) == SCENES - 1
    assert validate(Catalog(tmp_path / "catalog"), deep=True).findings == ()


def never_sent(root: Path) -> list[str]:
    """Killed between the intent and the request, an order is a person's to repeat."""
    found = Catalog(root).items(having="peps:submission")
    return [item.id for item in found if "order:id" not in item.properties]


def test_two_at_once_order_and_fetch_everything_once(
    simulator: Simulator, environ: dict[str, str], tmp_path: Path
) -> None:
    with started(tmp_path, environ) as one, started(tmp_path, environ) as other:
        told = [one.communicate(), other.communicate()]

    assert [one.returncode, other.returncode] == [ExitCode.DONE] * 2, told
    counts = Counter(job.inputs["product"] for job in simulator.jobs)
    assert set(counts.values()) == {1}
    assert validate(Catalog(tmp_path / "catalog"), deep=True).findings == ()


def test_ctrl_c_says_how_to_go_on(
    still: Simulator, environ: dict[str, str], tmp_path: Path
) -> None:
    with started(tmp_path, environ) as process:
        assert process.stderr is not None
        assert any(line.startswith("-- ") for line in process.stderr)
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()

    assert "the same command goes on" in rest
    assert process.returncode == ExitCode.INTERRUPTED
    assert len(still.jobs) == SCENES
