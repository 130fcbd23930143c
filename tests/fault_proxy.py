"""A line to a service, on which things go wrong to order: an HTTP server in front of it.

What goes wrong befalls requests in the order in which it was planned; all others are passed on as
they are. Each answer is counted: which bytes were asked for, how many were sent, and how much of
the file the client had on disk when it asked.
"""

import contextlib
import fcntl
import re
import socket
import struct
import sys
import termios
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPConnection, responses
from typing import BinaryIO, Self
from urllib.parse import urlsplit

LOOK = "bytes=0-0"
"""The `Range` of who only asks whether an archive is on disk."""

_PATIENCE_S = 60
_BLOCK = 1 << 16
_RANGE = re.compile(r"bytes=(\d+)-")
_OF_ONE_LINE = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as it arrived."""

    method: str
    target: str
    """Path and query."""
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes = b""

    @property
    def start(self) -> int:
        """The first byte that is asked for."""
        match = _RANGE.match(self.headers.get("range", ""))
        return int(match[1]) if match else 0

    @property
    def is_look(self) -> bool:
        """Whether nobody wants the file yet."""
        return self.headers.get("range") == LOOK


@dataclass(frozen=True, slots=True)
class Honest:
    """What the service answers."""

    status: int
    headers: dict[str, str]
    """Without those of one connection, and without a length."""
    body: bytes = field(repr=False)


@dataclass(slots=True)
class Served:
    """What became of one request."""

    target: str
    fault: str
    """Nothing when none befell it."""
    start: int
    """The first byte that was asked for."""
    kept: int
    """Bytes of the file that the client had on disk when it asked."""
    is_look: bool = False
    status: int = 0
    """Of the answer; 0 without one."""
    sent: int = 0
    """Bytes of the body, right or wrong."""


class Exchange:
    """One request, the honest answer to it, and the client's end of the line."""

    def __init__(
        self, proxy: "FaultProxy", line: socket.socket, asked: Asked, note: Served
    ) -> None:
        self.proxy = proxy
        self.asked = asked
        self._line = line
        self._note = note
        self.is_open = True
        """Whether the same connection may be used for the next request."""

    @cached_property
    def honest(self) -> Honest:
        """What the service says, asked when first needed."""
        return self.ask(self.asked.headers)

    def ask(self, headers: Mapping[str, str]) -> Honest:
        """What the service says to the same question with other headers."""
        asked, service = self.asked, urlsplit(self.proxy.service)
        upstream = HTTPConnection(service.hostname or "", service.port, timeout=_PATIENCE_S)
        with contextlib.closing(upstream):
            given = {name: value for name, value in headers.items() if name not in _OF_ONE_LINE}
            upstream.request(asked.method, asked.target, asked.body or None, given)
            answer = upstream.getresponse()
            said = {name: text for name, text in answer.getheaders() if _travels(name)}
            return Honest(answer.status, said, answer.read())

    def pass_on(self) -> None:
        """The honest answer."""
        self.head(self.honest.status, {**self.honest.headers, **length(self.honest.body)})
        self.body(self.honest.body)

    def head(self, status: int, headers: Mapping[str, str], *more: tuple[str, str]) -> None:
        """Status line and headers; `more` repeats names."""
        self._note.status = status
        self.raw(head_bytes(status, (*headers.items(), *more)))

    def body(self, content: bytes) -> None:
        """Bytes that count as those of a file."""
        for start in range(0, len(content), _BLOCK):
            piece = content[start : start + _BLOCK]
            self.raw(piece)
            self._note.sent += len(piece)

    def raw(self, content: bytes) -> None:
        """Any bytes."""
        self._line.sendall(content)

    def close(self) -> None:
        """An end in good order, after all that was sent."""
        self.is_open = False

    def reset(self) -> None:
        """An end without order, once the client's machine has all that was sent."""
        _drain(self._line)
        self._line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._line.close()
        self.is_open = False

    def hang(self) -> None:
        """Silence, until the client goes."""
        self.is_open = False
        self.proxy.hanging.release()
        self._line.settimeout(_PATIENCE_S)
        with contextlib.suppress(OSError):
            while self._line.recv(_BLOCK):
                pass


