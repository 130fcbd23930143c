"""Items to bytes and back.

Read with `migrate=False`, since pystac's migration drops `proj:epsg`, which odc-stac and
stackstac need. Hrefs stay as on disk; a `self` link is set in memory, so that
`asset.get_absolute_href()` works, and never written.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pystac

from peps_stac.errors import CatalogError
from peps_stac.store.files import parse_document, read_if_there, to_bytes
from peps_stac.store.layout import Place, place_of
from peps_stac.store.links import HIERARCHY, item_links, rebase_from, rebased
from peps_stac.store.objects import is_remote, read_ahead
from peps_stac.store.parents import STAC_VERSION
from peps_stac.store.summary import Summary
from peps_stac.store.tree import summary_of


@dataclass(frozen=True, slots=True)
class Record:
    """One Item as it will stand on disk."""

    place: Place
    content: bytes
    summary: Summary
    source: Place | None
    """Where in this catalog it was read from; None when it was not."""


def record_of(item: pystac.Item | Mapping[str, Any], root: str) -> Record:
    """An Item as it will stand in the catalog at `root`; the Item itself is left as it is.

    Args:
        item: As STAC JSON, its relative hrefs are meant from its place in the catalog.
        root: Absolute path of the catalog.

    Raises:
        CatalogError: It cannot stand there: no Collection, no datetime, an unusable id.
    """
    if isinstance(item, pystac.Item):
        document = item.to_dict(include_self_link=False, transform_hrefs=False)
        source = item.get_self_href()
    else:
        document, source = dict(item), None
    name = f"Item {document.get('id')!r}"
    place = place_of(document)
    rebase = rebase_from(source, root, place)
    document["stac_version"] = STAC_VERSION
    if not document.get("bbox"):
        document.pop("bbox", None)
    others = [link for link in document["links"] if link["rel"] not in HIERARCHY]
    if any(link["href"] is None for link in others):
        raise CatalogError(f"{name}: a link leads to an object without href")
    document["links"] = [*item_links(place.part), *rebased(others, rebase)]
    document["assets"] = {
        key: asset if (href := rebase(asset["href"])) == asset["href"] else {**asset, "href": href}
        for key, asset in document["assets"].items()
    }
    content = to_bytes(document, name)
    known = place_at(source, root) if source else None
    return Record(place, content, summary_of(document, name), known)


def place_at(path: str, root: str) -> Place | None:
    """The place of an absolute path; None when it is no Item's file in this catalog."""
    if not path.startswith(root + "/"):
        return None
    return Place.parse(os.path.relpath(path, root))


def each_read(root: str, places: Iterable[Place]) -> Iterator[Place]:
    """Each place in turn; on object storage many Items are asked for before the first is read."""
    if not is_remote(root):
        yield from places
        return
    there = {f"{root}/{place.path}": place for place in places}
    for address in read_ahead(tuple(there)):
        yield there[address]


def read_item_document(
    place: Place, root: str, *, having: str | None = None
) -> dict[str, Any] | None:
    """The JSON of the Item at a place; None when there is none.

    Args:
        place: Where to look.
        root: Of the catalog.
        having: Only an Item with a field of this name, looked for before anything is parsed.

    Raises:
        CatalogError: The file holds something else; names the path.
    """
    path = f"{root}/{place.path}"
    content = read_if_there(path)
    if content is None or (having and f'"{having}":'.encode() not in content):
        return None
    document = parse_document(content, path)
    check_document(document, place, path)
    return document


def check_document(document: dict[str, Any], place: Place, path: str) -> None:
    """Makes sure that what was read is the Item of a place.

    Raises:
        CatalogError: It is something else; names the path.
    """
    if document.get("type") != "Feature" or document.get("id") != place.item_id:
        message = f"{path}: not the STAC Item {place.item_id!r}: restore it, or remove it"
        raise CatalogError(message)


def item_from(document: dict[str, Any], path: str) -> pystac.Item:
    """The Item in the JSON of a file; takes the document over.

    Raises:
        CatalogError: It is no STAC Item; names the path.
    """
    try:
        return pystac.Item.from_dict(document, href=path, migrate=False, preserve_dict=False)
    except (pystac.STACError, AttributeError, KeyError, TypeError, ValueError) as error:
        message = f"{path}: no STAC Item ({error!r}): restore it, or remove it"
        raise CatalogError(message) from error
