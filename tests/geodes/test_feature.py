from datetime import UTC, datetime
from typing import Any

import pytest

from builders_geodes import L1C_NAME, L2A_NAME, URN, a_record, an_asset, an_l2a_record, digest_of
from peps_stac.domain import L1CProduct, L2AOffer, MgrsTile
from peps_stac.errors import ResponseError
from peps_stac.geodes.feature import read_record

NEW_TO_OLD = {
    "dataset": "dataType",
    "start_datetime": "temporal:startDate",
    "end_datetime": "temporal:endDate",
    "platform": "spaceborne:satellitePlatform",
    "product:type": "spaceborne:productType",
    "processing:level": "spaceborne:productLevel",
    "sat:relative_orbit": "spaceborne:orbitID",
    "sat:absolute_orbit": "spaceborne:absoluteOrbitID",
    "sat:orbit_state": "spaceborne:orbitDirection",
    "grid:code": "spaceborne:tile",
    "eo:cloud_cover": "spaceborne:cloudCover",
    "sar:instrument_mode": "spaceborne:sensorMode",
}


def scene(record: dict[str, Any]) -> L1CProduct:
    product = read_record(record)
    assert isinstance(product, L1CProduct)
    return product


def offer(record: dict[str, Any]) -> L2AOffer:
    product = read_record(record)
    assert isinstance(product, L2AOffer)
    return product


def test_a_scene_is_named_and_dated_as_esa_does() -> None:
    product = scene(a_record())

    assert product.name == L1C_NAME
    assert product.start == datetime(2019, 7, 4, 10, 56, 29, 24000, tzinfo=UTC)
    assert product.published == datetime(2023, 4, 2, tzinfo=UTC)
    assert product.service_id == URN


def test_the_words_become_those_of_stac() -> None:
    product = scene(a_record())

    assert product.platform == "sentinel-2b"
    assert product.orbit_state == "descending"
    assert product.tile == MgrsTile.parse("31TCJ")
    assert (product.relative_orbit, product.absolute_orbit) == (94, 12151)
    assert product.processing_baseline == "05.00"


def test_size_checksum_and_place_are_read_out_of_the_description() -> None:
    product = scene(a_record())

    assert product.size == 764210185
    assert product.md5 == digest_of(f"{L1C_NAME}.zip")
    assert product.is_online is False
    assert product.product_href is not None
    assert product.product_href.endswith(product.md5)


def test_the_picture_is_known_by_its_role() -> None:
    product = scene(a_record())

    assert product.quicklook_href is not None
    assert product.quicklook_href.endswith(digest_of(f"2019/07/04/S2B/{L1C_NAME}_quicklook.jpg"))


@pytest.mark.parametrize("tile", ["T31TCJ", "31TCJ"])
def test_a_tile_is_read_with_and_without_t(tile: str) -> None:
    assert scene(a_record(**{"grid:code": tile})).tile == MgrsTile.parse("31TCJ")


def test_the_names_of_before_2025_mean_the_same() -> None:
    new = a_record()
    said = new["properties"]
    old = {**new, "properties": {NEW_TO_OLD.get(name, name): said[name] for name in said}}

    assert scene(old) == scene(new)


def test_the_token_of_old_addresses_is_not_kept() -> None:
    record = a_record()
    record["links"][0]["href"] += "?token=synthetic"

    assert "token" not in str(scene(record).record_href)


def test_a_list_of_nothing_is_nothing() -> None:
    assert scene(a_record(**{"s2:datatake_id": "[]"})).datatake_id is None


def test_what_is_not_said_stands_in_the_name_or_is_unknown() -> None:
    product = scene(
        a_record(
            **{"grid:code": ..., "platform": ..., "eo:cloud_cover": ..., "start_datetime": ...}
        )
    )

    assert product.tile == MgrsTile.parse("31TCJ")
    assert product.platform == "sentinel-2b"
    assert product.start == datetime(2019, 7, 4, 10, 56, 29, tzinfo=UTC)
    assert product.cloud_cover is None


def test_a_scene_without_files_is_still_a_scene() -> None:
    product = scene({**a_record(), "assets": {}})

    assert (product.product_href, product.size, product.is_online) == (None, None, None)


def test_an_offer_has_the_version_of_its_archive() -> None:
    product = offer(an_l2a_record())

    assert product.name == f"{L2A_NAME}_V4-0"
    assert product.version == "4.0"
    assert product.level == "L2A"


def test_the_sensing_of_an_offer_is_not_its_publication() -> None:
    product = offer(an_l2a_record())

    assert product.start == datetime(2019, 7, 4, 11, 0, 40, 123000, tzinfo=UTC)
    assert product.published == datetime(2023, 4, 2, tzinfo=UTC)


def test_an_offer_is_its_archive_and_not_its_metadata() -> None:
    product = offer(an_l2a_record())

    assert product.md5 == digest_of(f"{L2A_NAME}_V4-0.zip")
    assert product.is_online is False


@pytest.mark.parametrize(
    "description",
    [
        None,
        "",
        "Is online: perhaps",
        "File size: many bytes\n\nChecksum MD5: 12",
        "lines\r\nwithout: any sense\n:::",
        ["Is online: true"],
    ],
)
def test_a_description_of_another_kind_says_nothing(description: object) -> None:
    record = a_record()
    name = f"{L1C_NAME}.zip"
    record["assets"] = {name: {**an_asset(name), "description": description}}
    product = scene(record)

    assert (product.size, product.is_online) == (None, None)
    assert product.md5 == digest_of(name)


def test_the_checksum_of_the_text_serves_where_the_address_has_none() -> None:
    record = a_record()
    name = f"{L1C_NAME}.zip"
    record["assets"] = {name: {**an_asset(name), "href": "https://geodes-portal.cnes.fr/api/x/1"}}

    assert scene(record).md5 == digest_of(name)


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"properties": None},
        a_record("S1A_IW_GRDH_1SDV_20240320T022924_20240320T022949_053059_066CED_89B4"),
        {**an_l2a_record(), "assets": {}},
        an_l2a_record(start_datetime=...),
    ],
)
def test_what_is_no_sentinel_2_product_is_left_out_with_a_reason(record: dict[str, Any]) -> None:
    with pytest.raises(ResponseError, match="it is left out"):
        read_record(record)
