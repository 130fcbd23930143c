"""The catalogs above the Items, on disk: they follow what changed, and nothing else is read.

A new Item is one union of summaries a level. After a removal or a replacement the year is
computed again from its own Items, and each level above from the summaries just below it; no
step depends on how many Items there are elsewhere. Files are written from the bottom up, so
that a reader who follows links never meets one that leads nowhere.
"""

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pystac

from peps_stac.errors import CatalogError, PepsStacError
from peps_stac.store import parents
from peps_stac.store.files import (
    disk_errors,
    folders_in,
    parse_document,
    read_document,
    read_if_there,
    to_bytes,
    write_whole,
)
from peps_stac.store.layout import CATALOG, COLLECTION, ITEMS, Part, Place
from peps_stac.store.parents import Document
from peps_stac.store.summary import FIELD, Summary

Skeleton = Callable[[str], pystac.Collection]
"""Answers a Collection without Items, by id."""


@dataclass(slots=True)
class PartChange:
    """What changes in one year."""

    added: dict[str, Summary] = field(default_factory=dict)
    """Items on disk that no link leads to yet, by id."""
    is_exact: bool = False
    """Compute the year again from its Items on disk."""
    leaving: set[str] = field(default_factory=set)
    """Ids to leave out although they are still on disk."""


@dataclass(frozen=True, slots=True)
class Step:
    """What changed in one catalog, as the one above must know it."""

    name: str
    added: Summary = field(default_factory=Summary)
    is_exact: bool = False
    """The summary changed otherwise than by `added`."""
    is_new: bool = False
    is_gone: bool = False


