"""Bars on a terminal: what is being fetched, how fast, and what is being made of it."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from peps_stac.cli.output import is_drawn

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

    from peps_stac.http.download import Progress
    from peps_stac.workflow import Outcome, Step


_NARROW = 100
"""Columns of a terminal where the date in a name is worth more than a long bar."""


@dataclass(frozen=True, slots=True)
class Reports:
    """What a verb tells how far it is; None where nobody looks."""

    fetching: "Callable[[str, Progress], None] | None" = None
    making: "Callable[[Step], None] | None" = None
    ended: Callable[[str], None] | None = None
    """Takes the name of what ended, however it did."""

    def until_ended(self, outcomes: "Iterable[Outcome]") -> "Iterator[Outcome]":
        """The same outcomes; the bar of each goes before it is told."""
        for outcome in outcomes:
            if self.ended is not None:
                self.ended(outcome.name)
            yield outcome


@contextmanager
def progress_bars() -> Iterator[Reports]:
    """A bar for each file while it comes and each product while it is converted, on stderr."""
    if not is_drawn():
        yield Reports()
        return
    bars, reports = make_bars()
    with bars:
        yield reports


def make_bars() -> "tuple[Bars, Reports]":
    """Bars for stderr that are not drawn yet, and what moves them; for who draws more than bars."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    columns = _columns(is_wide=console.width > _NARROW)
    bars = Progress(*columns, console=console, transient=True, expand=True)
    return bars, _reports(_Bars(bars))


def _columns(*, is_wide: bool) -> tuple[Any, ...]:
    """Name, bar, how much, how fast, how long; a name gives way from its end."""
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.table import Column
    from rich.text import Text

    class Amount(DownloadColumn):
        """Bytes; where files are counted these, and both where there is place."""

        def render(self, task: Any) -> Text:  # noqa: ANN401 -- rich is loaded when it is used
            files, amount = task.fields["files"], super().render(task)
            if not files:
                return amount
            told = Text(files, style="progress.download")
            return Text.assemble(told, ", ", amount) if is_wide else told

    return (
        TextColumn("{task.description}", table_column=Column(no_wrap=True, ratio=1)),
        BarColumn(bar_width=16 if is_wide else 6),
        Amount(),
        TransferSpeedColumn(),
        TimeRemainingColumn(compact=True),
    )


class _Bars:
    """Bars by name, moved by several threads; one that is full goes."""

    def __init__(self, bars: Any) -> None:  # noqa: ANN401 -- rich is loaded when it is used
        self._bars = bars
        self._lock = threading.Lock()
        self._tasks: dict[str, Any] = {}

    def show(self, name: str, done: int, total: int | None, files: str = "") -> None:
        with self._lock:
            if name not in self._tasks:
                # What was there before is no part of the rate.
                task = self._bars.add_task(name, total=total, completed=done, files=files)
                self._tasks[name] = task
            self._bars.update(self._tasks[name], completed=done, total=total, files=files)
            if done == total:
                self._bars.remove_task(self._tasks.pop(name))

    def remove(self, name: str) -> None:
        with self._lock:
            for known in (name, f"{name}.zip"):
                if known in self._tasks:
                    self._bars.remove_task(self._tasks.pop(known))


def _reports(bars: _Bars) -> Reports:
    def fetching(name: str, progress: "Progress") -> None:
        bars.show(name, progress.done, progress.total)

    def making(step: "Step") -> None:
        count = f"{step.product}/{step.products} " if step.products else ""
        files = f"{step.files_done}/{step.files} files"
        bars.show(f"{count}{step.name}", step.bytes_done, step.bytes, files)

    return Reports(fetching, making, bars.remove)
