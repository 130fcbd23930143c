"""What a search result says becomes a valid Item, and nothing else does."""

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pystac
import pytest
from shapely.geometry import Polygon, mapping, shape

from builders import HOST, a_product, an_order, utc
from expectations import assert_expected
from peps_stac.domain import L1CProduct, MgrsTile
from peps_stac.errors import RequestError
from peps_stac.peps.feature import read_product
from peps_stac.peps.recorded import raw_features
from peps_stac.stac.extensions import (
    EO_SCHEMA,
    FILE_SCHEMA,
    GRID_SCHEMA,
    ORDER_SCHEMA,
    PEPS_SCHEMA,
    PROJECTION_SCHEMA,
    SAT_SCHEMA,
    TIMESTAMPS_SCHEMA,
    VERSION_SCHEMA,
    md5_of_multihash,
    multihash_of_md5,
)
from peps_stac.stac.l1c import item_from_product, merged, with_archive, with_l2a
from peps_stac.stac.orders import order_of, with_order
from recorded import SHARED, needs_recorded
from schemas import L1C_PROFILE, core_faults, extension_faults, in_catalog, own_faults

GEODES = "https://geodes.example.org"
L2A_ID = "SENTINEL2A_20171127-105827-648_L2A_T31TCJ_C_V1-0"
MD5 = "0123456789abcdef0123456789abcdef"

OPTIONAL = [field.name for field in fields(L1CProduct) if field.name not in ("name", "start")]
BARE: dict[str, Any] = dict.fromkeys(OPTIONAL)


def faults(item: pystac.Item) -> list[str]:
    document = in_catalog(item.to_dict())
    return [
        *core_faults(document),
        *own_faults(document, L1C_PROFILE),
        *(extension_faults(document) if SHARED.is_dir() else ()),
    ]


def hrefs(item: pystac.Item, rel: str) -> list[str]:
    return [link.href for link in item.get_links(rel)]


def test_a_scene_as_a_whole() -> None:
    assert_expected("l1c", item_from_product(a_product()).to_dict())


def test_a_scene_across_the_antimeridian_as_a_whole() -> None:
    """PEPS writes such footprints as one ring from -179 to 179."""
    ring = [(179.2, -17.3), (-179.8, -17.3), (-179.8, -16.3), (179.2, -16.3), (179.2, -17.3)]
    product = a_product(
        name="S2B_MSIL1C_20200815T221609_N0209_R129_T01KAB_20200815T231442",
        start=utc("2020-08-15T22:16:09.024"),
        end=None,
        footprint=Polygon(ring),
        tile=MgrsTile.parse("01KAB"),
        platform="sentinel-2b",
        relative_orbit=129,
    )

    item = item_from_product(product)

    assert_expected("l1c_antimeridian", item.to_dict())
    assert not faults(item)


def test_a_scene_of_which_the_service_says_next_to_nothing_as_a_whole() -> None:
    item = item_from_product(a_product(**BARE))

    assert_expected("l1c_bare", item.to_dict())
    assert not faults(item)


@pytest.mark.parametrize("name", OPTIONAL)
def test_an_unknown_fact_is_an_absent_field(name: str) -> None:
    item = item_from_product(a_product(**{name: None}))

    assert not faults(item)
    assert None not in item.properties.values()


def test_cloud_cover_stays_in_percent() -> None:
    """PEPS and STAC both count from 0 to 100, so nothing is rescaled."""
    assert item_from_product(a_product(cloud_cover=12.5)).properties["eo:cloud_cover"] == 12.5


def test_no_cloud_at_all_is_a_fact() -> None:
    assert item_from_product(a_product(cloud_cover=0)).properties["eo:cloud_cover"] == 0


def test_snow_cover_is_told_when_it_is_known() -> None:
    assert item_from_product(a_product(snow_cover=3.0)).properties["eo:snow_cover"] == 3.0


