"""L1C archives from GEODES: what is online is fetched, the rest told and not waited for."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from click.testing import Result

from builders_cli import NOWHERE, Run, run
from peps_stac.cli.errors import ExitCode
from peps_stac.domain import MgrsTile
from peps_stac.simulator import GeodesScenario, Scenario, SimulatedClock, Simulator
from peps_stac.simulator.faults import Action, Fault
from peps_stac.simulator.geodes.scenario import BadKey
from peps_stac.simulator.scenes import features
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.store import Catalog

TILE = "31TCH"
SCENES = list(features([MgrsTile.parse(TILE)], date(2020, 1, 1), date(2020, 1, 12)))
NAMES = sorted(scene["properties"]["productIdentifier"].removesuffix(".SAFE") for scene in SCENES)
SEARCH = ("search", "-t", TILE, "--datetime", "2020-01-01/2020-01-12", "--save")
DOWNLOAD = ("download", "--collection", L1C_COLLECTION, "-t", TILE, "--json")


@contextmanager
def a_geodes(tmp_path: Path, rules: GeodesScenario) -> Iterator[tuple[Simulator, Run]]:
    scenario, clock = Scenario(geodes=rules), SimulatedClock(speed=0)
    with Simulator(SCENES, size=100, clock=clock, scenario=scenario) as geodes:
        variables = {
            "PEPS_STAC_PROVIDER": "geodes",
            "PEPS_STAC_PEPS_URL": NOWHERE,
            "PEPS_STAC_GEODES_URL": geodes.url,
            "PEPS_STAC_API_KEY": geodes.api_key,
            "PEPS_STAC_CATALOG": str(tmp_path / "catalog"),
        }

        def call(*args: str, **env: str) -> Result:
            return run(*args, home=tmp_path, env=variables | env)

        assert call(*SEARCH).exit_code == ExitCode.DONE
        yield geodes, call


def with_archives(tmp_path: Path) -> set[str]:
    items = Catalog(tmp_path / "catalog").items(L1C_COLLECTION)
    return {item.id for item in items if "archive" in item.assets}


def test_what_is_online_stands_beside_its_item(tmp_path: Path) -> None:
    with a_geodes(tmp_path, GeodesScenario(l1c_on_tape=0)) as (geodes, peps_stac):
        first = peps_stac(*DOWNLOAD)
        asked = len(geodes.requests)
        again = peps_stac(*DOWNLOAD)

        assert first.exit_code == again.exit_code == ExitCode.DONE
        assert with_archives(tmp_path) == set(NAMES)
        assert len(geodes.requests) == asked
        assert peps_stac("validate", "--deep").exit_code == ExitCode.DONE


def test_what_is_on_tape_is_told_with_the_way_to_get_it_and_not_waited_for(tmp_path: Path) -> None:
    rules = GeodesScenario(l1c_on_tape=1, online=frozenset(NAMES[:1]))
    with a_geodes(tmp_path, rules) as (_, peps_stac):
        result = peps_stac(*DOWNLOAD)

        assert result.exit_code == ExitCode.STILL_RUNNING
        assert result.stdout.count('"on_tape"') == len(NAMES) - 1
        assert "sign in, find the product" in result.stdout
        assert with_archives(tmp_path) == {NAMES[0]}


def test_what_went_to_tape_since_it_was_asked_about_is_told_as_such(tmp_path: Path) -> None:
    with a_geodes(tmp_path, GeodesScenario(l1c_on_tape=0)) as (geodes, peps_stac):
        gone = Fault(route="geodes download", action=Action.ERROR, status=410, times=None)
        geodes.faults.add(gone)
        result = peps_stac(*DOWNLOAD)

        assert result.exit_code == ExitCode.STILL_RUNNING
        assert result.stdout.count('"on_tape"') == len(NAMES)


def test_where_it_cannot_be_asked_what_is_online_it_is_tried(tmp_path: Path) -> None:
    with a_geodes(tmp_path, GeodesScenario(l1c_on_tape=0)) as (geodes, peps_stac):
        unknown = Fault(route="geodes availability", action=Action.ERROR, status=404, times=None)
        geodes.faults.add(unknown)

        assert peps_stac(*DOWNLOAD).exit_code == ExitCode.DONE
        assert with_archives(tmp_path) == set(NAMES)


@pytest.mark.parametrize("answer", list(BadKey))
def test_a_bad_key_ends_it_in_one_line(tmp_path: Path, answer: BadKey) -> None:
    with a_geodes(tmp_path, GeodesScenario(l1c_on_tape=0, bad_key=answer)) as (_, peps_stac):
        result = peps_stac(*DOWNLOAD, PEPS_STAC_API_KEY="expired")

        assert result.exit_code == ExitCode.FAILED
        assert "check the credentials" in result.stderr
        assert not with_archives(tmp_path)


def test_scenes_that_peps_found_are_refused_one_by_one(tmp_path: Path) -> None:
    with a_geodes(tmp_path, GeodesScenario(l1c_on_tape=0)) as (_, peps_stac):
        catalog = Catalog(tmp_path / "catalog")
        foreign = next(catalog.items(L1C_COLLECTION))
        foreign.assets["product"].href = "https://peps.cnes.fr/resto/collections/S2ST/x/download"
        catalog.put(foreign)

        result = peps_stac(*DOWNLOAD)

        assert result.exit_code == ExitCode.PARTLY_FAILED
        assert with_archives(tmp_path) == set(NAMES) - {foreign.id}
