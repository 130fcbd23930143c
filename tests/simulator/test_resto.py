"""The search answers by the rules of the published server."""

from typing import Any

import pytest

from builders_simulator import SEARCH, a_feature, a_polygon, a_series, a_simulator, ask, many
from peps_stac.simulator import Hrefs, Scenario, Simulator, read_features
from recorded import SHARED, needs_recorded

ON_THE_FIFTH = "2017-11-05T10:53:49.024Z"


def found(peps: Simulator, **params: str) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = ask(peps, SEARCH, params).json["features"]
    return features


def links(document: dict[str, Any]) -> dict[str, str]:
    return {link["rel"]: link["href"] for link in document["properties"]["links"]}


def test_a_search_needs_no_login() -> None:
    with a_simulator() as peps:
        reply = ask(peps, SEARCH)

    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
    assert len(reply.json["features"]) == 1


def test_newest_start_comes_first_then_identifier() -> None:
    same = [a_feature(name=f"S2A_{number}") for number in range(3)]
    with a_simulator([*same, a_feature("2017-12-01T00:00:00Z")]) as peps:
        ids = [feature["id"] for feature in found(peps)]

    assert ids[1:] == sorted(feature["id"] for feature in same)


@pytest.mark.parametrize(
    ("asked", "given"),
    [(None, 20), ("7", 7), ("0", 1), ("-3", 1), ("501", 500), ("many", 20)],
)
def test_records_a_page_are_clamped_without_an_error(asked: str | None, given: int) -> None:
    with a_simulator(many(510)) as peps:
        document = ask(peps, SEARCH, {"maxRecords": asked} if asked else {}).json

    assert len(document["features"]) == given
    assert document["properties"]["itemsPerPage"] == given


def test_records_a_page_are_told_as_text_when_they_were_asked_for() -> None:
    with a_simulator() as peps:
        told = [
            ask(peps, SEARCH, params).json["properties"]["totalItemsPerPage"]
            for params in ({}, {"maxRecords": "2"})
        ]

    assert told == [20, "2"]


def test_a_full_last_page_has_a_next_that_is_empty() -> None:
    with a_simulator(many(10)) as peps:
        first = ask(peps, SEARCH, {"maxRecords": "10"}).json
        second = ask(peps, links(first)["next"]).json

    assert len(first["features"]) == 10
    assert second["features"] == []
    assert "next" not in links(second)


def test_following_next_finds_every_scene_once() -> None:
    with a_simulator(many(1203)) as peps:
        seen, href = [], f"{SEARCH}?maxRecords=500"
        while href:
            document = ask(peps, href).json
            seen += [feature["id"] for feature in document["features"]]
            href = links(document).get("next", "")

    assert len(seen) == len(set(seen)) == 1203
    assert peps.requests.total == 3


def test_page_wins_over_index() -> None:
    with a_simulator(many(30)) as peps:
        by_page = found(peps, page="2", index="5", maxRecords="10")
        by_index = found(peps, index="11", maxRecords="10")

    assert by_page == by_index


def test_first_and_previous_come_after_the_first_page() -> None:
    with a_simulator(many(30)) as peps:
        document = ask(peps, SEARCH, {"page": "2", "maxRecords": "10", "lang": "fr"}).json

    assert "page=1" in links(document)["previous"]
    assert "page=1" in links(document)["first"]


def test_links_are_percent_encoded_and_keep_what_was_ignored() -> None:
    with a_simulator(many(3)) as peps:
        document = ask(peps, SEARCH, {"maxRecords": "1", "typo": "[0 "}).json

    assert "&typo=%5B0%20" in links(document)["next"]


def test_an_unknown_parameter_is_ignored_without_a_word() -> None:
    with a_simulator(a_series(3)) as peps:
        document = ask(peps, SEARCH, {"cloudcover": "[0,1]", "tileid": "31TCJ"}).json

    assert len(document["features"]) == 3
    assert document["properties"]["query"]["searchFilters"] == {"resto:tileid": "31TCJ"}


def test_the_echo_uses_the_names_of_the_server() -> None:
    params = {"startDate": "2017-01-01", "maxRecords": "5", "page": "1", "cloudCover": "[0,20]"}
    with a_simulator() as peps:
        echo = ask(peps, SEARCH, params).json["properties"]["query"]["searchFilters"]

    assert echo == {
        "time:start": "2017-01-01",
        "count": "5",
        "startPage": "1",
        "eo:cloudCover": "[0,20]",
    }


@pytest.mark.parametrize(
    ("end", "count"),
    [
        ("2017-11-05", 0),
        ("2017-11-06", 1),
        ("2017-11-05T23:59:59.999Z", 1),
        ("2017-11-05T12:53:49.023+02:00", 0),
    ],
)
def test_a_bare_end_date_is_midnight(end: str, count: int) -> None:
    with a_simulator([a_feature(ON_THE_FIFTH)]) as peps:
        assert len(found(peps, startDate="2017-11-05", completionDate=end)) == count


