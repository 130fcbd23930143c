"""Every line that the help shows is run as it stands there.

What needs a cluster, object storage, a web browser, or runs until it is stopped is only taken
apart by click. Waiting is made shorter and rasters are left as they are, where the line does not
say how long and how.
"""

import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from itertools import chain
from pathlib import Path

import click
import pytest

from builders_cli import run
from builders_workflow import TOULOUSE
from peps_stac.cli import COMMANDS, EXAMPLES, main
from peps_stac.cli.legacy_files import write_list
from peps_stac.cli.legacy_orders import write_log
from peps_stac.simulator import SimulatedClock, Simulator
from peps_stac.simulator.scenes import features
from peps_stac.store import Catalog
from peps_stac.workflow import tracked

LINES = [
    line
    for examples in (EXAMPLES, *(import_module(f"peps_stac.cli.{n}").EXAMPLES for n in COMMANDS))
    for _, line in examples
]
ELSEWHERE = (
    "browse",  # serves until it is stopped
    "demo",  # has tests of its own, which take longer
    "simulate",  # serves until it is stopped
    "--scheduler",
    "s3://",
    "cancel 3f9a2c51",  # an id that is made up
)
LONGEST = 76
"""Characters that fit into 80 columns behind the indentation."""
HURRY = {"interval": ("--interval", "0.2"), "assets": ("--assets", "raw")}


@dataclass(frozen=True)
class Stage:
    """Where a job stands: a catalog with products, and its service."""

    peps: Simulator
    home: Path

    def env(self, home: Path) -> dict[str, str]:
        account = self.peps.credentials
        return {
            "PEPS_STAC_PEPS_URL": self.peps.url,
            "PEPS_STAC_GEODES_URL": self.peps.url,
            "PEPS_STAC_USERNAME": str(account.username),
            "PEPS_STAC_PASSWORD": str(account.password),
            "PEPS_STAC_CATALOG": str(home / "catalog"),
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "NO_PROXY": "127.0.0.1",
        }


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Ten days of Toulouse delivered, one of them too cloudy, and a month later some more."""
    home = tmp_path_factory.mktemp("home")
    days = ((date(2017, 11, 12), date(2017, 11, 22)), (date(2017, 12, 20), date(2017, 12, 26)))
    scenes = list(chain.from_iterable(features([TOULOUSE], *period) for period in days))
    with Simulator(scenes, size=100, clock=SimulatedClock(speed=36000)) as peps:
        made = Stage(peps, home)
        line = "sync -t 31TCJ --datetime 2017-11-01/2017-11-30 --interval 0.2 --assets raw"
        done = run(*line.split(), home=home, env=made.env(home))
        assert done.exit_code == 0, done.stderr
        line = "--catalog {} order -t 31TCJ --datetime 2017-10-01/2017-12-31 --series --yes"
        done = run(*line.format(home / "elsewhere").split(), home=home, env=made.env(home))
        assert done.exit_code == 0, done.stderr
        yield made


@pytest.fixture
def home(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, with the files that examples name."""
    shutil.copytree(stage.home, tmp_path, dirs_exist_ok=True)
    products = tmp_path / "catalog" / "sentinel-2-l2a-maja"
    folders = [path.parent for path in products.rglob("*_MTD_ALL.xml")]
    for name in ("theia", "downloads"):
        (tmp_path / name).mkdir()
    shutil.copytree(folders[0], tmp_path / "theia" / folders[0].name)
    shutil.make_archive(
        str(tmp_path / "downloads" / folders[0].name), "zip", folders[0].parent, folders[0].name
    )
    account = stage.peps.credentials
    (tmp_path / "account.txt").write_text(f"{account.username} {account.password}\n")
    (tmp_path / "account.txt").chmod(0o600)
    write_logs(stage, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_logs(stage: Stage, home: Path) -> None:
    """What the old scripts leave: a product list, and the log of each order."""
    (home / "maja").mkdir()
    entries = tracked(Catalog(home / "catalog"))
    write_list(home / "products.txt", [entry.item_ids[0] for entry in entries])
    for entry in entries:
        write_log(home / "maja" / f"{entry.item_ids[0]}.log", entry, stage.peps.url)
    (series,) = tracked(Catalog(home / "elsewhere"))
    write_log(home / "series.log", series, stage.peps.url)


@pytest.mark.parametrize("line", [line for line in LINES if not any(e in line for e in ELSEWHERE)])
def test_an_example_does_what_it_says(line: str, stage: Stage, home: Path) -> None:
    typed = None
    for words in programs(line):
        hurried = [*words[1:], *in_a_hurry(words[1:])]
        key = {"PEPS_STAC_API_KEY": stage.peps.api_key} if "login" in words else {}
        done = run(*hurried, home=home, stdin=typed, env=stage.env(home) | key)
        assert done.exit_code == 0, (hurried, done.stderr)
        typed = done.stdout


def programs(line: str) -> list[list[str]]:
    """The words of each `peps-stac` in a line of a shell."""
    found = [shlex.split(one) for one in re.findall(r"peps-stac [^|)]+", line)]
    assert found
    return found


def in_a_hurry(words: list[str]) -> Iterator[str]:
    context = taken_apart(words)
    for name, hurried in HURRY.items():
        given = context.get_parameter_source(name)
        is_left = name in context.params and given is not click.core.ParameterSource.COMMANDLINE
        if is_left and not (name == "assets" and "sentinel-2-l1c" in words):
            yield from hurried


def taken_apart(words: list[str]) -> click.Context:
    """What click makes of a line: the context of its command."""
    whole = main.make_context("peps-stac", list(words))
    name, command, rest = main.resolve_command(whole, [*whole._protected_args, *whole.args])  # noqa: SLF001 -- where click 8 keeps them
    assert command is not None
    return command.make_context(name, rest, parent=whole)


@pytest.mark.parametrize("line", LINES)
def test_an_example_is_understood(line: str) -> None:
    for words in programs(line):
        assert taken_apart(words[1:]).params is not None


@pytest.mark.parametrize("line", LINES)
def test_an_example_fits_the_terminal(line: str) -> None:
    assert len(line) <= LONGEST


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_one_to_four_lines(name: str, tmp_path: Path) -> None:
    command = main.get_command(click.Context(main), name)
    text = run(name, "--help", home=tmp_path).stdout

    assert command is not None
    assert isinstance(command, click.Command)
    examples = import_module(f"peps_stac.cli.{name}").EXAMPLES
    assert 1 <= len(examples) <= 4
    for purpose, line in examples:
        assert f"{purpose}:\n    {line}\n" in text
        assert f"peps-stac {name}" in line or f" {name} " in f"{line} "
