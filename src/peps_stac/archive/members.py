"""The members of a zip, refused as a whole when any of them plays a trick.

Everything here is decided from the directory of the zip and the headers of its members, before a
byte is unpacked. A name that passes is a relative path of plain parts that any file system takes,
different from every other also where upper and lower case are one.
"""

import re
import stat
import struct
import unicodedata
import zipfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, NoReturn

from peps_stac.archive import layout
from peps_stac.archive.reading import DEFLATED, STORED, Member
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

MAX_DEPTH: Final = 16
"""Folders within each other: a product has at most five, and few stand around it."""

_MAX_PART = 255  # bytes of a file name on common file systems
_MAX_NAME = 1024
_ENCRYPTED = 0x1 | 0x40 | 0x2000  # APPNOTE.TXT 4.4.4: plainly, strongly, or the directory
_METHODS = (STORED, DEFLATED)  # others may take gigabytes of memory
_PLAIN_MODES = (0, stat.S_IFREG, stat.S_IFDIR)
_UNSAFE = re.compile(r"[\\:]|^/")
# What Windows takes for a device, for another name, or not at all.
_UNPORTABLE = re.compile(
    r"(?i:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]) *(?:\..*)?"
    r'|.*[. ]|.*[<>"|?*].*'
)
_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
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
class OpenZip:
    """A zip whose directory has been read."""

    file: BinaryIO
    infos: tuple[zipfile.ZipInfo, ...]
    """The directory, folders too."""
    directory: int
    """Offset where the members end."""


@contextmanager
def open_zip(path: Path) -> Iterator[OpenZip]:
    """The zip at a path, opened without trust in its directory's size.

    Raises:
        RequestError: No such file.
        DownloadError: Not a zip, or a damaged or ambiguous one.
    """
    if not path.is_file():
        raise RequestError(f"{path}: no such file")
    try:
        file = path.open("rb")
    except OSError as error:
        raise RequestError(f"{path}: cannot be read: {error.strerror}") from error
    with file:
        yield _opened(file, path)


def members_of(archive: OpenZip, label: str) -> tuple[Member, ...]:
    """The files of a zip, in its own order; folders are left out.

    Args:
        archive: Open.
        label: What to call it in messages.

    Raises:
        DownloadError: A trick, named; nothing of the archive is to be used.
    """
    named = [(_checked(info, label), info) for info in archive.infos]
    _refuse_collisions(named, label)
    _refuse_bombs([info for _, info in named], label)
    offsets = [_data_offset(archive.file, info, label) for info in archive.infos]
    _refuse_overlaps(archive, offsets, label)
    return tuple(
        Member(name, info.file_size, info.compress_size, info.CRC, info.compress_type, offset)
        for (name, info), offset in zip(named, offsets, strict=True)
        if not info.is_dir()
    )


def _opened(file: BinaryIO, path: Path) -> OpenZip:
    try:
        directory = layout.find_directory(file)
        if directory.count > MAX_MEMBERS:
            _refuse(path.name, f"{directory.count} members, at most {MAX_MEMBERS} are unpacked")
        layout.check_count(file, directory)
        infos = tuple(zipfile.ZipFile(file).infolist())
    except _BROKEN as error:
        begin = f"it begins with {_first_bytes(path)!r}"
        message = f"{path.name}: not a whole zip archive ({_one_line(error)}; {begin})"
        raise DownloadError(f"{message}; download it again") from error
    return OpenZip(file, infos, directory.start)


def _checked(info: zipfile.ZipInfo, label: str) -> str:
    """The name of a member, when it is plain and so is the member."""
    # `filename` is cut at a NUL and, on Windows, changed; the original tells what was meant.
    name = info.orig_filename
    shown = f"{label}: member {name[:100]!r}"
    if _UNSAFE.search(name):
        _refuse(shown, "not a relative path")
    if not name.isprintable():
        _refuse(shown, "a name with characters that cannot be shown")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts or not parts:
        _refuse(shown, "leads out of the archive")
    if len(name) > _MAX_NAME or any(len(part.encode()) > _MAX_PART for part in parts):
        _refuse(shown, "too long a name")
    if len(parts) > MAX_DEPTH:
        _refuse(shown, f"{len(parts)} folders deep, at most {MAX_DEPTH} are unpacked")
    if any(_UNPORTABLE.fullmatch(part) for part in parts):
        _refuse(shown, "a name that not every system can write")
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


def _data_offset(file: BinaryIO, info: zipfile.ZipInfo, label: str) -> int:
    try:
        return layout.data_offset(file, info)
    except _BROKEN as error:
        _refuse(f"{label}: member {info.orig_filename[:100]!r}", f"damaged: {_one_line(error)}")


def _refuse_overlaps(archive: OpenZip, offsets: Iterable[int], label: str) -> None:
    """Members that share packed bytes make a small file unpack to any size."""
    spans = sorted(
        (info.header_offset, offset + info.compress_size, info.orig_filename)
        for info, offset in zip(archive.infos, offsets, strict=True)
    )
    if spans and spans[0][0]:
        _refuse(label, f"{spans[0][0]} bytes before its first member")
    starts = [start for start, _, _ in spans[1:]]
    for (_, end, name), next_start in zip(spans, (*starts, archive.directory), strict=False):
        if end > next_start:
            _refuse(label, f"member {name[:100]!r} shares its bytes with another")


def _refuse_bombs(infos: Collection[zipfile.ZipInfo], label: str) -> None:
    total = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
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
