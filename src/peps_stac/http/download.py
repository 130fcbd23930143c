"""One file from the service to the disk, whole or not at all.

The bytes go to `<target>.part`; only what is complete and right gets the name. A download that
was cut off goes on where it stopped, in this process or in another one.
"""

import contextlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from peps_stac.http.addresses import shown
from peps_stac.http.answers import StreamedAnswer
from peps_stac.http.failures import NotReady, TransientError
from peps_stac.http.partial import Partial
from peps_stac.http.ranges import (
    StartAgainError,
    Wanted,
    headers_for,
    place,
    refuse_what_is_no_file,
)
from peps_stac.http.session import Session

__all__ = ["NotReady", "Progress", "download"]

RESUME_OVERLAP_BYTES = 1 << 16
"""Dropped from the end of a partial file and read again: proxies append error pages."""

_MOST_RESTARTS = 2

logger = logging.getLogger("peps_stac.http")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a download is."""

    done: int
    """Bytes of the file that are there."""
    total: int | None
    """Bytes of the whole file; None when the service does not say."""


def download(  # noqa: PLR0913 -- every one but the first three has a default
    session: Session,
    href: str,
    target: Path,
    *,
    size: int | None = None,
    md5: str | None = None,
    magic: bytes = b"PK",
    login: bool = True,
    report: Callable[[Progress], None] | None = None,
) -> Path:
    """The file at `target`: as it is when there is one, and otherwise downloaded.

    A second process with the same target waits for the first.

    Args:
        session: Its attempts and pauses are kept; attempts count anew after progress.
        href: Absolute, or a path below the session's `base_url`.
        target: Its folder is made when missing.
        size: Bytes announced elsewhere.
        md5: Of the whole file, hexadecimal in any case.
        magic: First bytes of any such file.
        login: Send the credentials.
        report: Called after every piece.

    Raises:
        NotReady: The service is staging the file (202).
        ServiceError: The connection broke too often; what came is kept for the next run.
        DownloadError: What came is not the file announced; useless bytes are removed.
        CatalogError: The disk is full or not writable; what came is kept.
        RequestError, AuthenticationError, ResponseError: As `Session.get`.
    """
    if target.exists():
        return target
    wanted = Wanted(session.resolve(href), size, md5.lower() if md5 else None, magic)
    partial = Partial(target)
    with partial.disk():
        target.parent.mkdir(parents=True, exist_ok=True)
    with _alone(target, partial):
        if not target.exists():  # the process waited for may have brought it
            _Transfer(session, wanted, partial, login, report or _tell_nobody).run()
    return target


@dataclass(frozen=True, slots=True)
class _Transfer:
    session: Session
    wanted: Wanted
    partial: Partial
    login: bool
    report: Callable[[Progress], None]

    def run(self) -> None:
        """Brings the file, checks it, and gives it its name."""
        fault = self._fault(self._fetch())
        if fault is not None:
            self.partial.discard()
            raise self.wanted.wrong(fault)
        self.partial.finish()

    def _fetch(self) -> str | None:
        """Gets the bytes onto the disk; answers their MD5 when one is wanted."""
        failures, restarts, furthest = 0, 0, self.partial.size
        while True:
            try:
                return self._attempt()
            except StartAgainError as reason:
                logger.info("%s: %s; starting again", shown(self.wanted.href), reason)
                self.partial.discard()
                restarts, furthest = restarts + 1, 0
                if restarts > _MOST_RESTARTS:
                    raise self.wanted.wrong(f"{reason}, again and again") from reason
            except TransientError as error:
                failures = 1 if self.partial.size > furthest else failures + 1
                furthest = max(furthest, self.partial.size)
                if failures >= self.session.attempts:
                    raise error.after(failures, f"; {furthest} bytes are kept") from error
                self.session.pause(failures, error.retry_after_s)

    def _attempt(self) -> str | None:
        wanted, partial = self.wanted, self.partial
        known = partial.noted(wanted.href)
        start = max(0, partial.size - RESUME_OVERLAP_BYTES) if known else 0
        headers = headers_for(known, start)
        with self.session.stream(wanted.href, headers=headers, login=self.login) as answer:
            refuse_what_is_no_file(answer, wanted)
            position, served = place(answer, wanted, known, start)
            if wanted.size is not None and served.total not in (None, wanted.size):
                partial.discard()
                raise wanted.wrong(f"it has {served.total} bytes, {wanted.size} were announced")
            if served.total is not None:
                partial.need_space(served.total - partial.size)
            if position == 0:  # the note must never name another file than the bytes are of
                partial.discard()
            partial.note(served)
            return self._write(answer, position, served.total)

    def _write(self, answer: StreamedAnswer, position: int, total: int | None) -> str | None:
        """Writes the body; the MD5 of the whole file when one is wanted."""
        magic = self.wanted.magic
        md5 = self.partial.md5(position) if self.wanted.md5 else None
        done = position
        with self.partial.open_at(position) as file:
            for chunk in answer.iter_chunks():
                file.write(chunk)
                is_right = done > 0 or chunk.startswith(magic[: len(chunk)])
                done += len(chunk)
                if not is_right or (total is not None and done > total):
                    return None  # `_fault` says what is wrong
                if md5 is not None:
                    md5.update(chunk)
                self.report(Progress(done, total))
        if total is not None and done < total:
            raise TransientError(f"{shown(self.wanted.href)}: the connection closed early")
        return None if md5 is None else md5.hexdigest()

    def _fault(self, found_md5: str | None) -> str | None:
        """What keeps the bytes from being the file announced."""
        wanted, size = self.wanted, self.partial.size
        if size == 0:
            return "it is empty"
        start = self.partial.start(len(wanted.magic))
        if start != wanted.magic:
            return f"it starts with {start!r}, not {wanted.magic!r}"
        known = self.partial.noted(wanted.href)
        total = wanted.size if known is None or known.total is None else known.total
        if total is not None and size != total:
            return f"{size} bytes came, {total} were announced"
        if found_md5 != wanted.md5:
            return f"its MD5 is {found_md5}, not {wanted.md5} as announced"
        return None


@contextlib.contextmanager
def _alone(target: Path, partial: Partial) -> Iterator[None]:
    path = target.with_name(f"{target.name}.part.lock")
    lock = FileLock(path)
    with partial.disk():
        try:
            lock.acquire(timeout=0)
        except Timeout:
            logger.warning("waiting for another process that downloads %s", target.name)
            lock.acquire()
    try:
        yield
        # While it is held, and when the target is there: who waited finds the target first.
        with contextlib.suppress(OSError):
            path.unlink()
    finally:
        lock.release()


def _tell_nobody(progress: Progress) -> None:
    """The report of those who want none."""
