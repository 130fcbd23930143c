"""A stream of Items on its way to the disk: while some are written, the next ones are made.

What makes the next ones is mostly a service that is waited for, so one thread that writes is
enough; where nothing is waited for, two threads would only be in each other's way. A failure on
either side leaves whole pieces on the disk, so the stream may be started
again: what is there already is found unchanged.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from time import perf_counter, thread_time
from typing import TypeVar

import pystac

from peps_stac.store.census import Census
from peps_stac.store.files import parse_document, read_if_there
from peps_stac.store.layout import Place
from peps_stac.store.records import Record, item_from, record_of
from peps_stac.store.writer import Kind, Plan

Merge = Callable[[pystac.Item, pystac.Item], pystac.Item]
"""Answers the Item to be kept, from the one that is put and the one that is there."""

_WAITING = 0.25
"""Share of the time that a source may lose to other processes without waiting for anything."""

_Piece = TypeVar("_Piece")


@dataclass(frozen=True, slots=True)
class Changes:
    """What putting many Items did; each Item counts once."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0

    @classmethod
    def of(cls, plans: Iterable[Plan]) -> "Changes":
        """What was done to some Items."""
        counts = dict.fromkeys(Kind, 0)
        for plan in plans:
            counts[plan.kind] += 1
        return cls(counts[Kind.ADDED], counts[Kind.CHANGED], counts[Kind.UNCHANGED])

    def __add__(self, other: "Changes") -> "Changes":
        return Changes(
            self.added + other.added,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
        )


@contextmanager
def one_behind(
    write: Callable[[_Piece], None], *, is_apart: bool
) -> Iterator[Callable[[_Piece], None]]:
    """A way to write pieces that returns before a piece is written; the next one waits for it.

    When it ends, all pieces are written.

    Args:
        write: Runs in a thread of its own once making a piece has waited for something else than
            the processor.
        is_apart: False: do it at once, in this thread.
    """
    if not is_apart:
        yield write
        return
    under_way: list[Future[None]] = []
    begun, used, waits = perf_counter(), thread_time(), False

    def begin(piece: _Piece) -> None:
        nonlocal begun, used, waits
        spent = perf_counter() - begun
        # Beside a thread that writes, this one waits for Python itself: once apart, always so.
        waits = waits or spent - (thread_time() - used) > _WAITING * spent
        while under_way:
            under_way.pop().result()
        if waits:
            under_way.append(thread.submit(write, piece))
        else:
            write(piece)
        begun, used = perf_counter(), thread_time()

    with ThreadPoolExecutor(1, thread_name_prefix="catalog") as thread:
        try:
            yield begin
        finally:
            while under_way:
                under_way.pop().result()


def merged_with_known(
    records: list[Record], census: Census, root: str, merge: Merge
) -> list[Record]:
    """Records, those of Items that are there already merged with them; call under the lock."""
    known = census.standing(record.place for record in records)
    return [
        _merged(record, known[record.place], root, merge) if record.place in known else record
        for record in records
    ]


def _merged(record: Record, known: Place, root: str, merge: Merge) -> Record:
    path, here = f"{root}/{known.path}", f"{root}/{record.place.path}"
    content = read_if_there(path)
    if content is None or content == record.content:
        return record
    new = item_from(parse_document(record.content, here), here)
    old = item_from(parse_document(content, path), path)
    return replace(record_of(merge(new, old), root), source=known)
