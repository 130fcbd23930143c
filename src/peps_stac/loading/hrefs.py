"""Items that have left their catalog: every href absolute, so that they can be read anywhere."""

from typing import Any

import pystac


def absolute(item: pystac.Item) -> dict[str, Any]:
    """An Item as STAC JSON, spelled as on disk, its own path as `self`; good on this machine."""
    document = item.to_dict(transform_hrefs=False)
    for key, asset in item.assets.items():
        document["assets"][key]["href"] = asset.get_absolute_href() or asset.href
    for written, link in zip(document["links"], item.links, strict=True):
        written["href"] = link.get_absolute_href() or written["href"]
    return document
