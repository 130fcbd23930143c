"""Which scenes need not be ordered, because Theia has made them with MAJA already."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import pystac

from peps_stac.domain import MgrsTile, SearchQuery
from peps_stac.errors import PepsStacError
from peps_stac.provider.interface import Catalogue
from peps_stac.tell import Tell, silent
from peps_stac.workflow.pairing import LONGEST_PASS, Scene, products_of, scene_of
from peps_stac.workflow.search import search


class Theia:
    """Looks scenes up at GEODES, before they are ordered; an `Elsewhere`.

    One search tells of all scenes that are asked for together. When it fails, that is told, and
    the scenes are ordered as if nobody had them.

    Args:
        client: Of GEODES.
        tell: Hears of a search that failed.
    """

    def __init__(self, client: Catalogue, *, tell: Tell = silent) -> None:
        self._client = client
        self._tell = tell
        self._offers: dict[str, pystac.Item] = {}

    @property
    def offers(self) -> tuple[pystac.Item, ...]:
        """Items of the products that were found for scenes; not saved."""
        return tuple(self._offers.values())

    def __call__(self, items: Sequence[pystac.Item]) -> Mapping[str, str]:
        """By Item id, where its product is to be had, for a person."""
        scenes = {item.id: scene for item in items if (scene := scene_of(item.id))}
        if not scenes:
            return {}
        try:
            found = {item.id: item for item in search(self._client, _query(scenes.values()))}
        except PepsStacError as error:
            self._tell(f"what Theia has made cannot be looked up ({error}); ordering without")
            return {}
        finished = {}
        for item_id, scene in scenes.items():
            if names := products_of(scene, found):
                finished[item_id] = f"GEODES as {names[0]}"
                self._offers |= {name: found[name] for name in names}
        return finished


def _query(scenes: Iterable[Scene]) -> SearchQuery:
    all_scenes = tuple(scenes)
    starts: list[datetime] = [scene.start for scene in all_scenes]
    tiles = sorted({scene.tile for scene in all_scenes})
    return SearchQuery(
        tiles=tuple(MgrsTile.parse(tile) for tile in tiles),
        start=min(starts),
        end=max(starts) + LONGEST_PASS,
        level="L2A",
    )
