"""Files that are fetched a few at a time, while the caller does something else with others.

Threads bring the files and check them; the caller, who alone writes the catalog, takes each as it
ends. Only so many wait to be taken as are fetched at once, so that archives do not pile up on the
disk of somebody whose line is faster than his processor.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Generic, Self, TypeVar

from peps_stac.errors import (
    AuthenticationError,
    DownloadError,
    PepsStacError,
    RequestError,
)
from peps_stac.http.download import Progress, QuotaError
from peps_stac.http.download import download as fetch
from peps_stac.provider.interface import Archive
from peps_stac.workflow.room import NoRoomYetError, Room

DEFAULT_PARALLEL: Final = 2
"""Files that are fetched at once."""

GRACE_S: Final = 5.0
"""How long the end waits for threads; one that hangs on a dead line notices later by itself."""

_CLAIM_EVERY: Final = 64 * 2**20
"""Bytes after which the free space is looked at again."""

Report = Callable[[str, Progress], None]
"""Takes the name of a file and how far it is; called by the threads that fetch."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Wanted(Generic[T]):
    """One file that is to be fetched."""

    about: T
    """The caller's own."""
    href: str
    """On the service; of another host it is mapped to the configured one, or refused."""
    target: Path
    size: int | None = None
    """Bytes, as announced."""
    later: Callable[[int], int] = lambda _: 0
    """Bytes that will be made of a file of so many."""
    check: Callable[[Path], None] = lambda _: None
    """Raises `DownloadError` for a file that came and is bad."""


@dataclass(frozen=True, slots=True, eq=False)
class Fetched(Generic[T]):
    """How one file ended."""

    wanted: Wanted[T]
    error: Exception | None = None
    """Why it is not there; None: it is, and was checked."""
    is_bad: bool = False
    """The file is there and failed its check."""
    is_held: bool = False
    """It was not begun, because the error befell another."""


class StoppedError(Exception):
    """The caller went away; what came is kept."""


