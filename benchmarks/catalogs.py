"""Catalogs of any size for the benchmarks: L2A Items of 20 assets each, as `add` makes them.

Each tile is seen every five days for seven years from two relative orbits at most, as in
reality, so a year of a tile has some hundred Items.
"""

import copy
import datetime as dt
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from peps_stac import AssetChoice, Catalog, add
from peps_stac.domain import MgrsTile
from peps_stac.peps.resto import read_product
from peps_stac.simulator.products import build_product
from peps_stac.simulator.scenes import features
from peps_stac.stac.collections import collection
from peps_stac.stac.layers import AssetMode
from peps_stac.store.layout import place_of
from peps_stac.store.links import item_links
from peps_stac.store.records import Record
from peps_stac.store.tree import summary_of
from peps_stac.store.writer import Writer

ASSETS = 20
ITEMS_A_TILE = 1000
BEGIN = dt.datetime(2016, 1, 1, 10, 58, 27, 648000, tzinfo=dt.UTC)
DAYS = 7 * 365
_CHUNK = 2000
_ROWS = "ABCDEFGHJKLMNPQRSTUV"

Document = dict[str, Any]


def template() -> Document:
    """The Item of one simulated product, with some of its assets and a plain footprint."""
    day = dt.date(2017, 11, 27)
    with tempfile.TemporaryDirectory() as folder:
        [feature] = features([MgrsTile.parse("31TCJ")], day, day)
        product = build_product(read_product(feature), Path(folder), size=122)
        catalog = Catalog(Path(folder, "catalog"))
        list(add(catalog, [product], assets=AssetChoice(AssetMode.RAW)))
        [(_, document)] = catalog.documents()
    document["assets"] = dict(list(document["assets"].items())[:ASSETS])
    return document


def documents(count: int) -> Iterator[Document]:
    """So many Items, each with links, id, date, place, cloud cover and hrefs of its own."""
    model = template()
    chance = random.Random(1)  # noqa: S311 -- repeatable, not secret
    written = orjson.dumps(model).decode()
    for number in range(count):
        row, seen = divmod(number, ITEMS_A_TILE)
        tile = f"31T{'CDEFG'[row % 5]}{_ROWS[row // 5 % 20]}"
        when = BEGIN + dt.timedelta(days=seen * DAYS // ITEMS_A_TILE, seconds=row)
        unit = "ab"[number % 2]
        name = f"SENTINEL2{unit.upper()}_{when:%Y%m%d-%H%M%S}-648_L2A_T{tile}_C_V1-0"
        document = orjson.loads(written.replace(model["id"], name))
        west, south = row % 5 - 2.0, 40 + row // 5 * 0.5
        document["bbox"] = [west, south, west + 1, south + 0.9]
        document["geometry"] = rectangle(west, south, west + 1, south + 0.9)
        text = when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        document["properties"] |= {
            "datetime": text,
            "platform": f"sentinel-2{unit}",
            "grid:code": f"MGRS-{tile}",
            "eo:cloud_cover": round(chance.random() * 100, 2),
        }
        for edge in ("start_datetime", "end_datetime"):
            if edge in document["properties"]:
                document["properties"][edge] = text
        document["links"] = [*item_links(place_of(document).part)]
        yield document


def rectangle(west: float, south: float, east: float, north: float) -> Document:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def make_catalog(root: Path, count: int) -> Catalog:
    """A catalog of so many Items."""
    catalog = Catalog(root)
    writer, records = Writer(str(catalog.root), collection), []
    for document in documents(count):
        content = orjson.dumps(document)
        records.append(Record(place_of(document), content, summary_of(document, ""), None))
        if len(records) == _CHUNK:
            _put(catalog, writer, records)
    _put(catalog, writer, records)
    return catalog


def _put(catalog: Catalog, writer: Writer, records: list[Record]) -> None:
    with catalog.lock():
        writer.put(copy.copy(records))
    records.clear()


if __name__ == "__main__":
    make_catalog(Path(sys.argv[1]), int(sys.argv[2]))
