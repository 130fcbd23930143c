"""Checksums: what a service announces, and the sum of bytes that are just coming."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Queue
from threading import Thread

from peps_stac.errors import RequestError

_DIGITS = {"MD5": 32, "SHA-256": 64}
_HEX = re.compile(r"[0-9a-f]+", re.ASCII)
_PIECES_AHEAD = 8
"""Of at most 256 KiB each: what may wait for the sum."""


@dataclass(frozen=True, slots=True)
class Checksum:
    """The sum of a whole file."""

    name: str
    """`MD5` or `SHA-256`."""
    digits: str
    """Hexadecimal, lower case."""

    def begin(self) -> "hashlib._Hash":
        """A sum of this kind, of nothing so far."""
        return hashlib.new(self.name.replace("-", ""), usedforsecurity=False)


def announced(md5: str | None, sha256: str | None) -> Checksum | None:
    """The better one of two sums; None when there is none.

    Raises:
        RequestError: It is none: other digits than hexadecimal, or too few.
    """
    for name, text in (("SHA-256", sha256), ("MD5", md5)):
        digits = (text or "").strip().lower()
        if not digits:
            continue
        if len(digits) != _DIGITS[name] or not _HEX.fullmatch(digits):
            message = f"{text!r} is no {name}: it has {_DIGITS[name]} hexadecimal digits"
            raise RequestError(f"{message}; leave it out, or correct it")
        return Checksum(name, digits)
    return None


class Summing:
    """Sums in a thread of its own: `hashlib` lets others work meanwhile."""

    def __init__(self, digest: "hashlib._Hash") -> None:
        self._digest = digest
        self._pieces: Queue[bytes] = Queue(_PIECES_AHEAD)
        self._thread = Thread(target=self._work, name="checksum", daemon=True)
        self._thread.start()

    def update(self, piece: bytes) -> None:
        """Takes the next bytes; waits when the sum is far behind."""
        if piece:
            self._pieces.put(piece)

    def finish(self) -> str:
        """The sum of all that came, hexadecimal."""
        self._pieces.put(b"")
        self._thread.join()
        return self._digest.hexdigest()

    def _work(self) -> None:
        while piece := self._pieces.get():
            self._digest.update(piece)


@contextmanager
def summing(digest: "hashlib._Hash | None") -> Iterator[Summing | None]:
    """A sum to feed, whose thread has ended afterwards; None when none is wanted."""
    work = None if digest is None else Summing(digest)
    try:
        yield work
    finally:
        if work is not None:
            work.finish()
