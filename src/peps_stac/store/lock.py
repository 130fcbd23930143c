"""One writer at a time."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, Thread, get_ident

import filelock

from peps_stac.errors import CatalogError
from peps_stac.store.files import disk_errors

_PATIENCE_S = 0.5
"""Most waits are shorter, and then there is nothing to tell."""


class WriterLock:
    """The lock of one catalog, held by a process and thread; it may take it again."""

    def __init__(self, path: str, tell: Callable[[str], None]) -> None:
        self._path = path
        message = f"{path}: another process is writing to this catalog, waiting"
        self._patience = _Patience(lambda: tell(message))

    @property
    def is_held_here(self) -> bool:
        """Whether this thread holds it."""
        return self._file_lock().is_locked

    @contextmanager
    def hold(self) -> Iterator[bool]:
        """Waits for the lock and holds it.

        Yields:
            Whether it was not held by this thread before.

        Raises:
            CatalogError: The lock file cannot be written.
        """
        with disk_errors(self._path):
            lock = self._file_lock()
            is_outermost = not lock.is_locked
            self._acquire(lock)
        try:
            yield is_outermost
        finally:
            lock.release()

    def _file_lock(self) -> filelock.BaseFileLock:
        # One object per path, so that two `Catalog` of one folder in one thread do not block.
        return filelock.FileLock(self._path, is_singleton=True)

    def _acquire(self, lock: filelock.BaseFileLock) -> None:
        try:
            if _took(lock):
                return
            with self._patience:
                while not _took(lock):
                    _wait(self._path)
        except NotImplementedError as error:
            message = f"{self._path}: this file system has no locks, choose another catalog folder"
            raise CatalogError(message) from error


def _took(lock: filelock.BaseFileLock) -> bool:
    """Takes the lock when nobody else has it; says whether it did."""
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return False
    return True


if sys.platform == "win32":

    def _wait(_path: str) -> None:
        time.sleep(0.002)

else:
    import fcntl

    def _wait(path: str) -> None:
        """Waits in the kernel until the lock is free.

        To ask again and again, as `filelock` does, takes the processor from whoever holds the
        lock when it is done often, and leaves the disk idle when it is done seldom. Of many who
        wait for an exclusive lock one goes on, not all.
        """
        file = os.open(path, os.O_RDWR)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
        finally:
            os.close(file)


class _Patience:
    """Calls when a wait gets long.

    One thread looks after all waits: most are shorter than it takes to start a thread.
    """

    def __init__(self, call: Callable[[], None]) -> None:
        self._call = call
        self._guard = Lock()
        self._since: dict[int, float] = {}
        """When each thread that waits began; without those that were told."""
        self._watch: Thread | None = None

    def __enter__(self) -> None:
        with self._guard:
            self._since[get_ident()] = time.monotonic()
            if self._watch is None or not self._watch.is_alive():  # it does not outlive a fork
                self._watch = Thread(target=self._look, daemon=True)
                self._watch.start()

    def __exit__(self, *_error: object) -> None:
        with self._guard:
            self._since.pop(get_ident(), None)

    def _look(self) -> None:
        while True:
            time.sleep(_PATIENCE_S / 2)
            with self._guard:
                now = time.monotonic()
                late = [who for who, began in self._since.items() if now - began > _PATIENCE_S]
                for who in late:
                    del self._since[who]
                if is_last := not self._since:
                    self._watch = None
            for _ in late:
                self._call()
            if is_last:
                return
