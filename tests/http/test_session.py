import html
import json
import logging
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from builders_http import (
    API_KEY,
    PASSWORD,
    USERNAME,
    Naps,
    Reply,
    Seen,
    Server,
    a_certificate,
    a_session,
    chain_text,
    closed_port,
    error_reply,
    json_reply,
    needs_openssl,
    the_credentials,
)
from peps_stac.domain import Credentials
from peps_stac.errors import (
    AuthenticationError,
    PepsStacError,
    RequestError,
    ResponseError,
    ServiceError,
)
from peps_stac.http import session as session_module
from peps_stac.http.answers import CHUNK_BYTES
from peps_stac.http.failures import Gone, QuotaError
from peps_stac.http.session import Session

BASIC = "Basic c29tZW9uZUBleGFtcGxlLm9yZzpwJHNzIHfDtnJkJiciIzsgXMW+"
"""USERNAME and PASSWORD by hand: UTF-8, then base64."""

REDIRECTS = [301, 302, 303, 307, 308]


@pytest.fixture(autouse=True)
def no_netrc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NETRC", str(tmp_path / "no-netrc"))


# --- what is asked, and what comes back


def test_a_path_below_the_base_is_asked_with_encoded_parameters() -> None:
    with Server().on("/p/search.json", json_reply('{"a": 1}')) as server:
        params = {"box": "1,2,3,4", "q": "a b&c", "cloudCover": "[0,20]"}
        with a_session(f"{server.url}/p/") as session:
            answer = session.get("/search.json", params)

    assert answer.json() == {"a": 1}
    assert answer.content_type == "application/json"
    assert [one.path for one in server.seen] == [
        "/p/search.json?box=1%2C2%2C3%2C4&q=a%20b%26c&cloudCover=%5B0%2C20%5D"
    ]


def test_parameters_join_a_query_that_is_there() -> None:
    with Server().on("/x", json_reply("{}")) as server, a_session(server) as session:
        session.get(f"{server.url}/x?page=2#top", {"a": "1"})

    assert server.seen[0].path == "/x?page=2&a=1"


@pytest.mark.parametrize("base", ["ftp://h", "h", "https://me:secret@h", "https://h?x=1"])
def test_a_base_that_is_no_service_is_refused(base: str) -> None:
    with pytest.raises(RequestError):
        Session(base)


def test_json_may_begin_with_a_byte_order_mark() -> None:
    with Server().on("/x", Reply(200, b"\xef\xbb\xbf{}")) as server, a_session(server) as session:
        assert session.get("/x").json() == {}


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (
            Reply(200, b"<html><title>Login &amp; more</title>", {"Content-Type": "text/html"}),
            "an HTML page (Login & more)",
        ),
        (Reply(200, b"<html><body>long text"), "an HTML page"),
        (Reply(200, b"<?xml version='1.0'?><a/>", {"Content-Type": "text/xml"}), "XML"),
        (Reply(200, b"<?php oops \n dies", {"Content-Type": "text/plain"}), "an HTML page"),
        (Reply(200, b"oops\nit dies" + b"x" * 999, {"Content-Type": "text/plain"}), "'oops it di"),
        (Reply(200, b""), "nothing"),
    ],
)
def test_what_is_no_json_is_named_but_not_dumped(reply: Reply, words: str) -> None:
    with Server().on("/x", reply) as server, a_session(server) as session:
        answer = session.get("/x")
        with pytest.raises(ResponseError, match="instead of JSON") as caught:
            answer.json()

    message = str(caught.value)
    assert words in message
    assert len(message) < 250
    assert "\n" not in message


def test_an_answer_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "LARGEST_ANSWER_BYTES", 1000)
    with (
        Server().on("/x", Reply(200, b"x" * 2000)) as server,
        a_session(server) as session,
        pytest.raises(ResponseError, match="more than 1000 bytes"),
    ):
        session.get("/x")


