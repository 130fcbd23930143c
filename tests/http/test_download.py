import errno
import logging
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from builders_http import (
    PASSWORD,
    USERNAME,
    Naps,
    Reply,
    Seen,
    ServedFile,
    Server,
    a_session,
    a_zip,
    chain_text,
    error_reply,
    files_below,
    json_reply,
    md5_of,
    the_credentials,
)
from peps_stac.errors import (
    AuthenticationError,
    CatalogError,
    DownloadError,
    RequestError,
    ServiceError,
)
from peps_stac.http.download import RESUME_OVERLAP_BYTES, NotReady, Progress, download

SIZE = 300_000
ZIP = a_zip(SIZE)
PATH = "/files/product.zip"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "downloads" / "product.zip"


def left_over(target: Path) -> set[str]:
    return {path.name for path in target.parent.iterdir()} - {target.name}


PARTIAL = {"product.zip.part", "product.zip.part.json", "product.zip.part.lock"}
NOTHING = {"product.zip.part.lock"}


def ranges(server: Server) -> list[str | None]:
    return [one.headers.get("range") for one in server.requests(PATH)]


# --- all goes well


def test_a_file_arrives_whole_and_nothing_else_stays(target: Path) -> None:
    heard: list[Progress] = []
    with Server().on(PATH, ServedFile(ZIP)) as server, a_session(server) as session:
        found = download(
            session, PATH, target, size=SIZE, md5=md5_of(ZIP).upper(), report=heard.append
        )

    assert found == target
    assert target.read_bytes() == ZIP
    assert left_over(target) == set()
    assert heard[-1] == Progress(SIZE, SIZE)
    assert server.seen[0].headers["accept-encoding"] == "identity"


def test_a_file_that_is_there_is_left_alone(target: Path) -> None:
    target.parent.mkdir()
    target.write_bytes(b"mine")
    with Server() as server, a_session(server) as session:
        assert download(session, PATH, target) == target

    assert target.read_bytes() == b"mine"
    assert server.seen == []


def test_the_login_goes_along_with_odd_characters(target: Path) -> None:
    with (
        Server().on(PATH, ServedFile(ZIP)) as server,
        a_session(server, credentials=the_credentials()) as session,
    ):
        download(session, PATH, target)

    assert server.seen[0].headers["authorization"].startswith("Basic c29tZW9uZUBl")


def test_a_file_moved_to_another_host_comes_without_the_login(target: Path) -> None:
    with Server().on("/there", ServedFile(ZIP)) as other, Server() as server:
        server.on(PATH, Reply(302, b"", {"Location": f"{other.url}/there"}))
        with a_session(server, credentials=the_credentials()) as session:
            download(session, PATH, target)

    assert target.read_bytes() == ZIP
    assert "authorization" not in other.seen[0].headers


def test_a_file_of_unknown_length_is_taken_as_it_comes(target: Path) -> None:
    reply = Reply(200, ZIP, {"Content-Type": "application/zip"}, chunked=True)
    heard: list[Progress] = []
    with Server().on(PATH, reply) as server, a_session(server) as session:
        download(session, PATH, target, report=heard.append)

    assert target.read_bytes() == ZIP
    assert heard[-1] == Progress(SIZE, None)


def test_no_magic_takes_any_file(target: Path) -> None:
    reply = Reply(200, b"text", {"Content-Type": "text/plain"})
    with Server().on(PATH, reply) as server, a_session(server) as session:
        download(session, PATH, target, magic=b"")

    assert target.read_bytes() == b"text"


# --- going on


def test_a_reset_in_the_middle_goes_on_where_it_stopped(target: Path) -> None:
    naps = Naps()
    served = ServedFile(ZIP)
    heard: list[Progress] = []
    with (
        Server().on(PATH, served.cut(200_000), served) as server,
        a_session(server, sleep=naps) as session,
    ):
        download(session, PATH, target, md5=md5_of(ZIP), report=heard.append)

    assert target.read_bytes() == ZIP
    assert len(naps.seconds) == 1
    first, second = ranges(server)
    assert first is None
    assert second is not None
    assert second.startswith("bytes=")
    assert server.seen[1].headers["if-range"] == '"v1"'
    assert left_over(target) == set()


