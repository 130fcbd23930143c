"""Facts of Sentinel-2 in the words that services use for them; None for what is none."""

import re

from peps_stac.domain import MgrsTile
from peps_stac.errors import RequestError
from peps_stac.provider.values import read_count, read_text

_PLATFORM = re.compile(r"(?:S2|SENTINEL-?2)(?P<unit>[A-Z])", re.IGNORECASE)
_MD5 = re.compile(r"[0-9a-fA-F]{32}")
_ORBIT_STATES = ("ascending", "descending")
_LAST_RELATIVE_ORBIT = 143


def read_tile(value: object) -> MgrsTile | None:
    """A tile, with or without a leading T."""
    text = read_text(value)
    if text is None:
        return None
    try:
        return MgrsTile.parse(text)
    except RequestError:
        return None


def read_platform(value: object) -> str | None:
    """`sentinel-2a` for S2A, SENTINEL2A or Sentinel-2A."""
    match = _PLATFORM.fullmatch(read_text(value) or "")
    return f"sentinel-2{match['unit'].lower()}" if match else None


def read_relative_orbit(value: object) -> int | None:
    """1 to 143."""
    orbit = read_count(value) or 0
    return orbit if 1 <= orbit <= _LAST_RELATIVE_ORBIT else None


def read_orbit_state(value: object) -> str | None:
    """`ascending` or `descending`, from any case."""
    state = (read_text(value) or "").lower()
    return state if state in _ORBIT_STATES else None


def read_md5(value: object) -> str | None:
    """32 hexadecimal digits in lower case."""
    text = read_text(value) or ""
    return text.lower() if _MD5.fullmatch(text) else None