def test_the_end_date_is_compared_with_the_start_of_a_scene() -> None:
    long = a_feature(ON_THE_FIFTH, completionDate="2017-11-09T00:00:00Z")
    with a_simulator([long]) as peps:
        assert len(found(peps, completionDate="2017-11-06")) == 1


@pytest.mark.parametrize(
    ("params", "status", "words"),
    [
        ({"startDate": "2017-1-1"}, 400, 'Value for "startDate" must follow the pattern'),
        ({"startDate": "2023-11-31"}, 500, "no such date 2023-11-31"),
        ({"cloudCover": "[0,12.5]"}, 400, "must follow the pattern"),
        ({"cloudCover": "[0, 20]"}, 400, "must follow the pattern"),
        ({"tileid": "T31TCJ"}, 400, "must follow the pattern"),
        ({"relativeOrbitNumber": "[1,5]"}, 400, "must be numeric"),
        ({"relativeOrbitNumber": "0"}, 400, "must be greater than 0"),
        ({"lat": "91", "lon": "1"}, 400, "must be lower than 91"),
        ({"box": "1,2,3"}, 400, "Invalid geo:box"),
        ({"box": "1e1,2,3,4"}, 400, "must follow the pattern"),
        ({"page": "0"}, 400, "must be greater than 0"),
        ({"geometry": "POLYGON(("}, 500, "invalid geometry"),
    ],
)
def test_what_does_not_fit_is_refused_in_the_words_of_the_server(
    params: dict[str, str], status: int, words: str
) -> None:
    with a_simulator() as peps:
        reply = ask(peps, SEARCH, params)

    assert reply.status == reply.json["ErrorCode"] == status
    assert words in reply.json["ErrorMessage"]
    assert set(reply.json) == {"ErrorMessage", "ErrorCode"}


@pytest.mark.parametrize(
    ("interval", "matching"),
    [
        ("20", [20]),
        ("[20", [20, 20.5, 40]),
        ("]20", [20.5, 40]),
        ("20]", [0, 12.5, 20]),
        ("20[", [0, 12.5]),
        ("[0,20]", [0, 12.5, 20]),
        ("]0,20[", [12.5]),
    ],
)
def test_cloud_intervals_include_where_the_bracket_looks_inward(
    interval: str, matching: list[float]
) -> None:
    clouds = [0, 12.5, 20, 20.5, 40, None]
    with a_simulator(
        [a_feature(name=f"S2A_{cloud}", cloudCover=cloud) for cloud in clouds]
    ) as peps:
        got = [feature["properties"]["cloudCover"] for feature in found(peps, cloudCover=interval)]

    assert sorted(got) == matching


def test_an_unknown_cloud_cover_matches_no_interval() -> None:
    with a_simulator([a_feature(cloudCover=None)]) as peps:
        assert found(peps, cloudCover="[0,100]") == []


@pytest.mark.parametrize(
    ("tile", "count"), [("31TCJ", 1), ("31tcj", 0), ("31T%", 2), ("31TC%", 1), ("32T%", 0)]
)
def test_tiles_are_compared_as_written_or_by_prefix(tile: str, count: int) -> None:
    scenes = [a_feature(), a_feature(tile="31TDJ")]
    with a_simulator(scenes) as peps:
        reply = ask(peps, SEARCH, {"tileid": tile})

    # The pattern takes one to three letters.
    assert len(reply.json["features"]) == count


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({"lon": "1.44", "lat": "43.6"}, 1),
        ({"lon": "2.1", "lat": "43.6"}, 0),
        ({"lon": "2.1", "lat": "43.6", "radius": "40000"}, 1),
        ({"lon": "1.44"}, 1),
        ({"box": "1,43,1.5,43.5"}, 1),
        ({"box": "2,43,3,44"}, 0),
        ({"box": "179,-90,-179,90"}, 1),
        ({"geometry": "POINT(1.44 43.6)"}, 1),
        ({"geometry": "POLYGON((2 43,3 43,3 44,2 44,2 43))"}, 0),
    ],
)
def test_places_select_what_they_touch(params: dict[str, str], count: int) -> None:
    """A box from 179 to -179 is not the antimeridian but the whole world in between."""
    with a_simulator() as peps:
        assert len(ask(peps, SEARCH, params).json["features"]) == count


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({"platform": "S2A"}, 1),
        ({"platform": "S2B"}, 0),
        ({"productType": "S2MSI1C", "processingLevel": "LEVEL1C"}, 1),
        ({"orbitNumber": "12380"}, 1),
        ({"relativeOrbitNumber": "52"}, 0),
        ({"isNrt": "0"}, 1),
        ({"productIdentifier": "S2A_MSIL1C_2017%"}, 1),
        ({"identifier": "S2A_MSIL1C_20171105T105349_N0206_R051_T31TCJ_20171105T105349"}, 1),
        ({"identifier": "00000000-0000-0000-0000-000000000000"}, 0),
        ({"publishedBegin": "2017-11-06", "publishedEnd": "2017-11-07"}, 1),
        ({"updated": "2018-01-01"}, 0),
    ],
)
def test_other_filters_compare_with_the_record(params: dict[str, str], count: int) -> None:
    with a_simulator() as peps:
        assert len(ask(peps, SEARCH, params).json["features"]) == count


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("Toulouse", [12, 11, 8]),
        ("Toulouse August", [8]),
        ("toulouse août 2017", [8]),
        ("Toulouse winter", [12]),
        ("Toulouse cloud < 20 %", [11, 8]),
        ("over Toulouse in 2016", []),
        ("Tokyo", []),
        ("August", [8]),
        ("gibberish", []),
    ],
)
def test_free_text_names_places_and_times(text: str, months: list[int]) -> None:
    scenes = [
        a_feature("2017-08-02T10:50:00Z", cloudCover=1),
        a_feature("2017-11-05T10:50:00Z", cloudCover=10),
        a_feature("2017-12-05T10:50:00Z", cloudCover=90),
    ]
    with a_simulator(scenes) as peps:
        reply = ask(peps, SEARCH, {"q": text})

    assert reply.status == 200
    got = [int(feature["properties"]["startDate"][5:7]) for feature in reply.json["features"]]
    assert got == months


