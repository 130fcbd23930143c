"""Which Items there are: on a disk by the names of folders alone, on object storage by links.

Folders and not links, so that an Item that a killed writer could not link is seen too. On object
storage a folder costs a listing and each Item in it a question, links one read: there an Item
is seen once its year leads to it, as by every other reader of STAC.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress

from peps_stac.store.files import folders_in, is_there, read_document
from peps_stac.store.layout import CATALOG, COLLECTION, Part, Place, is_safe, likely_part
from peps_stac.store.links import folder_named
from peps_stac.store.objects import is_remote


def collections_in(root: str) -> list[str]:
    """Ids of the Collections, sorted."""
    return [name for name in names_below(root) if is_there(f"{root}/{name}/{COLLECTION}")]


def parts_in(
    root: str, collection: str | None = None, tile: str | None = None, year: str | None = None
) -> Iterator[Part]:
    """Years on disk, sorted by Collection, tile and year; those that match what is given."""
    for found in _matching(root, collection):
        for folder in _matching(f"{root}/{found}", tile):
            for name in _matching(f"{root}/{found}/{folder}", year):
                yield Part(found, folder, name)


def places_in(root: str, part: Part) -> Iterator[Place]:
    """Folders of one year that can be Items, sorted by id."""
    return (Place(part, item_id) for item_id in names_below(f"{root}/{part.folder}"))


def find(root: str, item_id: str, collection: str | None = None) -> Place | None:
    """Where an Item stands; None when nowhere."""
    if not is_safe(item_id):
        return None
    parts = _likely_first(root, item_id, collection)
    return next((p for p in (Place(part, item_id) for part in parts) if exists(root, p)), None)


def exists(root: str, place: Place) -> bool:
    """Whether an Item's file stands at a place."""
    return is_there(f"{root}/{place.path}")


def touch(root: str, parts: Iterable[Part]) -> None:
    """Puts the time of years to now: what is indexed of them is no longer taken for true.

    To be called before an Item is changed in place, which leaves its year's folder as it was.
    """
    for part in parts:
        with suppress(OSError):  # object storage has no such times, and no index
            os.utime(f"{root}/{part.folder}")


def names_below(folder: str) -> list[str]:
    """Names of what can be a catalog or an Item, sorted."""
    if not is_remote(folder):
        return folders_in(folder)
    document = read_document(f"{folder}/{CATALOG}") or read_document(f"{folder}/{COLLECTION}") or {}
    links = document.get("links")
    below = [
        name
        for link in (links if isinstance(links, list) else ())
        if link.get("rel") in ("child", "item") and (name := folder_named(link)) and is_safe(name)
    ]
    return sorted(set(below))


def _likely_first(root: str, item_id: str, collection: str | None) -> Iterator[Part]:
    likely = likely_part(item_id)
    if likely:
        for found in _matching(root, collection):
            yield Part(found, *likely)
    yield from parts_in(root, collection)


def _matching(folder: str, name: str | None) -> list[str]:
    if name is None:
        return names_below(folder)
    # A name too many costs one read of object storage, the question as much.
    is_known = is_remote(folder) or os.path.isdir(f"{folder}/{name}")  # noqa: PTH112 -- as above
    return [name] if is_safe(name) and is_known else []
