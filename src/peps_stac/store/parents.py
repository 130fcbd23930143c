"""The catalogs above the Items, as values: what stands in them and how it follows the Items.

Whatever else a file holds (a title that somebody wrote, a licence link) stays as it is.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import orjson
import pystac

from peps_stac.errors import CatalogError
from peps_stac.stac.extensions import PEPS_SCHEMA
from peps_stac.store import links
from peps_stac.store.layout import CATALOG, COLLECTION, Part
from peps_stac.store.links import Link
from peps_stac.store.summary import FIELD, RANGES, VALUES, Summary

Document = dict[str, Any]

STAC_VERSION = "1.1.0"
_WHOLE_WORLD = [-180.0, -90.0, 180.0, 90.0]


def new_root() -> Document:
    """The root of an empty catalog."""
    description = (
        "Sentinel-2 L1C scenes known from a catalogue service, and MAJA L2A products on this disk."
    )
    return _catalog("peps-stac", links.ROOT_TITLE, description, [links.root_link(0)])


def new_collection(skeleton: pystac.Collection) -> Document:
    """A Collection without Items, from its skeleton."""
    document = skeleton.to_dict(include_self_link=False, transform_hrefs=False)
    kept = [
        link for link in document["links"] if link["rel"] not in ("root", "parent", "child", "item")
    ]
    up = links.up(1, CATALOG)
    document["links"] = [links.root_link(1), links.parent_link(up, links.ROOT_TITLE), *kept]
    return document


def new_tile(collection: str, tile: str) -> Document:
    """The catalog of one tile."""
    above = [links.root_link(2), links.parent_link(links.up(1, COLLECTION), collection)]
    return _catalog(f"{collection}-{tile}", tile, f"{collection}, tile {tile}", above)


def new_year(part: Part) -> Document:
    """The catalog of one year of one tile."""
    above = [links.root_link(3), links.parent_link(links.up(1, CATALOG), part.tile)]
    title = f"{part.tile} {part.year}"
    description = f"{part.collection}, tile {part.tile}, year {part.year}"
    return _catalog(f"{part.collection}-{part.tile}-{part.year}", title, description, above)


def linked(document: Mapping[str, Any], rel: str) -> set[str]:
    """Names of the folders that the `child` or `item` links point into."""
    below = (link for link in document["links"] if link.get("rel") == rel)
    return {name for link in below if (name := links.folder_named(link)) is not None}


def item_link_bytes(item_id: str) -> bytes:
    """How the link to an Item begins in the file of a year."""
    link = links.item_link(item_id)
    return orjson.dumps({"rel": link["rel"], "href": link["href"]})[:-1]


def with_items(document: Document, item_ids: Iterable[str], summary: Summary) -> Document:
    """A year with exactly these Items, links sorted by id."""
    below = [links.item_link(item_id) for item_id in sorted(item_ids)]
    return _with_below(document, "item", below) | {FIELD: summary.to_json()}


def with_years(document: Document, years: Collection[str], summary: Summary, tile: str) -> Document:
    """A tile with exactly these years."""
    below = [links.child_link(year, CATALOG, f"{tile} {year}") for year in sorted(years)]
    return _with_below(document, "child", below) | {FIELD: summary.to_json()}


def with_tiles(document: Document, tiles: Collection[str], summary: Summary) -> Document:
    """A Collection with exactly these tiles; `extent` and `summaries` follow."""
    below = [links.child_link(tile, CATALOG, tile) for tile in sorted(tiles)]
    kept = {
        name: value
        for name, value in (document.get("summaries") or {}).items()
        if name not in VALUES and name not in RANGES
    }
    return _with_below(document, "child", below) | {
        "extent": extent_of(summary),
        "summaries": summary.collection_summaries | kept,
        FIELD: summary.to_json(),
    }


def with_collection(document: Document, collection: str, title: str) -> Document:
    """A root that leads to a Collection."""
    return document | {
        "links": [*document["links"], links.child_link(collection, COLLECTION, title)]
    }


def without_collection(document: Document, collection: str) -> Document:
    """A root that no longer leads to a Collection."""
    kept = [
        link
        for link in document["links"]
        if link.get("rel") != "child" or links.folder_named(link) != collection
    ]
    return document | {"links": kept}


def leads_up(document: Document) -> bool:
    """Whether a catalog below the root has links to root and parent, and none to itself."""
    found = {link.get("rel") for link in document["links"]}
    return {"root", "parent"} <= found and "self" not in found


def with_links_up(document: Document, fresh: Document) -> Document:
    """A catalog with the links to root and parent of a fresh one, and no `self` link."""
    above = [link for link in fresh["links"] if link["rel"] in ("root", "parent")]
    others = [
        link for link in document["links"] if link.get("rel") not in ("self", "root", "parent")
    ]
    return document | {"links": above + others}


def without_below(document: Document, *rels: str) -> Document:
    """A catalog without its links of these relations."""
    return document | {"links": [k for k in document["links"] if k.get("rel") not in rels]}


def extent_of(summary: Summary) -> dict[str, Any]:
    """STAC `extent`; the whole world where no Item has a bbox."""
    bbox = summary.narrowest_bbox
    return {
        "spatial": {"bbox": [list(bbox) if bbox else _WHOLE_WORLD]},
        "temporal": {"interval": [list(summary.interval)]},
    }


def summary_in(document: Mapping[str, Any], path: str) -> Summary:
    """The summary that a catalog file keeps.

    Raises:
        CatalogError: It keeps none, so this package did not write it.
    """
    try:
        return Summary.from_json(document[FIELD])
    except (KeyError, TypeError, ValueError) as error:
        message = f"{path}: no {FIELD} of peps-stac in it: choose another catalog folder"
        raise CatalogError(message) from error


def _catalog(catalog_id: str, title: str, description: str, above: list[Link]) -> Document:
    return {
        "type": "Catalog",
        "id": catalog_id,
        "stac_version": STAC_VERSION,
        "stac_extensions": [],
        "title": title,
        "description": description,
        "links": above,
    }


def _with_below(document: Document, rel: str, below: list[Link]) -> Document:
    others = [link for link in document["links"] if link.get("rel") != rel]
    extensions = document.get("stac_extensions") or []
    if PEPS_SCHEMA not in extensions:
        extensions = [*extensions, PEPS_SCHEMA]
    return document | {"stac_extensions": extensions, "links": others + below}
