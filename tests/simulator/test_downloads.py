"""L1C archives with their staging, results with Range, logs, quicklooks."""

import hashlib
import io
import threading
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builders_simulator import (
    LOGIN,
    OTHER,
    SEARCH,
    FakeBuilder,
    Reply,
    a_feature,
    a_job,
    a_series,
    a_simulator,
    ask,
    execute,
    report_of,
)
from peps_stac.domain import Credentials
from peps_stac.simulator import Account, Scenario, Simulator

ON_TAPE: dict[str, Any] = {"storage": {"mode": "tape"}}


def scene(peps: Simulator) -> dict[str, Any]:
    feature: dict[str, Any] = ask(peps, SEARCH).json["features"][0]
    return feature


def download_href(peps: Simulator) -> str:
    href: str = scene(peps)["properties"]["services"]["download"]["url"]
    return href


def get(peps: Simulator, href: str, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(peps, href, login=LOGIN, headers=named)


def a_result_href(peps: Simulator) -> str:
    name = peps_product(peps)
    job_id = a_job(peps, product=name)
    peps.jobs.finish()
    href: str = report_of(peps, job_id)["results"][0]
    return href


def peps_product(peps: Simulator) -> str:
    name: str = scene(peps)["properties"]["productIdentifier"]
    return name


def test_an_archive_is_what_the_search_announced() -> None:
    with a_simulator() as peps:
        properties = scene(peps)["properties"]
        reply = get(peps, properties["services"]["download"]["url"])

    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/zip")
    assert len(reply.content) == properties["resourceSize"]
    assert len(reply.content) == properties["services"]["download"]["size"]
    md5 = hashlib.md5(reply.content, usedforsecurity=False).hexdigest()
    assert properties["resourceChecksum"] == md5.upper()
    assert zipfile.ZipFile(io.BytesIO(reply.content)).testzip() is None


def test_the_recorded_size_stays_when_the_scenario_says_so() -> None:
    with a_simulator(scenario=Scenario(real_sizes=False)) as peps:
        assert scene(peps)["properties"]["resourceSize"] == 700_000_000


def test_a_size_and_checksum_keep_the_spelling_of_the_record() -> None:
    with a_simulator([a_feature(resourceSize="1", resourceChecksum="ab12")]) as peps:
        properties = scene(peps)["properties"]

    assert isinstance(properties["resourceSize"], str)
    assert properties["resourceChecksum"] == properties["resourceChecksum"].lower()


def test_an_archive_is_the_same_in_the_next_simulator() -> None:
    contents = []
    for _ in range(2):
        with a_simulator() as peps:
            contents.append(get(peps, download_href(peps)).content)

    assert contents[0] == contents[1]


@pytest.mark.parametrize("tail", ["", "/", "/?issuerId=peps"])
def test_the_address_of_a_download_may_end_as_the_scripts_write_it(tail: str) -> None:
    with a_simulator() as peps:
        assert get(peps, download_href(peps) + tail).status == 200


def test_a_range_brings_the_rest() -> None:
    with a_simulator() as peps:
        href = download_href(peps)
        whole = get(peps, href)
        rest = get(peps, href, Range="bytes=1000-")
        few = get(peps, href, Range="bytes=10-19")
        last = get(peps, href, Range="bytes=-5")

    size = len(whole.content)
    assert (rest.status, few.status, last.status) == (206, 206, 206)
    assert rest.content == whole.content[1000:]
    assert rest.headers["Content-Range"] == f"bytes 1000-{size - 1}/{size}"
    assert few.content == whole.content[10:20]
    assert last.content == whole.content[-5:]
    assert whole.headers["ETag"] == rest.headers["ETag"]
    assert whole.headers["Accept-Ranges"] == "bytes"


def test_a_range_beyond_the_end_is_refused() -> None:
    with a_simulator() as peps:
        reply = get(peps, download_href(peps), Range="bytes=9999999-")

    assert reply.status == 416
    assert reply.headers["Content-Range"].startswith("bytes */")


@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=0-1,5-6"},
        {"Range": "lines=1-2"},
        {"Range": "bytes=10-", "If_Range": '"another"'},
    ],
)
def test_several_ranges_or_another_version_bring_the_whole(headers: dict[str, str]) -> None:
    with a_simulator() as peps:
        assert get(peps, download_href(peps), **headers).status == 200


