"""A picture of which dates are there: an SVG with a calendar strip for each tile.

A short period has a row a month with a square a day, a long one a row a year with a bar a date.
The colours are those of Okabe and Ito, told apart by colour-blind people; squares also bear a
sign. The text of the file is meant to be read: a group a tile, a line a date, a class a state.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, zip_longest
from textwrap import shorten
from typing import Final
from xml.sax.saxutils import escape

from peps_stac.workflow.completeness import Completeness, DateState, ExpectedDate, tally

_STYLES: Final = {
    DateState.DELIVERED: ("#009e73", ""),
    DateState.READY: ("#56b4e9", "+"),
    DateState.RUNNING: ("#0072b2", "~"),
    DateState.TOO_CLOUDY: ("#b3b3b3", ""),
    DateState.UNPROCESSED: ("#e69f00", "?"),
    DateState.FAILED: ("#d55e00", "x"),
    DateState.CANCELED: ("#cc79a7", "-"),
    DateState.MISSING: ("#000000", "!"),
    DateState.NOT_ORDERED: ("#ffffff", ""),
}
"""Fill, and the sign on a square."""

_DARK: Final = (DateState.RUNNING, DateState.FAILED, DateState.MISSING)
"""Fills that bear a white sign."""

_MARGIN, _LEFT, _RIGHT, _TOP = 16.0, 76.0, 64.0, 34.0
_MONTHS_AT_MOST: Final = 14
"""Up to here a row is a month."""
_LEAP: Final = 2000
"""The 366 days on which the years of a strip are laid, so that their months stand in line."""
_LETTER, _TITLE_LETTER = 7.0, 10.0
"""Width of a letter of the legend and of the title, pixels; about."""


@dataclass(frozen=True, slots=True)
class _Box:
    """Pixels."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class _Layout:
    """How days become pixels."""

    is_by_month: bool

    @property
    def step(self) -> float:
        """Pixels a day."""
        return 24 if self.is_by_month else 3

    @property
    def row_height(self) -> int:
        return 22 if self.is_by_month else 16

    @property
    def columns(self) -> int:
        return 31 if self.is_by_month else 366

    @property
    def width(self) -> float:
        return _LEFT + self.columns * self.step + _RIGHT

    def row(self, day: date) -> date:
        """First day of the row that a day stands in."""
        return day.replace(day=1) if self.is_by_month else date(day.year, 1, 1)

    def x(self, day: date) -> float:
        """Left edge of a day."""
        column = day.day - 1 if self.is_by_month else _day_of_leap_year(day)
        return _LEFT + column * self.step

    def rows(self, days: Iterable[date]) -> list[date]:
        """All rows from the first day to the last, those without any date among them."""
        known = list(days)
        found = [self.row(min(known))]
        while (after := self.row(_row_end(found[-1], is_month=self.is_by_month))) <= max(known):
            found.append(after)
        return found

    def label(self, row: date) -> str:
        return f"{row:%Y-%m}" if self.is_by_month else f"{row.year}"

    def heads(self) -> Iterator[tuple[float, str]]:
        """Names of columns and where they are centred."""
        if self.is_by_month:
            yield from ((_LEFT + (n - 0.5) * self.step, str(n)) for n in range(1, 32))
            return
        for month in range(1, 13):
            middle = date(_LEAP, month, 15)
            yield self.x(middle), f"{middle:%b}"


def calendar_strip(completeness: Completeness, title: str = "Dates delivered") -> str:
    """An SVG document with a strip for each tile; all strips have the same rows.

    Args:
        completeness: With a date at least.
        title: Any text.

    Raises:
        ValueError: There is nothing to draw.
    """
    days = [one.datetime.date() for one in completeness.dates]
    if not days:
        raise ValueError("no date to draw; search for scenes or add products first")
    first, last = min(days), max(days)
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    layout = _Layout(is_by_month=months <= _MONTHS_AT_MOST)
    rows = layout.rows(days)
    body, y = _legend(completeness, layout)
    for tile, dates in completeness.tiles.items():
        strip, y = _strip(str(tile), dates, layout, rows, y)
        body += strip
    return "\n".join([*_head(title, layout.width, y + 10), *body, "</svg>", ""])


def _head(title: str, width: float, height: float) -> Iterator[str]:
    size = f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    yield f"<title>{_text(title)}</title>"
    yield "<style>"
    yield "text { font: 12px sans-serif; fill: #333; }"
    yield ".title { font-size: 17px; font-weight: bold; }"
    yield ".tile { font-size: 14px; font-weight: bold; }"
    yield ".head { font-size: 10px; fill: #666; text-anchor: middle; }"
    yield ".row { text-anchor: end; }"
    yield ".sign { font-size: 13px; font-weight: bold; text-anchor: middle; pointer-events: none; }"
    yield ".light { fill: #fff; }"
    yield ".days { fill: #eee; }"
    yield ".line { stroke: #888; stroke-width: 0.6; }"
    for state, (fill, _) in _STYLES.items():
        edge = " stroke: #777; stroke-width: 0.8;" if state is DateState.NOT_ORDERED else ""
        yield f".{state} {{ fill: {fill};{edge} }}"
    yield "</style>"
    yield '<rect width="100%" height="100%" fill="#fff"/>'
    shown = shorten(title, int((width - 2 * _MARGIN) / _TITLE_LETTER), placeholder=" ...")
    yield f'<text class="title" x="{_MARGIN:g}" y="24">{_text(shown)}</text>'


