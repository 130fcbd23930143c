"""Making the index, and bringing it up to date: only years that changed are written again.

Each year is read under the lock, so that it is as the writers left it; between two years others
may write. What is done is kept some thousand Items at a time, so a run that was stopped goes on.
"""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from peps_stac.errors import CatalogError
from peps_stac.store.catalog import Catalog
from peps_stac.store.files import parse_document, read_if_there
from peps_stac.store.index_manifest import (
    Entry,
    Manifest,
    files_digest,
    items_path,
    key_of,
    mark_of,
)
from peps_stac.store.index_parts import UnwritableError, write_part
from peps_stac.store.index_rows import Rows
from peps_stac.store.index_table import commit, joined, load_table, table_of, without
from peps_stac.store.layout import Part, Place
from peps_stac.store.records import check_document
from peps_stac.store.walk import parts_in, places_in
from peps_stac.tell import Tell, silent

Document = dict[str, Any]

_ITEMS_A_COMMIT = 10_000
_INTO_THE_PAST_NS = 10 * 10**9
"""More than the steps in which any file system counts time."""
_SETTLED_NS = 5 * 10**9
_ENDING = b"PAR1"


@dataclass(slots=True)
class Reindexed:
    """What `reindex` found and did."""

    items: int = 0
    """Items that the index has."""
    written: list[str] = field(default_factory=list)
    """Years whose `items.parquet` was written, as folders."""
    kept: int = 0
    """Years that were as they should be."""
    faults: list[str] = field(default_factory=list)
    """Years that could not be indexed or written, and why; a search reads their JSON."""


def reindex(catalog: Catalog, *, deep: bool = True, tell: Tell = silent) -> Reindexed:
    """Brings `items.parquet` of every year and the search index up to date.

    Args:
        catalog: Nothing but the index in it is changed.
        deep: Also look for files of Items that another program changed in place; otherwise
            years are taken as they are when their folders say so.
        tell: Gets a line every some thousand Items.

    Raises:
        CatalogError: The disk refuses.
    """
    done = Reindexed()
    for collection in catalog.collections():
        run = _Run(catalog, collection, done, deep=deep)
        for part in parts_in(str(catalog.root), collection):
            run.visit(part)
            if len(run.rows) >= _ITEMS_A_COMMIT:
                run.commit()
                tell(f"{collection}: {len(run.manifest.entries)} years indexed, going on")
        run.commit()
        done.items += sum(entry.count for entry in run.manifest.entries.values())
    return done


