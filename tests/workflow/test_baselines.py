"""A scene under several names is one scene."""

from collections.abc import Iterator
from pathlib import Path

import pystac
import pytest

from builders_simulator import a_feature
from builders_workflow import Bench, a_bench
from peps_stac.workflow.baselines import one_of_each

OLD = "S2A_MSIL1C_20171127T105411_N0206_R051_T31TCJ_20171127T130149"
NEW = "S2A_MSIL1C_20171127T105411_N0500_R051_T31TCJ_20231013T010203"
MOVED = "S2A_MSIL1C_20171127T105413_N0501_R051_T31TCJ_20240101T010203"
OTHER = "S2A_MSIL1C_20171117T105321_N0206_R051_T31TCJ_20171117T125732"
START = "2017-11-27T10:54:11.024Z"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    names = (OLD, NEW, MOVED)
    scenes = [a_feature(START, name=name) for name in names]
    scenes.append(a_feature("2017-11-17T10:53:21.024Z", name=OTHER))
    with a_bench(tmp_path / "catalog", scenes) as bench:
        yield bench


def named(items: list[pystac.Item], *names: str) -> list[pystac.Item]:
    return [item for item in items if item.id in names]


def test_the_latest_baseline_stands_for_a_scene(bench: Bench) -> None:
    found = one_of_each(bench.catalog, bench.search())

    assert {item.id for item in found.items} == {MOVED, OTHER}
    assert {one.item_id: one.reason for one in found.refused} == {
        OLD: f"the same scene as {MOVED}",
        NEW: f"the same scene as {MOVED}",
    }
    assert found.stand_ins == ()


def test_the_one_that_is_ordered_stands_for_a_scene(bench: Bench) -> None:
    items = bench.search()
    bench.order(named(items, OLD))

    found = one_of_each(bench.catalog, items)

    assert {item.id for item in found.items} == {OLD, OTHER}


def test_one_that_the_search_hides_by_now_stands_for_a_scene(bench: Bench) -> None:
    items = bench.search()
    bench.order(named(items, OLD))

    found = one_of_each(bench.catalog, named(items, NEW, OTHER))

    assert [item.id for item in found.items] == [OTHER]
    assert [one.item_id for one in found.refused] == [NEW]
    assert found.stand_ins == (OLD,)


def test_names_that_tell_nothing_are_scenes_of_their_own(bench: Bench) -> None:
    items = bench.search()
    items[0].id = "something else"

    found = one_of_each(bench.catalog, items[:1])

    assert [item.id for item in found.items] == ["something else"]