def test_another_session_goes_on_and_reads_only_the_last_block_twice(target: Path) -> None:
    """Counted in bytes, as a person on a slow line would."""
    served = ServedFile(ZIP)
    cut = 200_000
    with Server().on(PATH, served.cut(cut), served) as server:
        with a_session(server, attempts=1) as session, pytest.raises(ServiceError, match="kept"):
            download(session, PATH, target, md5=md5_of(ZIP))
        assert left_over(target) == PARTIAL
        kept = target.with_name("product.zip.part").stat().st_size
        with a_session(server) as session:
            download(session, PATH, target, md5=md5_of(ZIP))

    assert target.read_bytes() == ZIP
    assert ranges(server) == [None, f"bytes={kept - RESUME_OVERLAP_BYTES}-"]


def test_an_error_page_at_the_end_of_a_partial_file_is_read_again(target: Path) -> None:
    served = ServedFile(ZIP)
    with Server().on(PATH, served.cut(150_000), served) as server:
        with a_session(server, attempts=1) as session, pytest.raises(ServiceError):
            download(session, PATH, target)
        with target.with_name("product.zip.part").open("ab") as file:
            file.write(b"<html>502 Bad Gateway</html>")
        with a_session(server) as session:
            download(session, PATH, target, md5=md5_of(ZIP))

    assert target.read_bytes() == ZIP


def test_attempts_count_anew_after_progress(target: Path) -> None:
    """A long file on a bad line needs more than five pieces."""
    served = ServedFile(a_zip(1_000_000))
    cuts = [served.cut(RESUME_OVERLAP_BYTES + 100_000)] * 8
    naps = Naps()
    with (
        Server().on(PATH, *cuts, served) as server,
        a_session(server, attempts=2, sleep=naps) as session,
    ):
        download(session, PATH, target)

    assert target.read_bytes() == served.content
    assert len(server.seen) == 9
    assert max(naps.seconds) <= 1.0


def test_without_progress_the_attempts_end(target: Path) -> None:
    served = ServedFile(ZIP)
    with (
        Server().on(PATH, served.cut(1000)) as server,
        a_session(server, attempts=3) as session,
        pytest.raises(ServiceError, match=r"asked \d times; \d+ bytes are kept.*later"),
    ):
        download(session, PATH, target)

    assert 3 <= len(server.seen) <= 4
    assert left_over(target) == PARTIAL


def test_a_connection_closed_early_in_good_order_is_no_end(target: Path) -> None:
    served = ServedFile(ZIP)
    short = Reply(200, ZIP, {"ETag": '"v1"'}, close_after=200_000)
    with Server().on(PATH, short, served) as server, a_session(server) as session:
        download(session, PATH, target)

    assert target.read_bytes() == ZIP


def test_the_announced_size_tells_the_end_when_the_service_does_not(target: Path) -> None:
    short = Reply(200, ZIP[:200_000], {"ETag": '"v1"'}, chunked=True)
    with Server().on(PATH, short, ServedFile(ZIP)) as server, a_session(server) as session:
        download(session, PATH, target, size=SIZE)

    assert target.read_bytes() == ZIP
    assert ranges(server)[1] == f"bytes={200_000 - RESUME_OVERLAP_BYTES}-"


def test_a_line_that_stalls_is_taken_up_again(target: Path) -> None:
    served = ServedFile(ZIP)
    never = threading.Event()
    stalled = Reply(200, ZIP, {"ETag": '"v1"'}, hold=(200_000, never))
    with (
        Server().on(PATH, stalled, served) as server,
        a_session(server, timeout_s=(1.0, 0.2)) as session,
    ):
        download(session, PATH, target)
        never.set()

    assert target.read_bytes() == ZIP
    assert ranges(server)[1] is not None


