"""A web server of threads that ends at once, as the simulator and `browse` need it."""

import contextlib
import logging
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from peps_stac.errors import RequestError

_JOIN_S = 2.0
_BACKLOG = 128

_log = logging.getLogger(__name__)


class Server(ThreadingHTTPServer):
    """One thread a connection; closing it ends them all, also those kept alive.

    Raises:
        RequestError: The address cannot be had.
    """

    request_queue_size = _BACKLOG

    def __init__(self, host: str, port: int, handler: type[BaseHTTPRequestHandler]) -> None:
        self._open: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()
        if ":" in host:
            self.address_family = socket.AF_INET6
        try:
            super().__init__((host, port), handler)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            message = f"cannot listen on {host} port {port}: {reason}"
            raise RequestError(f"{message}; give another --port, or none for a free one") from error

    @property
    def is_idle(self) -> bool:
        """Whether no connection is open, so that whatever was asked for has been done."""
        with self._lock:
            return not self._open

    def server_bind(self) -> None:
        """Bind without asking for this machine's name, which can take seconds."""
        socket.socket.setsockopt(self.socket, socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

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

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002 -- as inherited
        """Log what went wrong; a client that goes away is no error."""
        error = sys.exception()
        if not isinstance(error, OSError):
            _log.error("a request from %s failed", client_address, exc_info=error)

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
