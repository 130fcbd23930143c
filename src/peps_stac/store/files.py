"""Reading and replacing single files of the catalog, whole or not at all.

What only reads takes addresses of object storage as well as paths.
"""

import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import Any

import orjson

from peps_stac.errors import CatalogError
from peps_stac.store import objects
from peps_stac.store.objects import is_remote

_NEW = (
    os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
)
_ADVICE = {
    errno.ENOSPC: "free some space and run it again",
    errno.EDQUOT: "free some of the quota and run it again",
    errno.EACCES: "check the permissions, or choose another catalog folder",
    errno.EPERM: "check the permissions, or choose another catalog folder",
    errno.EROFS: "the file system is read-only, choose another catalog folder",
    errno.ENAMETOOLONG: "choose a catalog folder with a shorter path",
    errno.ENOTDIR: "a file stands where a folder belongs, move it away",
    errno.EISDIR: "a folder stands where a file belongs, move it away",
}


@contextmanager
def disk_errors(path: str | Path) -> Iterator[None]:
    """Turns what the disk refuses into one line.

    Raises:
        CatalogError: Names the path, what the system said and what to do.
    """
    try:
        yield
    except OSError as error:
        place = error.filename2 or error.filename or path
        reason = error.strerror or str(error)
        advice = _ADVICE.get(error.errno or 0, "check the disk")
        raise CatalogError(f"{place}: {reason}: {advice}") from error


def temporary_of(path: str) -> str:
    """The hidden name beside a file under which it is written.

    One per file is enough, since there is one writer at a time.
    """
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}.{name}.tmp"


def write_whole(
    path: str, content: bytes, *, durable: bool = False, is_folder_new: bool = False
) -> None:
    """Creates or replaces one file: readers see the old bytes or the new, never a part.

    Args:
        path: Absolute; its folder is made when missing.
        content: All of the file.
        durable: Return only when the file and its entry in the folder are on the disk.
        is_folder_new: Its folder is likely to be missing; only to save time.
    """
    temporary = temporary_of(path)
    try:
        if is_folder_new:
            _make_folder(os.path.dirname(path))  # noqa: PTH120 -- as above
        _write(temporary, content, durable=durable)
        os.replace(temporary, path)  # noqa: PTH105 -- as above
    except OSError:
        with suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108 -- as above
        raise
    if durable:
        sync_path(os.path.dirname(path))  # noqa: PTH120 -- as above


def _write(path: str, content: bytes, *, durable: bool) -> None:
    try:
        descriptor = os.open(path, _NEW, 0o666)
    except FileNotFoundError:
        _make_folder(os.path.dirname(path))  # noqa: PTH120 -- as above
        descriptor = os.open(path, _NEW, 0o666)
    try:
        written = os.write(descriptor, content)
        while written < len(content):
            written += os.write(descriptor, memoryview(content)[written:])
        if durable:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_folder(folder: str) -> None:
    try:
        os.mkdir(folder)  # noqa: PTH102 -- as above
    except FileNotFoundError:
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103 -- as above
    except FileExistsError:
        pass


def sync_path(path: str) -> None:
    """Waits until a file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folders(root: str, folders: Iterable[str]) -> None:
    """Waits until new folders, and their entries in all folders above, are on the disk.

    Args:
        root: The topmost folder to wait for.
        folders: Below the root.
    """
    waiting: set[Path] = set()
    for folder in folders:
        waiting.update(p for p in (Path(folder), *Path(folder).parents) if p.is_relative_to(root))
    for path in sorted(waiting, reverse=True):
        sync_path(str(path))


def read_if_there(path: str) -> bytes | None:
    """The bytes of a file; None when there is no such file.

    Raises:
        CatalogError: It cannot be read.
    """
    if is_remote(path):
        return objects.read(path)
    try:
        descriptor = os.open(path, os.O_RDONLY)
        with open(descriptor, "rb", buffering=0) as file:  # noqa: PTH123 -- a descriptor
            return file.readall()
    except FileNotFoundError:
        return None
    except OSError as error:
        with disk_errors(path):
            raise error from None
    return None


def is_there(path: str) -> bool:
    """Whether there is such a file or folder; on object storage, such an object.

    Raises:
        CatalogError: Object storage does not answer.
    """
    return objects.exists(path) if is_remote(path) else os.path.exists(path)  # noqa: PTH110 -- as above


def size_of(path: str) -> int:
    """Bytes of a file.

    Raises:
        CatalogError: There is none.
    """
    if is_remote(path):
        found = objects.size_of(path)
        if found is None:
            raise CatalogError(f"{path}: no such object")
        return found
    with disk_errors(path):
        return os.stat(path).st_size  # noqa: PTH116 -- as above


def opened(path: str) -> AbstractContextManager[BufferedReader]:
    """A file to be read from its beginning, closed at the end.

    Raises:
        CatalogError: It cannot be opened.
    """
    if is_remote(path):
        return objects.opened(path)
    with disk_errors(path):
        return open(path, "rb")  # noqa: PTH123 -- as above; the caller closes it


def read_document(path: str) -> dict[str, Any] | None:
    """The JSON object in a file; None when there is no such file.

    Raises:
        CatalogError: It cannot be read, or holds no JSON object.
    """
    content = read_if_there(path)
    return None if content is None else parse_document(content, path)


def parse_document(content: bytes, path: str) -> dict[str, Any]:
    """The JSON object in the bytes of a file.

    Raises:
        CatalogError: They are no JSON object; names the path.
    """
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        message = f"{path}: not JSON ({error}): restore it, or run `validate --repair`"
        raise CatalogError(message) from error
    if not isinstance(document, dict):
        raise CatalogError(f"{path}: not a JSON object: restore it, or remove it")
    return document


def to_bytes(document: dict[str, Any], name: str) -> bytes:
    """Compact JSON.

    Raises:
        CatalogError: It holds what JSON cannot; names `name`.
    """
    try:
        return orjson.dumps(document)
    except (TypeError, ValueError) as error:
        raise CatalogError(f"{name}: cannot be written as JSON: {error}") from error


def folders_in(folder: str) -> list[str]:
    """Names of the folders in a folder, sorted, without hidden ones; none when it is missing.

    Raises:
        CatalogError: It cannot be read.
    """
    if is_remote(folder):
        return objects.folders_in(folder)
    try:
        with disk_errors(folder), os.scandir(folder) as entries:
            return sorted(e.name for e in entries if e.name[0] != "." and e.is_dir())
    except CatalogError as error:
        if isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
            return []
        raise


def remove_tree(folder: str) -> None:
    """Deletes a folder with all in it, as far as the system lets it."""
    shutil.rmtree(folder, ignore_errors=True)
