"""Answers of the simulator before they go out: bytes or part of a file, and their headers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

JSON = "application/json"
XML = "text/xml"

_RANGE = re.compile(r"bytes=(?=\d*-\d|\d+-)(?P<first>\d*)-(?P<last>\d*)")
# Resto.php: codes from 502 up are the service's own and travel as 400.
_LAST_HTTP_CODE = 501
_UNAUTHORIZED = 401

_MESSAGES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Request Entity Too Large",
    500: "Internal Server Error",
    3002: "User has to sign license",
    9000: "The service is temporarily unavailable. Try again later.",
}


@dataclass(frozen=True, slots=True)
class FilePart:
    """Some bytes of a file on disk, in a row."""

    path: Path
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One HTTP answer."""

    status: int = 200
    body: bytes | FilePart = b""
    content_type: str = "text/html"
    headers: tuple[tuple[str, str], ...] = field(default=())
    """Besides Content-Type, Content-Length and Connection."""

    @property
    def length(self) -> int:
        """Bytes of the body."""
        return len(self.body) if isinstance(self.body, bytes) else self.body.length


def json_answer(document: Any, status: int = 200) -> Answer:  # noqa: ANN401 -- any JSON value
    """A document as compact JSON."""
    return Answer(status=status, body=orjson.dumps(document), content_type=JSON)


def error_answer(code: int, message: str | None = None, *, status: int | None = None) -> Answer:
    """An error as PEPS words it (`RestoLogUtil`).

    Args:
        code: `ErrorCode`; also the HTTP status, but 400 for the service's own codes (502 up).
        message: `ErrorMessage`; the usual one of the code by default.
        status: HTTP status when it is to be another.
    """
    usual = code if code <= _LAST_HTTP_CODE else 400
    body = {"ErrorMessage": message or _MESSAGES.get(code, "Unknown error"), "ErrorCode": code}
    answer = json_answer(body, usual if status is None else status)
    if answer.status == _UNAUTHORIZED:
        return replace(answer, headers=(("WWW-Authenticate", 'Basic realm="PEPS"'),))
    return answer


def html_answer(page: str, status: int = 200) -> Answer:
    """A web page."""
    return Answer(status=status, body=page.encode(), content_type="text/html; charset=utf-8")


def xml_answer(document: str) -> Answer:
    """An XML document."""
    return Answer(body=document.encode(), content_type=XML)


def archive_answer(
    body: bytes | FilePart, *, name: str, etag: str, headers: Mapping[str, str]
) -> Answer:
    """A zip, or the part of it that the request's `Range` names (RFC 9110, section 14).

    One range is served; several, a malformed one, or one whose `If-Range` names another
    version bring the whole file.

    Args:
        body: The whole file.
        name: What a browser should call it.
        etag: Version of the file, without quotes.
        headers: Of the request, names in lower case.
    """
    size = len(body) if isinstance(body, bytes) else body.length
    shared = (
        ("Accept-Ranges", "bytes"),
        ("ETag", f'"{etag}"'),
        ("Content-Disposition", f'attachment; filename="{name}"'),
    )
    whole = Answer(body=body, content_type="application/zip", headers=shared)
    match = _RANGE.fullmatch(headers.get("range", "").replace(" ", ""))
    if match is None or headers.get("if-range", f'"{etag}"') != f'"{etag}"':
        return whole
    span = _span(match["first"], match["last"], size)
    if span is None:
        return Answer(status=416, headers=(("Content-Range", f"bytes */{size}"),))
    first, last = span
    return Answer(
        status=206,
        body=_cut(body, first, last - first + 1),
        content_type="application/zip",
        headers=(*shared, ("Content-Range", f"bytes {first}-{last}/{size}")),
    )


def _span(first_text: str, last_text: str, size: int) -> tuple[int, int] | None:
    if not first_text:
        length = min(int(last_text or 0), size)
        return (size - length, size - 1) if length else None
    first = int(first_text)
    last = min(int(last_text), size - 1) if last_text else size - 1
    return (first, last) if first <= last else None


def _cut(body: bytes | FilePart, first: int, length: int) -> bytes | FilePart:
    if isinstance(body, bytes):
        return body[first : first + length]
    return FilePart(body.path, body.offset + first, length)