# --- status to error


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (error_reply(400, "Invalid geo:box"), RequestError, "Invalid geo:box"),
        (error_reply(400, "Sign first", 3002), AuthenticationError, "licence"),
        (error_reply(401, "Unauthorized"), AuthenticationError, "Unauthorized"),
        (error_reply(403, "Forbidden"), AuthenticationError, "Forbidden"),
        (error_reply(404, "Not Found"), Gone, "Not Found"),
        (error_reply(410, "Gone"), Gone, "nothing at this address"),
        (error_reply(418, "Teapot"), RequestError, "Teapot"),
        (error_reply(420, "week|10000000"), QuotaError, "quota"),
        (error_reply(421, "too many at once"), QuotaError, "quota"),
        (error_reply(501, "Never"), ServiceError, "try again later"),
        (Reply(404, b"<html>" + b"x" * 9999), Gone, "an HTML page"),
        (Reply(404, b'"text"'), Gone, "404; "),
        (Reply(404, b""), Gone, "404; "),
        (json_reply('{"ErrorMessage": null, "ErrorCode": [1]}', 404), Gone, "404; "),
        (
            json_reply('{"ErrorMessage": "a\\nb", "ErrorCode": "3002"}', 400),
            AuthenticationError,
            "a b",
        ),
    ],
)
def test_a_refusal_says_what_the_service_said(
    reply: Reply, error: type[PepsStacError], words: str
) -> None:
    with (
        Server().on("/x", reply) as server,
        a_session(server) as session,
        pytest.raises(error, match="/x answered") as caught,
    ):
        session.get("/x")

    assert type(caught.value) is error
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250
    assert len(server.seen) == 1


def test_a_refused_login_says_whether_there_was_one() -> None:
    with Server().on("/x", error_reply(401, "Unauthorized")) as server:
        with a_session(server) as session, pytest.raises(AuthenticationError, match="--auth"):
            session.get("/x", login=True)
        with (
            a_session(server, credentials=the_credentials()) as session,
            pytest.raises(AuthenticationError, match="check the credentials"),
        ):
            session.get("/x", login=True)


def test_a_quota_says_when_to_come_back() -> None:
    reply = error_reply(420, "week|10", headers={"Retry-After": "600"})
    with (
        Server().on("/x", reply) as server,
        a_session(server) as session,
        pytest.raises(ServiceError, match="in 600 s") as caught,
    ):
        session.get("/x")

    assert caught.value.retry_after_s == 600.0


@pytest.mark.parametrize(
    ("status", "wait", "asked"),
    [(420, "600", 1), (420, "43200000", 1), (421, "60", 1), (429, "43200000", 1), (429, "600", 2)],
)
def test_a_quota_stops_politely_and_names_the_time_to_come_back(
    status: int, wait: str, asked: int
) -> None:
    """PEPS writes milliseconds; too many requests (429) may pass within a quarter of an hour."""
    naps = Naps()
    reply = error_reply(status, "week|10", headers={"Retry-After": wait})
    with (
        Server().on("/x", reply) as server,
        a_session(server, attempts=2, sleep=naps) as session,
        pytest.raises(QuotaError, match=r"quota.* try again after 20\d\d-\d\d-\d\d \d\d:\d\d UTC"),
    ):
        session.get("/x")

    assert len(server.seen) == asked
    assert len(naps.seconds) == asked - 1


def test_an_outage_of_half_a_day_is_not_waited_for() -> None:
    naps = Naps()
    reply = error_reply(503, "closed", headers={"Retry-After": "43200000"})
    with (
        Server().on("/x", reply) as server,
        a_session(server, sleep=naps) as session,
        pytest.raises(ServiceError, match=r"closed; try again after .* UTC") as caught,
    ):
        session.get("/x")

    assert caught.value.retry_after_s == 43_200.0
    assert naps.seconds == []
    assert len(server.seen) == 1


# --- asking again


@pytest.mark.parametrize(
    "reply",
    [
        error_reply(429, "slow down"),
        error_reply(500, "oops"),
        error_reply(502, "oops"),
        error_reply(503, "oops"),
        error_reply(504, "oops"),
        error_reply(400, "temporarily unavailable", 9000),
        Reply(200, b"x" * 100, reset_after=0),
        Reply(200, b"x" * 100, reset_after=50),
        Reply(200, b"x" * 100, close_after=50),
    ],
)
def test_what_may_pass_is_asked_again(reply: Reply) -> None:
    naps = Naps()
    with (
        Server().on("/x", reply, reply, json_reply("{}")) as server,
        a_session(server, sleep=naps) as session,
    ):
        assert session.get("/x").json() == {}

    assert len(server.seen) == 3
    assert len(naps.seconds) == 2
    assert naps.seconds[1] > naps.seconds[0] * 0.99


