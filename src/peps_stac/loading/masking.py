"""Which pixels count, and the numbers that they mean.

Masks are those of a band's own resolution group and, but for EDG, say nothing outside the image,
where all their bits are 0. So EDG is always among those applied.
"""

from typing import Final

import numpy as np
import xarray as xr

from peps_stac.loading.layers import CLOUDS, EDGE, SATURATION, Encoding, Layer

CLOUD_OR_SHADOW: Final = 1 << 0
"""Bit 0 of CLM: all clouds but the thinnest, and shadows. Thin clouds (bit 4) and cirrus (bit 7)
stay, as MAJA corrects for them."""


def needed(layer: Layer, *, clear: bool) -> tuple[str, ...]:
    """The masks that decide whether a pixel of a layer counts."""
    if not clear:
        return (EDGE,)
    return (EDGE, CLOUDS) if layer.saturation_bit is None else (EDGE, CLOUDS, SATURATION)


def is_inside(raw: xr.Dataset, layer: Layer) -> xr.DataArray:
    """Where EDG of a layer's group says that there is an image."""
    return raw[f"{EDGE}_{layer.group}"] == 0


def is_clear(raw: xr.Dataset, layer: Layer) -> xr.DataArray:
    """Where CLM sees neither cloud nor shadow, and SAT a value below saturation."""
    clear = (raw[f"{CLOUDS}_{layer.group}"] & np.uint8(CLOUD_OR_SHADOW)) == 0
    if layer.saturation_bit is None:
        return clear
    bit = np.uint8(1 << layer.saturation_bit)
    return clear & ((raw[f"{SATURATION}_{layer.group}"] & bit) == 0)


def has_data(values: xr.DataArray, encoding: Encoding) -> xr.DataArray:
    """Where the numbers themselves are not the one for "no data"."""
    if encoding.nodata is None:
        return values.notnull()
    known: xr.DataArray = xr.apply_ufunc(np.not_equal, values, encoding.nodata, dask="allowed")
    return known


def physical(raw: xr.DataArray, counts: xr.DataArray, encoding: Encoding) -> xr.DataArray:
    """`raw * scale + offset` as float32 where a pixel counts, else NaN."""
    # MAJA divides by whole numbers; so does this, since 0.0001 is no float32 and 10000 is.
    divided = raw.where(counts).astype("float32") / np.float32(1 / encoding.scale)
    return divided + np.float32(encoding.offset) if encoding.offset else divided
