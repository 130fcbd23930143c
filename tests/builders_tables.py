"""Tables of Markdown pages, as the tests read them."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"

Row = Mapping[str, str]
"""Cells by the words of the heading."""

_BETWEEN_CELLS = re.compile(r"(?<!\\)\|")


def section(page: str, heading: str) -> str:
    """What stands below a heading, up to the next one of its level or above."""
    level = heading.partition(" ")[0]
    begun = page.split(f"\n{heading}\n", 1)[1]
    return re.split(rf"\n#{{1,{len(level)}}} ", begun, maxsplit=1)[0]


def tables(text: str) -> Iterator[list[Row]]:
    """Each table in turn, as its rows."""
    for block in re.findall(r"(?:^\|.*\n?)+", text, re.MULTILINE):
        heading, _, *rows = [_cells(line) for line in block.splitlines()]
        assert all(len(row) == len(heading) for row in rows), block
        yield [dict(zip(heading, row, strict=True)) for row in rows]


def code(cell: str) -> list[str]:
    """The words of a cell that are marked as code."""
    return re.findall(r"`([^`]+)`", cell)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in _BETWEEN_CELLS.split(line.strip().strip("|"))]
