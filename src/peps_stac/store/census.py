"""Where Items stand that are about to be put: each folder is listed once, however many they are.

What it costs does not depend on the rest of the catalog: looked at are the years of a tile, those
of Items without tile, and for one that is in neither the place that its name tells.
"""

import os
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby

from peps_stac.store.layout import NO_TILE, Part, Place, likely_part
from peps_stac.store.objects import is_remote
from peps_stac.store.walk import exists, names_below

_FEW = 4
"""Up to so many files are asked for one by one; for more, their folder is listed."""


class Census:
    """Of one catalog, under its lock, as long as nothing is written."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._names: dict[str, set[str]] = {}
        self._years: dict[str, list[str]] = {}

    def standing(self, places: Iterable[Place]) -> dict[Place, Place]:
        """Where Items stand, by where they belong; those that are nowhere are left out."""
        found: dict[Place, Place] = {}
        for part, group in groupby(sorted(places), key=lambda place: place.part):
            names = {place.item_id for place in group}
            here = {place.item_id: place for place in self._there(part, names)}
            away = names - here.keys()
            here |= self.elsewhere(part, away)
            found |= {Place(part, name): place for name, place in here.items()}
            for name in away - here.keys():
                likely = likely_part(name)
                if likely is None or likely[0] == part.tile:  # all its years were looked at
                    continue
                place = Place(Part(part.collection, *likely), name)
                if exists(self._root, place):
                    found[Place(part, name)] = place
        return found

    def elsewhere(self, part: Part, item_ids: Collection[str]) -> dict[str, Place]:
        """Where Items stand that belong into a year, when in another of the tile or in none."""
        found: dict[str, Place] = {}
        for other in self._siblings_of(part) if item_ids else ():
            for place in self._there(other, item_ids):
                found.setdefault(place.item_id, place)
        return found

    def listed(self, part: Part, item_ids: Collection[str]) -> set[str]:
        """Those of some Items that may stand in a year."""
        folder = f"{self._root}/{part.folder}"
        if is_remote(self._root) or (len(item_ids) <= _FEW and folder not in self._names):
            return set(item_ids)
        if folder not in self._names:
            self._names[folder] = _names_in(folder)
        return self._names[folder].intersection(item_ids)

    def _there(self, part: Part, item_ids: Collection[str]) -> Iterator[Place]:
        places = (Place(part, name) for name in self.listed(part, item_ids))
        return (place for place in places if exists(self._root, place))

    def _siblings_of(self, part: Part) -> Iterator[Part]:
        for tile in dict.fromkeys((part.tile, NO_TILE)):
            folder = f"{self._root}/{part.collection}/{tile}"
            if folder not in self._years:
                self._years[folder] = names_below(folder)
            for year in self._years[folder]:
                if (other := Part(part.collection, tile, year)) != part:
                    yield other


def _names_in(folder: str) -> set[str]:
    try:
        return set(os.listdir(folder))  # noqa: PTH208 -- text paths all over this room
    except (FileNotFoundError, NotADirectoryError):
        return set()
