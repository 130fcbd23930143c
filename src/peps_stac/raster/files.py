"""GeoTIFFs in memory and on their way to the disk.

GDAL reads from and writes to memory only: it tells a full disk apart from nothing else, in a
handful of private exceptions or not at all, and leaves temporary files. The bytes go to the disk
by themselves, under a temporary name, and count once they were read back.
"""

import errno
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import rasterio
from rasterio.enums import Resampling
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import MemoryFile
from rasterio.shutil import copy
from rasterio.windows import Window

from peps_stac.errors import CatalogError, DownloadError

BLOCK = 512
"""Rows and columns of a tile of a COG."""

_CACHE_MB = 128
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def gdal(threads: int = 1) -> Iterator[None]:
    """GDAL with little memory, blind to other files in the folder, quiet about missing places."""
    settings = {
        "GDAL_CACHEMAX": _CACHE_MB,
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        "GDAL_NUM_THREADS": threads,
    }
    with rasterio.Env(**settings), warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        yield


@contextmanager
def opened(content: bytes, name: Path) -> Iterator[Any]:
    """A dataset of rasterio over the bytes of a file, which are not copied.

    Args:
        content: A GeoTIFF.
        name: What to call it in errors.

    Raises:
        DownloadError: It cannot be read, at once or while the dataset is used.
    """
    try:
        # Of no bytes rasterio would make a file to write to.
        with MemoryFile(content or b"\0") as memory, memory.open() as dataset:
            yield dataset
    except RasterioError as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        message = f"{name.name}: its GeoTIFF cannot be read ({reason})"
        raise DownloadError(f"{message}; download the product again") from error


def strips(dataset: Any) -> Iterator[Window]:  # noqa: ANN401 -- rasterio has no types
    """The whole raster from north to south, a row of tiles at a time."""
    for row in range(0, dataset.height, BLOCK):
        yield Window(0, row, dataset.width, min(BLOCK, dataset.height - row))


def add_overviews(dataset: Any, resampling: Resampling) -> None:  # noqa: ANN401 -- as above
    """Halve again and again until one tile holds the whole raster."""
    factors = [2]
    while max(dataset.width, dataset.height) / factors[-1] > BLOCK:
        factors.append(2 * factors[-1])
    if max(dataset.width, dataset.height) > BLOCK:
        dataset.build_overviews(factors, resampling)


@contextmanager
def written_cog(draft: Any, target: Path, **options: object) -> Iterator[Path]:  # noqa: ANN401 -- as above
    """A draft as a COG beside its target, to be checked; it becomes the target afterwards.

    Nothing is left behind when the check, or anything else, fails.

    Args:
        draft: A dataset open for reading, with its overviews.
        target: Replaced when it exists.
        options: Creation options of GDAL's COG driver.

    Raises:
        CatalogError: The disk is full or refuses.
    """
    with MemoryFile() as memory:
        settings = {"blocksize": BLOCK, "overviews": "FORCE_USE_EXISTING", **options}
        copy(draft, memory.name, driver="COG", **settings)
        with replacing(target, memory.getbuffer()) as temporary:
            yield temporary


@contextmanager
def replacing(target: Path, content: bytes | memoryview) -> Iterator[Path]:
    """Write a file beside its target; it becomes the target unless the body fails.

    Raises:
        CatalogError: The disk is full or refuses.
    """
    temporary = target.with_name(f".{target.name}.part")
    try:
        with _disk_errors(target):
            temporary.write_bytes(content)
        yield temporary
        with _disk_errors(target):
            temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _disk_errors(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        advice = "free space and run it again" if error.errno in _FULL else "check the folder"
        reason = "the disk is full" if error.errno in _FULL else error.strerror
        raise CatalogError(f"{target} cannot be written: {reason}; {advice}") from error
