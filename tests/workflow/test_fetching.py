"""Several files at once, from one's own server: who waits for whom, and how it all ends."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import pytest

from builders_http import Reply, Seen, ServedFile, Server, a_session, a_zip, error_reply
from peps_stac.errors import AuthenticationError, CatalogError, DownloadError, RequestError
from peps_stac.http.download import Progress, QuotaError
from peps_stac.peps.client import PepsClient
from peps_stac.stac.layers import AssetMode
from peps_stac.workflow.fetching import Fetched, Fetching, Wanted
from peps_stac.workflow.room import Room, unpacked_size

SIZE = 300_000
ZIP = a_zip(SIZE)


@contextmanager
def a_pool(
    server: Server,
    folder: Path,
    *,
    parallel: int = 2,
    heard: list[tuple[str, Progress]] | None = None,
) -> Iterator[Fetching[str]]:
    def report(name: str, progress: Progress) -> None:
        if heard is not None:
            heard.append((name, progress))

    with a_session(server) as session:
        client = PepsClient(session)
        with Fetching[str](client, Room(folder), parallel=parallel, report=report) as pool:
            yield pool


def wanted(folder: Path, name: str) -> Wanted[str]:
    return Wanted(about=name, href=path(name), target=folder / f"{name}.zip")


def path(name: str) -> str:
    return f"/cgi-bin/mapcache_results/{name}.zip"


def a_server(*names: str) -> Server:
    server = Server()
    for name in names:
        server.on(path(name), ServedFile(ZIP))
    return server


def ends(pool: Fetching[str]) -> dict[str, Fetched[str]]:
    """All of them, each left as soon as it is taken."""
    found = {}
    for fetched in pool.rest():
        pool.leave(fetched.wanted)
        found[fetched.wanted.about] = fetched
    return found


def test_two_files_are_on_their_way_at_once(tmp_path: Path) -> None:
    """The first goes on only when the second was asked for."""
    is_asked = Event()

    def second(seen: Seen) -> Reply:
        is_asked.set()
        return ServedFile(ZIP)(seen)

    first = Reply(200, ZIP, {"Content-Type": "application/zip"}, hold=(1000, is_asked))
    with (
        Server().on(path("first"), first).on(path("second"), second) as server,
        a_pool(server, tmp_path) as pool,
    ):
        pool.add(wanted(tmp_path, "first"))
        pool.add(wanted(tmp_path, "second"))
        found = ends(pool)

    assert is_asked.is_set()
    assert {name: fetched.error for name, fetched in found.items()} == dict.fromkeys(found)
    assert (tmp_path / "first.zip").read_bytes() == ZIP


def test_one_at_a_time_go_in_their_order(tmp_path: Path) -> None:
    names = ["a", "b", "c", "d"]
    with a_server(*names) as server, a_pool(server, tmp_path, parallel=1) as pool:
        for name in names:
            pool.add(wanted(tmp_path, name))
        assert list(ends(pool)) == names
        assert [one.path for one in server.seen] == [path(name) for name in names]


def test_no_more_is_begun_than_may_wait_to_be_taken(tmp_path: Path) -> None:
    """Otherwise archives pile up while one of them is converted."""
    heard: list[tuple[str, Progress]] = []
    with a_server(*"abcdef") as server, a_pool(server, tmp_path, heard=heard) as pool:
        for name in "abcdef":
            pool.add(wanted(tmp_path, name))
        first = pool.take()
        assert first is not None
        # The one that was taken, two that wait, and two that came while these did.
        Event().wait(0.3)
        assert len(server.seen) <= 5
        pool.leave(first.wanted)
        assert len(ends(pool)) == 5


def test_what_fails_stops_no_other(tmp_path: Path) -> None:
    with a_server("a", "c") as server, a_pool(server, tmp_path) as pool:
        for name in "abc":
            pool.add(wanted(tmp_path, name))
        found = ends(pool)

    assert isinstance(found["b"].error, RequestError)
    assert found["a"].error is found["c"].error is None


def test_a_quota_lets_what_runs_end_and_begins_nothing_more(tmp_path: Path) -> None:
    refused = error_reply(420, "week|200", headers={"Retry-After": "7200"})
    with a_server(*"acde").on(path("b"), refused) as server:
        with a_pool(server, tmp_path, parallel=1) as pool:
            for name in "abcde":
                pool.add(wanted(tmp_path, name))
            found = ends(pool)
        assert len(server.seen) == 2

    assert found["a"].error is None
    assert isinstance(found["b"].error, QuotaError)
    assert not found["b"].is_held
    assert [found[name].is_held for name in "cde"] == [True] * 3
    assert {found[name].error for name in "cde"} == {found["b"].error}


def test_a_refused_account_begins_nothing_more(tmp_path: Path) -> None:
    with Server().on(path("a"), error_reply(401, "Unauthorized")) as server:
        with a_pool(server, tmp_path, parallel=1) as pool:
            for name in "abc":
                pool.add(wanted(tmp_path, name))
            found = ends(pool)
        assert [len(server.requests(path(name))) for name in "abc"] == [1, 0, 0]

    assert all(isinstance(fetched.error, AuthenticationError) for fetched in found.values())


def test_a_file_that_fails_its_check_is_there_and_bad(tmp_path: Path) -> None:
    def refuse(_: Path) -> None:
        raise DownloadError("not this one")

    with a_server("a") as server, a_pool(server, tmp_path) as pool:
        one = Wanted(about="a", href=path("a"), target=tmp_path / "a.zip", check=refuse)
        pool.add(one)
        fetched = ends(pool)["a"]

    assert fetched.is_bad
    assert (tmp_path / "a.zip").exists()


def test_who_goes_away_leaves_no_thread_and_keeps_what_came(tmp_path: Path) -> None:
    body = a_zip(3_000_000)
    slow = Reply(200, body, {"Content-Type": "application/zip"}, drip=(20_000, 0.02))
    heard: list[tuple[str, Progress]] = []
    with Server().on(path("a"), slow).on(path("b"), slow) as server:
        with a_pool(server, tmp_path, heard=heard) as pool:
            pool.add(wanted(tmp_path, "a"))
            pool.add(wanted(tmp_path, "b"))
            while not _both_began(heard):
                Event().wait(0.01)
        assert not [one for one in threading.enumerate() if one.name == "fetching"]

    kept = {part.name: part.read_bytes() for part in tmp_path.glob("*.part")}
    assert kept.keys() == {"a.zip.part", "b.zip.part"}
    assert all(part and body.startswith(part) for part in kept.values())
    assert not list(tmp_path.glob("*.zip"))


def _both_began(heard: list[tuple[str, Progress]]) -> bool:
    return {name for name, progress in heard if progress.done > 0} == {"a.zip", "b.zip"}


def test_no_file_at_once_is_refused(tmp_path: Path) -> None:
    with Server() as server, a_session(server) as session, pytest.raises(RequestError, match="0"):
        Fetching[str](PepsClient(session), Room(tmp_path), parallel=0)


def test_an_address_of_nobody_fails_alone(tmp_path: Path) -> None:
    with a_server("a") as server, a_pool(server, tmp_path) as pool:
        foreign = Wanted(about="x", href="https://evil.example/x.zip", target=tmp_path / "x.zip")
        pool.add(foreign)
        pool.add(wanted(tmp_path, "a"))
        found = ends(pool)

    assert "evil.example" in str(found["x"].error)
    assert found["a"].error is None


def _free(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))


def test_what_does_not_fit_beside_another_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a small disk two at once are as good as one after the other, and no failure."""
    _free(monkeypatch, 64 * 2**20 + 3 * SIZE)
    with a_server(*"abcd") as server, a_pool(server, tmp_path) as pool:
        for name in "abcd":
            one = Wanted(
                about=name,
                href=path(name),
                target=tmp_path / f"{name}.zip",
                later=lambda size: size,
            )
            pool.add(one)
        found = ends(pool)

    assert {fetched.error for fetched in found.values()} == {None}
    assert len(found) == 4


def test_what_fits_nowhere_is_told_with_its_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _free(monkeypatch, 64 * 2**20 + SIZE)
    with a_server("a") as server, a_pool(server, tmp_path) as pool:
        pool.add(
            Wanted(
                about="a", href=path("a"), target=tmp_path / "a.zip", later=lambda size: size // 2
            )
        )
        error = ends(pool)["a"].error

    assert isinstance(error, CatalogError)
    assert "450 kB" in str(error)
    assert not list(tmp_path.glob("*.zip"))


def test_what_an_archive_becomes_is_that_of_a_whole_tile_at_most() -> None:
    whole, part = 2_160_000_000, 900_000_000

    assert unpacked_size(whole, AssetMode.RAW) == 3_800_000_000
    assert unpacked_size(whole, AssetMode.COG) == 2_200_000_000
    assert unpacked_size(part, AssetMode.RAW) == 2_850_000_000
    assert unpacked_size(part, AssetMode.COG) < 2_200_000_000
    assert unpacked_size(whole, AssetMode.ZIP) == 0
