"""One product on disk, as named files: a zip is not unpacked for it, a folder not copied."""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from peps_stac.archive.members import OpenZip, members_of, open_zip
from peps_stac.archive.reading import Member, chunks_of
from peps_stac.errors import RequestError, ResponseError

MAX_FILES: Final = 100_000
"""Of a folder; a product has some hundreds."""

_METADATA_SUFFIX = "_MTD_ALL.xml"


class ProductSource(ABC):
    """The files of one product, by relative paths with `/` between the parts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        """The zip, or the folder."""

    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """All files, in the order of the archive, or sorted."""

    @abstractmethod
    def size(self, name: str) -> int:
        """Bytes of a file, unpacked.

        Raises:
            ResponseError: No such file.
        """

    @abstractmethod
    def read(self, name: str, limit: int) -> bytes:
        """A whole file.

        Args:
            name: One of `names()`.
            limit: Bytes it may have.

        Raises:
            ResponseError: No such file, or larger.
            DownloadError: Damaged.
        """

    @property
    def metadata_name(self) -> str:
        """The one `*_MTD_ALL.xml` outside `DATA/`.

        Raises:
            ResponseError: None, or several.
        """
        found = metadata_names(self.names())
        if len(found) > 1:
            message = f"{self.path}: {len(found)} products in one ({', '.join(sorted(found)[:3])})"
            raise ResponseError(f"{message}; give each by itself")
        if not found:
            kind = _kind_of(self.names())
            raise ResponseError(f"{self.path}: not a MAJA product in MUSCATE format: {kind}")
        return found[0]

    @property
    def root(self) -> str:
        """Folder of the metadata, below which the files it lists lie; blank: the top.

        Raises:
            ResponseError: No metadata, or several.
        """
        return self.metadata_name.rpartition("/")[0]

    def _check_size(self, name: str, limit: int) -> None:
        size = self.size(name)
        if size > limit:
            raise ResponseError(f"{self.path}: {name} has {size} bytes, at most {limit} are read")

    def _missing(self, name: str) -> ResponseError:
        return ResponseError(f"{self.path}: no file {name} in it")


def open_product(path: Path) -> AbstractContextManager[ProductSource]:
    """The product at a path, a zip or a folder, nested however deep; closed on exit.

    Links in a folder are followed to files but not to folders.

    Raises:
        RequestError: No such file or folder.
        DownloadError: A file that is not a whole zip, or one that plays tricks.
        ResponseError: A folder of too many files.
    """
    if not path.exists():
        raise RequestError(f"{path}: no such file or folder")
    return _opened_folder(path) if path.is_dir() else _opened_zip(path)


def metadata_names(names: tuple[str, ...]) -> list[str]:
    """Those of the names that are the metadata of a product.

    Not what lies in `DATA/`, nor the `._` files that a Mac puts beside the real ones.
    """
    return [
        name
        for name in names
        if name.endswith(_METADATA_SUFFIX)
        and "DATA" not in PurePosixPath(name).parts[:-1]
        and not PurePosixPath(name).name.startswith("._")
    ]


def foreign_kind(names: tuple[str, ...]) -> str | None:
    """What a product without MUSCATE metadata is, by its names; None when they do not tell."""
    for marks, kind in _FOREIGN:
        if any(mark in name for name in names for mark in marks):
            return kind
    return None


def _kind_of(names: tuple[str, ...]) -> str:
    if not names:
        return "it is empty"
    inner = next((name for name in names if name.lower().endswith(_PACKED)), None)
    packed = inner and f"it holds another archive; unpack it and give {inner}"
    return foreign_kind(names) or packed or f"no *{_METADATA_SUFFIX} in it"


_PACKED: Final = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".7z")
_FOREIGN: Final = (
    (("_OPER_SSC_L2", "_OPER_SSC_PDTIMG"), "it is in MAJA's native (Earth Explorer) format"),
    (("MTD_MSIL1C.xml", "_MSIL1C_", "_MTD_SAFL1C_"), "it is an L1C product of ESA"),
    (("MTD_MSIL2A.xml", "_MSIL2A_"), "it is an L2A product of ESA (Sen2Cor)"),
)


class _ZipSource(ProductSource):
    def __init__(self, path: Path, archive: OpenZip) -> None:
        super().__init__(path)
        self._archive = archive
        self._members = {member.name: member for member in members_of(archive, path.name)}

    def names(self) -> tuple[str, ...]:
        return tuple(self._members)

    def size(self, name: str) -> int:
        return self._member(name).size

    def read(self, name: str, limit: int) -> bytes:
        self._check_size(name, limit)
        return b"".join(chunks_of(self._archive.file, self._member(name)))

    def _member(self, name: str) -> Member:
        if name not in self._members:
            raise self._missing(name)
        return self._members[name]


class _FolderSource(ProductSource):
    def __init__(self, path: Path, files: Mapping[str, Path]) -> None:
        super().__init__(path)
        self._files = files

    def names(self) -> tuple[str, ...]:
        return tuple(self._files)

    def size(self, name: str) -> int:
        try:
            return self._file(name).stat().st_size
        except OSError as error:
            raise self._unreadable(name, error) from error

    def read(self, name: str, limit: int) -> bytes:
        self._check_size(name, limit)
        try:
            return self._file(name).read_bytes()
        except OSError as error:
            raise self._unreadable(name, error) from error

    def _file(self, name: str) -> Path:
        if name not in self._files:
            raise self._missing(name)
        return self._files[name]

    def _unreadable(self, name: str, error: OSError) -> ResponseError:
        return ResponseError(f"{self.path}: {name} cannot be read: {error.strerror}")


@contextmanager
def _opened_zip(path: Path) -> Iterator[ProductSource]:
    with open_zip(path) as archive:
        yield _ZipSource(path, archive)


@contextmanager
def _opened_folder(path: Path) -> Iterator[ProductSource]:
    yield _FolderSource(path, files_below(path))


def files_below(folder: Path) -> dict[str, Path]:
    """The files below a folder by relative path, sorted.

    Raises:
        ResponseError: More than `MAX_FILES`.
    """
    found: dict[str, Path] = {}
    for parent, folders, files in os.walk(folder):
        folders.sort()
        for file in sorted(files):
            path = Path(parent, file)
            if path.is_file():
                found[path.relative_to(folder).as_posix()] = path
        if len(found) > MAX_FILES:
            raise ResponseError(f"{folder}: more than {MAX_FILES} files; give one product's folder")
    return found
