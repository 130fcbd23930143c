import base64
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from builders_http import (
    PASSWORD,
    USERNAME,
    Reply,
    Server,
    a_session,
    error_reply,
    files_below,
    json_reply,
    the_credentials,
)
from peps_stac.errors import ServiceError

ANSWER = json_reply('{"type": "FeatureCollection"}')


def test_the_same_question_is_asked_once(tmp_path: Path) -> None:
    """Another session, as another process would have, knows the answer too."""
    with Server().on("/x", ANSWER, Reply(500)) as server:
        for parameters in ({"a": "1", "b": "2"}, {"b": "2", "a": "1"}):
            with a_session(server, cache_dir=tmp_path) as session:
                answer = session.get("/x", parameters, cached=True)
            assert answer.json() == {"type": "FeatureCollection"}
            assert answer.content_type == "application/json"
            assert answer.url == f"{server.url}/x?a=1&b=2"

    assert len(server.seen) == 1


def test_a_question_in_json_is_asked_once_too(tmp_path: Path) -> None:
    with Server().on("/x", ANSWER, Reply(500)) as server:
        for _ in range(2):
            with a_session(server, cache_dir=tmp_path) as session:
                answer = session.post("/x", {"page": 1}, cached=True)
            assert answer.json() == {"type": "FeatureCollection"}

    (only,) = server.seen
    assert (only.method, only.body) == ("POST", b'{"page":1}')
    assert only.headers["content-type"] == "application/json"


def test_another_question_in_json_has_another_answer(tmp_path: Path) -> None:
    with Server().on("/x", ANSWER) as server, a_session(server, cache_dir=tmp_path) as session:
        for page in (1, 2):
            session.post("/x", {"page": page}, cached=True)
        session.get("/x", cached=True)

    assert len(server.seen) == 3


def test_other_questions_have_other_answers(tmp_path: Path) -> None:
    with Server().on("/x", ANSWER) as server, a_session(server, cache_dir=tmp_path) as session:
        for parameters in ({"a": "1"}, {"a": "2"}, {"a": "1 2"}, {"a": "1+2"}, {}):
            session.get("/x", parameters, cached=True)

    assert len(server.seen) == 5


@pytest.mark.parametrize("cached", [True, False])
def test_nothing_is_kept_unless_asked_for(tmp_path: Path, cached: bool) -> None:  # noqa: FBT001 -- a table
    folder = None if cached else tmp_path
    with Server().on("/x", ANSWER) as server, a_session(server, cache_dir=folder) as session:
        session.get("/x", cached=cached)
        session.get("/x", cached=cached)

    assert len(server.seen) == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "reply",
    [
        json_reply("{}", 202),
        Reply(200, b"<html>", {"Content-Type": "text/html"}),
        json_reply('{"cut": '),
        json_reply("<html>"),
    ],
)
def test_only_good_json_is_kept(tmp_path: Path, reply: Reply) -> None:
    with Server().on("/x", reply) as server, a_session(server, cache_dir=tmp_path) as session:
        session.get("/x", cached=True)
        session.get("/x", cached=True)

    assert len(server.seen) == 2
    assert list(files_below(tmp_path)) == []


def test_errors_are_not_kept(tmp_path: Path) -> None:
    with (
        Server().on("/x", error_reply(503, "busy"), ANSWER) as server,
        a_session(server, cache_dir=tmp_path, attempts=1) as session,
    ):
        with pytest.raises(ServiceError):
            session.get("/x", cached=True)
        assert session.get("/x", cached=True).json() == {"type": "FeatureCollection"}


def test_an_old_answer_is_asked_for_again(tmp_path: Path) -> None:
    with (
        Server().on("/x", ANSWER) as server,
        a_session(server, cache_dir=tmp_path, cache_s=0.05) as session,
    ):
        session.get("/x", cached=True)
        time.sleep(0.1)
        session.get("/x", cached=True)

    assert len(server.seen) == 2


def test_old_answers_are_removed_and_other_files_are_not(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    with Server().on("/x", ANSWER) as server:
        with a_session(server, cache_dir=folder) as session:
            session.get("/x", cached=True)
        (kept,) = list(folder.iterdir())
        (folder / "schema.txt").write_text("not ours")
        for path in folder.iterdir():
            os.utime(path, (1, 1))
        with a_session(server, cache_dir=folder):
            assert not kept.exists()

    assert (folder / "schema.txt").exists()


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"null", b'"x"', b"\xff\x00", b'{"url'])
def test_a_broken_cache_file_is_no_answer(tmp_path: Path, content: bytes) -> None:
    with Server().on("/x", ANSWER) as server, a_session(server, cache_dir=tmp_path) as session:
        session.get("/x", cached=True)
        for path in tmp_path.iterdir():
            path.write_bytes(content)
        assert session.get("/x", cached=True).json() == {"type": "FeatureCollection"}
        assert session.get("/x", cached=True).json() == {"type": "FeatureCollection"}

    assert len(server.seen) == 2


def test_a_cache_that_cannot_be_written_is_no_cache(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("not a folder")
    gone = tmp_path / "gone"
    with Server().on("/x", ANSWER) as server:
        with a_session(server, cache_dir=file) as session:
            session.get("/x", cached=True)
        with a_session(server, cache_dir=gone) as session:
            gone.rmdir()
            session.get("/x", cached=True)
            session.get("/x", cached=True)

    assert len(server.seen) == 3


def test_a_question_with_login_passes_the_cache_by(tmp_path: Path) -> None:
    """Neither is its answer kept, nor is one that anybody got given to it."""
    with (
        Server().on("/x", ANSWER) as server,
        a_session(server, cache_dir=tmp_path, credentials=the_credentials()) as session,
    ):
        session.get("/x", login=True, cached=True)
        assert list(files_below(tmp_path)) == []
        session.get("/x", cached=True)
        session.get("/x", login=True, cached=True)

    assert [("authorization" in one.headers) for one in server.seen] == [True, False, True]
    pair = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode())
    for content in files_below(tmp_path):
        for secret in (USERNAME.encode(), PASSWORD.encode(), pair, b"Authorization"):
            assert secret not in content


def test_cookies_and_headers_are_not_kept(tmp_path: Path) -> None:
    reply = json_reply("{}", headers={"Set-Cookie": "sid=s3cret", "X-Token": "t0ken"})
    with Server().on("/x", reply) as server, a_session(server, cache_dir=tmp_path) as session:
        session.get("/x", cached=True)

    (content,) = list(files_below(tmp_path))
    assert b"s3cret" not in content
    assert b"t0ken" not in content


MANY = """
import sys
from pathlib import Path
from peps_stac.http.session import Session
with Session(sys.argv[1], cache_dir=Path(sys.argv[2])) as session:
    for turn in range(40):
        assert session.get("/x", {"turn": str(turn % 4)}, cached=True).json()["a"] == "b" * 50_000
"""


def test_two_processes_share_a_cache(tmp_path: Path) -> None:
    body = '{"a": "' + "b" * 50_000 + '"}'
    with Server().on("/x", json_reply(body)) as server:
        command = [sys.executable, "-c", MANY, server.url, str(tmp_path)]
        running = [subprocess.Popen(command) for _ in range(2)]  # noqa: S603 -- our own words
        assert [one.wait(60) for one in running] == [0, 0]

    assert len(server.seen) <= 8
    assert len(list(tmp_path.iterdir())) == 4
