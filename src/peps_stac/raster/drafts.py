"""One band in memory with its overviews, ready to be put in the order of a COG.

Means are GDAL's own; the most frequent value of four is found here, seven times as fast.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.io import MemoryFile

from peps_stac.raster.files import BLOCK, add_overviews, strips
from peps_stac.raster.statistics import Histogram, Statistics

_Bits = NDArray[Any]


@contextmanager
def averaged(
    source: Any,  # noqa: ANN401 -- rasterio has no types
    band: int,
    nodata: int | None,
) -> Iterator[tuple[Any, Statistics]]:
    """A band whose overviews are means of the valid pixels, and what its values amount to."""
    histogram = Histogram(source.dtypes[band - 1])
    with MemoryFile() as memory:
        with memory.open(**_form(source, band), nodata=nodata) as draft:
            for window in strips(source):
                block = source.read(band, window=window)
                draft.write(block, 1, window=window)
                histogram.add(block)
            add_overviews(draft, Resampling.average)
        with memory.open() as draft:
            yield draft, histogram.statistics(nodata)


@contextmanager
def voted(source: Any, band: int) -> Iterator[Any]:  # noqa: ANN401 -- as above
    """A band without nodata whose overviews hold the most frequent of four values.

    Each level votes on the one before. A tie goes to the upper left pixel's value when it is one
    of the tied.
    """
    form, halves = _form(source, band), []
    with ExitStack() as stack:
        memory = stack.enter_context(MemoryFile())
        with memory.open(**form) as draft:
            for window in strips(source):
                block = source.read(band, window=window)
                draft.write(block, 1, window=window)
                halves.append(halved(block))
        names = [_kept(level, form, stack) for level in _levels(source, halves)]
        with rasterio.open(_linked(source, form["dtype"], memory.name, names)) as linked:
            yield linked


def halved(bits: _Bits) -> _Bits:
    """The most frequent value of every two by two; odd edges are repeated."""
    even = np.pad(bits, ((0, bits.shape[0] % 2), (0, bits.shape[1] % 2)), mode="edge")
    first, second = even[::2, ::2], even[::2, 1::2]
    third, fourth = even[1::2, ::2], even[1::2, 1::2]
    winner: _Bits = first.copy()
    alone = (first != second) & (first != third) & (first != fourth)
    np.copyto(winner, second, where=alone & ((second == third) | (second == fourth)))
    np.copyto(winner, third, where=alone & (third == fourth))
    return winner


def _levels(source: Any, halves: list[_Bits]) -> Iterator[_Bits]:  # noqa: ANN401 -- as above
    if max(source.shape) <= BLOCK:
        return
    level = np.concatenate(halves)
    yield level
    while max(level.shape) > BLOCK:
        level = halved(level)
        yield level


def _form(source: Any, band: int) -> dict[str, Any]:  # noqa: ANN401 -- as above
    return {
        "driver": "GTiff",
        "width": source.width,
        "height": source.height,
        "count": 1,
        "dtype": source.dtypes[band - 1],
        "crs": source.crs,
        "transform": source.transform,
        # As in the COG, so that GDAL takes over tile by tile.
        "tiled": True,
        "blockxsize": BLOCK,
        "blockysize": BLOCK,
    }


def _kept(level: _Bits, form: dict[str, Any], stack: ExitStack) -> str:
    """Put an overview into memory; the name that GDAL knows it by."""
    memory = stack.enter_context(MemoryFile())
    with memory.open(**form | {"height": level.shape[0], "width": level.shape[1]}) as file:
        file.write(level, 1)
    return str(memory.name)


def _linked(source: Any, dtype: str, name: str, overviews: list[str]) -> str:  # noqa: ANN401 -- ditto
    """A VRT: GDAL can compute overviews into a GeoTIFF, but not be given them."""
    place = ",".join(repr(number) for number in source.transform.to_gdal())
    levels = "".join(f"<Overview>{_named(overview)}</Overview>" for overview in overviews)
    kind = {"uint8": "Byte", "uint16": "UInt16", "int16": "Int16"}[dtype]
    return (
        f'<VRTDataset rasterXSize="{source.width}" rasterYSize="{source.height}">'
        f"<SRS>{escape(source.crs.to_wkt())}</SRS><GeoTransform>{place}</GeoTransform>"
        f'<VRTRasterBand dataType="{kind}" band="1" blockXSize="{BLOCK}" blockYSize="{BLOCK}">'
        f"<SimpleSource>{_named(name)}</SimpleSource>{levels}</VRTRasterBand></VRTDataset>"
    )


def _named(name: str) -> str:
    return f"<SourceFilename>{name}</SourceFilename><SourceBand>1</SourceBand>"
