"""Where everything of the catalog stands: paths and relative links, without touching the disk.

    catalog.json
    <collection>/collection.json
    <collection>/<tile>/catalog.json
    <collection>/<tile>/<year>/catalog.json
    <collection>/<tile>/<year>/<id>/<id>.json
    <collection>/<tile>/<year>/items.parquet       the same Items as GeoParquet, once indexed

Paths here are text relative to the root of the catalog, `/` between parts. Names that begin
with a dot are the store's own and never appear in a link.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple, Self

from peps_stac.domain import MgrsTile
from peps_stac.domain.instants import parse_instant
from peps_stac.errors import CatalogError, RequestError

CATALOG = "catalog.json"
COLLECTION = "collection.json"
LOCK = ".lock"
JOURNAL = ".journal.json"
STAGING = ".staging"
DOWNLOADS = ".downloads"
QUARANTINE = ".quarantine"
INDEX = ".index"
ITEMS = "items.parquet"

NO_TILE = "no-tile"
"""Tile folder of Items without `grid:code`."""

_MGRS = "MGRS-"
_CODE = "grid:code"
_PARTS_OF_AN_ITEM_PATH = 5
# The last three would change the meaning of a relative href.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\#?%]")
# Room for the ending and the temporary name within the 255 bytes of common file systems.
_LONGEST_NAME = 200
_PLAIN = re.compile(rf"[A-Za-z0-9_][A-Za-z0-9_.-]{{0,{_LONGEST_NAME - 1}}}")
"""Nearly all names, and safe."""
_TILE_IN_ID = re.compile(r"_T?(\d{2}[A-Z]{3})(?=_|$)")
_YEAR_IN_ID = re.compile(r"_(\d{4})\d{4}[T-]")


class Part(NamedTuple):
    """One year of one tile of a Collection: the Items that share a parent."""

    collection: str
    tile: str
    year: str

    @property
    def tile_folder(self) -> str:
        """Folder of the tile."""
        return f"{self.collection}/{self.tile}"

    @property
    def folder(self) -> str:
        """Folder of the year."""
        return f"{self.collection}/{self.tile}/{self.year}"


class Place(NamedTuple):
    """Where one Item stands."""

    part: Part
    item_id: str

    @property
    def folder(self) -> str:
        """Folder of the Item, its assets beside it."""
        return f"{self.part.folder}/{self.item_id}"

    @property
    def path(self) -> str:
        """The Item's JSON file."""
        return f"{self.folder}/{self.item_id}.json"

    @classmethod
    def parse(cls, path: str) -> Self | None:
        """The place of an Item's JSON file; None when no Item of a catalog stands there."""
        parts = path.split("/")
        if len(parts) != _PARTS_OF_AN_ITEM_PATH or not all(map(is_safe, parts)):
            return None
        collection, tile, year, item_id, name = parts
        if name != f"{item_id}.json":
            return None
        return cls(Part(collection, tile, year), item_id)


def place_of(document: Mapping[str, Any]) -> Place:
    """Where an Item, as STAC JSON, belongs.

    The tile comes from `grid:code`, the year (UTC) from `datetime`, or from `start_datetime`
    where `datetime` is null.

    Raises:
        CatalogError: No Collection, no instant, or a name that cannot be a folder.
    """
    item_id = document["id"]
    collection = document.get("collection")
    if not collection:
        raise CatalogError(f"Item {item_id!r} names no collection: set its `collection`")
    properties = document["properties"]
    tile = tile_folder(properties.get("grid:code"))
    part = _part(check_name(collection, "collection id"), tile, _year(item_id, properties))
    return Place(part, check_name(item_id, "Item id"))


@lru_cache(1024)
def _part(collection: str, tile: str, year: str) -> Part:
    # One object for all Items of a year.
    return Part(collection, tile, year)


def tile_folder(grid_code: str | None) -> str:
    """Name of the folder for a `grid:code`: `31TCJ` for `MGRS-31TCJ`, two digits of zone."""
    if not grid_code:
        return NO_TILE
    return _tile_folder(grid_code) if isinstance(grid_code, str) else check_name(grid_code, _CODE)


@lru_cache(4096)
def _tile_folder(grid_code: str) -> str:
    if not grid_code.startswith(_MGRS):
        return check_name(grid_code, _CODE)
    try:
        return str(MgrsTile.parse(grid_code.removeprefix(_MGRS)))
    except RequestError as error:
        raise CatalogError(f"grid:code {grid_code!r}: {error}") from error


def is_safe(name: str) -> bool:
    """Whether a name can be a file or folder, and part of a relative link, on any system."""
    return bool(_PLAIN.fullmatch(name)) or (
        bool(name)
        and len(name.encode(errors="replace")) <= _LONGEST_NAME
        and name == name.strip()
        and not name.startswith(".")
        and not _UNSAFE.search(name)
    )


def check_name(name: str, what: str) -> str:
    """The name itself, once it is safe.

    Raises:
        CatalogError: It is not.
    """
    if isinstance(name, str) and is_safe(name):
        return name
    raise CatalogError(
        f"{what} {name!r} cannot be a file name: use 1 to {_LONGEST_NAME} bytes, no leading dot, "
        r"no / \ # ? %, no control characters"
    )


def likely_part(item_id: str) -> tuple[str, str] | None:
    """Tile and year that an id names, as ESA's and MUSCATE's names do; a guess to try first."""
    tile, year = _TILE_IN_ID.search(item_id), _YEAR_IN_ID.search(item_id)
    return (tile[1], year[1]) if tile and year else None


def _year(item_id: str, properties: Mapping[str, Any]) -> str:
    text = properties.get("datetime") or properties.get("start_datetime")
    try:
        return f"{parse_instant(text or '').year:04d}"
    except (ValueError, AttributeError) as error:
        message = f"Item {item_id!r} has no usable datetime: {text!r}; write RFC 3339"
        raise CatalogError(message) from error
