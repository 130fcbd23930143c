"""The operators of CQL2 on plain values; None stands for unknown."""

import datetime as dt
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from shapely import box, union_all
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from peps_stac.domain.instants import parse_instant
from peps_stac.errors import RequestError
from peps_stac.provider.footprint import meets
from peps_stac.provider.matching import split_at_antimeridian

Truth = bool | None
"""None: unknown."""

Value = Any

_BEGIN = dt.datetime.min.replace(tzinfo=dt.UTC)
_END = dt.datetime.max.replace(tzinfo=dt.UTC)
_LAST_OF_DAY = dt.timedelta(days=1) - dt.timedelta(microseconds=1)

_Span = tuple[dt.datetime, dt.datetime]


def all_of(parts: Iterable[Truth]) -> Truth:
    """False when one is false, unknown when one is unknown, else true."""
    known: Truth = True
    for part in parts:
        if part is False:
            return False
        known = None if part is None else known
    return known


def any_of(parts: Iterable[Truth]) -> Truth:
    """True when one is true, unknown when one is unknown, else false."""
    known: Truth = False
    for part in parts:
        if part is True:
            return True
        known = None if part is None else known
    return known


def negated(part: Truth) -> Truth:
    """The other of true and false."""
    return None if part is None else not part


def truth_of(value: Value) -> Truth:
    """A value that stands for a condition: true, false, or unknown for anything else."""
    return value if isinstance(value, bool) else None


def literal(tree: Mapping[str, Any]) -> Value:
    """The instant, day, interval or geometry that CQL2 JSON spells.

    Raises:
        RequestError: It spells none.
    """
    try:
        if "timestamp" in tree:
            return parse_instant(tree["timestamp"])
        if "date" in tree:
            return dt.date.fromisoformat(tree["date"])
        if "interval" in tree:
            first, last = map(_end_of_interval, tree["interval"])
            return (
                _span(first)[0] if first else _BEGIN,
                _span(last)[1] if last else _END,
            )
        if "bbox" in tree:
            return union_all([box(*part) for part in split_at_antimeridian(_flat(tree["bbox"]))])
        return shape(dict(tree))
    except (ShapelyError, ValueError, TypeError, KeyError, AttributeError) as error:
        message = f"--filter: no instant, interval or geometry in {str(dict(tree))[:80]}"
        raise RequestError(f"{message}: {error}") from error


def equal(one: Value, two: Value) -> Truth:
    """Whether two values of one type are the same; unknown for two types."""
    return _compared(operator.eq)(one, two)


def _end_of_interval(end: Value) -> Value:
    if not isinstance(end, str):
        return literal(end)
    if end in ("..", ""):
        return None
    return parse_instant(end) if "T" in end.upper() else dt.date.fromisoformat(end)


def _flat(bbox: list[float]) -> tuple[float, float, float, float]:
    west, south, *_, east, north = bbox[:2] + (bbox[3:5] if len(bbox) > 4 else bbox[2:])  # noqa: PLR2004 -- heights left out
    return west, south, east, north


def _compared(compare: Callable[[Value, Value], bool]) -> Callable[[Value, Value], Truth]:
    def decide(one: Value, two: Value) -> Truth:
        pair = _of_one_type(one, two)
        return None if pair is None else compare(*pair)

    return decide


def _of_one_type(one: Value, two: Value) -> tuple[Value, Value] | None:
    if one is None or two is None:
        return None
    if isinstance(one, dt.date) or isinstance(two, dt.date):
        return _as_instants(one, two)
    if isinstance(one, bool) or isinstance(two, bool):
        return (one, two) if isinstance(one, bool) and isinstance(two, bool) else None
    for kind in (str, int | float):
        if isinstance(one, kind):
            return (one, two) if isinstance(two, kind) else None
    return None


def _as_instants(one: Value, two: Value) -> tuple[Value, Value] | None:
    """Instants to compare; when one side is a day, the days of both (UTC)."""
    first, second = _instant(one), _instant(two)
    if first is None or second is None:
        return None
    if isinstance(first, dt.datetime) and isinstance(second, dt.datetime):
        return first, second
    return _day(first), _day(second)


def _instant(value: Value) -> dt.date | None:
    if isinstance(value, str):
        try:
            return parse_instant(value)
        except ValueError:
            return None
    return value if isinstance(value, dt.date) else None


def _day(instant: dt.date) -> dt.date:
    return instant.date() if isinstance(instant, dt.datetime) else instant


def _span(value: Value) -> _Span:
    if isinstance(value, dt.datetime):
        return value, value
    if isinstance(value, dt.date):
        start = dt.datetime.combine(value, dt.time(), dt.UTC)
        return start, start + _LAST_OF_DAY
    start, end = value
    return start, end


