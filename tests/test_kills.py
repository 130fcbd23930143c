"""Killed at any step, by SIGKILL, and run again: no order lost, none doubled, no file half there.

Each run is a process of its own. Steps are the moments before and after every call that changes
a file, a folder or a connection (`kill_steps`); where they are too many, a fixed seed picks some.
What must hold is in `kill_ground`, and most of it is looked at after every single kill. The tests
ask for 58 + 58 + 23 + 23 + 54 + 54 + 2 * 12 + 4 * 8 kills at least: 326 in one run.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from builders_workflow import november
from kill_ground import EVERYWHERE, Ground, Host, a_ground, a_lost_answer
from peps_stac.domain import JobStatus
from peps_stac.simulator import Scenario
from peps_stac.stac.collections import L1C_COLLECTION, L2A_COLLECTION

SEED = 20171127
SCENES = november()[:2]
FOUR = november()[4:8]
"""Four scenes, of which one is too cloudy for MAJA."""
IDS = [scene["properties"]["productIdentifier"] for scene in SCENES]
SERIES = {"period": ("2017-10-01", "2017-12-15"), "scenes": IDS}


@pytest.fixture(scope="module")
def products(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the simulators have built."""
    return tmp_path_factory.mktemp("products")


@pytest.fixture(scope="module")
def host(products: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    root = tmp_path_factory.mktemp("warm") / "catalog"
    with Host() as running, a_ground(running, root, SCENES, products) as ground:
        ground.do("search", is_warming=True)
        ground.do("order", is_warming=True, scenes=IDS)
        ground.peps.clock.advance(days=1)
        ground.do("refresh", is_warming=True)
        ground.do("download", is_warming=True)
        yield running


def some(total: int, count: int, salt: int) -> list[int]:
    """All steps, or so many of them."""
    steps = range(1, total + 1)
    return list(steps) if total <= count else sorted(Random(SEED + salt).sample(steps, count))  # noqa: S311 -- repeatable


def fresh(ground: Ground, template: Path, name: str) -> Ground:
    """The same service, and a copy of a catalog."""
    root = template.with_name(name)
    shutil.copytree(template, root)
    return Ground(ground.host, ground.peps, root)


@pytest.mark.parametrize(
    ("verb", "facts", "most"),
    [("order", {"scenes": IDS}, 60), ("series", SERIES, 60)],
    ids=["order", "series"],
)
def test_an_order_killed_at_any_step_is_neither_lost_nor_sent_twice(  # noqa: PLR0913, PLR0917 -- fixtures
    host: Host, products: Path, tmp_path: Path, verb: str, facts: dict[str, Any], most: int
) -> None:
    template = tmp_path / "catalog"
    with a_ground(host, template, SCENES, products) as ground:
        ground.do("search")
        counting = fresh(ground, template, "counting")
        total = counting.do(verb, at=EVERYWHERE, **facts).steps
    kills = 0
    for step in some(total, most, salt=0):
        root = tmp_path / str(step)
        shutil.copytree(template, root)
        with a_ground(host, root, SCENES, products) as ground:
            ground.do(verb, at=step, **facts)
            ground.order_all(verb=verb, **facts)
            ground.assert_all_is_well()
            assert ground.orders().keys() == set(IDS)
            kills += ground.kills
        shutil.rmtree(root)

    assert kills >= most * 9 // 10


def test_a_lost_answer_is_adopted_once_whenever_the_look_is_killed(
    host: Host, products: Path, tmp_path: Path
) -> None:
    template = tmp_path / "catalog"
    with a_ground(host, template, SCENES, products) as ground:
        ground.do("search")
        ground.peps.faults.add(a_lost_answer())
        ground.do("order", scenes=IDS)
        assert [order.is_unconfirmed for order in ground.orders().values()] == [True, False]
        killed = _killed_everywhere(ground, "refresh", most=25, salt=1)

        for trial in killed:
            trial.do("refresh")
            trial.assert_all_is_well()
            assert not any(order.is_unconfirmed for order in trial.orders().values())


def test_a_look_killed_at_any_step_is_repeated_by_the_next(
    host: Host, products: Path, tmp_path: Path
) -> None:
    with a_ground(host, tmp_path / "catalog", SCENES, products) as ground:
        ground.do("search")
        ground.do("order", scenes=IDS)
        ground.peps.clock.advance(days=1)
        for trial in _killed_everywhere(ground, "refresh", most=25, salt=2):
            trial.do("refresh")
            trial.assert_all_is_well()
            assert {order.status for order in trial.orders().values()} == {JobStatus.SUCCEEDED}


@pytest.mark.parametrize(("mode", "most"), [("raw", 30), ("zip", 15), ("cog", 15)])
def test_a_download_killed_at_any_step_is_finished_by_the_same_command(
    host: Host, products: Path, tmp_path: Path, mode: str, most: int
) -> None:
    with a_ground(host, tmp_path / "catalog", SCENES, products) as ground:
        ground.do("search")
        ground.do("order", scenes=IDS)
        ground.peps.clock.advance(days=1)
        for trial in _killed_everywhere(ground, "download", most=most, salt=3, mode=mode):
            trial.do("download", mode=mode)
            trial.assert_all_is_well()
            assert len(list(trial.catalog.ids(L2A_COLLECTION))) == len(IDS)


@pytest.mark.parametrize(("mode", "most"), [("raw", 30), ("zip", 15), ("cog", 15)])
def test_cataloguing_killed_at_any_step_is_finished_by_the_same_command(
    host: Host, products: Path, tmp_path: Path, mode: str, most: int
) -> None:
    with a_ground(host, tmp_path / "catalog", SCENES, products) as ground:
        ground.do("search")
        archives = [str(path) for path in sorted(products.rglob("*.zip"))[:1]]
        killed = _killed_everywhere(ground, "add", most=most, salt=4, mode=mode, paths=archives)
        for trial in killed:
            trial.do("add", mode=mode, paths=archives)
            trial.assert_all_is_well()
            assert len(list(trial.catalog.ids(L2A_COLLECTION))) == 1


@pytest.mark.parametrize("only_hides", [False, True], ids=["stops", "hides"])
def test_a_cancellation_killed_at_any_step_is_finished_by_the_next(
    host: Host, products: Path, tmp_path: Path, *, only_hides: bool
) -> None:
    """Whether or not somebody looks in between, and whether or not the service stops the job."""
    scenario = Scenario(delete_only_hides=only_hides)
    template = tmp_path / "catalog"
    with a_ground(host, template, SCENES, products) as ground:
        ground.do("search")
        ground.do("order", scenes=IDS)
        trials = some(_steps(ground, "cancel", names=[IDS[0]]), 14, salt=5)
    kills = 0
    for step in trials:
        with a_ground(host, tmp_path / str(step), SCENES, products, scenario) as ground:
            ground.do("search")
            ground.do("order", scenes=IDS)
            ground.do("cancel", names=[IDS[0]], at=step)
            if step % 2:
                ground.do("refresh")
            ground.do("cancel", names=[IDS[0]])
            ground.assert_all_is_well()
            assert ground.orders()[IDS[0]].status is JobStatus.CANCELED
            kills += ground.kills

    assert kills >= 12


@pytest.mark.parametrize("salt", range(4))
def test_a_life_of_kills_ends_with_a_whole_catalog(
    host: Host, products: Path, tmp_path: Path, salt: int
) -> None:
    """Search, order, look and download, each killed again and again, by step and by time."""
    chance = Random(SEED + salt)  # noqa: S311 -- repeatable
    with a_ground(host, tmp_path / "catalog", FOUR, products) as ground:
        _killed_often(ground, chance, "search")
        ground.do("search")
        scenes = list(ground.catalog.ids(L1C_COLLECTION))
        _killed_often(ground, chance, "order", scenes=scenes)
        ground.order_all(scenes)
        ground.peps.clock.advance(hours=2)
        _killed_often(ground, chance, "refresh")
        ground.peps.clock.advance(days=1)
        _killed_often(ground, chance, "download")
        ground.do("download")

        ground.assert_all_is_well()
        assert ground.kills >= 8
        statuses = [order.status for order in ground.orders().values()]
        assert statuses.count(JobStatus.SUCCEEDED) == 3
        assert statuses.count(JobStatus.FAILED) == 1
        assert len(list(ground.catalog.ids(L2A_COLLECTION))) == 3


@pytest.mark.parametrize("is_series", [False, True], ids=["products", "series"])
def test_a_sync_killed_at_any_step_is_finished_by_the_same_call(
    host: Host, products: Path, tmp_path: Path, *, is_series: bool
) -> None:
    """In its first call, which orders, or in the second, which fetches."""
    facts = {"is_series": is_series}
    with a_ground(host, tmp_path / "counting", SCENES, products) as ground:
        steps = [ground.do("sync", at=EVERYWHERE, **facts).steps]
        ground.peps.clock.advance(days=1)
        steps.append(ground.do("sync", at=EVERYWHERE, **facts).steps)
    kills = 0
    for call, total in enumerate(steps):
        for step in some(total, 8, salt=6 + call):
            with a_ground(host, tmp_path / f"{call}-{step}", SCENES, products) as ground:
                kills += _synced(ground, call, step, facts)

    assert kills >= 14


def _synced(ground: Ground, call: int, step: int, facts: dict[str, Any]) -> int:
    """Kill one call of sync, make the others, and look at the catalog; how often it was killed."""
    for number in range(2):
        if number == call:
            ground.do("sync", at=step, **facts)
        ground.do("sync", **facts)
        if lost := [name for name, order in ground.orders().items() if order.is_unconfirmed]:
            # Killed between the intent and the request: no job, and nobody else may repeat it.
            assert len(ground.peps.jobs) < len(IDS)
            ground.do("order", scenes=lost, again=True)
        ground.peps.clock.advance(days=1)
    ground.assert_all_is_well()
    assert set(ground.orders()) == set(IDS)
    assert len(list(ground.catalog.ids(L2A_COLLECTION))) == len(IDS)
    return ground.kills


def _steps(ground: Ground, verb: str, **facts: Any) -> int:  # noqa: ANN401 -- any JSON
    """How many steps a command takes, told on a catalog that is thrown away."""
    trial = fresh(ground, ground.root, "counting")
    total = trial.do(verb, at=EVERYWHERE, **facts).steps
    shutil.rmtree(trial.root)
    return total


def _killed_everywhere(
    ground: Ground,
    verb: str,
    *,
    most: int,
    salt: int,
    **facts: Any,  # noqa: ANN401 -- any JSON
) -> Iterator[Ground]:
    """Copies of a catalog, in each of which a command was killed at another step.

    For commands that change nothing at the service, which all copies share.
    """
    steps = some(_steps(ground, verb, **facts), most, salt)
    kills = 0
    for step in steps:
        trial = fresh(ground, ground.root, str(step))
        trial.do(verb, at=step, **facts)
        yield trial
        kills += trial.kills
        shutil.rmtree(trial.root)
    # An answer comes in more pieces or fewer each time, so that some runs end before their step.
    assert kills >= len(steps) * 3 // 4


def _killed_often(ground: Ground, chance: Random, verb: str, **facts: Any) -> None:  # noqa: ANN401 -- any JSON
    """Four times by step and twice by time."""
    for _ in range(4):
        ground.do(verb, at=int(10 ** chance.uniform(0, 2.7)), **facts)
    for _ in range(2):
        ground.do(verb, after_s=chance.uniform(0, 0.1), **facts)
