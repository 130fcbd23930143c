"""What can go wrong between a service and a file on disk, one maker each.

Positions are bytes of the body of one answer, or just before its end where that is shorter.
"""

import gzip
import re
import time
from collections.abc import Mapping

from fault_proxy import Exchange, Fault, Honest, head_bytes, length

_HTML = b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body>Back soon</body></html>"
_GARBAGE = b"\x00\xffSSH-2.0-noise\r\n\r\n"
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_CHUNK = 10_000


def cut(after: int, *, hard: bool = False) -> Fault:
    """The line ends after some bytes, by a reset when `hard`."""

    def act(on: Exchange) -> None:
        on.head(on.honest.status, _whole(on.honest))
        on.body(_until(on.honest.body, after))
        (on.reset if hard else on.close)()

    return Fault("reset" if hard else "cut", act)


def bounded(most: int) -> Fault:
    """The line ends after so many bytes, or with the answer."""

    def act(on: Exchange) -> None:
        on.head(on.honest.status, _whole(on.honest))
        on.body(on.honest.body[:most])
        on.close()

    return Fault("bounded", act)


def stall(after: int) -> Fault:
    """Some bytes, and then silence on an open line."""

    def act(on: Exchange) -> None:
        on.head(on.honest.status, _whole(on.honest))
        on.body(_until(on.honest.body, after))
        on.hang()

    return Fault("stall", act)


def silence() -> Fault:
    """No answer, on an open line."""
    return Fault("silence", Exchange.hang, is_of_file=False)


def dropped() -> Fault:
    """The line ends without an answer."""
    return Fault("dropped", Exchange.reset, is_of_file=False)


def refused() -> Fault:
    """The line ends, and nobody may connect until the proxy accepts again."""
    return Fault("refused", lambda on: on.proxy.refuse(), is_of_file=False)


def slow_start(seconds: float) -> Fault:
    """The right answer, late."""

    def act(on: Exchange) -> None:
        time.sleep(seconds)
        on.pass_on()

    return Fault("slow_start", act)


def garbage() -> Fault:
    """Noise before the status line."""

    def act(on: Exchange) -> None:
        on.raw(_GARBAGE)
        on.pass_on()
        on.close()

    return Fault("garbage", act)


def wrong_bytes(at: float, count: int = 1) -> Fault:
    """One bit is turned over in each of some bytes.

    `at` is the first of them, or below 1 a part of the body.
    """

    def act(on: Exchange) -> None:
        body = bytearray(on.honest.body)
        first = int(at * len(body)) if at < 1 else int(at)
        first = max(0, min(first, len(body) - count))
        for place in range(first, min(first + count, len(body))):
            body[place] ^= 1 << place % 8
        on.head(on.honest.status, _whole(on.honest))
        on.body(bytes(body))

    return Fault("wrong_bytes", act)


def short_length(by: int) -> Fault:
    """Fewer bytes are announced than there are, and no more are sent."""

    def act(on: Exchange) -> None:
        body = _without_end(on.honest, by)
        on.head(on.honest.status, {**on.honest.headers, **length(body)})
        on.body(body)

    return Fault("short_length", act)


def overlong(by: int) -> Fault:
    """More bytes are sent than are announced: they meet the next request of the same line."""

    def act(on: Exchange) -> None:
        body = _without_end(on.honest, by)
        on.head(on.honest.status, {**on.honest.headers, **length(body)})
        on.body(body)
        on.raw(on.honest.body[len(body) :])

    return Fault("overlong", act)


def long_length(by: int) -> Fault:
    """More bytes are announced than there are, and the line ends with the last."""

    def act(on: Exchange) -> None:
        announced = str(len(on.honest.body) + by)
        on.head(on.honest.status, {**on.honest.headers, "Content-Length": announced})
        on.body(on.honest.body)
        on.close()

    return Fault("long_length", act)


def no_length(after: int | None = None) -> Fault:
    """No length is announced, and the body ends with the line; early when told."""

    def act(on: Exchange) -> None:
        on.head(on.honest.status, {**on.honest.headers, "Connection": "close"})
        on.body(_until(on.honest.body, after))
        on.close()

    return Fault("no_length" if after is None else "no_length_cut", act)


def chunked(after: int | None = None) -> Fault:
    """In chunks and without a length; the line ends in the middle of a chunk when told."""

    def act(on: Exchange) -> None:
        on.head(on.honest.status, {**on.honest.headers, "Transfer-Encoding": "chunked"})
        body = _until(on.honest.body, after)
        for start in range(0, len(body), _CHUNK):
            piece = body[start : start + _CHUNK]
            is_last = after is not None and start + _CHUNK >= len(body)
            on.raw(f"{len(piece) + 100 * is_last:x}\r\n".encode())
            on.body(piece)
            if is_last:
                on.close()
                return
            on.raw(b"\r\n")
        on.raw(b"0\r\n\r\n")

    return Fault("chunked" if after is None else "chunked_cut", act)


def head_cut() -> Fault:
    """The line ends in the middle of the headers."""

    def act(on: Exchange) -> None:
        whole = head_bytes(on.honest.status, on.honest.headers.items())
        on.raw(whole[: whole.index(b"\r\n") + 14])
        on.close()

    return Fault("head_cut", act)