def test_a_busy_service_is_asked_again_when_it_says(target: Path) -> None:
    naps = Naps()
    busy = error_reply(503, "busy", headers={"Retry-After": "180000"})
    with (
        Server().on(PATH, busy, ServedFile(ZIP)) as server,
        a_session(server, sleep=naps) as session,
    ):
        download(session, PATH, target)

    assert 180 <= naps.seconds[0] <= 181


# --- starting again


def interrupted(server: Server, target: Path, served: ServedFile, cut: int = 200_000) -> None:
    """A partial file, as a first run leaves it."""
    server.on(PATH, served.cut(cut))
    with a_session(server, attempts=1) as session, pytest.raises(ServiceError):
        download(session, PATH, target)
    assert left_over(target) == PARTIAL
    server.seen.clear()


def test_a_file_that_changed_is_read_from_the_start(target: Path) -> None:
    new = ServedFile(a_zip(SIZE, seed=2), etag='"v2"')
    with Server() as server:
        interrupted(server, target, ServedFile(ZIP))
        server.on(PATH, new)
        with a_session(server) as session:
            download(session, PATH, target)

    assert target.read_bytes() == new.content
    assert len(server.seen) == 1


@pytest.mark.parametrize("etag", [None, 'W/"v1"'])
def test_without_a_good_etag_another_size_tells_that_it_changed(
    target: Path, etag: str | None
) -> None:
    new = ServedFile(a_zip(SIZE + 1, seed=2), etag=etag)
    with Server() as server:
        interrupted(server, target, ServedFile(ZIP, etag=etag))
        server.on(PATH, new)
        with a_session(server) as session:
            download(session, PATH, target)

    assert target.read_bytes() == new.content
    assert "if-range" not in server.seen[0].headers
    assert len(server.seen) == 2


def test_a_date_does_where_there_is_no_etag(target: Path) -> None:
    date = "Mon, 27 Nov 2017 10:00:00 GMT"
    dated = Reply(200, ZIP, {"Last-Modified": date})
    with Server() as server:
        server.on(PATH, Reply(200, ZIP, {"Last-Modified": date}, reset_after=200_000))
        with a_session(server, attempts=1) as session, pytest.raises(ServiceError):
            download(session, PATH, target)
        server.on(PATH, dated)
        with a_session(server) as session:
            download(session, PATH, target)

    assert server.seen[-1].headers["if-range"] == date
    assert target.read_bytes() == ZIP


def test_a_service_that_ignores_if_range_is_seen_through(target: Path) -> None:
    new = ServedFile(a_zip(SIZE, seed=2), etag='"v2"')

    def careless(seen: Seen) -> Reply:
        return new.reply(Seen(seen.method, seen.path, {**seen.headers, "if-range": '"v2"'}))

    with Server() as server:
        interrupted(server, target, ServedFile(ZIP))
        server.on(PATH, careless)
        with a_session(server) as session:
            download(session, PATH, target)

    assert target.read_bytes() == new.content
    assert ranges(server)[1] is None


@pytest.mark.parametrize(
    "reply",
    [
        Reply(206, ZIP[1000:], {"Content-Range": f"bytes 1000-{SIZE - 1}/{SIZE}", "ETag": '"v1"'}),
        Reply(206, ZIP[1000:], {"ETag": '"v1"'}),
        Reply(206, ZIP[1000:], {"Content-Range": "lines 1-2/3"}),
        Reply(416, b"", {"Content-Range": f"bytes */{SIZE}"}),
    ],
)
def test_another_range_than_asked_for_leads_to_the_start(target: Path, reply: Reply) -> None:
    with Server() as server:
        interrupted(server, target, ServedFile(ZIP))
        server.on(PATH, reply, ServedFile(ZIP))
        with a_session(server) as session:
            download(session, PATH, target, md5=md5_of(ZIP))

    assert target.read_bytes() == ZIP
    assert ranges(server)[1] is None


