"""The place and the dates of an old command line, and the new options that say the same."""

from typing import Any

from peps_stac.cli.selection import Selection
from peps_stac.errors import RequestError

_NO_END = "9999-01-01"
"""How the old scripts said that a period has no end."""
_BOX = ("lonmin", "latmin", "lonmax", "latmax")
_POINT = ("lon", "lat")


def old_selection(*, tile: str | None, orbit: int | None = None, **given: Any) -> Selection:  # noqa: ANN401 -- text and numbers
    """The selection that an old line meant: one place, of which a tile comes first.

    Args:
        tile: Wins over every other place.
        orbit: Relative orbit.
        given: `location`, `lon`, `lat`, `lonmin`, `latmin`, `lonmax`, `latmax`, `start`, `end`.

    Raises:
        RequestError: No place, or two of them.
    """
    end = given["end"]
    period = {"start": given["start"], "end": None if end == _NO_END else end}
    place = {name: given[name] for name in ("location", *_POINT, *_BOX) if given[name] is not None}
    if tile is not None:
        return Selection(tiles=(tile,), orbit=orbit, **period)
    if not place:
        raise RequestError("which place? give -t, -l, --lon and --lat, or a box")
    kinds = ("location" in place, not place.keys().isdisjoint(_POINT), _has_box(place))
    if sum(kinds) > 1:
        raise RequestError("a location, a point and a box exclude each other; give one of them")
    return Selection(orbit=orbit, **place, **period)


def _has_box(place: dict[str, Any]) -> bool:
    return not place.keys().isdisjoint(_BOX)


def selection_words(selection: Selection) -> list[str]:
    """The options of `peps-stac search` and `order` that give this selection."""
    options = {
        "-l": selection.location,
        "--lon": selection.lon,
        "--lat": selection.lat,
        **{f"--{edge}": getattr(selection, edge) for edge in _BOX},
        "-o": selection.orbit,
        "-d": selection.start,
        "-f": selection.end,
    }
    words = [word for tile in selection.tiles for word in ("-t", tile)]
    for option, value in options.items():
        words += [] if value is None else [option, str(value)]
    return words
