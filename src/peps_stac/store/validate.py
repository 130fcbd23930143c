"""Whether a catalog on disk is right: schemas, links, files, and what is said above the Items.

Works without a network. The catalog is walked along its links, and what the walk meets is
compared with the folders on disk, so that nothing is lost and nothing leads nowhere.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from peps_stac.errors import CatalogError
from peps_stac.store import parents
from peps_stac.store.assets import asset_faults, href_fault, resolve
from peps_stac.store.catalog import Catalog
from peps_stac.store.files import folders_in, is_there, read_document
from peps_stac.store.layout import CATALOG, COLLECTION, place_of
from peps_stac.store.parents import Document
from peps_stac.store.schemas import Checked, Fetch, SchemaSet
from peps_stac.store.summary import FIELD, Summary


class Finding(NamedTuple):
    """One thing that is wrong."""

    path: str
    """Relative to the catalog."""
    message: str


@dataclass(frozen=True, slots=True)
class Validation:
    """What was checked and what is wrong."""

    findings: tuple[Finding, ...]
    against: tuple[Checked, ...]
    """By schema URI; those that could not be had say so in `source`."""

    @property
    def is_valid(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def validate(
    catalog: Catalog,
    *,
    schemas: Path | None = None,
    cache: Path | None = None,
    deep: bool = False,
    fetch: Fetch | None = None,
) -> Validation:
    """Checks a whole catalog; changes nothing.

    Args:
        catalog: Its root must exist.
        schemas: Folder of extension schemas with an `index.json` (URI to file name).
        cache: Folder in which fetched schemas are kept.
        deep: Also read every file that has a `file:checksum`.
        fetch: Gets a schema that is nowhere else, by URI; none means offline.
    """
    walk = _Walk(catalog.href, SchemaSet(schemas, cache, fetch), deep=deep)
    walk.visit(CATALOG, None)
    return Validation(tuple(walk.findings), walk.schemas.against)


class _Walk:
    def __init__(self, root: str, schemas: SchemaSet, *, deep: bool) -> None:
        self.root = root
        self.schemas = schemas
        self.deep = deep
        self.findings: list[Finding] = []
        self._seen: set[str] = set()
        self._ids: dict[tuple[str, str], str] = {}

    def visit(self, path: str, parent: str | None) -> Summary | None:
        """Checks a file and all below it; answers None when its Items cannot be told."""
        self._seen.add(path)
        document = self._read(path)
        if document is None:
            return None
        if document.get("stac_version") != parents.STAC_VERSION or "type" not in document:
            self._tell(path, f"no STAC {parents.STAC_VERSION} document: type or stac_version")
        for fault in self.schemas.faults(document):
            self._tell(path, fault)
        self._check_links(path, document, parent)
        if document.get("type") == "Feature":
            return self._visit_item(path, document)
        below = [self.visit(target, path) for target in self._targets(path, document)]
        self._check_unlinked(path)
        known = [summary for summary in below if summary is not None]
        if len(known) < len(below):
            return None
        summary = Summary.of(known)
        self._check_summary(path, document, summary)
        return summary

    def _visit_item(self, path: str, document: Document) -> Summary | None:
        folder = os.path.dirname(f"{self.root}/{path}")  # noqa: PTH120 -- text paths all over this room
        for fault in asset_faults(document, folder, self.root, deep=self.deep):
            self._tell(path, fault)
        try:
            expected = place_of(document)
            summary = Summary.from_item(document)
        except (CatalogError, AttributeError, KeyError, TypeError, ValueError) as error:
            self._tell(path, f"no Item of a catalog: {error}")
            return None
        if expected.path != path:
            self._tell(path, f"belongs to {expected.path} by its tile, year and id")
        key = (expected.part.collection, expected.item_id)
        other = self._ids.setdefault(key, path)
        if other != path:
            self._tell(path, f"same id as {other}")
        return summary

    def _read(self, path: str) -> Document | None:
        try:
            document = read_document(f"{self.root}/{path}")
        except CatalogError as error:
            self._tell(path, str(error))
            return None
        if document is None:
            self._tell(path, "does not exist")
        elif not isinstance(document.get("links"), list):
            self._tell(path, "has no links")
            return None
        return document

    def _targets(self, path: str, document: Document) -> list[str]:
        targets = []
        for link in document["links"]:
            if link.get("rel") not in ("child", "item"):
                continue
            target = self._resolve(path, link)
            if target is None or target.startswith(".."):
                continue
            if target in self._seen or target in targets:
                self._tell(path, f"{link['href']} is linked twice")
            elif is_there(f"{self.root}/{target}"):
                targets.append(target)
        return targets

    def _check_links(self, path: str, document: Document, parent: str | None) -> None:
        folder = os.path.dirname(f"{self.root}/{path}")  # noqa: PTH120 -- as above
        found: dict[str, str | None] = {}
        for link in document["links"]:
            rel, href = str(link.get("rel")), str(link.get("href"))
            found[rel] = self._resolve(path, link)
            fault = href_fault(href, folder, self.root)
            if fault:
                self._tell(path, f"link {rel}: {fault}")
        if "self" in found:
            self._tell(path, "has a self link, so the catalog cannot be moved")
        if found.get("root") != CATALOG:
            self._tell(path, "link root does not lead to the root catalog")
        if parent is not None and found.get("parent") != parent:
            self._tell(path, f"link parent does not lead back to {parent}")
        if document.get("type") == "Feature":
            expected = f"{path.split('/', 1)[0]}/{COLLECTION}"
            if found.get("collection") != expected:
                self._tell(path, f"link collection does not lead to {expected}")

    def _check_unlinked(self, path: str) -> None:
        folder = os.path.dirname(path)  # noqa: PTH120 -- as above
        expected = _NAMES_BELOW.get(path.count("/"))
        if expected is None:
            return
        for name in folders_in(f"{self.root}/{folder}"):
            target = f"{folder}/{name}/{expected(name)}".lstrip("/")
            if target not in self._seen and is_there(f"{self.root}/{target}"):
                self._tell(target, f"is not linked from {path}")

    def _check_summary(self, path: str, document: Document, summary: Summary) -> None:
        if path == CATALOG:
            return
        try:
            is_right = Summary.from_json(document[FIELD]) == summary
        except (KeyError, TypeError, ValueError):
            is_right = False
        if not is_right:
            self._tell(path, f"{FIELD} differs from its {summary.count} Items")
        if document.get("type") != "Collection":
            return
        if document.get("extent") != parents.extent_of(summary):
            self._tell(path, "extent differs from its Items")
        said = document.get("summaries") or {}
        if any(said.get(n) != v for n, v in summary.collection_summaries.items()):
            self._tell(path, "summaries differ from its Items")

    def _resolve(self, path: str, link: Mapping[str, Any]) -> str | None:
        folder = os.path.dirname(f"{self.root}/{path}")  # noqa: PTH120 -- as above
        target = resolve(str(link.get("href")), folder)
        return os.path.relpath(target, self.root) if target else None

    def _tell(self, path: str, message: str) -> None:
        self.findings.append(Finding(path, message))


# By depth of the catalog file: root, Collection, tile, year.
_NAMES_BELOW: dict[int, Callable[[str], str]] = {
    0: lambda _name: COLLECTION,
    1: lambda _name: CATALOG,
    2: lambda _name: CATALOG,
    3: lambda name: f"{name}.json",
}
