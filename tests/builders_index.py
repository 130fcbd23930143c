"""Catalogs to search and to index, whatever their Items say."""

from pathlib import Path
from typing import Any

import orjson

from builders_store import SCENES, a_catalog, an_item, some_items
from peps_stac.store import Catalog
from peps_stac.store.index import reindex
from peps_stac.store.layout import Place
from peps_stac.store.search import search
from peps_stac.store.search_criteria import Criteria


def an_indexed_catalog(folder: Path, count: int = 30) -> Catalog:
    """Two tiles and five years of scenes, indexed."""
    catalog = a_catalog(folder, *some_items(count), *other_tile(count // 3))
    reindex(catalog)
    return catalog


def other_tile(count: int) -> list[Any]:
    """Scenes of 30TYP, each beside the others."""
    return [
        an_item(
            f"S2B_30TYP_{number:05d}",
            tile="30TYP",
            platform="sentinel-2b",
            bbox=(-3.0 + number / 100, 43.0, -2.0, 44.0),
        )
        for number in range(count)
    ]


def parquet_files(catalog: Catalog) -> dict[str, tuple[int, int]]:
    """Inode and time of `items.parquet` of each year."""
    return {
        path.parent.relative_to(catalog.root).as_posix(): (
            path.stat().st_ino,
            path.stat().st_mtime_ns,
        )
        for path in catalog.root.glob("*/*/*/items.parquet")
    }


def found_by(
    catalog: Catalog, criteria: Criteria, *, use_index: bool, collection: str = SCENES
) -> list[str]:
    """Ids of what a search finds in one of the two ways."""
    found = search(str(catalog.root), collection, criteria, use_index=use_index)
    return [place.item_id for place, _ in found]


def rewrite(catalog: Catalog, place: Place, **properties: Any) -> None:  # noqa: ANN401 -- of STAC
    """Changes an Item's file in place, as no program of this package does."""
    path = catalog.root / place.path
    document = orjson.loads(path.read_bytes())
    document["properties"] |= properties
    with path.open("r+b") as file:
        file.truncate()
        file.write(orjson.dumps(document))
