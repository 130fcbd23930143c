"""A small HTTP server for one test, which answers what the test tells it to."""

import hashlib
import random
import re
import shutil
import socket
import ssl
import struct
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any, Self
from urllib.parse import urlsplit

import pytest

from peps_stac.domain import Credentials
from peps_stac.http.session import Session

USERNAME = "someone@example.org"
PASSWORD = "p$ss wörd&'\"#; \\ž"  # noqa: S105 -- made up, with every character that broke a script
API_KEY = "k3y-0f-nobody"

needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="no openssl to make a certificate with"
)


@dataclass(frozen=True)
class Seen:
    """One request, as it arrived."""

    method: str
    path: str
    """With the query."""
    headers: dict[str, str]
    """Names in lower case."""
    client_port: int = 0
    body: bytes = b""


@dataclass(frozen=True)
class Reply:
    """One answer."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    reset_after: int | None = None
    """Bytes of the body after which the connection is reset."""
    close_after: int | None = None
    """Bytes of the body after which it is closed in good order."""
    delay_s: float = 0.0
    hold: tuple[int, Event] | None = None
    """Bytes of the body after which the rest waits for the event."""
    chunked: bool = False
    drip: tuple[int, float] | None = None
    """Bytes that are sent at once, and seconds between them."""


Answering = Callable[[Seen], Reply]


def json_reply(body: str, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    sent = {"Content-Type": "application/json", **(headers or {})}
    return Reply(status, body.encode(), sent)


def error_reply(
    status: int, message: str, code: int | None = None, headers: dict[str, str] | None = None
) -> Reply:
    body = f'{{"ErrorMessage": "{message}", "ErrorCode": {code or status}}}'
    return json_reply(body, status, headers)


class Server:
    """Loopback server; answers of a path come in turn, the last one for ever."""

    def __init__(self, *, tls: tuple[Path, Path] | None = None) -> None:
        self.seen: list[Seen] = []
        self._replies: dict[str, list[Answering]] = defaultdict(list)
        handler = type("Handler", (_Handler,), {"script": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self.scheme = "http"
        if tls is not None:
            self.scheme = "https"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self._http.server_port}"

    def on(self, path: str, *replies: Reply | Answering) -> Self:
        """Answers for a path; its query is not looked at."""
        self._replies[path] = [_always(one) if isinstance(one, Reply) else one for one in replies]
        return self

    def requests(self, path: str) -> list[Seen]:
        return [one for one in self.seen if one.path.partition("?")[0] == path]

    def __enter__(self) -> Self:
        Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def answer(self, seen: Seen) -> Reply:
        """What comes next for the path of a request, which is noted."""
        self.seen.append(seen)
        replies = self._replies.get(seen.path.partition("?")[0])
        if not replies:
            return error_reply(404, "Not Found")
        return (replies.pop(0) if len(replies) > 1 else replies[0])(seen)


class _Handler(BaseHTTPRequestHandler):
    script: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        port = self.client_address[1]
        self.send(self.script.answer(Seen(self.command, self.path, headers, port, body)))

    do_POST = do_GET  # noqa: N815 -- the name http.server asks for
    do_DELETE = do_GET  # noqa: N815 -- the name http.server asks for

    def send(self, reply: Reply) -> None:
        time.sleep(reply.delay_s)
        length = {} if reply.chunked else {"Content-Length": str(len(reply.body))}
        self.send_response(reply.status)
        for name, value in {**length, **reply.headers}.items():
            self.send_header(name, value)
        if reply.chunked:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if reply.hold is not None:
            self.hold(reply.body, *reply.hold)
            return
        if reply.drip is not None:
            self.drip(reply.body, *reply.drip)
            return
        cut = reply.close_after if reply.reset_after is None else reply.reset_after
        self.wfile.write(reply.body[:cut])
        self.wfile.flush()
        if cut is not None:
            self.cut(hard=reply.reset_after is not None)

    def hold(self, body: bytes, after: int, event: Event) -> None:
        self.wfile.write(body[:after])
        self.wfile.flush()
        event.wait(30)
        self.wfile.write(body[after:])

    def drip(self, body: bytes, size: int, pause_s: float) -> None:
        for start in range(0, len(body), size):
            self.wfile.write(body[start : start + size])
            self.wfile.flush()
            time.sleep(pause_s)

    def cut(self, *, hard: bool) -> None:
        time.sleep(0.05)  # what was written arrives before the end does
        self.close_connection = True
        if hard:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()

    def log_message(self, *arguments: Any) -> None:  # noqa: ANN401 -- as http.server has it
        """Says nothing."""

    def handle(self) -> None:
        try:
            super().handle()
        except (OSError, ValueError):
            """The client, or this test, has closed the connection."""

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            """As above."""


def _always(reply: Reply) -> Answering:
    return lambda _: reply


@dataclass
class ServedFile:
    """A file as a good server offers it: with length, ETag and ranges."""

    content: bytes
    etag: str | None = '"v1"'
    content_type: str = "application/zip"

    def __call__(self, seen: Seen) -> Reply:
        return self.reply(seen)

    def reply(self, seen: Seen) -> Reply:
        headers = {"Content-Type": self.content_type, "Accept-Ranges": "bytes"}
        if self.etag is not None:
            headers["ETag"] = self.etag
        wanted = re.fullmatch(r"bytes=(\d+)-", seen.headers.get("range", ""))
        if wanted is None or seen.headers.get("if-range", self.etag) != self.etag:
            return Reply(200, self.content, headers)
        start, total = int(wanted[1]), len(self.content)
        if start >= total:
            return Reply(416, b"", {"Content-Range": f"bytes */{total}"})
        headers["Content-Range"] = f"bytes {start}-{total - 1}/{total}"
        return Reply(206, self.content[start:], headers)

    def cut(self, after: int) -> Answering:
        """The same, with a reset after some bytes of the body."""

        def answer(seen: Seen) -> Reply:
            whole = self.reply(seen)
            return Reply(whole.status, whole.body, whole.headers, reset_after=after)

        return answer


def a_zip(size: int, seed: int = 1) -> bytes:
    """Bytes that begin like a zip file."""
    return b"PK\x03\x04" + random.Random(seed).randbytes(size - 4)  # noqa: S311 -- no secret


def md5_of(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def the_credentials() -> Credentials:
    return Credentials(USERNAME, PASSWORD)


class Naps:
    """A `sleep` that only notes."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@contextmanager