def test_the_footprint_of_the_item_is_that_of_the_record() -> None:
    product = a_product()

    item = item_from_product(product)

    assert product.footprint is not None
    assert item.geometry
    assert shape(item.geometry) == product.footprint
    assert item.geometry["type"] == mapping(product.footprint)["type"]


def test_a_scene_without_a_place_has_neither_geometry_nor_bbox() -> None:
    document = item_from_product(a_product(footprint=None)).to_dict()

    assert document["geometry"] is None
    assert "bbox" not in document


def test_an_open_interval_is_not_written() -> None:
    """STAC wants both ends or none."""
    assert "start_datetime" not in item_from_product(a_product(end=None)).properties


def test_an_interval_that_ends_before_it_starts_is_not_written() -> None:
    item = item_from_product(a_product(end=utc("2017-11-26T00:00:00")))

    assert "end_datetime" not in item.properties
    assert item.datetime == a_product().start


def test_a_scene_of_many_tiles_cannot_be_ordered() -> None:
    """The products of 2015 and 2016: MAJA takes single tiles."""
    item = item_from_product(a_product(tile=None))

    assert "order:status" not in item.properties
    assert ORDER_SCHEMA not in item.stac_extensions
    assert GRID_SCHEMA not in item.stac_extensions


def test_a_product_of_another_level_cannot_be_ordered() -> None:
    assert "order:status" not in item_from_product(a_product(level="L2A")).properties


def test_the_level_follows_from_the_product_type() -> None:
    item = item_from_product(a_product(level=None, product_type="S2MSI1C"))

    assert item.properties["processing:level"] == "L1C"
    assert item.properties["order:status"] == "orderable"


def test_a_tile_of_the_south_has_a_southern_zone() -> None:
    properties = item_from_product(a_product(tile=MgrsTile.parse("01KAB"))).properties

    assert properties["proj:code"] == "EPSG:32701"
    assert properties["grid:code"] == "MGRS-1KAB"
    assert properties["s2:mgrs_tile"] == "01KAB"


@pytest.mark.parametrize(
    ("unknown", "schema"),
    [
        (("cloud_cover",), EO_SCHEMA),
        (("size", "md5"), FILE_SCHEMA),
        (("product_href",), FILE_SCHEMA),
        (("tile",), PROJECTION_SCHEMA),
        (("published",), TIMESTAMPS_SCHEMA),
        (("absolute_orbit", "relative_orbit", "orbit_state"), SAT_SCHEMA),
    ],
)
def test_an_extension_that_is_not_used_is_not_declared(
    unknown: tuple[str, ...], schema: str
) -> None:
    assert schema in item_from_product(a_product()).stac_extensions
    assert schema not in item_from_product(a_product(**dict.fromkeys(unknown))).stac_extensions


def test_a_checksum_is_a_multihash() -> None:
    """Multicodec table: md5 is 0xd5, as a varint d5 01, and 16 bytes long."""
    asset = item_from_product(a_product(md5=MD5)).assets["product"]

    assert asset.extra_fields["file:checksum"] == f"d50110{MD5}"


def test_an_md5_in_upper_case_is_the_same_checksum() -> None:
    """PEPS wrote them so until 2020; the file extension wants lower case."""
    assert multihash_of_md5(MD5.upper()) == f"d50110{MD5}"


def test_an_md5_is_found_again_in_its_multihash() -> None:
    assert md5_of_multihash(multihash_of_md5(MD5)) == MD5


@pytest.mark.parametrize("checksum", ["", MD5, f"1220{MD5}{MD5}", "d50110ab"])
def test_other_checksums_hold_no_md5(checksum: str) -> None:
    assert md5_of_multihash(checksum) is None


@pytest.mark.parametrize("text", ["", "abc", f"{MD5}0", "g" * 32])
def test_what_is_no_md5_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match="MD5"):
        multihash_of_md5(text)


def test_the_record_of_the_service_is_linked() -> None:
    assert hrefs(item_from_product(a_product()), "via") == [a_product().record_href]


def test_the_item_names_its_collection() -> None:
    assert item_from_product(a_product()).collection_id == "sentinel-2-l1c"


