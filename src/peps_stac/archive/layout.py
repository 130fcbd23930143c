"""Where the parts of a zip lie, when there is only one way to read it.

A zip can be built so that two programs see two archives in it: by bytes before, between or after
its parts, by a second end record in the comment, by headers that contradict the directory. What
was announced as one product has none of these, so each is refused. Numbers and field names are
those of APPNOTE.TXT 6.3.10.
"""

import os
import struct
import zipfile
from dataclasses import dataclass
from typing import BinaryIO, Final

MAX_DIRECTORY: Final = 16 * 2**20
"""Bytes: more than 10,000 members with long names take."""

_END = struct.Struct("<4s4H2LH")  # 4.3.16
_END_MARK = b"PK\x05\x06"
_LONGEST_COMMENT = 0xFFFF
_LOCATOR = struct.Struct("<4sLQL")  # 4.3.15
_LOCATOR_MARK = b"PK\x06\x07"
_END_64 = struct.Struct("<4sQ2H2L4Q")  # 4.3.14
_END_64_MARK = b"PK\x06\x06"
_ENTRY = struct.Struct("<4s24x3H12x")  # 4.3.12
_ENTRY_MARK = b"PK\x01\x02"
_LOCAL = struct.Struct("<4s5H3L2H")  # 4.3.7
_LOCAL_MARK = b"PK\x03\x04"
_FULL_16, _FULL_32 = 0xFFFF, 0xFFFFFFFF
"""Mean: see the field of 64 bits."""

_ENCRYPTION = 0x1 | 0x40 | 0x2000
_SIZES_FOLLOW = 0x8
_UTF_8 = 0x800
_ZIP64_FIELD = 1


@dataclass(frozen=True, slots=True)
class Directory:
    """The list of members at the end of a zip."""

    start: int
    """Offset in the file, where the members end."""
    size: int
    count: int
    """Members, as announced."""


def find_directory(file: BinaryIO) -> Directory:
    """Where the directory lies; nothing stands behind it but the end records.

    Raises:
        zipfile.BadZipFile: Not a zip, not a whole one, or more than one.
    """
    end, tail = _find_end(file)
    _, disk, first_disk, here, count, size, start, _ = _END.unpack(tail)
    wide = _wide_end(file, end)
    if wide is not None:
        _agree((here, count), wide[:2], _FULL_16)
        _agree((size, start), wide[2:], _FULL_32)
        here, count, size, start = wide
        end -= _LOCATOR.size + _END_64.size
    if {disk, first_disk} - {0, _FULL_16} or here != count:
        raise zipfile.BadZipFile("one part of several")
    if odd := end - start - size:
        what = "do not belong to it" if odd > 0 else "are missing"
        raise zipfile.BadZipFile(f"{abs(odd)} bytes {what}")
    return Directory(start, size, count)


def check_count(file: BinaryIO, directory: Directory) -> None:
    """Make sure that the directory holds as many members as it announces, in bounded memory.

    Raises:
        zipfile.BadZipFile: It does not.
    """
    if directory.size > MAX_DIRECTORY:
        raise zipfile.BadZipFile(f"a directory of {directory.size} bytes")
    file.seek(directory.start)
    content, at, found = file.read(directory.size), 0, 0
    while at < len(content) and found <= directory.count:
        if at + _ENTRY.size > len(content):
            raise zipfile.BadZipFile("its directory is cut short")
        mark, name, extra, comment = _ENTRY.unpack_from(content, at)
        if mark != _ENTRY_MARK:
            raise zipfile.BadZipFile("its directory is damaged")
        at, found = at + _ENTRY.size + name + extra + comment, found + 1
    if found != directory.count:
        kind = "more" if found > directory.count else "fewer"
        raise zipfile.BadZipFile(f"{kind} members than the announced {directory.count}")
    if at != len(content):
        raise zipfile.BadZipFile("its directory is cut short")


