"""The server itself: where it listens, what it notes, how it ends."""

import http.client
import logging
import socket
import threading
import time
import urllib.request

import pytest

from builders_simulator import LOGIN, OTHER, SEARCH, WPS, a_feature, a_simulator, ask, connect
from peps_stac.errors import RequestError
from peps_stac.simulator import Account, SimulatedClock, Simulator


def test_it_answers_an_ordinary_client() -> None:
    with (
        a_simulator() as peps,
        urllib.request.urlopen(f"{peps.url}{SEARCH}") as reply,  # noqa: S310 -- loopback
    ):
        assert reply.status == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1", "::", "example.org", ""])  # noqa: S104 -- refused
def test_only_loopback_will_do(host: str) -> None:
    with pytest.raises(RequestError, match=r"give 127\.0\.0\.1"):
        Simulator(host=host)


def test_a_port_that_is_taken_is_told() -> None:
    with a_simulator() as peps:
        port = int(peps.url.rpartition(":")[2])
        with pytest.raises(RequestError, match=f"port {port}"):
            Simulator(port=port)


def test_two_run_side_by_side() -> None:
    with a_simulator() as one, a_simulator([a_feature(), a_feature(name="S2A_B")]) as two:
        assert one.url != two.url
        assert len(ask(one, SEARCH).json["features"]) == 1
        assert len(ask(two, SEARCH).json["features"]) == 2


def test_a_changed_password_is_the_only_one_from_then_on() -> None:
    with a_simulator() as peps:
        before = peps.credentials
        peps.change_password("new : one")

        assert ask(peps, "/resto/api/users/connect", login=before).status == 403
        assert ask(peps, "/resto/api/users/connect", login=peps.credentials).status == 200
        assert ask(peps, "/resto/api/users/connect", login=OTHER.credentials).status == 200


def test_a_connection_is_kept_alive() -> None:
    with a_simulator() as peps:
        connection = connect(peps)
        connection.request("GET", SEARCH)
        connection.getresponse().read()
        kept = connection.sock
        connection.request("GET", f"{WPS}/none")
        reply = connection.getresponse()
        reply.read()

        assert reply.status == 404
        assert connection.sock is kept
        connection.close()


def test_it_ends_at_once_with_connections_open() -> None:
    with a_simulator() as peps:
        connection = connect(peps)
        connection.request("GET", SEARCH)
        connection.getresponse().read()
        begun = time.monotonic()
    ended = time.monotonic() - begun

    assert ended < 1
    assert connection.sock.recv(1) == b""
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        ask(peps, SEARCH)


def test_many_ask_at_once() -> None:
    replies: list[int] = []
    with a_simulator() as peps:
        threads = [
            threading.Thread(target=lambda: replies.append(ask(peps, SEARCH).status))
            for _ in range(40)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert replies == [200] * 40
    assert peps.requests.total == 40


def test_requests_are_noted_without_secrets() -> None:
    with a_simulator() as peps:
        ask(peps, f"{SEARCH}?tileid=31T%25", headers={"X-Test": "1"})
        ask(peps, WPS, {"service": "WPS", "request": "GetCapabilities"}, login=LOGIN)
        first, second = peps.requests

    assert (first.method, first.path, first.route) == ("GET", SEARCH, "search")
    assert (first.params, first.headers["x-test"]) == ({"tileid": "31T%"}, "1")
    assert (first.login, first.login_sent) == (None, False)
    assert (second.route, second.login) == ("capabilities", "demo@example.org")
    assert "authorization" not in second.headers
    assert second.time == peps.clock()


def test_the_journal_can_be_asked_by_route_and_emptied() -> None:
    with a_simulator() as peps:
        ask(peps, SEARCH)
        ask(peps, "/")
        assert len(peps.requests.of("search")) == 1
        assert peps.requests[-1].route == "welcome"
        peps.requests.clear()
        assert (len(peps.requests), peps.requests.total) == (0, 0)


def test_it_is_quiet(capfd: pytest.CaptureFixture[str]) -> None:
    with a_simulator() as peps:
        ask(peps, SEARCH)
        ask(peps, "/nowhere")

    assert capfd.readouterr() == ("", "")


def test_a_debug_log_tells_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), a_simulator() as peps:
        ask(peps, WPS, login=LOGIN)

    assert "demo:" not in caplog.text


def test_a_client_that_goes_away_disturbs_nobody(capfd: pytest.CaptureFixture[str]) -> None:
    with a_simulator() as peps:
        connection = connect(peps)
        connection.request("GET", SEARCH)
        connection.close()
        raw = socket.create_connection(("127.0.0.1", int(peps.url.rpartition(":")[2])))
        raw.sendall(b"GET / HTTP")
        raw.close()

        assert ask(peps, SEARCH).status == 200
    assert capfd.readouterr().err == ""


def test_a_body_that_is_too_long_is_refused() -> None:
    with a_simulator() as peps:
        connection = connect(peps)
        connection.putrequest("POST", WPS)
        connection.putheader("Content-Length", str(10_000_000))
        connection.endheaders()
        reply = connection.getresponse()
        reply.read()
        connection.close()

    assert reply.status == 413


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
def test_another_method_is_not_there(method: str) -> None:
    with a_simulator() as peps:
        assert ask(peps, SEARCH, method=method).status == 404


def test_closing_twice_and_without_starting_is_fine() -> None:
    peps = Simulator([a_feature()])
    peps.close()
    peps.close()


def test_a_temporary_folder_goes_at_the_end() -> None:
    with a_simulator() as peps:
        folder = peps.folder
        assert folder.is_dir()
    assert not folder.exists()


def test_directions_tell_a_person_what_to_do() -> None:
    with a_simulator() as peps:
        text = "\n".join(peps.directions())

    assert f"export PEPS_STAC_PEPS_URL={peps.url}" in text
    assert "demo@example.org" in text
    assert f"export PEPS_STAC_GEODES_URL={peps.url} PEPS_STAC_API_KEY='{peps.api_key}'" in text
    assert f"PEPS_STAC_PROCESSES_URL={peps.url}/ogc" in text


def test_serving_for_ever_ends_by_closing() -> None:
    told: list[str] = []
    peps = Simulator([a_feature()])
    thread = threading.Thread(target=peps.serve_forever, args=(told.append,))
    thread.start()
    _wait_until_it_answers(peps)
    peps.close()
    thread.join(5)

    assert not thread.is_alive()
    assert told == list(peps.directions())


def _wait_until_it_answers(peps: Simulator) -> None:
    for _ in range(100):
        try:
            ask(peps, SEARCH)
        except (OSError, http.client.HTTPException):
            time.sleep(0.02)
        else:
            return


@pytest.mark.parametrize(
    ("features", "words"),
    [
        ([{"type": "Feature"}], "raw PEPS features"),
        ([a_feature(), a_feature()], "same id"),
    ],
)
def test_features_that_are_none_are_refused(features: list[dict[str, object]], words: str) -> None:
    with pytest.raises(RequestError, match=words):
        Simulator(features)


def test_two_accounts_of_one_name_are_refused() -> None:
    with pytest.raises(RequestError, match="same username"):
        Simulator(accounts=[Account(), Account(userid=2)])


def test_it_runs_without_scenes_and_without_accounts() -> None:
    with Simulator(accounts=(), clock=SimulatedClock(speed=0)) as peps:
        assert ask(peps, SEARCH).json["features"] == []
        assert peps.credentials.username is None
