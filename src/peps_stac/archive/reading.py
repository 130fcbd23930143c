"""The bytes of one member of a zip, and that they are what was announced.

`zipfile` would pass over what stands behind the end of the packed data, and reads no other member
meanwhile; as quick, this tells every byte that was not announced.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final, NoReturn

from peps_stac.errors import DownloadError

STORED: Final = 0
DEFLATED: Final = 8

_CHUNK = 2**20


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a zip."""

    name: str
    """Relative path, `/` between parts, checked."""
    size: int
    """Bytes unpacked, as announced; reading more is an error."""
    packed: int
    """Bytes in the archive."""
    crc: int
    method: int
    """`STORED` or `DEFLATED`."""
    offset: int
    """Of the packed bytes in the archive."""


def chunks_of(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """A member's bytes; when they end without an error, size and CRC are right.

    Raises:
        DownloadError: Size or CRC differ, or the packed data are damaged.
    """
    crc = done = 0
    try:
        for chunk in _unpacked(file, member):
            crc, done = zlib.crc32(chunk, crc), done + len(chunk)
            if done > member.size:
                _fail(member, f"more than the announced {member.size} bytes")
            yield chunk
    except (zlib.error, OSError) as error:
        raise DownloadError(_damaged(member, " ".join(str(error).split()))) from error
    if done != member.size:
        _fail(member, f"{done} bytes instead of the announced {member.size}")
    if crc != member.crc:
        _fail(member, "its CRC-32 is not the announced one")


def _unpacked(file: BinaryIO, member: Member) -> Iterator[bytes]:
    return _packed(file, member) if member.method == STORED else _inflated(file, member)


def _packed(file: BinaryIO, member: Member) -> Iterator[bytes]:
    done = 0
    while done < member.packed:
        file.seek(member.offset + done)  # another member may have been read meanwhile
        chunk = file.read(min(member.packed - done, _CHUNK))
        if not chunk:
            _fail(member, "the archive ends in it")
        done += len(chunk)
        yield chunk


def _inflated(file: BinaryIO, member: Member) -> Iterator[bytes]:
    if member.packed == member.size == 0:
        return
    inflate, read = zlib.decompressobj(-zlib.MAX_WBITS), 0
    for packed in _packed(file, member):
        read += len(packed)
        left, chunk = packed, b"-"
        # Limited, for a few bytes may unpack to a thousand times as many.
        while chunk and not inflate.eof:
            chunk = inflate.decompress(left, _CHUNK)
            left = inflate.unconsumed_tail
            if chunk:
                yield chunk
        if inflate.eof:
            break
    if not inflate.eof:
        _fail(member, "its packed data end too early")
    if behind := member.packed - read + len(inflate.unused_data):
        _fail(member, f"{behind} bytes behind the end of its packed data")


def _fail(member: Member, reason: str) -> NoReturn:
    raise DownloadError(_damaged(member, reason))


def _damaged(member: Member, reason: str) -> str:
    return f"{member.name}: damaged: {reason}; download the archive again"