def data_offset(file: BinaryIO, info: zipfile.ZipInfo) -> int:
    """Where the packed bytes of a member begin, once its own header agrees with the directory.

    Raises:
        zipfile.BadZipFile: No header there, or one that says something else.
    """
    file.seek(min(info.header_offset, file.seek(0, os.SEEK_END)))
    head = file.read(_LOCAL.size)
    if len(head) < _LOCAL.size or not head.startswith(_LOCAL_MARK):
        raise zipfile.BadZipFile("no header where the directory says")
    _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _LOCAL.unpack(head)
    begin = info.header_offset + _LOCAL.size + int(name_length) + int(extra_length)
    name, extra = file.read(name_length), file.read(extra_length)
    if name.decode("utf-8" if flags & _UTF_8 else "cp437") != info.orig_filename:
        raise zipfile.BadZipFile("another name in its own header")
    if flags & _ENCRYPTION or method != info.compress_type:
        raise zipfile.BadZipFile("packed in another way, says its own header")
    size, packed = _wide_sizes(extra, size, packed)
    both = ((crc, info.CRC), (packed, info.compress_size), (size, info.file_size))
    # Written without seeking back, what was not known yet is 0.
    can_be_unknown = flags & _SIZES_FOLLOW
    if any(said != listed and (said or not can_be_unknown) for said, listed in both):
        raise zipfile.BadZipFile("another size or CRC in its own header")
    return begin


def _find_end(file: BinaryIO) -> tuple[int, bytes]:
    """Offset and content of the one end record."""
    whole = file.seek(0, os.SEEK_END)
    begin = max(0, whole - _END.size - _LONGEST_COMMENT)
    file.seek(begin)
    tail = file.read(_END.size + _LONGEST_COMMENT)
    at = tail.rfind(_END_MARK)
    if at < 0:
        raise zipfile.BadZipFile("no end record")
    record = tail[at : at + _END.size]
    if len(record) < _END.size:
        raise zipfile.BadZipFile("cut short in its end record")
    stop = at + _END.size + _END.unpack(record)[-1]
    if stop > len(tail):
        raise zipfile.BadZipFile("cut short in its comment")
    # Zeros say nothing: libarchive fills its last block when it writes into a pipe.
    if behind := len(tail[stop:].rstrip(b"\0")):
        raise zipfile.BadZipFile(f"{behind} bytes behind its end")
    if _other_end(tail, at, {stop, len(tail)}):
        raise zipfile.BadZipFile("two end records")
    return begin + at, record


def _other_end(tail: bytes, end: int, stops: set[int]) -> bool:
    """Whether an end record before the one at `end` has the rest of the file as its comment."""
    at = tail.rfind(_END_MARK, 0, end)
    while at >= 0:
        if at + _END.size + _END.unpack_from(tail, at)[-1] in stops:
            return True
        at = tail.rfind(_END_MARK, 0, at)
    return False


def _wide_end(file: BinaryIO, end: int) -> tuple[int, int, int, int] | None:
    """Members here and in all, size and start of the directory, of 64 bits; None when not given."""
    at = end - _LOCATOR.size - _END_64.size
    if at < 0:
        return None
    file.seek(at)
    record, locator = file.read(_END_64.size), file.read(_LOCATOR.size)
    if not locator.startswith(_LOCATOR_MARK):
        return None
    mark, length, _, _, disk, first_disk, *numbers = _END_64.unpack(record)
    if _LOCATOR.unpack(locator)[1:3] != (0, at) or mark != _END_64_MARK or disk or first_disk:
        raise zipfile.BadZipFile("no end record of 64 bits where its locator says")
    if length != _END_64.size - 12:  # without its first two fields
        raise zipfile.BadZipFile("an end record of 64 bits that is too long")
    here, count, size, start = numbers
    return here, count, size, start


def _agree(narrow: tuple[int, ...], wide: tuple[int, ...], full: int) -> None:
    if any(short not in (full, long) for short, long in zip(narrow, wide, strict=True)):
        raise zipfile.BadZipFile("its two end records differ")


def _wide_sizes(extra: bytes, size: int, packed: int) -> tuple[int, int]:
    """Sizes of a member's own header, of 64 bits where they stand in its extra field (4.5.3)."""
    at = 0
    while _FULL_32 in (size, packed) and at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == _ZIP64_FIELD:
            wide = list(struct.unpack_from("<2Q", extra.ljust(at + 20, b"\0"), at + 4))
            size = wide.pop(0) if size == _FULL_32 else size
            packed = wide.pop(0) if packed == _FULL_32 else packed
        at += 4 + length
    return size, packed