def test_making_an_item_and_reading_it_back_changes_nothing() -> None:
    document = item_from_product(a_product()).to_dict()

    again = pystac.Item.from_dict(document, migrate=False).to_dict()

    assert json.dumps(again) == json.dumps(document)


class TestMerged:
    """A scene that is found again."""

    def test_takes_what_the_service_says_now(self) -> None:
        known = item_from_product(a_product(cloud_cover=90.0, size=1))
        new = item_from_product(a_product(cloud_cover=12.5, size=2))

        item = merged(new, known)

        assert item.properties["eo:cloud_cover"] == 12.5
        assert item.assets["product"].extra_fields["file:size"] == 2

    def test_drops_what_the_service_no_longer_says(self) -> None:
        known = item_from_product(a_product())
        new = item_from_product(a_product(cloud_cover=None, quicklook_href=None))

        item = merged(new, known)

        assert "eo:cloud_cover" not in item.properties
        assert "thumbnail" not in item.assets
        assert EO_SCHEMA not in item.stac_extensions

    def test_keeps_the_order(self) -> None:
        known = with_order(item_from_product(a_product()), an_order())

        item = merged(item_from_product(a_product()), known)

        assert order_of(item) == an_order()
        assert PEPS_SCHEMA in item.stac_extensions
        assert not faults(item)

    def test_believes_the_catalog_and_not_the_new_item_about_orders(self) -> None:
        """An Item on stdin may say what was true when it was printed."""
        known = with_order(item_from_product(a_product()), an_order())
        stale = with_order(item_from_product(a_product()), an_order(attempt=7, monitor=HOST))

        item = merged(stale, known)

        assert order_of(item) == an_order()
        assert len(item.get_links("monitor")) == 1

    def test_keeps_links_to_products_and_versions(self) -> None:
        known = with_l2a(item_from_product(a_product()), L2A_ID, "../l2a.json")
        known.add_link(pystac.Link("successor-version", "../newer.json"))
        known.stac_extensions.append(VERSION_SCHEMA)

        item = merged(item_from_product(a_product()), known)

        assert hrefs(item, "related") == ["../l2a.json"]
        assert hrefs(item, "successor-version") == ["../newer.json"]
        assert VERSION_SCHEMA in item.stac_extensions
        assert not faults(item)

    def test_keeps_the_record_of_another_service(self) -> None:
        peps = item_from_product(a_product())
        geodes = item_from_product(a_product(record_href=f"{GEODES}/items/1"))

        assert hrefs(merged(geodes, peps), "via") == [f"{GEODES}/items/1", a_product().record_href]

    def test_replaces_the_record_of_the_same_service(self) -> None:
        known = item_from_product(a_product(record_href="http://127.0.0.1:4001/resto/old.json"))
        new = item_from_product(a_product(record_href="http://127.0.0.1:4002/resto/new.json"))

        assert hrefs(merged(new, known), "via") == ["http://127.0.0.1:4002/resto/new.json"]

    def test_keeps_the_record_of_another_catalogue_of_the_same_host(self) -> None:
        peps = item_from_product(a_product(record_href="http://127.0.0.1:4001/resto/1.json"))
        geodes = item_from_product(a_product(record_href="http://127.0.0.1:4001/api/stac/1"))

        assert len(hrefs(merged(geodes, peps), "via")) == 2

    def test_keeps_the_record_when_the_new_answer_names_none(self) -> None:
        known = item_from_product(a_product())

        item = merged(item_from_product(a_product(record_href=None)), known)

        assert hrefs(item, "via") == [a_product().record_href]

    def test_keeps_the_archive_on_this_disk(self) -> None:
        known = with_archive(item_from_product(a_product()), "./x.zip", size=7, md5=MD5)

        item = merged(item_from_product(a_product(size=None, md5=None)), known)

        assert item.assets["archive"].to_dict() == known.assets["archive"].to_dict()
        assert FILE_SCHEMA in item.stac_extensions
        assert not faults(item)

    def test_knows_by_an_absolute_path_an_archive_of_an_item_that_was_read(self) -> None:
        """The new Item may have been read from another folder, where `./` is something else."""
        known = with_archive(item_from_product(a_product()), "./x.zip", size=7, md5=MD5)
        known.set_self_href("/catalog/l1c/x/x.json")

        item = merged(item_from_product(a_product()), known)

        assert item.assets["archive"].href == "/catalog/l1c/x/x.zip"

    def test_believes_no_other_catalog_about_an_archive(self) -> None:
        stale = with_archive(item_from_product(a_product()), "/elsewhere/x.zip", size=7, md5=MD5)

        assert "archive" not in merged(stale, item_from_product(a_product())).assets

    def test_leaves_the_links_of_the_tree_to_the_store(self) -> None:
        known = item_from_product(a_product())
        known.add_link(pystac.Link("collection", "../../../collection.json"))

        assert not merged(item_from_product(a_product()), known).get_links("collection")

    def test_changes_neither(self) -> None:
        known = with_order(item_from_product(a_product()), an_order())
        new = item_from_product(a_product(cloud_cover=1.0))
        before = (known.to_dict(), new.to_dict())

        item = merged(new, known)
        item.properties["peps:inputs"].clear()
        item.properties["peps:history"].clear()
        item.assets.clear()

        assert (known.to_dict(), new.to_dict()) == before

    def test_twice_is_as_good_as_once(self) -> None:
        """So that a repeated search writes nothing."""
        known = with_order(with_l2a(item_from_product(a_product()), L2A_ID, "../a"), an_order())
        new = item_from_product(a_product(record_href=f"{GEODES}/items/1"))

        once = merged(new, known)

        assert json.dumps(merged(new, once).to_dict()) == json.dumps(once.to_dict())


