"""A simulator for the commands to talk to, and an environment that points at it."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import Result

from builders_cli import Run, run
from peps_stac.domain import MgrsTile
from peps_stac.simulator import SimulatedClock, Simulator
from peps_stac.simulator.scenes import features


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """31TCJ from October to December 2017, with a clock that stands still."""
    archive = features([MgrsTile.parse("31TCJ")], date(2017, 10, 1), date(2017, 12, 31))
    with Simulator(archive, size=100, clock=SimulatedClock(speed=0)) as running:
        yield running


@pytest.fixture
def environ(simulator: Simulator) -> dict[str, str]:
    """What a person exports to use it."""
    account = simulator.credentials
    return {
        "PEPS_STAC_PEPS_URL": simulator.url,
        "PEPS_STAC_USERNAME": str(account.username),
        "PEPS_STAC_PASSWORD": str(account.password),
    }


@pytest.fixture
def peps_stac(tmp_path: Path, environ: dict[str, str]) -> Run:
    """`peps-stac ARGS`, its catalog in `tmp_path/catalog`, its service the simulator."""

    def call(*args: str, stdin: str | None = None, **env: str) -> Result:
        variables = {**environ, "PEPS_STAC_CATALOG": str(tmp_path / "catalog"), **env}
        return run(*args, home=tmp_path, stdin=stdin, env=variables)

    return call