class Tree:
    """The catalogs above the Items of one catalog folder; used by one writer, under the lock."""

    def __init__(self, root: str, skeleton: Skeleton, *, durable: bool = False) -> None:
        self._root = root
        self._skeleton = skeleton
        self._durable = durable
        self._last: tuple[str, bytes, Document] | None = None
        self._last_linked: tuple[Document, set[str]] | None = None
        self._empty: list[str] = []
        self._is_forced = False
        self.changed: list[str] = []
        """Files that were written or deleted, relative."""

    def linked_among(self, part: Part, item_ids: Collection[str]) -> set[str]:
        """Those of some Items that a year links to; none when there is no such year."""
        path = f"{part.folder}/{CATALOG}"
        content = read_if_there(f"{self._root}/{path}")
        if content is None:
            return set()
        # As this package writes it, found without parsing the links to all others.
        if all(parents.item_link_bytes(item_id) in content for item_id in item_ids):
            return set(item_ids)
        document = self._load(path)
        return self._items_linked(document).intersection(item_ids) if document else set()

    def check_collection(self, collection: str) -> None:
        """Makes sure that a Collection is ours or can be made, before anything is written.

        Raises:
            PepsStacError: It is not and cannot.
        """
        path = f"{collection}/{COLLECTION}"
        document = self._load(path)
        if document is None:
            self._skeleton(collection)
        else:
            parents.summary_in(document, f"{self._root}/{path}")

    def create_root(self) -> None:
        """Makes the root of an empty catalog when there is none."""
        if self._load(CATALOG) is None:
            self._save(CATALOG, parents.new_root())

    def own_collections(self) -> set[str]:
        """Ids of Collections that this package wrote, or would where the file is lost."""
        return {name for name in self._folders("") if self._is_own(name)}

    def update(self, changes: Mapping[Part, PartChange]) -> None:
        """Brings all catalogs above some years up to date.

        Catalogs that have nothing below them any more are no longer linked; `prune` deletes
        them once their Items are gone too.

        Raises:
            CatalogError: The disk refuses, or a file is not what this package wrote.
        """
        self._follow_all(changes, tiles=(), collections=())

    def recompute(self, parts: Iterable[Part]) -> None:
        """Computes some years and all above them again, whatever stands there."""
        self._is_forced = True
        self._follow_all({part: PartChange(is_exact=True) for part in parts}, (), ())

    def rebuild(self, parts: Iterable[Part]) -> None:
        """Computes all years (given) again, and all above them, whatever stands there."""
        self._is_forced = True
        collections = self.own_collections()
        tiles = [(name, tile) for name in collections for tile in self._folders(name)]
        self._follow_all({p: PartChange(is_exact=True) for p in parts}, tiles, collections)

    def _follow_all(
        self,
        changes: Mapping[Part, PartChange],
        tiles: Iterable[tuple[str, str]],
        collections: Iterable[str],
    ) -> None:
        below_tiles: dict[tuple[str, str], list[Step]] = {tile: [] for tile in tiles}
        below: dict[str, list[Step]] = {collection: [] for collection in collections}
        for part in sorted(changes):
            step = self._follow_items(part, changes[part])
            below_tiles.setdefault((part.collection, part.tile), []).append(step)
        for (collection, tile), steps in below_tiles.items():
            below.setdefault(collection, []).append(self._follow_years(collection, tile, steps))
        self._follow_collections([self._follow_tiles(c, steps) for c, steps in below.items()])

    def prune(self) -> None:
        """Deletes the catalogs that the last update found empty."""
        for path in self._empty:
            absolute = f"{self._root}/{path}"
            folder = os.path.dirname(absolute)  # noqa: PTH120 -- text paths all over this room
            for name in (absolute, f"{folder}/{ITEMS}"):
                with disk_errors(name), suppress(FileNotFoundError):
                    os.unlink(name)  # noqa: PTH108 -- as above
                    self.changed.append(name.removeprefix(f"{self._root}/"))
            with suppress(OSError):
                os.rmdir(folder)  # noqa: PTH106 -- as above
        self._empty = []

    def _follow_items(self, part: Part, change: PartChange) -> Step:
        if not (change.added or change.is_exact or change.leaving):
            return Step(part.year)
        path = f"{part.folder}/{CATALOG}"
        known = self._load(path)
        before = self._items_linked(known) if known else set()
        is_exact = change.is_exact or (
            known is None and len(self._folders(part.folder)) != len(change.added)
        )
        if known and not is_exact and change.added.keys() <= before:
            return Step(part.year)
        added = Summary.of(change.added.values())
        if is_exact:
            found = self._items(part, without=change.leaving)
            ids, summary = set(found), Summary.of(found.values())
        else:
            ids, summary = before | change.added.keys(), self._summary(known, path).union(added)
        if not ids:
            self._empty.append(path)
            return Step(part.year, is_gone=True)
        document = self._base(known, lambda: parents.new_year(part))
        self._save(path, parents.with_items(document, ids, summary))
        return _step(part.year, known, summary, None if is_exact else added)

    def _follow_years(self, collection: str, tile: str, steps: list[Step]) -> Step:
        return self._follow(
            f"{collection}/{tile}/{CATALOG}",
            steps,
            lambda: parents.new_tile(collection, tile),
            lambda document, years, summary: parents.with_years(document, years, summary, tile),
        )

    def _follow_tiles(self, collection: str, steps: list[Step]) -> Step:
        return self._follow(
            f"{collection}/{COLLECTION}",
            steps,
            lambda: parents.new_collection(self._skeleton(collection)),
            parents.with_tiles,
        )

    def _follow(
        self,
        path: str,
        steps: list[Step],
        fresh: Callable[[], Document],
        rebuilt: Callable[[Document, set[str], Summary], Document],
    ) -> Step:
        folder = os.path.dirname(path)  # noqa: PTH120 -- as above
        name = os.path.basename(folder)  # noqa: PTH119 -- as above
        known = self._load(path)
        before = parents.linked(known, "child") if known else set()
        alive = {step.name for step in steps if not step.is_gone}
        is_exact = any(
            # What is new must be unknown here, and what is not new must be known.
            s.is_exact or s.is_gone or s.is_new is (s.name in before)
            for s in steps
        )
        is_exact |= self._is_forced or (known is None and self._folders(folder) != alive)
        added = Summary.of(step.added for step in steps)
        if known and not is_exact and not added.count and alive <= before:
            return Step(name)
        if is_exact:
            below = self._summaries(folder, without={s.name for s in steps if s.is_gone})
            names, summary = set(below), Summary.of(below.values())
        else:
            names, summary = before | alive, self._summary(known, path).union(added)
        if not names:
            self._empty.append(path)
            return Step(name, is_gone=True)
        self._save(path, rebuilt(self._base(known, fresh), names, summary))
        return _step(name, known, summary, None if is_exact else added)

    def _follow_collections(self, steps: Iterable[Step]) -> None:
        document = self._load(CATALOG) or parents.new_root()
        before = parents.linked(document, "child")
        if self._is_forced:
            document = parents.without_below(document, "item", "self", "parent")
            for name in before - self._folders(""):
                document = parents.without_collection(document, name)
        for step in steps:
            if step.is_gone:
                document = parents.without_collection(document, step.name)
            elif step.name not in before:
                collection = self._load(f"{step.name}/{COLLECTION}") or {}
                title = collection.get("title") or step.name
                document = parents.with_collection(document, step.name, title)
        self._save(CATALOG, document)

    def _is_own(self, collection: str) -> bool:
        with suppress(CatalogError):
            document = self._load(f"{collection}/{COLLECTION}")
            if document is not None:
                return FIELD in document
        with suppress(PepsStacError):
            self._skeleton(collection)
            return True
        return False

    def _base(self, known: Document | None, fresh: Callable[[], Document]) -> Document:
        if known is None:
            return fresh()
        if not self._is_forced:
            return known
        base = known if parents.leads_up(known) else parents.with_links_up(known, fresh())
        return parents.without_below(base, "child", "item")

    def _summary(self, known: Document | None, path: str) -> Summary:
        return parents.summary_in(known, f"{self._root}/{path}") if known else Summary()

    def _items(self, part: Part, *, without: set[str]) -> dict[str, Summary]:
        found = {}
        for item_id in self._folders(part.folder) - without:
            path = f"{self._root}/{Place(part, item_id).path}"
            try:
                document = read_document(path)
                if document is not None:
                    found[item_id] = summary_of(document, path)
            except CatalogError:
                if not self._is_forced:
                    raise
                # Nothing leads to it any more; `validate` names it.
        return found

    def _summaries(self, folder: str, *, without: set[str]) -> dict[str, Summary]:
        found = {}
        for name in self._folders(folder) - without:
            path = f"{self._root}/{folder}/{name}/{CATALOG}"
            document = read_document(path)
            if document is not None:
                found[name] = parents.summary_in(document, path)
        return found

    def _items_linked(self, year: Document) -> set[str]:
        # Asked twice for each year, and it is what costs most of adding one Item.
        if self._last_linked is None or self._last_linked[0] is not year:
            self._last_linked = (year, parents.linked(year, "item"))
        return self._last_linked[1]

    def _folders(self, folder: str) -> set[str]:
        return set(folders_in(f"{self._root}/{folder}"))

    def _load(self, path: str) -> Document | None:
        absolute = f"{self._root}/{path}"
        content = read_if_there(absolute)
        if content is None:
            return None
        if self._last is None or self._last[:2] != (path, content):
            try:
                document = _catalog(content, absolute)
            except CatalogError:
                if self._is_forced:
                    return None  # made anew
                raise
            self._last = (path, content, document)
        return self._last[2]

    def _save(self, path: str, document: Document) -> None:
        absolute = f"{self._root}/{path}"
        content = to_bytes(document, absolute)
        with disk_errors(absolute):
            if content != read_if_there(absolute):
                write_whole(absolute, content, durable=self._durable)
                self.changed.append(path)


def _catalog(content: bytes, path: str) -> Document:
    document = parse_document(content, path)
    links = document.get("links")
    if isinstance(links, list) and all(isinstance(link, dict) for link in links):
        return document
    message = f"{path}: no STAC catalog: restore it, or run `validate --repair`"
    raise CatalogError(message)


def summary_of(document: Mapping[str, Any], path: str) -> Summary:
    """Summary of the Item in a file.

    Raises:
        CatalogError: The file holds no Item; names the path.
    """
    try:
        return Summary.from_item(document)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        message = f"{path}: no STAC Item ({error!r}): restore it, or remove it"
        raise CatalogError(message) from error


def _step(name: str, known: Document | None, new: Summary, added: Summary | None) -> Step:
    if known is None:
        return Step(name, added=new, is_new=True)
    if added is None:
        return Step(name, is_exact=known.get(FIELD) != new.to_json())
    return Step(name, added=added)
