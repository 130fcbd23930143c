"""Which result file of a job belongs to which scene.

No real name of a PEPS result is recorded, so nothing is assumed but a date somewhere in the
last path segment; a time, a satellite or a tile there narrows it. A name without even a date
says nothing, and then only the metadata inside the archive can tell.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

from peps_stac.domain import Days
from peps_stac.peps.report import is_not_valid
from peps_stac.workflow.pairing import LONGEST_PASS, Scene

_WHEN = re.compile(r"(?P<day>20\d{6})(?:[-T](?P<time>\d{6}))?")
_UNIT = re.compile(r"(?:SENTINEL2|S2)(?P<unit>[A-Z])_")
_SLACK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the results of a finished job say of one scene."""

    hrefs: tuple[str, ...] = ()
    """Archives to fetch."""
    is_too_cloudy: bool = False
    """The job declares the scene not valid (NOVALD)."""


def file_name(href: str) -> str:
    """Last path segment of an address."""
    return unquote(urlsplit(href).path).rstrip("/").rpartition("/")[2]


def verdict(scene: Scene | None, results: Sequence[str], *, is_alone: bool) -> Verdict:
    """What a list of results says of a scene.

    Args:
        scene: None when its name tells nothing.
        results: Addresses, as the report lists them.
        is_alone: The job was for this scene only, so that every result is its own.
    """
    own = [href for href in results if is_alone or _may_be(scene, file_name(href))]
    valid = tuple(href for href in own if not is_not_valid(href))
    return Verdict(valid, is_too_cloudy=bool(own) and not valid)


def wanted(results: Iterable[str], kept: Days | None) -> tuple[str, ...]:
    """The results of a series whose day is kept, or cannot be told from their names."""
    return tuple(href for href in results if kept is None or _may_be_in(kept, file_name(href)))


def _may_be_in(kept: Days, name: str) -> bool:
    when = _WHEN.search(name)
    if when is None:
        return True
    text = when["day"] + (when["time"] or "000000")
    seen = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    # A pass over midnight has the day of its start.
    start = seen - LONGEST_PASS if when["time"] else seen
    return start.date() in kept or seen.date() in kept


def _may_be(scene: Scene | None, name: str) -> bool:
    when = _WHEN.search(name)
    if scene is None or when is None:
        return True
    unit = _UNIT.search(name)
    if unit and f"sentinel-2{unit['unit'].lower()}" != scene.platform:
        return False
    if when["time"] is None:
        return when["day"] == f"{scene.start:%Y%m%d}"
    seen = datetime.strptime(when["day"] + when["time"], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return -_SLACK <= seen - scene.start <= LONGEST_PASS + _SLACK
