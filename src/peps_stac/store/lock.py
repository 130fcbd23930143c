"""One writer at a time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import filelock

from peps_stac.errors import CatalogError
from peps_stac.store.files import disk_errors

_PATIENCE_S = 0.5
"""Most waits are shorter, and then there is nothing to tell."""
_POLL_S = 0.002


class WriterLock:
    """The lock of one catalog, held by a process and thread; it may take it again."""

    def __init__(self, path: str, tell: Callable[[str], None]) -> None:
        self._path = path
        self._tell = tell

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
        return filelock.FileLock(self._path, is_singleton=True, poll_interval=_POLL_S)

    def _acquire(self, lock: filelock.BaseFileLock) -> None:
        try:
            lock.acquire(timeout=_PATIENCE_S)
        except filelock.Timeout:
            self._tell(f"{self._path}: another process is writing to this catalog, waiting")
            lock.acquire(timeout=-1)
        except NotImplementedError as error:
            message = f"{self._path}: this file system has no locks, choose another catalog folder"
            raise CatalogError(message) from error
