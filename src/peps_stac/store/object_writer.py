"""Putting Items on object storage and linking them: there is no rename, and no lock.

The order of every change: a note of what is coming, the files of an Item, its JSON, the catalogs
above from the bottom up, the note gone. Each object is whole or not there, so an Item is seen only
when all its files are. A note that is still there tells the next writer what to set right.
"""

import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from peps_stac.errors import CatalogError, RequestError
from peps_stac.store import objects
from peps_stac.store.census import Census
from peps_stac.store.files import parse_document, to_bytes
from peps_stac.store.layout import Part, Place
from peps_stac.store.object_tree import ObjectTree
from peps_stac.store.objects import ANY, ChangedError
from peps_stac.store.records import Record
from peps_stac.store.staging import staging_name
from peps_stac.store.tree import PartChange, Skeleton
from peps_stac.store.writer import Plan, Writer, part_changes

NOTES: Final = ".journal"
_AT_ONCE: Final = 8
"""Files that are uploaded at once."""
_ATTEMPTS: Final = 8
_LONGEST_PAUSE_MS: Final = 500


class ObjectWriter(Writer):
    """Changes one catalog on object storage; meant to be the only one that does."""

    def __init__(self, root: str, skeleton: Skeleton) -> None:
        super().__init__(root, skeleton)
        self._note = f"{root}/{NOTES}/{staging_name()}.json"
        self._is_settled = False

    def put(
        self,
        records: Iterable[Record],
        *,
        durable: bool = False,
        is_whole: bool = False,
        census: Census | None = None,
    ) -> list[Plan]:
        """As `Writer.put`, but never what has to stand before a request leaves.

        Raises:
            RequestError: `durable` or `is_whole`: with no lock another machine might do the same.
        """
        if durable or is_whole:
            message = f"{self._root}: orders need a catalog in a folder, with locks"
            raise RequestError(f"{message}; keep them there, and add products here")
        tree = self._tree()
        plans = self._planned(records, tree, census)
        with self._noted([plan.record.place for plan in plans if plan.entries]):
            for plan in plans:
                if plan.is_change:
                    self._put_item(plan.record)
            self._link(tree, plans)
        return plans

    def put_folder(self, record: Record, folder: Path) -> None:
        """Uploads a folder as the Item's, its JSON last, and links the Item."""
        tree = self._tree()
        plans = self._planned([record], tree)
        before = set(objects.names_below(f"{self._root}/{record.place.folder}"))
        with self._noted([record.place]):
            uploaded = self.upload(record.place, folder)
            self._put_item(record)
            self._link(tree, plans)
        kept = {*uploaded, f"{self._root}/{record.place.path}"}
        objects.remove(sorted(before - kept))

    def upload(self, place: Place, folder: Path) -> list[str]:
        """Puts files beside an Item; answers their addresses."""
        there = f"{self._root}/{place.folder}"
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        addresses = [f"{there}/{path.relative_to(folder).as_posix()}" for path in paths]
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            list(threads.map(objects.upload, paths, addresses))
        return addresses

    def remove(self, place: Place) -> None:
        """Takes an Item out of the catalog, then deletes its files."""
        tree = self._tree()
        below = objects.names_below(f"{self._root}/{place.folder}")
        with self._noted([place]):
            try:
                tree.update({place.part: PartChange(is_exact=True, leaving={place.item_id})})
            except ChangedError:
                objects.remove(below)
                self._recompute({place.part})
            else:
                objects.remove(below)
                tree.prune()

    def recover(self) -> bool:
        """Sets right what other writers, or this one, left undone; looks once for others'."""
        if self._is_settled:
            return False
        tree = self._tree()
        tree.create_root()
        notes = [f"{self._root}/{NOTES}/{entry.name}" for entry in self._notes()]
        places = [place for note in notes for place in _places_in(note)]
        if places:
            self._recompute({place.part for place in places})
        objects.remove(notes)
        self._is_settled = True
        return bool(places)

    def sync(self, plans: Iterable[Plan]) -> None:
        """Nothing: what S3 has acknowledged is there for good."""

    def _tree(self) -> ObjectTree:
        return ObjectTree(self._root, self._skeleton)

    def _planned(
        self, records: Iterable[Record], tree: ObjectTree, census: Census | None = None
    ) -> list[Plan]:
        plans = self._plan(records, tree, census)
        for plan in plans:
            if plan.moved_from:
                raise CatalogError(
                    f"{self._root}/{plan.moved_from.path}: the Item belongs to "
                    f"{plan.record.place.path} by now, and object storage moves nothing: remove it"
                )
        return plans

    def _put_item(self, record: Record) -> None:
        objects.write(f"{self._root}/{record.place.path}", record.content, instead_of=ANY)

    def _link(self, tree: ObjectTree, plans: Sequence[Plan]) -> None:
        try:
            tree.update(part_changes(plans))
            tree.prune()
        except ChangedError:
            self._recompute({plan.record.place.part for plan in plans})

    def _recompute(self, parts: set[Part]) -> None:
        """From the Items and catalogs as they are, until nobody else is faster."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                tree = self._tree()
                tree.recompute(parts)
                tree.prune()
            except ChangedError:
                if attempt == _ATTEMPTS:
                    raise
                time.sleep(attempt * secrets.randbelow(_LONGEST_PAUSE_MS) / 1000)
            else:
                return

    @contextmanager
    def _noted(self, places: Sequence[Place]) -> Iterator[None]:
        if not places:
            yield
            return
        items = [{"path": place.path} for place in places]
        self._is_settled = False
        objects.write(self._note, to_bytes({"items": items}, self._note), instead_of=ANY)
        yield
        objects.remove([self._note])
        self._is_settled = True

    def _notes(self) -> list[objects.Entry]:
        return objects.files_in(f"{self._root}/{NOTES}")


def _places_in(note: str) -> list[Place]:
    content = objects.read(note)
    if content is None:
        return []
    items = parse_document(content, note).get("items", [])
    found = (Place.parse(str(item.get("path"))) for item in items if isinstance(item, dict))
    return [place for place in found if place is not None]