def a_session(server: Server | str, **options: Any) -> Iterator[Session]:  # noqa: ANN401 -- as Session has them
    """A session with short time-outs, which never really sleeps."""
    base_url = server if isinstance(server, str) else server.url
    options = {"timeout_s": (2.0, 2.0), "sleep": Naps(), **options}
    with Session(base_url, **options) as session:
        yield session


def closed_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def a_certificate(folder: Path, name: str = "IP:127.0.0.1") -> tuple[Path, Path]:
    """A certificate for a name that nobody vouches for, and its key."""
    certificate, key = folder / "cert.pem", folder / "key.pem"
    openssl = shutil.which("openssl") or "openssl"
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "2", "-subj", "/CN=loopback"]
    command += ["-addext", f"subjectAltName={name}"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 -- our own words
    return certificate, key


class Proxy:
    """A forward proxy on loopback, for which every name is this machine."""

    def __init__(self) -> None:
        self.heads: list[bytes] = []
        """What it was asked in clear."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[Thread] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._threads.append(Thread(target=self._serve, args=(client,), daemon=True))
            self._threads[-1].start()

    def _serve(self, client: socket.socket) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n") and (more := client.recv(1)):
            head += more
        self.heads.append(head)
        method, address, *_ = head.decode().split()
        port = urlsplit(address).port if method != "CONNECT" else int(address.rpartition(":")[2])
        with client, socket.create_connection(("127.0.0.1", port or 80)) as service:
            if method == "CONNECT":
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                path = urlsplit(address).path or "/"
                service.sendall(head.replace(address.encode(), path.encode(), 1))
            back = Thread(target=_relay, args=(service, client), daemon=True)
            back.start()
            _relay(client, service)
            back.join(10)


def _relay(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(1 << 16):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


def chain_text(error: BaseException) -> str:
    """Everything a traceback would print of an error and what caused it."""
    texts = []
    current: BaseException | None = error
    while current is not None:
        texts.append(f"{current} {current!r} {current.args!r}")
        current = current.__cause__ or current.__context__
    return "\n".join(texts)


def files_below(folder: Path) -> Iterable[bytes]:
    return (path.read_bytes() for path in folder.rglob("*") if path.is_file())
