"""Pixels as they stand in the files, one slice a product, through odc-stac.

odc-stac is given Items made for it, which say of each file just what it needs: the CRS in every
spelling, the grid and data type of each Asset, hrefs that open, one band a file, and no eo names
to choose by. EDG gets 1 as nodata, so that what no file covers is outside, not inside.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import odc.stac
import pystac
import xarray as xr
from odc.geo.geobox import GeoBox

from peps_stac.loading.layers import Kind, Layer, Raster, epsg_of
from peps_stac.stac.extensions import PROJECTION_SCHEMA, RASTER_SCHEMA

Rasters = Mapping[Layer, Raster]
"""Of one Item."""

NEAREST: Final = "nearest"

_ROWS_A_CHUNK = 1024
_OUTSIDE = 1


def read(  # noqa: PLR0913 -- by keyword
    items: Sequence[pystac.Item],
    rasters: Sequence[Rasters],
    *,
    grid: GeoBox,
    chunks: Mapping[str, int] | None,
    resampling: str,
    options: Mapping[str, Any],
) -> xr.Dataset:
    """One variable a layer, named by its key; one slice an Item, in their order.

    Args:
        items: The Items.
        rasters: Of each Item, all with the same layers.
        grid: What to read on.
        chunks: As in `load`.
        resampling: Of all but masks, which take the nearest pixel.
        options: Further ones of `odc.stac.load`.
    """
    # Means of files that do not tell their nodata value would count it as a reflectance.
    with_nodata = resampling != NEAREST
    plain = [
        _for_odc(item, files, with_nodata=with_nodata)
        for item, files in zip(items, rasters, strict=True)
    ]
    layers = list(rasters[0])
    methods = {layer.key: NEAREST if _is_mask(layer) else resampling for layer in layers}
    dataset: xr.Dataset = odc.stac.load(
        plain,
        bands=[layer.key for layer in layers],
        geobox=grid,
        groupby="id",
        chunks=None if chunks is None else _chunks(chunks, grid),
        resampling=methods,
        **options,
    )
    return dataset


def _for_odc(item: pystac.Item, rasters: Rasters, *, with_nodata: bool) -> pystac.Item:
    made = pystac.Item(
        id=item.id,
        geometry=None,
        bbox=None,
        datetime=item.datetime,
        properties={},
        stac_extensions=[PROJECTION_SCHEMA, RASTER_SCHEMA],
    )
    code = epsg_of(item)
    made.properties |= {"proj:epsg": code, "proj:code": f"EPSG:{code}"}
    for layer, raster in rasters.items():
        made.add_asset(layer.key, _asset(layer, raster, with_nodata=with_nodata))
    return made


def _asset(layer: Layer, raster: Raster, *, with_nodata: bool) -> pystac.Asset:
    nodata = _OUTSIDE if layer.kind is Kind.EDGE else raster.encoding.nodata
    known = {"data_type": raster.encoding.data_type, "nodata": nodata}
    band = {name: value for name, value in known.items() if value is not None}
    fields = {
        "proj:shape": list(raster.shape),
        "proj:transform": list(raster.transform),
        "bands": [band],
        "raster:bands": [band],
    }
    return pystac.Asset(
        raster.href(with_nodata=with_nodata),
        media_type=pystac.MediaType.GEOTIFF,
        roles=["data"],
        extra_fields=fields,
    )


def _is_mask(layer: Layer) -> bool:
    return layer.kind in (Kind.BITS, Kind.EDGE)


def _chunks(given: Mapping[str, int], grid: GeoBox) -> dict[str, int | Literal["auto"]]:
    """Whole rows where nothing is said: the cheapest way through MAJA's own striped files."""
    rows, columns = grid.shape
    return {"y": min(rows, _ROWS_A_CHUNK), "x": columns, **given, "time": 1}
