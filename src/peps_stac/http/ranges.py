"""Asking for the rest of a file, and what of an answer belongs where (RFC 9110, section 14)."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from peps_stac.errors import DownloadError
from peps_stac.http.addresses import shown
from peps_stac.http.answers import StreamedAnswer
from peps_stac.http.checksums import Checksum
from peps_stac.http.failures import NotReady, TransientError
from peps_stac.http.partial import ServerFile
from peps_stac.http.retry import LONGEST_WAIT_S, come_back

_WHOLE, _NOT_READY, _PART, _RANGE_NOT_SATISFIABLE = 200, 202, 206, 416
_DOCUMENT = re.compile(r"text/(html|xml)|application/(json|xml)|.*\+(json|xml)|multipart/.*")
_OF_A_PART = ("Content-Range", "Content-Length", "Transfer-Encoding")
"""Without all of these it is no answer, but the beginning of one: `http.client` takes the end of
the line for the end of the headers."""
_LENGTH = re.compile(r"\d{1,18}", re.ASCII)
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)", re.ASCII)


class StartAgainError(Exception):
    """The bytes on disk are not of the file that the service has now."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The file that is asked for."""

    href: str
    """Absolute."""
    size: int | None
    checksum: Checksum | None
    magic: bytes

    @property
    def name(self) -> str:
        """The address without anything secret: for people, and for the note on disk."""
        return shown(self.href)

    def wrong(self, what: str) -> DownloadError:
        """The error for something that is not this file."""
        return DownloadError(f"{self.name}: {what}; download again")


def headers_for(known: ServerFile | None, start: int) -> dict[str, str]:
    """What to ask with, for the bytes from `start` on of the file that is known."""
    # Compressed on the way, sizes and ranges would count something else.
    headers = {"Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
        if known and known.validator:
            headers["If-Range"] = known.validator
    return headers


def refuse_what_is_no_file(answer: StreamedAnswer, wanted: Wanted, now: datetime) -> None:
    """Lets only an answer pass whose body may be bytes of a file.

    Raises:
        NotReady: The file is being staged.
        StartAgainError: The range asked for is outside the file.
        DownloadError: An error page, a document, a success without a file.
    """
    if answer.status == _NOT_READY:
        wait = answer.retry_after_s
        wait = wait if wait is None else min(wait, LONGEST_WAIT_S)
        message = f"{wanted.name} is being staged from tape; ask {come_back(wait, now)}"
        raise NotReady(message, retry_after_s=wait)
    if answer.status == _RANGE_NOT_SATISFIABLE:
        raise StartAgainError("the service has no such range")
    if answer.status not in (_WHOLE, _PART):
        raise wanted.wrong(f"answered {answer.status} instead of a file")
    if _DOCUMENT.fullmatch(answer.content_type):
        words, _ = answer.whole().said()
        what = f"{answer.content_type} came instead of the file"
        raise wanted.wrong(f"{what} ({words})" if words else what)
    encoding = (answer.headers.get("Content-Encoding") or "identity").lower()
    if encoding != "identity":
        raise wanted.wrong(f"it came compressed ({encoding}), which was not asked for")


def place(
    answer: StreamedAnswer, wanted: Wanted, known: ServerFile | None, start: int
) -> tuple[int, ServerFile]:
    """Where in the file the body belongs, and which file it is of.

    Raises:
        StartAgainError: It does not go on where the known bytes end.
        TransientError: The line ended before all headers came.
    """
    served = ServerFile(
        wanted.name,
        etag=answer.headers.get("ETag"),
        modified=answer.headers.get("Last-Modified"),
    )
    if answer.status == _WHOLE:
        length = _LENGTH.fullmatch(answer.headers.get("Content-Length", "").strip())
        total = int(length[0]) if length else wanted.size
        return 0, replace(served, total=total)
    if not any(name in answer.headers for name in _OF_A_PART):
        raise TransientError(f"{wanted.name}: the connection closed early")
    match = _CONTENT_RANGE.fullmatch(answer.headers.get("Content-Range", "").strip())
    if match is None or int(match[1]) != start:
        raise StartAgainError("another range came than was asked for")
    served = replace(served, total=None if match[2] == "*" else int(match[2]))
    if known is None or start == 0:
        return start, replace(served, total=served.total or wanted.size)
    if not _same(known, served):
        raise StartAgainError("the file has changed on the service")
    return start, replace(known, total=served.total or known.total)


def _same(known: ServerFile, served: ServerFile) -> bool:
    """Whether nothing that both say differs."""
    pairs = (
        (known.total, served.total),
        (known.etag, served.etag),
        (known.modified, served.modified),
    )
    return all(ours is None or theirs is None or ours == theirs for ours, theirs in pairs)