def test_the_wait_that_the_service_asks_for_is_kept() -> None:
    """PEPS writes milliseconds."""
    naps = Naps()
    busy = error_reply(503, "busy", headers={"Retry-After": "180000"})
    with (
        Server().on("/x", busy, json_reply("{}")) as server,
        a_session(server, sleep=naps) as session,
    ):
        session.get("/x")

    assert len(naps.seconds) == 1
    assert 180 <= naps.seconds[0] <= 181


def test_after_all_attempts_the_error_names_the_host_and_what_happened() -> None:
    with (
        Server().on("/x", error_reply(503, "busy")) as server,
        a_session(server, attempts=3) as session,
        pytest.raises(ServiceError) as caught,
    ):
        session.get("/x")

    assert str(caught.value) == (
        f"{server.url}/x answered 503: busy (asked 3 times); try again later"
    )
    assert len(server.seen) == 3


def test_an_answer_that_does_not_come_in_time_is_asked_for_again() -> None:
    slow = Reply(200, b"{}", delay_s=0.5)
    with (
        Server().on("/x", slow) as server,
        a_session(server, attempts=2, timeout_s=(1.0, 0.1)) as session,
        pytest.raises(ServiceError, match="no answer in time") as caught,
    ):
        session.get("/x")

    assert caught.value.arrived
    assert len(server.seen) == 2


def test_nobody_there_is_said_in_one_line() -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    naps = Naps()
    with (
        a_session(url, attempts=2, sleep=naps) as session,
        pytest.raises(ServiceError, match=rf"^{url}: .* refused.*\(asked 2 times\)") as caught,
    ):
        session.get("/x")

    assert not caught.value.arrived
    assert len(naps.seconds) == 1


# --- sending once


@pytest.mark.parametrize(
    ("reply", "arrived"),
    [
        (Reply(200, b"x" * 10, reset_after=0), True),
        (Reply(200, b"x" * 10, reset_after=5), True),
        (Reply(200, b"x" * 10, close_after=5), True),
        (Reply(200, b"x", delay_s=0.6), True),
        (error_reply(500, "oops"), True),
        (error_reply(503, "oops"), True),
        (error_reply(400, "unavailable", 9000), True),
        (Reply(302, b"", {"Location": "/y"}), True),
        (Reply(302, b"", {"Location": "ftp://me:secret@h/"}), True),
        (error_reply(420, "week"), False),
        (error_reply(429, "slow down"), False),
    ],
)
def test_what_does_something_is_sent_once_and_says_whether_it_arrived(
    reply: Reply,
    arrived: bool,  # noqa: FBT001 -- a table
) -> None:
    naps = Naps()
    with (
        Server().on("/x", reply) as server,
        a_session(server, sleep=naps, timeout_s=(1.0, 0.3)) as session,
        pytest.raises(ServiceError) as caught,
    ):
        session.send_once("/x", {"request": "Execute"})

    assert caught.value.arrived is arrived
    assert [one.path for one in server.seen] == ["/x?request=Execute"]
    assert naps.seconds == []
    assert "secret" not in str(caught.value)


def test_a_refused_connection_has_not_arrived() -> None:
    with (
        a_session(f"http://127.0.0.1:{closed_port()}") as session,
        pytest.raises(ServiceError) as caught,
    ):
        session.send_once("/x")

    assert not caught.value.arrived


def test_a_host_without_address_has_not_arrived(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_address(*_: Any, **__: Any) -> None:  # noqa: ANN401 -- as socket has it
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_address)
    with (
        a_session("https://nowhere.invalid", credentials=the_credentials()) as session,
        pytest.raises(ServiceError, match="name cannot be resolved") as caught,
    ):
        session.send_once("/x")

    assert not caught.value.arrived


