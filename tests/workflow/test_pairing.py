import pytest

from peps_stac.muscate.names import ProductName
from peps_stac.workflow.pairing import products_of, scene_of, scenes_of

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
