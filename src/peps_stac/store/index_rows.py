"""What of an Item can be asked without opening it: one row of the index."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from peps_stac.domain.instants import parse_instant
from peps_stac.store.search_criteria import interval_of, microseconds, sort_key

_FULL_TURN, _HALF_TURN = 360.0, 180.0
_EVERYWHERE = (-_FULL_TURN, 2 * _FULL_TURN)
"""Longitudes of a footprint that may go across the antimeridian, however it is written."""

_INSTANTS = frozenset({"datetime", "start_datetime", "end_datetime", "created", "updated"})
"""Properties of which nearly every value is another: they would only make the index larger."""


class Kind(StrEnum):
    """Type of a column."""

    TEXT = "text"
    NUMBER = "number"
    TRUTH = "truth"


FIXED = {
    "part": Kind.TEXT,
    "id": Kind.TEXT,
    "key_us": Kind.NUMBER,
    "start_us": Kind.NUMBER,
    "end_us": Kind.NUMBER,
    "datetime_us": Kind.NUMBER,
    "xmin": Kind.NUMBER,
    "ymin": Kind.NUMBER,
    "xmax": Kind.NUMBER,
    "ymax": Kind.NUMBER,
}
"""Columns that every row has. Times are whole microseconds since 1970; bounds are those of the
geometry, in degrees, and null for an Item without place."""


@dataclass(slots=True)
class Rows:
    """Rows of some Items, column by column."""

    fixed: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in FIXED})
    """By the names of `FIXED`."""
    said: dict[str, list[Any]] = field(default_factory=dict)
    """Plain properties by name; shorter than `fixed` when the last Items do not have them."""
    kinds: dict[str, Kind] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    """Properties that are no plain values, or of several types; they are not in `said`."""

    def __len__(self) -> int:
        return len(self.fixed["id"])

    def add(self, part: str, document: Mapping[str, Any]) -> None:
        """Appends one Item.

        Args:
            part: Tile and year, `31TCJ/2017`.
            document: Its JSON.

        Raises:
            KeyError, TypeError, ValueError, AttributeError: It is no STAC Item.
        """
        number, properties = len(self), document["properties"]
        first, last = interval_of(properties)
        when = properties.get("datetime")
        values = (
            part,
            document["id"],
            sort_key(document),
            microseconds(first) if first else None,
            microseconds(last) if last else None,
            microseconds(parse_instant(when)) if when else None,
            *_bounds(document.get("geometry")),
        )
        for name, value in zip(FIXED, values, strict=True):
            self.fixed[name].append(value)
        for name, value in properties.items():
            if value is not None:
                self._say(number, name, value)

    def extend(self, others: "Rows") -> None:
        """Appends the rows of others."""
        before = len(self)
        for name, values in others.fixed.items():
            self.fixed[name] += values
        for name in others.unknown:
            self._forget(name)
        for name, kind in others.kinds.items():
            if name in self.unknown or self.kinds.setdefault(name, kind) is not kind:
                self._forget(name)
                continue
            values = self.said.setdefault(name, [])
            values.extend([None] * (before - len(values)))
            values += others.said[name]

    def column(self, name: str) -> list[Any]:
        """Values of a property, None where an Item says nothing."""
        values = self.said[name]
        return values + [None] * (len(self) - len(values))

    def _say(self, number: int, name: str, value: Any) -> None:  # noqa: ANN401 -- any JSON
        if name in self.unknown:
            return
        kind = None if name in _INSTANTS else kind_of(value)
        if kind is None or self.kinds.setdefault(name, kind) is not kind:
            self._forget(name)
            return
        values = self.said.setdefault(name, [])
        values.extend([None] * (number - len(values)))
        values.append(float(value) if kind is Kind.NUMBER else value)

    def _forget(self, name: str) -> None:
        self.unknown.add(name)
        self.said.pop(name, None)
        self.kinds.pop(name, None)


def kind_of(value: Any) -> Kind | None:  # noqa: ANN401 -- any JSON
    """Type of the column for a value; None for one that has none."""
    if isinstance(value, bool):
        return Kind.TRUTH
    if isinstance(value, int | float):
        return Kind.NUMBER
    return Kind.TEXT if isinstance(value, str) else None


def _bounds(geometry: Mapping[str, Any] | None) -> tuple[float | None, ...]:
    positions = [] if geometry is None else list(_positions(geometry))
    if not positions:
        return (None, None, None, None)
    eastings = [position[0] for position in positions]
    northings = [position[1] for position in positions]
    west, east = float(min(eastings)), float(max(eastings))
    if east - west > _HALF_TURN:
        west, east = _EVERYWHERE
    return (west, float(min(northings)), east, float(max(northings)))


def _positions(geometry: Mapping[str, Any]) -> Iterator[Sequence[float]]:
    for part in geometry.get("geometries", ()):
        yield from _positions(part)
    level = geometry.get("coordinates", ())
    if not level:
        return
    while level and isinstance(level[0], list) and isinstance(level[0][0], list):
        level = [below for above in level for below in above]
    yield from [level] if isinstance(level[0], int | float) else level
