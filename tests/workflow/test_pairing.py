from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pystac
import pytest

from builders_simulator import NOON
from peps_stac.muscate.names import ProductName
from peps_stac.store import Catalog
from peps_stac.workflow.pairing import KnownProducts, products_of, scene_of, scenes_of

L1C = "S2A_MSIL1C_20200101T105441_N0208_R051_T31TCH_20200101T111711"
L2A = "SENTINEL2A_20200101-105907-392_L2A_T31TCH_C_V4-0"


def test_a_pass_is_paired_by_platform_tile_and_quarter_of_an_hour() -> None:
    """The times of a real pair: the L2A has the tile's, the L1C the datatake's."""
    assert scenes_of(ProductName.parse(L2A), [L1C]) == (L1C,)
    scene = scene_of(L1C)
    assert scene is not None
    assert products_of(scene, [L2A, "not a product name"]) == (L2A,)


@pytest.mark.parametrize(
    "other",
    [
        L1C.replace("S2A", "S2B"),
        L1C.replace("31TCH", "31TCJ"),
        L1C.replace("T105441", "T104000"),
        L1C.replace("T105441", "T110000"),
        "S2A_OPER_PRD_MSIL1C_PDMC_20160101T000000",
    ],
)
def test_another_pass_is_not_paired(other: str) -> None:
    assert scenes_of(ProductName.parse(L2A), [other]) == ()


def test_two_baselines_of_one_scene_are_both_found_the_later_first() -> None:
    again = L1C.replace("N0208", "N0500").replace("T111711", "T235959")

    assert scenes_of(ProductName.parse(L2A), [L1C, again]) == (again, L1C)


def test_a_pass_around_midnight_is_paired_on_both_days() -> None:
    late = scene_of("S2A_MSIL1C_20191231T235441_N0208_R051_T31TCH_20200101T111711")
    assert late is not None
    before = "SENTINEL2A_20191231-235501-392_L2A_T31TCH_C_V4-0"
    after = "SENTINEL2A_20200101-000507-392_L2A_T31TCH_C_V4-0"

    assert products_of(late, [before, after, L2A]) == (before, after)


def test_a_year_of_products_is_listed_once_for_all_scenes(tmp_path: Path) -> None:
    listed: list[object] = []

    class Counting(Catalog):
        def ids(self, *args: Any, **options: Any) -> Iterator[str]:  # noqa: ANN401 -- of a Catalog
            listed.append(options["year"])
            return super().ids(*args, **options)

    products = KnownProducts(Counting(tmp_path))
    scenes = [an_item(L1C), an_item(L1C.replace("20200101T105441", "20200106T105441"))]

    assert [products.of(scene) for scene in scenes] == [(), ()]
    assert listed == [2020]


def an_item(name: str) -> pystac.Item:
    return pystac.Item(name, None, None, NOON, {})
