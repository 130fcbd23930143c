"""Each kind of trouble once, through the real download, and a page of what came of it.

`PEPS_STAC_REWRITE_EXPECTED=1 pytest tests/test_fault_matrix.py` writes `docs/faults.md` anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pytest

from builders_workflow import november
from fault_ground import Ground, Target, a_ground
from fault_page import Line, assert_page, without_what_varies
from fault_proxy import Served
from fault_rows import GROUPS, Does, Next, Row
from fault_stage import Stage
from peps_stac.workflow import OutcomeState

ROWS = tuple(chain.from_iterable(GROUPS.values()))
_WHOLE_PASSES = ("20171112", "20171127T")
"""Scenes that fill their tile, so that the archives are not too small."""


@dataclass(frozen=True, slots=True)
class Played:
    """What one row came to."""

    line: Line
    is_other_there: bool
    is_all_there: bool


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    scenes = [
        scene
        for scene in november()
        if any(day in scene["properties"]["productIdentifier"] for day in _WHOLE_PASSES)
    ]
    with a_ground(tmp_path_factory.mktemp("service"), scenes) as made:
        yield made


@pytest.fixture(scope="module")
def played(ground: Ground, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Played]:
    root = tmp_path_factory.mktemp("rows")
    return {row.title: play(ground, row, root / str(number)) for number, row in enumerate(ROWS)}


def play(template: Ground, row: Row, root: Path) -> Played:
    """Run the command with the trouble of a row, and without it."""
    ground = template.anew(root)
    victim, other = (one for one in ground.targets if one.is_scene is row.is_scene)
    stage = Stage(ground, victim, row.faults, row.ever)
    row.play(stage, row.options)
    ground.assert_nothing_is_corrupt()
    done = does(stage)
    code = "-" if done is Does.DIED else f"{stage.ran.exit_code:d}"
    is_other_there = other.name in ground.catalogued()

    before = len(ground.proxy.served)
    stage.again()
    ground.assert_nothing_is_corrupt()
    served = [one for one in ground.proxy.served[before:] if victim.part in one.target]
    is_gone = "retry orders" in said(stage)
    then = next_of(victim, served, is_gone=is_gone)
    line = Line(row.title, done, code, without_what_varies(said(stage)), then)
    here = ground.catalogued()
    return Played(line, is_other_there, other.name in here and (victim.name in here or is_gone))


def said(stage: Stage) -> str:
    outcome = stage.ran.of(stage.victim)
    if stage.ran.error is not None:
        return str(stage.ran.error)
    is_there = outcome is None or outcome.state is OutcomeState.ADDED
    return "" if is_there or outcome is None else outcome.detail


def does(stage: Stage) -> Does:
    """What the program did with the file in trouble, from what is there and was asked for."""
    ground, victim, ran = stage.ground, stage.victim, stage.ran
    outcome = ran.of(victim)
    if ran.error is not None or not ran.outcomes:
        return Does.ENDED if ran.error else Does.DIED
    assert outcome is not None
    if outcome.state is OutcomeState.ADDED:
        return how_completed(victim, ground.proxy.of(victim.part))
    if outcome.state is OutcomeState.FAILED:
        is_aside = any(
            (ground.root / ".quarantine").glob(f"{victim.name.removesuffix('.zip')}.zip")
        )
        is_kept = ground.on_disk(victim.part) > 0
        return Does.ASIDE if is_aside else Does.KEPT if is_kept else Does.REPORTED
    states = {OutcomeState.POSTPONED: Does.POSTPONED, OutcomeState.ON_TAPE: Does.ON_TAPE}
    return states[outcome.state]


def how_completed(victim: Target, served: list[Served]) -> Does:
    if len(served) == 1:
        return Does.AT_ONCE
    last, had = served[-1], any(one.sent for one in served[:-1])
    if last.start and last.sent < victim.size:
        return Does.RESUMED
    return Does.RESTARTED if had else Does.ASKED_AGAIN


def next_of(victim: Target, served: list[Served], *, is_gone: bool) -> Next:
    if is_gone:
        return Next.ORDERED
    if not served:
        return Next.NOTHING
    return Next.RESUMED if served[-1].start and served[-1].sent < victim.size else Next.FETCHED


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_the_file_in_trouble_is_completed_or_reported(row: Row, played: dict[str, Played]) -> None:
    line = played[row.title].line

    assert line.does == row.does, line
    assert line.then == row.then, line
    assert line.code == ("-" if row.does is Does.DIED else f"{row.code:d}"), line
    assert row.says in line.says
    assert bool(row.says) == bool(line.says)


@pytest.mark.parametrize(
    "row", [row for row in ROWS if not row.other_too], ids=lambda row: row.title
)
def test_the_other_file_arrives(row: Row, played: dict[str, Played]) -> None:
    assert played[row.title].is_other_there


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_in_the_end_both_are_there(row: Row, played: dict[str, Played]) -> None:
    assert played[row.title].is_all_there


def test_the_page_says_what_the_run_did(played: dict[str, Played]) -> None:
    lines = {name: [played[row.title].line for row in rows] for name, rows in GROUPS.items()}

    assert_page(lines)
