"""Putting Items on disk and linking them, under the lock.

The order of every change: journal, Items, the catalogs above, journal gone. Whatever is left
undone in between, `recover` sets right.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from functools import partial
from itertools import groupby
from pathlib import Path

from peps_stac.errors import CatalogError
from peps_stac.store.census import Census
from peps_stac.store.files import (
    disk_errors,
    parse_document,
    read_if_there,
    remove_tree,
    sync_folders,
    sync_path,
    temporary_of,
    write_whole,
)
from peps_stac.store.journal import Entry, Journal
from peps_stac.store.layout import CATALOG, COLLECTION, JOURNAL, STAGING, Part, Place
from peps_stac.store.records import Record
from peps_stac.store.staging import remove_stale, staging_name
from peps_stac.store.summary import Summary
from peps_stac.store.tree import PartChange, Skeleton, Tree, summary_of
from peps_stac.store.walk import exists, parts_in, touch

_SIDE_BY_SIDE = 4
_WORTH_THREADS = 32
"""Replacing a file is mostly waiting for the disk, which takes several at once as well as one."""

_ASSETS = b',"assets":{'


class Kind(Enum):
    """What putting one Item does."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Plan:
    """What putting one Item means for the catalog as it is."""

    record: Record
    kind: Kind
    is_linked: bool
    is_summary_kept: bool
    moved_from: Place | None = None

    @property
    def is_change(self) -> bool:
        """Whether anything is written."""
        return self.kind is not Kind.UNCHANGED

    @property
    def redone(self) -> Entry | None:
        """What the journal must hold so that the Item is put even when this writer is killed."""
        if self.kind is Kind.UNCHANGED or self.moved_from:
            return None
        return Entry(self.record.place, content=self.record.content)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What the journal must hold meanwhile; nothing when no catalog above will change."""
        if self.is_linked and self.is_summary_kept and not self.moved_from:
            return ()
        places = (self.record.place, self.moved_from)
        return tuple(Entry(place) for place in places if place)


class Writer:
    """Changes one catalog folder; only while its lock is held."""

    def __init__(self, root: str, skeleton: Skeleton) -> None:
        self._root = root
        self._skeleton = skeleton
        self._staging = Path(root, STAGING)
        self._journal = Journal(f"{root}/{JOURNAL}")

    def put(
        self,
        records: Iterable[Record],
        *,
        durable: bool = False,
        is_whole: bool = False,
        census: Census | None = None,
    ) -> list[Plan]:
        """Writes Items, each at most once, and links them.

        Args:
            records: The Items.
            durable: Return when all is on the disk.
            is_whole: When this writer is killed between two Items, `recover` puts the others.
            census: Of this catalog as it is now; made when not given.

        Returns:
            What was done, sorted by place.
        """
        tree = Tree(self._root, self._skeleton, durable=durable)
        plans = self._plan(records, tree, census)
        entries = [entry for plan in plans for entry in plan.entries]
        redone = [entry for plan in plans if (entry := plan.redone)] if is_whole else []
        if len(redone) > 1:
            entries = [*redone, *entries]
        if entries:
            self._journal.begin(entries, durable=durable)
        touch(self._root, {plan.record.place.part for plan in plans if plan.is_change})
        self._write_all(plans, durable=durable)
        if durable:
            self.sync(plans)
        tree.update(part_changes(plans))
        tree.prune()
        if entries:
            self._journal.end()
        return plans

    def put_folder(self, record: Record, folder: Path) -> None:
        """Makes a staged folder the Item's folder by one rename, and links the Item."""
        tree = Tree(self._root, self._skeleton)
        [plan] = self._plan([record], tree)
        place, aside = record.place, staging_name()
        with disk_errors(folder):
            write_whole(f"{folder}/{place.item_id}.json", record.content)
        entries = [Entry(place, aside)]
        if plan.moved_from:
            entries.append(Entry(plan.moved_from))
        self._journal.begin(entries)
        if plan.moved_from:
            self._move(plan.moved_from, place)
        self._put_aside(place, aside)
        self._rename(folder, Path(self._root, place.folder))
        tree.update(part_changes([plan]))
        tree.prune()
        self._journal.end()
        remove_tree(str(self._staging / aside))

    def remove(self, place: Place) -> None:
        """Takes an Item out of the catalog, then deletes its folder."""
        tree = Tree(self._root, self._skeleton)
        aside = staging_name()
        self._journal.begin([Entry(place)])
        tree.update({place.part: PartChange(is_exact=True, leaving={place.item_id})})
        self._put_aside(place, aside)
        tree.prune()
        self._journal.end()
        remove_tree(str(self._staging / aside))

    def recover(self) -> bool:
        """Sets right what the last writer left undone; says whether there was anything."""
        try:
            entries = self._journal.unfinished()
        except CatalogError:
            self.rebuild()
            entries = ()
        if entries is not None:
            self._restore(entries)
            self._rebuild({entry.place.part for entry in entries})
            self._journal.end()
        Tree(self._root, self._skeleton).create_root()
        remove_stale(self._staging)
        return entries is not None

    def settle(self) -> None:
        """As `recover`, but links nothing and takes any journal; for who will `rebuild`."""
        with suppress(CatalogError):
            self._restore(self._journal.unfinished() or ())
        remove_stale(self._staging)

    def parts(self) -> list[Part]:
        """Years of Collections that are ours, also where their catalogs are lost or damaged."""
        own = Tree(self._root, self._skeleton).own_collections()
        return [part for part in parts_in(self._root) if part.collection in own]

    def rebuild(self) -> list[str]:
        """Computes every catalog above the Items again, from the Items on disk.

        Returns:
            Files that changed, relative.
        """
        tree = Tree(self._root, self._skeleton)
        tree.rebuild(self.parts())
        tree.prune()
        self._journal.end()
        return tree.changed

    def sync(self, plans: Iterable[Plan]) -> None:
        """Waits until these Items are on the disk."""
        with disk_errors(self._root):
            places = [plan.record.place for plan in plans]
            for place in places:
                sync_path(f"{self._root}/{place.path}")
            sync_folders(self._root, [f"{self._root}/{place.folder}" for place in places])

    def _plan(
        self, records: Iterable[Record], tree: Tree, census: Census | None = None
    ) -> list[Plan]:
        plans: list[Plan] = []
        census = census or Census(self._root)
        ordered = sorted(records, key=lambda record: record.place)
        for collection in {record.place.part.collection for record in ordered}:
            tree.check_collection(collection)
        for part, group in groupby(ordered, key=lambda record: record.place.part):
            found = list(group)
            linked = tree.linked_among(part, {record.place.item_id for record in found})
            plans += self._plan_part(part, found, linked, census)
        return plans

    def _plan_part(
        self, part: Part, records: list[Record], linked: set[str], census: Census
    ) -> Iterator[Plan]:
        there = census.listed(part, [record.place.item_id for record in records])
        known = {
            record.place: self._plan_known(record, linked)
            if record.place.item_id in there
            else None
            for record in records
        }
        new = [place.item_id for place, plan in known.items() if plan is None]
        away = census.elsewhere(part, new)
        for record in records:
            yield known[record.place] or self._plan_new(record, linked, away)

    def _plan_known(self, record: Record, linked: set[str]) -> Plan | None:
        path, is_linked = f"{self._root}/{record.place.path}", record.place.item_id in linked
        old = read_if_there(path)
        if old is None:
            return None
        if old == record.content:
            return Plan(record, Kind.UNCHANGED, is_linked, is_summary_kept=True)
        kind = Kind.CHANGED if is_linked else Kind.ADDED
        kept = is_linked and _summary_before(old, record, path) == record.summary
        return Plan(record, kind, is_linked, is_summary_kept=kept)

    def _plan_new(self, record: Record, linked: set[str], away: Mapping[str, Place]) -> Plan:
        moved_from = self._old_place(record, away)
        return Plan(
            record,
            Kind.CHANGED if moved_from else Kind.ADDED,
            is_linked=record.place.item_id in linked,
            is_summary_kept=False,
            moved_from=moved_from,
        )

    def _old_place(self, record: Record, away: Mapping[str, Place]) -> Place | None:
        """Where the same Item stands since before its year or tile was corrected.

        Where it was read from is known; else only the other years of its tile and the Items
        without tile are looked at, since looking everywhere would grow with the catalog.
        """
        source, place = record.source, record.place
        is_other = source and source != place and _names_same_item(source, place)
        if source and is_other and exists(self._root, source):
            return source
        return away.get(place.item_id)

    def _write_all(self, plans: Sequence[Plan], *, durable: bool) -> None:
        replaced = sum(plan.kind is Kind.CHANGED for plan in plans)
        if replaced < _WORTH_THREADS:
            self._write_share(plans, durable=durable)
            return
        shares = [plans[number::_SIDE_BY_SIDE] for number in range(_SIDE_BY_SIDE)]
        with ThreadPoolExecutor(_SIDE_BY_SIDE, thread_name_prefix="write") as threads:
            list(threads.map(partial(self._write_share, durable=durable), shares))

    def _write_share(self, plans: Iterable[Plan], *, durable: bool) -> None:
        for plan in plans:
            self._write(plan, durable=durable)

    def _write(self, plan: Plan, *, durable: bool) -> None:
        place = plan.record.place
        path = f"{self._root}/{place.path}"
        with disk_errors(path):
            if plan.moved_from:
                self._move(plan.moved_from, place)
            if plan.kind is not Kind.UNCHANGED:
                is_new = plan.kind is Kind.ADDED
                write_whole(path, plan.record.content, durable=durable, is_folder_new=is_new)

    def _move(self, old: Place, new: Place) -> None:
        # The files beside the Item go with it.
        self._rename(Path(self._root, old.folder), Path(self._root, new.folder))

    def _rename(self, folder: Path, target: Path) -> None:
        with disk_errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            folder.rename(target)

    def _put_aside(self, place: Place, name: str) -> None:
        folder, aside = Path(self._root, place.folder), self._staging / name
        with disk_errors(folder), suppress(FileNotFoundError):
            self._staging.mkdir(exist_ok=True)
            folder.rename(aside)

    def _restore(self, entries: Sequence[Entry]) -> None:
        touch(self._root, {entry.place.part for entry in entries})
        for entry in entries:
            place, aside = entry.place, entry.aside
            folder = Path(self._root, place.folder)
            for path in _files_above(place):
                with suppress(OSError):
                    Path(temporary_of(f"{self._root}/{path}")).unlink()
            with suppress(OSError):
                folder.rmdir()
            if entry.content is not None:
                with disk_errors(folder):
                    write_whole(f"{self._root}/{place.path}", entry.content, durable=True)
            if aside is None:
                continue
            old = self._staging / aside
            if old.is_dir() and not folder.exists():
                with disk_errors(folder):
                    old.rename(folder)
            remove_tree(str(old))

    def _rebuild(self, parts: set[Part]) -> None:
        tree = Tree(self._root, self._skeleton)
        tree.recompute(parts)
        tree.prune()


