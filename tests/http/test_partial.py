"""What stays of a download between two processes."""

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from builders_http import Reply, Seen, ServedFile, Server, a_session, a_zip, md5_of
from peps_stac.errors import ServiceError
from peps_stac.http.download import RESUME_OVERLAP_BYTES, download
from peps_stac.http.partial import Partial

ZIP = a_zip(300_000)
PATH = "/files/product.zip"

RUN = """
import resource, sys
from pathlib import Path
from peps_stac.errors import CatalogError
from peps_stac.http.download import download
from peps_stac.http.session import Session
url, path, target, rate, limit = sys.argv[1:]
if limit != "-":
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
with Session(url, max_bytes_per_s=float(rate)) as session:
    try:
        download(session, path, Path(target))
    except CatalogError as error:
        print(error)
"""


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "product.zip"


def a_process(server: Server, target: Path, *, rate: float = 1e9, limit: str = "-") -> list[str]:
    return [sys.executable, "-c", RUN, server.url, PATH, str(target), str(rate), limit]


def test_the_note_says_which_file_the_bytes_are_of_and_no_secret(target: Path) -> None:
    """An address may hold a key, as those of object stores do."""
    served = ServedFile(ZIP)
    path = f"{PATH}?part=1&X-Signature=s3cret"
    with Server().on(PATH, served.cut(200_000)) as server:
        with a_session(server, attempts=1) as session, pytest.raises(ServiceError):
            download(session, path, target)
        note = target.with_name("product.zip.part.json").read_bytes()
        server.on(PATH, served)
        with a_session(server) as session:
            download(session, path.replace("s3cret", "an0ther"), target)

    found = orjson.loads(note)
    assert found.pop("asked").startswith("20")
    assert found == {
        "href": f"{server.url}{PATH}?part=1&X-Signature=***",
        "total": len(ZIP),
        "etag": '"v1"',
        "modified": None,
    }
    assert target.read_bytes() == ZIP
    assert "range" in server.seen[1].headers


def test_a_note_of_an_older_version_is_still_understood(target: Path) -> None:
    content = b'{"href":"http://h/x","total":5,"etag":null,"modified":null}'
    target.with_name("product.zip.part.json").write_bytes(content)

    known = Partial(target).noted("http://h/x")

    assert known is not None
    assert known.total == 5


def test_killed_again_and_again_no_byte_but_one_block_is_fetched_twice(target: Path) -> None:
    """`kill -9` at any moment: each run goes on at most one block before what is there."""
    served = ServedFile(a_zip(4_000_000))
    part = target.with_name("product.zip.part")
    chance = random.Random(5)  # noqa: S311 -- no secret
    kept = [0]
    with Server().on(PATH, served) as server:
        for _ in range(4):
            running = subprocess.Popen(a_process(server, target, rate=1e6))  # noqa: S603 -- our own words
            wait_until(lambda: part.exists() and part.stat().st_size > kept[-1])
            time.sleep(chance.uniform(0.0, 0.3))
            running.kill()
            running.wait()
            kept.append(part.stat().st_size)
        subprocess.run(a_process(server, target), check=True)  # noqa: S603 -- our own words

    assert target.read_bytes() == served.content
    assert [path.name for path in target.parent.iterdir()] == ["product.zip"]
    starts = [
        int(one.headers.get("range", "bytes=0-").removeprefix("bytes=")[:-1]) for one in server.seen
    ]
    assert starts == [max(0, size - RESUME_OVERLAP_BYTES) for size in kept]


def test_a_disk_that_takes_no_more_is_said_in_one_line(target: Path) -> None:
    """A limit of the system on the size of files stands for a full disk."""
    served = ServedFile(a_zip(1_000_000))
    with Server().on(PATH, served) as server:
        command = a_process(server, target, limit="400000")
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 -- our own words
        part = target.with_name("product.zip.part")
        kept = part.stat().st_size
        with a_session(server) as session:
            download(session, PATH, target, md5=md5_of(served.content))

    assert done.stdout.count("\n") == 1
    assert str(part) in done.stdout
    assert done.stderr == ""
    assert kept == 400_000
    assert server.seen[1].headers["range"] == f"bytes={kept - RESUME_OVERLAP_BYTES}-"


def test_a_file_swapped_at_every_request_is_given_up(target: Path) -> None:
    """Each answer is cut, and each of another file: no two of them fit together."""
    number = [0]

    def swapped(seen: Seen) -> Reply:
        number[0] += 1
        return ServedFile(a_zip(300_000, number[0]), etag=f'"{number[0]}"').cut(150_000)(seen)

    with (
        Server().on(PATH, swapped) as server,
        a_session(server, attempts=4) as session,
        pytest.raises(ServiceError),
    ):
        download(session, PATH, target)

    assert len(server.seen) <= 5
    assert not target.exists()


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)
