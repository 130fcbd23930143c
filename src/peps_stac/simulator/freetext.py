"""The simulated free-text search: places, months, years, seasons and a limit of clouds.

PEPS reads `q` with an analyser of its own. What it does not understand at all gives an empty
result, not an error; of what it understands in part, the rest is left out.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shapely.geometry import box

from peps_stac.simulator.filters import Filter, touches
from peps_stac.simulator.gazetteer import PLACES
from peps_stac.simulator.holdings import Record

_MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "january janvier",
            "february fevrier",
            "march mars",
            "april avril",
            "may mai",
            "june juin",
            "july juillet",
            "august aout",
            "september septembre",
            "october octobre",
            "november novembre",
            "december decembre",
        ),
        start=1,
    )
    for word in words.split()
}
_SEASONS = {
    "winter": (12, 1, 2),
    "hiver": (12, 1, 2),
    "spring": (3, 4, 5),
    "printemps": (3, 4, 5),
    "summer": (6, 7, 8),
    "ete": (6, 7, 8),
    "autumn": (9, 10, 11),
    "automne": (9, 10, 11),
}
_CLOUDS = re.compile(r"\bclouds?(?: cover)? ?(?:<|less than|lower than) ?(\d+) ?%?")
_YEAR = re.compile(r"20\d\d")
_WORD = re.compile(r"[a-z0-9]+")
_FILLERS = {"in", "at", "near", "over", "on", "the", "of", "and", "a", "en", "le", "la", "de"}
_LONGEST_PLACE = 3


@dataclass(frozen=True, slots=True)
class Understood:
    """What was read in a text."""

    text: str
    filters: tuple[Filter, ...]
    where: tuple[str, ...]
    when: tuple[str, ...]
    what: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def is_nothing(self) -> bool:
        """Whether no word of it was understood: the answer is then empty."""
        return not self.filters

    @property
    def analysis(self) -> dict[str, Any]:
        """`query.analysis` of the answer."""
        found = {"What": self.what, "When": self.when, "Where": self.where, "Errors": self.unknown}
        return {"query": self.text, "language": "en", "analyze": {"en": found}}


def understand(text: str) -> Understood:
    """Read a free text such as `Toulouse August` or `cloud < 10 % Paris 2018`."""
    plain = _plain(text)
    clouds = _CLOUDS.findall(plain)
    words = [word for word in _WORD.findall(_CLOUDS.sub(" ", plain)) if word not in _FILLERS]
    places, rest = _places(words)
    when = [word for word in rest if _months(word) or _YEAR.fullmatch(word)]
    unknown = [word for word in rest if word not in when]
    tests = [touches(box(*PLACES[place])) for place in places]
    tests += _when_filters(when)
    tests += [_cloud_below(float(limit)) for limit in clouds]
    what = tuple(f"cloud < {limit}" for limit in clouds)
    return Understood(text, tuple(tests), tuple(places), tuple(when), what, tuple(unknown))


def place_filter(text: str) -> Filter | None:
    """The test for a place name alone; None when no such place is known."""
    place = " ".join(_WORD.findall(_plain(text).partition(",")[0]))
    return touches(box(*PLACES[place])) if place in PLACES else None


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _places(words: list[str]) -> tuple[list[str], list[str]]:
    """Places by the longest match, and the words that belong to none."""
    places: list[str] = []
    rest: list[str] = []
    while words:
        for length in range(min(_LONGEST_PLACE, len(words)), 0, -1):
            name = " ".join(words[:length])
            if name in PLACES:
                places.append(name)
                words = words[length:]
                break
        else:
            rest.append(words[0])
            words = words[1:]
    return places, rest


def _months(word: str) -> tuple[int, ...]:
    return (_MONTHS[word],) if word in _MONTHS else _SEASONS.get(word, ())


def _when_filters(words: list[str]) -> list[Filter]:
    """Any of the months, and any of the years, that were named."""
    months = {month for word in words for month in _months(word)}
    years = {int(word) for word in words if _YEAR.fullmatch(word)}
    tests: list[Filter] = []
    if months:
        tests.append(_one_of(lambda record: record.start.month, months))
    if years:
        tests.append(_one_of(lambda record: record.start.year, years))
    return tests


def _one_of(key: Callable[[Record], int], wanted: set[int]) -> Filter:
    return lambda record: key(record) in wanted


def _cloud_below(limit: float) -> Filter:
    return lambda record: record.cloud_cover is not None and record.cloud_cover < limit