def test_a_link_to_a_product_is_written_once() -> None:
    item = with_l2a(item_from_product(a_product()), L2A_ID, "../old.json")

    again = with_l2a(item, L2A_ID, "../new.json")

    assert hrefs(again, "related") == ["../new.json"]
    assert hrefs(item, "related") == ["../old.json"]
    assert [link.title for link in again.get_links("related")] == [L2A_ID]


def test_an_archive_on_this_disk_is_an_asset_beside_that_of_the_service() -> None:
    bare = item_from_product(a_product(size=None, md5=None))

    item = with_archive(bare, "./x.zip", size=7, md5=MD5.upper())

    archive, product = item.assets["archive"], item.assets["product"]
    assert archive.href == "./x.zip"
    assert archive.extra_fields == {"file:size": 7, "file:checksum": f"d50110{MD5}"}
    assert archive.roles == product.roles
    assert product.href == a_product().product_href
    assert "archive" not in bare.assets
    assert not faults(item)


def test_two_products_of_one_scene_have_two_links() -> None:
    item = with_l2a(item_from_product(a_product()), L2A_ID, "../first.json")

    again = with_l2a(item, L2A_ID.replace("V1-0", "V2-0"), "../second.json")

    assert hrefs(again, "related") == ["../first.json", "../second.json"]


def recorded_features() -> Iterator[dict[str, Any]]:
    files: list[Path] = sorted((SHARED / "peps").glob("*json"))
    for path in files:
        yield from raw_features(json.loads(path.read_text(encoding="utf-8")))


@needs_recorded
def test_every_recorded_product_becomes_a_valid_item() -> None:
    features = list(recorded_features())

    items = [item_from_product(read_product(feature)) for feature in features]

    assert len(items) == 54
    assert [fault for item in items for fault in faults(item)] == []


@needs_recorded
def test_every_recorded_footprint_is_kept_as_it_was_sent() -> None:
    for feature in recorded_features():
        assert item_from_product(read_product(feature)).geometry == feature["geometry"]


@needs_recorded
def test_every_recorded_product_can_be_ordered() -> None:
    items = [item_from_product(read_product(feature)) for feature in recorded_features()]

    assert {item.properties.get("order:status") for item in items} == {"orderable"}
