"""The catalog on disk: the only state there is.

Reading needs no lock and sees whole files at every moment. Writing takes the lock, sets right
what a killed writer left, and touches one Item and at most the four catalogs above it,
whatever the size of the rest.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pystac

from peps_stac.domain import MgrsTile
from peps_stac.errors import CatalogError
from peps_stac.stac.collections import collection as known_collection
from peps_stac.store.bulk import Changes, Merge, merged_with_known, one_behind
from peps_stac.store.census import Census
from peps_stac.store.chunks import chunks
from peps_stac.store.files import folders_in, is_there, read_document
from peps_stac.store.ground import ground_of
from peps_stac.store.layout import (
    CATALOG,
    DOWNLOADS,
    INDEX,
    JOURNAL,
    LOCK,
    QUARANTINE,
    STAGING,
    Place,
    place_of,
)
from peps_stac.store.objects import is_remote
from peps_stac.store.records import Record, each_read, item_from, read_item_document, record_of
from peps_stac.store.repair import Aside, Repaired, check_root, repair
from peps_stac.store.tree import Skeleton
from peps_stac.store.walk import collections_in, exists, find, parts_in, places_in
from peps_stac.store.writer import Kind, Plan
from peps_stac.tell import Tell, silent

_MOST_SINGLE_SYNCS = 64
"""From here on one sync of the whole system is faster than one a file."""


def _leave(_path: Path, _reason: str) -> None:
    """Does nothing about a file that cannot be read."""


class Catalog:
    """A static STAC catalog in one folder.

    Nothing is created before the first write. Several processes and threads may use the same
    folder at once, each with an object of its own or not.
    """

    def __init__(
        self,
        root: Path | str,
        *,
        tell: Tell = silent,
        skeleton: Skeleton = known_collection,
    ) -> None:
        """Names the folder.

        Raises:
            RequestError: An address of another kind.

        Args:
            root: The folder; it may be missing or empty. Or `s3://bucket/prefix` (extra `s3`),
                for one writer at a time.
            tell: Gets a line when a write has to wait, or repairs what was left undone.
            skeleton: Answers the Collection that a new Collection starts from.
        """
        self._text, self._ground = ground_of(root, skeleton, tell)
        self._tell = tell
        self._skeleton = skeleton
        self._writer, self._lock = self._ground.writer, self._ground.lock

    def __repr__(self) -> str:
        return f"Catalog({self._text!r})"

    @property
    def root(self) -> Path:
        """The folder.

        Raises:
            RequestError: The catalog is on object storage.
        """
        return self._ground.root

    @property
    def href(self) -> str:
        """The folder, or the address on object storage."""
        return self._text

    @property
    def is_remote(self) -> bool:
        """Whether it is on object storage, where there are neither renames nor locks."""
        return is_remote(self._text)

    @property
    def downloads_dir(self) -> Path:
        """Where downloads are kept until they are catalogued; may not exist yet."""
        return self.root / DOWNLOADS

    @property
    def quarantine_dir(self) -> Path:
        """Where files that failed a check are kept aside; may not exist yet."""
        return self.root / QUARANTINE

    def collections(self) -> list[str]:
        """Ids of the Collections on disk, sorted."""
        self._check()
        return collections_in(self._text)

    def get(self, item_id: str, collection: str | None = None) -> pystac.Item | None:
        """The Item with an id; None when there is none.

        The Item is the caller's own: changing it changes nothing on disk until `put`.

        Raises:
            CatalogError: Its file cannot be read; names the path.
        """
        place = self._find(item_id, collection)
        document = place and read_item_document(place, self._text)
        return item_from(document, f"{self._text}/{place.path}") if place and document else None

    def document(self, item_id: str, collection: str | None = None) -> dict[str, Any] | None:
        """As `get`, but as STAC JSON just as on disk."""
        place = self._find(item_id, collection)
        return None if place is None else read_item_document(place, self._text)

    def items(
        self,
        collection: str | None = None,
        *,
        tile: MgrsTile | str | None = None,
        year: int | str | None = None,
        having: str | None = None,
    ) -> Iterator[pystac.Item]:
        """Items one by one, sorted by Collection, tile, year and id; all that match.

        Args:
            collection: Only this Collection.
            tile: Only this tile.
            year: Only this year of `datetime`.
            having: Only Items with a field of this name; others are not even parsed.

        Raises:
            CatalogError: A file cannot be read; names the path.
        """
        for place, document in self.documents(collection, tile=tile, year=year, having=having):
            yield item_from(document, f"{self._text}/{place.path}")

    def ids(
        self,
        collection: str | None = None,
        *,
        tile: MgrsTile | str | None = None,
        year: int | str | None = None,
    ) -> Iterator[str]:
        """Ids of the Items that `items` would give, without opening their files."""
        self._check()
        names = (None if name is None else str(name) for name in (collection, tile, year))
        for part in parts_in(self._text, *names):
            for place in places_in(self._text, part):
                if exists(self._text, place):
                    yield place.item_id

    def documents(
        self,
        collection: str | None = None,
        *,
        tile: MgrsTile | str | None = None,
        year: int | str | None = None,
        having: str | None = None,
    ) -> Iterator[tuple[Place, dict[str, Any]]]:
        """As `items`, but as STAC JSON just as on disk, each with its place."""
        self._check()
        names = (None if name is None else str(name) for name in (collection, tile, year))
        for part in parts_in(self._text, *names):
            for place in each_read(self._text, places_in(self._text, part)):
                document = read_item_document(place, self._text, having=having)
                if document is not None:
                    yield place, document

    def put(self, item: pystac.Item, *, durable: bool = False) -> bool:
        """Adds or changes one Item and makes sure that it is linked.

        Args:
            item: Links to root, parent, Collection and `self` are replaced; other absolute
                paths inside the catalog become relative.
            durable: Return only when it is on the disk, whatever happens to the power.

        Returns:
            Whether the bytes on disk changed.

        Raises:
            CatalogError: The Item cannot stand in a catalog, or the disk refuses.
        """
        record = record_of(item, self._text)
        with self.lock():
            [plan] = self._writer.put([record], durable=durable)
        return plan.kind is not Kind.UNCHANGED

    def put_all(
        self,
        items: Iterable[pystac.Item | Mapping[str, Any]],
        *,
        durable: bool = False,
        merge: Merge | None = None,
    ) -> Changes:
        """Adds or changes many Items, in constant memory.

        Items are written some thousands at a time, each catalog above them once a time, while
        the next ones are made; what makes them must not hold the lock from one to the next,
        unless it is held here already. When `items` fails, those that it gave before are in
        the catalog.

        Args:
            items: Any iterable, read once; also of STAC JSON as `document` answers it.
            durable: Wait for the disk, once, at the end.
            merge: Answers what to put instead of an Item that is there already, from the new
                one and the one on disk; without it the new one replaces it.
        """
        changes, written = Changes(), list[Plan]()

        def put(records: list[Record]) -> None:
            nonlocal changes
            with self.lock():
                census = Census(self._text)
                if merge:
                    records = merged_with_known(records, census, self._text, merge)
                plans = self._writer.put(records, census=census)
            changes += Changes.of(plans)
            written.extend(plans[: _MOST_SINGLE_SYNCS + 1 - len(written)])

        with one_behind(put, is_apart=not self.is_locked_here) as begin:
            for records in chunks(record_of(item, self._text) for item in items):
                begin(records)
        if durable:
            self._sync(written)
        return changes

    def put_together(self, items: Iterable[pystac.Item | Mapping[str, Any]]) -> None:
        """Adds or changes Items that mean something only together: all of them or none.

        They are on the disk when it returns. When it was killed on the way, what is missing is
        done before anybody writes again, or when `mend` is called.

        Args:
            items: Few enough to be kept in memory, each at most once; as for `put_all`.
        """
        records = [record_of(item, self._text) for item in items]
        with self.lock():
            self._writer.put(records, durable=True, is_whole=True)

    def mend(self) -> None:
        """Sets right what a killed writer left undone; waits for one that is at it.

        Readers see whole files without it. It is for those who read several Items that were put
        together, and for those who may find nothing to write, and then clean up after nobody.
        """
        if self.is_remote:
            return
        if is_there(f"{self._text}/{JOURNAL}") or folders_in(f"{self._text}/{STAGING}"):
            with self.lock():
                pass

    def put_with_files(self, item: pystac.Item, folder: Path) -> None:
        """Makes a staged folder the Item's folder, in one rename, and links the Item.

        A folder that the Item had before is replaced.

        Args:
            item: Its relative hrefs are meant from its own folder.
            folder: From `staging()`, or below it, with all files of the Item in it.

        Raises:
            CatalogError: The folder is not a staged one, or the disk refuses.
        """
        if not self.is_remote and self.root / STAGING not in folder.parents:
            raise CatalogError(f"{folder}: not a folder of this catalog's staging()")
        record = record_of(item, self._text)
        with self.lock():
            self._writer.put_folder(record, folder)

    def remove(self, item_id: str, collection: str) -> bool:
        """Takes an Item out and deletes its folder; says whether there was one."""
        self._check()
        if find(self._text, item_id, collection) is None:
            return False
        with self.lock():
            place = find(self._text, item_id, collection)
            if place is not None:
                self._writer.remove(place)
        return place is not None

    def rebuild(self, *, aside: Aside = _leave) -> Repaired:
        """Makes all catalogs, extents, summaries and links again, from the Items on disk.

        Args:
            aside: Takes away an Item's file that cannot be read; by default it stays where it
                is, and nothing leads to it.

        Raises:
            CatalogError: No catalog of this package, or the disk refuses.
        """
        check_root(self._text, self._skeleton)
        with self._lock.hold():
            return repair(self._text, self._writer, self._skeleton, aside)

    def add_files(self, item: pystac.Item, folder: Path) -> None:
        """Puts the staged files of a folder beside an Item; no Item leads to them yet.

        What is left of them when this is interrupted is in no Item, and replaced the next time.

        Raises:
            CatalogError: The disk refuses.
        """
        document = item.to_dict(include_self_link=False, transform_hrefs=False)
        self._ground.put_beside(place_of(document), folder)

    def item_href(self, item: pystac.Item) -> str:
        """Path or address of an Item's JSON, there or not."""
        document = item.to_dict(include_self_link=False, transform_hrefs=False)
        return f"{self._text}/{place_of(document).path}"

    def item_dir(self, item: pystac.Item) -> Path:
        """Folder in which an Item and its files stand, or will."""
        return self.item_path(item).parent

    def item_path(self, item: pystac.Item) -> Path:
        """JSON file of an Item, there or not."""
        document = item.to_dict(include_self_link=False, transform_hrefs=False)
        return self.root / place_of(document).path

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A fresh folder on the catalog's file system, removed at the end if still there."""
        self._create()
        with self._ground.staging() as folder:
            yield folder

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keeps other writers out; what was left undone by a killed one is set right first.

        May be taken again by the thread that holds it, so that a read and the write that
        follows from it can be one.
        """
        self._create()
        with self._lock.hold() as is_outermost:
            if is_outermost and self._writer.recover():
                self._tell(f"{self._text}: set right what an interrupted run left undone")
            yield

    @property
    def is_locked_here(self) -> bool:
        """Whether this very thread keeps other writers out, other threads of its own too."""
        return self._lock.is_held_here

    def _find(self, item_id: str, collection: str | None) -> Place | None:
        place = find(self._text, item_id, collection)
        if place is None:
            self._check()
        return place

    def _create(self) -> None:
        self._check()
        self._ground.create()

    def _check(self) -> None:
        # Asked again at the end: another process may have begun the catalog in between.
        if self._has_root() or self._has_only_own_files() or self._has_root():
            return
        message = f"{self._text}: not a catalog of peps-stac: choose an empty or a new folder"
        raise CatalogError(message)

    def _has_root(self) -> bool:
        document = read_document(f"{self._text}/{CATALOG}")
        return document is not None and document.get("type") == "Catalog"

    def _has_only_own_files(self) -> bool:
        own = (DOWNLOADS, INDEX, LOCK, QUARANTINE, STAGING, f".{CATALOG}.tmp")
        return all(name in own for name in self._ground.names())

    def _sync(self, written: list[Plan]) -> None:
        if len(written) > _MOST_SINGLE_SYNCS:
            os.sync()
        else:
            self._writer.sync(written)
