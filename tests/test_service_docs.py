"""What the pages about other services let people type is run, so that it is true."""

import re
import shlex
from collections.abc import Iterator
from datetime import date
from itertools import chain
from pathlib import Path

import pytest
from click.testing import Result

from builders_cli import run
from peps_stac.cli.connect import PROVIDERS
from peps_stac.cli.settings import load_settings
from peps_stac.domain import MgrsTile
from peps_stac.simulator import GeodesScenario, Scenario, SimulatedClock, Simulator
from peps_stac.simulator.scenes import features
from peps_stac.stac.collections import L2A_COLLECTION
from peps_stac.store import Catalog

ROOT = Path(__file__).parents[1]


def shell_of(page: str) -> list[str]:
    """The shell lines of a page, without remarks."""
    text = (ROOT / page).read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = (line.partition("#")[0].strip() for block in blocks for line in block.splitlines())
    return [line for line in lines if line]


def commands(page: str, *, about: str = "") -> list[list[str]]:
    return [
        shlex.split(line)[1:]
        for line in shell_of(page)
        if line.startswith("peps-stac ") and about in line
    ]


@pytest.fixture
def service() -> Iterator[Simulator]:
    """The scenes of both pages, all archives online, in no time."""
    scenes = chain(
        features([MgrsTile.parse("31TCH")], date(2020, 1, 1), date(2020, 1, 8)),
        features([MgrsTile.parse("31TCJ")], date(2017, 11, 20), date(2017, 11, 30)),
    )
    rules = Scenario(geodes=GeodesScenario(l2a_on_tape=0, largest_size=100))
    with Simulator(scenes, size=100, clock=SimulatedClock(speed=0), scenario=rules) as running:
        yield running


def typed(words: list[str], service: Simulator, home: Path, **more: str) -> Result:
    env = {
        "PEPS_STAC_GEODES_URL": service.url,
        "PEPS_STAC_API_KEY": service.api_key,
        "PEPS_STAC_CATALOG": str(home / "catalog"),
        **more,
    }
    return run(*words, home=home, env=env)


@pytest.mark.parametrize("page", ["README.md", "docs/geodes.md"])
def test_the_lines_about_geodes_make_a_catalog(
    page: str, service: Simulator, tmp_path: Path
) -> None:
    [search] = commands(page, about="--provider geodes search")
    assert ["download"] in commands(page)
    assert ["validate"] in commands(page)

    for words in (search, ["download"], ["validate", "--offline"]):
        result = typed(words, service, tmp_path)
        assert result.exit_code == 0, result.output

    assert list(Catalog(tmp_path / "catalog").ids(L2A_COLLECTION))


def test_the_lines_about_a_service_of_ones_own_order_there(
    service: Simulator, tmp_path: Path
) -> None:
    page = "docs/own-service.md"
    exports = dict(
        line.removeprefix("export ").split("=") for line in shell_of(page) if "export" in line
    )
    assert load_settings(environ=exports).processes == {"MAJA": "maja-4"}
    assert exports["PEPS_STAC_PROVIDER"] in PROVIDERS
    account = service.credentials
    there = {
        **exports,
        "PEPS_STAC_PROCESSES_URL": service.processes_url,
        "PEPS_STAC_PROCESS_MAJA": "MAJA",
        "PEPS_STAC_USERNAME": str(account.username),
        "PEPS_STAC_PASSWORD": str(account.password),
        # Theia has made these dates, and who has a key would be told so.
        "PEPS_STAC_API_KEY": "",
    }

    codes = []
    for words in commands(page):
        codes.append(typed(words, service, tmp_path, **there).exit_code)
        if words[0] == "status":
            service.jobs.finish()

    assert codes == [0, 3, 0]
    assert list(Catalog(tmp_path / "catalog").ids(L2A_COLLECTION))