def test_a_connection_that_nobody_takes_has_not_arrived() -> None:
    """A full queue of the listener makes the system drop new connections."""
    with socket.socket() as busy, ExitStack() as stack:
        busy.bind(("127.0.0.1", 0))
        busy.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(busy.getsockname())
        url = f"http://127.0.0.1:{busy.getsockname()[1]}"
        with (
            a_session(url, timeout_s=(0.3, 0.3)) as session,
            pytest.raises(ServiceError, match="no connection came about in time") as caught,
        ):
            session.send_once("/x")

    assert not caught.value.arrived


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (error_reply(400, "Bad"), RequestError),
        (error_reply(401, "Unauthorized"), AuthenticationError),
        (error_reply(404, "Not Found"), RequestError),
    ],
)
def test_a_refusal_is_no_doubt(reply: Reply, error: type[PepsStacError]) -> None:
    with (
        Server().on("/x", reply) as server,
        a_session(server) as session,
        pytest.raises(error),
    ):
        session.send_once("/x")


def test_what_is_sent_once_has_a_connection_of_its_own() -> None:
    """On one kept open by `get`, nobody could tell whether the request arrived."""
    with (
        Server().on("/x", json_reply("{}")) as server,
        a_session(server, credentials=the_credentials()) as session,
    ):
        session.get("/x", login=True)
        session.get("/x", login=True)
        session.send_once("/x", method="POST")
        session.delete("/x")

    assert [one.method for one in server.seen] == ["GET", "GET", "POST", "DELETE"]
    ports = [one.client_port for one in server.seen]
    assert ports[0] == ports[1]
    assert len(set(ports)) == 3
    assert all(one.headers["authorization"] == BASIC for one in server.seen)


# --- who is told the login


def test_the_login_goes_only_where_it_is_asked_for() -> None:
    with (
        Server().on("/x", json_reply("{}")) as server,
        a_session(server, credentials=the_credentials()) as session,
    ):
        session.get("/x")
        session.get("/x", login=True)

    assert [one.headers.get("authorization") for one in server.seen] == [None, BASIC]


def test_a_key_goes_in_a_header_of_its_own() -> None:
    with (
        Server().on("/x", json_reply("{}")) as server,
        a_session(server, credentials=Credentials(api_key=API_KEY)) as session,
    ):
        session.get("/x", login=True)

    assert server.seen[0].headers["x-api-key"] == API_KEY
    assert "authorization" not in server.seen[0].headers


@pytest.mark.parametrize(
    "credentials",
    [
        Credentials("me"),
        Credentials(password=PASSWORD),
        Credentials("me:you", PASSWORD),
        Credentials(api_key="s3cret\nX-Evil: 1"),
        Credentials(api_key="s3crét"),
        Credentials(api_key=" "),
    ],
)
def test_credentials_that_cannot_be_sent_are_refused_unseen(credentials: Credentials) -> None:
    with pytest.raises(AuthenticationError) as caught:
        Session("https://h", credentials=credentials)

    assert "s3cr" not in chain_text(caught.value)
    assert PASSWORD not in chain_text(caught.value)


@pytest.mark.parametrize("status", REDIRECTS)
def test_a_redirect_to_another_port_loses_the_login(status: int) -> None:
    with Server() as other, Server() as server:
        other.on("/y", json_reply('{"a": 1}'))
        server.on("/x", Reply(status, b"", {"Location": f"{other.url}/y"}))
        for credentials in (the_credentials(), Credentials(api_key=API_KEY)):
            with a_session(server, credentials=credentials) as session:
                answer = session.get("/x", login=True)
            assert answer.url == f"{other.url}/y"

    assert len(other.seen) == 2
    for seen in other.seen:
        assert not {"authorization", "x-api-key", "cookie"} & set(seen.headers)


def test_a_redirect_to_another_name_of_the_host_loses_the_login() -> None:
    with Server().on("/y", json_reply("{}")) as server:
        elsewhere = server.url.replace("127.0.0.1", "localhost")
        server.on("/x", Reply(302, b"", {"Location": f"{elsewhere}/z"}))
        server.on("/z", Reply(302, b"", {"Location": f"{server.url}/y"}))
        with a_session(server, credentials=the_credentials()) as session:
            session.get("/x", login=True)

    assert [(one.path, "authorization" in one.headers) for one in server.seen] == [
        ("/x", True),
        ("/z", False),
        ("/y", False),
    ]


def test_a_redirect_within_the_service_keeps_the_login() -> None:
    with Server().on("/y", json_reply("{}")) as server:
        server.on("/x", Reply(302, b"", {"Location": "/y"}))
        with a_session(server, credentials=the_credentials()) as session:
            session.get("/x", login=True)

    assert [one.headers["authorization"] for one in server.seen] == [BASIC, BASIC]


