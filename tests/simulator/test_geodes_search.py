"""The search of the simulator's GEODES face."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest
from shapely.geometry import Polygon

from builders_peps import SQUARE
from builders_simulator import FakeBuilder, Reply, a_feature, a_series, a_simulator, ask
from peps_stac.domain import L1CProduct, L2AOffer, MgrsTile, SearchQuery
from peps_stac.errors import RequestError
from peps_stac.geodes.client import GeodesClient
from peps_stac.http.session import Session
from peps_stac.peps.client import PepsClient
from peps_stac.provider.matching import Found
from peps_stac.simulator import GeodesScenario, Hrefs, Scenario, Simulator
from peps_stac.simulator.scenes import Feature, features
from recorded import SHARED, needs_recorded

SEARCH = "/api/stac/search"
L1C = "PEPS_S2_L1C"
L2A = "THEIA_REFLECTANCE_SENTINEL2_L2A"
TOULOUSE, NEIGHBOUR = MgrsTile.parse("31TCJ"), MgrsTile.parse("31TDJ")
FIJI = (MgrsTile.parse("60KXF"), MgrsTile.parse("01KAB"))
GAZETTEER = {"political", "hydrology", "references", "continent_code"}


@cache
def autumn() -> tuple[Feature, ...]:
    return tuple(features([TOULOUSE, NEIGHBOUR], date(2017, 9, 1), date(2017, 11, 30)))


def tiles(*chosen: MgrsTile, **criteria: Any) -> SearchQuery:  # noqa: ANN401 -- any criterion
    return SearchQuery(tiles=chosen, **criteria)


def found(peps: Simulator, query: SearchQuery, told: list[str] | None = None) -> list[Found]:
    with Session(peps.url) as session:
        tell = (told if told is not None else []).append
        return list(GeodesClient(session).search(query, tell=tell))


def names(peps: Simulator, query: SearchQuery) -> list[str]:
    return [product.name for product in found(peps, query)]


def post(peps: Simulator, path: str = SEARCH, /, **body: Any) -> Reply:  # noqa: ANN401 -- any JSON
    return ask(peps, path, method="POST", body=json.dumps(body).encode())


def identifiers(peps: Simulator, **body: Any) -> list[str]:  # noqa: ANN401 -- any JSON
    reply = post(peps, **{"limit": 80, **body})
    assert reply.status == 200, reply.content
    return [feature["properties"]["identifier"] for feature in reply.json["features"]]


@contextmanager
def geodes(
    scenes: list[Feature] | None = None,
    **options: Any,  # noqa: ANN401 -- of a_simulator
) -> Iterator[Simulator]:
    """A simulator whose GEODES keeps some `rules`."""
    rules = GeodesScenario(**options.pop("rules", {}))
    with a_simulator(scenes, scenario=Scenario(geodes=rules), **options) as peps:
        yield peps


class TestTheSameScenesAsPeps:
    @pytest.mark.parametrize(
        "query",
        [
            tiles(TOULOUSE),
            tiles(TOULOUSE, NEIGHBOUR),
            tiles(TOULOUSE, relative_orbit=51),
            tiles(TOULOUSE, cloud_cover=20.5),
            tiles(TOULOUSE, NEIGHBOUR, platform="sentinel-2b"),
            tiles(TOULOUSE, start=datetime(2017, 10, 1, tzinfo=UTC)),
            tiles(TOULOUSE, end=datetime(2017, 10, 3, 12, tzinfo=UTC)),
            tiles(
                TOULOUSE,
                start=datetime(2017, 11, 5, tzinfo=UTC),
                end=datetime(2017, 11, 5, 23, tzinfo=UTC),
            ),
            SearchQuery(point=(1.44, 43.6)),
            SearchQuery(bbox=(2.5, 43.3, 2.6, 43.4)),
            SearchQuery(intersects=Polygon([(2.3, 43.4), (2.6, 43.4), (2.5, 43.9)])),
            SearchQuery(bbox=(10, 50, 11, 51)),
            tiles(
                TOULOUSE,
                bbox=(1.0, 43.0, 2.0, 44.0),
                relative_orbit=8,
                cloud_cover=80,
                platform="sentinel-2a",
                start=datetime(2017, 9, 10, tzinfo=UTC),
                end=datetime(2017, 11, 20, tzinfo=UTC),
            ),
        ],
    )
    def test_are_found_by_the_same_query(self, query: SearchQuery) -> None:
        with a_simulator(list(autumn())) as peps, Session(peps.url) as session:
            there = [product.name for product in PepsClient(session).search(query)]

            assert sorted(names(peps, query)) == sorted(there)

    def test_are_found_across_the_antimeridian(self) -> None:
        scenes = list(features(FIJI, date(2018, 6, 1), date(2018, 6, 20)))
        query = SearchQuery(bbox=(179.0, -18.0, -179.0, -16.0))

        with a_simulator(scenes) as peps, Session(peps.url) as session:
            there = [product.name for product in PepsClient(session).search(query)]

            assert there
            assert sorted(names(peps, query)) == sorted(there)

    def test_say_the_same_of_themselves(self) -> None:
        with a_simulator(list(autumn())) as peps, Session(peps.url) as session:
            query = tiles(TOULOUSE, limit=20)
            there = {one.name: one for one in PepsClient(session).search(query)}
            here = {one.name: one for one in found(peps, query)}

        assert there.keys() == here.keys()
        for name, product in here.items():
            assert isinstance(product, L1CProduct)
            other = there[name]
            for key in (
                *("start", "tile", "platform", "cloud_cover", "orbit_state", "published"),
                *("absolute_orbit", "relative_orbit", "datatake_id", "size", "md5"),
            ):
                assert getattr(product, key) == getattr(other, key), key
            assert product.footprint is not None
            assert other.footprint is not None
            assert product.footprint.equals(other.footprint)

    def test_those_that_peps_hides_are_hidden(self) -> None:
        with a_simulator([a_feature(), a_feature("2017-11-08T10:53:49.024Z", visible=0)]) as peps:
            assert len(names(peps, tiles(TOULOUSE))) == 1

    def test_those_that_cannot_be_read_are_left_out(self) -> None:
        odd = {"id": "1", "properties": {"productIdentifier": "S2A_odd"}, "geometry": None}

        with a_simulator([a_feature(), odd]) as peps:
            assert len(names(peps, tiles(TOULOUSE))) == 1


class TestProductsOfMaja:
    def test_are_there_for_every_scene_that_is_not_too_cloudy(self) -> None:
        with a_simulator(list(autumn())) as peps:
            scenes = found(peps, tiles(TOULOUSE))
            offers = found(peps, tiles(TOULOUSE, level="L2A"))

        assert len(offers) < len(scenes)
        clear = [one for one in scenes if one.cloud_cover is None or one.cloud_cover <= 90]
        assert {one.start.date() for one in offers} == {one.start.date() for one in clear}
        assert all(one.name.endswith("_C_V4-0") for one in offers)

    def test_are_one_for_two_baselines_of_a_scene(self) -> None:
        name = "S2A_MSIL1C_20171105T105349_{}_R051_T31TCJ_{}"
        scenes = [
            a_feature(name=name.format("N0206", "20171105T130000")),
            a_feature(name=name.format("N0500", "20230501T130000")),
        ]

        with a_simulator(scenes) as peps:
            assert len(found(peps, tiles(TOULOUSE))) == 2
            assert len(found(peps, tiles(TOULOUSE, level="L2A"))) == 1

    def test_show_the_whole_tile_however_little_was_seen(self) -> None:
        with a_simulator([a_feature(geometry={"type": "Polygon", "coordinates": [SQUARE]})]) as it:
            (scene,) = found(it, tiles(TOULOUSE))
            (offer,) = found(it, tiles(TOULOUSE, level="L2A"))

        assert scene.footprint is not None
        assert offer.footprint is not None
        assert offer.footprint.bounds == pytest.approx((0.4959, 43.238, 1.8887, 44.248), abs=1e-3)

    def test_are_built_when_a_page_with_them_goes_out_and_only_once(self) -> None:
        builder = FakeBuilder()

        with a_simulator(list(autumn()), build_theia=builder) as peps:
            assert identifiers(peps, collections=[L1C])
            assert not builder.built
            for _ in range(2):
                identifiers(peps, collections=[L2A], limit=3, page=2)
                assert len(builder.built) == 3

    def test_are_not_built_when_their_sizes_are_invented(self) -> None:
        builder = FakeBuilder()

        with a_simulator(
            list(autumn()), build_theia=builder, scenario=Scenario(real_sizes=False)
        ) as peps:
            offers = found(peps, tiles(TOULOUSE, level="L2A"))

        assert not builder.built
        assert all(isinstance(one, L2AOffer) and one.size and one.md5 for one in offers)


class TestPages:
    def test_lead_through_hundreds_of_records(self) -> None:
        scenes = list(features([TOULOUSE, NEIGHBOUR], date(2018, 1, 1), date(2018, 12, 31)))
        assert len(scenes) > 240

        with a_simulator(scenes) as peps:
            got = names(peps, tiles(TOULOUSE, NEIGHBOUR))
            pages = len(peps.requests.of("geodes search"))

        wanted = [scene["properties"]["productIdentifier"] for scene in scenes]
        assert sorted(got) == sorted(wanted)
        # One more, which is empty.
        assert pages == -(-len(scenes) // 80) + 1

    def test_hold_eighty_records_at_most(self) -> None:
        with a_simulator(list(autumn())) as peps:
            answer = post(peps, collections=[L1C], limit=1000).json

        assert answer["context"] == {"returned": 72, "limit": 80, "matched": 72}
        assert len(answer["features"]) == 72

    def test_beyond_the_last_are_empty(self) -> None:
        with a_simulator(list(autumn())) as peps:
            answer = post(peps, collections=[L1C], limit=80, page=9).json

        assert answer["features"] == []
        assert answer["context"]["returned"] == 0

    def test_link_to_a_next_page_that_is_of_no_use(self) -> None:
        """As recorded: it asks for one more, by GET, and forgets the query."""
        with a_simulator(list(autumn())) as peps:
            links = post(peps, collections=[L1C], limit=1).json["links"]

            assert {link["rel"]: link["href"].removeprefix(peps.url) for link in links} == {
                "self": f"/api/stac/collections/{L1C}/items?limit=1&page=1",
                "next": f"/api/stac/collections/{L1C}/items?limit=2&page=2",
            }
            assert ask(peps, links[1]["href"]).status == 404

    def test_may_announce_any_number(self) -> None:
        with geodes(rules={"matched": 37_273_723}) as peps:
            assert post(peps, collections=[L1C]).json["context"]["matched"] == 37_273_723
            assert len(names(peps, tiles(TOULOUSE))) == 1


class TestQueries:
    @pytest.mark.parametrize(
        ("query", "count"),
        [
            ({"sat:relative_orbit": {"eq": 51}}, 5),
            ({"sat:relative_orbit": {"neq": 51}}, 0),
            ({"eo:cloud_cover": {"lte": 12.5}}, 5),
            ({"eo:cloud_cover": {"gte": 12.6}}, 0),
            ({"eo:cloud_cover": {"gte": 12, "lte": 13}}, 5),
            ({"identifier": {"contains": "20170906"}}, 1),
            ({"keywords": {"contains": "season:autumn"}}, 5),
            ({"keywords": {"eq": "season:summer"}}, 0),
            ({"grid:code": {"in": ["T31TCJ", "31TCJ"]}}, 5),
            ({"grid:code": {"in": []}}, 0),
            ({"start_datetime": {"lte": "2017-09-11T00:00:00Z"}}, 2),
            ({"start_datetime": {"lte": "2017-09-11"}, "platform": {"eq": "S2A"}}, 2),
            ({"datetime": {"gte": "2017-11-06T00:00:00+00:00"}}, 5),
            ({"dataset": {"eq": L2A}}, 0),
            ({"swath": {"eq": "IW"}}, 0),
            ({"keywords": {"contains": ["season:autumn"]}}, 0),
            ({"platform": {"in": [None, "S2A"]}}, 5),
        ],
    )
    def test_narrow_the_answer(self, query: dict[str, Any], count: int) -> None:
        with a_simulator(a_series(5)) as peps:
            assert len(identifiers(peps, collections=[L1C], query=query)) == count

    @pytest.mark.parametrize(
        "body",
        [
            {"collections": ["MUSCATE_SENTINEL2_SENTINEL2_L2A"]},
            {"collections": "PEPS_S2_L1C"},
            {"query": {"spaceborne:cloudCover": {"lte": 20}}},
            {"query": {"eo:cloud_cover": {"lt": 20}}},
            {"query": {"eo:cloud_cover": 20}},
            {"query": {"eo:cloud_cover": {"lte": "low"}}},
            {"query": {"start_datetime": {"gte": "yesterday"}}},
            {"query": {"grid:code": {"in": "T31TCJ"}}},
            {"query": {"platform": {"eq": 2}}},
            {"query": ["platform"]},
            {"bbox": [1, 2, 3]},
            {"bbox": "1,2,3,4"},
            {"bbox": [1, 2, "x", 4]},
            {"bbox": [179, 0, -179, 1]},
            {"bbox": ["1", "2", "nan", "4"]},
            {"query": {"eo:cloud_cover": {"lte": "nan"}}},
            {"query": {"keywords": {"lte": "a"}}},
            {"query": {"platform": {"lte": None}}},
            {"sortBy": 3},
            {"sortBy": [{"field": "platform", "direction": ["asc"]}]},
            {"page": True},
            {"intersects": {"type": "Polygon"}},
            {"intersects": "POINT(1 2)"},
            {"limit": 0},
            {"limit": "all"},
            {"page": 0},
            {"sortBy": [{"field": "datetime"}]},
            {"sortBy": [{"field": "name", "direction": "asc"}]},
        ],
    )
    def test_that_make_no_sense_are_refused(self, body: dict[str, Any]) -> None:
        with a_simulator() as peps:
            assert post(peps, **body).status == 400

    @pytest.mark.parametrize("body", [b"{", b"[1]", b"\xff"])
    def test_that_are_no_json_object_are_refused(self, body: bytes) -> None:
        with a_simulator() as peps:
            assert ask(peps, SEARCH, method="POST", body=body).status == 400

    def test_the_client_learns_what_was_refused(self) -> None:
        with (
            a_simulator() as peps,
            Session(peps.url) as session,
            pytest.raises(RequestError, match="answered 400"),
        ):
            session.post(SEARCH, {"collections": ["S2ST"]})

    def test_are_sorted_as_they_ask(self) -> None:
        def sort(direction: str) -> list[dict[str, str]]:
            return [{"field": "start_datetime", "direction": direction}]

        with a_simulator(a_series(9)) as peps:
            upwards = identifiers(peps, collections=[L1C], sortBy=sort("asc"))
            downwards = [
                identifiers(peps, collections=[L1C], sortBy=sort(word)) for word in ("desc", "dsc")
            ]
            unsorted = identifiers(peps, collections=[L1C])

        assert upwards == sorted(upwards)
        assert downwards == [upwards[::-1], upwards[::-1]]
        assert unsorted not in (upwards, upwards[::-1])

    def test_without_collections_find_them_all(self) -> None:
        with a_simulator() as peps:
            assert len(identifiers(peps)) == 2

    def test_may_go_to_items_as_well(self) -> None:
        with a_simulator() as peps:
            assert len(post(peps, "/api/stac/items").json["features"]) == 2


class TestRecords:
    def test_have_the_quirks_of_those_of_geodes(self) -> None:
        with a_simulator() as peps:
            scene, product = sorted(
                post(peps).json["features"], key=lambda one: str(one["collection"])
            )

        said = scene["properties"]
        assert scene["id"].startswith("URN:FEATURE:DATA:gdh:")
        assert scene["stac_version"] == "1.0.0-beta.2"
        assert said["datetime"] == "2017-11-06T01:00:00.000Z"
        assert said["start_datetime"] == "2017-11-05T10:53:49.024Z"
        assert said["sat:orbit_state"] == "Descending"
        assert said["sci:doi"] == "[]"
        assert said["proj:bbox"] == "0.5,44.2,1.9,43.2"
        assert scene["centroid"] == {"lon": pytest.approx(1.2), "lat": pytest.approx(43.7)}
        picture, archive = scene["assets"]
        assert picture == f"2017/11/05/S2A/{said['identifier']}_quicklook.jpg"
        asset = scene["assets"][archive]
        md5 = asset["href"].rpartition("/")[2]
        assert asset["description"].endswith(f"\n\nDatatype: RAWDATA\n\nChecksum MD5: {md5}")

        said = product["properties"]
        assert said["identifier"].endswith("_L2A_T31TCJ_C")
        assert said["version"] == "4.0"
        assert said["proj:bbox"] == ""
        assert "sat:orbit_state" not in said
        assert f"{said['identifier']}_V4-0.zip" in product["assets"]

    @needs_recorded
    @pytest.mark.parametrize("collection", [L1C, L2A])
    def test_have_the_members_of_recorded_ones(self, collection: str) -> None:
        path = SHARED / "muscate" / f"geodes_items_{collection}_31TCH_2020-01.json"
        recorded = json.loads(path.read_text())["features"][0]
        scenes = list(features([TOULOUSE], date(2018, 7, 1), date(2018, 7, 20)))

        # Built for real: a stand-in has no metadata file and no picture.
        with Simulator(scenes, size=100) as peps:
            made = post(peps, collections=[collection], limit=1).json["features"][0]

        assert made.keys() == recorded.keys()
        properties = recorded["properties"].keys() - GAZETTEER
        assert made["properties"].keys() == properties
        assert [one["rel"] for one in made["links"]] == [one["rel"] for one in recorded["links"]]
        kinds = [
            sorted((one["type"], *one["roles"], one["href"].split("/")[4]) for one in assets)
            for assets in (made["assets"].values(), recorded["assets"].values())
        ]
        assert kinds[0] == kinds[1]

    def test_lack_the_t_of_the_tile_here_and_there(self) -> None:
        with geodes(a_series(20), rules={"without_t": 0.5}) as peps:
            answer = post(peps, collections=[L1C], limit=80).json
            codes = {feature["properties"]["grid:code"] for feature in answer["features"]}

            assert codes == {"T31TCJ", "31TCJ"}
            assert len(names(peps, tiles(TOULOUSE))) == 20

    @pytest.mark.parametrize("level", ["L1C", "L2A"])
    def test_with_old_names_are_read_and_found_as_well(self, level: str) -> None:
        with geodes(a_series(3), rules={"old_names": True}) as old, geodes(a_series(3)) as new:
            query = tiles(TOULOUSE, level=level, cloud_cover=50, relative_orbit=51)
            raw = post(old, query={"spaceborne:orbitID": {"eq": 51}}).json["features"]
            here, there = found(old, query), found(new, query)

        assert len(raw) == 6
        assert {"temporal:startDate", "spaceborne:tile"} <= raw[0]["properties"].keys()
        assert len(here) == 3
        assert [(one.name, one.tile, one.start, one.cloud_cover) for one in here] == [
            (one.name, one.tile, one.start, one.cloud_cover) for one in there
        ]

    def test_are_the_same_at_every_start(self) -> None:
        ids = []
        for _ in range(2):
            with a_simulator(a_series(3)) as peps:
                ids.append([one["id"] for one in post(peps).json["features"]])

        assert ids[0] == ids[1]

    def test_stand_at_their_own_link(self) -> None:
        with a_simulator() as peps:
            (scene,) = found(peps, tiles(TOULOUSE))
            assert scene.record_href is not None

            assert ask(peps, scene.record_href).json["id"] == scene.service_id
            assert ask(peps, scene.record_href.replace(L1C, L2A)).status == 404
            assert ask(peps, f"{scene.record_href}9").status == 404

    def test_may_name_the_public_host(self) -> None:
        with a_simulator(scenario=Scenario(hrefs=Hrefs.PUBLIC)) as peps:
            (scene,) = found(peps, tiles(TOULOUSE))

        assert str(scene.product_href).startswith("https://geodes-portal.cnes.fr/api/download/")


class TestRecordedItems:
    @staticmethod
    def recorded() -> list[dict[str, Any]]:
        return [
            item
            for path in sorted((SHARED / "muscate").glob("geodes_items_*.json"))
            for item in json.loads(path.read_text())["features"]
        ]

    @needs_recorded
    def test_are_found_beside_the_made_ones(self) -> None:
        tile = MgrsTile.parse("31TCH")

        with a_simulator(geodes_records=self.recorded()) as peps:
            scenes = found(peps, tiles(tile))
            offers = found(peps, tiles(tile, level="L2A"))
            clear = found(peps, tiles(tile, level="L2A", cloud_cover=40, relative_orbit=51))
            others = found(peps, tiles(TOULOUSE))

        assert (len(scenes), len(offers), len(others)) == (4, 5, 1)
        assert {one.start.date() for one in clear} <= {one.start.date() for one in offers}
        assert 0 < len(clear) < 5

    @needs_recorded
    def test_are_answered_unchanged(self) -> None:
        recorded = {item["id"]: item for item in self.recorded()}

        with a_simulator(geodes_records=recorded.values()) as peps:
            answer = post(peps, limit=80, query={"grid:code": {"eq": "T31TCH"}}).json

        assert {item["id"]: item for item in answer["features"]} == recorded

    def test_of_other_collections_are_served_too(self) -> None:
        item = {"id": "URN:1", "collection": "PEPS_S1_L1", "properties": {"platform": "S1A"}}

        with a_simulator(geodes_records=[item]) as peps:
            assert post(peps, collections=["PEPS_S1_L1"]).json["features"] == [item]

    @pytest.mark.parametrize(
        "item", [{"id": "URN:1"}, {"properties": {}}, {"id": "1", "properties": 3}]
    )
    def test_that_are_none_are_refused(self, item: dict[str, Any]) -> None:
        with pytest.raises(RequestError, match="GEODES"):
            Simulator(geodes_records=[item])

    def test_given_twice_are_refused(self) -> None:
        item = {"id": "URN:1", "collection": L1C, "properties": {}}

        with pytest.raises(RequestError, match="same id"):
            Simulator(geodes_records=[item, item])


class TestCatalogAbove:
    def test_lists_its_collections(self) -> None:
        with a_simulator() as peps:
            root = ask(peps, "/api/stac").json
            answer = post(peps, "/api/stac/collections", limit=10).json

        children = [link["href"] for link in root["links"] if link["rel"] == "child"]
        assert [one["id"] for one in answer["collections"]] == [L1C, L2A]
        assert [href.rpartition("/")[2] for href in children] == [L1C, L2A]
        assert answer["collections"][0]["summaries"] == {"total_items": 1}

    def test_is_there_without_any_scene(self) -> None:
        with Simulator() as peps:
            answer = post(peps, "/api/stac/collections").json

            assert [one["summaries"]["total_items"] for one in answer["collections"]] == [0, 0]
            assert names(peps, tiles(TOULOUSE)) == []
