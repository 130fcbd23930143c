"""Which Items there are: on a disk by the names of folders alone, on object storage by links.

Folders and not links, so that an Item that a killed writer could not link is seen too. On object
storage a folder costs a listing and each Item in it a question, links one read: there an Item
is seen once its year leads to it, as by every other reader of STAC.
"""

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from itertools import groupby

from peps_stac.store.files import folders_in, is_there, read_document
from peps_stac.store.layout import CATALOG, COLLECTION, NO_TILE, Part, Place, is_safe, likely_part
from peps_stac.store.links import folder_named
from peps_stac.store.objects import is_remote

_FEW = 4
"""Up to so many files are asked for one by one; for more, their folder is listed."""


def collections_in(root: str) -> list[str]:
    """Ids of the Collections, sorted."""
    return [name for name in _below(root) if is_there(f"{root}/{name}/{COLLECTION}")]


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
    return (Place(part, item_id) for item_id in _below(f"{root}/{part.folder}"))


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
        for year in _below(f"{root}/{part.collection}/{tile}")
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
    ordered = sorted(places, key=lambda place: place.order)
    for part, group in groupby(ordered, key=lambda place: place.part):
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


def listed(root: str, part: Part, item_ids: Collection[str]) -> set[str]:
    """Those of some Items that may stand in a year; it costs one listing at most."""
    wanted = set(item_ids)
    if len(wanted) <= _FEW or is_remote(root):
        return wanted
    try:
        return wanted.intersection(os.listdir(f"{root}/{part.folder}"))  # noqa: PTH208 -- text paths all over this room
    except (FileNotFoundError, NotADirectoryError):
        return set()


def _there(root: str, part: Part, item_ids: Collection[str]) -> Iterator[Place]:
    places = (Place(part, name) for name in listed(root, part, item_ids))
    return (place for place in places if exists(root, place))


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


def _likely_first(root: str, item_id: str, collection: str | None) -> Iterator[Part]:
    likely = likely_part(item_id)
    if likely:
        for found in _matching(root, collection):
            yield Part(found, *likely)
    yield from parts_in(root, collection)


def _matching(folder: str, name: str | None) -> list[str]:
    if name is None:
        return _below(folder)
    # A name too many costs one read of object storage, the question as much.
    is_known = is_remote(folder) or os.path.isdir(f"{folder}/{name}")  # noqa: PTH112 -- as above
    return [name] if is_safe(name) and is_known else []


def _below(folder: str) -> list[str]:
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
