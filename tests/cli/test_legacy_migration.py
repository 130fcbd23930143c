"""What `docs/migration.md` shows is run: the old lines, and that the new ones ask for the same."""

import json
import re
import shlex
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from builders_cli import run
from builders_legacy import NAMES, ROOT, old_command, run_old
from peps_stac.cli.errors import ExitCode
from peps_stac.domain import MgrsTile
from peps_stac.simulator import SimulatedClock, Simulator
from peps_stac.simulator.scenes import features

PAGE = (ROOT / "docs" / "migration.md").read_text()
ROWS: list[list[list[str]]] = [
    [re.findall(r"`([^`]+)`", cell) for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("|")
]
PAIRS: list[tuple[str, str]] = [
    (row[0][0], row[1][0])
    for row in ROWS
    if len(row) == 2 and row[0] and row[0][0].startswith(NAMES) and " -" in row[0][0]
]
NEW_LINES = sorted({code for row in ROWS for cell in row for code in cell if "peps-stac " in code})
ORDERS = [pair for pair in PAIRS if "-process" in pair[0]]
DOWNLOADS = [pair for pair in PAIRS if "-download" in pair[0]]


@pytest.fixture
def peps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """Some scenes of Toulouse in November 2017; the account is in `peps.txt`, `MAJA` is there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "MAJA").mkdir()
    archive = features([MgrsTile.parse("31TCJ")], date(2017, 11, 5), date(2017, 11, 12))
    with Simulator(archive, size=100, clock=SimulatedClock(speed=0)) as running:
        auth = tmp_path / "peps.txt"
        auth.write_text(f"{running.credentials.username} {running.credentials.password}\n")
        auth.chmod(0o600)
        yield running


def old(line: str, home: Path, peps: Simulator) -> Any:  # noqa: ANN401 -- click's Result
    name, *words = shlex.split(line)
    env = {"PEPS_STAC_PEPS_URL": peps.url}
    return run_old(name, *words, home=home, stdin="yes\n", env=env)


def test_the_page_has_what_it_promises() -> None:
    assert len(ORDERS) >= 8
    assert len(DOWNLOADS) >= 4
    assert len(NEW_LINES) >= 15


@pytest.mark.parametrize("name", NAMES)
def test_every_old_option_has_its_row(name: str) -> None:
    section = PAGE.partition(f"### {name}\n")[2].partition("\n#")[0]
    rows = re.findall(r"^\| (.+?) \|", section, re.MULTILINE)
    named = {option for row in rows for option in re.findall(r"`(-[^`]+)`", row)}

    assert named == {one for param in old_command(name).params for one in param.opts}


@pytest.mark.parametrize(("old_line", "new_line"), ORDERS)
def test_an_old_order_and_its_new_line_ask_for_the_same(
    old_line: str, new_line: str, peps: Simulator, tmp_path: Path
) -> None:
    _, *words = shlex.split(new_line)
    env = {"PEPS_STAC_PEPS_URL": peps.url}
    plan = run(*words, "--dry-run", "--json", home=tmp_path, env=env)
    planned = json.loads(plan.stdout)["planned"]

    result = old(old_line, tmp_path, peps)

    assert result.exit_code == ExitCode.DONE, result.stderr
    if " -n" in old_line:
        assert len(peps.jobs) == 0
        assert planned
        return
    (job, *others) = peps.jobs
    if job.process == "FULL_MAJA":
        # The new line may begin earlier, as MAJA needs dates before its products are good.
        (series,) = planned
        assert not others
        assert series["inputs"]["startDate"] <= job.inputs["startDate"]
        same = ("tileid", "completionDate", "relativeOrbitNumber")
        assert [series["inputs"].get(one) for one in same] == [job.inputs.get(one) for one in same]
    else:
        asked = sorted(one["inputs"]["product"] for one in planned)
        assert sorted(one.inputs["product"] for one in peps.jobs) == asked


def order_before(line: str) -> str:
    """The line of the page that writes the list or the log which a download line reads."""
    words = shlex.split(line)
    file = words[words.index("-p" if "-p" in words else "-l") + 1]
    return next(one for one, _ in ORDERS if file in shlex.split(one) and " -n" not in one)


@pytest.mark.parametrize(("old_line", "new_line"), DOWNLOADS)
def test_an_old_download_fetches_and_leaves_nothing_for_its_new_line(
    old_line: str, new_line: str, peps: Simulator, tmp_path: Path
) -> None:
    old(order_before(old_line), tmp_path, peps)
    early = old(old_line, tmp_path, peps)
    assert early.exit_code == ExitCode.STILL_RUNNING, early.stderr
    peps.jobs.finish()

    result = old(old_line, tmp_path, peps)

    assert result.exit_code == ExitCode.DONE, result.stderr
    assert "downloaded as SENTINEL2" in result.stdout
    _, *words = shlex.split(new_line)
    again = run(*words, home=tmp_path, env={"PEPS_STAC_PEPS_URL": peps.url})
    assert "nothing new to download" in again.stderr
