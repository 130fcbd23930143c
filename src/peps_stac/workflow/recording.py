"""News of orders, written while the service is asked about the next ones.

A write has its price, whatever it holds, and most of it is waiting for the disk. So news are
written some at a time, by a thread of their own. What is lost when the process is killed is no
more than answers of the last seconds, which the service gives again.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import compress
from typing import Self

from peps_stac.domain import JobReport, Order
from peps_stac.workflow.context import Context
from peps_stac.workflow.progress import advanced, may_advance
from peps_stac.workflow.tracking import Document, TrackedOrder, amend

BATCH = 100
"""Orders written at once."""

BATCH_S = 1.0
"""Seconds that news wait for others."""

Now = tuple[TrackedOrder, ...]
"""What the Items of an order stand for now: one order as a rule, none when they are gone."""


@dataclass(frozen=True, slots=True)
class Heard:
    """An order as it was read, and what the service has said of it since, if anything."""

    entry: TrackedOrder
    report: JobReport | None = None
    time: datetime | None = None
    """When it said so."""

    @property
    def is_news(self) -> bool:
        """Whether anything may change by it."""
        report = self.report
        return report is not None and any(
            order.status.is_open and may_advance(order, report)
            for order in self.entry.orders.values()
        )

    def advance(self, item: Document, order: Order) -> Order:
        """The order of one scene after the report, as both are on disk by now.

        Another process may have canceled it, or asked later than this one did.
        """
        if self.report is None or self.time is None or not order.status.is_open:
            return order
        is_as_read = order == self.entry.orders[item["id"]]
        if not is_as_read and order.history and order.history[-1].time > self.time:
            return order
        bbox = item.get("bbox")
        latitude = _latitude(bbox) if bbox else None
        return advanced(order, self.report, item["id"], self.time, latitude=latitude)


def written(context: Context, heard: Sequence[Heard]) -> list[Now]:
    """For each, what its Items stand for now that the news are on disk."""
    are_news = [one.is_news for one in heard]
    changes = [(one.entry, one.advance) for one in compress(heard, are_news)]
    amended = iter(amend(context.catalog, changes, tell=context.tell) if changes else ())
    pairs = zip(heard, are_news, strict=True)
    return [next(amended) if is_news else (one.entry,) for one, is_news in pairs]


@dataclass(slots=True)
class Recorder:
    """Writes behind the asking; a context manager, at whose end everything is written."""

    context: Context
    _writer: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    _heard: list[Heard] = field(default_factory=list)
    _since: float = field(default_factory=time.monotonic)
    _being_written: Future[list[Now]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        heard, self._heard = self._heard, []
        with self._writer:
            if heard:
                written(self.context, heard)

    def add(self, heard: Heard) -> Iterator[TrackedOrder]:
        """Take an order to be written; answers those that have been."""
        self._heard.append(heard)
        if len(self._heard) >= BATCH or time.monotonic() - self._since > BATCH_S:
            yield from self._next()

    def rest(self) -> Iterator[TrackedOrder]:
        """Those not answered yet, once they are written."""
        while self._heard or self._being_written:
            yield from self._next()

    def _next(self) -> Iterator[TrackedOrder]:
        last, heard = self._being_written, self._heard
        self._heard, self._since = [], time.monotonic()
        self._being_written = self._begun(heard) if heard else None
        if last:
            for now in last.result():
                yield from now

    def _begun(self, heard: list[Heard]) -> Future[list[Now]]:
        if not self.context.catalog.is_locked_here:
            return self._writer.submit(written, self.context, heard)
        # A thread would wait for this one to let go of the lock.
        done: Future[list[Now]] = Future()
        done.set_result(written(self.context, heard))
        return done


def _latitude(bbox: Sequence[float]) -> float:
    """Degrees from the equator of the nearest edge of a scene."""
    south, north = bbox[1], bbox[len(bbox) // 2 + 1]
    return min(abs(south), abs(north))
