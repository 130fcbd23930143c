import threading
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from builders_http import (
    Naps,
    Reply,
    Seen,
    ServedFile,
    Server,
    a_session,
    a_zip,
    error_reply,
    json_reply,
)
from peps_stac.errors import RequestError, ServiceError
from peps_stac.http.answers import CHUNK_BYTES
from peps_stac.http.download import download
from peps_stac.http.pace import Pace, read_rate


class Watch:
    """A clock that its own `sleep` puts forward."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.naps: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


def a_pace(watch: Watch, rate: float | None = None) -> Pace:
    return Pace(rate, watch.sleep, watch)


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("1000", 1000.0),
        ("500k", 500_000.0),
        ("2.5M", 2_500_000.0),
        (" 10 MB/s ", 10_000_000.0),
        ("1GB", 1e9),
        ("64K", 64_000.0),
    ],
)
def test_a_rate_is_bytes_per_second_in_decimal_units(text: str, rate: float) -> None:
    assert read_rate(text) == rate


@pytest.mark.parametrize("text", ["", "fast", "-1M", "0", "999", "1T", "nan", "1e6", "٣k"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(RequestError, match="no rate"):
        read_rate(text)


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
def test_a_session_takes_no_rate_that_stands_still(rate: float) -> None:
    with pytest.raises(RequestError, match="no rate"):
        a_pace(Watch(), rate)


def test_the_rate_holds_over_any_number_of_pieces() -> None:
    watch = Watch()
    pace = a_pace(watch, 1e6)
    for _ in range(100):
        pace.take(50_000)

    assert watch.now - 1000.0 == pytest.approx(5.0, rel=0.03)


def test_time_not_used_is_not_saved_up() -> None:
    """A pause of an hour must not be followed by an hour's bytes at once."""
    watch = Watch()
    pace = a_pace(watch, 1e6)
    watch.now += 3600
    for _ in range(10):
        pace.take(500_000)

    assert sum(watch.naps) == pytest.approx(5.0, abs=0.11)


def test_without_a_rate_nobody_waits() -> None:
    watch = Watch()
    pace = a_pace(watch)
    pace.take(1 << 40)

    assert watch.naps == []
    assert pace.piece_bytes == CHUNK_BYTES


def test_pieces_are_small_on_a_slow_line() -> None:
    assert a_pace(Watch(), 8000).piece_bytes == 1000


def test_a_wait_is_kept_once_and_never_cut_short() -> None:
    watch = Watch()
    pace = a_pace(watch)
    pace.hold(180)
    pace.hold(20)
    pace.wait_turn()
    pace.wait_turn()

    assert len(watch.naps) == 1
    assert 180 < watch.naps[0] < 181


def test_parallel_downloads_share_the_rate(tmp_path: Path) -> None:
    """600 kB at 500 kB/s cannot take less than a second, however many threads fetch them."""
    with Server() as server, a_session(server, max_bytes_per_s=5e5, sleep=time.sleep) as session:
        for number in range(3):
            server.on(f"/{number}", ServedFile(a_zip(200_000, number)))
        began = time.monotonic()
        run_all(
            threading.Thread(target=download, args=(session, f"/{number}", tmp_path / f"{number}"))
            for number in range(3)
        )
        took = time.monotonic() - began

    assert took > 1.0
    assert [(tmp_path / f"{n}").read_bytes() for n in range(3)] == [
        a_zip(200_000, n) for n in range(3)
    ]


def test_when_the_service_asks_one_thread_to_wait_all_wait(tmp_path: Path) -> None:
    asked: list[tuple[float, str]] = []
    busy, said = [True], threading.Event()

    def first(seen: Seen) -> Reply:
        asked.append((time.monotonic(), seen.path))
        if busy:
            busy.clear()
            said.set()
            return error_reply(503, "busy", headers={"Retry-After": "1"})
        return ServedFile(a_zip(1000))(seen)

    def others(seen: Seen) -> Reply:
        asked.append((time.monotonic(), seen.path))
        return ServedFile(a_zip(1000))(seen)

    with (
        Server().on("/0", first).on("/1", others).on("/2", others) as server,
        a_session(server, sleep=time.sleep) as session,
    ):
        one = threading.Thread(target=download, args=(session, "/0", tmp_path / "0"))
        one.start()
        assert said.wait(10)
        time.sleep(0.1)  # the answer has to reach the first thread
        run_all(
            threading.Thread(target=download, args=(session, f"/{n}", tmp_path / f"{n}"))
            for n in (1, 2)
        )
        one.join()

    times = [when for when, _ in asked]
    assert len(times) == 4
    assert min(times[1:]) - times[0] > 1.0


def test_a_wait_that_was_asked_for_outlives_the_call_that_gave_up() -> None:
    naps = Naps()
    busy = error_reply(503, "busy", headers={"Retry-After": "120"})
    with (
        Server().on("/x", busy).on("/y", json_reply("{}")) as server,
        a_session(server, attempts=1, sleep=naps) as session,
    ):
        with pytest.raises(ServiceError, match=r"again after .* UTC"):
            session.get("/x")
        session.get("/y")

    assert len(naps.seconds) == 1
    assert 119 < naps.seconds[0] < 121


def test_the_staging_of_one_file_holds_up_no_other() -> None:
    """202 is about that file: asking for all others is what starts their staging."""
    naps = Naps()
    with (
        Server().on("/x", Reply(202, b"", {"Retry-After": "180000"})) as server,
        a_session(server, sleep=naps) as session,
    ):
        for _ in range(3):
            with session.stream("/x", headers={}, login=False) as answer:
                assert answer.status == 202

    assert naps.seconds == []


def run_all(threads: Iterable[threading.Thread]) -> None:
    running = list(threads)
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
