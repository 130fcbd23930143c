"""What PEPS really sent, read independently of the package and compared."""

import hashlib
import json
from datetime import datetime
from typing import Any

import pytest
from shapely.geometry import shape

from builders_peps import NAME, a_feature, a_page
from peps_stac.domain import MgrsTile, SearchQuery
from peps_stac.errors import ResponseError
from peps_stac.peps.recorded import raw_features
from peps_stac.peps.resto import ignored_params, matches, read_page, read_product, service_id
from recorded import SHARED, needs_recorded

PEPS = SHARED / "peps"
RAW_2020 = "search_s2st_2020-08_raw_2features.json"
RAW_2018 = "search_s2st_2018-07_raw_empty.json"
EODAG_2 = "eodag_result_2020-08_disk_tape.geojson"
EODAG_3 = "eodag_result_2021-03_tier2_50products.geojson"


def load(name: str) -> Any:  # noqa: ANN401 -- JSON of any shape
    return json.loads((PEPS / name).read_text())


def uuid5_by_hand(name: str) -> str:
    """RFC 4122, section 4.3."""
    space = bytes.fromhex("92708059207745a3a4f31eb428789cff")
    digest = bytearray(hashlib.sha1(space + f"S2ST:{name}".encode()).digest()[:16])  # noqa: S324 -- UUIDv5
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


@needs_recorded
def test_the_raw_answer_of_2020_is_read_field_by_field() -> None:
    document = load(RAW_2020)
    page = read_page(document)

    assert len(page.products) == 2
    assert page.rejected == ()
    assert page.total == 47
    assert page.next_href is not None
    assert page.next_href.endswith("&page=2")
    for product, feature in zip(page.products, document["features"], strict=True):
        said = feature["properties"]
        download = said["services"]["download"]
        assert product.name == said["title"]
        assert product.service_id == feature["id"] == uuid5_by_hand(said["title"])
        assert product.start == datetime.fromisoformat(said["startDate"])
        assert product.end == datetime.fromisoformat(said["completionDate"])
        assert product.footprint is not None
        assert product.footprint.equals_exact(shape(feature["geometry"]), 0)
        assert str(product.tile) == said["mgrs"]
        assert product.platform == "sentinel-2a"
        assert product.product_type == said["productType"]
        assert product.level == "L1C"
        assert product.absolute_orbit == said["orbitNumber"] == 26883
        assert product.relative_orbit == said["relativeOrbitNumber"] == 2
        assert product.orbit_state == said["orbitDirection"]
        assert product.cloud_cover == said["cloudCover"]
        assert product.snow_cover is None
        assert product.datatake_id == said["s2TakeId"]
        assert product.datatake_type == said["sensorMode"]
        assert product.processing_baseline == "02.09"
        assert product.created == datetime.fromisoformat(said["dhusIngestDate"])
        assert product.published == datetime.fromisoformat(said["published"])
        assert product.updated == datetime.fromisoformat(said["updated"])
        assert product.product_href == download["url"]
        assert product.size == said["resourceSize"] == download["size"]
        assert product.md5 == said["resourceChecksum"].lower()
        assert product.quicklook_href == said["quicklook"]
        assert product.record_href == said["links"][0]["href"]


@needs_recorded
def test_the_raw_answer_without_products_is_an_empty_page() -> None:
    page = read_page(load(RAW_2018))

    assert page.is_empty
    assert page.next_href is None
    assert page.total == 0


@needs_recorded
@pytest.mark.parametrize(
    ("name", "sent"),
    [
        (
            RAW_2020,
            ("startDate", "completionDate", "geometry", "productType", "maxRecords", "page"),
        ),
        (RAW_2018, ("tileid", "startDate", "completionDate", "maxRecords", "cloudCover")),
    ],
)
def test_the_recorded_answers_repeat_all_that_was_sent(name: str, sent: tuple[str, ...]) -> None:
    page = read_page(load(name))

    assert page.understood == set(sent)
    assert ignored_params(dict.fromkeys(sent, "x"), page) == ()
    assert ignored_params({"cloudCovered": "x"}, page) == ("cloudCovered",)