def part_changes(plans: Iterable[Plan]) -> dict[Part, PartChange]:
    """What was done to Items, as the catalogs above must know it."""
    changes: dict[Part, PartChange] = {}
    for plan in plans:
        place, summary = plan.record.place, plan.record.summary
        change = changes.get(place.part) or changes.setdefault(place.part, PartChange())
        if not plan.is_linked:
            change.added[place.item_id] = summary
        elif not plan.is_summary_kept:
            change.is_exact = True
        if plan.moved_from:
            changes.setdefault(plan.moved_from.part, PartChange()).is_exact = True
    return changes


def _summary_before(old: bytes, record: Record, path: str) -> Summary:
    """Summary of the Item in a file that a record shall replace."""
    at, at_new = old.find(_ASSETS), record.content.find(_ASSETS)
    if at > 0 and at_new > 0 and old[at:] == record.content[at_new:]:
        # All from here on is as it was, and most of the file. Where this is not the Item's own
        # field but one inside another, what comes before is no JSON.
        with suppress(CatalogError):
            return summary_of(parse_document(old[:at] + b"}", path), path)
    return summary_of(parse_document(old, path), path)


def _names_same_item(one: Place, two: Place) -> bool:
    return (one.item_id, one.part.collection) == (two.item_id, two.part.collection)


def _files_above(place: Place) -> Iterator[str]:
    part = place.part
    yield place.path
    yield f"{part.folder}/{CATALOG}"
    yield f"{part.tile_folder}/{CATALOG}"
    yield f"{part.collection}/{COLLECTION}"
    yield CATALOG
