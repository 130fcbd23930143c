"""The members of a zip, refused as a whole when any of them plays a trick.

Everything here is decided from the directory of the zip, before a byte is unpacked. A name that
passes is a relative path of plain parts, different from every other also where upper and lower
case are one. What is stored under it is compared with size and CRC while it is read.
"""

import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader, FileIO
from pathlib import Path, PurePosixPath
from typing import Final, NoReturn

from peps_stac.errors import DownloadError, RequestError

MAX_MEMBERS: Final = 10_000
"""A product has some 100 files, and some hundreds more with MAJA's private data."""

MAX_TOTAL: Final = 16 * 2**30
"""Bytes unpacked: a full tile has 3 to 4 GB, with the footprints of all detectors below 7."""

MAX_RATIO: Final = 500
"""Unpacked to packed, over the whole archive: 2 to 4 in practice. A mask of zeros alone comes near
the most that deflate can do (1032), and a thin slice of a tile stays below 300, so members are
not judged one by one."""

RATIO_MATTERS_FROM: Final = 2**30
"""Bytes unpacked: below, no ratio does any harm."""

_MAX_DIRECTORY = 16 * 2**20  # bytes: ten times what MAX_MEMBERS with long names take
_MAX_PART = 255  # bytes of a file name on common file systems
_MAX_NAME = 1024
_LOCAL_HEADER = 30  # bytes, APPNOTE.TXT 4.3.7, without name and extra field
_CHUNK = 2**20
_ENCRYPTED = 0x1 | 0x40 | 0x2000  # APPNOTE.TXT 4.4.4: plainly, strongly, or the directory
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others may take gigabytes of memory
_PLAIN_MODES = (0, stat.S_IFREG, stat.S_IFDIR)
_UNSAFE = re.compile(r"[\\:\x00-\x1f\x7f]|^/")
_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
    KeyError,
    IndexError,
    OSError,
)
"""What `zipfile` raises on damaged input: more than it documents."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a zip."""

    name: str
    """Relative path, `/` between parts, checked."""
    info: zipfile.ZipInfo

    @property
    def size(self) -> int:
        """Bytes unpacked, as announced; reading more is an error."""
        return self.info.file_size


@contextmanager
def open_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """The zip at a path, opened without trust in its directory's size.

    Raises:
        RequestError: No such file.
        DownloadError: Not a zip, or a damaged one, also while it is being read.
    """
    if not path.is_file():
        raise RequestError(f"{path}: no such file")
    try:
        raw = FileIO(path)
    except OSError as error:
        raise RequestError(f"{path}: cannot be read: {error.strerror}") from error
    with _Careful(raw) as file, _directory_of(file, path) as archive:
        yield archive


def members_of(archive: zipfile.ZipFile, label: str) -> tuple[Member, ...]:
    """The files of a zip, in its own order; folders are left out.

    Args:
        archive: Open.
        label: What to call it in messages.

    Raises:
        DownloadError: A trick, named; nothing of the archive is to be used.
    """
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS:
        _refuse(label, f"{len(infos)} members, at most {MAX_MEMBERS} are unpacked")
    named = [(_checked(info, label), info) for info in infos]
    _refuse_collisions(named, label)
    _refuse_overlaps(infos, archive.start_dir, label)
    members = tuple(Member(name, info) for name, info in named if not info.is_dir())
    _refuse_bombs(members, label)
    return members


def chunks_of(archive: zipfile.ZipFile, member: Member) -> Iterator[bytes]:
    """A member's bytes; when they end without an error, size and CRC are right.

    Raises:
        DownloadError: Size or CRC differ, or the packed data are damaged.
    """
    done = 0
    try:
        with archive.open(member.info) as stream:
            while chunk := stream.read(_CHUNK):
                done += len(chunk)
                yield chunk
    except _BROKEN as error:
        message = f"{member.name}: damaged: {_one_line(error)}; download the archive again"
        raise DownloadError(message) from error
    if done != member.size:
        _refuse(member.name, f"{done} bytes instead of the announced {member.size}")


class _Careful(BufferedReader):
    """A file whose reader cannot be made to ask for more memory than a directory needs."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _MAX_DIRECTORY:
            raise zipfile.BadZipFile(f"a directory of {size} bytes")
        return super().read(size)


def _directory_of(file: BufferedReader, path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except _BROKEN as error:
        begin = f"it begins with {_first_bytes(path)!r}"
        message = f"{path.name}: not a whole zip archive ({_one_line(error)}; {begin})"
        raise DownloadError(f"{message}; download it again") from error


def _checked(info: zipfile.ZipInfo, label: str) -> str:
    """The name of a member, when it is plain and so is the member."""
    # `filename` is cut at a NUL and, on Windows, changed; the original tells what was meant.
    name = info.orig_filename
    shown = f"{label}: member {name[:100]!r}"
    if _UNSAFE.search(name):
        _refuse(shown, "not a relative path")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts or not parts:
        _refuse(shown, "leads out of the archive")
    if len(name) > _MAX_NAME or any(len(part.encode()) > _MAX_PART for part in parts):
        _refuse(shown, "too long a name")
    if info.flag_bits & _ENCRYPTED:
        _refuse(shown, "encrypted")
    if info.compress_type not in _METHODS:
        _refuse(shown, f"packed by method {info.compress_type}, only store and deflate are read")
    _refuse_special(info, shown)
    return "/".join(parts)


def _refuse_special(info: zipfile.ZipInfo, shown: str) -> None:
    mode = stat.S_IFMT(info.external_attr >> 16)
    if mode not in _PLAIN_MODES:
        _refuse(shown, "a link or a device, not a file")
    if (mode == stat.S_IFDIR and not info.is_dir()) or (info.is_dir() and info.file_size):
        _refuse(shown, "both a folder and a file")


def _refuse_collisions(named: Iterable[tuple[str, zipfile.ZipInfo]], label: str) -> None:
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    for name, info in named:
        path = PurePosixPath(name)
        if not info.is_dir():
            if known := files.get(_folded(name)):
                _refuse(label, f"members {known!r} and {name!r} would be one file")
            files[_folded(name)] = name
        for folder in (*path.parents[:-1], *((path,) if info.is_dir() else ())):
            known = folders.setdefault(_folded(str(folder)), str(folder))
            if known != str(folder):
                _refuse(label, f"folders {known!r} and {str(folder)!r} would be one")
    if both := files.keys() & folders.keys():
        _refuse(label, f"{files[min(both)]!r} is both a file and a folder")


def _refuse_overlaps(infos: Iterable[zipfile.ZipInfo], directory: int, label: str) -> None:
    """Members that share packed bytes make a small file unpack to any size."""
    next_offset = directory
    for info in sorted(infos, key=lambda info: info.header_offset, reverse=True):
        if info.header_offset + _LOCAL_HEADER + info.compress_size > next_offset:
            _refuse(label, f"member {info.filename[:100]!r} shares its bytes with another")
        next_offset = info.header_offset


def _refuse_bombs(members: Iterable[Member], label: str) -> None:
    total = sum(member.size for member in members)
    packed = sum(member.info.compress_size for member in members)
    if total > MAX_TOTAL:
        _refuse(label, f"unpacks to {total} bytes, at most {MAX_TOTAL} are unpacked")
    if total > RATIO_MATTERS_FROM and total > MAX_RATIO * packed:
        _refuse(label, f"unpacks to {total} bytes from {packed}, as no product does")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _refuse(shown: str, reason: str) -> NoReturn:
    raise DownloadError(f"{shown}: {reason}; the archive is not unpacked, download it again")


def _first_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(16)
    except OSError:
        return b""


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
