"""What an L2A Item has of its product, and the same Item with more of it."""

from datetime import datetime

import pystac

from peps_stac.domain.instants import format_instant
from peps_stac.stac.l2a import LEFT_OUT, MODE
from peps_stac.stac.l2a_assets import with_thumbnail_beside
from peps_stac.stac.layers import THUMBNAIL_KEY, AssetMode, in_order
from peps_stac.stac.orders import copy_of, declare

_IN_ARCHIVE = "/vsizip/"


def mode_of(item: pystac.Item) -> AssetMode:
    """In what form the files of an Item are kept; of an Item that does not say, by its Assets."""
    said = item.properties.get(MODE)
    if said in list(AssetMode):
        return AssetMode(said)
    assets = item.assets.values()
    if any(asset.media_type == pystac.MediaType.COG for asset in assets):
        return AssetMode.COG
    if any(asset.href.startswith(_IN_ARCHIVE) for asset in assets):
        return AssetMode.ZIP
    return AssetMode.RAW


def left_out_of(item: pystac.Item) -> tuple[str, ...]:
    """Keys of Assets that the product of an Item could have and the Item has not."""
    return tuple(item.properties.get(LEFT_OUT, ()))


def completed(known: pystac.Item, new: pystac.Item, now: datetime) -> pystac.Item:
    """A copy of an Item with the Assets that another Item of the same product adds.

    What the first says of its own stays; of keys that both have, the file of `known`.

    Args:
        known: Changed last, or made, by an earlier run.
        new: The rest of the product, in the same mode.
        now: Becomes `updated`.
    """
    item, more = copy_of(known), copy_of(new)
    assets = {**more.assets, **item.assets}
    if THUMBNAIL_KEY in assets:
        assets = {key: with_thumbnail_beside(key, asset) for key, asset in assets.items()}
    item.assets = {}
    for key in in_order(assets):
        item.add_asset(key, assets[key])
    still_out = [key for key in left_out_of(known) if key not in assets]
    item.properties = {**item.properties, MODE: str(mode_of(new)), LEFT_OUT: still_out}
    if not still_out:
        del item.properties[LEFT_OUT]
    item.properties["updated"] = format_instant(now)
    declare(item, *new.stac_extensions)
    return item
