"""Lengths of time as people type them."""

import re

import click

_LENGTH = re.compile(r"(?P<count>\d+(?:\.\d+)?)\s*(?P<unit>s|m|min|h|d)?")
_SECONDS = {None: 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}


def duration(text: str) -> float:
    """Seconds, from `90`, `90s`, `15m`, `2h` or `1d`.

    Raises:
        click.BadParameter: No length of time, or none at all.
    """
    match = _LENGTH.fullmatch(text.strip().lower())
    seconds = float(match["count"]) * _SECONDS[match["unit"]] if match else 0
    if not seconds:
        raise click.BadParameter(f"{text!r} is no length of time; write 90, 90s, 15m or 2h")
    return seconds
