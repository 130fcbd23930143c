"""The rows of the fault matrix: what goes wrong, and what is expected to come of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from fault_kinds import (
    bounded,
    chunked,
    cut,
    document,
    dropped,
    garbage,
    head_cut,
    instead,
    long_length,
    no_conditions,
    no_content_range,
    no_length,
    no_ranges,
    not_ready,
    other_file,
    other_range,
    overlong,
    packed,
    page,
    redirect,
    refused,
    short_length,
    silence,
    slow_start,
    stall,
    two_lengths,
    wrong_bytes,
    wrong_total,
)
from fault_proxy import Fault
from fault_stage import Stage, full_disk, jumping_clock, killed, little_space, to_another_host
from peps_stac.cli.errors import ExitCode

SOME, MORE = 100_000, 200_000
"""Bytes; an archive has 400,000."""
PASSING = "120"
DATED = {"Retry_After": "Fri, 01 Dec 2017 10:03:00 GMT", "Date": "Fri, 01 Dec 2017 10:01:00 GMT"}


class Does(StrEnum):
    """What the program does, in the words of the page."""

    AT_ONCE = "completed at once"
    RESUMED = "goes on where it stopped"
    RESTARTED = "starts again from the first byte"
    ASKED_AGAIN = "asks again"
    REPORTED = "reported; nothing is kept"
    KEPT = "reported; what came is kept"
    ASIDE = "kept aside in the quarantine"
    POSTPONED = "left for another day"
    ON_TAPE = "left on tape"
    ENDED = "ends the run; what came is kept"
    DIED = "dies; what came is kept"


class Next(StrEnum):
    """What the next run does, when nothing goes wrong any more."""

    NOTHING = "-"
    RESUMED = "goes on where it stopped"
    FETCHED = "fetches it"
    ORDERED = "`retry` orders it anew"


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of trouble with one file of two."""

    title: str
    faults: tuple[Fault, ...]
    """One for each request for the file, in order."""
    does: Does
    code: ExitCode = ExitCode.DONE
    says: str = ""
    """A part of what is said of the file."""
    then: Next = Next.NOTHING
    ever: Fault | None = None
    """For all requests after those."""
    is_scene: bool = False
    """The file is the archive of an L1C scene, whose size and MD5 are known; else of a product."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Of the run."""
    play: Callable[[Stage, Mapping[str, Any]], None] = Stage.play
    """Runs the command."""
    other_too: bool = False
    """The other file is not there either after the first run."""


_PART, _FAILED = ExitCode.PARTLY_FAILED, ExitCode.FAILED
_SHORT = {"stall_s": 0.5}


def _reported(title: str, *faults: Fault, says: str, **more: Any) -> Row:  # noqa: ANN401 -- of Row
    return Row(title, faults, Does.REPORTED, _PART, says, Next.FETCHED, **more)


def _aside(title: str, *faults: Fault, says: str, **more: Any) -> Row:  # noqa: ANN401 -- of Row
    return Row(title, faults, Does.ASIDE, _PART, says, Next.FETCHED, **more)


_LINE = (
    Row("nothing", (), Does.AT_ONCE),
    Row("the connection closes in the middle", (cut(SOME),), Does.RESUMED),
    Row("it is reset in the middle", (cut(SOME, hard=True),), Does.RESUMED),
    Row("it closes four times, further on each time", (cut(SOME),) * 4, Does.RESUMED),
    Row("silence in the middle (stall time-out)", (stall(SOME),), Does.RESUMED, options=_SHORT),
    Row("silence instead of an answer", (silence(),), Does.ASKED_AGAIN, options=_SHORT),
    Row("a reset instead of an answer", (dropped(),), Does.ASKED_AGAIN),
    Row("the answer starts late, within the stall time-out", (slow_start(0.2),), Does.AT_ONCE),
    Row("nobody listens for a while", (cut(SOME), refused()), Does.RESUMED),
    Row("noise before the status line", (cut(SOME), garbage()), Does.RESUMED),
    Row("headers cut off", (cut(SOME), head_cut()), Does.RESUMED),
    Row("headers cut off, at the first request", (head_cut(),), Does.ASKED_AGAIN),
    Row(
        "the process is killed (SIGKILL) in the middle",
        (stall(SOME),),
        Does.DIED,
        ExitCode.FAILED,
        then=Next.RESUMED,
        play=killed,
        other_too=True,
    ),
    Row("it always closes after 100 kB", (), Does.RESUMED, ever=bounded(SOME)),
    Row(
        "it always closes after 50 kB",
        (),
        Does.KEPT,
        _PART,
        "asked 5 times",
        Next.FETCHED,
        ever=bounded(50_000),
    ),
)

