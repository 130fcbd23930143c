"""When to ask again: what `Retry-After` means, how waits grow, and how to say it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST_WAIT_S = 900.0
"""PEPS itself asks for 15 minutes at most. Who is asked for more comes back another time."""

LONGEST_BELIEVED_S = 86_400.0
"""A quota may be for a day; more is a mistake of somebody's clock."""

_FIRST_BACKOFF_S = 1.0
_LAST_BACKOFF_S = 60.0
_LONGEST_IN_SECONDS = 3600.0
_NUMBER = re.compile(r"\d+(\.\d+)?", re.ASCII)


def read_retry_after(
    headers: Mapping[str, str], now: datetime, *, in_ms: bool = True
) -> float | None:
    """Seconds that an answer asks to wait, at most a day; None when it does not say.

    RFC 9110, section 10.2.3, allows seconds or a date. PEPS writes milliseconds (180000), and
    repeats them in `X-regards-retry`.

    Args:
        headers: Of the answer; names as in RFC 9110, or a mapping that ignores case.
        now: To measure a date against, when the answer has no `Date` of its own.
        in_ms: A number above 3600 is taken as milliseconds.
    """
    text = (headers.get("Retry-After") or headers.get("X-regards-retry") or "").strip()
    if _NUMBER.fullmatch(text):
        number = float(text)
        seconds = number / 1000 if in_ms and number > _LONGEST_IN_SECONDS else number
    else:
        then = _read_date(text)
        if then is None:
            return None
        # The service's own clock, so that a wrong clock here does not matter.
        seconds = (then - (_read_date(headers.get("Date")) or now)).total_seconds()
    return min(max(seconds, 0.0), LONGEST_BELIEVED_S)


def come_back(retry_after_s: float | None, now: datetime) -> str:
    """`again later`, or `again after 2017-11-27 10:03 UTC (in 180 s)`: never too early."""
    if not retry_after_s:
        return "again later"
    then = now + timedelta(seconds=retry_after_s + 59)
    return f"again after {then:%Y-%m-%d %H:%M} UTC (in {retry_after_s:.0f} s)"


def wait_s(failures: int, jitter: float) -> float:
    """Seconds to wait before asking again when the service does not say: doubling from 1 to 60.

    Args:
        failures: In a row so far, from 1.
        jitter: Random, 0 to 1, so that many clients do not come back together.
    """
    backoff = _FIRST_BACKOFF_S * 2.0 ** min(failures - 1, 30)
    return min(backoff, _LAST_BACKOFF_S) * (1 + jitter) / 2


def _read_date(text: str | None) -> datetime | None:
    try:
        then = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return then if then.tzinfo else then.replace(tzinfo=UTC)
