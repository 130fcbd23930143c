"""L1C Items by name, with or without an order."""

from typing import Any

import pystac

from builders import a_product
from peps_stac.domain import MgrsTile, Order
from peps_stac.stac.l1c import item_from_product
from peps_stac.stac.orders import with_order
from peps_stac.workflow.pairing import scene_of

S2A = "S2A_MSIL1C_20171127T105351_N0206_R051_T31TCJ_20171127T130253"
S2B = "S2B_MSIL1C_20171122T105349_N0206_R051_T31TCJ_20171122T125832"


def a_scene(name: str = S2A, order: Order | None = None, **changes: Any) -> pystac.Item:  # noqa: ANN401 -- of a product
    """The Item of a product, its platform, tile and time those of its name."""
    said: dict[str, Any] = {"name": name}
    if scene := scene_of(name):
        tile = MgrsTile.parse(scene.tile)
        said |= {"start": scene.start, "end": scene.start, "platform": scene.platform, "tile": tile}
    item = item_from_product(a_product(**{**said, **changes}))
    return with_order(item, order) if order else item