@pytest.mark.parametrize("location", ["ftp://h/", "http://me:secret@127.0.0.1:1/", "file:///etc"])
def test_a_redirect_to_nonsense_is_not_followed(location: str) -> None:
    with (
        Server().on("/x", Reply(302, b"", {"Location": location})) as server,
        a_session(server) as session,
        pytest.raises(ServiceError, match="redirects") as caught,
    ):
        session.get("/x")

    assert "secret" not in chain_text(caught.value)


def test_redirects_in_circles_end() -> None:
    with Server().on("/x", Reply(302, b"", {"Location": "/x"})) as server:
        with a_session(server) as session, pytest.raises(ServiceError, match="in circles"):
            session.get("/x")
        with (
            a_session(server, credentials=the_credentials()) as session,
            pytest.raises(AuthenticationError, match="check the credentials"),
        ):
            session.get("/x", login=True)

    assert len(server.seen) == 22


def test_files_elsewhere_get_no_login_where_a_service_may_have_them() -> None:
    with (
        Server().on("/x", Reply(200, b"PK")) as other,
        Server().on("/x", Reply(200, b"PK")) as server,
        a_session(server, credentials=the_credentials(), files_elsewhere=True) as session,
    ):
        for place in (other, server):
            with session.stream(f"{place.url}/x", headers={}) as answer:
                assert b"".join(answer.iter_chunks()) == b"PK"
        with pytest.raises(RequestError, match="no login goes there"):
            session.get(f"{other.url}/x", login=True)

    assert "authorization" not in other.seen[0].headers
    assert "authorization" in server.seen[0].headers


@pytest.mark.parametrize("status", [401, 403])
def test_a_file_elsewhere_that_wants_a_login_is_no_fault_of_the_account(status: int) -> None:
    """So it stops nothing but itself."""
    with (
        Server().on("/x", Reply(status)) as other,
        Server() as server,
        a_session(server, credentials=the_credentials(), files_elsewhere=True) as session,
        pytest.raises(RequestError, match=f"/x answered {status}"),
        session.stream(f"{other.url}/x", headers={}),
    ):
        pass


@pytest.mark.parametrize(
    "document",
    [
        '{"type": "about:blank", "title": "Bad Request", "detail": "no such tile"}',
        '{"code": "InvalidParameterValue", "type": "x", "description": "no such tile"}',
        '{"type": "about:blank", "title": "no such tile"}',
        '{"ErrorMessage": "no such tile", "detail": "other"}',
    ],
)
def test_what_a_service_says_of_an_error_is_passed_on(document: str) -> None:
    """PEPS has words of its own; RFC 7807 is what OGC APIs write now, or wrote in drafts."""
    with (
        Server().on("/x", json_reply(document, 400)) as server,
        a_session(server) as session,
        pytest.raises(RequestError, match="answered 400: no such tile;"),
    ):
        session.get("/x")


@pytest.mark.parametrize(
    "spelled",
    [
        lambda text: text,
        html.escape,
        lambda text: json.dumps(text)[1:-1],
        lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
        lambda text: quote(text, safe=""),
    ],
)
@pytest.mark.parametrize("secret", [PASSWORD, BASIC.split()[1], API_KEY])
def test_a_login_that_a_service_repeats_in_an_error_is_not_passed_on(
    secret: str, spelled: Callable[[str], str]
) -> None:
    body = json.dumps({"ErrorMessage": f"no account with <{spelled(secret)}> here"})
    with (
        Server().on("/x", json_reply(body, 400)) as server,
        a_session(
            server,
            credentials=Credentials(api_key=API_KEY) if secret == API_KEY else the_credentials(),
        ) as session,
        pytest.raises(RequestError, match="no account with <\\*\\*\\*> here") as caught,
    ):
        session.get("/x", login=True)

    assert spelled(secret) not in chain_text(caught.value)


def test_a_day_of_waiting_is_a_day_where_the_service_keeps_the_rule() -> None:
    reply = error_reply(429, "quota", headers={"Retry-After": "7200"})
    with (
        Server().on("/x", reply) as server,
        a_session(server, retry_after_in_ms=False) as session,
        pytest.raises(QuotaError) as caught,
    ):
        session.get("/x")

    assert caught.value.retry_after_s == 7200.0


