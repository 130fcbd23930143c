import csv
from datetime import UTC, datetime, timedelta

import pytest

from peps_stac.domain import MgrsTile
from peps_stac.errors import ResponseError
from peps_stac.muscate.names import ProductName, platform_of, same_scene
from recorded import SHARED, needs_recorded

NAME = "SENTINEL2B_20171127-105827-648_L2A_T31TCJ_D_V1-4"


def test_a_name_tells_platform_time_tile_profile_and_version() -> None:
    name = ProductName.parse(NAME)

    assert name.platform == "sentinel-2b"
    assert name.acquired == datetime(2017, 11, 27, 10, 58, 27, 648000, tzinfo=UTC)
    assert name.tile == MgrsTile.parse("31TCJ")
    assert name.profile == "D"
    assert name.version == "1.4"
    assert str(name) == NAME


def test_the_version_may_be_missing() -> None:
    name = ProductName.parse("SENTINEL2B_20190128-104831-308_L2A_T31TGK_D")

    assert name.version is None
    assert str(name) == "SENTINEL2B_20190128-104831-308_L2A_T31TGK_D"


@pytest.mark.parametrize("letters", ["AH", "CD", "DC", "ZX"])
def test_any_satellite_and_any_profile_letter_is_read(letters: str) -> None:
    """MAJA knew A and B only; the next satellite must not need a new release."""
    text = f"SENTINEL2{letters[0]}_20250701-105631-024_L2A_T31TCJ_{letters[1]}_V4-0"
    name = ProductName.parse(text)

    assert (name.platform[-1], name.profile) == (letters[0].lower(), letters[1])
    assert str(name) == text


@needs_recorded
def test_every_name_seen_in_the_wild_is_read_and_written_back() -> None:
    with (SHARED / "muscate" / "product_names.csv").open() as file:
        names = [row["name"] for row in csv.DictReader(file)]

    assert len(names) > 50
    assert [str(ProductName.parse(name)) for name in names] == names


@pytest.mark.parametrize(
    "text",
    [
        "",
        "S2B_MSIL1C_20171127T105359_N0206_R051_T31TCJ_20171127T125835",
        "SENTINEL2B_20171127-105827-648_L1C_T31TCJ_C_V1-0",
        "SENTINEL2X_20171115-000000-000_L3A_T31TCJ_C_V1-0",
        "LANDSAT8-OLITIRS-XS_20171127-104225-000_L2A_T31TCJ_C_V1-0",
        "VENUS-XS_20171127-110000-000_L2A_ARM_C_V1-0",
        f"{NAME}.zip",
        f"{NAME}\n",
        "SENTINEL2A_20171327-105827-648_L2A_T31TCJ_D_V1-4",
        "SENTINEL2A_20171127-105827-648_L2A_TTile-Id_C_V1-0",
        "SENTINEL2A_20171127-105827-648_L2A_T99TCJ_C_V1-0",
        "SENTINEL2A_\u0662\u0660\u0661\u06671127-105827-648_L2A_T31TCJ_C",
    ],
)
def test_another_name_is_an_error_that_shows_it(text: str) -> None:
    with pytest.raises(ResponseError, match="does not name a MAJA product"):
        ProductName.parse(text)


def test_versions_sort_by_number_and_a_name_without_one_comes_first() -> None:
    stem = "SENTINEL2B_20171127-105827-648_L2A_T31TCJ_C"
    names = [ProductName.parse(stem + version) for version in ("_V10-0", "", "_V1-10", "_V1-9")]

    ordered = sorted(names, key=lambda name: name.version_order)
    assert [name.version for name in ordered] == [None, "1.9", "1.10", "10.0"]


def test_a_scene_keeps_being_the_same_when_reprocessing_moves_it_by_seconds() -> None:
    before = ProductName.parse("SENTINEL2A_20170619-103806-862_L2A_T31TGM_D_V1-4")
    after = ProductName.parse("SENTINEL2A_20170619-103812-942_L2A_T31TGM_C_V4-0")

    assert before.acquired - after.acquired < timedelta(0)
    assert same_scene(before, after)
    assert same_scene(after, before)


@pytest.mark.parametrize(
    "other",
    [
        "SENTINEL2A_20170619-103021-460_L2A_T31TGM_D_V1-4",
        "SENTINEL2B_20170619-103806-862_L2A_T31TGM_D_V1-4",
        "SENTINEL2A_20170619-103806-862_L2A_T31TGL_D_V1-4",
    ],
    ids=["other piece of the pass", "other satellite", "other tile"],
)
def test_another_scene_is_not_the_same(other: str) -> None:
    name = ProductName.parse("SENTINEL2A_20170619-103806-862_L2A_T31TGM_D_V1-4")

    assert not same_scene(name, ProductName.parse(other))


@pytest.mark.parametrize("text", ["SENTINEL2A", "Sentinel-2A", "S2A", " SENTINEL2A\n"])
def test_a_platform_is_read_however_it_is_spelled(text: str) -> None:
    assert platform_of(text) == "sentinel-2a"


@pytest.mark.parametrize("text", ["VENUS", "LANDSAT8", "SENTINEL3A", "SENTINEL2"])
def test_another_satellite_is_none(text: str) -> None:
    assert platform_of(text) is None