def test_a_head_has_the_headers_alone() -> None:
    with a_simulator() as peps:
        href = download_href(peps)
        reply = ask(peps, href, method="HEAD", login=LOGIN)

    assert (reply.status, reply.content) == (200, b"")
    assert int(reply.headers["Content-Length"]) > 20_000


def test_asking_for_a_scene_on_tape_brings_it_to_disk() -> None:
    with a_simulator([a_feature(**ON_TAPE)]) as peps:
        href = download_href(peps)
        modes = [scene(peps)["properties"]["storage"]["mode"]]
        first = get(peps, href)
        modes.append(scene(peps)["properties"]["storage"]["mode"])
        second = get(peps, href)
        peps.clock.advance(minutes=4)
        modes.append(scene(peps)["properties"]["storage"]["mode"])
        third = get(peps, href)

    assert modes == ["tape", "staging", "disk"]
    assert (first.status, second.status, third.status) == (202, 202, 200)
    assert first.content == b""
    assert first.headers["Retry-After"] == first.headers["X-regards-retry"] == "180000"


@pytest.mark.parametrize("mode", ["disk", "tier2"])
def test_what_is_ready_comes_at_once(mode: str) -> None:
    with a_simulator([a_feature(storage={"mode": mode})]) as peps:
        assert get(peps, download_href(peps)).status == 200


@pytest.mark.parametrize("mode", ["tape", "tier3", "staging", "unknown"])
def test_what_is_elsewhere_comes_after_a_while(mode: str) -> None:
    with a_simulator([a_feature(storage={"mode": mode})]) as peps:
        href = download_href(peps)
        assert get(peps, href).status == 202
        peps.clock.advance(minutes=4)
        assert get(peps, href).status == 200


def test_a_search_does_not_begin_the_staging() -> None:
    with a_simulator([a_feature(**ON_TAPE)]) as peps:
        scene(peps)
        peps.clock.advance(hours=1)
        assert scene(peps)["properties"]["storage"]["mode"] == "tape"


def test_a_scene_that_the_robot_never_brings_stays_away() -> None:
    feature = a_feature(**ON_TAPE)
    name = feature["properties"]["productIdentifier"]
    with a_simulator([feature], scenario=Scenario(never_staged=frozenset({name}))) as peps:
        href = download_href(peps)
        get(peps, href)
        peps.clock.advance(days=3)
        assert get(peps, href).status == 202


def test_a_near_real_time_scene_is_on_disk_whatever_its_mode() -> None:
    with a_simulator([a_feature(isNrt=1, **ON_TAPE)]) as peps:
        assert scene(peps)["properties"]["storage"]["mode"] == "disk"


@pytest.mark.parametrize("login", [None, replace(LOGIN, username="nobody")])
def test_a_download_without_a_right_login_is_refused(login: Credentials | None) -> None:
    with a_simulator() as peps:
        reply = ask(peps, download_href(peps), login=login)

    assert reply.status == 401
    assert reply.json == {"ErrorMessage": "Unauthorized", "ErrorCode": 401}


@pytest.mark.parametrize(
    ("account", "status", "code"),
    [(Account(may_download=False), 403, 403), (Account(has_license=False), 400, 3002)],
)
def test_an_account_without_the_right_or_the_licence_is_refused(
    account: Account, status: int, code: int
) -> None:
    with a_simulator(accounts=[account]) as peps:
        reply = get(peps, download_href(peps))

    assert (reply.status, reply.json["ErrorCode"]) == (status, code)


def test_a_quota_counts_scenes_not_requests() -> None:
    with a_simulator(a_series(2), scenario=Scenario(weekly_downloads=1)) as peps:
        hrefs = [
            feature["properties"]["services"]["download"]["url"]
            for feature in ask(peps, SEARCH).json["features"]
        ]
        statuses = [get(peps, href).status for href in (hrefs[0], hrefs[0], hrefs[1])]
        message = get(peps, hrefs[1]).json

    assert statuses == [200, 200, 420]
    assert message == {"ErrorMessage": "week|1", "ErrorCode": 420}


def test_a_superseded_scene_names_its_successor() -> None:
    feature = a_feature(visible=0, newVersion="abc")
    href = feature["properties"]["links"][0]["href"].removesuffix(".json")
    with a_simulator([feature]) as peps:
        reply = get(peps, f"{href}/download")

    assert reply.status == 404
    assert reply.json["ErrorMessage"] == "Feature has been moved, new feature id is : abc"


