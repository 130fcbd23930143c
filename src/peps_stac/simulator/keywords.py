"""The `keywords` of a resto feature: words to click on, under a hash each."""

from datetime import date

from peps_stac.simulator.chance import digest

Keyword = dict[str, str]

_SEASONS = ("Winter", "Spring", "Summer", "Autumn")
_HASH_LENGTH = 15
_MONTHS_A_SEASON = 3
# Spelled here: strftime would follow the locale of the machine.
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def keywords(day: date, satellite: str, base_url: str, *, northern: bool) -> dict[str, Keyword]:
    """Keywords of an L1C scene, in the order and the spelling of the recorded ones."""
    platform = f"s2{satellite[-1]}"
    words = (
        (_season(day, northern=northern), "season", None),
        ("S2ST", "collection", None),
        ("S2MSI1C", "productType", None),
        ("LEVEL1C", "processingLevel", None),
        (platform, "platform", None),
        ("msi", "instrument", _key(platform, "platform")),
        ("INS-NOBS", "sensorMode", _key("msi", "instrument")),
        ("Descending", "orbitDirection", None),
        ("Nominal", "realtime", None),
        (str(day.year), "year", None),
        (_MONTHS[day.month - 1], "month", _key(str(day.year), "year")),
        (f"{day.day:02d}", "day", _key(_MONTHS[day.month - 1], "month")),
    )
    return {
        _key(name, kind): _keyword(name, kind, parent, base_url) for name, kind, parent in words
    }


def _keyword(name: str, kind: str, parent: str | None, base_url: str) -> Keyword:
    word = {"name": name, "type": kind}
    if parent is not None:
        word["parentHash"] = parent
    word["href"] = f"{base_url}/resto/api/collections/S2ST/search.json?&lang=en&q={name}"
    return word


def _season(day: date, *, northern: bool) -> str:
    shift = 0 if northern else 2
    return _SEASONS[(day.month % 12 // _MONTHS_A_SEASON + shift) % len(_SEASONS)]


def _key(name: str, kind: str) -> str:
    return digest(kind, name)[:_HASH_LENGTH]
