"""Which bytes of a file an answer holds: ranges and conditions of RFC 9110, without I/O."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus

_ONE_RANGE = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Version:
    """What tells one state of a file from another."""

    size: int
    """Bytes."""
    modified_ns: int
    """Nanoseconds since 1970."""

    @property
    def etag(self) -> str:
        """A strong one: the store replaces files and never writes into them."""
        return f'"{self.modified_ns:x}-{self.size:x}"'

    @property
    def last_modified(self) -> str:
        """In the form of HTTP, whole seconds."""
        return format_datetime(self._modified, usegmt=True)

    @property
    def _modified(self) -> datetime:
        return datetime.fromtimestamp(self.modified_ns // 10**9, UTC)

    def is_newer_than(self, date: str) -> bool:
        """Whether it changed after a date of HTTP; yes where that is no date."""
        try:
            return self._modified > _aware(parsedate_to_datetime(date))
        except (ValueError, OverflowError):
            return True


@dataclass(frozen=True, slots=True)
class Portion:
    """What of a file is sent, and with which status."""

    status: HTTPStatus
    start: int = 0
    length: int = 0


def portion(headers: Message, version: Version, *, is_get: bool = True) -> Portion:
    """The part of a file that answers a request.

    One range is understood, also a suffix (`bytes=-500`). A request for several, or for units
    other than bytes, gets the whole file, as RFC 9110, section 14.2, allows.

    Args:
        headers: Of the request; their names in any case.
        version: Of the file.
        is_get: False for HEAD, which knows no ranges.
    """
    if _is_known(headers, version):
        return Portion(HTTPStatus.NOT_MODIFIED)
    whole = Portion(HTTPStatus.OK, 0, version.size)
    asked = _ONE_RANGE.fullmatch(headers.get("Range", ""))
    if not asked or not is_get or not _still_holds(headers.get("If-Range"), version):
        return whole
    first, last = asked.groups()
    if not first and not last:
        return whole
    if not first:
        start, end = max(0, version.size - int(last)), version.size
    else:
        start, end = int(first), min(int(last or version.size), version.size - 1) + 1
        if last and int(last) < start:
            return whole
    if start >= version.size:
        return Portion(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
    return Portion(HTTPStatus.PARTIAL_CONTENT, start, end - start)


def _is_known(headers: Message, version: Version) -> bool:
    tags = headers.get("If-None-Match")
    if tags is not None:
        found = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return bool(found & {"*", version.etag})
    date = headers.get("If-Modified-Since")
    return date is not None and not version.is_newer_than(date)


def _still_holds(condition: str | None, version: Version) -> bool:
    return condition is None or condition.strip() in (version.etag, version.last_modified)


def _aware(date: datetime) -> datetime:
    return date if date.tzinfo else date.replace(tzinfo=UTC)
