"""One scene in several versions: which is latest, said on each Item in STAC's version links.

Theia processes its archive again and again, so one pass over a tile comes as `V2-2` and later as
`V4-0`, its time some milliseconds or seconds off. Each is a product and an Item of its own.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import pystac

from peps_stac.muscate.names import ProductName, same_scene
from peps_stac.stac.extensions import VERSION_SCHEMA
from peps_stac.stac.orders import copy_of, declare

PREDECESSOR: Final = "predecessor-version"
SUCCESSOR: Final = "successor-version"
LATEST: Final = "latest-version"
"""Stands on every Item of a scene but the latest itself."""

_RELATIONS = (PREDECESSOR, SUCCESSOR, LATEST)


def with_versions(item: pystac.Item, others: Mapping[str, str]) -> pystac.Item:
    """A copy of an L2A Item that leads to the versions of its scene next to it and to the latest.

    Args:
        item: Version links that it has are replaced.
        others: The other versions of the scene: hrefs by id, as the Item's file has to write
            them; empty for an Item that is the only one.

    Raises:
        ResponseError: An id is not the name of a MAJA product.
    """
    changed = copy_of(item)
    changed.links = [link for link in changed.links if link.rel not in _RELATIONS]
    line = in_versions({item.id, *others})
    place = line.index(item.id)
    wanted = {
        PREDECESSOR: line[place - 1] if place > 0 else None,
        SUCCESSOR: line[place + 1] if place + 1 < len(line) else None,
        LATEST: line[-1] if line[-1] != item.id else None,
    }
    for relation, name in wanted.items():
        if name is not None:
            changed.add_link(pystac.Link(relation, others[name], pystac.MediaType.GEOJSON, name))
            declare(changed, VERSION_SCHEMA)
    return changed


def is_latest(item: pystac.Item) -> bool:
    """Whether an L2A Item is the latest version of its scene, as its own links tell."""
    return all(link.title == item.id for link in item.links if link.rel == LATEST)


def in_versions(ids: Iterable[str]) -> tuple[str, ...]:
    """Names of the products of one scene, the latest version last.

    Raises:
        ResponseError: One is not the name of a MAJA product.
    """
    return tuple(sorted(ids, key=_age))


def versions_of(product_id: str, ids: Iterable[str]) -> tuple[str, ...]:
    """Those of some names of products that show the same scene, the product itself included.

    A version of a version counts: each has to lead to all others, whoever is asked.

    Raises:
        ResponseError: One is not the name of a MAJA product.
    """
    left = {name: ProductName.parse(name) for name in ids if name != product_id}
    found = [(product_id, ProductName.parse(product_id))]
    for _, known in found:
        same = [name for name, parsed in left.items() if same_scene(parsed, known)]
        found += [(name, left.pop(name)) for name in same]
    return in_versions(name for name, _ in found)


def _age(product_id: str) -> tuple[object, ...]:
    name = ProductName.parse(product_id)
    return name.version_order, name.acquired, product_id
