import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from shapely import GeometryCollection, Point, Polygon, box, from_wkt

from builders_peps import NAME, a_feature, a_name, a_page
from peps_stac.domain import MgrsTile, SearchQuery
from peps_stac.errors import RequestError, ResponseError
from peps_stac.peps.resto import Page, ignored_params, read_page, to_params

TILE = MgrsTile.parse("31TCJ")
BOX_PATTERN = re.compile(r"[0-9.,\-]*")
"""What the server takes for `box` (`RestoModel.php`)."""


def one(query: SearchQuery) -> dict[str, str]:
    (params,) = to_params(query)
    return params


def test_a_search_asks_for_l1c_in_the_largest_pages() -> None:
    assert one(SearchQuery(tiles=(TILE,))) == {
        "maxRecords": "500",
        "page": "1",
        "productType": "S2MSI1C",
        "tileid": "31TCJ",
    }


@pytest.mark.parametrize(("limit", "records"), [(1, "1"), (20, "20"), (500, "500"), (9999, "500")])
def test_no_more_is_asked_for_than_wanted(limit: int, records: str) -> None:
    assert one(SearchQuery(limit=limit))["maxRecords"] == records


@pytest.mark.parametrize("text", ["31tcj", "T31TCJ", " t31TcJ "])
def test_tiles_are_sent_in_upper_case_without_t(text: str) -> None:
    assert one(SearchQuery(tiles=(MgrsTile.parse(text),)))["tileid"] == "31TCJ"


def test_each_tile_is_a_request_of_its_own() -> None:
    tiles = (TILE, MgrsTile.parse("1CCV"))

    assert [params["tileid"] for params in to_params(SearchQuery(tiles=tiles))] == [
        "31TCJ",
        "01CCV",
    ]


@pytest.mark.parametrize(
    ("cloud_cover", "interval"),
    [(0, "[0,0]"), (20, "[0,20]"), (12.5, "[0,13]"), (0.01, "[0,1]"), (99.2, "[0,100]")],
)
def test_cloud_cover_is_sent_rounded_up(cloud_cover: float, interval: str) -> None:
    """The server refuses decimals, so they are filtered on this side."""
    query = SearchQuery(tiles=(TILE,), cloud_cover=cloud_cover)

    assert one(query)["cloudCover"] == interval


def test_dates_are_sent_as_full_instants() -> None:
    """A bare date is midnight on the server, which loses the last day."""
    query = SearchQuery(
        tiles=(TILE,),
        start=datetime(2017, 11, 1, tzinfo=UTC),
        end=datetime(2017, 11, 30, 23, 59, 59, 999000, tzinfo=UTC),
    )

    assert one(query)["startDate"] == "2017-11-01T00:00:00.000Z"
    assert one(query)["completionDate"] == "2017-11-30T23:59:59.999Z"


def test_dates_are_sent_in_utc() -> None:
    start = datetime(2017, 11, 1, 1, tzinfo=timezone(timedelta(hours=2)))

    assert one(SearchQuery(limit=1, start=start))["startDate"] == "2017-10-31T23:00:00.000Z"


def test_orbit_platform_and_place_name_keep_their_words() -> None:
    query = SearchQuery(location="Toulouse août", relative_orbit=51, platform="sentinel-2a")
    params = one(query)

    assert params["q"] == "Toulouse août"
    assert params["relativeOrbitNumber"] == "51"
    assert params["platform"] == "S2A"


@pytest.mark.parametrize(("platform", "sent"), [("S2B", "S2B"), ("Sentinel-2C", "S2C")])
def test_platforms_are_taken_in_either_spelling(platform: str, sent: str) -> None:
    assert one(SearchQuery(limit=1, platform=platform))["platform"] == sent


def test_another_satellite_is_refused() -> None:
    with pytest.raises(RequestError, match="landsat-8"):
        to_params(SearchQuery(limit=1, platform="landsat-8"))


