"""What comes back: a whole answer in memory, or one that is still coming."""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from peps_stac.errors import ResponseError
from peps_stac.http.addresses import named

CHUNK_BYTES = 1 << 18
"""At most at once: 256 KiB stay in the processor's cache, 1 MiB takes twice as long."""

_LONGEST_SAYING = 200
_LONGEST_QUOTE = 60
_MESSAGES = ("ErrorMessage", "detail", "description", "message", "title")
_UTF8_BOM = b"\xef\xbb\xbf"
_CODE = re.compile(r"\d{1,5}", re.ASCII)
_TITLE = re.compile(rb"(?is)<title[^>]*>(.{1,400}?)</title>")


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, read into memory."""

    url: str
    """Where it came from, after redirects."""
    status: int
    content_type: str
    """Media type in lower case, without parameters; empty when not announced."""
    content: bytes
    retry_after_s: float | None = None
    location: str | None = None
    """Where what was made stands; absolute."""

    def json(self) -> Any:  # noqa: ANN401 -- JSON is of any shape
        """The document that the content is.

        Raises:
            ResponseError: It is no JSON.
        """
        try:
            return orjson.loads(self.content.removeprefix(_UTF8_BOM))
        except orjson.JSONDecodeError as error:
            message = f"{named(self.url)} answered {self._glimpse()} instead of JSON; report it"
            raise ResponseError(message) from error

    def said(self) -> tuple[str | None, int | None]:
        """`(ErrorMessage, ErrorCode)` of a PEPS error document; None for what it does not have.

        Others write what PEPS calls ErrorMessage as RFC 7807 does, or as the drafts of OGC API
        did. An HTML page is named by its title, and never quoted.
        """
        try:
            document = orjson.loads(self.content.removeprefix(_UTF8_BOM))
        except orjson.JSONDecodeError:
            return (self._glimpse() if self.content else None), None
        if not isinstance(document, dict):
            return None, None
        message = next((said for name in _MESSAGES if (said := document.get(name))), None)
        code = document.get("ErrorCode")
        return (
            one_line(str(message)) if message else None,
            int(str(code)) if _CODE.fullmatch(str(code)) else None,
        )

    def _glimpse(self) -> str:
        if "html" in self.content_type or self.content.lstrip()[:1] == b"<":
            kind = "XML" if self.content.lstrip().startswith(b"<?xml") else "an HTML page"
            title = _TITLE.search(self.content[:4096])
            if title is None:
                return kind
            return f"{kind} ({one_line(html.unescape(title[1].decode(errors='replace')))})"
        if not self.content:
            return "nothing"
        start = self.content[: 4 * _LONGEST_QUOTE].decode(errors="replace")
        return f"{self.content_type or 'something'} ({one_line(start, _LONGEST_QUOTE)!r})"


@dataclass(frozen=True, slots=True)
class StreamedAnswer:
    """An answer whose body is still to be read, once."""

    url: str
    status: int
    content_type: str
    """Media type in lower case, without parameters; empty when not announced."""
    headers: Mapping[str, str]
    """Names in any case."""
    retry_after_s: float | None
    iter_chunks: Callable[[], Iterator[bytes]]
    """The body as it stands on the wire, in pieces of at most `CHUNK_BYTES`, each as soon as it
    comes and not before the session's rate allows; `ServiceError` when the connection breaks."""
    whole: Callable[[], Answer]
    """The body at once, for a short one; `ResponseError` when it is not short."""


def one_line(text: str, longest: int = _LONGEST_SAYING) -> str:
    """Somebody else's text, fit for one line of ours."""
    line = " ".join(text.split())
    printable = "".join(letter if letter.isprintable() else "?" for letter in line)
    return printable if len(printable) <= longest else f"{printable[:longest]}…"
