"""Where STAC Browser's pages are: in the wheel, in the user's cache, or yet to be built.

In the cache they stand under a name made of what they are built from, complete or not at all:
they are built beside, by one process at a time, and renamed at the end.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from peps_stac.browse.npm import INDEX, BuildError, make_pages, recipe_key
from peps_stac.tell import Tell, silent

__all__ = ["STATIC", "BuildError", "build_pages", "find_pages", "install_into"]

Make = Callable[[Path, Tell], Path]
"""Builds in an empty folder, tells before it takes long, answers where the pages are in it."""

STATIC = Path(__file__).parent / "static"
"""Where a wheel has its pages (`make wheel`)."""

_UNFINISHED = ".building-"
_LOCK = ".lock"
_PATIENCE_S = 0.5
_KEY = "recipe.txt"


def find_pages(cache: Path) -> Path | None:
    """The folder of finished pages; None when they are still to be built.

    Args:
        cache: The user's cache folder.
    """
    key = recipe_key()
    kept = _kept(cache, key)
    if (kept / INDEX).is_file():
        return kept.resolve()
    return STATIC.resolve() if _is_current(STATIC, key) else None


def build_pages(cache: Path, tell: Tell = silent, make: Make = make_pages) -> Path:
    """Build the pages into the cache, unless they are there.

    A second process waits for the first and takes what it has built. What a killed one left is
    removed.

    Args:
        cache: The user's cache folder.
        tell: Told before it takes long.
        make: How they are built.

    Returns:
        The folder of the pages.

    Raises:
        BuildError: It cannot be done here; the message says why.
    """
    folder = cache / "stac-browser"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _held(filelock.FileLock(folder / _LOCK), tell):
            return find_pages(cache) or _build_anew(folder, _kept(cache, recipe_key()), tell, make)
    except OSError as error:
        raise BuildError(f"{folder}: {error.strerror or error}") from error


def install_into(folder: Path, make: Make = make_pages) -> None:
    """Put new pages in place of a folder, as the wheel wants them.

    Raises:
        BuildError: It cannot be done here.
    """
    with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=folder.parent) as work:
        pages = make(Path(work), silent)
        (pages / _KEY).write_text(recipe_key(), "utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        pages.rename(folder)


def _build_anew(folder: Path, kept: Path, tell: Tell, make: Make) -> Path:
    for left in folder.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(
        prefix=_UNFINISHED, dir=folder, ignore_cleanup_errors=True
    ) as work:
        pages = make(Path(work), tell)
        # Something that is no build stands in the way only when a person put it there.
        shutil.rmtree(kept, ignore_errors=True)
        pages.rename(kept)
    return kept.resolve()


@contextmanager
def _held(lock: filelock.FileLock, tell: Tell) -> Iterator[None]:
    try:
        lock.acquire(timeout=_PATIENCE_S)
    except filelock.Timeout:
        tell("another process is building STAC Browser, waiting")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _kept(cache: Path, key: str) -> Path:
    return cache / "stac-browser" / key


def _is_current(folder: Path, key: str) -> bool:
    try:
        is_same = (folder / _KEY).read_text("utf-8") == key
    except OSError:
        return False
    return is_same and (folder / INDEX).is_file()
