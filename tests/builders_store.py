"""Items and catalogs for the tests of the store."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pystac

from peps_stac.errors import RequestError
from peps_stac.store import Catalog

SCENES = "scenes"
PRODUCTS = "products"
TOULOUSE = (0.5, 43.2, 1.9, 44.3)
NOON = datetime(2017, 11, 27, 10, 58, 27, tzinfo=UTC)

Box = tuple[float, float, float, float]


def skeleton(collection_id: str) -> pystac.Collection:
    """Two Collections of no profile, so that Items may be as small as the tests need."""
    if collection_id not in (SCENES, PRODUCTS):
        raise RequestError(f"no Collection {collection_id!r}")
    world = pystac.SpatialExtent([[-180.0, -90.0, 180.0, 90.0]])
    extent = pystac.Extent(world, pystac.TemporalExtent([[NOON, None]]))
    title = collection_id.capitalize()
    return pystac.Collection(
        collection_id, f"{title} of the tests", extent, title=title, license="other"
    )


def rectangle(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """GeoJSON of a box; split where it crosses the antimeridian."""

    def ring(left: float, right: float) -> list[list[list[float]]]:
        return [[[left, south], [right, south], [right, north], [left, north], [left, south]]]

    if west > east:
        return {"type": "MultiPolygon", "coordinates": [ring(west, 180.0), ring(-180.0, east)]}
    return {"type": "Polygon", "coordinates": ring(west, east)}


def an_item(  # noqa: PLR0913 -- a builder
    item_id: str = "S2A_31TCJ_20171127",
    *,
    collection_id: str | None = SCENES,
    tile: str | None = "31TCJ",
    when: datetime = NOON,
    bbox: Box = TOULOUSE,
    cloud_cover: float | None = 12.5,
    **properties: Any,  # noqa: ANN401 -- STAC properties
) -> pystac.Item:
    """A scene over Toulouse; no asset."""
    facts: dict[str, Any] = {
        "platform": "sentinel-2a",
        "constellation": "sentinel-2",
        "instruments": ["msi"],
        "gsd": 10,
        "grid:code": f"MGRS-{tile}" if tile else None,
        "eo:cloud_cover": cloud_cover,
        **properties,
    }
    return pystac.Item(
        id=item_id,
        geometry=rectangle(*bbox),
        bbox=list(bbox),
        datetime=when,
        properties={name: value for name, value in facts.items() if value is not None},
        collection=collection_id,
    )


def a_product(item_id: str = "L2A_31TCJ_20171127", **changes: Any) -> pystac.Item:  # noqa: ANN401 -- as an_item
    """An Item with one asset beside it, `./data.bin`."""
    item = an_item(item_id, collection_id=PRODUCTS, **changes)
    asset = pystac.Asset("./data.bin", media_type="application/octet-stream", roles=["data"])
    item.add_asset("data", asset)
    return item


def some_items(count: int, prefix: str = "S2A", **changes: Any) -> list[pystac.Item]:  # noqa: ANN401 -- as an_item
    """Distinct Items of one tile over five years, cloud cover and bbox of each its own."""
    return [
        an_item(
            f"{prefix}_31TCJ_{number:05d}",
            when=NOON.replace(year=2015 + number % 5, month=1 + number % 12),
            cloud_cover=float(number % 100),
            bbox=(0.5 - number / 1000, 43.2, 1.9, 44.3 + number / 1000),
            **changes,
        )
        for number in range(count)
    ]


def a_catalog(folder: Path, *items: pystac.Item) -> Catalog:
    """A catalog that holds some Items."""
    catalog = Catalog(folder, skeleton=skeleton)
    if items:
        catalog.put_all(items)
    return catalog


def add_product(catalog: Catalog, item: pystac.Item, content: bytes = b"data") -> None:
    """Puts an Item of `a_product` with its file."""
    with catalog.staging() as folder:
        (folder / "data.bin").write_bytes(content)
        catalog.put_with_files(item, folder)


def files_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Inode and time of each file of the catalog proper; a rewritten file has others."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and not any(p.startswith(".") for p in path.relative_to(folder).parts)
    }


def rewritten(before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]]) -> list[str]:
    """Files that are new or were written again, sorted."""
    return sorted(path for path, identity in after.items() if before.get(path) != identity)
