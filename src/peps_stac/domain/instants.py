"""Instants as text and back: RFC 3339 in UTC, as STAC and PEPS write them."""

import re
from datetime import UTC, date, datetime, time, timedelta

from peps_stac.errors import RequestError

_BARE_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_END_OF_DAY = timedelta(days=1) - timedelta(milliseconds=1)


def parse_instant(text: str) -> datetime:
    """The instant that RFC 3339 text names, in UTC; a bare date is that day at 00:00.

    Text without an offset is taken as UTC, as PEPS does.

    Raises:
        ValueError: The text names no instant.
    """
    parsed = datetime.fromisoformat(text.strip())
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def format_instant(instant: datetime) -> str:
    """`2017-11-27T10:58:27.648Z`; milliseconds only when there are any (RFC 3339, UTC)."""
    utc = instant.astimezone(UTC)
    timespec = "milliseconds" if utc.microsecond else "seconds"
    return utc.isoformat(timespec=timespec).replace("+00:00", "Z")


def parse_date(text: str, option: str) -> datetime:
    """The start of a day or an instant that a person typed.

    Args:
        text: `2017-11-01` or `2017-11-01T10:30:00Z`.
        option: What it was given for, for the message.

    Raises:
        RequestError: No such date.
    """
    try:
        return parse_instant(text)
    except ValueError as error:
        message = f"{option}: no such date: {text!r}; write YYYY-MM-DD, e.g. 2017-11-01"
        raise RequestError(message) from error


def parse_interval(text: str) -> tuple[datetime | None, datetime | None]:
    """A STAC `datetime` parameter: an instant, a day, or `A/B` with `..` for an open end.

    A bare date at the end, or alone, stands for the whole day (STAC API, Item Search), so its
    last millisecond is answered: `2017-11-01/2017-11-30` includes what was taken on the 30th.

    Returns:
        `(start, end)`, both included; None where open.

    Raises:
        RequestError: No interval, or both ends open.
    """
    start_text, slash, end_text = text.strip().partition("/")
    if not slash:
        end_text = start_text
    start = None if start_text in ("", "..") else parse_date(start_text, "--datetime")
    end = None if end_text in ("", "..") else parse_date(end_text, "--datetime")
    if start is None and end is None:
        message = f"--datetime: {text!r} has no date; write A/B, e.g. 2017-11-01/2017-11-30"
        raise RequestError(message)
    if end is not None and _BARE_DATE.fullmatch(end_text.strip()):
        end += _END_OF_DAY
    return start, end


def day_start(day: date) -> datetime:
    """00:00 UTC of a day."""
    return datetime.combine(day, time(), UTC)


def day_end(day: date) -> datetime:
    """The last millisecond of a day, UTC."""
    return day_start(day) + _END_OF_DAY


def format_span(elapsed: timedelta) -> str:
    """`45 s`, `12 min`, `3 h 05 min`, `4 d 7 h`, in whole units; a negative one is `0 s`."""
    seconds = max(0, int(elapsed.total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days:
        return f"{days} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60:02d} min"
    return f"{minutes} min" if minutes else f"{seconds} s"