Act = Callable[[Exchange], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong."""

    name: str
    act: Act
    is_of_file: bool = True
    """Befalls only who wants the file, and not who asks whether it is on disk."""


class FaultProxy:
    """A line to `service`; a context manager.

    Args:
        service: Address of an HTTP server.
        on_disk: How many bytes of the file behind a target the client has.
    """

    def __init__(self, service: str, on_disk: Callable[[str], int] = lambda _: 0) -> None:
        self.service = service
        self.on_disk = on_disk
        self.served: list[Served] = []
        self.hanging = threading.Semaphore(0)
        """Released whenever an answer begins to hang."""
        self._lock = threading.Lock()
        self._plans: list[tuple[str, deque[Fault], Fault | None]] = []
        self._lines: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port: int = self._listener.getsockname()[1]
        self.is_listening = False

    @property
    def url(self) -> str:
        """Address of the proxy."""
        return f"http://127.0.0.1:{self._port}"

    def plan(self, part: str, faults: Iterable[Fault], ever: Fault | None = None) -> None:
        """Let things go wrong, one a request, where the target holds `part`; then `ever`."""
        with self._lock:
            self._plans.append((part, deque(faults), ever))

    @contextlib.contextmanager
    def meanwhile(self, part: str, ever: Fault) -> Iterator[None]:
        """Let this go wrong where the target holds `part`, before all that is planned."""
        plan: tuple[str, deque[Fault], Fault | None] = (part, deque(), ever)
        with self._lock:
            self._plans.insert(0, plan)
        try:
            yield
        finally:
            with self._lock:
                self._plans.remove(plan)

    def clear(self) -> int:
        """Nothing goes wrong any more; how many things were left that could have."""
        with self._lock:
            left = sum(len(faults) for _, faults, _ in self._plans)
            self._plans.clear()
        return left

    def of(self, part: str) -> list[Served]:
        """What became of the requests for a file, looks left out, in order."""
        return [one for one in self.served if part in one.target and not one.is_look]

    def refuse(self) -> None:
        """Let nobody connect until `accept`."""
        with self._lock:
            self.is_listening = False
            _shut(self._listener)
            for line in self._lines:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)

    def accept(self) -> None:
        """Let clients connect again, at the same address."""
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._start()

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.refuse()

    def _start(self) -> None:
        self.is_listening = True
        threading.Thread(target=self._listen, args=(self._listener,), daemon=True).start()

    def _listen(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = listener.accept()
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        """The life of one connection."""
        with self._lock:
            self._lines.add(line)
        # The client, or the end of a test, may close it at any moment.
        with line, contextlib.suppress(OSError), line.makefile("rb") as requests:
            while (asked := _read(requests)) is not None and self._answer(line, asked):
                pass
        with self._lock:
            self._lines.discard(line)

    def _answer(self, line: socket.socket, asked: Asked) -> bool:
        fault = self._take(asked)
        kept = self.on_disk(asked.target)
        name = fault.name if fault else ""
        note = Served(asked.target, name, asked.start, kept, is_look=asked.is_look)
        self.served.append(note)
        exchange = Exchange(self, line, asked, note)
        if fault is None:
            exchange.pass_on()
        else:
            fault.act(exchange)
        return exchange.is_open

    def _take(self, asked: Asked) -> Fault | None:
        with self._lock:
            for part, faults, ever in self._plans:
                first = faults[0] if faults else ever
                if part in asked.target and first and not (first.is_of_file and asked.is_look):
                    return faults.popleft() if faults else ever
        return None


def length(body: bytes) -> dict[str, str]:
    """The header that says how long a body is."""
    return {"Content-Length": str(len(body))}


def head_bytes(status: int, headers: Iterable[tuple[str, str]]) -> bytes:
    """Status line and headers as they go over the line."""
    lines = [f"HTTP/1.1 {status} {responses.get(status, 'Odd')}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _travels(name: str) -> bool:
    return name.lower() not in _OF_ONE_LINE


def _read(requests: BinaryIO) -> Asked | None:
    """The next request of a connection; None at its end."""
    method, _, rest = requests.readline().decode("latin-1").partition(" ")
    headers = dict(_headers(requests))
    if not rest:
        return None
    body = requests.read(int(headers.get("content-length", 0)))
    return Asked(method, rest.split(" ")[0], headers, body)


def _headers(requests: BinaryIO) -> Iterator[tuple[str, str]]:
    while line := requests.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        yield name.strip().lower(), value.strip()


def _drain(line: socket.socket) -> None:
    """Wait until the other end has taken what was sent: a reset would drop it."""
    if not sys.platform.startswith("linux"):
        time.sleep(0.05)  # the best that can be done
        return
    end = time.monotonic() + _PATIENCE_S
    waiting = bytearray(4)
    while time.monotonic() < end:
        fcntl.ioctl(line, termios.TIOCOUTQ, waiting)
        if not int.from_bytes(waiting, sys.byteorder):
            return
        time.sleep(0.0005)


def _shut(listener: socket.socket) -> None:
    # Closing alone leaves a thread that accepts, and with it the port.
    with contextlib.suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()
