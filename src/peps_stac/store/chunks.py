"""A stream of Items cut into pieces that fit into memory."""

from collections.abc import Iterator

from peps_stac.store.layout import Place
from peps_stac.store.records import Record

_MOST_ITEMS = 1024
_MOST_BYTES = 16 * 2**20


def chunks(records: Iterator[Record]) -> Iterator[list[Record]]:
    """Lists of records, with no place twice in one.

    When the records fail, also by Ctrl-C, those that came before are given first.
    """
    waiting: dict[Place, Record] = {}
    size = 0
    try:
        for record in records:
            is_full = len(waiting) >= _MOST_ITEMS or size >= _MOST_BYTES
            if is_full or record.place in waiting:
                full, waiting, size = waiting, {}, 0
                yield list(full.values())
            waiting[record.place] = record
            size += len(record.content)
    except GeneratorExit:
        raise
    except BaseException:
        if waiting:
            yield list(waiting.values())
        raise
    if waiting:
        yield list(waiting.values())