def test_a_place_alone_is_looked_up() -> None:
    with a_simulator() as peps:
        assert len(found(peps, location="Toulouse, France")) == 1
        assert found(peps, location="Atlantis") == []


def test_hidden_scenes_are_not_found() -> None:
    with a_simulator([a_feature(visible=0)]) as peps:
        assert found(peps) == []


def test_another_collection_has_other_scenes_and_all_have_all() -> None:
    scenes = [a_feature(), a_feature(name="S1A_X", collection="S1")]
    with a_simulator(scenes) as peps:
        one = ask(peps, "/resto/api/collections/S1/search.json").json["features"]
        every = ask(peps, "/resto/api/collections/search.json").json["features"]
        none = ask(peps, "/resto/api/collections/S9/search.json")

    assert (len(one), len(every), none.status) == (1, 2, 404)


def test_totals_are_estimates_above_two_hundred() -> None:
    with a_simulator(many(201)) as peps:
        properties = ask(peps, SEARCH).json["properties"]
        few = ask(peps, SEARCH, {"productIdentifier": "S2A_0000%"}).json["properties"]

    assert (properties["totalResults"], properties["exactCount"]) == (201, False)
    assert (few["totalResults"], few["exactCount"]) == (10, True)


@pytest.mark.parametrize("total", [-1, 7, 100_000])
def test_a_scenario_makes_totals_wrong(total: int) -> None:
    with a_simulator(many(30), scenario=Scenario(total_results=total)) as peps:
        document = ask(peps, SEARCH).json

    assert document["properties"]["totalResults"] == total
    assert f"page={max(-(-total // 20), 1)}" in links(document)["last"]


@pytest.mark.parametrize(
    ("hrefs", "host"), [(Hrefs.OWN, None), (Hrefs.PUBLIC, "https://peps.cnes.fr")]
)
def test_addresses_name_the_simulator_or_peps(hrefs: Hrefs, host: str | None) -> None:
    with a_simulator(scenario=Scenario(hrefs=hrefs)) as peps:
        document = ask(peps, SEARCH).json
        feature = document["features"][0]

    assert feature["properties"]["services"]["download"]["url"].startswith(host or peps.url)
    assert links(document)["self"].startswith(host or peps.url)


def test_one_scene_stands_at_its_own_address() -> None:
    with a_simulator() as peps:
        feature = found(peps)[0]
        href = feature["properties"]["links"][0]["href"]

        assert ask(peps, href).json == feature
        assert ask(peps, href.replace(feature["id"], "0" * 36)).status == 404


def test_a_scene_across_a_pole_of_nulls_is_served_as_recorded() -> None:
    """Absent size, checksum, services and keywords stay absent."""
    bare = a_feature(resourceSize=None, resourceChecksum=None, services=[], keywords=None)
    with a_simulator([bare]) as peps:
        properties = found(peps)[0]["properties"]

    assert properties["resourceSize"] is properties["resourceChecksum"] is None
    assert (properties["services"], properties["keywords"]) == ([], None)


def test_a_description_of_the_search_names_its_parameters() -> None:
    with a_simulator() as peps:
        reply = ask(peps, "/resto/api/collections/S2ST/describe.xml")

    assert b"tileid={resto:tileid?}" in reply.content
    assert reply.xml.tag.endswith("OpenSearchDescription")


def test_a_scene_that_touches_nothing_has_no_place() -> None:
    far = a_feature(geometry=a_polygon(100, 10, 101, 11))
    with a_simulator([far]) as peps:
        assert found(peps, q="Toulouse") == []


@needs_recorded
def test_recorded_scenes_are_served_with_their_own_values() -> None:
    path = SHARED / "peps" / "search_s2st_2020-08_raw_2features.json"
    recorded = read_features(path)
    with a_simulator(recorded) as peps:
        served = {feature["id"]: feature for feature in found(peps)}

    changed = {"resourceSize", "resourceChecksum", "services", "keywords", "links", "quicklook"}
    for feature in recorded:
        assert served[feature["id"]]["geometry"] == feature["geometry"]
        for key, value in feature["properties"].items():
            if key not in changed:
                assert served[feature["id"]]["properties"][key] == value
