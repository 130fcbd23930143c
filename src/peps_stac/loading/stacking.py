"""Items as the plain dicts that stackstac reads rightly.

stackstac 0.5 knows no CRS but `proj:epsg`, which pystac drops on reading; it opens relative hrefs
from the working directory, refuses Assets of two bands, and by default stacks every TIFF. Nodata
it takes from the file alone, so that MAJA's own files would show -1.0 outside the image.
"""

from collections.abc import Sequence
from typing import Any

import pystac

from peps_stac.loading.hrefs import absolute
from peps_stac.loading.layers import epsg_of
from peps_stac.loading.selection import Period, Place, Source, Tiles, select
from peps_stac.stac.collections import L2A_COLLECTION

_TIFF = "image/tiff"


def stackstac_items(  # noqa: PLR0913 -- criteria, all by keyword
    catalog: Source,
    *,
    collection: str = L2A_COLLECTION,
    bbox: Sequence[float] | None = None,
    intersects: Place | None = None,
    datetime: Period | None = None,
    tiles: Tiles | None = None,
    cloud_cover: float | None = None,
    platform: str | None = None,
    latest: bool = True,
) -> list[dict[str, Any]]:
    """Items as JSON that `stackstac.stack` puts on the native grid, as reflectance.

    Each has `proj:epsg`, and of its Assets the rasters of one band, with absolute hrefs. A file
    that does not tell its nodata value itself, as MAJA's own do not, is opened through GDAL's
    `vrt://…?a_nodata=…`, which does; a COG by its path. Name bands of one resolution:
    `stackstac.stack(items, assets=["B04", "B08"])`.

    Args:
        catalog: A catalog, its folder, or Items, also those that pystac has read.
        collection: As in `select`, and so are all others.
        bbox: As in `select`.
        intersects: As in `select`.
        datetime: As in `select`.
        tiles: As in `select`.
        cloud_cover: As in `select`.
        platform: As in `select`.
        latest: As in `select`.

    Raises:
        RequestError: A value makes no sense.
    """
    items = select(
        catalog,
        collection=collection,
        bbox=bbox,
        intersects=intersects,
        datetime=datetime,
        tiles=tiles,
        cloud_cover=cloud_cover,
        platform=platform,
        latest=latest,
    )
    return [_stackable(item) for item in items]


def _stackable(item: pystac.Item) -> dict[str, Any]:
    document = absolute(item)
    document["properties"]["proj:epsg"] = epsg_of(item)
    document["assets"] = {
        key: {**asset, "href": _with_nodata(asset)}
        for key, asset in document["assets"].items()
        if _is_stackable(asset)
    }
    return document


def _is_stackable(asset: dict[str, Any]) -> bool:
    is_raster = asset.get("type", "").startswith(_TIFF) and "proj:transform" in asset
    return is_raster and len(asset.get("raster:bands", ())) == 1


def _with_nodata(asset: dict[str, Any]) -> str:
    href = str(asset["href"])
    nodata = asset["raster:bands"][0].get("nodata")
    if nodata is None or asset["type"] == pystac.MediaType.COG:
        return href
    return f"vrt://{href}?a_nodata={nodata}"
