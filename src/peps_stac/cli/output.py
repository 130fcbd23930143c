"""What goes where: results to stdout, everything else to stderr."""

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import click

from peps_stac.cli.options import global_options

if TYPE_CHECKING:
    from datetime import datetime

Row = Sequence[str]
Style = Callable[[Row, str], str]

_GAP = "  "
"""Between columns."""


def tell(line: str) -> None:
    """Say one line to the person, on stderr; nothing with -q."""
    if not global_options().quiet:
        say(line, err=True)


def say(line: str, *, err: bool = False) -> None:
    """Print one line, above what rich draws on that terminal at the time, if anything.

    click writes past it, so that the next picture would be drawn over the line.
    """
    stream = sys.stderr if err else sys.stdout
    is_drawn_on = hasattr(stream, "rich_proxied_file") and stream.isatty()
    click.echo(printable(line), file=stream if is_drawn_on else None, err=err)


def is_drawn() -> bool:
    """Whether somebody looks at stderr, on a terminal that can draw over what it has drawn."""
    return sys.stderr.isatty() and not is_dumb() and not global_options().quiet


def is_dumb() -> bool:
    """Whether the terminal says that it knows no letters but those to read."""
    return os.environ.get("TERM", "").lower() in ("dumb", "unknown")


def printable(text: str) -> str:
    """Text whose letters only show themselves: a file's name cannot command the terminal."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in text)


def print_json(document: object) -> None:
    """Print one JSON document on stdout: indented on a terminal, compact in a pipe."""
    import orjson

    is_seen = sys.stdout.isatty()
    layout = orjson.OPT_INDENT_2 if is_seen else 0
    content = orjson.dumps(document, option=layout | orjson.OPT_APPEND_NEWLINE)
    click.echo(_escaped(content.decode()) if is_seen else content, nl=False)


def _escaped(text: str) -> str:
    """The same JSON, with letters that could command a terminal written as numbers."""
    return "".join(
        letter
        if letter.isprintable() or letter == "\n"
        else "".join(f"\\u{unit:04x}" for unit in _units(letter))
        for letter in text
    )


def _units(letter: str) -> tuple[int, ...]:
    """Numbers of UTF-16, two for a letter above U+FFFF (RFC 8259, section 7)."""
    content = letter.encode("utf-16-be")
    return tuple(int.from_bytes(content[at : at + 2]) for at in range(0, len(content), 2))


def print_table(
    header: Row,
    rows: Iterable[Row],
    *,
    spare: Sequence[str] = (),
    style: Style | None = None,
) -> None:
    """Print a table on stdout: drawn on a terminal, aligned plain text elsewhere.

    Args:
        header: Names of the columns.
        rows: Their cells.
        spare: Columns that others tell as well; they go, in this order, from a terminal that is
            too narrow for all.
        style: Answers that of a cell, for rich, from its row and its text.
    """
    lines = [[printable(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _draw(*_fitting(header, lines, spare), style or _plain)
        return
    widths = [max(len(cell) for cell in column) for column in zip(header, *lines, strict=True)]
    for line in (header, *lines):
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo(_GAP.join(cells).rstrip())


def _fitting(header: Row, rows: Sequence[Row], spare: Sequence[str]) -> tuple[Row, Sequence[Row]]:
    """The columns that a terminal has place for."""
    width = shutil.get_terminal_size().columns
    for name in (name for name in spare if name in header):
        widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
        if sum(widths) + len(_GAP) * (len(widths) - 1) <= width:
            break
        kept = [number for number, one in enumerate(header) if one != name]
        header = [header[number] for number in kept]
        rows = [[row[number] for number in kept] for row in rows]
    return header, rows


def _plain(_row: Row, _cell: str) -> str:
    return ""


def _draw(header: Row, rows: Sequence[Row], style: Style) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    table = Table(box=None, header_style="bold", pad_edge=False)
    longest_id = max((len(row[0]) for row in rows), default=0)
    for number, name in enumerate(header):
        # An id is meant to be copied: in one piece where it fits, and never cut.
        keep = number == 0 and longest_id <= console.width // 2
        table.add_column(name, overflow="fold", no_wrap=keep)
    for row in rows:
        table.add_row(*(Text(cell, style(row, cell)) for cell in row))
    console.print(table)


def day_text(when: "datetime | None") -> str:
    """`2017-11-27` for people, with the time in a pipe; a dash for none."""
    if when is None:
        return "-"
    return f"{when:%Y-%m-%d}" if sys.stdout.isatty() else f"{when:%Y-%m-%d %H:%M}"


def plural(count: int, noun: str) -> str:
    """`1 product`, `2 products`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
