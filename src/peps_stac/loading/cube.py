"""`load`: bands of the catalog as one xarray Dataset, masked item by item, then merged by day."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

import numpy as np
import pystac
import xarray as xr

from peps_stac.domain import SearchQuery
from peps_stac.errors import RequestError
from peps_stac.loading.grid import Extent, middle_longitude, output_grid
from peps_stac.loading.layers import (
    Encoding,
    Kind,
    Layer,
    epsg_of,
    has,
    layer_named,
    mask_layer,
    raster_of,
    shared_encoding,
)
from peps_stac.loading.masking import counts, needed, physical
from peps_stac.loading.mosaic import groups_of, mosaic
from peps_stac.loading.reading import NEAREST, Rasters, read
from peps_stac.loading.selection import Period, Place, Source, Tiles, as_query, find
from peps_stac.store import Catalog
from peps_stac.store.search_criteria import areas

BANDS_10_M: Final = ("B02", "B03", "B04", "B08")
DASK: Final[Mapping[str, int]] = MappingProxyType({})

_MASKED = "clear"


@dataclass(frozen=True, slots=True)
class _Wish:
    """How the pixels are wanted."""

    layers: Mapping[str, Layer]
    """By the name that the caller used."""
    clear: bool
    scaled: bool


def load(  # noqa: PLR0913 -- one call, everything optional and by keyword
    catalog: Source,
    *,
    bands: str | Iterable[str] = BANDS_10_M,
    bbox: Sequence[float] | None = None,
    intersects: Place | None = None,
    datetime: Period | None = None,
    tiles: Tiles | None = None,
    cloud_cover: float | None = None,
    platform: str | None = None,
    latest: bool = True,
    masks: Literal["clear"] | None = None,
    scaled: bool = True,
    groupby: Literal["solar_day", "time", "id"] = "solar_day",
    chunks: Mapping[str, int] | None = DASK,
    crs: str | int | None = None,
    resolution: float | None = None,
    resampling: str = NEAREST,
    **odc_options: Any,  # noqa: ANN401 -- whatever odc.stac.load takes
) -> xr.Dataset:
    """Bands of all products that match, on the grid of their tile.

    Each product is masked by its own masks first; then those of one day are merged, and of
    each pixel the first that counts is taken. Where 10 m and 20 m bands are asked for together,
    the grid is that of 10 m and each pixel of 20 m fills four (nearest).

    Args:
        catalog: A catalog, its folder, or Items from `select`.
        bands: Keys (`B04`, `SRE_B04`, `WVC_R1`, `CLM_R2`) or common names (`red`, `nir08`);
            common names and plain keys mean FRE wherever a product has it. A variable is called
            as its band is here. Masks come as they are, uint8, 0 outside the image as well as
            for "no": ask for EDG too.
        bbox: West, south, east, north, degrees: only products and pixels there, in whole
            pixels. West greater than east crosses the antimeridian.
        intersects: Only products that touch this geometry, and pixels in the box round it.
        datetime: As in `select`.
        tiles: As in `select`.
        cloud_cover: As in `select`.
        platform: As in `select`.
        latest: As in `select`: a scene that came in several versions counts once.
        masks: `clear` leaves out what CLM calls cloud or shadow (bit 0: all clouds but the
            thinnest, and all shadows; not thin clouds, bit 4, nor cirrus, bit 7), what SAT calls
            saturated in the band itself, and what EDG calls outside.
        scaled: Reflectances (1 is 100 %), WVC (g/cm2) and AOT as float32, NaN where there are no
            data. False: numbers as in the files, with their `nodata` value (attribute) there.
        groupby: `solar_day`: one slice a day by the sun at the place. `time`: one an instant.
            `id`: one a product.
        chunks: Dask chunks, pixels by `x`, `y` and slices by `time`; what is not said is chosen:
            1024 whole rows of one slice. None loads at once.
        crs: Such as `EPSG:3035`: resample there; needed for tiles of several UTM zones.
        resolution: Of the grid, in units of its CRS; None: the finest of the bands asked for.
        resampling: How reflectance and atmosphere are resampled where the grid is not their
            own: `nearest`, `average`, ... Masks always take the nearest pixel.
        **odc_options: For `odc.stac.load`, such as `pool` or `progress`.

    Returns:
        Variables with dimensions `time` (UTC, of the first product of a slice), `y`, `x`, and
        the CRS in `spatial_ref`, as odc-geo and rioxarray read it.

    Raises:
        RequestError: Nothing matches, a band that is not there, tiles of several zones.
    """
    wish = _wish(bands, masks, scaled=scaled)
    query = as_query(
        bbox=bbox,
        intersects=intersects,
        datetime=datetime,
        tiles=tiles,
        cloud_cover=cloud_cover,
        platform=platform,
    )
    items = _found(catalog, query, latest=latest)
    rasters = _rasters(items, wish)
    grid = output_grid(
        [_extent(item, files) for item, files in zip(items, rasters, strict=True)],
        crs=crs,
        resolution=resolution,
        finest=min(files[each].resolution for each in wish.layers.values() for files in rasters),
        places=areas(query),
    )
    groups = groups_of([_utc(item) for item in items], groupby, middle_longitude(grid))
    raw = read(items, rasters, grid=grid, chunks=chunks, resampling=resampling, options=odc_options)
    merged = {
        name: _variable(raw, layer, shared_encoding(layer, rasters), wish, groups)
        for name, layer in wish.layers.items()
    }
    result = xr.Dataset(merged)
    return result.chunk({"time": chunks["time"]}) if chunks and "time" in chunks else result


def _wish(bands: str | Iterable[str], masks: str | None, *, scaled: bool) -> _Wish:
    names = [bands] if isinstance(bands, str) else list(bands)
    if not names:
        raise RequestError(f"no band is asked for; give bands=, such as {BANDS_10_M}")
    if masks not in (None, _MASKED):
        raise RequestError(f"masks: {masks!r} is unknown; give {_MASKED!r} or None")
    return _Wish({name: layer_named(name) for name in names}, masks == _MASKED, scaled)


def _found(source: Source, query: SearchQuery, *, latest: bool) -> list[pystac.Item]:
    items = find(source, query, latest=latest)
    if not items:
        where = source if isinstance(source, Catalog | str | Path) else "the Items given"
        message = f"{where}: no product matches; widen the place, the period or the cloud cover"
        raise RequestError(message)
    return items


def _rasters(items: Sequence[pystac.Item], wish: _Wish) -> list[Rasters]:
    """What to read of each Item: the bands, and the masks that decide about them."""
    layers = dict.fromkeys(wish.layers.values())
    for layer in wish.layers.values():
        for mask in needed(layer, clear=wish.clear):
            edge = mask_layer(mask, layer.group)
            is_optional = not wish.clear and layer.kind in (Kind.REFLECTANCE, Kind.ATMOSPHERE)
            if not is_optional or (wish.scaled and all(has(item, edge) for item in items)):
                layers[edge] = None
    return [{layer: raster_of(item, layer) for layer in layers} for item in items]


def _variable(
    raw: xr.Dataset,
    layer: Layer,
    encoding: Encoding,
    wish: _Wish,
    groups: Sequence[Sequence[int]],
) -> xr.DataArray:
    values, bits = raw[layer.key], needed(layer, clear=wish.clear)
    if layer.kind in (Kind.BITS, Kind.EDGE):
        inside = counts(raw, layer, needed(layer, clear=False), None)
        ranks = inside.astype(np.uint8) + counts(raw, layer, bits, None)
        return _with_attrs(mosaic(values, ranks, groups), {})
    counting = counts(raw, layer, bits, encoding.nodata)
    if wish.scaled:
        made = physical(values, counting, encoding)
        return _with_attrs(mosaic(made, counting, groups), {"units": encoding.unit})
    made = values.where(counting, values.dtype.type(encoding.nodata or 0))
    said = {"nodata": encoding.nodata, "scale": encoding.scale, "offset": encoding.offset}
    return _with_attrs(mosaic(made, counting, groups), said)


def _with_attrs(values: xr.DataArray, attrs: Mapping[str, Any]) -> xr.DataArray:
    changed = values.copy(deep=False)
    changed.attrs = dict(attrs)
    return changed


def _extent(item: pystac.Item, rasters: Rasters) -> Extent:
    return Extent(next(iter(rasters.values())).bounds, epsg_of(item))


def _utc(item: pystac.Item) -> dt.datetime:
    if item.datetime is None:
        raise RequestError(f"Item {item.id!r} has no datetime")
    return item.datetime.astimezone(dt.UTC) if item.datetime.tzinfo else item.datetime
