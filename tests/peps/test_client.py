from itertools import pairwise

import pytest

from builders_peps import (
    NAME,
    WPS_ID,
    Reply,
    ScriptedPeps,
    a_feature,
    a_name,
    a_page,
)
from peps_stac.domain import (
    MgrsTile,
    SearchQuery,
)
from peps_stac.errors import (
    RequestError,
    ResponseError,
)
from peps_stac.peps.client import SEARCH_PATH, WPS_PATH, PepsClient

PUBLIC = "https://peps.cnes.fr"
STATUS_PATH = f"{WPS_PATH}/outputs/pywps-{WPS_ID}.xml"
REPORT_PATH = f"{WPS_PATH}/outputs/report-{WPS_ID}.json"
JOBS_PATH = f"{WPS_PATH}/users/42/jobs"
TILE = MgrsTile.parse("31TCJ")
QUERY = SearchQuery(tiles=(TILE,))
RUNNING = {"job_status": "RUNNING", "percentCompleted": 42}


def page_href(page: int) -> str:
    """Links of the service begin with an ampersand and name the public host."""
    return f"{PUBLIC}{SEARCH_PATH}?&tileid=31TCJ&maxRecords=500&page={page}"


def pages_of(*days: list[int], ends_empty: bool = False) -> list[Reply]:
    pages = [[a_feature(a_name(day)) for day in page] for page in days]
    if ends_empty:
        pages.append([])
    last = len(pages)
    return [
        Reply.json(a_page(*page, next_href=None if number == last else page_href(number + 1)))
        for number, page in enumerate(pages, start=1)
    ]


def names(client: PepsClient, query: SearchQuery = QUERY) -> list[str]:
    return [product.name for product in client.search(query)]


