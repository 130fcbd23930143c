"""Bytes onto the disk, early: what the system puts off to the end makes the end long."""

import os
from io import FileIO

_EARLY_BYTES = 32 << 20
_CAN_HINT = hasattr(os, "posix_fadvise")


class Writer:
    """A file that is open for writing at a position."""

    def __init__(self, file: FileIO, position: int) -> None:
        self._file = file
        self._begun = self._done = position

    def write(self, piece: bytes) -> None:
        """Writes all of it."""
        rest = memoryview(piece)
        while rest:
            rest = rest[self._file.write(rest) :]
        self._done += len(piece)
        if _CAN_HINT and self._done - self._begun >= _EARLY_BYTES:
            # Linux begins to write what is still in memory, and waits for nothing.
            length = self._done - self._begun
            os.posix_fadvise(self._file.fileno(), self._begun, length, os.POSIX_FADV_DONTNEED)
            self._begun = self._done
