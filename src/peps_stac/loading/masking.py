"""Which pixels count, and the numbers that they mean.

Masks are those of a band's own resolution group and, but for EDG, say nothing outside the image,
where all their bits are 0. So EDG is always among those applied.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from peps_stac.loading.layers import CLOUDS, EDGE, SATURATION, Encoding, Layer

OUTSIDE: Final = 0xFF
"""Of EDG: anything but 0."""
CLOUD_OR_SHADOW: Final = 1 << 0
"""Bit 0 of CLM: all clouds but the thinnest, and shadows. Thin clouds (bit 4) and cirrus (bit 7)
stay, as MAJA corrects for them."""

Bits = Mapping[str, int]
"""By mask (EDG, CLM, SAT): bits of which any takes a pixel out."""


def needed(layer: Layer, *, clear: bool) -> Bits:
    """The masks that decide whether a pixel of a layer counts, and their bits."""
    bits = {EDGE: OUTSIDE}
    if clear:
        bits[CLOUDS] = CLOUD_OR_SHADOW
    if clear and layer.saturation_bit is not None:
        bits[SATURATION] = 1 << layer.saturation_bit
    return bits


def counts(raw: xr.Dataset, layer: Layer, bits: Bits, nodata: int | None) -> xr.DataArray:
    """Where a layer has data and no mask takes it out; those that were not read take nothing."""
    names = {f"{mask}_{layer.group}": taken for mask, taken in bits.items()}
    known = {name: taken for name, taken in names.items() if name in raw}
    arrays = [raw[layer.key], *(raw[name] for name in known)]
    return _each_pixel(_counts, arrays, bool, nodata=nodata, bits=tuple(known.values()))


def physical(raw: xr.DataArray, counting: xr.DataArray, encoding: Encoding) -> xr.DataArray:
    """`raw * scale + offset` as float32 where a pixel counts, else NaN."""
    # MAJA divides by whole numbers; so does this, since 0.0001 is no float32 and 10000 is.
    said = {"divisor": np.float32(1 / encoding.scale), "offset": np.float32(encoding.offset)}
    return _each_pixel(_physical, [raw, counting], np.float32, **said)


def _each_pixel(
    function: Callable[..., NDArray[Any]],
    arrays: Iterable[xr.DataArray],
    dtype: type,
    **options: Any,  # noqa: ANN401 -- of the function
) -> xr.DataArray:
    made: xr.DataArray = xr.apply_ufunc(
        function, *arrays, kwargs=options, dask="parallelized", output_dtypes=[dtype]
    )
    return made


def _counts(
    values: NDArray[Any], *masks: NDArray[np.uint8], nodata: int | None, bits: tuple[int, ...]
) -> NDArray[np.bool_]:
    found = np.ones(values.shape, bool) if nodata is None else values != nodata
    for mask, taken in zip(masks, bits, strict=True):
        found &= (mask & np.uint8(taken)) == 0
    return found


def _physical(
    values: NDArray[Any], counting: NDArray[np.bool_], divisor: np.float32, offset: np.float32
) -> NDArray[np.float32]:
    made = values.astype(np.float32)
    made /= divisor
    if offset:
        made += offset
    made[~counting] = np.nan
    return made
