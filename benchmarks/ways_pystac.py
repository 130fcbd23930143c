"""pystac, with a catalog a tile and flat.

For each link to elsewhere (`via`) pystac looks through the whole catalog when it saves
(`target_in_hierarchy`), so search results are also measured without these links.
"""

# ruff: noqa: PTH120

import os
import shutil
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import pystac
from inputs import (
    ADDED,
    COLLECTION,
    Document,
    Said,
    documents,
    first,
    fresh,
    median_of,
    peak_mb,
    sample,
    tile_of,
    timed,
    written_by,
)

Parents = dict[str, pystac.Catalog]
Parent = Callable[[Parents, pystac.Item], pystac.Catalog]
REMOVED = 1
"""Each takes seconds."""
SELF_CONTAINED = pystac.CatalogType.SELF_CONTAINED


def build_pystac(root: str, source: str) -> None:
    _save(root, map(item_of, documents(source)), _tile)


def build_pystac_flat(root: str, source: str) -> None:
    _save(root, map(item_of, documents(source)), lambda parents, _item: parents[""])


def results_pystac(root: str, source: str) -> float:
    """From Items that are there already."""
    return _results(root, source, without=())


def results_pystac_plain(root: str, source: str) -> float:
    """Without their links to elsewhere."""
    return _results(root, source, without=("via",))


def _results(root: str, source: str, *, without: tuple[str, ...]) -> float:
    from ways_store import items_found  # noqa: PLC0415 -- not in the memory of the other steps

    items = list(items_found(source))
    for item in items:
        for rel in without:
            item.clear_links(rel)
    began = time.perf_counter()
    _save(root, items, _tile)
    return time.perf_counter() - began


def item_of(document: Document) -> pystac.Item:
    return pystac.Item.from_dict(document | {"links": []}, migrate=False, preserve_dict=False)


def _tile(parents: Parents, item: pystac.Item) -> pystac.Catalog:
    tile = tile_of({"properties": item.properties})
    if tile not in parents:
        parents[tile] = pystac.Catalog(tile, f"Tile {tile}")
        parents[""].add_child(parents[tile])
    return parents[tile]


def _save(root: str, items: Iterable[pystac.Item], parent: Parent) -> None:
    world = pystac.SpatialExtent([[-180.0, -90.0, 180.0, 90.0]])
    begin = pystac.TemporalExtent([[datetime(2015, 1, 1, tzinfo=UTC), None]])
    collection = pystac.Collection(COLLECTION, "Products", pystac.Extent(world, begin))
    catalog = pystac.Catalog("catalog", "Catalog")
    catalog.add_child(collection)
    parents: Parents = {"": collection}
    for item in items:
        parent(parents, item).add_item(item)
    catalog.normalize_hrefs(root)
    catalog.save(SELF_CONTAINED)


def add_pystac_saved(root: str, source: str) -> Said:
    """With care: the Item and its parent alone; extents stay as they were."""
    model = first(source)
    parent = f"{root}/{COLLECTION}/{tile_of(model)}/catalog.json"

    def add(item: pystac.Item) -> None:
        tile = pystac.Catalog.from_file(parent)
        tile.add_item(item)
        item.set_self_href(f"{os.path.dirname(parent)}/{item.id}/{item.id}.json")
        item.save_object(include_self_link=False)
        tile.save_object(include_self_link=False)

    items = [item_of(fresh(model, number)) for number in range(ADDED)]
    seconds = median_of(items, add)
    return {"seconds": seconds, **written_by(root, lambda: add(item_of(fresh(model, 500))))}


def add_pystac_whole(root: str, source: str) -> Said:
    """As the documentation shows it: every file is written again."""
    model = first(source)

    def add() -> None:
        catalog = pystac.Catalog.from_file(f"{root}/catalog.json")
        tile = catalog.get_child(tile_of(model), recursive=True)
        if tile is None:
            raise SystemExit(f"{root}: no tile {tile_of(model)}")
        tile.add_item(item_of(fresh(model, 999)))
        catalog.normalize_hrefs(root)
        catalog.save(SELF_CONTAINED)

    seconds: list[float] = []
    said = written_by(root, lambda: seconds.append(timed(add)))
    return said | {"seconds": seconds[0], "peak_mb": peak_mb()}


def change_pystac(root: str, source: str) -> float:
    folders = ((f"{root}/{COLLECTION}/{tile_of(d)}", d["id"]) for d in sample(source))
    paths = [f"{folder}/{name}/{name}.json" for folder, name in folders]
    began = time.perf_counter()
    for path in paths:
        item = pystac.Item.from_file(path)
        item.properties["order:status"] = f"succeeded {time.time()}"
        item.save_object(include_self_link=False)
    return time.perf_counter() - began


def remove_pystac(root: str, source: str) -> float:
    """The parent is read and saved, the Item's folder deleted; extents stay as they were."""
    model = first(source)
    parent = f"{root}/{COLLECTION}/{tile_of(model)}/catalog.json"
    tile = pystac.Catalog.from_file(parent)
    items = [item_of(fresh(model, 600 + number)) for number in range(REMOVED)]
    for item in items:
        tile.add_item(item)
        item.set_self_href(f"{os.path.dirname(parent)}/{item.id}/{item.id}.json")
        item.save_object(include_self_link=False)
    tile.save_object(include_self_link=False)

    def remove(name: str) -> None:
        tile = pystac.Catalog.from_file(parent)
        tile.remove_item(name)
        tile.save_object(include_self_link=False)
        shutil.rmtree(f"{os.path.dirname(parent)}/{name}")

    return median_of((item.id for item in items), remove)


def read_pystac(root: str, _source: str) -> None:
    for _ in pystac.Catalog.from_file(f"{root}/catalog.json").get_items(recursive=True):
        pass