@needs_recorded
@pytest.mark.parametrize(
    ("name", "count"), [(RAW_2020, 2), (RAW_2018, 0), (EODAG_2, 2), (EODAG_3, 50)]
)
def test_every_recorded_product_has_the_id_that_its_name_gives(name: str, count: int) -> None:
    features = raw_features(load(name))

    assert len(features) == count
    for feature in features:
        product = read_product(feature)
        assert product.service_id == service_id(product.name) == uuid5_by_hand(product.name)


@needs_recorded
def test_raw_answers_come_back_as_they_are() -> None:
    assert raw_features(load(RAW_2020)) == load(RAW_2020)["features"]


@needs_recorded
def test_what_eodag_2_saved_is_read_as_peps_wrote_it() -> None:
    saved = load(EODAG_2)["features"]
    features = raw_features(load(EODAG_2))
    raw_keys = set(load(RAW_2020)["features"][0]["properties"])

    for feature, before in zip(features, saved, strict=True):
        said = before["properties"]
        product = read_product(feature)
        # eodag dropped these.
        assert raw_keys - set(feature["properties"]) == {"isRefined", "nrtResource", "useDatalake"}
        assert set(feature["properties"]) <= raw_keys
        assert product.name == before["id"]
        assert feature["id"] == said["uid"]
        assert feature["properties"]["platform"] == "S2B"
        assert feature["properties"]["collection"] == "S2ST"
        assert feature["properties"]["storage"] == said["storage"]
        assert product.start == datetime.fromisoformat(said["startTimeFromAscendingNode"])
        assert product.created == datetime.fromisoformat(said["creationDate"])
        assert product.published == datetime.fromisoformat(said["publicationDate"])
        assert product.cloud_cover == said["cloudCover"]
        assert (product.absolute_orbit, product.relative_orbit) == (17976, 75)
        assert product.size == said["resourceSize"]
        assert product.md5 == said["resourceChecksum"].lower()
        assert product.product_href == said["downloadLink"]
        assert product.quicklook_href == said["quicklook"]
        assert product.record_href is not None
        assert str(product.tile) == said["mgrs"]


@needs_recorded
def test_what_eodag_3_saved_is_read_as_peps_wrote_it() -> None:
    saved = load(EODAG_3)["features"]
    features = raw_features(load(EODAG_3))

    assert len({str(read_product(feature).tile) for feature in features}) == 18
    for feature, before in zip(features, saved, strict=True):
        said = before["properties"]
        product = read_product(feature)
        assert product.name == before["id"] == said["title"]
        assert product.service_id == said["uid"]
        assert not [key for key in feature["properties"] if ":" in key]
        assert feature["properties"]["storage"] == {"mode": "tier2"}
        assert feature["properties"]["isRefined"] == 1
        assert feature["properties"]["instrument"] == "MSI"
        assert feature["properties"]["organisationName"] == "ESA"
        assert product.start == datetime.fromisoformat(said["start_datetime"])
        assert product.end == datetime.fromisoformat(said["end_datetime"])
        assert product.created == datetime.fromisoformat(said["created"])
        assert product.published == datetime.fromisoformat(said["published"])
        assert product.updated == datetime.fromisoformat(said["updated"])
        assert product.platform == {"S2A": "sentinel-2a", "S2B": "sentinel-2b"}[said["platform"]]
        assert product.cloud_cover == said["eo:cloud_cover"]
        assert product.absolute_orbit == said["sat:absolute_orbit"]
        assert product.relative_orbit == said["peps:relativeOrbitNumber"]
        assert product.relative_orbit == int(product.name.split("_R")[1][:3])
        assert product.orbit_state == "descending"
        assert product.level == "L1C"
        assert product.product_type == "S2MSI1C"
        assert product.datatake_type == "INS-NOBS"
        assert product.datatake_id == said["peps:s2TakeId"]
        assert product.processing_baseline == "05.00"
        assert product.size == said["peps:resourceSize"]
        assert product.md5 == said["peps:resourceChecksum"]
        assert product.product_href == said["eodag:download_link"]
        assert product.quicklook_href == said["eodag:quicklook"]
        assert product.record_href is None, "eodag dropped the links"
        assert str(product.tile) == said["grid:code"]
        assert product.footprint is not None
        assert product.footprint.equals_exact(shape(before["geometry"]), 0)


