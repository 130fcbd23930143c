"""Results that are printed while more of them come, in memory that does not grow with them."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import click

from peps_stac.cli.output import Row, print_json, print_table, printable

if TYPE_CHECKING:
    import pystac

_BLOCK = 1000
"""Rows that are looked at before the first is printed; a longer table keeps their widths."""


class Stream(Protocol):
    """Where Items go one by one."""

    def add(self, item: "pystac.Item") -> None:
        """Print it, at once or soon."""

    def end(self) -> None:
        """Print what is left; not to be called when what gives the Items failed."""


class LongTable:
    """A table as `print_table` prints it; beyond its first block always plain text."""

    def __init__(
        self, header: Row, row: "Callable[[pystac.Item], Row]", *, spare: Row = ()
    ) -> None:
        """Prints nothing yet.

        Args:
            header: Names of the columns.
            row: Answers the line of an Item.
            spare: As `print_table` takes it.
        """
        self._spare = spare
        self._header = header
        self._row = row
        self._rows: list[Row] = []
        self._widths: list[int] = []

    def add(self, item: "pystac.Item") -> None:
        """Print a line, once there are enough."""
        self._rows.append([printable(cell) for cell in self._row(item)])
        if len(self._rows) > _BLOCK:
            self._print()

    def end(self) -> None:
        """Print the rows that are left."""
        if self._rows and self._widths:
            self._print()
        elif self._rows:
            print_table(self._header, self._rows, spare=self._spare)

    def _print(self) -> None:
        if not self._widths:
            columns = zip(self._header, *self._rows, strict=True)
            self._widths = [max(map(len, column)) for column in columns]
            self._rows.insert(0, self._header)
        click.echo("\n".join(map(self._line, self._rows)))
        self._rows = []

    def _line(self, row: Row) -> str:
        cells = (cell.ljust(width) for cell, width in zip(row, self._widths, strict=True))
        return "  ".join(cells).rstrip()


class LongCollection:
    """An ItemCollection as one GeoJSON document, hrefs as they are.

    Without `collection`: STAC wants a link beside it, and what is not saved has none to link to.
    In a pipe each Item is written as it comes, and a document that was not ended is no JSON: who
    reads it cannot take a part for the whole.
    """

    def __init__(self) -> None:
        """Prints nothing yet."""
        self._is_seen = sys.stdout.isatty()
        self._waiting: list[dict[str, object]] = []
        self._separator = '{"type":"FeatureCollection","features":['

    def add(self, item: "pystac.Item") -> None:
        """Print an Item; on a terminal, once all are there."""
        found = feature(item)
        if self._is_seen:
            self._waiting.append(found)
        else:
            self._write(found)

    def end(self) -> None:
        """Print the rest of the document."""
        if self._is_seen or self._separator != ",":
            print_json({"type": "FeatureCollection", "features": self._waiting})
        else:
            click.echo("]}")

    def _write(self, found: dict[str, object]) -> None:
        import orjson

        click.echo(self._separator.encode() + orjson.dumps(found), nl=False)
        self._separator = ","


def feature(item: "pystac.Item") -> dict[str, object]:
    """One Item of an ItemCollection."""
    found = item.to_dict(include_self_link=False, transform_hrefs=False)
    found.pop("collection", None)
    return found