def test_a_search_asks_the_collection_of_single_tiles_without_login(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    peps.says(SEARCH_PATH, Reply.json(a_page(a_feature())))

    assert names(client) == [NAME]
    (request,) = peps.requests
    assert request.path == SEARCH_PATH
    assert request.params["tileid"] == "31TCJ"
    assert not request.has_login


def test_pages_are_followed_on_the_configured_service(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    peps.says(SEARCH_PATH, *pages_of([9, 8], [7, 6], [5]))

    assert names(client) == [a_name(day) for day in (9, 8, 7, 6, 5)]
    assert [request.params["page"] for request in peps.requests] == ["1", "2", "3"]


def test_a_full_last_page_leads_to_an_empty_one(client: PepsClient, peps: ScriptedPeps) -> None:
    peps.says(SEARCH_PATH, *pages_of([9, 8], [7, 6], ends_empty=True))

    assert len(names(client)) == 4


def test_an_empty_page_ends_the_search_even_with_a_next_link(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    peps.says(SEARCH_PATH, Reply.json(a_page(next_href=page_href(2))))

    assert names(client) == []
    assert len(peps.requests) == 1


@pytest.mark.parametrize("total", [-1, 0, 10**6, None, "?"])
def test_the_total_is_no_loop_bound(client: PepsClient, peps: ScriptedPeps, total: object) -> None:
    first = a_page(a_feature(a_name(9)), next_href=page_href(2), totalResults=total)
    peps.says(SEARCH_PATH, Reply.json(first), Reply.json(a_page(a_feature(a_name(8)))))

    assert names(client) == [a_name(9), a_name(8)]


def test_a_link_back_to_a_page_seen_before_ends_the_search(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    first = a_page(a_feature(a_name(9)), next_href=page_href(2))
    second = a_page(a_feature(a_name(8)), next_href=page_href(2))
    peps.says(SEARCH_PATH, Reply.json(first), Reply.json(second))
    lines: list[str] = []

    assert len(list(client.search(QUERY, tell=lines.append))) == 2
    assert len(peps.requests) == 2
    assert len(lines) == 1


def test_a_service_that_gives_the_same_page_for_ever_is_left(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    peps.says(
        SEARCH_PATH,
        *(Reply.json(a_page(a_feature(), next_href=page_href(page))) for page in range(2, 60)),
    )
    lines: list[str] = []

    assert len(list(client.search(QUERY, tell=lines.append))) == 1
    assert len(peps.requests) < 6
    assert "repeats itself" in lines[0]


def test_a_product_that_moved_to_the_next_page_comes_once(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    """Products published meanwhile push the others down: newest come first."""
    peps.says(SEARCH_PATH, *pages_of([9, 8], [8, 7], [7, 6]))

    assert names(client) == [a_name(day) for day in (9, 8, 7, 6)]


def test_two_baselines_of_one_scene_are_two_products(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    both = [a_name(4, baseline="0207"), a_name(4, baseline="0500")]
    peps.says(SEARCH_PATH, Reply.json(a_page(*map(a_feature, both))))

    assert names(client) == both


def test_both_halves_of_a_box_are_searched_and_overlaps_come_once(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    query = SearchQuery(bbox=(178, 43, -178, 44))
    ring = [[179, 43], [-179, 43], [-179, 44], [179, 43]]
    geometry = {"geometry": {"type": "Polygon", "coordinates": [ring]}}
    nine, eight = (a_feature(a_name(day)) | geometry for day in (9, 8))
    peps.says(SEARCH_PATH, Reply.json(a_page(nine)), Reply.json(a_page(nine, eight)))

    assert names(client, query) == [a_name(9), a_name(8)]
    assert [request.params["box"] for request in peps.requests] == [
        "178,43,180,44",
        "-180,43,-178,44",
    ]


def test_pages_are_asked_for_as_they_are_needed(client: PepsClient, peps: ScriptedPeps) -> None:
    peps.says(SEARCH_PATH, *pages_of([9, 8], [7, 6]))
    found = client.search(QUERY)

    assert peps.requests == []
    assert [next(found).name, next(found).name] == [a_name(9), a_name(8)]
    assert len(peps.requests) == 1
    next(found)
    assert len(peps.requests) == 2


def test_the_limit_counts_over_pages_and_stops_them(client: PepsClient, peps: ScriptedPeps) -> None:
    peps.says(SEARCH_PATH, *pages_of([9, 8], [7, 6], [5]))

    assert len(names(client, SearchQuery(tiles=(TILE,), limit=4))) == 4
    assert len(peps.requests) == 2


def test_decimal_cloud_cover_is_filtered_here(client: PepsClient, peps: ScriptedPeps) -> None:
    covers = [(9, 12.6), (8, 12.5), (7, 0), (6, None)]
    page = a_page(*(a_feature(a_name(day), cloudCover=cover) for day, cover in covers))
    peps.says(SEARCH_PATH, Reply.json(page))
    lines: list[str] = []
    found = client.search(SearchQuery(tiles=(TILE,), cloud_cover=12.5), tell=lines.append)

    assert [product.name for product in found] == [a_name(8), a_name(7)]
    assert peps.requests[0].params["cloudCover"] == "[0,13]"
    assert lines == ["2 products left out: the service sent more than was asked for"]


def test_a_parameter_that_the_service_ignored_is_told_once(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    echo = {"count": "500", "startPage": "1", "eo:productType": "S2MSI1C"}
    peps.says(
        SEARCH_PATH,
        Reply.json(a_page(a_feature(a_name(9)), filters=echo, next_href=page_href(2))),
        Reply.json(a_page(a_feature(a_name(8), mgrs="31TDJ"), filters=echo)),
    )
    lines: list[str] = []
    found = list(client.search(QUERY, tell=lines.append))

    assert [product.name for product in found] == [a_name(9)]
    assert [line for line in lines if "ignored tileid" in line] == lines[:1]
    assert len(lines) == 2


def test_an_unreadable_feature_is_told_and_left_out(client: PepsClient, peps: ScriptedPeps) -> None:
    nameless = a_feature(productIdentifier=None, title=None)
    peps.says(
        SEARCH_PATH,
        Reply.json(a_page(nameless, next_href=page_href(2))),
        Reply.json(a_page(a_feature())),
    )
    lines: list[str] = []

    assert [product.name for product in client.search(QUERY, tell=lines.append)] == [NAME]
    assert len(lines) == 1
    assert lines[0].startswith("1 search results cannot be read")


def test_a_next_page_on_a_foreign_address_is_not_followed(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    page = a_page(a_feature(), next_href="https://evil.example/search")
    peps.says(SEARCH_PATH, Reply.json(page))

    with pytest.raises(ResponseError, match=r"evil\.example"):
        names(client)


def test_html_instead_of_json_is_a_response_error(client: PepsClient, peps: ScriptedPeps) -> None:
    peps.says(SEARCH_PATH, Reply(b"<html>maintenance</html>", content_type="text/html"))

    with pytest.raises(ResponseError):
        names(client)


def test_a_query_that_the_service_refuses_is_a_request_error(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    peps.says(SEARCH_PATH, Reply.json({"ErrorMessage": "Invalid geo:box", "ErrorCode": 400}, 400))

    with pytest.raises(RequestError, match="Invalid geo:box"):
        names(client)


def test_a_service_that_is_temporarily_away_is_asked_again(
    client: PepsClient, peps: ScriptedPeps
) -> None:
    """Code 9000 comes with status 400."""
    away = Reply.json({"ErrorMessage": "Temporarily unavailable", "ErrorCode": 9000}, 400)
    peps.says(SEARCH_PATH, away, Reply.json(a_page(a_feature())))

    assert names(client) == [NAME]


def test_a_thousand_products_come_in_order(client: PepsClient, peps: ScriptedPeps) -> None:
    """More than one page of the largest size, the last one full."""
    squares = [f"{column}{row}" for column in "CDEFGH" for row in "JHGFE"]
    everything = [a_name(day, f"31T{square}") for square in squares for day in range(1, 31)]
    halves = [everything[:500], everything[500:], []]
    pages = [
        a_page(
            *(a_feature(name, mgrs=None) for name in half),
            next_href=page_href(number) if half else None,
        )
        for number, half in enumerate(halves, start=2)
    ]
    peps.says(SEARCH_PATH, *map(Reply.json, pages))
    found = names(client, SearchQuery(limit=5000))

    assert found == everything
    assert all(first != second for first, second in pairwise(found))
