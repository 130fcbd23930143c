"""Which dates a catalog has, and why it lacks the others; nothing is asked of a service."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from peps_stac.domain import MgrsTile, SearchQuery
from peps_stac.domain.instants import parse_instant
from peps_stac.errors import CatalogError, RequestError
from peps_stac.loading.selection import Period, Tiles, as_query
from peps_stac.stac.collections import L1C_COLLECTION, L2A_COLLECTION, OFFER_COLLECTION
from peps_stac.stac.orders import order_in
from peps_stac.store import Catalog
from peps_stac.store.walk import parts_in
from peps_stac.workflow.completeness import Completeness, ExpectedDate
from peps_stac.workflow.pairing import Scene, scene_of
from peps_stac.workflow.passes import KnownScene, expected_dates


def report(
    catalog: Catalog | Path | str,
    *,
    tiles: Tiles | None = None,
    datetime: Period | None = None,
) -> Completeness:
    """Every date that a catalog should have, and where each stands.

    Expected is each pass over a tile whose L1C scene the catalog knows, or whose product it has.
    What no search has saved and nobody added is unknown, and so not expected.

    Args:
        catalog: A catalog, or its folder; nothing in it is changed.
        tiles: Only these: `31TCJ` or several of them.
        datetime: Only this period: `A/B`, a day or an instant, or a pair of ends; both included.

    Raises:
        RequestError: A value makes no sense.
        CatalogError: The folder is no catalog, or an Item in it cannot be read.
    """
    given = catalog if isinstance(catalog, Catalog) else Catalog(catalog)
    return completeness(given, as_query(tiles=tiles, datetime=datetime))


def completeness(catalog: Catalog, query: SearchQuery) -> Completeness:
    """What `report` answers, for criteria that are checked already.

    Args:
        catalog: Where to look.
        query: `tiles`, `start` and `end` count.

    Raises:
        CatalogError: The folder is no catalog, or an Item in it cannot be read.
    """
    catalog.mend()
    chosen = [tile for tile in _tiles(catalog) if not query.tiles or tile in query.tiles]
    # Whole tiles: a series says something of dates whose scenes are not on it.
    found = (one for tile in chosen for one in _dates(catalog, tile))
    return Completeness(tuple(one for one in found if _is_in_period(one, query)))


def _tiles(catalog: Catalog) -> list[MgrsTile]:
    names = {
        part.tile
        for collection in catalog.collections()
        if collection in (L1C_COLLECTION, L2A_COLLECTION, OFFER_COLLECTION)
        for part in parts_in(str(catalog.root), collection)
    }
    return sorted(tile for name in names if (tile := _tile(name)))


def _tile(folder: str) -> MgrsTile | None:
    """None for the folder of scenes that are of no single tile."""
    try:
        return MgrsTile.parse(folder)
    except RequestError:
        return None


def _dates(catalog: Catalog, tile: MgrsTile) -> list[ExpectedDate]:
    products, offers = (
        catalog.ids(collection, tile=tile) for collection in (L2A_COLLECTION, OFFER_COLLECTION)
    )
    return expected_dates(tile, _scenes(catalog, tile), products, offers)


def _scenes(catalog: Catalog, tile: MgrsTile) -> Iterator[KnownScene]:
    for place, document in catalog.documents(L1C_COLLECTION, tile=tile):
        said = document["properties"]
        if said.get("processing:level", "L1C") == "L1C":
            scene = scene_of(place.item_id) or _scene(place.item_id, tile, said)
            yield KnownScene(scene, said.get("sat:relative_orbit"), order_in(document))


def _scene(item_id: str, tile: MgrsTile, said: dict[str, Any]) -> Scene:
    """A scene whose id is not ESA's name, by what its Item says."""
    when = said.get("start_datetime") or said.get("datetime")
    try:
        start = parse_instant(when or "")
    except (TypeError, ValueError, AttributeError) as error:
        message = f"Item {item_id}: datetime {when!r} is no instant"
        raise CatalogError(f"{message}; run `peps-stac validate`, mend the Item") from error
    return Scene("", item_id, said.get("platform", ""), str(tile), start)


def _is_in_period(one: ExpectedDate, query: SearchQuery) -> bool:
    return not (query.start and one.datetime < query.start) and not (
        query.end and one.datetime > query.end
    )
