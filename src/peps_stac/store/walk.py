"""Which Items are on the disk, from the names of folders alone.

Folders and not links, so that an Item that a killed writer could not link is seen too.
"""

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from itertools import groupby

from peps_stac.store.files import folders_in
from peps_stac.store.layout import COLLECTION, NO_TILE, Part, Place, is_safe, likely_part

_FEW = 4
"""Up to so many files are asked for one by one; for more, their folder is listed."""


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


def elsewhere(root: str, part: Part, item_ids: Collection[str]) -> dict[str, Place]:
    """Where Items stand that belong into a year, when in another of `siblings_of`; by id."""
    found: dict[str, Place] = {}
    for other in siblings_of(root, part) if item_ids else ():
        for place in _there(root, other, item_ids):
            found.setdefault(place.item_id, place)
    return found


def standing(root: str, places: Iterable[Place]) -> dict[Place, Place]:
    """Where Items stand, by where they belong; those that are nowhere are left out.

    Looked at are the place itself, the one that an Item's name tells, and the other years of
    the tile: what it costs does not depend on the rest of the catalog.
    """
    found: dict[Place, Place] = {}
    for part, group in groupby(sorted(places), key=lambda place: place.part):
        names = {place.item_id for place in group}
        found |= {place: place for place in _there(root, part, names)}
        away = {name for name in names if Place(part, name) not in found}
        for name, place in elsewhere(root, part, away).items():
            found[Place(part, name)] = place
            away.discard(name)
        for name in away:
            likely = likely_part(name)
            if likely and exists(root, place := Place(Part(part.collection, *likely), name)):
                found[Place(part, name)] = place
    return found


def _there(root: str, part: Part, item_ids: Collection[str]) -> Iterator[Place]:
    wanted = set(item_ids)
    if len(wanted) > _FEW:
        with suppress(FileNotFoundError, NotADirectoryError):
            wanted &= set(os.listdir(f"{root}/{part.folder}"))  # noqa: PTH208 -- as above
    places = (Place(part, name) for name in wanted)
    return (place for place in places if exists(root, place))


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