def test_a_point_is_sent_with_a_radius_smaller_than_the_default() -> None:
    """The default is a square of 10 km, which brings neighbouring tiles."""
    params = one(SearchQuery(point=(1.4442, -43.6)))

    assert (params["lon"], params["lat"], params["radius"]) == ("1.4442", "-43.6", "1")


def test_a_box_is_sent_west_south_east_north_without_exponent() -> None:
    params = one(SearchQuery(bbox=(-0.00001, 1e-9, 1.5, 44)))

    assert params["box"] == "-0.00001,0.000000001,1.5,44"
    assert BOX_PATTERN.fullmatch(params["box"])


@pytest.mark.parametrize("value", [0.0, -0.0, -1e-12])
def test_zero_in_a_box_has_no_sign(value: float) -> None:
    assert one(SearchQuery(bbox=(value, 0, 1, 1)))["box"] == "0,0,1,1"


def test_a_box_across_the_antimeridian_becomes_two_requests() -> None:
    west, east = to_params(SearchQuery(bbox=(178, -18, -178.5, -16)))

    assert west["box"] == "178,-18,180,-16"
    assert east["box"] == "-180,-18,-178.5,-16"


def test_every_tile_meets_every_half_of_a_box() -> None:
    query = SearchQuery(tiles=(TILE, MgrsTile.parse("01KAB")), bbox=(178, -18, -178, -16))

    assert len(to_params(query)) == 4


def test_a_geometry_is_sent_as_well_known_text() -> None:
    sent = one(SearchQuery(intersects=box(1, 43, 2, 44)))["geometry"]

    assert sent.startswith("POLYGON ((")
    assert from_wkt(sent).equals(box(1, 43, 2, 44))


def test_a_geometry_wins_over_a_box() -> None:
    """Both cannot be sent; the box is checked on this side."""
    params = one(SearchQuery(bbox=(1, 43, 2, 44), intersects=Point(1.5, 43.5)))

    assert "box" not in params
    assert params["geometry"] == "POINT (1.5 43.5)"


def test_heights_are_not_sent() -> None:
    assert one(SearchQuery(intersects=Point(1, 2, 300)))["geometry"] == "POINT (1 2)"


def test_a_coastline_is_sent_as_its_hull() -> None:
    """An address of a hundred thousand characters is refused by every server."""
    coast = Point(1, 43).buffer(1, quad_segs=3000).difference(Point(1, 43).buffer(0.5))
    sent = one(SearchQuery(intersects=coast))["geometry"]

    assert len(sent) <= 4000
    assert from_wkt(sent).buffer(1e-9).contains(coast)


@pytest.mark.parametrize(
    "odd",
    [
        GeometryCollection([Point(1, 43), box(1, 43, 2, 44)]),
        Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]),
    ],
)
def test_what_the_server_cannot_take_is_sent_as_its_hull(odd: Polygon) -> None:
    sent = from_wkt(one(SearchQuery(intersects=odd))["geometry"])

    assert sent.geom_type == "Polygon"
    assert sent.equals(odd.convex_hull)


def test_a_page_holds_the_products_in_their_order() -> None:
    page = read_page(a_page(a_feature(a_name(9)), a_feature(a_name(4))))

    assert [product.name for product in page.products] == [a_name(9), a_name(4)]
    assert not page.is_empty


def test_an_empty_page_is_empty() -> None:
    assert read_page(a_page()).is_empty


@pytest.mark.parametrize("features", [None, [], {}])
def test_no_features_are_an_empty_page(features: object) -> None:
    assert read_page({"type": "FeatureCollection", "features": features}).is_empty


def test_the_next_page_is_found_by_its_rel() -> None:
    """Titles of links follow the language."""
    assert read_page(a_page(next_href="https://peps.cnes.fr/resto/2")).next_href == (
        "https://peps.cnes.fr/resto/2"
    )
    assert read_page(a_page()).next_href is None


@pytest.mark.parametrize("links", [None, [], {}, "next", [None], [{"rel": "next"}], [["next"]]])
def test_odd_links_are_no_next_page(links: object) -> None:
    assert read_page(a_page(links=links)).next_href is None


