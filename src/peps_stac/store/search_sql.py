"""Criteria as SQL over the columns of the index: a condition that no match fails.

It may let others through, since what it finds is compared with the Item itself. So it only says
what both sides surely agree on: no arithmetic, no functions of CQL2, nothing below a NOT.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shapely.geometry.base import BaseGeometry

from peps_stac.domain.instants import parse_instant
from peps_stac.store.index_rows import Kind, kind_of
from peps_stac.store.search_criteria import Criteria, microseconds

Tree = Any
"""CQL2 JSON."""

_TURNS = (0.0, 360.0, -360.0)
_MARGIN_DEG = 1e-6
"""More than the tolerance of `meets`."""
_DAY = dt.timedelta(days=1)
_WILD = re.compile(r"[%_\\]")
# Without the strict ones: numbers are kept as doubles.
_COMPARISONS = {"=": "=", "<": "<=", "<=": "<=", ">": ">=", ">=": ">="}
_MIRRORED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Sql:
    """A condition."""

    text: str
    values: tuple[Any, ...] = ()
    """For its question marks."""


ALL, NONE = Sql("TRUE"), Sql("FALSE")


@dataclass(frozen=True, slots=True)
class Columns:
    """What an index has."""

    known: Mapping[str, tuple[str, Kind]]
    """Column and type by property."""
    unknown: frozenset[str]
    """Properties that Items have and the index has not."""

    def condition(self, criteria: Criteria) -> Sql:
        """For a WHERE; tiles and years are not in it."""
        query, condition = criteria.query, criteria.filter
        return _all_of(
            [
                _period(query.start, query.end),
                self._limit("<=", "eo:cloud_cover", query.cloud_cover),
                self._limit("=", "platform", query.platform),
                self._limit("=", "sat:relative_orbit", query.relative_orbit),
                self._one_of("order:status", criteria.statuses),
                _ids(criteria.ids),
                *map(_place, criteria.areas),
                self._tree(condition.tree) if condition else ALL,
            ]
        )

    def _limit(self, operator: str, name: str, value: str | float | None) -> Sql:
        return ALL if value is None else self._compare(operator, name, value)

    def _one_of(self, name: str, words: Iterable[str] | None) -> Sql:
        return ALL if words is None else _any_of(self._compare("=", name, w) for w in words)

    def _tree(self, tree: Tree) -> Sql:  # noqa: PLR0911 -- one line an operator
        match tree:
            case {"op": "and", "args": parts}:
                return _all_of(map(self._tree, parts))
            case {"op": "or", "args": parts}:
                return _any_of(map(self._tree, parts))
            case {"op": "isNull", "args": [{"property": name}]}:
                return self._is_null(name)
            case {"op": "like", "args": [{"property": name}, str(pattern)]}:
                return self._like(name, pattern)
            case {"op": "in", "args": [value, choices]}:
                return _any_of(self._tree({"op": "=", "args": [value, one]}) for one in choices)
            case {"op": "between", "args": [value, low, high]}:
                return _all_of(map(self._tree, _ends(value, low, high)))
            case {"op": operator, "args": [{"property": name}, value]} if operator in _COMPARISONS:
                return self._compare(operator, name, value)
            case {"op": operator, "args": [value, {"property": name}]} if operator in _COMPARISONS:
                return self._compare(_MIRRORED[operator], name, value)
        return ALL

    def _compare(self, operator: str, name: str, value: Any) -> Sql:  # noqa: ANN401 -- any literal
        if isinstance(value, Mapping):
            return _instant(operator, name, value)
        if not self._is_told(name) or kind_of(value) is None:
            return ALL
        column, kind = self._column(name)
        if kind is not kind_of(value):
            # Never true: nothing is said, or something of another type.
            return NONE
        return Sql(f"{column} {_COMPARISONS[operator]} ?", (value,))

    def _is_null(self, name: str) -> Sql:
        if not self._is_told(name):
            return ALL
        return Sql(f"{self.known[name][0]} IS NULL") if name in self.known else ALL

    def _like(self, name: str, pattern: str) -> Sql:
        if not self._is_told(name):
            return ALL
        column, kind = self._column(name)
        beginning = _WILD.split(pattern, maxsplit=1)[0]
        return Sql(f"starts_with({column}, ?)", (beginning,)) if kind is Kind.TEXT else NONE

    def _column(self, name: str) -> tuple[str, Kind | None]:
        return ("id", Kind.TEXT) if name == "id" else self.known.get(name, ("", None))

    def _is_told(self, name: str) -> bool:
        """Whether what the index has, or has not, is all that Items say of a property."""
        is_own = name in ("collection", "geometry") or "." in name
        return not is_own and name not in self.unknown


def _ids(ids: frozenset[str] | None) -> Sql:
    return ALL if ids is None else Sql("list_contains(?::VARCHAR[], id)", (sorted(ids),))


def _period(start: dt.datetime | None, end: dt.datetime | None) -> Sql:
    first = Sql("end_us >= ?", (microseconds(start),)) if start else ALL
    last = Sql("start_us <= ?", (microseconds(end),)) if end else ALL
    return _all_of([first, last])


def _place(place: BaseGeometry) -> Sql:
    pieces = getattr(place, "geoms", [place])
    return _any_of(_box(piece.bounds) for piece in pieces if not piece.is_empty)


def _box(bounds: tuple[float, float, float, float]) -> Sql:
    west, south, east, north = bounds
    margin = _MARGIN_DEG
    latitudes = Sql("ymin <= ? AND ymax >= ?", (north + margin, south - margin))
    longitudes = (
        Sql("(xmin <= ? AND xmax >= ?)", (east + turn + margin, west + turn - margin))
        for turn in _TURNS
    )
    return _all_of([latitudes, _any_of(longitudes)])


def _instant(operator: str, name: str, value: Mapping[str, Any]) -> Sql:
    text = value.get("timestamp") or value.get("date")
    if name != "datetime" or text is None:
        return ALL
    first = last = parse_instant(text)
    if "date" in value:
        last += _DAY
    low = Sql("datetime_us >= ?", (microseconds(first),)) if operator in ("=", ">", ">=") else ALL
    high = Sql("datetime_us <= ?", (microseconds(last),)) if operator in ("=", "<", "<=") else ALL
    return _all_of([low, high])


def _ends(value: Tree, low: Tree, high: Tree) -> list[Tree]:
    return [{"op": ">=", "args": [value, low]}, {"op": "<=", "args": [value, high]}]


def _all_of(parts: Iterable[Sql]) -> Sql:
    told = [part for part in parts if part != ALL]
    return ALL if not told else _joined(" AND ", told)


def _any_of(parts: Iterable[Sql]) -> Sql:
    told = list(parts)
    if ALL in told:
        return ALL
    return _joined(" OR ", told) if told else NONE


def _joined(word: str, parts: list[Sql]) -> Sql:
    text = word.join(part.text for part in parts)
    return Sql(f"({text})", tuple(value for part in parts for value in part.values))
