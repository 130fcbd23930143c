"""Finished products on a service as Items, and what is kept when they are found again."""

import json
from datetime import UTC, datetime
from typing import Any

import pystac
import pytest

from builders_geodes import L2A_NAME, URL, an_l2a_record, an_offer, digest_of
from peps_stac.domain import L2AOffer
from peps_stac.geodes.query import read_page
from peps_stac.stac.offers import (
    fetched,
    is_fetched,
    item_from_offer,
    merged_offer,
    with_online,
)
from recorded import SHARED, needs_recorded
from schemas import OFFER_PROFILE, core_faults, extension_faults, in_catalog, own_faults

RECORDED = SHARED / "muscate/geodes_items_THEIA_REFLECTANCE_SENTINEL2_L2A_31TCH_2020-01.json"


def faults(item: pystac.Item) -> list[str]:
    document = in_catalog(item.to_dict())
    return [*core_faults(document), *own_faults(document, OFFER_PROFILE)]


def test_an_offer_is_orderable_and_has_one_asset() -> None:
    item = item_from_offer(an_offer())

    assert item.id == f"{L2A_NAME}_V4-0"
    assert item.properties["order:status"] == "orderable"
    assert list(item.assets) == ["product"]
    assert not faults(item)


def test_the_archive_is_told_with_size_checksum_and_place() -> None:
    said = item_from_offer(an_offer()).assets["product"].to_dict()

    assert said["file:size"] == 764210185
    assert said["file:checksum"] == f"d50110{digest_of(f'{L2A_NAME}_V4-0.zip')}"
    assert said["peps:online"] is False
    assert said["href"].startswith(f"{URL}/api/download/")


def test_its_date_is_that_of_sensing() -> None:
    item = item_from_offer(an_offer())

    assert item.datetime == datetime(2019, 7, 4, 11, 0, 40, 123000, tzinfo=UTC)
    assert item.properties["published"] == "2023-04-02T00:00:00Z"


def test_it_leads_to_the_record_of_the_service() -> None:
    (link,) = item_from_offer(an_offer()).get_links("via")

    assert link.target == an_offer().record_href


def test_what_the_service_did_not_say_is_absent() -> None:
    item = item_from_offer(
        an_offer(version=..., **{"eo:cloud_cover": ..., "sat:relative_orbit": ..., "datetime": ...})
    )

    absent = {"version", "eo:cloud_cover", "sat:relative_orbit", "sat:orbit_state", "published"}
    assert not absent & set(item.properties)
    assert not faults(item)


def test_a_fetched_offer_leads_to_its_files() -> None:
    item = fetched(item_from_offer(an_offer()), "../there.json", L2A_NAME)

    assert is_fetched(item)
    assert item.properties["order:status"] == "succeeded"
    assert [link.target for link in item.get_links("related")] == ["../there.json"]
    assert not faults(item)


def test_a_fetched_offer_that_is_found_again_stays_fetched() -> None:
    known = fetched(item_from_offer(an_offer()), "../there.json", L2A_NAME)
    new = item_from_offer(an_offer(**{"eo:cloud_cover": 21.0}))

    item = merged_offer(new, known)

    assert is_fetched(item)
    assert item.properties["eo:cloud_cover"] == 21.0
    assert [link.rel for link in item.links] == ["via", "related"]
    assert json.dumps(merged_offer(new, item).to_dict()) == json.dumps(item.to_dict())


@pytest.mark.parametrize("is_online", [True, False])
def test_an_offer_may_come_from_tape_and_go_back(*, is_online: bool) -> None:
    item = with_online(item_from_offer(an_offer()), is_online=is_online)

    assert item.assets["product"].extra_fields["peps:online"] is is_online
    assert not faults(item)


def test_nothing_is_submitted_for_an_offer() -> None:
    document = item_from_offer(an_offer()).to_dict()
    document["properties"]["order:id"] = "1"

    assert own_faults(in_catalog(document), OFFER_PROFILE)


@pytest.mark.parametrize("change", [{"assets": {}}, {"collection": "sentinel-2-l2a-maja"}])
def test_the_profile_refuses_what_is_no_offer(change: dict[str, Any]) -> None:
    document = in_catalog(item_from_offer(an_offer()).to_dict()) | change

    assert own_faults(document, OFFER_PROFILE)


def test_two_records_of_one_product_are_one_item() -> None:
    first, again = (item_from_offer(an_offer(L2A_NAME)) for _ in range(2))

    assert an_l2a_record()["id"] == an_offer().service_id
    assert first.to_dict() == again.to_dict()


@needs_recorded
def test_the_recorded_products_are_valid_items() -> None:
    products = read_page(json.loads(RECORDED.read_bytes())).products
    items = [item_from_offer(one) for one in products if isinstance(one, L2AOffer)]

    assert len(items) == 5
    for item in items:
        assert not faults(item)
        assert not extension_faults(in_catalog(item.to_dict()))
        assert item.assets["product"].extra_fields["peps:online"] is True