def test_a_service_without_ranges_sends_all_again(target: Path) -> None:
    with Server() as server:
        interrupted(server, target, ServedFile(ZIP))
        server.on(PATH, Reply(200, ZIP, {"Content-Type": "application/zip"}))
        with a_session(server) as session:
            download(session, PATH, target, md5=md5_of(ZIP))

    assert target.read_bytes() == ZIP


def test_starting_again_ends(target: Path) -> None:
    with (
        Server().on(PATH, Reply(416)) as server,
        a_session(server) as session,
        pytest.raises(DownloadError, match="no such range, again and again"),
    ):
        download(session, PATH, target)

    assert len(server.seen) == 3


@pytest.mark.parametrize(
    "note", ["", "[]", "{}", '{"href": "URL", "more": 2}', '{"href": "URL", "etag": 2}', None]
)
def test_bytes_of_an_unknown_file_are_not_used(target: Path, note: str | None) -> None:
    target.parent.mkdir()
    target.with_name("product.zip.part").write_bytes(b"PK" + b"?" * 200_000)
    with Server().on(PATH, ServedFile(ZIP)) as server, a_session(server) as session:
        if note is not None:
            text = note.replace("URL", session.resolve(PATH))
            target.with_name("product.zip.part.json").write_text(text)
        download(session, PATH, target)

    assert target.read_bytes() == ZIP
    assert ranges(server) == [None]


def test_bytes_of_another_address_are_not_used(target: Path) -> None:
    with Server() as server:
        interrupted(server, target, ServedFile(ZIP))
        server.on("/other.zip", ServedFile(ZIP))
        with a_session(server) as session:
            download(session, "/other.zip", target)

    assert server.seen[-1].headers.get("range") is None
    assert target.read_bytes() == ZIP


def test_a_run_killed_before_the_rename_needs_one_block(target: Path) -> None:
    served = ServedFile(ZIP)
    with Server() as server:
        interrupted(server, target, served)
        target.with_name("product.zip.part").write_bytes(ZIP)
        server.on(PATH, served)
        with a_session(server) as session:
            download(session, PATH, target, md5=md5_of(ZIP))

    assert target.read_bytes() == ZIP
    assert ranges(server) == [f"bytes={SIZE - RESUME_OVERLAP_BYTES}-"]


# --- what is not the file


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(200, b"<html><title>Busy</title>", {"Content-Type": "text/html"}), "(an HTML page"),
        (json_reply('{"ErrorMessage": "no right", "ErrorCode": 1}'), "(no right)"),
        (Reply(200, b"<a/>", {"Content-Type": "application/xml"}), "application/xml came"),
        (Reply(200, b"<a/>", {"Content-Type": "application/atom+xml"}), "atom+xml came"),
        (Reply(204), "204"),
        (Reply(200, b"", {"Content-Type": "application/zip"}), "it is empty"),
        (Reply(200, b"<html>oops", {"Content-Type": "application/zip"}), "starts with b'<h'"),
        (Reply(200, b"P", {"Content-Type": "application/zip"}), "starts with b'P'"),
        (Reply(200, ZIP, {"Content-Encoding": "gzip"}), "compressed"),
    ],
)
def test_what_is_no_zip_is_refused_and_leaves_nothing(
    target: Path, reply: Reply, words: str
) -> None:
    with (
        Server().on(PATH, reply) as server,
        a_session(server) as session,
        pytest.raises(DownloadError, match="download again") as caught,
    ):
        download(session, PATH, target)

    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert left_over(target) == NOTHING
    assert not target.exists()
    assert len(server.seen) == 1