class _Run:
    """One pass over a Collection."""

    def __init__(self, catalog: Catalog, collection: str, done: Reindexed, *, deep: bool) -> None:
        self.catalog = catalog
        self.collection = collection
        self.done = done
        self.deep = deep
        self.root = str(catalog.root)
        self.manifest = self._load()
        self.rows = Rows()
        self._fresh: dict[str, Entry] = {}
        self._marked: dict[str, Entry] = {}

    def visit(self, part: Part) -> None:
        """Indexes a year, if it changed."""
        entry = self.manifest.entries.get(key_of(part))
        if entry and self.manifest.has(self.root, part) and not self._is_suspect(part, entry):
            self.done.kept += 1
            return
        with self.catalog.lock():
            self._index(part, entry)

    def commit(self) -> None:
        """Keeps what was visited; what changed since is left to the next run."""
        live = {key_of(part) for part in parts_in(self.root, self.collection)}
        if not self._fresh and not self._marked and self.manifest.entries.keys() <= live:
            return
        with self.catalog.lock():
            now = self._load()
            table = load_table(self.root, now) if now.entries else None
            fresh = {key: entry for key, entry in self._fresh.items() if self._holds(key, entry)}
            marked = {
                key: entry
                for key, entry in self._marked.items()
                if self._holds(key, entry)
                and key in now.entries
                and now.entries[key].content == entry.content
            }
            gone = now.entries.keys() - live
            tables = [without(table_of(self.rows), self._fresh.keys() - fresh.keys())]
            if table is not None:
                tables.append(without(table, fresh.keys() | gone))
            rows, clashing = joined(tables)
            entries = {key: e for key, e in now.entries.items() if key not in gone}
            unknown = now.unknown | self.rows.unknown | clashing
            changed = Manifest("", {}, unknown, entries | marked | fresh)
            commit(self.root, self.collection, changed, rows)
        self.manifest = self._load()
        self.rows, self._fresh, self._marked = Rows(), {}, {}

    def _load(self) -> Manifest:
        found = Manifest.load(self.root, self.collection)
        if found is None or load_table(self.root, found) is None:
            return Manifest("")
        return found

    def _is_suspect(self, part: Part, entry: Entry) -> bool:
        if not self.deep:
            return False
        return not self._has_parquet(part, entry) or files_digest(self.root, part) != entry.files

    def _has_parquet(self, part: Part, entry: Entry) -> bool:
        if entry.size is None:
            return True
        try:
            with open(items_path(self.root, part), "rb") as file:  # noqa: PTH123 -- text paths all over this room
                size = file.seek(-len(_ENDING), os.SEEK_END) + len(_ENDING)
                return size == entry.size and file.read() == _ENDING
        except OSError:
            return False

    def _index(self, part: Part, entry: Entry | None) -> None:
        try:
            contents = dict(_contents(self.root, part))
            content = _digest(contents)
            if entry and entry.content == content and self._has_parquet(part, entry):
                self.done.kept += 1
                self._marked[key_of(part)] = self._entry(part, content, entry.count, entry.size)
                return
            rows, documents = _read(self.root, part, contents)
        except CatalogError as error:
            self.done.faults.append(f"{part.folder}: not indexed: {error}")
            return
        if not documents:
            self._unlink(part)
            return
        self.rows.extend(rows)
        size = self._write(part, documents)
        self._fresh[key_of(part)] = self._entry(part, content, len(documents), size)

    def _write(self, part: Part, documents: list[Document]) -> int | None:
        try:
            size = write_part(self.root, part, documents)
        except UnwritableError as error:
            self.done.faults.append(f"{part.folder}: no items.parquet: {error}")
            self._unlink(part)
            return None
        self.done.written.append(part.folder)
        return size

    def _unlink(self, part: Part) -> None:
        with suppress(OSError):
            os.unlink(items_path(self.root, part))  # noqa: PTH108 -- as above

    def _entry(self, part: Part, content: str, count: int, size: int | None) -> Entry:
        files = files_digest(self.root, part)
        return Entry(_set_mark(self.root, part), files, content, count, size)

    def _holds(self, key: str, entry: Entry) -> bool:
        tile, _, year = key.partition("/")
        return entry.mark in (None, mark_of(self.root, Part(self.collection, tile, year)))


def _contents(root: str, part: Part) -> Iterator[tuple[Place, bytes]]:
    for place in places_in(root, part):
        content = read_if_there(f"{root}/{place.path}")
        if content is not None:
            yield place, content


def _digest(contents: dict[Place, bytes]) -> str:
    digest = blake2b(digest_size=16)
    for place, content in contents.items():
        digest.update(f"{place.item_id}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _read(root: str, part: Part, contents: dict[Place, bytes]) -> tuple[Rows, list[Document]]:
    rows, documents = Rows(), []
    for place, content in contents.items():
        path = f"{root}/{place.path}"
        document = parse_document(content, path)
        check_document(document, place, path)
        try:
            rows.add(key_of(part), document)
        except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
            message = f"{path}: no STAC Item ({error!r}): restore it, or remove it"
            raise CatalogError(message) from error
        documents.append(document)
    return rows, documents


def _set_mark(root: str, part: Part) -> int | None:
    """Puts the time of a year's folder into the past, where no later change can put it."""
    folder, mark = f"{root}/{part.folder}", mark_of(root, part)
    if mark is None:
        return None
    try:
        os.utime(folder, ns=(mark, mark - _INTO_THE_PAST_NS))
    except OSError:
        # Another user's folder: its own time will do once it is older than any step of a clock.
        return mark if time.time_ns() - mark > _SETTLED_NS else None
    return mark_of(root, part)
