"""Bytes that were fetched twice, worked out from what a proxy has counted."""

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import NamedTuple

from fault_proxy import Served


class Repeat(NamedTuple):
    """What was fetched twice for one interruption."""

    size: int
    """Bytes."""
    before: Served
    """The request that was interrupted."""
    after: Served
    """The next one for the same file."""


_GIVE_BYTES = frozenset({"cut", "reset", "stall", "chunked_cut"})
_GIVE_NOTHING = frozenset(
    {
        *("silence", "dropped", "garbage", "head_cut", "packed", "202"),
        *("page_200", "page_503", "json_200", "json_401", "json_403", "json_420", "json_429"),
    }
)
_OF_A_REST = frozenset({"short_length", "overlong", "long_length", "no_length_cut"})
"""What a part of a file that says where it belongs survives, and a whole file does not."""


def repeats(served: Sequence[Served], killed: Collection[int] = ()) -> list[Repeat]:
    """After each interruption of a transfer of right bytes, how many were asked for again.

    After what spoils a file (wrong bytes, another file, another range) all of it may have to be
    fetched again, so what follows counts only once the file was begun anew.

    Args:
        served: All requests for one file, in order.
        killed: Positions in `served` of those whose client was killed. Of these is only known
            how much was on the disk when the next one asked.
    """
    found = []
    is_right = True
    for place, (one, after) in enumerate(pairwise(served)):
        is_right = _is_right(one, is_right=is_right)
        if is_right and one.fault:
            end = after.kept if place in killed else _end(one)
            found.append(Repeat(max(0, end - after.start), one, after))
    return found


def _position(one: Served) -> int:
    """Where in the file an answer begins."""
    return one.start if one.status == 206 else 0


def _end(one: Served) -> int:
    """How far the right bytes on disk reach after an interruption."""
    return one.kept if one.fault in _GIVE_NOTHING else _position(one) + one.sent


def _is_right(one: Served, *, is_right: bool) -> bool:
    """Whether the bytes on disk after an answer are those of the file."""
    if one.fault in _GIVE_NOTHING:
        return is_right
    if one.fault in _GIVE_BYTES or not one.fault:
        return is_right or _position(one) == 0
    return is_right and one.fault in _OF_A_REST and _position(one) > 0