def test_a_login_for_another_host_is_refused_before_anything_is_sent() -> None:
    with (
        Server() as other,
        Server() as server,
        a_session(server, credentials=the_credentials()) as session,
    ):
        for ask in (session.get, session.send_once, session.delete):
            with pytest.raises(RequestError, match="no login goes there"):
                ask(f"{other.url}/x", login=True)
        stream = session.stream(f"{other.url}/x", headers={})
        with pytest.raises(RequestError, match="no login goes there"), stream:
            pass

    assert other.seen == []


def test_a_login_over_plain_http_is_refused_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nothing(*_: Any, **__: Any) -> None:  # noqa: ANN401 -- as socket has it
        raise AssertionError("something was sent")

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    with (
        a_session("http://peps.cnes.fr", credentials=the_credentials()) as session,
        pytest.raises(AuthenticationError, match="plain http"),
    ):
        session.get("/x", login=True)


def test_netrc_is_never_consulted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\nmachine localhost login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with Server() as other, Server() as server:
        other.on("/y", json_reply("{}"))
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        server.on("/x", Reply(302, b"", {"Location": f"{elsewhere}/y"}))
        with a_session(server) as session:
            session.get("/x")

    assert not any("authorization" in one.headers for one in [*server.seen, *other.seen])


def test_cookies_are_not_kept() -> None:
    reply = json_reply("{}", headers={"Set-Cookie": "sid=1; Path=/"})
    with Server().on("/x", reply) as server, a_session(server) as session:
        session.get("/x")
        session.get("/x")

    assert not any("cookie" in one.headers for one in server.seen)


