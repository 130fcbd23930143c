"""Items that have left their catalog: every href absolute, so that they can be read anywhere."""

from collections.abc import Mapping
from posixpath import dirname
from typing import Any

import pystac

from peps_stac.store.links import is_local, resolved


def absolute(item: pystac.Item) -> dict[str, Any]:
    """An Item as STAC JSON, spelled as on disk, its own path as `self`; good on this machine."""
    document = item.to_dict(transform_hrefs=False)
    for key, asset in item.assets.items():
        document["assets"][key]["href"] = asset.get_absolute_href() or asset.href
    for written, link in zip(document["links"], item.links, strict=True):
        written["href"] = link.get_absolute_href() or written["href"]
    return document


def absolute_document(document: Mapping[str, Any], path: str) -> dict[str, Any]:
    """As `absolute`, for the JSON of an Item as it stands in a file.

    Args:
        document: Left as it is.
        path: Absolute path of its file.
    """
    folder = dirname(path)
    itself = {"rel": "self", "href": path, "type": str(pystac.MediaType.GEOJSON)}
    links = [link for link in document["links"] if link.get("rel") != "self"]
    assets = document.get("assets", {})
    return {
        **document,
        "links": [itself, *(_based(link, folder) for link in links)],
        "assets": {key: _based(asset, folder) for key, asset in assets.items()},
    }


def _based(said: Mapping[str, Any], folder: str) -> dict[str, Any]:
    href = str(said["href"])
    return {**said, "href": resolved(href, folder) if is_local(href) else href}
