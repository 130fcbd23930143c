from datetime import UTC, datetime
from typing import Any

import pytest
from shapely import Point

from builders_geodes import L1C_NAME, a_collection, a_record
from peps_stac.domain import MgrsTile, SearchQuery
from peps_stac.errors import RequestError, ResponseError
from peps_stac.geodes.query import on_page, read_page, to_bodies

TILE = MgrsTile.parse("31TCJ")


def body(**criteria: Any) -> dict[str, Any]:  # noqa: ANN401 -- fields of SearchQuery
    (only,) = to_bodies(SearchQuery(**criteria))
    return only


def test_a_tile_is_asked_for_with_and_without_t() -> None:
    assert body(tiles=(TILE,))["query"] == {"grid:code": {"in": ["T31TCJ", "31TCJ"]}}


def test_the_level_chooses_the_collection() -> None:
    assert body(tiles=(TILE,))["collections"] == ["PEPS_S2_L1C"]
    assert body(tiles=(TILE,), level="L2A")["collections"] == ["THEIA_REFLECTANCE_SENTINEL2_L2A"]


def test_a_page_has_eighty_records_and_a_number() -> None:
    said = on_page(body(tiles=(TILE,)), 3)

    assert (said["page"], said["limit"]) == (3, 80)
    assert said["sortBy"] == [{"field": "start_datetime", "direction": "desc"}]


def test_a_period_is_one_of_sensing_and_not_of_publication() -> None:
    said = body(
        tiles=(TILE,), start=datetime(2020, 1, 1, tzinfo=UTC), end=datetime(2020, 2, 1, tzinfo=UTC)
    )["query"]

    assert said["end_datetime"] == {"gte": "2020-01-01T00:00:00.000Z"}
    assert said["start_datetime"] == {"lte": "2020-02-01T00:00:00.000Z"}
    assert "datetime" not in said


def test_the_other_criteria_are_attributes() -> None:
    said = body(tiles=(TILE,), cloud_cover=12.5, relative_orbit=51, platform="sentinel-2a")["query"]

    assert said["eo:cloud_cover"] == {"lte": 12.5}
    assert said["sat:relative_orbit"] == {"eq": 51}
    assert said["platform"] == {"eq": "S2A"}


def test_a_box_across_the_antimeridian_is_two_requests() -> None:
    boxes = [said["bbox"] for said in to_bodies(SearchQuery(bbox=(179, -18, -179, -16)))]

    assert boxes == [[179, -18, 180, -16], [-180, -18, -179, -16]]


def test_a_point_is_a_geometry() -> None:
    assert body(point=(1.44, 43.6))["intersects"] == {"type": "Point", "coordinates": [1.44, 43.6]}


def test_of_two_places_the_geometry_is_asked_for() -> None:
    said = body(intersects=Point(1, 43), bbox=(0, 42, 2, 44))

    assert "bbox" not in said
    assert said["intersects"]["type"] == "Point"


def test_a_place_in_words_is_refused_with_what_to_give_instead() -> None:
    with pytest.raises(RequestError, match=r"-l 'Toulouse'.*--bbox"):
        to_bodies(SearchQuery(location="Toulouse"))


def test_a_page_has_its_products_and_the_total() -> None:
    page = read_page(a_collection(a_record(), matched=37273723))

    assert [product.name for product in page.products] == [L1C_NAME]
    assert page.total == 37273723


def test_a_record_that_cannot_be_read_is_told_and_the_others_stay() -> None:
    page = read_page(a_collection(a_record(), {"type": "Feature", "id": "URN:x"}))

    assert len(page.products) == 1
    assert "URN:x" in page.rejected[0]


@pytest.mark.parametrize("document", [None, [], {}, {"type": "Feature"}, "text", {"features": 3}])
def test_anything_else_is_no_answer_of_geodes(document: object) -> None:
    with pytest.raises(ResponseError, match="no FeatureCollection"):
        read_page(document)
