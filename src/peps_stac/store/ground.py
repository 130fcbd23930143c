"""What a catalog stands on: a folder of this machine, or a prefix of object storage."""

import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from peps_stac.errors import RequestError
from peps_stac.store import objects
from peps_stac.store.files import disk_errors, remove_tree
from peps_stac.store.layout import LOCK, STAGING, Place
from peps_stac.store.lock import WriterLock
from peps_stac.store.object_writer import ObjectWriter
from peps_stac.store.staging import make_staging
from peps_stac.store.tree import Skeleton
from peps_stac.store.writer import Writer
from peps_stac.tell import Tell


class Lock(Protocol):
    """Keeps other writers out, as far as it can."""

    @property
    def is_held_here(self) -> bool:
        """Whether this thread holds it."""

    def hold(self) -> AbstractContextManager[bool]:
        """Waits for it and holds it; answers whether this thread did not before."""


class Ground(Protocol):
    """One place where a catalog can stand."""

    writer: Writer
    lock: Lock

    @property
    def root(self) -> Path:
        """The folder."""

    def create(self) -> None:
        """Make sure that something can be written there."""

    def names(self) -> list[str]:
        """What stands directly below the root."""

    def staging(self) -> AbstractContextManager[Path]:
        """A fresh folder, from which files can be taken over; gone at the end."""

    def put_beside(self, place: Place, folder: Path) -> None:
        """Take over the files of a staged folder, beside an Item."""


def ground_of(root: Path | str, skeleton: Skeleton, tell: Tell) -> tuple[str, Ground]:
    """The root as text, and what is there.

    Raises:
        RequestError: An address of another kind than `s3://bucket/prefix`.
    """
    text = objects.text_of(root)
    if objects.is_remote(text):
        address = objects.root_of(text)
        return address, _Storage(address, skeleton)
    folder = os.path.abspath(root)  # noqa: PTH100 -- keeps symbolic links
    return folder, _Disk(folder, skeleton, tell)


class _Disk:
    def __init__(self, text: str, skeleton: Skeleton, tell: Tell) -> None:
        self.root = Path(text)
        self.writer = Writer(text, skeleton)
        self.lock: Lock = WriterLock(f"{text}/{LOCK}", tell)

    def create(self) -> None:
        with disk_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True)

    def names(self) -> list[str]:
        with disk_errors(self.root):
            try:
                return os.listdir(self.root)  # noqa: PTH208 -- names are all it takes
            except FileNotFoundError:
                return []

    @contextmanager
    def staging(self) -> Iterator[Path]:
        folder = make_staging(self.root / STAGING)
        try:
            yield folder
        finally:
            remove_tree(str(folder))

    def put_beside(self, place: Place, folder: Path) -> None:
        item_dir = self.root / place.folder
        with disk_errors(item_dir):
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    target = item_dir / path.relative_to(folder)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    path.replace(target)


class _Storage:
    def __init__(self, address: str, skeleton: Skeleton) -> None:
        self._address = address
        self._storage = ObjectWriter(address, skeleton)
        self.writer: Writer = self._storage
        self.lock: Lock = _lock_of(address)

    @property
    def root(self) -> Path:
        message = f"{self._address}: this needs a catalog in a folder, with renames and locks"
        raise RequestError(f"{message}; on object storage there are items, add and validate")

    def create(self) -> None:
        objects.check_bucket(self._address)

    def names(self) -> list[str]:
        objects.check_bucket(self._address)
        files = [entry.name for entry in objects.files_in(self._address)]
        return files + objects.folders_in(self._address)

    def staging(self) -> AbstractContextManager[Path]:
        return _temporary()

    def put_beside(self, place: Place, folder: Path) -> None:
        self._storage.upload(place, folder)


@contextmanager
def _temporary() -> Iterator[Path]:
    with TemporaryDirectory(prefix="peps-stac-") as folder:
        yield Path(folder)


class _ThreadLock:
    """Keeps other threads of this process out; object storage has nothing for other machines."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._holder: int | None = None
        self._depth = 0

    @property
    def is_held_here(self) -> bool:
        """Whether this thread holds it."""
        return self._holder == threading.get_ident()

    @contextmanager
    def hold(self) -> Iterator[bool]:
        """Waits for it and holds it; answers whether this thread did not before."""
        with self._lock:
            self._holder, self._depth = threading.get_ident(), self._depth + 1
            try:
                yield self._depth == 1
            finally:
                self._depth -= 1
                if not self._depth:
                    self._holder = None


_LOCKS: dict[str, _ThreadLock] = {}


def _lock_of(address: str) -> _ThreadLock:
    return _LOCKS.setdefault(address, _ThreadLock())