def test_this_machine_is_never_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a login over plain http would leave it."""
    with Server() as proxy, Server().on("/x", json_reply("{}")) as server:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        with a_session(server, credentials=the_credentials()) as session:
            session.get("/x", login=True)

    assert proxy.seen == []


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server().on("http://peps.invalid/x", json_reply('{"a": 1}')) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("//", "//user:pr0xy@"))
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        with a_session("http://peps.invalid") as session:
            assert session.get("/x").json() == {"a": 1}

    assert "proxy-authorization" in proxy.seen[0].headers


def test_a_proxy_that_is_not_there_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("https_proxy", f"http://user:pr0xy@127.0.0.1:{closed_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with (
        a_session("https://peps.invalid", credentials=the_credentials()) as session,
        pytest.raises(ServiceError, match="proxy") as caught,
    ):
        session.send_once("/x")

    assert not caught.value.arrived
    assert "pr0xy" not in chain_text(caught.value)


# --- TLS


@needs_openssl
def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    certificate, key = a_certificate(tmp_path)
    naps = Naps()
    with Server(tls=(certificate, key)).on("/x", json_reply("{}")) as server:
        with (
            a_session(server, sleep=naps, credentials=the_credentials()) as session,
            pytest.raises(ServiceError, match="certificate cannot be verified") as caught,
        ):
            session.get("/x", login=True)
        with a_session(server, ca_bundle=certificate) as session:
            assert session.get("/x").json() == {}

    assert not caught.value.arrived
    assert naps.seconds == []
    assert len(server.seen) == 1


@needs_openssl
def test_a_given_ca_bundle_wins_over_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = a_certificate(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    with Server(tls=(certificate, key)).on("/x", json_reply("{}")) as server:
        with a_session(server, ca_bundle=certificate) as session:
            assert session.get("/x").json() == {}
        with pytest.raises(RequestError, match=r"missing\.pem \(REQUESTS_CA_BUNDLE\)"):
            Session(server.url)


@needs_openssl
def test_a_redirect_from_https_to_http_loses_the_login(tmp_path: Path) -> None:
    certificate, key = a_certificate(tmp_path)
    with Server().on("/y", json_reply("{}")) as plain, Server(tls=(certificate, key)) as server:
        server.on("/x", Reply(302, b"", {"Location": f"{plain.url}/y"}))
        with a_session(server, ca_bundle=certificate, credentials=the_credentials()) as session:
            session.get("/x", login=True)

    assert server.seen[0].headers["authorization"] == BASIC
    assert "authorization" not in plain.seen[0].headers


def test_a_ca_bundle_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"missing\.pem"):
        Session("https://h", ca_bundle=tmp_path / "missing.pem")


# --- streaming


def test_a_stream_answers_in_pieces() -> None:
    reply = Reply(200, b"PK" * 700_000, {"Content-Type": "Application/ZIP; x=y", "ETag": '"1"'})
    with (
        Server().on("/x", reply) as server,
        a_session(server) as session,
        session.stream("/x", headers={"Range": "bytes=0-"}, login=False) as answer,
    ):
        pieces = list(answer.iter_chunks())

    assert b"".join(pieces) == reply.body
    assert max(map(len, pieces)) <= CHUNK_BYTES
    assert answer.content_type == "application/zip"
    assert answer.headers["etag"] == '"1"'
    assert server.seen[0].headers["range"] == "bytes=0-"


@pytest.mark.parametrize("status", [200, 202, 204, 206, 416])
def test_a_stream_leaves_these_to_its_reader(status: int) -> None:
    with (
        Server().on("/x", Reply(status, b"", {"Retry-After": "180000"})) as server,
        a_session(server) as session,
        session.stream("/x", headers={}, login=False) as answer,
    ):
        assert (answer.status, answer.retry_after_s) == (status, 180.0)


def test_a_stream_refuses_as_get_does_but_once() -> None:
    with Server().on("/x", error_reply(503, "busy")) as server, a_session(server) as session:
        stream = session.stream("/x", headers={}, login=False)
        with pytest.raises(ServiceError, match="busy"), stream:
            pass

    assert len(server.seen) == 1


# --- secrets


def test_no_secret_is_logged_or_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    replies = [
        json_reply("{}"),
        Reply(200, b"x" * 10, reset_after=0),
        error_reply(401, "Unauthorized"),
    ]
    texts = []
    with Server().on("/x", *replies) as server:
        for credentials in (the_credentials(), Credentials(api_key=API_KEY)):
            with a_session(server, credentials=credentials, attempts=1) as session:
                texts.append(repr(session) + repr(vars(session)["base_url"]))
                for _ in range(3):
                    try:
                        session.get("/x?_tk=t0ken", login=True)
                    except PepsStacError as error:
                        texts.append(chain_text(error))

    told = caplog.text.replace("GET /x?_tk=t0ken HTTP", "") + "\n".join(texts)
    assert "peps_stac.http" in told
    for secret in (PASSWORD, API_KEY, BASIC.split()[1], USERNAME, "t0ken"):
        assert secret not in told


@pytest.mark.parametrize("path", ["/cut", "/moved", "/away"])
def test_what_the_libraries_quote_is_told_nowhere(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    """`requests` puts whole addresses into its errors, keys of redirects too."""
    caplog.set_level(logging.DEBUG, "peps_stac")
    closed = f"http://127.0.0.1:{closed_port()}"
    with Server() as server:
        server.on("/cut", Reply(200, b"x" * 10, reset_after=0))
        server.on("/moved", Reply(302, b"", {"Location": f"{closed}/y?X-Signature=s3cret"}))
        base = closed if path == "/away" else server.url
        with a_session(base, attempts=1) as session, pytest.raises(ServiceError) as caught:
            session.get(f"{path}?_tk=t0ken")

    told = caplog.text + chain_text(caught.value)
    assert "t0ken" not in told
    assert "s3cret" not in told


def test_debug_lines_give_method_address_status_and_time(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "peps_stac.http")
    with Server().on("/x", json_reply("{}")) as server, a_session(server) as session:
        session.get("/x", {"a": "1"})

    assert f"GET {server.url}/x?a=1 -> 200 in " in caplog.text


def test_a_session_may_be_used_by_several_threads() -> None:
    with Server().on("/x", json_reply("{}")) as server, a_session(server) as session:
        threads = [threading.Thread(target=session.get, args=("/x",)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert [one.path for one in server.seen] == ["/x"] * 8


def test_who_asks_says_its_name() -> None:
    with Server().on("/x", json_reply("{}")) as server, a_session(server) as session:
        session.get("/x")

    first: Seen = server.seen[0]
    assert first.headers["user-agent"].startswith("peps-stac/")


def test_a_question_in_json_is_repeated_like_any_question() -> None:
    with Server().on("/x", Reply(503), json_reply("{}")) as server, a_session(server) as session:
        assert session.post("/x", {"a": 1}).status == 200

    assert [seen.body for seen in server.seen] == [b'{"a":1}', b'{"a":1}']
