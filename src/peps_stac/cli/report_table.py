"""The table of `peps-stac report`: a row for each tile and month, and what all of them come to."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from peps_stac.workflow import Completeness
    from peps_stac.workflow.completeness import Tally

Row = tuple[str, ...]

_IN_TWO = {
    "expected": "expec- ted",
    "delivered": "deliv- ered",
    "running": "run- ning",
    "too_cloudy": "too cloudy",
    "unprocessed": "unpro- cessed",
    "canceled": "can- celed",
    "missing": "miss- ing",
    "not_ordered": "not ordered",
    "superseded": "super- seded",
}
"""Heads of two lines, for a terminal."""


def table(report: "Completeness") -> tuple[Row, list[Row]]:
    """Names of columns and rows; a state that no date stands in has no column."""
    whole = report.tally
    states = [state for state, count in whole.counts.items() if count or state == "delivered"]

    def cells(counted: "Tally") -> Row:
        counts = (str(counted.counts[state]) for state in states)
        beside = (str(counted.superseded),) if whole.superseded else ()
        return (str(counted.expected), *counts, *beside)

    header = ("tile", "month", "expected", *states, *(["superseded"] if whole.superseded else []))
    rows: list[Row] = [
        (str(month.tile), f"{month.first_day:%Y-%m}", *cells(month.tally))
        for month in report.months
    ]
    return header, [*rows, ("total", "", *cells(whole))]


def drawn(header: Sequence[str], rows: Sequence[Row], width: int) -> list[str]:
    """The lines of a table for people: numbers to the right, a dot for none.

    Args:
        header: Names of columns.
        rows: The last one is the total.
        width: Of the terminal. What fits it is taken: whole heads, heads of two lines, or those
            closer together; a column `superseded` has to go if even that is too wide.
    """
    whole = [[name.replace("_", " ")] for name in header]
    folded = [_IN_TWO.get(name, name).split(" ") for name in header]
    body = [[cell if cell != "0" else "." for cell in row] for row in rows]
    for heads, gap in ((whole, "  "), (folded, "  "), (folded, " ")):
        lines = _lines(heads, body, gap)
        if max(map(len, lines)) <= width:
            break
    else:
        if header[-1] == "superseded":
            return drawn(header[:-1], [row[:-1] for row in rows], width)
    return lines


def _lines(heads: Sequence[list[str]], body: Sequence[list[str]], gap: str) -> list[str]:
    height = max(map(len, heads))
    tops = [["", *head] if len(head) < height else head for head in heads]
    found = [*map(list, zip(*tops, strict=True)), *body]
    widths = [max(map(len, column)) for column in zip(*found, strict=True)]
    lines = [gap.join(_cells(line, widths)).rstrip() for line in found]
    return [*lines[:-1], "-" * max(map(len, lines)), lines[-1]]


def _cells(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Tile and month stand left, numbers right."""
    return [
        cell.ljust(width) if column < 2 else cell.rjust(width)  # noqa: PLR2004 -- tile and month
        for column, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]