def two_lengths(by: int) -> Fault:
    """Two lengths that differ, the right one last."""

    def act(on: Exchange) -> None:
        right = length(on.honest.body)
        wrong = {"Content-Length": str(len(on.honest.body) + by)}
        on.head(on.honest.status, {**on.honest.headers, **wrong}, *right.items())
        on.body(on.honest.body)
        on.close()

    return Fault("two_lengths", act)


def packed() -> Fault:
    """Compressed, although that was not asked for."""

    def act(on: Exchange) -> None:
        body = gzip.compress(on.honest.body, 1, mtime=0)
        more = {"Content-Encoding": "gzip", **length(body)}
        on.head(on.honest.status, {**on.honest.headers, **more})
        on.body(body)

    return Fault("packed", act)


def not_ready(retry_after: str = "180000") -> Fault:
    """The file is on tape; PEPS says when to ask again in milliseconds."""
    return instead("202", 202, {"Retry-After": retry_after})


def instead(
    name: str, status: int, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> Fault:
    """Something else than the file, whatever was asked for."""

    def act(on: Exchange) -> None:
        on.head(status, {**(headers or {}), **length(body)})
        on.raw(body)

    return Fault(name, act, is_of_file=False)


def page(status: int = 200, kind: str = "text/html", **headers: str) -> Fault:
    """A web page."""
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    fault = instead(f"page_{status}", status, {"Content-Type": kind, **said}, _HTML)
    return Fault(fault.name, fault.act, is_of_file=status == 200)


def document(status: int = 200, message: str = "it cannot be read", **headers: str) -> Fault:
    """An error of PEPS."""
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    body = f'{{"ErrorMessage": "{message}", "ErrorCode": {status}}}'.encode()
    kind = {"Content-Type": "application/json"}
    fault = instead(f"json_{status}", status, {**kind, **said}, body)
    return Fault(fault.name, fault.act, is_of_file=status == 200)


def redirect(location: str | None = None) -> Fault:
    """To somewhere else; None: to where it was asked for."""

    def act(on: Exchange) -> None:
        on.head(302, {"Location": location or on.asked.target, **length(b"")})

    return Fault("redirect", act, is_of_file=False)


def other_range(by: int) -> Fault:
    """A part of the file is answered that begins elsewhere than was asked for."""

    def act(on: Exchange) -> None:
        honest = on.honest
        if honest.status == 206:
            start = max(0, on.asked.start + by)
            honest = on.ask({**on.asked.headers, "range": f"bytes={start}-"})
        on.head(honest.status, _whole(honest))
        on.body(honest.body)

    return Fault("other_range", act)


def no_content_range() -> Fault:
    """A part of the file, and nothing that says which."""

    def act(on: Exchange) -> None:
        said = {name: text for name, text in _whole(on.honest).items() if name != "Content-Range"}
        on.head(on.honest.status, said)
        on.body(on.honest.body)

    return Fault("no_content_range", act)


def wrong_total(by: int) -> Fault:
    """A part of the file, and another size of the whole."""

    def act(on: Exchange) -> None:
        said = _whole(on.honest)
        if match := _CONTENT_RANGE.fullmatch(said.get("Content-Range", "")):
            said["Content-Range"] = f"bytes {match[1]}-{match[2]}/{int(match[3]) + by}"
        on.head(on.honest.status, said)
        on.body(on.honest.body)

    return Fault("wrong_total", act)


def no_ranges() -> Fault:
    """The whole file, whatever part was asked for."""

    def act(on: Exchange) -> None:
        wanted = {name: text for name, text in on.asked.headers.items() if name != "range"}
        honest = on.ask(wanted)
        on.head(honest.status, _whole(honest))
        on.body(honest.body)

    return Fault("no_ranges", act)


def other_file(after: int, *, same_name: bool = False, same_end: bool = False) -> Fault:
    """A file that is replaced after some bytes of it were sent, the whole of which was asked for.

    Args:
        after: Bytes.
        same_name: Its ETag and size are those of the file that replaces it.
        same_end: So are its bytes, but for a few near the beginning.
    """

    def act(on: Exchange) -> None:
        body = bytearray(on.honest.body)
        for place in range(100, 200 if same_end else len(body)):
            body[place] ^= 0x5A
        named = {} if same_name else {"ETag": '"older"'}
        on.head(on.honest.status, {**_whole(on.honest), **named})
        on.body(bytes(body[:after]))
        on.close()

    return Fault("other_file", act)


def no_conditions() -> Fault:
    """The part that was asked for, of whatever file is there now."""

    def act(on: Exchange) -> None:
        wanted = {name: text for name, text in on.asked.headers.items() if name != "if-range"}
        honest = on.ask(wanted)
        on.head(honest.status, _whole(honest))
        on.body(honest.body)

    return Fault("no_conditions", act)


def _whole(honest: Honest) -> dict[str, str]:
    return {**honest.headers, **length(honest.body)}


def _until(body: bytes, after: int | None) -> bytes:
    """The bytes before a position, never all of them; None: all."""
    return body if after is None else body[: max(0, min(after, len(body) - 1))]


def _without_end(honest: Honest, by: int) -> bytes:
    return honest.body[: max(1, len(honest.body) - by)]
