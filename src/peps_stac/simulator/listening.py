"""The listening socket of a simulator: loopback only, a thread a connection, a quick end."""

import contextlib
import ipaddress
import logging
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from peps_stac.errors import RequestError

_JOIN_S = 2.0
_BACKLOG = 128

_log = logging.getLogger("peps_stac.simulator")


class Server(ThreadingHTTPServer):
    """One thread a connection; closing it ends them all, also those kept alive.

    Raises:
        RequestError: The port cannot be had.
    """

    request_queue_size = _BACKLOG

    def __init__(self, host: str, port: int, handler: type[BaseHTTPRequestHandler]) -> None:
        self._open: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()
        if ":" in host:
            self.address_family = socket.AF_INET6
        try:
            super().__init__((host, port), handler)
        except OSError as error:
            message = f"simulator: cannot listen on {host} port {port}: {error.strerror}"
            raise RequestError(f"{message}; give another --port") from error

    @property
    def is_idle(self) -> bool:
        """Whether no connection is open, so that whatever was asked for has been done."""
        with self._lock:
            return not self._open

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 -- as inherited
        """Serve one connection in a thread of its own, remembered until it ends."""
        thread = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), daemon=True
        )
        with self._lock:
            self._open[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 -- as inherited
        """End one connection."""
        super().shutdown_request(request)
        with self._lock:
            self._open.pop(request, None)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 -- as inherited
        """Log what went wrong; a client that goes away is no error."""
        error = sys.exception()
        if not isinstance(error, OSError):
            _log.error("simulator: %s from %s failed", request, client_address, exc_info=error)

    def server_close(self) -> None:
        """Stop listening and end every connection."""
        super().server_close()
        with self._lock:
            threads = dict(self._open)
        for connection in threads:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads.values():
            thread.join(_JOIN_S)


def loopback(host: str) -> str:
    """The address of a host that is this machine's loopback.

    Raises:
        RequestError: It is not.
    """
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError as error:
        raise RequestError(f"simulator: no address {host!r}; give 127.0.0.1") from error
    if not address.is_loopback:
        raise RequestError(f"simulator: {host} is not loopback; give 127.0.0.1")
    return str(address)
