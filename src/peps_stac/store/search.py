"""Finding Items of the catalog, with the index where it is up to date, and from the JSON elsewhere.

The index only names candidates. Every Item found is read from its own file and compared with
the criteria there, so that both ways find the same.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, NamedTuple, Protocol

from peps_stac.errors import CatalogError
from peps_stac.store.files import parse_document, read_if_there
from peps_stac.store.index_manifest import Manifest, files_digest, key_of
from peps_stac.store.layout import Part, Place
from peps_stac.store.objects import is_remote
from peps_stac.store.records import check_document, each_read
from peps_stac.store.search_criteria import Criteria, sort_key
from peps_stac.store.walk import parts_in, places_in

Document = dict[str, Any]

_FEW = 200
"""So many files are read as fast as the index is opened."""
_MOST_LOOKED_AT = 5000
"""So many files are compared, by time and size, with what the index knows of them."""
_MOST_KEPT = 1000
"""So many documents are kept in memory until it is their turn; others are read again."""


class _Query(Protocol):
    """`index_query`, which needs the extra `index`."""

    def rows_for(
        self, root: str, manifest: Manifest, criteria: Criteria, parts: list[str]
    ) -> list[tuple[int, str, str]] | None:
        """As it says there."""


class Found(NamedTuple):
    """An Item on disk."""

    place: Place
    document: Document


@dataclass(frozen=True, slots=True, order=True)
class _Candidate:
    key: int
    item_id: str
    place: Place
    document: Document | None = field(default=None, compare=False)
    """None: still to be read and compared."""


def search(
    root: str, collection: str, criteria: Criteria, *, use_index: bool | None = None
) -> Iterator[Found]:
    """Items that meet every criterion, by time, then by id.

    Args:
        root: Of the catalog.
        collection: Id; a Collection that is not there has no Items.
        criteria: What is asked.
        use_index: Whether to ask the index for years that did not change since; by default
            when that is worth it. It never changes what is found.

    Raises:
        CatalogError: A file cannot be read; names the path.
    """
    parts = [part for part in _parts(root, collection, criteria) if criteria.may_hold(part)]
    candidates: list[_Candidate] = []
    rest = parts
    if use_index is not False and not is_remote(root):
        candidates, rest = _indexed(root, collection, criteria, parts, is_forced=bool(use_index))
    for candidate in heapq.merge(candidates, sorted(_read(root, rest, criteria))):
        document = candidate.document or _matching(root, candidate.place, criteria)
        if document is not None:
            yield Found(candidate.place, document)


def _parts(root: str, collection: str, criteria: Criteria) -> Iterator[Part]:
    tiles: list[str | None] = [str(tile) for tile in criteria.query.tiles]
    for tile in tiles or [None]:
        yield from parts_in(root, collection, tile)


def _indexed(
    root: str, collection: str, criteria: Criteria, parts: list[Part], *, is_forced: bool
) -> tuple[list[_Candidate], list[Part]]:
    """Candidates from the index, and the years that it cannot answer for."""
    nothing: tuple[list[_Candidate], list[Part]] = ([], parts)
    manifest = Manifest.load(root, collection)
    if manifest is None:
        return nothing
    entries = {key_of(p): p for p in parts if manifest.has(root, p)}
    count = sum(manifest.entries[key].count for key in entries)
    if count <= _FEW and not is_forced:
        return nothing
    if count <= _MOST_LOOKED_AT:
        entries = {
            key: part
            for key, part in entries.items()
            if files_digest(root, part) == manifest.entries[key].files
        }
    query = _query()
    rows = query.rows_for(root, manifest, criteria, list(entries)) if query and entries else None
    if rows is None:
        return nothing
    found = [_Candidate(key, item_id, Place(entries[p], item_id)) for key, item_id, p in rows]
    return found, [part for part in parts if key_of(part) not in entries]


def _query() -> _Query | None:
    try:
        query: _Query = import_module("peps_stac.store.index_query")
    except ModuleNotFoundError:
        return None
    return query


def _read(root: str, parts: list[Part], criteria: Criteria) -> Iterator[_Candidate]:
    kept = 0
    for part in parts:
        for place in each_read(root, places_in(root, part)):
            document = _matching(root, place, criteria)
            if document is not None:
                key = sort_key(document)
                kept += 1
                is_kept = kept <= _MOST_KEPT
                yield _Candidate(key, place.item_id, place, document if is_kept else None)


def _matching(root: str, place: Place, criteria: Criteria) -> Document | None:
    if criteria.ids is not None and place.item_id not in criteria.ids:
        return None
    path = f"{root}/{place.path}"
    content = read_if_there(path)
    if content is None or not criteria.may_match(content):
        return None
    document = parse_document(content, path)
    check_document(document, place, path)
    try:
        return document if criteria.matches(document) else None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        message = f"{path}: no STAC Item ({error!r}): restore it, or remove it"
        raise CatalogError(message) from error