_BYTES = (
    _aside("wrong bytes in a member", wrong_bytes(0.5), says="damaged"),
    _aside("one wrong bit in a member's header", wrong_bytes(14), says="damaged"),
    _reported("wrong bytes at the beginning", wrong_bytes(1), says="it starts with"),
    _aside("wrong bytes, and an announced MD5", wrong_bytes(0.5), says="MD5", is_scene=True),
    _aside("Content-Length too short", short_length(5000), says="not a whole zip"),
    _reported(
        "Content-Length too short, and an announced size",
        short_length(5000),
        says="bytes, ",
        is_scene=True,
    ),
    Row("Content-Length too short, of a rest", (cut(SOME), short_length(5000)), Does.RESUMED),
    Row("more bytes than Content-Length, of a rest", (cut(SOME), overlong(5000)), Does.RESUMED),
    Row("Content-Length too long, once", (long_length(5000),), Does.RESTARTED),
    _reported("Content-Length too long, always", says="again and again", ever=long_length(5000)),
    Row("two Content-Lengths that differ", (two_lengths(77),), Does.RESTARTED),
    Row("no Content-Length", (no_length(),), Does.AT_ONCE),
    _aside("no Content-Length, and cut off", no_length(SOME), says="not a whole zip"),
    Row(
        "no Content-Length, cut off, and an announced size",
        (no_length(SOME),),
        Does.RESUMED,
        is_scene=True,
    ),
    Row("in chunks", (chunked(),), Does.AT_ONCE),
    Row("in chunks, cut off in one", (chunked(SOME),), Does.RESUMED),
    _reported("compressed without being asked (gzip)", packed(), says="compressed (gzip)"),
)

_OTHER = (
    _reported("200 with a web page", page(), says="text/html came instead"),
    _reported("200 with JSON", document(), says="application/json came instead"),
    _reported(
        "200 with a web page that is called a zip", page(kind="application/zip"), says="starts with"
    ),
    Row(
        "200 with a web page for the rest",
        (cut(SOME), page()),
        Does.KEPT,
        _PART,
        "text/html came instead",
        Next.RESUMED,
    ),
    Row(
        "200 with JSON for the rest",
        (cut(SOME), document()),
        Does.KEPT,
        _PART,
        "application/json came instead",
        Next.RESUMED,
    ),
    Row(
        "200 with a web page that is called a zip, for the rest",
        (cut(SOME), page(kind="application/zip")),
        Does.KEPT,
        _PART,
        "starts with",
        Next.RESUMED,
    ),
    Row(
        "the same, and an announced size",
        (cut(SOME), page(kind="application/zip")),
        Does.KEPT,
        _PART,
        "were announced",
        Next.RESUMED,
        is_scene=True,
    ),
    _reported("202 for ever, of a product", says="staged from tape", ever=not_ready()),
    Row(
        "202 three times, of a scene on tape",
        (not_ready(),) * 3,
        Does.AT_ONCE,
        is_scene=True,
    ),
    Row(
        "202 for ever, of a scene on tape",
        (),
        Does.ON_TAPE,
        ExitCode.STILL_RUNNING,
        "still on tape after",
        Next.FETCHED,
        ever=not_ready(),
        is_scene=True,
        options={"timeout_s": 6 * 3600},
    ),
    Row("200 with the whole file for the rest", (cut(MORE), no_ranges()), Does.RESTARTED),
    Row("206 with a later part", (cut(MORE), other_range(1000)), Does.RESTARTED),
    Row("206 with an earlier part", (cut(MORE), other_range(-1000)), Does.RESTARTED),
    Row("206 without Content-Range", (cut(MORE), no_content_range()), Does.RESTARTED),
    Row("206 with another total", (cut(MORE), wrong_total(99)), Does.RESTARTED),
    Row("416 for the rest", (cut(MORE), instead("416", 416)), Does.RESTARTED),
    Row("the file is replaced between two requests", (other_file(MORE),), Does.RESTARTED),
    Row("the same, and If-Range is ignored", (other_file(MORE), no_conditions()), Does.RESTARTED),
    Row(
        "the same, with the same ETag and size",
        (other_file(MORE, same_name=True),),
        Does.RESTARTED,
    ),
    _aside(
        "the same, and only the beginning differs",
        other_file(MORE, same_name=True, same_end=True),
        says="damaged",
    ),
)

