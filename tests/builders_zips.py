"""Zips written byte by byte, for what no program would write (APPNOTE.TXT 6.3.10)."""

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")
END_64 = struct.Struct("<4sQ2H2L4Q")
LOCATOR = struct.Struct("<4sLQL")
FULL = 0xFFFFFFFF
STORE, DEFLATE = 0, 8
UTF_8 = 0x800

Fields = Mapping[str, int]


@dataclass(frozen=True)
class Entry:
    """One member; a field of either header may be given another value than the right one."""

    name: str | bytes = "a.tif"
    content: bytes = b"content"
    method: int = DEFLATE
    flags: int = 0
    mode: int = 0
    """Of Unix: kind and permissions."""
    packed: bytes | None = None
    """None: the content, packed."""
    local: Fields = field(default_factory=dict)
    central: Fields = field(default_factory=dict)
    local_name: bytes | None = None
    local_extra: bytes = b""
    central_extra: bytes = b""
    offset: int | None = None
    """Of its header, as the directory says; then nothing is written for it."""


def deflated(content: bytes) -> bytes:
    """Packed as in a zip, without head and sum."""
    pack = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return pack.compress(content) + pack.flush()


def wide_extra(*numbers: int) -> bytes:
    """The extra field of Zip64 (4.5.3)."""
    return struct.pack(f"<2H{len(numbers)}Q", 1, 8 * len(numbers), *numbers)


def zip_bytes(
    *entries: Entry, comment: bytes = b"", is_wide: bool = False, end: Fields | None = None
) -> bytes:
    """A zip of some members; `end` changes fields of its end record."""
    body, directory = b"", b""
    for entry in entries:
        begin = len(body) if entry.offset is None else entry.offset
        body += local_part(entry) if entry.offset is None else b""
        directory += central_part(entry, begin)
    return body + directory + ending(len(entries), directory, len(body), comment, end, is_wide)


def local_part(entry: Entry) -> bytes:
    """Header and packed bytes of a member."""
    name = _bytes(entry.name) if entry.local_name is None else entry.local_name
    said = _facts(entry) | dict(entry.local)
    head = LOCAL.pack(
        b"PK\x03\x04",
        20,
        said["flags"],
        said["method"],
        0,
        33,
        said["crc"],
        said["packed"],
        said["size"],
        len(name),
        len(entry.local_extra),
    )
    return head + name + entry.local_extra + _packed(entry)


def central_part(entry: Entry, begin: int) -> bytes:
    """What the directory says of a member."""
    name, said = _bytes(entry.name), _facts(entry) | {"offset": begin} | dict(entry.central)
    head = CENTRAL.pack(
        b"PK\x01\x02",
        (3 << 8) | 45,
        20,
        said["flags"],
        said["method"],
        0,
        33,
        said["crc"],
        said["packed"],
        said["size"],
        len(name),
        len(entry.central_extra),
        0,
        0,
        0,
        entry.mode << 16,
        said["offset"],
    )
    return head + name + entry.central_extra


def ending(  # noqa: PLR0913, PLR0917 -- the parts of an end
    count: int,
    directory: bytes,
    start: int,
    comment: bytes = b"",
    changes: Fields | None = None,
    is_wide: bool = False,  # noqa: FBT001, FBT002 -- a builder
) -> bytes:
    """The end record, and those of 64 bits before it where asked for."""
    said: dict[str, Any] = {
        "disk": 0,
        "first": 0,
        "here": count,
        "count": count,
        "size": len(directory),
        "start": start,
        "comment": len(comment),
    }
    wide = b""
    if is_wide:
        at = start + len(directory)
        numbers = (count, count, len(directory), start)
        wide = END_64.pack(b"PK\x06\x06", 44, 45, 45, 0, 0, *numbers)
        wide += LOCATOR.pack(b"PK\x06\x07", 0, at, 1)
        said |= {"here": 0xFFFF, "count": 0xFFFF, "size": FULL, "start": FULL}
    said |= dict(changes or {})
    return wide + END.pack(b"PK\x05\x06", *said.values()) + comment


def write(path: Path, *entries: Entry, **options: Any) -> Path:  # noqa: ANN401 -- of zip_bytes
    """The zip as a file."""
    path.write_bytes(zip_bytes(*entries, **options))
    return path


def _facts(entry: Entry) -> dict[str, int]:
    is_wide = isinstance(entry.name, str) and not entry.name.isascii()
    return {
        "flags": entry.flags | (UTF_8 if is_wide else 0),
        "method": entry.method,
        "crc": zlib.crc32(entry.content),
        "packed": len(_packed(entry)),
        "size": len(entry.content),
    }


def _packed(entry: Entry) -> bytes:
    if entry.packed is not None:
        return entry.packed
    return deflated(entry.content) if entry.method == DEFLATE else entry.content


def _bytes(name: str | bytes) -> bytes:
    return name.encode() if isinstance(name, str) else name