class Fetching(Generic[T]):
    """The files of one run; a context manager that leaves no thread and keeps partial files.

    Args:
        client: Whose session and addresses.
        room: Where the files and what is made of them have to fit.
        parallel: How many are fetched at once, and as many may wait to be taken.
        report: Hears how far each is, from several threads.
    """

    def __init__(
        self,
        client: Archive,
        room: Room,
        *,
        parallel: int = DEFAULT_PARALLEL,
        report: Report | None = None,
    ) -> None:
        check_parallel(parallel)
        self._client = client
        self._room = room
        self._parallel = parallel
        self._report = report
        self._change = threading.Condition()
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._queue: deque[Wanted[T]] = deque()
        self._ended: deque[Fetched[T]] = deque()
        self._running = 0
        self._is_crowded = False
        self._holder: Exception | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def is_busy(self) -> bool:
        """Whether anything is left to be taken, now or later."""
        with self._change:
            return bool(self._queue or self._ended or self._running)

    @property
    def holder(self) -> Exception | None:
        """The error after which nothing more is begun."""
        return self._holder

    def add(self, wanted: Wanted[T]) -> None:
        """Fetch one more file, when its turn comes."""
        with self._change:
            self._queue.append(wanted)
            if len(self._threads) < self._parallel:
                # A daemon: a thread that hangs on a dead line does not keep the program alive.
                thread = threading.Thread(target=self._work, name="fetching", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._change.notify_all()

    def hold(self, error: Exception) -> None:
        """Begin nothing more; what runs comes to its end, the rest ends with this error."""
        with self._change:
            self._holder = self._holder or error
            self._change.notify_all()

    def drop(self) -> None:
        """Forget what is not begun; what runs comes to its end."""
        with self._change:
            self._queue.clear()

    def take(self, timeout_s: float | None = None) -> Fetched[T] | None:
        """The next file that ended; None when nothing is left, or the time is up.

        Args:
            timeout_s: How long to wait; None: as long as it takes.
        """
        with self._change:
            self._change.wait_for(self._may_take, timeout_s)
            if self._ended:
                fetched = self._ended.popleft()
                self._change.notify_all()
                return fetched
            if self._holder is not None and self._queue and not self._running:
                return Fetched(self._queue.popleft(), self._holder, is_held=True)
            return None

    def ready(self) -> Iterator[Fetched[T]]:
        """Those that ended so far, without waiting for others."""
        while (fetched := self.take(timeout_s=0)) is not None:
            yield fetched

    def rest(self) -> Iterator[Fetched[T]]:
        """All others, as they end."""
        while (fetched := self.take()) is not None:
            yield fetched

    def leave(self, wanted: Wanted[T]) -> None:
        """Be done with a file that was taken, so that others may have its room."""
        self._room.leave(wanted.target)
        with self._change:
            self._is_crowded = False
            self._change.notify_all()

    def stop(self) -> None:
        """End what runs and begin nothing more; partial files are kept."""
        self._stop.set()
        with self._change:
            self._queue.clear()
            self._change.notify_all()
        end = time.monotonic() + GRACE_S
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _may_take(self) -> bool:
        is_held = self._holder is not None and not self._running
        return bool(self._ended) or is_held or not (self._queue or self._running)

    def _may_begin(self) -> bool:
        return (
            bool(self._queue)
            and self._holder is None
            and not self._is_crowded
            and len(self._ended) < self._parallel
        )

    def _work(self) -> None:
        """The life of a thread."""
        while (wanted := self._next()) is not None:
            fetched: Fetched[T] | None = None
            try:
                fetched = self._fetched(wanted)
            finally:
                self._note(wanted, fetched)

    def _next(self) -> Wanted[T] | None:
        with self._change:
            self._change.wait_for(lambda: self._stop.is_set() or self._may_begin())
            if self._stop.is_set():
                return None
            self._running += 1
            return self._queue.popleft()

    def _note(self, wanted: Wanted[T], fetched: Fetched[T] | None) -> None:
        with self._change:
            self._running -= 1
            if fetched is not None:
                self._ended.append(fetched)
            elif not self._stop.is_set():
                self._queue.appendleft(wanted)
                self._is_crowded = self._room.is_claimed
            if fetched is not None and _ends_all(fetched.error):
                self._holder = self._holder or fetched.error
            self._change.notify_all()

    def _fetched(self, wanted: Wanted[T]) -> Fetched[T] | None:
        """How a file ended; None: it did not, and has to wait for room."""
        try:
            href = self._client.resolve(wanted.href)
            listener = self._listener(wanted)
            fetch(self._client.session, href, wanted.target, size=wanted.size, report=listener)
        except (NoRoomYetError, StoppedError):
            return None
        except AuthenticationError as error:
            return Fetched(wanted, self._refused(error))
        except Exception as error:  # noqa: BLE001 -- the caller raises what is no error of ours
            return Fetched(wanted, error)
        try:
            wanted.check(wanted.target)
        except DownloadError as error:
            return Fetched(wanted, error, is_bad=True)
        except Exception as error:  # noqa: BLE001 -- as above
            return Fetched(wanted, error)
        return Fetched(wanted)

    def _refused(self, error: AuthenticationError) -> PepsStacError:
        """The error as it is, unless it is about one file of an account that is accepted."""
        try:
            if not self._client.is_welcome():
                return error
        except PepsStacError:
            return error
        message = str(error).rpartition("; ")[0]
        return RequestError(f"{message}; the account as such is accepted, so ask the service")

    def _listener(self, wanted: Wanted[T]) -> Callable[[Progress], None]:
        name, looked_at = wanted.target.name, -_CLAIM_EVERY

        def heard(progress: Progress) -> None:
            nonlocal looked_at
            if self._stop.is_set():
                raise StoppedError(name)
            if progress.done >= looked_at + _CLAIM_EVERY:
                looked_at = progress.done
                size = progress.total or progress.done
                self._room.claim(wanted.target, size - progress.done + wanted.later(size))
            if self._report is not None:
                self._report(name, progress)

        return heard


def check_parallel(parallel: int) -> None:
    """Refuse a number of files that fetches nothing.

    Raises:
        RequestError: Less than 1.
    """
    if parallel < 1:
        raise RequestError(f"parallel: {parallel} files at once is none; give 1 or more")


def raise_what_is_no_failure(error: Exception) -> None:
    """Raise an error that is not about one file.

    Raises:
        AuthenticationError: The account is refused.
        Exception: A fault of the program.
    """
    if isinstance(error, AuthenticationError) or not isinstance(error, PepsStacError | OSError):
        raise error


def _ends_all(error: Exception | None) -> bool:
    return isinstance(error, AuthenticationError | QuotaError)
