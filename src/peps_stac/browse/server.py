"""The web server: listens on one address and answers in threads."""

import contextlib
import logging
import socket
import sys
import threading
from dataclasses import replace
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from peps_stac.browse.handler import Handler
from peps_stac.browse.site import Site
from peps_stac.errors import RequestError

_LOG = logging.getLogger(__name__)
_POLL_S = 0.1
_JOIN_S = 2.0
_WAIT_S = 0.5  # Windows hears Ctrl-C only between two waits.
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 -- to name it, not to bind it


class WebServer:
    """Serves a site for as long as the `with` block lasts.

    Args:
        site: What is shown; its `url` is filled in.
        host: Address or name to listen on; others than loopback let other machines in.
        port: 0 takes a free one.

    Raises:
        RequestError: The address cannot be had.
    """

    def __init__(self, site: Site, *, host: str = "127.0.0.1", port: int = 0) -> None:
        try:
            self._server = _Server(host, port)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            message = f"cannot listen on {host} port {port}: {reason}"
            raise RequestError(f"{message}; give another --port, or none for a free one") from error
        name = _ANYWHERE.get(host, host)
        shown = f"[{name}]" if ":" in name else name
        self.site = replace(site, url=f"http://{shown}:{self._server.server_port}")
        self._server.RequestHandlerClass = type("SiteHandler", (Handler,), {"site": self.site})
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(_POLL_S,), daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def wait(self) -> None:
        """Let it answer until this process is interrupted (KeyboardInterrupt)."""
        while self._thread.is_alive():
            self._thread.join(_WAIT_S)


class _Server(ThreadingHTTPServer):
    """A thread per connection; closing it ends them all, also those kept alive."""

    request_queue_size = 128

    def __init__(self, host: str, port: int) -> None:
        self._open: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, port), Handler)

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
            _LOG.error("a request from %s failed", client_address, exc_info=error)

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
