"""The recorded answers of GEODES, value by value."""

import json
from datetime import UTC, datetime

import pytest

from peps_stac.domain import L1CProduct, L2AOffer, MgrsTile
from peps_stac.errors import ResponseError
from peps_stac.geodes.feature import read_record
from peps_stac.geodes.query import read_page
from recorded import SHARED, needs_recorded

pytestmark = needs_recorded

TILE = MgrsTile.parse("31TCH")
L2A = {
    # name: (absolute orbit, relative orbit, clouds, snow, bytes)
    "SENTINEL2A_20200101-105907-392_L2A_T31TCH_C_V4-0": (23643, 51, 38, 17, 2262414668),
    "SENTINEL2A_20200108-104910-179_L2A_T31TCH_C_V4-0": (23743, 8, 26, 6, 898288632),
    "SENTINEL2B_20200116-105906-974_L2A_T31TCH_C_V4-0": (14949, 51, 29, 12, 2171159066),
    "SENTINEL2A_20200118-104909-598_L2A_T31TCH_C_V4-0": (23886, 8, 84, 4, 920582106),
    "SENTINEL2A_20200131-105905-273_L2A_T31TCH_C_V4-0": (24072, 51, 79, 13, 2311690605),
}
L1C = {
    # name: (absolute orbit, clouds to two digits, bytes, MD5)
    "S2A_MSIL1C_20200101T105441_N0500_R051_T31TCH_20230501T190202": (
        23643, 4.59, 876438308, "a8f7aaeb36cf309472c2c3e7679ae936",
    ),
    "S2B_MSIL1C_20200116T105309_N0500_R051_T31TCH_20230428T203915": (
        14949, 2.69, 862333284, "3b099947c6c5d4da1d5e25a7338767fd",
    ),
    "S2A_MSIL1C_20200121T105341_N0500_R051_T31TCH_20230426T174147": (
        23929, 99.89, 674194964, "9cb8c31924bfbd53a99b6b66288092c9",
    ),
    "S2A_MSIL1C_20200131T105251_N0500_R051_T31TCH_20230425T151928": (
        24072, 30.02, 792780354, "dc570c37f5275f4c722827c3a7a85674",
    ),
}  # fmt: skip


def products(path: str) -> list[L1CProduct | L2AOffer]:
    page = read_page(json.loads((SHARED / path).read_bytes()))
    assert page.rejected == ()
    return list(page.products)


def test_five_products_of_theia_are_read() -> None:
    found = products("muscate/geodes_items_THEIA_REFLECTANCE_SENTINEL2_L2A_31TCH_2020-01.json")

    offers = [one for one in found if isinstance(one, L2AOffer)]
    said = {
        one.name: (
            *(one.absolute_orbit, one.relative_orbit),
            *(one.cloud_cover, one.snow_cover, one.size),
        )
        for one in offers
    }
    assert said == L2A
    for one in offers:
        assert (one.tile, one.version, one.is_online) == (TILE, "4.0", True)
        assert one.platform == f"sentinel-2{one.name[9].lower()}"
        assert f"{one.start:%Y%m%d-%H%M%S}" == one.name[11:26]
        assert one.product_href.endswith(f"/{one.md5}")
        assert one.orbit_state is None


def test_four_scenes_of_the_same_month_are_read() -> None:
    found = products("muscate/geodes_items_PEPS_S2_L1C_31TCH_2020-01.json")

    said = {
        one.name: (one.absolute_orbit, round(one.cloud_cover or -1, 2), one.size, one.md5)
        for one in found
        if isinstance(one, L1CProduct)
    }
    assert said == L1C
    for one in found:
        assert isinstance(one, L1CProduct)
        assert (one.tile, one.relative_orbit, one.orbit_state) == (TILE, 51, "descending")
        assert (one.is_online, one.processing_baseline, one.level) == (False, "05.00", "L1C")
        assert f"{one.start:%Y%m%dT%H%M%S}" == one.name[11:26]
        assert one.published is not None
        assert one.published.year == 2024


def test_the_raw_answer_is_read() -> None:
    page = read_page(json.loads((SHARED / "geodes/search_PEPS_S2_L1C_raw.json").read_bytes()))
    (scene,) = page.products

    assert scene.name == "S2A_MSIL1C_20250402T175741_N0511_R141_T14ULD_20250403T022035"
    assert scene.start == datetime(2025, 4, 2, 17, 57, 41, 24000, tzinfo=UTC)
    assert page.total == 37273723


def test_a_radar_scene_with_the_old_names_is_no_sentinel_2_product() -> None:
    record = json.loads((SHARED / "geodes/item_2024-11_old_attribute_names.json").read_bytes())

    with pytest.raises(ResponseError, match="names no Sentinel-2 product"):
        read_record(record)
