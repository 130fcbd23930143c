"""One file from the service to the disk, whole or not at all.

The bytes go to `<target>.part`; only what is complete and right gets the name. A download that
was cut off goes on where it stopped, in this process or in another one.
"""

import contextlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from peps_stac.clock import utc_now
from peps_stac.domain.instants import format_instant
from peps_stac.http.checksums import announced
from peps_stac.http.failures import Gone, NotReady, QuotaError, TransientError
from peps_stac.http.partial import Partial
from peps_stac.http.ranges import (
    StartAgainError,
    Wanted,
    headers_for,
    place,
    refuse_what_is_no_file,
)
from peps_stac.http.receiving import Progress, Receiver, begun
from peps_stac.http.session import Session

__all__ = ["Gone", "NotReady", "Progress", "QuotaError", "download"]

RESUME_OVERLAP_BYTES = 1 << 16
"""Dropped from the end of a partial file and read again: proxies append error pages."""

_MOST_RESTARTS = 2

logger = logging.getLogger("peps_stac.http")


def download(  # noqa: PLR0913 -- every one but the first three has a default
    session: Session,
    href: str,
    target: Path,
    *,
    size: int | None = None,
    md5: str | None = None,
    sha256: str | None = None,
    magic: bytes = b"PK",
    reserve_bytes: int = 0,
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
        sha256: The same; the better one of the two is looked at.
        magic: First bytes of any such file.
        reserve_bytes: To be left free on the disk, for what will be made of the file.
        login: Send the credentials.
        report: Called before the first byte, a few times a second, and after the last byte, in
            this thread; what it raises ends the download and keeps what came.

    Raises:
        NotReady: The service is staging the file (202).
        ServiceError: The connection broke too often; what came is kept for the next run.
        DownloadError: What came is not the file announced; useless bytes are removed.
        CatalogError: The disk is full or not writable, or other downloads of the session have
            claimed what is free; what came is kept.
        QuotaError: The account has to wait until the time that it names.
        RequestError, AuthenticationError, ResponseError: As `Session.get`.
    """
    if target.exists():
        return target
    wanted = Wanted(session.resolve(href), size, announced(md5, sha256), magic)
    partial = Partial(target)
    with partial.disk():
        target.parent.mkdir(parents=True, exist_ok=True)
    with _alone(target, partial):
        if not target.exists():  # the process waited for may have brought it
            told = report or _tell_nobody
            receiver = Receiver(wanted, partial, session.space, reserve_bytes, told)
            _Transfer(session, wanted, login, receiver).run()
    return target


@dataclass(frozen=True, slots=True)
class _Transfer:
    session: Session
    wanted: Wanted
    login: bool
    receiver: Receiver

    @property
    def partial(self) -> Partial:
        return self.receiver.partial

    def run(self) -> None:
        """Brings the file, checks it, and gives it its name."""
        failures, restarts, furthest = 0, 0, self.partial.size
        while True:
            try:
                self._attempt()
            except StartAgainError as reason:
                logger.info("%s: %s; starting again", self.wanted.name, reason)
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
            else:
                self.partial.finish()
                return

    def _attempt(self) -> None:
        """One request, and all that comes of it.

        Raises:
            TransientError: It may be asked for again.
            StartAgainError: The bytes that are there are of no use.
            DownloadError: It is not the file, and asking again is no use.
        """
        wanted, partial = self.wanted, self.partial
        known = partial.noted(wanted.name)
        start = max(0, partial.size - RESUME_OVERLAP_BYTES) if known else 0
        headers = headers_for(known, start)
        with self.session.stream(wanted.href, headers=headers, login=self.login) as answer:
            now = utc_now()
            refuse_what_is_no_file(answer, wanted, now)
            position, served = place(answer, wanted, known, start)
            if wanted.size is not None and served.total not in (None, wanted.size):
                if position > 0:
                    partial.discard()
                raise wanted.wrong(f"it has {served.total} bytes, {wanted.size} were announced")
            right = begun(answer, wanted) if position == 0 and partial.size else answer
            if position == 0:  # the note must never name another file than the bytes are of
                partial.discard()
            served = replace(served, asked=format_instant(now))
            found = self.receiver.receive(right, position, served)
        fault = self._fault(found, served.total)
        if fault is not None and position > 0:
            # Pieced together: some of it may be of an older file at the same address.
            raise StartAgainError(fault)
        if fault is not None:
            partial.discard()
            raise wanted.wrong(fault)

    def _fault(self, found: str | None, total: int | None) -> str | None:
        """What keeps the bytes from being the file announced."""
        wanted, size = self.wanted, self.partial.size
        if size == 0:
            return "it is empty"
        start = self.partial.read(0, len(wanted.magic))
        if start != wanted.magic:
            return f"it starts with {start!r}, not {wanted.magic!r}"
        if total is not None and size != total:
            return f"{size} bytes came, {total} were announced"
        if wanted.checksum is not None and found != wanted.checksum.digits:
            name, digits = wanted.checksum.name, wanted.checksum.digits
            return f"its {name} is {found}, not {digits} as announced"
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
