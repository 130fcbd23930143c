"""Which L1C scene and which L2A product are the same pass over the same tile.

Names are enough: both hold platform, tile and time, so no Item has to be opened. An L1C name
tells the start of the datatake, an L2A name the mean time of the tile, up to a quarter of an
hour later (muscate names, ESA product names).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pystac

from peps_stac.domain import L1CName
from peps_stac.errors import ResponseError
from peps_stac.muscate.names import ProductName
from peps_stac.stac.collections import L1C_COLLECTION, L2A_COLLECTION
from peps_stac.store import Catalog

LONGEST_PASS = timedelta(minutes=15)
"""From the start of a datatake to the sensing of its last tile."""


@dataclass(frozen=True, slots=True, order=True)
class Scene:
    """One L1C product, as its name tells it."""

    baseline: str
    """`05.00`; a later baseline of the same scene sorts last."""
    name: str
    platform: str
    tile: str
    start: datetime


def scene_of(name: str) -> Scene | None:
    """What an L1C name tells; None for a name of another form."""
    said = L1CName.parse(name)
    if said is None or said.level != "L1C":
        return None
    return Scene(said.baseline, name, said.platform, str(said.tile), said.start)


def scenes_of(product: ProductName, names: Iterable[str]) -> tuple[str, ...]:
    """The L1C names of the pass that an L2A product shows, latest baseline first."""
    scenes = [scene for name in names if (scene := scene_of(name)) and _agree(scene, product)]
    return tuple(scene.name for scene in sorted(scenes, reverse=True))


def products_of(scene: Scene, names: Iterable[str]) -> tuple[str, ...]:
    """The L2A names of the pass that an L1C scene shows."""
    # Of a year of names nearly all are told by their day, without being parsed.
    days = {f"_{instant:%Y%m%d}-" for instant in (scene.start, scene.start + LONGEST_PASS)}
    return tuple(
        name
        for name in names
        if any(day in name for day in days)
        and (product := _product_of(name))
        and _agree(scene, product)
    )


class KnownProducts:
    """The L2A products of a catalog, each tile and year listed once: for many scenes at once.

    Args:
        catalog: Where to look.
        collection: That of the products on this disk, or of those on a service.
    """

    def __init__(self, catalog: Catalog, collection: str = L2A_COLLECTION) -> None:
        self._catalog = catalog
        self._collection = collection
        self._listed: dict[tuple[str, int], tuple[str, ...]] = {}

    def of(self, item: pystac.Item) -> tuple[str, ...]:
        """As `l2a_of`, by what was there when the tile and year were first asked for."""
        return self.of_name(item.id)

    def of_name(self, name: str) -> tuple[str, ...]:
        """The same for the name of a scene."""
        scene = scene_of(name)
        if scene is None:
            return ()
        years = sorted({scene.start.year, (scene.start + LONGEST_PASS).year})
        return products_of(scene, (name for year in years for name in self._of(scene.tile, year)))

    def _of(self, tile: str, year: int) -> tuple[str, ...]:
        if (tile, year) not in self._listed:
            found = self._catalog.ids(self._collection, tile=tile, year=year)
            self._listed[tile, year] = tuple(found)
        return self._listed[tile, year]


def l2a_of(catalog: Catalog, item: pystac.Item) -> tuple[str, ...]:
    """Ids of the L2A Items of the catalog that show the scene of an L1C Item."""
    return KnownProducts(catalog).of(item)


def l1c_of(catalog: Catalog, product: ProductName) -> tuple[str, ...]:
    """Ids of the L1C Items of the catalog that an L2A product shows, latest baseline first."""
    tile = str(product.tile)
    years = sorted({product.acquired.year, (product.acquired - LONGEST_PASS).year})
    names = (name for year in years for name in catalog.ids(L1C_COLLECTION, tile=tile, year=year))
    return scenes_of(product, names)


def _product_of(name: str) -> ProductName | None:
    try:
        return ProductName.parse(name)
    except ResponseError:
        return None


def _agree(scene: Scene, product: ProductName) -> bool:
    return (
        scene.platform == product.platform
        and scene.tile == str(product.tile)
        and timedelta(0) <= product.acquired - scene.start <= LONGEST_PASS
    )