def _legend(completeness: Completeness, layout: _Layout) -> tuple[list[str], float]:
    """What the colours mean and how many dates have them; and where it ends."""
    found = completeness.tally
    lines, x, y = ['<g id="legend">'], _MARGIN, _TOP
    for state, count in found.counts.items():
        text = f"{count} {said(state)}"
        width = 38 + len(text) * _LETTER
        if count and x > _MARGIN and x + width > layout.width:
            x, y = _MARGIN, y + 22
        if count:
            lines.append(_rect(state, _Box(x, y, 16, 14)))
            lines += _sign(state, _Box(x, y, 16, 14))
            lines.append(f'<text x="{x + 22:g}" y="{y + 12:g}">{text}</text>')
            x += width
    if found.superseded:
        y += 22
        noun = "older version" if found.superseded == 1 else "older versions"
        text = f"beside them {found.superseded} {noun} of delivered products"
        lines.append(f'<text x="{_MARGIN:g}" y="{y + 12:g}">{text}</text>')
    return [*lines, "</g>"], y + 30


def _strip(
    tile: str, dates: Sequence[ExpectedDate], layout: _Layout, rows: Sequence[date], y: float
) -> tuple[list[str], float]:
    """One tile, and where it ends."""
    counted = tally(dates)
    title = f"{tile}: {counted.delivered} of {counted.expected} delivered"
    lines = [
        f'<g id="T{tile}">',
        f'<text class="tile" x="{_MARGIN:g}" y="{y + 14:g}">{title}</text>',
    ]
    y += 32
    heads = layout.heads()
    lines += [f'<text class="head" x="{x:g}" y="{y - 3:g}">{name}</text>' for x, name in heads]
    top = y
    by_row = {row: list(found) for row, found in groupby(dates, _row_of(layout))}
    for row in rows:
        lines += _row(row, by_row.get(row, []), layout, y)
        y += layout.row_height
    lines += _month_lines(layout, top, y - 2)
    return [*lines, "</g>"], y + 12


def _row_of(layout: _Layout) -> Callable[[ExpectedDate], date]:
    return lambda one: layout.row(one.datetime.date())


def _row(row: date, dates: Sequence[ExpectedDate], layout: _Layout, y: float) -> Iterator[str]:
    """Its name, its days as one band, its dates, and how many are delivered of how many."""
    height = layout.row_height - 2
    middle = y + height / 2 + 4
    yield f'<text class="row" x="{_LEFT - 8:g}" y="{middle:g}">{layout.label(row)}</text>'
    end = layout.x(_row_end(row, is_month=layout.is_by_month) - timedelta(days=1)) + layout.step
    band = f'x="{_LEFT:g}" y="{y:g}" width="{end - _LEFT:g}" height="{height}"'
    yield f'<rect class="days" {band}/>'
    yield from _cells(dates, layout, y)
    if dates:
        counted = tally(dates)
        x = layout.width - _RIGHT + 10
        text = f"{counted.delivered}/{counted.expected}"
        yield f'<text x="{x:g}" y="{middle:g}">{text}</text>'


def _month_lines(layout: _Layout, top: float, bottom: float) -> Iterator[str]:
    if not layout.is_by_month:
        xs = [layout.x(date(_LEAP, month, 1)) - 0.3 for month in range(2, 13)]
        path = "".join(f"M{x:g} {top - 10:g}V{bottom:g}" for x in xs)
        yield f'<path class="line" d="{path}"/>'


def _cells(dates: Sequence[ExpectedDate], layout: _Layout, y: float) -> Iterator[str]:
    """The dates of one row; those of one day share its square."""
    days = [(day, list(same)) for day, same in groupby(dates, lambda one: one.datetime.date())]
    for (day, same), after in zip_longest(days, [after for after, _ in days[1:]]):
        width = layout.step - 2
        if not layout.is_by_month:
            # A bar of one day is thin: it takes the next day too where that is free.
            width = layout.step * (1 if after and (after - day).days == 1 else 2) - 0.6
        x = layout.x(day) + (1 if layout.is_by_month else 0)
        height = (layout.row_height - 2) / len(same)
        for number, one in enumerate(same):
            gap = 1 if number < len(same) - 1 else 0
            box = _Box(x, y + number * height, width, height - gap)
            yield _rect(one.state, box, _tip(one))
            if layout.is_by_month and len(same) == 1:
                yield from _sign(one.state, box)


def _rect(state: DateState, box: _Box, tip: str = "") -> str:
    size = f'x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}"'
    end = f"><title>{_text(tip)}</title></rect>" if tip else "/>"
    return f'<rect class="{state}" {size}{end}'


def _sign(state: DateState, box: _Box) -> Iterator[str]:
    sign = _STYLES[state][1]
    if sign:
        light = " light" if state in _DARK else ""
        place = f'x="{box.x + box.width / 2:g}" y="{box.y + box.height / 2 + 4:g}"'
        yield f'<text class="sign{light}" {place}>{sign}</text>'


def _tip(one: ExpectedDate) -> str:
    unit = one.platform.removeprefix("sentinel-").upper()
    words = f"{one.datetime:%Y-%m-%d} S{unit}: {said(one.state)}"
    return f"{words} ({one.reason})" if one.reason else words


def said(state: DateState) -> str:
    """A state in plain words: `too cloudy`."""
    return state.replace("_", " ")


def _text(words: str) -> str:
    """Words as XML takes them: services and folders may have control characters in theirs."""
    return escape("".join(letter if letter.isprintable() else " " for letter in words))


def _row_end(row: date, *, is_month: bool) -> date:
    """The first day after a month or a year."""
    if not is_month:
        return date(row.year + 1, 1, 1)
    return (row + timedelta(days=31)).replace(day=1)


def _day_of_leap_year(day: date) -> int:
    return (day.replace(year=_LEAP) - date(_LEAP, 1, 1)).days
