"""The orders while a command waits for them: a table that is kept up to date, or lines.

The table is for a terminal. Elsewhere, as in a log file, a line is told when something changed.
"""

import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from peps_stac.cli import orders
from peps_stac.cli.output import is_drawn, tell
from peps_stac.cli.progress import Reports, make_bars

if TYPE_CHECKING:
    from rich.console import RenderableType

    from peps_stac.workflow import TrackedOrder

_STEP_PERCENT = 25
"""Progress that is worth a line."""


class View(Protocol):
    """Where a command that waits shows the orders."""

    def show(self, entries: "tuple[TrackedOrder, ...]") -> None:
        """Take the orders as they stand after a look."""

    def sleep(self, seconds: float) -> None:
        """Wait for the next look."""


@contextmanager
def order_view(
    entries: "tuple[TrackedOrder, ...]", *, beside: "RenderableType | None" = None
) -> Iterator[View]:
    """A table of the orders on stderr when that is a terminal; otherwise lines; with -q nothing.

    What is told meanwhile stands above the table.

    Args:
        entries: As they stand before the first look.
        beside: What rich draws below the table, such as bars that nobody else draws.
    """
    if not is_drawn():
        yield Lines()
        return
    from peps_stac.cli.live_table import LiveTable

    table = LiveTable(entries, beside)
    with table.drawn(), _log_above():
        yield table


@contextmanager
def orders_and_bars(entries: "tuple[TrackedOrder, ...]") -> "Iterator[tuple[View, Reports]]":
    """The same with bars below, for a command that waits and also fetches; lines have no bars."""
    if not is_drawn():
        yield Lines(), Reports()
        return
    bars, reports = make_bars()
    with order_view(entries, beside=bars) as view:
        yield view, reports


@dataclass(slots=True)
class Lines:
    """A line for each order that changed, and then one for all orders."""

    wait: Callable[[float], None] = time.sleep
    _said: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def show(self, entries: "tuple[TrackedOrder, ...]") -> None:
        """Say what is new: a state, a reason, a quarter of the way."""
        known = {entry.key: _known(entry) for entry in entries}
        if known == self._said:
            return
        for entry in entries:
            if self._said.get(entry.key) != known[entry.key]:
                tell(_line(entry))
        tell(f"-- {orders.summary(entries)}")
        self._said = known

    def sleep(self, seconds: float) -> None:
        """Wait, and say nothing."""
        self.wait(seconds)


def _known(entry: "TrackedOrder") -> tuple[str, ...]:
    quarters = (entry.order.progress or 0) // _STEP_PERCENT if entry.is_open else 0
    return (entry.order.id or "", orders.status(entry), orders.note(entry), str(quarters))


def _line(entry: "TrackedOrder") -> str:
    parts = [orders.status(entry)]
    if entry.is_open and entry.order.progress is not None:
        parts.append(orders.percent(entry.order))
    if why := orders.note(entry):
        parts.append(f"({why})")
    return f"{orders.subject(entry)}: {' '.join(parts)}"


@contextmanager
def _log_above() -> Iterator[None]:
    """Let the log go through rich, which knows what it has drawn."""
    found = logging.getLogger("peps_stac").handlers
    handlers = [one for one in found if isinstance(one, logging.StreamHandler)]
    before = [(one, one.setStream(sys.stderr)) for one in handlers]
    try:
        yield
    finally:
        for handler, stream in before:
            if stream is not None:
                handler.setStream(stream)
