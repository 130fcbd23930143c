"""Which Items are on the disk, from the names of folders alone.

Folders and not links, so that an Item that a killed writer could not link is seen too.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress

from peps_stac.store.files import folders_in
from peps_stac.store.layout import COLLECTION, NO_TILE, Part, Place, is_safe, likely_part


def collections_in(root: str) -> list[str]:
    """Ids of the Collections, sorted."""
    return [name for name in folders_in(root) if os.path.exists(f"{root}/{name}/{COLLECTION}")]  # noqa: PTH110 -- text paths all over this room


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
    return (Place(part, item_id) for item_id in folders_in(f"{root}/{part.folder}"))


def find(root: str, item_id: str, collection: str | None = None) -> Place | None:
    """Where an Item stands; None when nowhere."""
    if not is_safe(item_id):
        return None
    parts = _likely_first(root, item_id, collection)
    return next((p for p in (Place(part, item_id) for part in parts) if exists(root, p)), None)


def siblings_of(root: str, part: Part) -> list[Part]:
    """The other years of a tile, and the years of Items without tile."""
    return [
        other
        for tile in dict.fromkeys((part.tile, NO_TILE))
        for year in folders_in(f"{root}/{part.collection}/{tile}")
        if (other := Part(part.collection, tile, year)) != part
    ]


def exists(root: str, place: Place) -> bool:
    """Whether an Item's file stands at a place."""
    return os.path.exists(f"{root}/{place.path}")  # noqa: PTH110 -- as above


def touch(root: str, parts: Iterable[Part]) -> None:
    """Puts the time of years to now: what is indexed of them is no longer taken for true.

    To be called before an Item is changed in place, which leaves its year's folder as it was.
    """
    for part in parts:
        with suppress(OSError):
            os.utime(f"{root}/{part.folder}")


def _likely_first(root: str, item_id: str, collection: str | None) -> Iterator[Part]:
    likely = likely_part(item_id)
    if likely:
        for found in _matching(root, collection):
            yield Part(found, *likely)
    yield from parts_in(root, collection)


def _matching(folder: str, name: str | None) -> list[str]:
    if name is None:
        return folders_in(folder)
    return [name] if is_safe(name) and os.path.isdir(f"{folder}/{name}") else []  # noqa: PTH112 -- as above
