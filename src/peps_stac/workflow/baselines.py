"""One product of each scene, where a service lists several baselines of it.

PEPS hides superseded products from its searches, but not always at once, and a catalog may know
a scene under the name that it had before it was processed anew.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import pystac

from peps_stac.muscate.names import SAME_SCENE
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.stac.orders import order_of
from peps_stac.store import Catalog
from peps_stac.workflow.looking import Refused
from peps_stac.workflow.pairing import Scene, scene_of


@dataclass(frozen=True, slots=True)
class OneOfEach:
    """Products found, each scene once."""

    items: tuple[pystac.Item, ...]
    refused: tuple[Refused, ...] = ()
    """Products that show the scene of another one."""
    stand_ins: tuple[str, ...] = ()
    """Those others, where they were not found but are known to the catalog."""


def one_of_each(catalog: Catalog, found: Sequence[pystac.Item]) -> OneOfEach:
    """The Items of different scenes.

    Of several products of a scene the one that is ordered already counts, though it may be known
    to the catalog alone; else the one of the latest baseline.
    """
    here = {item.id for item in found}
    names = here | set(_names_nearby(catalog, here))
    chosen: dict[str, str] = {}
    for together in _passes(names):
        name = _chosen(catalog, together, here)
        chosen |= {scene.name: name for scene in together}
    others = {name: chosen[name] for name in here if chosen.get(name, name) != name}
    return OneOfEach(
        tuple(item for item in found if item.id not in others),
        tuple(Refused(name, f"the same scene as {others[name]}") for name in sorted(others)),
        tuple(sorted(set(others.values()) - here)),
    )


def _chosen(catalog: Catalog, together: Sequence[Scene], here: Collection[str]) -> str:
    latest_first = [scene.name for scene in sorted(together, reverse=True)]
    if len(latest_first) > 1:
        ordered = next((name for name in latest_first if _is_ordered(catalog, name)), None)
        if ordered:
            return ordered
    return next((name for name in latest_first if name in here), latest_first[0])


def _is_ordered(catalog: Catalog, name: str) -> bool:
    item = catalog.get(name, L1C_COLLECTION)
    order = order_of(item) if item else None
    return order is not None and not order.is_withdrawn


def _names_nearby(catalog: Catalog, names: Iterable[str]) -> Iterator[str]:
    """Names of the scenes that the catalog knows of the same tiles and years."""
    scenes = [scene for name in names if (scene := scene_of(name))]
    for tile, year in sorted({(scene.tile, scene.start.year) for scene in scenes}):
        yield from catalog.ids(L1C_COLLECTION, tile=tile, year=year)


def _passes(names: Iterable[str]) -> Iterator[list[Scene]]:
    """Products of one scene together; those whose names tell nothing are left out."""
    together: list[Scene] = []
    scenes = (scene for name in names if (scene := scene_of(name)))
    for scene in sorted(scenes, key=lambda one: (one.platform, one.tile, one.start, one.name)):
        last = together[-1] if together else None
        if last and not _is_same(last, scene):
            yield together
            together = []
        together.append(scene)
    if together:
        yield together


def _is_same(one: Scene, other: Scene) -> bool:
    return (one.platform, one.tile) == (other.platform, other.tile) and (
        abs(one.start - other.start) <= SAME_SCENE
    )
