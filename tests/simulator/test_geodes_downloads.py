"""What the simulator's GEODES face hands out, and to whom."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from builders_simulator import LOGIN, OTHER, FakeBuilder, a_feature, a_series, a_simulator, ask
from peps_stac.archive import open_product, read_product
from peps_stac.domain import Credentials, L1CProduct, L2AOffer, MgrsTile, SearchQuery
from peps_stac.errors import AuthenticationError, DownloadError, RequestError
from peps_stac.geodes.client import GeodesClient
from peps_stac.http.download import Gone, QuotaError, download
from peps_stac.http.session import Session
from peps_stac.simulator import (
    Action,
    BadKey,
    Fault,
    GeodesScenario,
    Scenario,
    Simulator,
)
from peps_stac.simulator.scenes import Feature, features

TOULOUSE = MgrsTile.parse("31TCJ")
ALL_ONLINE = GeodesScenario(l1c_on_tape=0, l2a_on_tape=0)
KEY_HEADER = "X-API-Key"


@contextmanager
def geodes(
    scenes: list[Feature] | None = None,
    *,
    scenario: Scenario | None = None,
    **rules: Any,  # noqa: ANN401 -- of GeodesScenario
) -> Iterator[Simulator]:
    """A simulator with everything online unless told otherwise."""
    kept = GeodesScenario(**{"l1c_on_tape": 0, "l2a_on_tape": 0, **rules})
    with a_simulator(scenes, scenario=scenario or Scenario(geodes=kept)) as peps:
        yield peps


@contextmanager
def a_client(peps: Simulator, key: str | None = None) -> Iterator[GeodesClient]:
    credentials = Credentials(api_key=key or peps.api_key)
    with Session(peps.url, credentials=credentials, sleep=lambda _: None, attempts=3) as session:
        yield GeodesClient(session)


def offers(client: GeodesClient) -> list[L2AOffer]:
    query = SearchQuery(tiles=(TOULOUSE,), level="L2A")
    return [one for one in client.search(query) if isinstance(one, L2AOffer)]


def scenes_of(client: GeodesClient) -> list[L1CProduct]:
    query = SearchQuery(tiles=(TOULOUSE,))
    return [one for one in client.search(query) if isinstance(one, L1CProduct)]


def fetch(client: GeodesClient, product: L2AOffer | L1CProduct, folder: Path) -> Path:
    assert product.product_href is not None
    target = folder / f"{product.name}.zip"
    href = client.resolve(product.product_href)
    return download(client.session, href, target, size=product.size, md5=product.md5)


def md5_of(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def keyed(peps: Simulator, href: str, **options: Any) -> Any:  # noqa: ANN401 -- of ask
    headers = {KEY_HEADER: peps.api_key, **options.pop("headers", {})}
    return ask(peps, href, headers=headers, **options)


class TestArchives:
    def test_of_l2a_are_what_their_records_say(self, tmp_path: Path) -> None:
        scenes = list(features([TOULOUSE], date(2017, 11, 1), date(2017, 11, 10)))
        rules = Scenario(geodes=ALL_ONLINE)

        with Simulator(scenes, size=100, scenario=rules) as peps, a_client(peps) as client:
            found = offers(client)
            assert len(found) >= 3
            for offer in found:
                archive = fetch(client, offer, tmp_path)
                with open_product(archive) as source:
                    product = read_product(source)

                assert md5_of(archive) == offer.md5
                assert archive.stat().st_size == offer.size
                assert product.product_id == offer.name
                assert product.tile == offer.tile
                assert product.platform == offer.platform
                assert product.acquired == offer.start
                assert product.snow_cover == offer.snow_cover
                assert product.cloud_cover == pytest.approx(offer.cloud_cover, abs=2)

    def test_of_l1c_are_those_of_peps(self, tmp_path: Path) -> None:
        with geodes(a_series(3)) as peps, a_client(peps) as client:
            for scene in scenes_of(client):
                archive = fetch(client, scene, tmp_path)
                (record,) = [
                    feature["properties"]
                    for feature in ask(peps, "/resto/api/collections/S2ST/search.json").json[
                        "features"
                    ]
                    if feature["properties"]["productIdentifier"] == scene.name
                ]

                assert md5_of(archive).upper() == record["resourceChecksum"]
                assert archive.stat().st_size == record["resourceSize"]

    def test_come_in_parts(self) -> None:
        with geodes() as peps, a_client(peps) as client:
            (offer,) = offers(client)
            whole = keyed(peps, offer.product_href)
            etag = whole.headers["ETag"]
            part = keyed(
                peps, offer.product_href, headers={"Range": "bytes=10-19", "If-Range": etag}
            )

        assert whole.status == 200
        assert len(whole.content) == offer.size
        assert (part.status, part.content) == (206, whole.content[10:20])

    def test_go_on_where_a_connection_broke(self, tmp_path: Path) -> None:
        with geodes() as peps, a_client(peps) as client:
            (offer,) = offers(client)
            peps.faults.add(Fault(route="geodes download", action=Action.TRUNCATE))
            archive = fetch(client, offer, tmp_path)
            asked = peps.requests.of("geodes download")

        assert md5_of(archive) == offer.md5
        assert len(asked) == 2

    def test_that_arrive_spoilt_are_noticed(self, tmp_path: Path) -> None:
        with geodes() as peps, a_client(peps) as client:
            (offer,) = offers(client)
            fault = Fault(route="geodes download", action=Action.CORRUPT, times=None)
            peps.faults.add(fault)
            with pytest.raises(DownloadError):
                fetch(client, offer, tmp_path)

        assert not list(tmp_path.glob("*.zip"))

    def test_contradict_their_records_when_sizes_are_invented(self, tmp_path: Path) -> None:
        scenario = Scenario(real_sizes=False, geodes=ALL_ONLINE)

        with geodes(scenario=scenario) as peps, a_client(peps) as client:
            found: list[L2AOffer | L1CProduct] = [*offers(client), *scenes_of(client)]
            for product in found:
                with pytest.raises(DownloadError):
                    fetch(client, product, tmp_path)

    def test_are_built_once_for_two_that_search_at_once(self) -> None:
        builder = FakeBuilder(pause=0.2)
        with a_simulator(build_theia=builder) as peps, a_client(peps) as client:
            threads = [threading.Thread(target=offers, args=(client,)) for _ in range(3)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        assert len(builder.built) == 1

    def test_that_cannot_be_built_fail_the_search_alone(self) -> None:
        def broken(*_: object, size: int) -> Path:
            message = f"no room for {size} pixels"
            raise RequestError(message)

        with a_simulator(build_theia=broken) as peps:
            body = orjson.dumps({"collections": ["THEIA_REFLECTANCE_SENTINEL2_L2A"]})

            assert ask(peps, "/api/stac/search", method="POST", body=body).status == 500
            assert ask(peps, "/api/stac").status == 200

    def test_are_never_large(self) -> None:
        """A page of a search waits for those it names."""
        sizes = []

        def build(product: L1CProduct, target: Path, *, size: int) -> Path:
            sizes.append(size)
            return FakeBuilder()(product, target, size=size)

        with a_simulator(build_theia=build, size=10_980) as peps, a_client(peps) as client:
            assert offers(client)

        assert sizes == [366]


class TestOtherFiles:
    def test_of_a_product_are_those_inside_its_archive(self) -> None:
        scenes = list(features([TOULOUSE], date(2018, 7, 1), date(2018, 7, 10)))

        with Simulator(scenes, size=100) as peps, a_client(peps) as client:
            record = ask(peps, offers(client)[0].record_href or "").json
            assets = {name[-11:]: asset for name, asset in record["assets"].items()}
            for ending, start in (("MTD_ALL.xml", b"<?xml"), ("JPI_ALL.xml", b"<?xml")):
                answer = keyed(peps, assets[ending]["href"])
                md5 = hashlib.md5(answer.content, usedforsecurity=False).hexdigest()

                assert answer.content.startswith(start)
                assert answer.headers["Content-Type"] == "application/xml"
                assert assets[ending]["href"].endswith(md5)
                assert f"File size: {len(answer.content)} bytes" in assets[ending]["description"]
            picture = ask(peps, assets["QKL_ALL.jpg"]["href"])

        assert picture.headers["Content-Type"] == "image/jpeg"
        assert picture.content.startswith(b"\xff\xd8")

    def test_a_picture_needs_no_key(self) -> None:
        with geodes() as peps, a_client(peps) as client:
            (scene,) = scenes_of(client)
            assert scene.quicklook_href is not None

            assert ask(peps, scene.quicklook_href).content.startswith(b"\xff\xd8")
            assert (
                ask(peps, scene.quicklook_href.replace("/quicklook/", "/download/")).status == 401
            )

    def test_nothing_else_is_there(self) -> None:
        with geodes() as peps, a_client(peps) as client:
            (offer,) = offers(client)
            archive = urlsplit(offer.product_href).path

            assert keyed(peps, archive[:-1] + "x").status == 404
            assert keyed(peps, f"{archive.rpartition('/')[0]}/{'0' * 32}").status == 404
            assert keyed(peps, archive.replace("gdh:", "gdh:9")).status == 404
            assert keyed(peps, archive.replace("/download/", "/quicklook/")).status == 404


class TestKeys:
    @pytest.mark.parametrize("answer", list(BadKey))
    def test_that_are_bad_fetch_nothing(self, answer: BadKey, tmp_path: Path) -> None:
        with geodes(bad_key=answer) as peps, a_client(peps, key="expired") as client:
            (offer,) = offers(client)

            with pytest.raises(AuthenticationError):
                fetch(client, offer, tmp_path)
            with pytest.raises(AuthenticationError):
                client.availability(offer.name)
        assert not list(tmp_path.glob("*.zip"))

    def test_that_are_missing_fetch_nothing(self) -> None:
        with geodes() as peps, a_client(peps) as client:
            (offer,) = offers(client)

            assert ask(peps, offer.product_href).status == 401
            assert ask(peps, offer.product_href, login=LOGIN).status == 401
            assert ask(peps, f"/availability/{offer.name}").status == 401
            assert ask(peps, "/fastavailability", method="POST", body=b"{}").status == 401

    def test_do_not_log_in_to_peps(self) -> None:
        with geodes() as peps:
            assert keyed(peps, "/resto/wps?service=WPS&request=GetCapabilities").status == 401

    def test_of_accounts_differ(self) -> None:
        with geodes() as peps:
            assert peps.api_key
            assert peps.api_key != OTHER.key

    def test_without_accounts_there_is_none(self) -> None:
        with Simulator(accounts=()) as peps:
            assert peps.api_key == ""
            assert ask(peps, "/availability/x", headers={KEY_HEADER: ""}).status == 302

    def test_are_told_to_nobody(self) -> None:
        with geodes() as peps, a_client(peps) as client:
            client.availability(offers(client)[0].name)
            search, asked = peps.requests.of("geodes search")[0], peps.requests[-1]

        assert (search.login, search.login_sent) == (None, False)
        assert (asked.login, asked.login_sent) == ("demo@example.org", True)
        assert peps.api_key not in repr(list(peps.requests))
        assert peps.api_key not in repr(OTHER)


class TestRedirects:
    def test_are_gone_through(self, tmp_path: Path) -> None:
        with geodes(redirects=3) as peps, a_client(peps) as client:
            (offer,) = offers(client)

            assert md5_of(fetch(client, offer, tmp_path)) == offer.md5
            assert len(peps.requests.of("geodes download")) == 4

    def test_take_no_key_to_another_host(self, tmp_path: Path) -> None:
        with geodes(elsewhere=True) as peps, a_client(peps) as client:
            (offer,) = offers(client)
            archive = fetch(client, offer, tmp_path)
            (stored,) = peps.requests.of("geodes store")

        assert md5_of(archive) == offer.md5
        assert stored.headers["host"].startswith("localhost")
        assert not stored.login_sent

    def test_need_the_permission_in_their_address(self) -> None:
        with geodes(elsewhere=True) as peps, a_client(peps) as client:
            (offer,) = offers(client)
            location = keyed(peps, offer.product_href).headers["Location"]
            parts = urlsplit(location)

            assert ask(peps, f"{parts.path}?{parts.query}").status == 200
            assert ask(peps, parts.path).status == 403
            assert ask(peps, f"{parts.path}?{parts.query}0").status == 403


class TestTape:
    def test_keeps_its_archives_until_people_restore_them(self, tmp_path: Path) -> None:
        with geodes(l2a_on_tape=1) as peps, a_client(peps) as client:
            (offer,) = offers(client)
            assert offer.md5 is not None
            assert offer.is_online is False
            assert client.availability(offer.name)[offer.md5] is False
            with pytest.raises(Gone, match="410"):
                fetch(client, offer, tmp_path)
            peps.restore(offer.name)

            assert client.availability(offer.name)[offer.md5] is True
            assert offers(client)[0].is_online is True
            assert md5_of(fetch(client, offer, tmp_path)) == offer.md5

    def test_holds_most_scenes_and_few_products(self) -> None:
        with a_simulator(a_series(24)) as peps, a_client(peps) as client:
            scenes = [one.is_online for one in scenes_of(client)]
            products = [one.is_online for one in offers(client)]

        assert sum(map(bool, scenes)) < len(scenes) / 3
        assert sum(map(bool, products)) > len(products) * 2 / 3

    def test_holds_what_it_is_told_to(self) -> None:
        with a_simulator(a_series(2)) as peps, a_client(peps) as client:
            first, second = offers(client)
            rules = GeodesScenario(
                l2a_on_tape=1, online=frozenset({first.name}), on_tape=frozenset({second.name})
            )
            peps.scenario = Scenario(geodes=rules)

            assert [one.is_online for one in offers(client)] == [True, False]

    def test_gives_the_small_files_all_the_same(self) -> None:
        with geodes(l1c_on_tape=1) as peps, a_client(peps) as client:
            (scene,) = scenes_of(client)
            online = client.availability(scene.name)

        assert sorted(online.values()) == [False, True]


class TestQuota:
    def test_ends_after_so_many_archives(self, tmp_path: Path) -> None:
        with geodes(a_series(3), quota=2, quota_wait_s=3_600) as peps, a_client(peps) as client:
            first, second, third = offers(client)
            fetch(client, first, tmp_path)
            fetch(client, second, tmp_path)
            with pytest.raises(QuotaError) as refused:
                fetch(client, third, tmp_path)
            (tmp_path / f"{first.name}.zip").unlink()

            assert refused.value.retry_after_s == pytest.approx(3_600)
            assert md5_of(fetch(client, first, tmp_path)) == first.md5

    def test_may_not_say_when_it_ends(self, tmp_path: Path) -> None:
        with geodes(quota=0) as peps, a_client(peps) as client, pytest.raises(QuotaError):
            fetch(client, offers(client)[0], tmp_path)

    def test_is_each_accounts_own(self) -> None:
        with geodes(quota=1) as peps, a_client(peps) as client:
            (offer,) = offers(client)

            assert keyed(peps, offer.product_href).status == 200
            assert ask(peps, offer.product_href, headers={KEY_HEADER: OTHER.key}).status == 200


class TestAvailability:
    def test_of_several_is_told_at_once(self) -> None:
        with geodes(a_series(2), l1c_on_tape=1) as peps, a_client(peps) as client:
            scene, offer = scenes_of(client)[0], offers(client)[0]
            asked = [
                {"href": one.product_href, "endpointURL": "https://s3.datalake.cnes.fr/x"}
                for one in (scene, offer)
            ]
            body = orjson.dumps({"availability": asked})
            answer = keyed(peps, "/fastavailability", method="POST", body=body).json

        assert [one["id"] for one in answer["products"]] == [scene.service_id, offer.service_id]
        files = {
            one["checksum"]: one["available"] for p in answer["products"] for one in p["files"]
        }
        assert files[scene.md5] is False
        assert files[offer.md5] is True

    @pytest.mark.parametrize("body", [b"", b"[]", b'{"availability": [1]}', b"{"])
    def test_is_asked_for_in_json(self, body: bytes) -> None:
        with geodes() as peps:
            assert keyed(peps, "/fastavailability", method="POST", body=body).status == 400

    def test_of_what_is_not_there_is_not_told(self) -> None:
        with geodes([a_feature()]) as peps, a_client(peps) as client:
            with pytest.raises(Gone):
                client.availability("SENTINEL2A_20170101-000000-000_L2A_T31TCJ_C_V4-0")
            body = orjson.dumps({"availability": [{"href": "/api/download/URN:FEATURE:9/files/1"}]})

            assert keyed(peps, "/fastavailability", method="POST", body=body).json == {
                "products": []
            }
