"""Links between the files of the catalog, relative, and the hrefs of an Item made so.

A `self` link is never written: the folder may be moved, or served from anywhere.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from posixpath import dirname, join, normpath, relpath
from typing import Any
from urllib.parse import urljoin

from peps_stac.store.layout import CATALOG, COLLECTION, Part, Place
from peps_stac.store.objects import SCHEME, is_remote
from peps_stac.store.objects import join as joined

Link = dict[str, Any]
Rebase = Callable[[str], str]
"""Answers an href as it must be written."""

ROOT_TITLE = "Sentinel-2 L1C scenes and MAJA L2A products"

HIERARCHY = frozenset({"self", "root", "parent", "collection"})
"""Relations that the store alone writes on an Item."""

_JSON = "application/json"
_GEOJSON = "application/geo+json"


def root_link(depth: int) -> Link:
    """Link to the root from so many folders below it."""
    return _link("root", up(depth, CATALOG), ROOT_TITLE)


def parent_link(href: str, title: str) -> Link:
    """Link to the catalog just above."""
    return _link("parent", href, title)


def child_link(folder: str, name: str, title: str) -> Link:
    """Link to a catalog just below."""
    return _link("child", f"./{folder}/{name}", title)


def item_link(item_id: str) -> Link:
    """Link from a year to one of its Items."""
    return _link("item", f"./{item_id}/{item_id}.json", item_id, _GEOJSON)


@lru_cache(1024)
def item_links(part: Part) -> tuple[Link, ...]:
    """What every Item of a year links to: root, that year, its Collection; not to be changed."""
    return (
        root_link(4),
        parent_link(up(1, CATALOG), f"{part.tile} {part.year}"),
        _link("collection", up(3, COLLECTION), part.collection),
    )


def up(levels: int, name: str) -> str:
    """Relative href of a file so many folders above; `./name` for none."""
    return f"{'../' * levels or './'}{name}"


def is_local(href: str) -> bool:
    """Whether an href is a path on this disk and not a URL or a path inside an archive."""
    return "://" not in href and not href.startswith(("/vsi", "data:", "mailto:", "urn:"))


def resolved(href: str, folder: str) -> str:
    """What a relative href leads to from a folder, or a prefix of object storage."""
    if is_remote(folder) and not href.startswith("/"):
        return joined(folder, href)
    return normpath(join(folder, href))


def folder_named(link: Mapping[str, Any]) -> str | None:
    """Name of the folder that a `child` or `item` link of ours points into, else None."""
    match str(link.get("href")).split("/"):
        case [".", folder, name] | [folder, name] if name and folder not in ("", ".", ".."):
            return folder
        case _:
            return None


def rebase_from(source: str | None, root: str, place: Place) -> Rebase:
    """How an Item's hrefs must read once it stands at its place.

    Absolute paths inside the catalog become relative. Relative hrefs stay true when the Item
    was read from elsewhere (`source`, its `self` href); those into its own folder move with it.

    Args:
        source: Absolute path or URL of the Item's file before; None for a new Item, whose
            relative hrefs are already meant from its place.
        root: Absolute path of the catalog.
        place: Where the Item goes.
    """

    def here() -> str:
        return join(root, place.folder)

    moved = source is not None and dirname(source) != here()

    def rebase(href: str) -> str:
        if not moved and href.startswith("./"):
            return href
        path = href.removeprefix("file://")
        if path.startswith(("/", f"{root}/")) and (is_local(path) or is_remote(root)):
            return _inside(path, root, here()) or href
        if is_local(path) and moved and source:
            return _from_elsewhere(href, source, root, here())
        return href

    return rebase


def rebased(links: Iterable[Mapping[str, Any]], rebase: Rebase) -> list[Link]:
    """Copies of links with their hrefs rebased."""
    return [{**link, "href": rebase(str(link["href"]))} for link in links]


def _from_elsewhere(href: str, source: str, root: str, here: str) -> str:
    if is_remote(source) and not source.startswith(SCHEME):
        return urljoin(source, href)
    absolute = resolved(href, dirname(source))
    if source.startswith(root + "/") and absolute.startswith(dirname(source) + "/"):
        return href
    return _inside(absolute, root, here) or absolute


def _inside(path: str, root: str, here: str) -> str | None:
    if not path.startswith(root + "/"):
        return None
    relative = relpath(path, here)
    return relative if relative.startswith("../") else f"./{relative}"


def _link(rel: str, href: str, title: str, media_type: str = _JSON) -> Link:
    return {"rel": rel, "href": href, "type": media_type, "title": title}
