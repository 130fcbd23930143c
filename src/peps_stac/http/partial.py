"""A download that is not finished: its bytes, and a note of which file they belong to."""

import contextlib
import errno
import hashlib
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path
from typing import Self

import orjson

from peps_stac.errors import CatalogError
from peps_stac.http.checksums import Checksum
from peps_stac.http.writing import Writer

_FULL = (errno.ENOSPC, errno.EDQUOT)
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class ServerFile:
    """The file on the service, as well as it can be told from another of the same address."""

    href: str
    """Without anything secret."""
    total: int | None = None
    """Bytes."""
    etag: str | None = None
    modified: str | None = None
    """`Last-Modified`, as it stands."""
    asked: str | None = None
    """When it was last asked for, RFC 3339."""

    @classmethod
    def read(cls, content: bytes) -> Self | None:
        """What a note says; None when it cannot be read."""
        try:
            read = cls(**orjson.loads(content))
        except (orjson.JSONDecodeError, TypeError):
            return None
        texts = (read.href, read.etag, read.modified, read.asked)
        is_sound = all(isinstance(text, str | None) for text in texts)
        return read if is_sound and isinstance(read.total, int | None) else None

    @property
    def validator(self) -> str | None:
        """For `If-Range` (RFC 9110, section 13.1.5): a strong ETag, or else the date."""
        if self.etag is not None:
            return None if self.etag.startswith("W/") else self.etag
        return self.modified


class Partial:
    """`<target>.part`, and beside it `<target>.part.json`."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self.path = target.with_name(f"{target.name}.part")
        self._note = target.with_name(f"{target.name}.part.json")

    @property
    def size(self) -> int:
        """Bytes that are there; 0 without a file."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def noted(self, href: str) -> ServerFile | None:
        """Which file the bytes belong to; None when that is unknown or another address."""
        try:
            known = ServerFile.read(self._note.read_bytes())
        except OSError:
            return None
        return known if known is not None and known.href == href else None

    def note(self, served: ServerFile) -> None:
        """Remembers which file the bytes belong to.

        Raises:
            CatalogError: The disk is full, or not writable.
        """
        with self.disk():
            new = self._note.with_name(f"{self._note.name}.new")
            try:
                new.write_bytes(orjson.dumps(asdict(served)))
                new.replace(self._note)
            except OSError:
                new.unlink(missing_ok=True)
                raise

    @contextlib.contextmanager
    def open_at(self, position: int) -> Iterator[Writer]:
        """The file, cut off at a position and ready to go on there; on disk when it closes.

        Raises:
            CatalogError: The disk is full, or not writable; what was written stays.
        """
        mode = "r+b" if position else "wb"
        with self.disk(), FileIO(self.path, mode) as file:
            file.truncate(position)
            file.seek(position)
            yield Writer(file, position)
            os.fsync(file.fileno())

    def digest(self, checksum: Checksum, size: int) -> "hashlib._Hash":
        """The sum of the first bytes, to go on with."""
        digest = checksum.begin()
        if size == 0:
            return digest
        with self.disk(), self.path.open("rb") as file:
            while size > 0 and (chunk := file.read(min(size, _CHUNK_BYTES))):
                digest.update(chunk)
                size -= len(chunk)
        return digest

    def read(self, position: int, size: int) -> bytes:
        """Some of the bytes; fewer at the end."""
        with self.disk(), self.path.open("rb") as file:
            file.seek(position)
            return file.read(size)

    def discard(self) -> None:
        """Removes bytes that are of no use."""
        with self.disk():
            self._note.unlink(missing_ok=True)
            self.path.unlink(missing_ok=True)

    def finish(self) -> None:
        """Gives the file its name, at once and for good."""
        with self.disk():
            self.path.replace(self._target)
            self._note.unlink(missing_ok=True)
            _sync_folder(self._target.parent)

    @contextlib.contextmanager
    def disk(self) -> Iterator[None]:
        """Turns what the disk refuses into one line.

        Raises:
            CatalogError: In place of any `OSError`.
        """
        try:
            yield
        except OSError as error:
            if error.errno in _FULL:
                message = f"no space left in {self.path.parent} for {self._target.name}"
                raise CatalogError(f"{message}; free space and run again") from error
            message = f"{self.path} cannot be written ({error.strerror}); check the folder"
            raise CatalogError(message) from error


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":  # other systems cannot open a folder
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
