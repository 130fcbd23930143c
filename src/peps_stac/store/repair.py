"""Making a catalog right again from its Items alone, whatever became of the rest.

The Items are the truth: links, extents, summaries and all catalogs above follow from them and
from where they stand. An Item's file that cannot be read is the one thing that cannot be made
again; what becomes of it is for the caller to say.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peps_stac.errors import CatalogError, PepsStacError
from peps_stac.store.files import disk_errors, parse_document, read_document, read_if_there
from peps_stac.store.files import write_whole as write
from peps_stac.store.layout import CATALOG, Part, Place
from peps_stac.store.records import Record, check_document, item_from, record_of
from peps_stac.store.tree import Skeleton
from peps_stac.store.walk import exists, parts_in, places_in
from peps_stac.store.writer import Writer

Aside = Callable[[Path, str], object]
"""Takes away an Item's file that cannot be read; gets its path and the reason."""


@dataclass(slots=True)
class Repaired:
    """What was found wrong and done about it; paths are relative to the catalog."""

    items: int = 0
    """Items that the catalog has now."""
    rewritten: list[str] = field(default_factory=list)
    """Files that were missing or wrong and were written, or are gone since nothing is below."""
    moved: list[tuple[str, str]] = field(default_factory=list)
    """Items that stood elsewhere than tile, year and id say: from and to."""
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    """Files that hold no Item of a catalog, and why; given away."""


def check_root(root: str, skeleton: Skeleton) -> None:
    """Makes sure that a folder is or was a catalog of ours, before anything is written in it.

    Raises:
        CatalogError: It is not.
    """
    path = f"{root}/{CATALOG}"
    try:
        document = read_document(path)
    except CatalogError:
        document = None  # damaged; what is below tells
    if document is not None:
        if document.get("type") == "Catalog":
            return
    elif any(_is_ours(part, skeleton) for part in parts_in(root)):
        return
    raise CatalogError(f"{root}: not a catalog of peps-stac, and nothing there to make one from")


def repair(root: str, writer: Writer, skeleton: Skeleton, aside: Aside) -> Repaired:
    """Sets everything right; only while the lock is held, after `check_root`.

    Raises:
        CatalogError: The disk refuses.
    """
    done = Repaired()
    writer.settle()
    # All first, since Items may move into what comes later.
    for place in list(_places(root, writer)):
        with disk_errors(f"{root}/{place.path}"):
            _straighten(place, root, skeleton, aside, done)
    done.rewritten += writer.rebuild()
    return done


def _places(root: str, writer: Writer) -> Iterator[Place]:
    for part in writer.parts():
        yield from places_in(root, part)


def _straighten(place: Place, root: str, skeleton: Skeleton, aside: Aside, done: Repaired) -> None:
    path = f"{root}/{place.path}"
    content = read_if_there(path)
    if content is None:
        return
    try:
        record = _record(content, place, root)
        skeleton(record.place.part.collection)
    except (PepsStacError, AttributeError, KeyError, TypeError, ValueError) as error:
        done.unreadable.append((place.path, _line(error, path)))
        aside(Path(path), _line(error, path))
        with suppress(OSError):
            Path(root, place.folder).rmdir()
        return
    done.items += 1
    if record.place == place:
        if record.content != content:
            write(path, record.content)
            done.rewritten.append(place.path)
    elif not exists(root, record.place):
        _move(place, record, root)
        done.moved.append((place.path, record.place.path))


def _record(content: bytes, place: Place, root: str) -> Record:
    path = f"{root}/{place.path}"
    document: dict[str, Any] = parse_document(content, path)
    check_document(document, place, path)
    record = record_of(document, root)
    if record.place == place:
        return record
    # Its hrefs are meant from where it stands now.
    return record_of(item_from(document, path), root)


def _move(old: Place, record: Record, root: str) -> None:
    target = Path(root, record.place.folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):
        target.rmdir()
    Path(root, old.folder).rename(target)
    write(f"{root}/{record.place.path}", record.content)


def _line(error: Exception, path: str) -> str:
    if isinstance(error, PepsStacError):
        return str(error).removeprefix(f"{path}: ")
    return f"no STAC Item ({error!r})"


def _is_ours(part: Part, skeleton: Skeleton) -> bool:
    try:
        skeleton(part.collection)
    except PepsStacError:
        return False
    return True
