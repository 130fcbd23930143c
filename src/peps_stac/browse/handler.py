"""One request of the web server: which file, which bytes, which headers."""

import io
import logging
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import BinaryIO

from peps_stac.browse.locate import find_file, path_parts
from peps_stac.browse.media_types import HEAD_LENGTH, media_type
from peps_stac.browse.ranges import Portion, Version, portion
from peps_stac.browse.site import CATALOG_PATH, CONFIG_NAME, HASHED, Site

_LOG = logging.getLogger(__name__)
_ALLOWED = "GET, HEAD, OPTIONS"
_EXPOSED = "Accept-Ranges, Content-Length, Content-Range, ETag, Last-Modified"
_PREFLIGHT_S = 86400


class Handler(BaseHTTPRequestHandler):
    """Answers GET, HEAD and OPTIONS; the class of a server has its `site`."""

    site: Site
    protocol_version = "HTTP/1.1"
    server_version = "peps-stac"
    sys_version = ""
    timeout = 60
    # Headers and body leave in two pieces; Nagle would keep the second one back.
    disable_nagle_algorithm = True
    error_content_type = "text/plain; charset=utf-8"
    error_message_format = "%(code)d %(message)s\n"

    def do_GET(self) -> None:
        """Answer with a file, or a part of it."""
        self._answer(is_get=True)

    def do_HEAD(self) -> None:
        """Answer with the headers of a GET."""
        self._answer(is_get=False)

    def do_OPTIONS(self) -> None:
        """Tell pages of other origins that they may read the catalog (CORS preflight)."""
        self._ignore_body()
        self.send_response(HTTPStatus.NO_CONTENT)
        self.send_header("Allow", _ALLOWED)
        if self._is_shared():
            self.send_header("Access-Control-Allow-Methods", _ALLOWED)
            self.send_header("Access-Control-Allow-Headers", self._asked_headers())
            self.send_header("Access-Control-Max-Age", str(_PREFLIGHT_S))
            # Chrome asks before a public page may reach into a private network.
            self.send_header("Access-Control-Allow-Private-Network", "true")
        self.end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Send a line of text; an unknown method is one that is not allowed."""
        if code == HTTPStatus.NOT_IMPLEMENTED:
            self._refuse_method()
        else:
            super().send_error(code, message, explain)

    def end_headers(self) -> None:
        """Add what every answer says."""
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        if self._is_shared():
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Access-Control-Expose-Headers", _EXPOSED)
        super().end_headers()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:  # noqa: ARG002 -- as inherited
        """One line per answer, seen with -v."""
        status = code.value if isinstance(code, HTTPStatus) else code
        asked = getattr(self, "headers", None) and self.headers.get("Range")
        more = f" {asked}" if asked else ""
        self.log_message("%s %s%s", status, self.requestline, more)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's name
        """Log it, with what could command a terminal shown as `?`."""
        line = format % args
        _LOG.info("%s", "".join(letter if letter.isprintable() else "?" for letter in line))

    def _answer(self, *, is_get: bool) -> None:
        self._ignore_body()
        parts = path_parts(self.path)
        if parts is None:
            self.send_error(HTTPStatus.NOT_FOUND)
        elif parts == (CATALOG_PATH,):
            self._redirect(f"{CATALOG_PATH}/catalog.json")
        elif parts == (CATALOG_PATH, ""):
            self._redirect("catalog.json")
        elif parts[0:1] == (CATALOG_PATH,):
            self._send_file(find_file(self.site.catalog, parts[1:]), is_get=is_get)
        elif parts == (CONFIG_NAME,):
            self._send_text(self.site.config, "text/javascript; charset=utf-8", is_get=is_get)
        elif self.site.browser is None:
            page = self.site.page if parts == () else None
            self._send_text(page, "text/html; charset=utf-8", is_get=is_get)
        else:
            self._send_file(find_file(self.site.browser, parts or ("index.html",)), is_get=is_get)

    def _send_file(self, path: Path | None, *, is_get: bool) -> None:
        try:
            file = path.open("rb") if path else None
        except OSError:
            file = None
        if path is None or file is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        with file:
            status = self.site.status(file)
            head = file.read(HEAD_LENGTH)
            self._send(file, media_type(path, head), status, is_get=is_get)

    def _send_text(self, text: str | None, kind: str, *, is_get: bool) -> None:
        if text is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        content = text.encode()
        version = Version(len(content), self.site.started_ns)
        self._send(io.BytesIO(content), kind, version, is_get=is_get)

    def _send(self, file: BinaryIO, kind: str, version: Version, *, is_get: bool) -> None:
        part = portion(self.headers, version, is_get=is_get)
        self.send_response(part.status)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", version.etag)
        self.send_header("Last-Modified", version.last_modified)
        self.send_header("Cache-Control", self._caching())
        self.send_header("Content-Security-Policy", self._policy())
        if part.status == HTTPStatus.NOT_MODIFIED:
            self.end_headers()
            return
        self._send_extent(part, version, kind)
        self.end_headers()
        if is_get:
            self._copy(file, part)

    def _send_extent(self, part: Portion, version: Version, kind: str) -> None:
        if part.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            self.send_header("Content-Range", f"bytes */{version.size}")
        elif part.status == HTTPStatus.PARTIAL_CONTENT:
            last = part.start + part.length - 1
            self.send_header("Content-Range", f"bytes {part.start}-{last}/{version.size}")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(part.length))

    def _copy(self, file: BinaryIO, part: Portion) -> None:
        file.seek(part.start)
        try:
            if isinstance(file, io.BytesIO):
                sent = self.wfile.write(file.read(part.length))
            elif part.length:
                sent = self.connection.sendfile(file, part.start, part.length)
            else:
                sent = 0
        except OSError as error:
            _LOG.debug("%s: %s", self.requestline, error)
            sent = -1
        # Too few bytes would be taken for the beginning of the next answer.
        self.close_connection = self.close_connection or sent != part.length

    def _redirect(self, path: str) -> None:
        self.send_response(HTTPStatus.FOUND)
        self.send_header("Location", path)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _refuse_method(self) -> None:
        # What stands in its body would be taken for the next request.
        self.close_connection = True
        self.send_response(HTTPStatus.METHOD_NOT_ALLOWED)
        self.send_header("Allow", _ALLOWED)
        self.send_header("Connection", "close")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _ignore_body(self) -> None:
        """A body is never read, so nothing after it can be understood."""
        if "Transfer-Encoding" in self.headers or self.headers.get("Content-Length", "0") != "0":
            self.close_connection = True

    def _is_shared(self) -> bool:
        path = getattr(self, "path", "")
        return (path_parts(path) or ())[:1] == (CATALOG_PATH,)

    def _asked_headers(self) -> str:
        asked = self.headers.get("Access-Control-Request-Headers", "Range")
        return asked if asked.isascii() and asked.isprintable() else "Range"

    def _caching(self) -> str:
        # What is named by its content never changes; all else is asked for again.
        is_hashed = (path_parts(self.path) or ("",))[0] in HASHED
        return "max-age=31536000, immutable" if is_hashed else "no-cache"

    def _policy(self) -> str:
        return self.site.file_policy if self._is_shared() else self.site.page_policy
