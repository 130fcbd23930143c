"""How fast odc-stac reads one full-size reflectance: as MAJA delivers it, and as our COG.

    python benchmarks/read.py [--size 10980] [--rounds 5]

A window of 512 pixels at 10 m, and the whole tile at 160 m, of four dates of one band.
Targets: the COG at least 3 and 50 times faster. The file as delivered is striped
and deflated, as in the fact sheet on readers.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import odc.stac
import pystac
import rasterio
from rasterio.io import MemoryFile
from rasterio.transform import from_origin
from shapely.geometry import box

from peps_stac.raster.cog import RasterKind, write_cog
from peps_stac.stac.geometry import geometry_and_bbox, to_wgs84

WEST, NORTH, PIXEL_M, EPSG = 300_000.0, 4_900_020.0, 10.0, 32631
WINDOW, COARSE_M = 512, 160
DATES = 4
MILLI = 1e-3

Series = list[pystac.Item]


def a_band(size: int) -> np.ndarray[Any, Any]:
    """Counts with structure at all scales, noise in the low bits and an empty corner."""
    chance = np.random.default_rng(0)
    counts = chance.normal(1200, 12, (size, size))
    for step in (610, 61, 10):
        coarse = chance.normal(0, 300, (size // step + 1, size // step + 1))
        counts += coarse.repeat(step, 0).repeat(step, 1)[:size, :size]
    band = counts.clip(1).astype(np.int16)
    band[np.add.outer(np.arange(size), np.arange(size)) < size // 2] = -10_000
    return band


def delivered(band: np.ndarray[Any, Any]) -> bytes:
    profile = {
        "driver": "GTiff",
        "count": 1,
        "height": band.shape[0],
        "width": band.shape[1],
        "dtype": "int16",
        "crs": f"EPSG:{EPSG}",
        "transform": from_origin(WEST, NORTH, PIXEL_M, PIXEL_M),
        "blockysize": 1,
        "compress": "deflate",
    }
    with MemoryFile() as memory:
        with memory.open(**profile) as file:
            file.write(band, 1)
        content: bytes = memory.read()
    return content


def a_series(path: Path) -> Series:
    return [an_item(path, day) for day in range(1, DATES + 1)]


def an_item(path: Path, day: int) -> pystac.Item:
    with rasterio.open(path) as file:
        shape, transform, bounds = file.shape, file.transform, file.bounds
    geometry, bbox = geometry_and_bbox(to_wgs84(box(*bounds), EPSG))
    grid = {"proj:shape": shape, "proj:transform": list(transform)[:6], "proj:code": f"EPSG:{EPSG}"}
    document = {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": ["https://stac-extensions.github.io/projection/v2.0.0/schema.json"],
        "id": f"{path.stem}-{day}",
        "geometry": geometry,
        "bbox": bbox,
        "properties": {"datetime": f"2017-11-{day:02d}T10:58:37Z"},
        "assets": {
            "B04": {"href": str(path), "data_type": "int16", "nodata": -10_000, **grid},
        },
        "links": [],
    }
    return pystac.Item.from_dict(json.loads(json.dumps(document)))


def window(series: Series, size: int) -> np.ndarray[Any, Any]:
    side, corner = WINDOW * PIXEL_M, round(0.6 * size) * PIXEL_M
    x, y = WEST + corner, NORTH - corner
    return load(series, x=(x, x + side), y=(y - side, y), resolution=PIXEL_M)


def overview(series: Series, size: int) -> np.ndarray[Any, Any]:
    side = size * PIXEL_M
    x, y = (WEST, WEST + side), (NORTH - side, NORTH)
    return load(series, x=x, y=y, resolution=COARSE_M)


def load(series: Series, **place: Any) -> np.ndarray[Any, Any]:  # noqa: ANN401 -- odc's own
    cube = odc.stac.load(series, bands=["B04"], crs=f"EPSG:{EPSG}", **place)
    values: np.ndarray[Any, Any] = cube["B04"].to_numpy()
    return values


def seconds(read: Callable[[Series, int], object], series: Series, size: int) -> float:
    start = time.perf_counter()
    read(series, size)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=10_980)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        raw, cog = Path(scratch, "raw.tif"), Path(scratch, "cog.tif")
        content = delivered(a_band(options.size))
        raw.write_bytes(content)
        write_cog(content, cog, kind=RasterKind.REFLECTANCE, nodata=-10_000)
        compare({"raw": a_series(raw), "COG": a_series(cog)}, options.size, options.rounds)


def compare(items: dict[str, Series], size: int, rounds: int) -> None:
    equal = np.array_equal(window(items["raw"], size), window(items["COG"], size))
    print(f"window of {WINDOW} pixels: same values: {equal}")
    for name, read, target in (("window", window, 3), ("160 m", overview, 50)):
        spent: dict[str, list[float]] = {key: [] for key in items}
        for _ in range(rounds):
            for key, item in items.items():
                spent[key].append(seconds(read, item, size))
        raw, cog = median(spent["raw"]), median(spent["COG"])
        print(
            f"{name}: raw {raw / MILLI:.0f} ms, COG {cog / MILLI:.0f} ms, "
            f"{raw / cog:.1f} times faster (at least {target})"
        )


if __name__ == "__main__":
    main()