@pytest.mark.parametrize(
    ("said", "total"), [(47, 47), ("47", 47), (-1, None), (None, None), ("many", None)]
)
def test_a_total_that_is_no_number_of_results_is_unknown(said: object, total: int | None) -> None:
    assert read_page(a_page(totalResults=said, totalItemsPerPage="500")).total == total


def test_an_unreadable_feature_does_not_hide_the_others() -> None:
    nameless = a_feature(productIdentifier=None, title=None)
    page = read_page(a_page(nameless, a_feature()))

    assert [product.name for product in page.products] == [NAME]
    assert len(page.rejected) == 1


def test_a_page_of_unreadable_features_is_not_empty() -> None:
    """The pages after it may be fine."""
    page = read_page({"type": "FeatureCollection", "features": [None, 5, {}]})

    assert len(page.rejected) == 3
    assert not page.is_empty


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        "FeatureCollection",
        {"type": "Feature"},
        {"type": "FeatureCollection", "features": "none"},
        {"ErrorMessage": "Not\nFound", "ErrorCode": 404},
    ],
)
def test_anything_else_is_no_page(document: object) -> None:
    with pytest.raises(ResponseError, match="FeatureCollection") as caught:
        read_page(document)

    assert "\n" not in str(caught.value)


def test_an_error_document_is_quoted() -> None:
    with pytest.raises(ResponseError, match="Unauthorized"):
        read_page({"ErrorMessage": "Unauthorized", "ErrorCode": 401})


ECHO = {
    "searchTerms": "Toulouse",
    "count": "500",
    "startPage": "1",
    "time:start": "2019-07-01",
    "time:end": "2019-07-31",
    "geo:box": "1,43,2,44",
    "geo:lat": "43",
    "geo:lon": "1",
    "geo:radius": "1",
    "geo:geometry": "POINT (1 43)",
    "eo:productType": "S2MSI1C",
    "eo:platform": "S2A",
    "eo:cloudCover": "[0,20]",
    "resto:tileid": "31TCJ",
    "resto:relativeOrbitNumber": "51",
    "something:new": "1",
}


def test_the_servers_names_of_filters_are_mapped_back() -> None:
    assert read_page(a_page(filters=ECHO)).understood == {
        "q",
        "maxRecords",
        "page",
        "startDate",
        "completionDate",
        "box",
        "lat",
        "lon",
        "radius",
        "geometry",
        "productType",
        "platform",
        "cloudCover",
        "tileid",
        "relativeOrbitNumber",
        "new",
    }


@pytest.mark.parametrize(
    "query",
    [
        SearchQuery(
            location="Toulouse",
            tiles=(TILE,),
            relative_orbit=51,
            platform="sentinel-2a",
            cloud_cover=20,
            start=datetime(2019, 7, 1, tzinfo=UTC),
            end=datetime(2019, 7, 31, tzinfo=UTC),
        ),
        SearchQuery(point=(1, 43)),
        SearchQuery(bbox=(1, 43, 2, 44)),
        SearchQuery(intersects=Point(1, 43)),
    ],
)
def test_a_server_that_understands_everything_raises_no_alarm(query: SearchQuery) -> None:
    assert ignored_params(one(query), read_page(a_page(filters=ECHO))) == ()


def test_a_parameter_that_is_not_repeated_was_ignored() -> None:
    """The server ignores in silence what it does not know, which widens the search."""
    params = one(SearchQuery(tiles=(TILE,), cloud_cover=5))
    page = read_page(a_page(filters={"count": "500", "startPage": "1", "eo:productType": "x"}))

    assert ignored_params(params, page) == ("cloudCover", "tileid")


@pytest.mark.parametrize("query", [None, [], {}, {"searchFilters": []}, {"searchFilters": None}])
def test_an_answer_that_repeats_nothing_raises_no_alarm(query: object) -> None:
    page = read_page(a_page(query=query))

    assert ignored_params({"tileid": "31TCJ"}, page) == ()
    assert ignored_params({"tileid": "31TCJ"}, Page(products=())) == ()