def _timed(compare: Callable[[_Span, _Span], bool]) -> Callable[[Value, Value], Truth]:
    def decide(one: Value, two: Value) -> Truth:
        first = one if isinstance(one, tuple) else _instant(one)
        second = two if isinstance(two, tuple) else _instant(two)
        if first is None or second is None:
            return None
        return compare(_span(first), _span(second))

    return decide


def _placed(
    compare: Callable[[BaseGeometry, BaseGeometry], bool],
) -> Callable[[Value, Value], Truth]:
    def decide(one: Value, two: Value) -> Truth:
        first, second = _geometry(one), _geometry(two)
        if first is None or second is None:
            return None
        try:
            return bool(compare(first, second))
        except ShapelyError:
            return None

    return decide


def _geometry(value: Value) -> BaseGeometry | None:
    if isinstance(value, BaseGeometry):
        return value
    try:
        return shape(dict(value))
    except (ShapelyError, KeyError, TypeError, ValueError, AttributeError):
        return None


def _listed(compare: Callable[[set[Value], set[Value]], bool]) -> Callable[[Value, Value], Truth]:
    def decide(one: Value, two: Value) -> Truth:
        if not isinstance(one, list) or not isinstance(two, list):
            return None
        try:
            return compare(set(one), set(two))
        except TypeError:  # lists of lists
            return None

    return decide


def _between(value: Value, low: Value, high: Value) -> Truth:
    return all_of((_compared(operator.ge)(value, low), _compared(operator.le)(value, high)))


def _like(value: Value, pattern: Value) -> Truth:
    if not isinstance(value, str) or not isinstance(pattern, str):
        return None
    return _pattern(pattern).fullmatch(value) is not None


@lru_cache(64)
def _pattern(text: str) -> re.Pattern[str]:
    """`%` is any text, `_` any character; after a backslash both are themselves."""
    wild = {"%": ".*", "_": "."}
    words = re.findall(r"\\?.", text, re.DOTALL)
    return re.compile("".join(wild.get(w) or re.escape(w[-1]) for w in words), re.DOTALL)


def _casei(value: Value) -> Value:
    return value.casefold() if isinstance(value, str) else None


def _calculated(calculate: Callable[[Value, Value], Value]) -> Callable[[Value, Value], Value]:
    def answer(one: Value, two: Value) -> Value:
        if isinstance(one, bool) or isinstance(two, bool):
            return None
        if not isinstance(one, int | float) or not isinstance(two, int | float):
            return None
        try:
            found = calculate(one, two)
        except ArithmeticError:
            return None
        return found if isinstance(found, int | float) else None

    return answer


PREDICATES: Mapping[str, Callable[..., Truth]] = {
    "=": equal,
    "<>": _compared(operator.ne),
    "<": _compared(operator.lt),
    "<=": _compared(operator.le),
    ">": _compared(operator.gt),
    ">=": _compared(operator.ge),
    "between": _between,
    "like": _like,
    "t_after": _timed(lambda one, two: one[0] > two[1]),
    "t_before": _timed(lambda one, two: one[1] < two[0]),
    "t_during": _timed(lambda one, two: two[0] < one[0] and one[1] < two[1]),
    "t_equals": _timed(lambda one, two: one == two),
    "t_intersects": _timed(lambda one, two: one[0] <= two[1] and two[0] <= one[1]),
    "t_disjoint": _timed(lambda one, two: one[0] > two[1] or two[0] > one[1]),
    "s_intersects": _placed(meets),
    "s_disjoint": _placed(lambda one, two: not meets(one, two)),
    "s_within": _placed(lambda one, two: one.within(two)),
    "s_contains": _placed(lambda one, two: one.contains(two)),
    "s_equals": _placed(lambda one, two: one.equals(two)),
    "s_overlaps": _placed(lambda one, two: one.overlaps(two)),
    "s_crosses": _placed(lambda one, two: one.crosses(two)),
    "s_touches": _placed(lambda one, two: one.touches(two)),
    "a_equals": _listed(operator.eq),
    "a_contains": _listed(operator.ge),
    "a_containedby": _listed(operator.le),
    "a_overlaps": _listed(lambda one, two: bool(one & two)),
}
"""By the lower-case name of CQL2 JSON; `and`, `or`, `not`, `in` and `isNull` stand elsewhere."""

FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "+": _calculated(operator.add),
    "-": _calculated(operator.sub),
    "*": _calculated(operator.mul),
    "/": _calculated(operator.truediv),
    "%": _calculated(operator.mod),
    "div": _calculated(operator.floordiv),
    "^": _calculated(operator.pow),
    "casei": _casei,
}
"""As `PREDICATES`."""
