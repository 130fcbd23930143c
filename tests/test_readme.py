"""What the README shows is run, so that it is true."""

import re
from datetime import date
from pathlib import Path

import pytest

from builders_workflow import TOULOUSE
from peps_stac.cli import COMMANDS
from peps_stac.simulator import SimulatedClock, Simulator
from peps_stac.simulator.scenes import features
from peps_stac.stac.collections import L2A_COLLECTION
from peps_stac.store import Catalog

README = (Path(__file__).parents[1] / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_python_of_the_readme_does_the_whole_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenes = features([TOULOUSE], date(2017, 11, 20), date(2017, 12, 1))
    with Simulator(scenes, clock=SimulatedClock(speed=3600), size=122) as peps:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("PEPS_STAC_PEPS_URL", peps.url)
        monkeypatch.setenv("PEPS_STAC_USERNAME", str(peps.credentials.username))
        monkeypatch.setenv("PEPS_STAC_PASSWORD", str(peps.credentials.password))
        names: dict[str, object] = {}
        for block in blocks("python"):
            fast = block.replace("finish(client, catalog)", "finish(client, catalog, interval_s=1)")
            exec(compile(fast, "README.md", "exec"), names)  # noqa: S102 -- our own README

    catalog = Catalog(tmp_path / "toulouse")
    assert len(list(catalog.ids(L2A_COLLECTION))) > 1


def test_the_commands_of_the_readme_are_those_of_the_makefile() -> None:
    makefile = (Path(__file__).parents[1] / "Makefile").read_text()
    targets = re.findall(r"^make (\w+)$", README, re.MULTILINE)

    assert targets == ["demo", "test"]
    assert all(f"\n{target}:" in makefile for target in targets)


def test_every_command_of_the_readme_exists_and_every_command_is_in_it() -> None:
    used = set(re.findall(r"peps-stac (?:--catalog \S+ )?([a-z]+)", "\n".join(blocks("sh"))))
    [table] = re.findall(r"^\| command \|.*\n((?:\|.*\n)+)", README, re.MULTILINE)
    rows = re.findall(r"^\| (`[a-z]+`(?:, `[a-z]+`)*) \|", table, re.MULTILINE)
    listed = {name for row in rows for name in re.findall(r"[a-z]+", row)}

    assert used <= set(COMMANDS)
    assert listed == set(COMMANDS)