@needs_recorded
@pytest.mark.parametrize("name", [RAW_2020, EODAG_2, EODAG_3])
def test_recorded_products_match_the_search_for_themselves(name: str) -> None:
    for feature in raw_features(load(name)):
        product = read_product(feature)
        footprint = product.footprint
        assert footprint is not None
        assert product.tile is not None
        point = footprint.representative_point()
        query = SearchQuery(
            tiles=(product.tile,),
            relative_orbit=product.relative_orbit,
            platform=product.platform,
            cloud_cover=product.cloud_cover,
            start=product.start,
            end=product.start,
            point=(point.x, point.y),
        )
        assert matches(product, query)


EODAG_2_FEATURE = {
    "type": "Feature",
    "id": NAME,
    "geometry": None,
    "properties": {
        "eodag_product_type": "S2_MSI_L1C",
        "eodag_provider": "peps",
        "title": NAME,
        "uid": service_id(NAME),
        "platform": "S2ST",
        "platformSerialIdentifier": "S2B",
        "abstract": "Not Available",
        "startTimeFromAscendingNode": "2019-07-04T10:56:29.024Z",
        "creationDate": "2019-07-04T15:00:00Z",
        "storageStatus": "ONLINE",
        "isRefined": 1,
    },
}


def test_names_of_eodag_2_are_put_back() -> None:
    (feature,) = raw_features({"type": "FeatureCollection", "features": [EODAG_2_FEATURE]})

    assert feature == {
        "type": "Feature",
        "id": service_id(NAME),
        "geometry": None,
        "properties": {
            "productIdentifier": NAME,
            "title": NAME,
            "collection": "S2ST",
            "platform": "S2B",
            "description": None,
            "startDate": "2019-07-04T10:56:29.024Z",
            "dhusIngestDate": "2019-07-04T15:00:00Z",
            "isRefined": 1,
        },
    }


def test_names_of_eodag_3_are_put_back() -> None:
    properties = {
        "eodag:provider": "peps",
        "eodag:download_link": "https://peps.cnes.fr/d",
        "title": NAME,
        "uid": service_id(NAME),
        "constellation": "S2ST",
        "platform": "S2B",
        "instruments": ["MSI"],
        "providers": [{"name": "ESA"}],
        "grid:code": "31TCJ",
        "eo:cloud_cover": 3,
        "polarizationChannels": "Not+Available",
        "peps:storage": {"mode": "tier2"},
        "order:status": "succeeded",
    }
    saved = {"type": "Feature", "id": NAME, "geometry": None, "properties": properties}
    (feature,) = raw_features({"type": "FeatureCollection", "features": [saved]})

    assert feature["properties"] == {
        "productIdentifier": NAME,
        "title": NAME,
        "collection": "S2ST",
        "platform": "S2B",
        "instrument": "MSI",
        "organisationName": "ESA",
        "mgrs": "31TCJ",
        "cloudCover": 3,
        "storage": {"mode": "tier2"},
        "services": {"download": {"url": "https://peps.cnes.fr/d"}},
    }
    assert read_product(feature).tile == MgrsTile.parse("31TCJ")


def test_a_raw_feature_comes_back_as_it_is() -> None:
    assert raw_features(a_page(a_feature())) == [a_feature()]


@pytest.mark.parametrize("document", [None, [], {"type": "Feature"}, {"type": "FeatureCollection"}])
def test_anything_else_is_no_recorded_answer(document: object) -> None:
    with pytest.raises(ResponseError, match="FeatureCollection"):
        raw_features(document)
