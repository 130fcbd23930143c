"""What goes where: results to stdout, everything else to stderr."""

import sys
from collections.abc import Iterable, Sequence

import click

from peps_stac.cli.options import global_options

Row = Sequence[str]


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


def print_table(header: Row, rows: Iterable[Row]) -> None:
    """Print a table on stdout: drawn on a terminal, aligned plain text elsewhere."""
    lines = [[printable(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _draw(header, lines)
        return
    widths = [max(len(cell) for cell in column) for column in zip(header, *lines, strict=True)]
    for line in (header, *lines):
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def _draw(header: Row, rows: Sequence[Row]) -> None:
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
        table.add_row(*map(Text, row))
    console.print(table)


def plural(count: int, noun: str) -> str:
    """`1 product`, `2 products`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
