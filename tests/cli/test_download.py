"""`peps-stac download`: what is typed, printed and answered to the shell."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from builders_cli import Run, one_line
from builders_workflow import november
from peps_stac.cli.errors import ExitCode
from peps_stac.cli.outcomes import exit_code
from peps_stac.simulator import Action, Fault, Scenario, SimulatedClock, Simulator
from peps_stac.workflow import Outcome, OutcomeState

L1C = ("--collection", "sentinel-2-l1c")
NOVEMBER = ("-t", "31TCJ", "--datetime", "2017-11-26/2017-11-30")
NAMES = [scene["properties"]["productIdentifier"] for scene in november()]
NEVER = next(name for name in NAMES if "20171127" in name)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """Scenes that are on disk, but for one that the tape robot never brings."""
    storage = {**dict.fromkeys(NAMES, "disk"), NEVER: "tape"}
    scenario = Scenario(storage=storage, never_staged=frozenset([NEVER]), retry_after_ms=0)
    clock = SimulatedClock(speed=0)
    with Simulator(november(), size=100, clock=clock, scenario=scenario) as running:
        yield running


def test_scenes_are_fetched_and_what_stays_on_tape_is_worth_coming_back(
    peps_stac: Run, tmp_path: Path
) -> None:
    peps_stac("search", *NOVEMBER, "--save")
    result = peps_stac("download", *L1C, *NOVEMBER, "--json", "--interval", "1s", "--timeout", "1s")

    told = {one["name"]: one for one in json.loads(result.stdout)}
    assert result.exit_code == ExitCode.STILL_RUNNING
    assert told.pop(NEVER)["state"] == "on_tape"
    assert {one["state"] for one in told.values()} == {"added"}
    assert len(list((tmp_path / "catalog").rglob("*.zip"))) == len(told) >= 1
    assert "on tape" in result.stderr
    assert peps_stac("validate", "--deep").exit_code == ExitCode.DONE


def test_scenes_by_id_and_from_stdin(peps_stac: Run) -> None:
    """One that the catalog lacks is found on the service."""
    first, second = [name for name in NAMES if name != NEVER][:2]
    assert peps_stac("download", *L1C, first).exit_code == ExitCode.DONE
    again = peps_stac("download", *L1C, "-", stdin=f"{first}\n{second}\n")

    states = {line.split()[1]: line.split()[0] for line in again.stdout.splitlines()}
    assert states == {first: "kept", second: "added"}


def test_items_of_a_search_go_through_a_pipe(peps_stac: Run) -> None:
    found = peps_stac("search", "-t", "31TCJ", "--limit", "1", "--json")
    result = peps_stac("download", *L1C, "-", stdin=found.stdout)

    assert result.exit_code == ExitCode.DONE
    assert result.stdout.startswith("added")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (L1C, "which scenes?"),
        ((*L1C, *NOVEMBER, NAMES[0]), "exclude each other"),
        ((*L1C, NAMES[0], "--assets", "zip"), "--assets: L1C archives are kept as they are"),
        ((NAMES[0],), "add --collection sentinel-2-l1c"),
        (NOVEMBER, "add --collection sentinel-2-l1c"),
        ((*L1C, "S2A_NO_SUCH_PRODUCT"), "no such L1C product"),
        (("--parallel", "0"), "0 is not in the range"),
    ],
)
def test_what_makes_no_sense_is_one_line(
    peps_stac: Run, words: tuple[str, ...], expected: str
) -> None:
    result = peps_stac("download", *words)

    assert expected in one_line(result.stderr)
    assert result.exit_code == ExitCode.WRONG_USAGE


def test_a_selection_that_matches_nothing_is_told(peps_stac: Run) -> None:
    result = peps_stac("download", *L1C, *NOVEMBER)

    assert "no Item of sentinel-2-l1c matches" in one_line(result.stderr)
    assert result.exit_code == ExitCode.FAILED


def test_products_are_fetched_some_at_once(peps_stac: Run, simulator: Simulator) -> None:
    peps_stac("search", *NOVEMBER, "--save")
    peps_stac("order", *NOVEMBER)
    simulator.clock.advance(hours=5)
    result = peps_stac("download", "--assets", "raw", "--parallel", "3", "--json")

    assert result.exit_code == ExitCode.DONE
    assert {one["state"] for one in json.loads(result.stdout)} == {"added"}


def test_a_quota_is_told_once_with_the_time_to_come_back(
    peps_stac: Run, simulator: Simulator
) -> None:
    peps_stac("search", *NOVEMBER, "--save")
    peps_stac("order", *NOVEMBER)
    simulator.clock.advance(hours=5)
    simulator.faults.add(
        Fault(route="result", action=Action.ERROR, status=420, message="week|1", nth=2, times=None)
    )
    result = peps_stac("download", "--assets", "raw", "--parallel", "1")

    assert result.exit_code == ExitCode.PARTLY_FAILED
    assert result.stdout.count("postponed") >= 1
    assert result.stderr.count("420") == 1


@pytest.mark.parametrize(
    ("states", "running", "expected"),
    [
        ([], 0, ExitCode.DONE),
        ([OutcomeState.ADDED, OutcomeState.TOO_CLOUDY], 0, ExitCode.DONE),
        ([OutcomeState.POSTPONED], 0, ExitCode.FAILED),
        ([OutcomeState.ADDED, OutcomeState.POSTPONED], 0, ExitCode.PARTLY_FAILED),
        ([OutcomeState.ADDED, OutcomeState.ON_TAPE], 0, ExitCode.STILL_RUNNING),
        ([OutcomeState.FAILED, OutcomeState.ON_TAPE], 0, ExitCode.STILL_RUNNING),
        ([OutcomeState.ADDED, OutcomeState.FAILED], 1, ExitCode.STILL_RUNNING),
    ],
)
def test_the_exit_code_says_whether_it_is_worth_coming_back(
    states: list[OutcomeState], running: int, expected: ExitCode
) -> None:
    outcomes = [Outcome(str(number), state) for number, state in enumerate(states)]

    assert exit_code(outcomes, running=running) is expected
