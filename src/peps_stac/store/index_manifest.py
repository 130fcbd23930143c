"""What the index of a Collection knows, year by year, and whether a year is still as it was.

    .index/<collection>.json         the manifest: which data file, and each year's mark
    .index/<collection>.<name>.parquet   one row per Item, of its plain properties

The mark of a year is the modification time of its folder, which the index itself sets into the
past: whoever adds or removes an Item, and every write of this package, makes it another. So one
`stat` a year tells whether the index may answer for it.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from typing import Any, Self

from peps_stac.errors import CatalogError
from peps_stac.store.files import read_document
from peps_stac.store.index_rows import Kind
from peps_stac.store.layout import INDEX, ITEMS, Part
from peps_stac.store.walk import collections_in, parts_in, places_in

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One year as it was when it was indexed."""

    mark: int | None
    """Modification time of its folder, nanoseconds; None when it could not be set."""
    files: str
    """Digest of name, size and time of each Item's file."""
    content: str
    """Digest of name and content of each Item's file."""
    count: int
    """Items."""
    size: int | None
    """Bytes of its `items.parquet`; None when it could not be written."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is indexed."""

    data: str
    """Name of the data file, in the folder of the manifest."""
    columns: Mapping[str, Kind] = field(default_factory=dict)
    """Types by property; the column of the n-th is `p<n>`."""
    unknown: frozenset[str] = frozenset()
    """Properties that Items have and the data has not."""
    entries: Mapping[str, Entry] = field(default_factory=dict)
    """By tile and year, `31TCJ/2017`."""

    @classmethod
    def load(cls, root: str, collection: str) -> Self | None:
        """The manifest of a Collection; None when there is none that can be read."""
        with suppress(CatalogError, KeyError, TypeError, ValueError, AttributeError):
            document = read_document(manifest_path(root, collection))
            if document is not None and document["version"] == _VERSION:
                return cls(
                    str(document["data"]),
                    {name: Kind(kind) for name, kind in document["columns"].items()},
                    frozenset(document["unknown"]),
                    {key: Entry(**entry) for key, entry in document["entries"].items()},
                )
        return None

    def to_json(self) -> dict[str, Any]:
        """As `load` reads it."""
        return {
            "version": _VERSION,
            "data": self.data,
            "columns": dict(self.columns),
            "unknown": sorted(self.unknown),
            "entries": {key: asdict(entry) for key, entry in sorted(self.entries.items())},
        }

    def has(self, root: str, part: Part) -> bool:
        """Whether a year is still as it was indexed, as its folder tells."""
        entry = self.entries.get(key_of(part))
        return entry is not None and entry.mark is not None and entry.mark == mark_of(root, part)


def stale_items(root: str) -> int:
    """How many Items stand in years that changed since they were indexed.

    Only Collections that have an index are looked at.
    """
    return sum(
        sum(1 for _ in places_in(root, part))
        for collection in collections_in(root)
        if (manifest := Manifest.load(root, collection))
        for part in parts_in(root, collection)
        if not manifest.has(root, part)
    )


def manifest_path(root: str, collection: str) -> str:
    """Where the manifest of a Collection stands."""
    return f"{root}/{INDEX}/{collection}.json"


def items_path(root: str, part: Part) -> str:
    """Where the GeoParquet of a year stands."""
    return f"{root}/{part.folder}/{ITEMS}"


def key_of(part: Part) -> str:
    """Tile and year, as the manifest and the rows of the index name them."""
    return f"{part.tile}/{part.year}"


def mark_of(root: str, part: Part) -> int | None:
    """The mark that stands on a year now; None when there is no such folder."""
    try:
        return os.stat(f"{root}/{part.folder}").st_mtime_ns  # noqa: PTH116 -- text paths all over this room
    except OSError:
        return None


def files_digest(root: str, part: Part) -> str:
    """Tells whether an Item's file was changed in place, by whomever."""
    digest = blake2b(digest_size=16)
    for place in places_in(root, part):
        with suppress(FileNotFoundError, NotADirectoryError):
            found = os.stat(f"{root}/{place.path}")  # noqa: PTH116 -- as above
            line = f"{place.item_id}\n{found.st_size}\n{found.st_mtime_ns}\n"
            digest.update(line.encode(errors="surrogateescape"))
    return digest.hexdigest()