@pytest.mark.parametrize("kind", ["text/html", "application/zip"])
@pytest.mark.parametrize("size", [None, SIZE])
def test_an_error_page_in_between_does_not_cost_what_is_there(
    target: Path, kind: str, size: int | None
) -> None:
    page = Reply(200, b"<html>", {"Content-Type": kind})
    with Server() as server:
        interrupted(server, target, ServedFile(ZIP))
        server.on(PATH, page, ServedFile(ZIP))
        with a_session(server) as session:
            with pytest.raises(DownloadError):
                download(session, PATH, target, size=size)
            assert left_over(target) == PARTIAL
            download(session, PATH, target, size=size)

    assert ranges(server)[1] is not None


def test_a_wrong_md5_is_refused_and_leaves_nothing(target: Path) -> None:
    with (
        Server().on(PATH, ServedFile(ZIP)) as server,
        a_session(server) as session,
        pytest.raises(DownloadError, match=f"MD5 is {md5_of(ZIP)}, not {'0' * 32}"),
    ):
        download(session, PATH, target, md5="0" * 32)

    assert left_over(target) == NOTHING
    assert not target.exists()


def test_a_wrong_size_is_refused_before_it_is_read(target: Path) -> None:
    with (
        Server().on(PATH, ServedFile(ZIP)) as server,
        a_session(server) as session,
        pytest.raises(DownloadError, match="300000 bytes, 299999 were announced"),
    ):
        download(session, PATH, target, size=SIZE - 1)

    assert left_over(target) == NOTHING


def test_more_than_announced_is_refused(target: Path) -> None:
    reply = Reply(200, ZIP, chunked=True)
    with (
        Server().on(PATH, reply) as server,
        a_session(server) as session,
        pytest.raises(DownloadError, match="1000 were announced"),
    ):
        download(session, PATH, target, size=1000)

    assert left_over(target) == NOTHING


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (error_reply(401, "Unauthorized"), AuthenticationError),
        (error_reply(404, "Not Found"), RequestError),
        (error_reply(420, "week|10"), ServiceError),
    ],
)
def test_a_refusal_is_not_asked_again(target: Path, reply: Reply, error: type[Exception]) -> None:
    with Server().on(PATH, reply) as server, a_session(server) as session:
        with pytest.raises(error):
            download(session, PATH, target)
        assert len(server.seen) == 1

    assert left_over(target) == NOTHING


def test_a_file_on_tape_is_not_ready(target: Path) -> None:
    staged = Reply(202, b"", {"Retry-After": "180000", "X-regards-retry": "180000"})
    naps = Naps()
    with (
        Server().on(PATH, staged) as server,
        a_session(server, sleep=naps) as session,
        pytest.raises(NotReady, match="in 180 s") as caught,
    ):
        download(session, PATH, target)

    assert caught.value.retry_after_s == 180.0
    assert naps.seconds == []
    assert not target.exists()


# --- the disk


def test_a_file_that_does_not_fit_is_not_begun(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=SIZE - 1))
    with (
        Server().on(PATH, ServedFile(ZIP)) as server,
        a_session(server) as session,
        pytest.raises(CatalogError, match=r"no space .* needs 300 kB, has 300 kB; free space"),
    ):
        download(session, PATH, target)

    assert left_over(target) == NOTHING


def test_only_the_missing_part_needs_space(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Server() as server:
        interrupted(server, target, ServedFile(ZIP))
        kept = target.with_name("product.zip.part").stat().st_size
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=SIZE - kept))
        server.on(PATH, ServedFile(ZIP))
        with a_session(server) as session:
            download(session, PATH, target)

    assert target.read_bytes() == ZIP


