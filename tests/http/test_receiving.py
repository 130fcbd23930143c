"""Bytes on their way to the disk: what stops them, what is found out meanwhile."""

import hashlib
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from builders_http import Reply, ServedFile, Server, a_session, a_zip, md5_of
from peps_stac.errors import CatalogError, DownloadError, RequestError, ServiceError
from peps_stac.http import receiving
from peps_stac.http.download import RESUME_OVERLAP_BYTES, Progress, download

SIZE = 300_000
ZIP = a_zip(SIZE)
PATH = "/files/product.zip"
SHA256 = hashlib.sha256(ZIP).hexdigest()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "product.zip"


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every piece is told, and the disk looked at every 50 kB."""
    monkeypatch.setattr(receiving, "_TOLD_EVERY_S", 0.0)
    monkeypatch.setattr(receiving, "_LOOK_EVERY_BYTES", 50_000)


def free(monkeypatch: pytest.MonkeyPatch, *sizes: int) -> None:
    """What the disk says, one look after the other; the last for ever."""
    said: Iterator[int] = iter(sizes)
    last = [0]

    def usage(_: object) -> SimpleNamespace:
        last[0] = next(said, last[0])
        return SimpleNamespace(free=last[0])

    monkeypatch.setattr(shutil, "disk_usage", usage)


def interrupted(server: Server, target: Path, served: ServedFile) -> int:
    """Bytes that a first run leaves."""
    server.on(PATH, served.cut(200_000))
    with a_session(server, attempts=1) as session, pytest.raises(ServiceError):
        download(session, PATH, target)
    server.seen.clear()
    return target.with_name("product.zip.part").stat().st_size


# --- the sum


def test_a_sha_256_is_looked_at_across_runs(target: Path) -> None:
    with Server() as server:
        interrupted(server, target, ServedFile(ZIP))
        server.on(PATH, ServedFile(ZIP))
        with a_session(server) as session:
            download(session, PATH, target, sha256=SHA256.upper())

    assert target.read_bytes() == ZIP
    assert "range" in server.seen[0].headers


def test_a_wrong_sha_256_is_refused_and_leaves_nothing(target: Path) -> None:
    with (
        Server().on(PATH, ServedFile(ZIP)) as server,
        a_session(server) as session,
        pytest.raises(DownloadError, match=f"SHA-256 is {SHA256}, not {'0' * 64}"),
    ):
        download(session, PATH, target, sha256="0" * 64)

    assert len(server.seen) == 1
    assert {path.name for path in target.parent.iterdir()} == {"product.zip.part.lock"}


def test_a_sum_that_is_none_is_refused_before_anything_is_sent(target: Path) -> None:
    with Server() as server, a_session(server) as session:
        with pytest.raises(RequestError, match="'abc' is no MD5"):
            download(session, PATH, target, md5="abc")
        assert server.seen == []


def test_pieces_of_two_files_are_fetched_anew_at_once(target: Path) -> None:
    """No ETag, no date, same size: only the sum can tell, and one more request may do."""
    other = ZIP[: 200_000 - RESUME_OVERLAP_BYTES - 1000].replace(b"\x00", b"\x01")
    changed = ServedFile(other + ZIP[len(other) :], etag=None)
    with Server() as server:
        interrupted(server, target, changed)
        server.on(PATH, ServedFile(ZIP, etag=None))
        with a_session(server) as session:
            download(session, PATH, target, md5=md5_of(ZIP))

    assert target.read_bytes() == ZIP
    assert ["range" in one.headers for one in server.seen] == [True, False]


def test_the_block_that_is_read_twice_tells_that_the_file_changed(target: Path) -> None:
    """No ETag, no date, same size, no sum: the bytes themselves are looked at."""
    new = a_zip(SIZE, seed=2)
    with Server() as server:
        interrupted(server, target, ServedFile(ZIP, etag=None))
        server.on(PATH, ServedFile(new, etag=None))
        with a_session(server) as session:
            download(session, PATH, target)

    assert target.read_bytes() == new
    assert ["range" in one.headers for one in server.seen] == [True, False]


def test_first_bytes_that_come_one_by_one_are_looked_at_too(target: Path) -> None:
    page = Reply(200, b"P<html>", {"Content-Type": "application/zip"}, drip=(1, 0.02))
    with (
        Server().on(PATH, page) as server,
        a_session(server) as session,
        pytest.raises(DownloadError, match="starts with b'P<'"),
    ):
        download(session, PATH, target)


# --- the line


def test_a_slow_and_steady_line_goes_on_for_ever(target: Path) -> None:
    """Ten times as long as a stall would be."""
    body = a_zip(20_000)
    slow = Reply(200, body, {"Content-Type": "application/zip"}, drip=(1000, 0.05))
    with (
        Server().on(PATH, slow) as server,
        a_session(server, timeout_s=(1.0, 0.4), attempts=1) as session,
    ):
        began = time.monotonic()
        download(session, PATH, target)

    assert time.monotonic() - began >= 0.9
    assert target.read_bytes() == body
    assert len(server.seen) == 1


def test_what_came_before_a_stall_is_not_lost(target: Path) -> None:
    """Only the block that is dropped on purpose is fetched twice."""
    never = threading.Event()
    stalled = Reply(200, ZIP, {"ETag": '"v1"'}, hold=(200_000, never))
    with Server().on(PATH, stalled, ServedFile(ZIP)) as server:
        with a_session(server, timeout_s=(1.0, 0.2)) as session:
            download(session, PATH, target)
        never.set()

    assert server.seen[1].headers["range"] == f"bytes={200_000 - RESUME_OVERLAP_BYTES}-"


def test_a_listener_hears_the_start_and_the_end(target: Path) -> None:
    heard: list[Progress] = []
    with Server().on(PATH, ServedFile(ZIP)) as server, a_session(server) as session:
        download(session, PATH, target, report=heard.append)

    assert heard[0] == Progress(0, SIZE)
    assert heard[-1] == Progress(SIZE, SIZE)


@pytest.mark.usefixtures("plain")
def test_a_listener_may_stop_it_and_what_came_is_kept(target: Path) -> None:
    class EnoughError(Exception):
        pass

    def listener(progress: Progress) -> None:
        if progress.done > 100_000:
            raise EnoughError

    with Server().on(PATH, ServedFile(ZIP)) as server, a_session(server) as session:
        with pytest.raises(EnoughError):
            download(session, PATH, target, report=listener)
        kept = target.with_name("product.zip.part").stat().st_size
        download(session, PATH, target)

    assert kept > 100_000
    assert target.read_bytes() == ZIP
    assert server.seen[1].headers["range"] == f"bytes={kept - RESUME_OVERLAP_BYTES}-"


def test_one_session_brings_many_files_at_once(tmp_path: Path) -> None:
    files = {f"/{number}": ServedFile(a_zip(200_000, number)) for number in range(8)}
    with Server() as server, a_session(server) as session:
        for path, served in files.items():
            server.on(path, served.cut(100_000), served)
        threads = [
            threading.Thread(
                target=download,
                args=(session, path, tmp_path / path[1:]),
                kwargs={"md5": md5_of(served.content)},
            )
            for path, served in files.items()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert all((tmp_path / path[1:]).read_bytes() == one.content for path, one in files.items())


# --- the disk


def test_what_will_be_made_of_a_file_needs_space_too(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server().on(PATH, ServedFile(ZIP)) as server, a_session(server) as session:
        free(monkeypatch, SIZE + 700_000 - 1)
        with pytest.raises(CatalogError, match="needs 1 MB"):
            download(session, PATH, target, reserve_bytes=700_000)
        free(monkeypatch, SIZE + 700_000)
        download(session, PATH, target, reserve_bytes=700_000)

    assert target.read_bytes() == ZIP


def test_two_downloads_never_count_on_the_same_free_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free(monkeypatch, SIZE + SIZE // 2)
    begun, go_on = threading.Event(), threading.Event()

    held = Reply(200, ZIP, {"ETag": '"v1"'}, hold=(100, go_on))

    def tell(progress: Progress) -> None:
        if progress.done:
            begun.set()

    monkeypatch.setattr(receiving, "_TOLD_EVERY_S", 0.0)
    with (
        Server().on("/1", held).on("/2", ServedFile(ZIP)) as server,
        a_session(server, timeout_s=(5.0, 30.0)) as session,
    ):
        first = threading.Thread(
            target=download, args=(session, "/1", tmp_path / "1"), kwargs={"report": tell}
        )
        first.start()
        assert begun.wait(10)
        with pytest.raises(CatalogError, match="are for other downloads; free space and run again"):
            download(session, "/2", tmp_path / "2")
        go_on.set()
        first.join()
        download(session, "/2", tmp_path / "2")

    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes() == ZIP


@pytest.mark.usefixtures("plain")
def test_a_disk_that_others_fill_meanwhile_stops_it_and_keeps_what_came(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server().on(PATH, ServedFile(ZIP)) as server, a_session(server) as session:
        free(monkeypatch, SIZE, 10)
        with pytest.raises(CatalogError, match=r"no space in .*has 10 bytes; free space"):
            download(session, PATH, target)
        kept = target.with_name("product.zip.part").stat().st_size
        free(monkeypatch, SIZE)
        download(session, PATH, target, md5=md5_of(ZIP))

    assert kept >= 50_000
    assert target.read_bytes() == ZIP
    assert "range" in server.seen[1].headers
