"""Which Items of the catalog are versions of one scene; names are enough to tell."""

from peps_stac.errors import ResponseError
from peps_stac.muscate.names import SAME_SCENE, ProductName
from peps_stac.stac.collections import L2A_COLLECTION
from peps_stac.stac.versions import versions_of, with_versions
from peps_stac.store import Catalog


def link_versions(catalog: Catalog, product_id: str) -> None:
    """Make all versions of a product's scene lead to each other and to the latest.

    May be done again, in whatever order the versions came.
    """
    with catalog.lock():
        names = scene_versions(catalog, product_id)
        items = [catalog.get(name, L2A_COLLECTION) for name in names] if len(names) > 1 else []
        there = [item for item in items if item is not None]
        hrefs = {item.id: catalog.item_href(item) for item in there}
        for item in there:
            others = {name: href for name, href in hrefs.items() if name != item.id}
            catalog.put(with_versions(item, others))


def scene_versions(catalog: Catalog, product_id: str) -> tuple[str, ...]:
    """Ids of the L2A Items of a product's scene, the product itself included, the latest last.

    Raises:
        ResponseError: Not the name of a MAJA product.
    """
    product = ProductName.parse(product_id)
    years = {(product.acquired + reach).year for reach in (-SAME_SCENE, SAME_SCENE)}
    names = [
        name
        for year in sorted(years)
        for name in catalog.ids(L2A_COLLECTION, tile=product.tile, year=year)
    ]
    return versions_of(product_id, filter(_is_of_maja, names))


def _is_of_maja(name: str) -> bool:
    try:
        ProductName.parse(name)
    except ResponseError:
        return False
    return True