def test_a_disk_that_fills_up_keeps_what_came(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with Server().on(PATH, ServedFile(ZIP)) as server, a_session(server) as session:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(CatalogError, match="no space left"):
                download(session, PATH, target)
        assert left_over(target) == PARTIAL
        download(session, PATH, target, md5=md5_of(ZIP))

    assert target.read_bytes() == ZIP
    assert ranges(server)[1] == f"bytes={SIZE - RESUME_OVERLAP_BYTES}-"


def test_a_folder_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with (
        Server().on(PATH, ServedFile(ZIP)) as server,
        a_session(server) as session,
        pytest.raises(CatalogError, match="cannot be written"),
    ):
        download(session, PATH, tmp_path / "file" / "product.zip")


# --- two at a time


def test_two_threads_bring_one_file(target: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    served = ServedFile(ZIP)

    def slow(seen: Seen) -> Reply:
        time.sleep(0.3)
        return served.reply(seen)

    with Server().on(PATH, slow) as server, a_session(server) as session:
        threads = [
            threading.Thread(target=download, args=(session, PATH, target)) for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert target.read_bytes() == ZIP
    assert len(server.seen) == 1
    assert "waiting for another process" in caplog.text
    assert left_over(target) == set()


RUN = """
import sys
from pathlib import Path
from peps_stac.http.download import download
from peps_stac.http.session import Session
with Session(sys.argv[1]) as session:
    download(session, sys.argv[2], Path(sys.argv[3]))
"""


def a_process(server: Server, target: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", RUN, server.url, PATH, str(target)]
    return subprocess.Popen(command)  # noqa: S603 -- our own words


def test_two_processes_bring_one_file(target: Path) -> None:
    served = ServedFile(a_zip(5_000_000))
    with Server().on(PATH, served) as server:
        running = [a_process(server, target) for _ in range(2)]
        assert [one.wait(60) for one in running] == [0, 0]

    assert target.read_bytes() == served.content
    assert len(server.seen) == 1


def test_a_killed_process_leaves_a_part_that_the_next_goes_on_with(target: Path) -> None:
    served = ServedFile(a_zip(4_000_000))
    stuck = threading.Event()

    def stall(seen: Seen) -> Reply:
        whole = served.reply(seen)
        return Reply(200, whole.body, whole.headers, hold=(3_000_000, stuck))

    part = target.with_name("product.zip.part")
    with Server().on(PATH, stall, served) as server:
        running = a_process(server, target)
        try:
            end = time.monotonic() + 20
            while not (part.exists() and part.stat().st_size >= 1 << 20):
                assert time.monotonic() < end
                time.sleep(0.02)
        finally:
            running.kill()
            running.wait()
            stuck.set()
        with a_session(server) as session:
            download(session, PATH, target, md5=md5_of(served.content))

    assert target.read_bytes() == served.content
    assert ranges(server)[1] is not None


# --- secrets


def test_no_secret_stays_on_the_disk_or_in_a_message(
    target: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    served = ServedFile(ZIP)
    with (
        Server().on(PATH, served.cut(1000)) as server,
        a_session(server, attempts=2, credentials=the_credentials()) as session,
        pytest.raises(ServiceError) as caught,
    ):
        download(session, PATH, target)

    pair = server.seen[0].headers["authorization"].split()[1]
    told = caplog.text + chain_text(caught.value)
    for secret in (USERNAME, PASSWORD, pair):
        assert secret not in told
        assert not any(secret.encode() in content for content in files_below(target.parent))


def test_the_size_of_a_file_does_not_matter_to_memory(target: Path) -> None:
    """64 MB in pieces of 1 MB: the peak stays near one piece."""
    program = (
        "import resource, sys\n"
        + RUN.replace(
            "    download(", "    before = resource.getrusage(0).ru_maxrss\n    download("
        )
        + "print(resource.getrusage(0).ru_maxrss - before)\n"
    )
    served = ServedFile(b"PK" + bytes(64 << 20))
    with Server().on(PATH, served) as server:
        command = [sys.executable, "-c", program, server.url, PATH, str(target)]
        done = subprocess.run(command, check=True, capture_output=True)  # noqa: S603 -- our own words

    assert target.stat().st_size == len(served.content)
    assert int(done.stdout) < 16_000  # kB