_SERVICE = (
    Row(
        "503 three times, Retry-After in seconds",
        (page(503, Retry_After=PASSING),) * 3,
        Does.ASKED_AGAIN,
    ),
    Row("the same with a date", (page(503, **DATED),) * 3, Does.ASKED_AGAIN),
    Row("the same in milliseconds", (page(503, Retry_After="180000"),) * 3, Does.ASKED_AGAIN),
    Row("503 three times in the middle", (cut(SOME), *(page(503),) * 3), Does.RESUMED),
    _reported("503 with a Retry-After of 50 min", page(503, Retry_After="3000"), says="in 3000 s"),
    _reported("503 always", says="asked 5 times", ever=page(503)),
    Row("429 twice", (document(429, "slowly", Retry_After="30"),) * 2, Does.ASKED_AGAIN),
    Row(
        "429 always",
        (),
        Does.POSTPONED,
        _PART,
        "come back at",
        Next.FETCHED,
        ever=document(429, "slowly", Retry_After="30"),
    ),
    Row(
        "420 (quota of the account) in the middle",
        (cut(SOME), document(420, "week|200")),
        Does.POSTPONED,
        _PART,
        "come back later",
        Next.RESUMED,
    ),
    Row(
        "401 in the middle, for this file alone",
        (cut(SOME), document(401, "Unauthorized")),
        Does.KEPT,
        _PART,
        "the account as such is accepted",
        Next.RESUMED,
    ),
    Row(
        "401 in the middle, for the account",
        (cut(SOME),),
        Does.ENDED,
        _FAILED,
        "check the credentials",
        Next.RESUMED,
        ever=document(401, "Unauthorized"),
        play=Stage.play_without_account,
        other_too=True,
    ),
    _reported("403 for this file", document(403, "Forbidden"), says="the account as such"),
    Row(
        "404: the service has forgotten it",
        (document(404, "Not Found"),),
        Does.REPORTED,
        _PART,
        "retry orders it anew",
        Next.ORDERED,
    ),
    _reported("redirects in a circle", says="redirects in circles", ever=redirect()),
    Row("a redirect to another host: the login stays here", (), Does.AT_ONCE, play=to_another_host),
)

_MACHINE = (
    Row(
        "no space, before it begins",
        (),
        Does.REPORTED,
        _FAILED,
        "no space in",
        Next.FETCHED,
        play=little_space,
        other_too=True,
    ),
    Row(
        "the disk becomes full in the middle",
        (),
        Does.KEPT,
        _PART,
        "no space left in",
        Next.RESUMED,
        play=full_disk,
    ),
    Row("the clock jumps by hours, back and forth", (cut(SOME),), Does.RESUMED, play=jumping_clock),
    Row(
        "the same, while a scene is on tape",
        (not_ready(),) * 4,
        Does.AT_ONCE,
        is_scene=True,
        play=jumping_clock,
        options={"timeout_s": None},
    ),
)

GROUPS: Mapping[str, tuple[Row, ...]] = {
    "The line": _LINE,
    "Bytes and lengths": _BYTES,
    "Other answers": _OTHER,
    "The service": _SERVICE,
    "This machine": _MACHINE,
}
"""By heading."""
