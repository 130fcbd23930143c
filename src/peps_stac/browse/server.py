"""The web server: listens on one address and answers in threads."""

import threading
from dataclasses import replace
from types import TracebackType
from typing import Self

from peps_stac.browse.handler import Handler
from peps_stac.browse.site import Site
from peps_stac.listening import Server

_POLL_S = 0.1
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
        self._server = Server(host, port, Handler)
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
