"""The table of orders on a terminal, drawn anew each second while a command waits.

It takes no more lines than the terminal has: open orders and those that just changed come first,
the others are counted.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from peps_stac.cli import orders
from peps_stac.cli.output import printable
from peps_stac.clock import Clock, utc_now
from peps_stac.domain import JobStatus, Reason
from peps_stac.domain.instants import format_span
from peps_stac.workflow import expected_end

if TYPE_CHECKING:
    from peps_stac.workflow import TrackedOrder

_FURNITURE = 5
"""Lines that are no orders: header, how many more, counts, next look, and the cursor's own."""

_WIDE = 100
"""Characters from which there is place for a long bar and for the time of day."""


class LiveTable:
    """A `peps_stac.cli.live.View` that draws.

    Args:
        entries: As they stand before the first look.
        beside: Drawn below.
        console: Where.
        now: The clock of ages and ends.
        wait: Waits between looks.
    """

    def __init__(
        self,
        entries: "tuple[TrackedOrder, ...]",
        beside: RenderableType | None = None,
        *,
        console: Console | None = None,
        now: Clock = utc_now,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._picture = Picture(entries, now(), beside=beside)
        self._console = console or Console(stderr=True)
        self._now = now
        self._wait = wait
        self._live = Live(
            get_renderable=lambda: replace(self._picture, now=self._now()),
            console=self._console,
            refresh_per_second=1 if beside is None else 2,
            transient=True,
        )

    @contextmanager
    def drawn(self) -> Iterator[None]:
        """While it is on the screen; nothing of it is left there."""
        with self._live:
            self._live.refresh()
            yield

    def show(self, entries: "tuple[TrackedOrder, ...]") -> None:
        """Draw the orders as they stand after a look."""
        before = {entry.key: _standing(entry) for entry in self._picture.entries}
        changed = {one.key for one in entries if before.get(one.key) != _standing(one)}
        self._picture = replace(self._picture, entries=entries, changed=frozenset(changed))
        self._live.refresh()

    def sleep(self, seconds: float) -> None:
        """Wait for the next look, and say when it is."""
        next_look = self._now() + timedelta(seconds=seconds)
        self._picture = replace(self._picture, next_look=next_look)
        self._live.refresh()
        try:
            self._wait(seconds)
        finally:
            self._picture = replace(self._picture, next_look=None)
        self._live.refresh()


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn at one moment, for a terminal of any size."""

    entries: "tuple[TrackedOrder, ...]"
    now: datetime
    changed: frozenset[str] = frozenset()
    """Keys of the orders that the last look found changed."""
    next_look: datetime | None = None
    """None while the service is asked."""
    beside: RenderableType | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Give rich the lines."""
        below: list[RenderableType] = [] if self.beside is None else [self.beside]
        taken = len(console.render_lines(Group(*below), options)) if below else 0
        shown = self._chosen(max(1, options.size.height - _FURNITURE - taken))
        yield self._table(shown, width=options.max_width)
        if more := len(self.entries) - len(shown):
            yield _one_line(f"and {more} more", "dim")
        yield _one_line(orders.summary(self.entries), "bold")
        yield _one_line(self._outlook(), "dim")
        yield from below

    def _chosen(self, count: int) -> "list[TrackedOrder]":
        """The orders that matter most now; those under way above those that have ended."""
        urgent = sorted(self.entries, key=self._urgency)[:count]
        keys = {entry.key for entry in urgent}
        shown = [entry for entry in self.entries if entry.key in keys]
        return sorted(shown, key=self._place)

    def _urgency(self, entry: "TrackedOrder") -> int:
        if entry.key in self.changed:
            return 0
        if entry.is_open:
            return 1 if entry.order.status is JobStatus.SHIPPING else 2
        return 2 + self._place(entry)

    def _place(self, entry: "TrackedOrder") -> int:
        if entry.is_open or entry.key in self.changed:
            return 0
        if any(map(orders.has_failed, entry.orders.values())):
            return 1
        return 2 if entry.is_planned else 3

    def _table(self, shown: "list[TrackedOrder]", *, width: int) -> Table:
        is_wide = width >= _WIDE
        subjects = [printable(orders.short_subject(entry)) for entry in shown]
        words = [_word(entry) for entry in shown]
        widths = [max(map(len, column)) for column in (["for", *subjects], ["status", *words])]
        table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column("for", no_wrap=True, width=widths[0])
        table.add_column("status", no_wrap=True, width=widths[1])
        header = _fields("done", "", "age", "expected", is_wide=is_wide)
        # What is left of the line, or a long message would take the place of the others.
        table.add_column(header, no_wrap=True, width=max(1, width - sum(widths) - 4))
        for entry, subject, word in zip(shown, subjects, words, strict=True):
            style = "yellow" if _is_too_cloudy(entry) else orders.STYLES.get(word, "")
            table.add_row(
                Text(subject),
                Text(word, style),
                self._standing(entry, is_wide=is_wide),
                style="bold" if entry.key in self.changed else "",
            )
        return table

    def _standing(self, entry: "TrackedOrder", *, is_wide: bool) -> RenderableType:
        order = entry.order
        if entry.is_planned:
            return _one_line("goes out when others have ended", "dim")
        if order.is_unconfirmed:
            return _one_line("unconfirmed: the answer was lost, the service's list may tell")
        if not entry.is_open:
            return _one_line(_end(entry))
        progress = order.progress or 0
        bar = (
            ProgressBar(completed=progress, complete_style="cyan", finished_style="cyan")
            if progress
            else ""
        )
        age = format_span(self.now - order.date) if order.date else "-"
        expected = _expected(entry, self.now, is_wide=is_wide)
        return _fields(bar, orders.percent(order), age, expected, is_wide=is_wide)

    def _outlook(self) -> str:
        if self.next_look is None:
            when = "asking the service"
        else:
            here = self.next_look.astimezone()
            when = f"next look at {here:%H:%M:%S}, in {format_span(self.next_look - self.now)}"
        return f"{when}; Ctrl-C stops watching and loses nothing"


def _fields(
    bar: RenderableType, percent: str, age: str, expected: str, *, is_wide: bool
) -> RenderableType:
    """What is known of an open order, each in its place."""
    line = Table.grid(padding=(0, 2, 0, 0))
    line.add_column(width=20 if is_wide else 5)
    line.add_column(width=5, justify="right")
    line.add_column(width=11)
    line.add_column(no_wrap=True, min_width=14)
    line.add_row(bar, Text(percent), Text(age), Text(expected))
    return line


def _expected(entry: "TrackedOrder", now: datetime, *, is_wide: bool) -> str:
    """`in 1 h 20 min`, with the time of day where there is place; `overdue` when it has passed."""
    end = expected_end(entry)
    if end is None:
        return "-"
    left = "overdue" if end < now else f"in {format_span(end - now)}"
    return f"{orders.local_time(end, now)}, {left}" if is_wide else left


def _word(entry: "TrackedOrder") -> str:
    """One word; scenes of a series that ended differently are counted elsewhere."""
    words = {orders.word(order) for order in entry.orders.values()}
    return words.pop() if len(words) == 1 else "ended"


def _end(entry: "TrackedOrder") -> str:
    """What there is to say of an order that has ended."""
    counts = "" if len(orders.status(entry).split()) == 1 else orders.status(entry)
    return "; ".join(part for part in (counts, orders.note(entry)) if part)


def _is_too_cloudy(entry: "TrackedOrder") -> bool:
    return all(order.reason is Reason.TOO_CLOUDY for order in entry.orders.values())


def _standing(entry: "TrackedOrder") -> object:
    return (entry.order.id, [(one.status, one.reason) for one in entry.orders.values()])


def _one_line(text: str, style: str = "") -> Text:
    return Text(printable(text), style, no_wrap=True, overflow="ellipsis")
