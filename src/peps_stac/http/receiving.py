"""The body of one answer, from the line to the disk, watched as it comes."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain

from peps_stac.http.answers import StreamedAnswer
from peps_stac.http.checksums import summing
from peps_stac.http.failures import TransientError
from peps_stac.http.partial import Partial, ServerFile
from peps_stac.http.ranges import StartAgainError, Wanted
from peps_stac.http.space import Claim, Space

_TOLD_EVERY_S = 0.1
_LOOK_EVERY_BYTES = 64 << 20
"""After so many the free space is looked at again; a file of unknown size claims as much."""
_COMPARED_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a download is."""

    done: int
    """Bytes of the file that are there."""
    total: int | None
    """Bytes of the whole file; None when the service does not say."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where bodies go, and who hears of it."""

    wanted: Wanted
    partial: Partial
    space: Space
    reserve_bytes: int
    """To be left free."""
    report: Callable[[Progress], None]

    def receive(self, answer: StreamedAnswer, position: int, served: ServerFile) -> str | None:
        """Writes a body; the checksum of the whole file when one is wanted and all came.

        Raises:
            TransientError: It ended early, or the line broke.
            StartAgainError: It is not of the file whose bytes are there.
            CatalogError: No space; what came is kept.
        """
        # Before anything is claimed or written: a listener may say that it is not yet time.
        self.report(Progress(position, served.total))
        with self.partial.disk():
            folder, needed = self.partial.path.parent, self._needed(self.partial.size, served)
            with self.space.claimed(folder, needed) as claim:
                self.partial.note(served)
                return self._written(answer, position, served, claim)

    def _needed(self, done: int, served: ServerFile) -> int:
        rest = _LOOK_EVERY_BYTES if served.total is None else max(0, served.total - done)
        return rest + self.reserve_bytes

    def _written(
        self, answer: StreamedAnswer, position: int, served: ServerFile, claim: Claim
    ) -> str | None:
        total, magic, checksum = served.total, self.wanted.magic, self.wanted.checksum
        compared = self.partial.read(position, _COMPARED_BYTES) if position else magic
        done, told_at, looked_at = position, time.monotonic(), position
        digest = None if checksum is None else self.partial.digest(checksum, position)
        with summing(digest) as sums, self.partial.open_at(position) as file:
            for piece in answer.iter_chunks():
                if (place := done - position) < len(compared) and not _agree(
                    piece, compared[place:]
                ):
                    if position:
                        raise StartAgainError("the file has changed on the service")
                    file.write(piece[: len(magic)])  # a fault that `download` will tell
                    return None
                file.write(piece)
                done += len(piece)
                if total is not None and done > total:
                    return None  # as above
                if sums is not None:
                    sums.update(piece)
                if done - looked_at >= _LOOK_EVERY_BYTES:
                    looked_at = done
                    self.space.renew(claim, self._needed(done, served))
                if (now := time.monotonic()) - told_at >= _TOLD_EVERY_S:
                    told_at = now
                    self.report(Progress(done, total))
        self.report(Progress(done, total))
        # Nothing at all, and no length: the line may have ended in the headers.
        if done < (1 if total is None else total):
            raise TransientError(f"{self.wanted.name}: the connection closed early")
        return None if sums is None else sums.finish()


def begun(answer: StreamedAnswer, wanted: Wanted) -> StreamedAnswer:
    """The same answer, once it has begun as such a file does: what is on disk may make way for it.

    Raises:
        TransientError: It ended before that.
        DownloadError: It is something else.
    """
    pieces, first = answer.iter_chunks(), b""
    while len(first) < len(wanted.magic) and (piece := next(pieces, b"")):
        first += piece
    if not first:
        raise TransientError(f"{wanted.name}: the connection closed early")
    if (start := first[: len(wanted.magic)]) != wanted.magic:
        raise wanted.wrong(f"it starts with {start!r}, not {wanted.magic!r}")
    return replace(answer, iter_chunks=lambda: chain((first,), pieces))


def _agree(piece: bytes, expected: bytes) -> bool:
    size = min(len(piece), len(expected))
    return piece[:size] == expected[:size]
