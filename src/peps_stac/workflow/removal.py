"""Items that go, and the links of others to them: none is left that leads nowhere."""

import posixpath
from collections.abc import Iterable, Iterator
from typing import Any, Final

from peps_stac.stac.collections import L2A_COLLECTION
from peps_stac.stac.l1c import L2A_LINK
from peps_stac.stac.l2a import DERIVED_FROM
from peps_stac.stac.versions import LATEST, PREDECESSOR, SUCCESSOR
from peps_stac.store import Catalog
from peps_stac.store.files import is_there
from peps_stac.store.layout import Place, place_of
from peps_stac.workflow.versions import link_versions

_VERSIONS: Final = (PREDECESSOR, SUCCESSOR, LATEST)
_RELATIONS: Final = (L2A_LINK, DERIVED_FROM, *_VERSIONS)
"""Of the links from Item to Item that this package writes."""

Found = tuple[Place, dict[str, Any]]
"""An Item as it stands on disk."""


def remove(catalog: Catalog, item_id: str, collection: str) -> bool:
    """Take an Item and its folder out of a catalog, and the links of its scene's other Items to it.

    Of the versions of a scene that are left, the latest is the latest again.

    Args:
        catalog: Where it stands.
        item_id: Of the Item.
        collection: Of the Item.

    Returns:
        Whether there was one.

    Raises:
        CatalogError: No catalog of this package, a damaged Item, or the disk refuses.
    """
    with catalog.lock():
        others = list(_scene(catalog, item_id, collection))
        is_gone = catalog.remove(item_id, collection)
        unlink_missing(catalog, others)
    return is_gone


def unlink_missing(catalog: Catalog, items: Iterable[Found]) -> tuple[str, ...]:
    """Take links to Items that are not there out of other Items; paths of those changed."""
    changed = list(_without_missing(catalog, items))
    catalog.put_all(document for _, document, _ in changed)
    for place, _, lost in changed:
        if place.part.collection == L2A_COLLECTION and lost & set(_VERSIONS):
            link_versions(catalog, place.item_id)
    return tuple(place.path for place, _, _ in changed)


def _without_missing(
    catalog: Catalog, items: Iterable[Found]
) -> Iterator[tuple[Place, dict[str, Any], set[str]]]:
    """Items without their links to nowhere, and the relations of these."""
    for place, document in items:
        missing = [
            link
            for link, target in _leading(place, document)
            if not is_there(f"{catalog.href}/{target.path}")
        ]
        if missing:
            links = [link for link in document["links"] if link not in missing]
            yield place, {**document, "links": links}, {link["rel"] for link in missing}


def _scene(catalog: Catalog, item_id: str, collection: str) -> Iterator[Found]:
    """All Items that an Item's links lead to, theirs too, and Items of its name elsewhere."""
    left = [(item_id, name) for name in catalog.collections()]
    known = set(left)
    while left:
        name, where = left.pop()
        document = catalog.document(name, where)
        if document is None:
            continue
        place = place_of(document)
        if (name, where) != (item_id, collection):
            yield place, document
        for _, target in _leading(place, document):
            key = (target.item_id, target.part.collection)
            if key not in known:
                known.add(key)
                left.append(key)


def _leading(place: Place, document: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Place]]:
    """Links to Items of the same catalog, and where these stand, there or not."""
    for link in document["links"]:
        if link["rel"] not in _RELATIONS or "://" in link["href"]:
            continue
        target = Place.parse(posixpath.normpath(posixpath.join(place.folder, link["href"])))
        if target is not None:
            yield link, target
