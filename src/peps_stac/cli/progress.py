"""Bars on a terminal: what is being fetched, and what is being made of it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from peps_stac.cli.options import global_options

if TYPE_CHECKING:
    from peps_stac.http.download import Progress
    from peps_stac.workflow import Step


@dataclass(frozen=True, slots=True)
class Reports:
    """What a verb tells how far it is; None where nobody looks."""

    fetching: "Callable[[str, Progress], None] | None" = None
    making: "Callable[[Step], None] | None" = None


@contextmanager
def progress_bars() -> Iterator[Reports]:
    """A bar for each file while it comes and each product while it is converted, on stderr."""
    if global_options().quiet or not sys.stderr.isatty():
        yield Reports()
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    texts = (TextColumn("{task.description}"), TextColumn("{task.fields[files]}"))
    columns: Any = (*texts, BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield _reports(_Bars(bars))


class _Bars:
    """Bars by name; one that is full goes."""

    def __init__(self, bars: Any) -> None:  # noqa: ANN401 -- rich is loaded when it is used
        self._bars = bars
        self._tasks: dict[str, Any] = {}

    def show(self, name: str, done: int, total: int | None, files: str = "") -> None:
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, files=files)
        self._bars.update(self._tasks[name], completed=done, total=total, files=files)
        if done == total:
            self._bars.remove_task(self._tasks.pop(name))


def _reports(bars: _Bars) -> Reports:
    def fetching(name: str, progress: "Progress") -> None:
        bars.show(name, progress.done, progress.total)

    def making(step: "Step") -> None:
        count = f"{step.product}/{step.products} " if step.products else ""
        files = f"{step.files_done}/{step.files} files"
        bars.show(f"{count}{step.name}", step.bytes_done, step.bytes, files)

    return Reports(fetching, making)
