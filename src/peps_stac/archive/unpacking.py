"""Checking a zip, and unpacking it so that the target is there whole or not at all."""

import errno
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

from peps_stac.archive.members import OpenZip, members_of, open_zip
from peps_stac.archive.reading import Member, chunks_of
from peps_stac.domain.sizes import size_text
from peps_stac.errors import CatalogError, DownloadError, RequestError

SPARE_BYTES: Final = 64 * 2**20
"""Left free beside what is unpacked, for catalog files and folders."""

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


def check_zip(path: Path) -> None:
    """Read every member to its end; all are plain, and of the announced size and CRC.

    Raises:
        RequestError: No such file.
        DownloadError: Not a zip, damaged, or playing tricks.
    """
    with open_zip(path) as archive:
        for member in members_of(archive, path.name):
            for _ in chunks_of(archive.file, member):
                pass


def unpack(path: Path, target: Path, *, members: Collection[str] | None = None) -> None:
    """Unpack a zip into a new folder, checking it on the way, in constant memory.

    Files go into a hidden folder beside the target, which is renamed at the end and removed
    when anything fails.

    Args:
        path: The zip.
        target: Must not exist; its parents are made.
        members: Names of those wanted; None for all.

    Raises:
        RequestError: No such zip, the target exists, or a member is asked for that is not there.
        DownloadError: Not a zip, damaged, or playing tricks.
        CatalogError: Too little free space, or the target cannot be written.
    """
    if target.exists() or target.is_symlink():
        raise RequestError(f"{target}: exists already; {path.name} is not unpacked over it")
    with open_zip(path) as archive:
        wanted = _wanted(members_of(archive, path.name), members, path)
        staging = target.with_name(f".{target.name}.{uuid4().hex}")
        try:
            with _told(target):
                staging.mkdir(parents=True)
            _write_all(path, archive, wanted, staging)
            with _told(target):
                staging.rename(target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def _wanted(
    found: tuple[Member, ...], members: Collection[str] | None, path: Path
) -> tuple[Member, ...]:
    if members is None:
        return found
    if missing := set(members) - {member.name for member in found}:
        raise RequestError(f"{path.name}: no member {min(missing)!r} to unpack")
    return tuple(member for member in found if member.name in members)


def _check_space(path: Path, folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE_BYTES:
        raise _no_space(
            path.name, folder.parent, f"{size_text(needed)} and some spare, has {size_text(free)}"
        )


def _write_all(path: Path, archive: OpenZip, members: Collection[Member], folder: Path) -> None:
    left = sum(member.size for member in members)
    for member in members:
        # Each time: others write to the same disk.
        _check_space(path, folder, left)
        left -= member.size
        target = folder.joinpath(*member.name.split("/"))
        with _told(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            # "x": a file system that takes two names for one must not merge them silently.
            with target.open("xb") as file:
                file.writelines(chunks_of(archive.file, member))


@contextmanager
def _told(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unwritten(target, error) from error


def _unwritten(target: Path, error: OSError) -> CatalogError | DownloadError:
    if error.errno in _NO_SPACE:
        return _no_space(target.name, target.parent, "more than is free")
    if isinstance(error, FileExistsError):
        return DownloadError(f"{target.name}: two members take one name on this file system")
    return CatalogError(f"{target}: cannot be written: {error.strerror}")


def _no_space(name: str, folder: Path, need: str) -> CatalogError:
    return CatalogError(
        f"no space in {folder}: unpacking {name} needs {need}; free space and run again"
    )
