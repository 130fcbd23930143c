"""Single values of foreign answers, which come null, absent, as text or of another type.

Each reader answers None for what it cannot make sense of: an unknown fact, never a guess.
"""

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from peps_stac.domain.instants import parse_instant

# eodag writes "Not Available" where PEPS wrote null; PHP and scripts write the others.
_NOTHING = frozenset({"", "null", "none", "nan", "n/a", "not available", "not+available"})
_DIGITS = re.compile(r"[0-9]{1,18}")
_HREF = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)
_LONGEST_QUOTE = 300
_WHOLE = 100


def read_text(value: object) -> str | None:
    """Text that says something, without blanks around it."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    return None if text.casefold() in _NOTHING else text


def read_number(value: object) -> float | None:
    """A finite number, also when it was written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def read_count(value: object) -> int | None:
    """A whole number, zero or more, also when it was written as text or as `3.0`."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if value >= 0 else None
    if isinstance(value, str) and _DIGITS.fullmatch(value.strip()):
        return int(value)
    number = read_number(value)
    return int(number) if number is not None and number >= 0 and number.is_integer() else None


def read_percent(value: object) -> float | None:
    """A number from 0 to 100."""
    number = read_number(value)
    return number if number is not None and 0 <= number <= _WHOLE else None


def read_instant(value: object) -> datetime | None:
    """An instant in UTC; text without an offset is taken as UTC."""
    text = read_text(value)
    if text is None:
        return None
    try:
        return parse_instant(text)
    except (ValueError, OverflowError):
        return None


def read_href(value: object) -> str | None:
    """An absolute http or https address."""
    text = read_text(value)
    return text if text is not None and _HREF.fullmatch(text) else None


def read_mapping(value: object) -> Mapping[str, Any]:
    """A JSON object; empty for null and for the `[]` that PHP writes for an empty one."""
    return value if isinstance(value, Mapping) else {}


def one_line(text: str) -> str:
    """Foreign text fit for a message: on one line, printable, at most 300 characters."""
    line = " ".join(text.split())
    shown = "".join(letter if letter.isprintable() else "?" for letter in line)
    return shown if len(shown) <= _LONGEST_QUOTE else f"{shown[: _LONGEST_QUOTE - 1]}…"