def test_a_scene_without_a_download_service_cannot_be_downloaded() -> None:
    feature = a_feature(services=[])
    href = feature["properties"]["links"][0]["href"].removesuffix(".json")
    with a_simulator([feature]) as peps:
        assert get(peps, f"{href}/download").status == 404


def test_a_check_tells_whether_the_archive_is_there() -> None:
    with a_simulator() as peps:
        href = download_href(peps).removesuffix("/download")

        assert get(peps, f"{href}/check/download").status == 200
        assert ask(peps, f"{href}/check/download").status == 403


def test_a_quicklook_is_a_picture() -> None:
    with a_simulator() as peps:
        reply = ask(peps, f"/quicklook/2017/11/05/S2A/{peps_product(peps)}_quicklook.jpg")
        none = ask(peps, "/quicklook/x/other_quicklook.jpg")

    assert reply.content.startswith(b"\xff\xd8\xff")
    assert none.status == 404


def test_a_result_is_built_once_and_served_in_parts() -> None:
    builder = FakeBuilder()
    with a_simulator(build=builder) as peps:
        href = a_result_href(peps)
        whole = get(peps, href)
        rest = get(peps, href, Range="bytes=100-")

    assert whole.status == 200
    assert zipfile.ZipFile(io.BytesIO(whole.content)).testzip() is None
    assert (rest.status, rest.content) == (206, whole.content[100:])
    assert int(whole.headers["Content-Length"]) == len(whole.content)
    assert len(builder.built) == 1


def test_two_that_ask_at_once_build_once() -> None:
    builder = FakeBuilder(pause=0.2)
    replies: list[int] = []
    with a_simulator(build=builder) as peps:
        href = a_result_href(peps)
        threads = [
            threading.Thread(target=lambda: replies.append(get(peps, href).status))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert replies == [200] * 4
    assert len(builder.built) == 1


def test_a_builder_that_fails_answers_500_and_the_server_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object, **__: object) -> None:
        message = "no space left"
        raise OSError(message)

    with a_simulator(build=broken) as peps:
        reply = get(peps, a_result_href(peps))
        after = ask(peps, SEARCH)

    assert (reply.status, after.status) == (500, 200)
    assert "no space left" in caplog.text


def test_results_of_others_unknown_names_and_unfinished_jobs_are_not_there() -> None:
    with a_simulator() as peps:
        unfinished = a_job(peps, product=peps_product(peps))
        href = a_result_href(peps)
        folder, _, name = href.rpartition("/")

        assert ask(peps, href).status == 401
        assert ask(peps, href, login=OTHER.credentials).status == 404
        assert get(peps, f"{folder}/other.zip").status == 404
        peps.clock.advance(days=6)
        assert get(peps, href).status == 404
        assert get(peps, f"{folder.replace(folder[-36:], unfinished)}/{name}").status == 404


def test_the_log_of_a_job_names_its_results() -> None:
    with a_simulator() as peps:
        job_id = a_job(peps, product=peps_product(peps))
        path = f"/cgi-bin/mapcache_results/logs/joblog-{job_id}.log"
        early = get(peps, path)
        peps.jobs.finish()
        late = get(peps, path)
        others = ask(peps, path, login=OTHER.credentials)

    assert b".zip" not in early.content
    assert b"/cgi-bin/mapcache_results/maja/" in late.content
    assert others.status == 404


def test_a_result_too_cloudy_says_so_by_its_name() -> None:
    with a_simulator([a_feature(cloudCover=95)]) as peps:
        href = a_result_href(peps)
        reply = get(peps, href)

    assert href.endswith("_NOVALD.zip")
    assert zipfile.ZipFile(io.BytesIO(reply.content)).testzip() is None


def test_built_products_stay_in_a_given_folder(tmp_path: Path) -> None:
    first, second = FakeBuilder(), FakeBuilder()
    for builder in (first, second):
        with a_simulator(build=builder, folder=tmp_path) as peps:
            get(peps, a_result_href(peps))

    assert (len(first.built), len(second.built)) == (1, 0)


def test_a_job_of_an_unreadable_scene_still_ends() -> None:
    """No tile and no platform: MAJA's name for it cannot be formed, and nothing crashes."""
    odd = a_feature(mgrs=None, platform=None, name="ODD_NAME")
    with a_simulator([odd]) as peps:
        reply = execute(peps, "MAJA", product="ODD_NAME")
        peps.jobs.finish()
        job_id = reply.xml.attrib["statusLocation"][-40:-4]

        assert report_of(peps, job_id)["results"][0].endswith("ODD_NAME_L2A.zip")
