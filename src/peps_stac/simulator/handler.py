"""Speaks HTTP/1.1 for a simulator: reads a request, does what a fault wants, writes the answer."""

import contextlib
import logging
import socket
import threading
from dataclasses import replace
from http.client import responses
from http.server import BaseHTTPRequestHandler
from typing import ClassVar
from urllib.parse import parse_qsl, unquote, urlsplit

from peps_stac.simulator.answers import Answer, FilePart, error_answer
from peps_stac.simulator.faults import Action, Fault, FaultPlan, instead
from peps_stac.simulator.journal import Journal, Request
from peps_stac.simulator.routes import answer, route_name
from peps_stac.simulator.routing import Incoming
from peps_stac.simulator.world import World

_LARGEST_BODY = 1_000_000
_BLOCK = 256 * 1024
_IDLE_S = 60
_REASONS = {202: "You should retry the request", 420: "Cannot download"}
_LOGIN_HEADERS = ("authorization", "x-api-key")
_CUT = (Action.TRUNCATE, Action.SHORT)

_log = logging.getLogger("peps_stac.simulator")


class Handler(BaseHTTPRequestHandler):
    """One connection; `world`, `faults`, `journal` and `stopping` are set on a subclass."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = _IDLE_S

    world: ClassVar[World]
    faults: ClassVar[FaultPlan]
    journal: ClassVar[Journal]
    stopping: ClassVar[threading.Event]

    def serve(self) -> None:
        """Answer one request of any method."""
        incoming = self._incoming()
        if incoming is None:
            self.close_connection = True
            self._send(error_answer(413), None)
            return
        route = route_name(incoming)
        self._note(incoming, route)
        fault = self.faults.take(route, " ".join((incoming.path, *incoming.params.values())))
        if fault is not None:
            self.stopping.wait(fault.delay_s)
        self._obey(incoming, fault)

    # Names that `BaseHTTPRequestHandler` calls.
    do_GET = do_HEAD = do_POST = do_DELETE = do_PUT = serve  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- overrides
        """Quiet unless the logger `peps_stac.simulator` is set to debug."""
        _log.debug(format, *args)

    def _incoming(self) -> Incoming | None:
        """The request; None when its body is too long, or its length is not said."""
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            return None
        if not 0 <= length <= _LARGEST_BODY or "Transfer-Encoding" in self.headers:
            return None
        parts = urlsplit(self.path)
        return Incoming(
            method=self.command,
            path=unquote(parts.path),
            target=self.path,
            params=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
            account=self.world.users.who(self.headers.get("Authorization")),
            key_owner=self.world.users.with_key(self.headers.get("X-API-Key")),
        )

    def _note(self, incoming: Incoming, route: str) -> None:
        headers = {
            name: value for name, value in incoming.headers.items() if name not in _LOGIN_HEADERS
        }
        who = incoming.account or incoming.key_owner
        self.journal.add(
            Request(
                method=incoming.method,
                path=incoming.path,
                params=incoming.params,
                headers=headers,
                login=who.username if who else None,
                login_sent=any(name in incoming.headers for name in _LOGIN_HEADERS),
                route=route,
                time=self.world.clock(),
            )
        )

    def _obey(self, incoming: Incoming, fault: Fault | None) -> None:
        """Carry the request out unless the fault comes before, and answer what it leaves."""
        if fault is None:
            self._send(self._answer(incoming), None)
            return
        other = instead(fault, incoming.target)
        is_lost = fault.action is Action.DROP
        if fault.after or not (is_lost or other):
            right = self._answer(replace(incoming, is_unlisted=fault.unlisted))
        if is_lost:
            self._drop()
            return
        self._send(other or right, fault)

    def _answer(self, incoming: Incoming) -> Answer:
        try:
            return answer(self.world, incoming)
        except Exception:  # noqa: BLE001 -- logged; a server goes on after a bug
            _log.exception("simulator: %s %s failed", incoming.method, incoming.target)
            return error_answer(500)

    def _send(self, said: Answer, fault: Fault | None) -> None:
        action = fault.action if fault else None
        sent = said.length // 2 if action in _CUT else said.length
        announced = said.length if action is Action.TRUNCATE else sent
        if action in (Action.TRUNCATE, Action.NO_LENGTH):
            self.close_connection = True
        head = self._head(said, None if action is Action.NO_LENGTH else announced)
        body = said.body
        if self.command == "HEAD":
            body, sent = b"", 0
        with contextlib.suppress(ConnectionError, TimeoutError):
            if isinstance(body, bytes):
                self.wfile.write(head + _spoilt(body[:sent], action))
            else:
                self.wfile.write(head)
                self._send_file(body, sent, action)

    def _head(self, said: Answer, length: int | None) -> bytes:
        """Status line and headers, in one piece so that they leave in one packet."""
        reason = _REASONS.get(said.status) or responses.get(said.status, "Unknown")
        lines = [f"HTTP/1.1 {said.status} {reason}", f"Content-Type: {said.content_type}"]
        lines += [f"{name}: {value}" for name, value in said.headers]
        lines += [f"Date: {self.date_time_string()}", "Server: simulated-peps"]
        if length is not None:
            lines.append(f"Content-Length: {length}")
        if self.close_connection:
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", errors="replace")

    def _send_file(self, part: FilePart, length: int, action: Action | None) -> None:
        with part.path.open("rb") as file:
            file.seek(part.offset)
            left = length
            while left > 0:
                block = file.read(min(_BLOCK, left))
                if not block:
                    self.close_connection = True
                    return
                self.wfile.write(_spoilt(block, action))
                left -= len(block)

    def _drop(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


def _spoilt(block: bytes, action: Action | None) -> bytes:
    if action is not Action.CORRUPT or not block:
        return block
    middle = len(block) // 2
    return block[:middle] + bytes([block[middle] ^ 0xFF]) + block[middle + 1 :]
