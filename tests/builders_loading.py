"""Products on real grids whose pixels a test chooses, catalogued; Items without files."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pystac
import rasterio
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.transform import from_origin
from shapely.geometry import box, mapping

from builders import utc
from builders_muscate import R2_BANDS, Style, files_of, write_folder
from peps_stac.muscate.names import ProductName
from peps_stac.stac.collections import L2A_COLLECTION
from peps_stac.stac.layers import AssetMode
from peps_stac.store import Catalog
from peps_stac.workflow import OutcomeState, add
from peps_stac.workflow.recipe import AssetChoice

Pixels = NDArray[Any]

S2A = "SENTINEL2A_20171127-105827-648_L2A_T31TCJ_C_V1-0"
S2B_TEN_MINUTES_LATER = "SENTINEL2B_20171127-110827-648_L2A_T31TCJ_C_V1-0"
"""Another satellite, the same day: as at high latitudes."""

ULX, ULY = 300000, 4900020
"""Upper left corner of 31TCJ."""


def an_item(name: str = S2A, **changes: Any) -> pystac.Item:  # noqa: ANN401 -- of Item
    """The Item of a product, without files; `properties` are added to what the name says."""
    said = ProductName.parse(name)
    place = changes.pop("geometry", mapping(box(0.5, 43.0, 1.5, 44.0)))
    properties = {
        "grid:code": said.tile.grid_code,
        "platform": said.platform,
        "eo:cloud_cover": 10.0,
        **changes.pop("properties", {}),
    }
    return pystac.Item(
        id=name,
        geometry=place,
        bbox=[0, 0, 1, 1],
        datetime=changes.pop("datetime", said.acquired),
        properties=properties,
        collection=L2A_COLLECTION,
        **changes,
    )


def a_catalog(root: Path, *items: pystac.Item) -> Catalog:
    catalog = Catalog(root)
    catalog.put_all(items)
    return catalog


def catalogued(
    root: Path, paths: Sequence[Path], mode: AssetMode = AssetMode.RAW, exclude: Sequence[str] = ()
) -> Catalog:
    """A catalog of products on disk, as `add` makes it."""
    catalog = Catalog(root)
    choice = AssetChoice(mode=mode, exclude=tuple(exclude))
    outcomes = list(add(catalog, paths, assets=choice))
    assert {outcome.state for outcome in outcomes} == {OutcomeState.ADDED}, outcomes
    return catalog


def write_product(
    folder: Path,
    name: str = S2A,
    layers: Mapping[str, Pixels] | None = None,
    **style: Any,  # noqa: ANN401 -- of Style
) -> Path:
    """A product in full size, unpacked; sparse files, so that it takes no space.

    Args:
        folder: A folder of the name is made in it.
        name: Of the product.
        layers: By `FRE_B4`, `CLM_R1`, ...: what stands in the upper left corner; the rest is 0.
            ATB has two bands. Others are 0 all over.
        **style: Of the metadata.
    """
    said = ProductName.parse(name)
    made = Style(
        name=name,
        acquired=f"{said.acquired:%Y-%m-%dT%H:%M:%S}.{said.acquired.microsecond // 1000:03d}Z",
        platform=said.platform.upper().replace("-", ""),
        zone=f"T{said.tile}",
        epsg=str(said.tile.epsg),
        version=said.version,
        l1c=None,
        **style,
    )
    path = write_folder(folder / name, made)
    for file in files_of(made):
        if file.endswith(".tif"):
            layer = Path(file).stem.removeprefix(f"{name}_")
            (path / file).unlink()
            _write_raster(path / file, layer, (layers or {}).get(layer), made)
    return path


def _write_raster(path: Path, layer: str, corner: Pixels | None, style: Style) -> None:
    is_coarse = "_R2" in layer or layer.rpartition("_")[2] in R2_BANDS
    size, pixel = (5490, 20) if is_coarse else (10980, 10)
    profile = {
        "driver": "GTiff",
        "width": size,
        "height": size,
        "count": 2 if layer.startswith("ATB") else 1,
        "dtype": "int16" if layer[:3] in ("FRE", "SRE") else "uint8",
        "crs": f"EPSG:{style.epsg}",
        "transform": from_origin(style.ulx, style.uly, pixel, pixel),
        "tiled": True,
        "blockxsize": 512,
        "blockysize": 512,
        "sparse_ok": True,
    }
    with rasterio.open(path, "w", **profile) as raster:
        if corner is not None:
            values = np.asarray(corner)
            bands = values.reshape(-1, *values.shape[-2:])
            window = ((0, bands.shape[1]), (0, bands.shape[2]))
            raster.write(bands.astype(profile["dtype"]), window=window)


def metres(*, left: float, top: float, right: float, bottom: float, epsg: int = 32631) -> Any:  # noqa: ANN401 -- a box
    """A box in metres from the tile's upper left corner, rightwards and downwards, in degrees."""
    change = Transformer.from_crs(epsg, 4326, always_xy=True)
    return change.transform_bounds(ULX + left, ULY - bottom, ULX + right, ULY - top)


CORNER = metres(left=1, top=1, right=39, bottom=39)
"""Inside the first four by four pixels of 10 m."""


def on_disk(catalog: Catalog) -> list[dict[str, Any]]:
    """Every L2A Item as it is written."""
    folder = catalog.root / L2A_COLLECTION
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*/*/*/*.json"))]


def day(text: str) -> datetime:
    return utc(f"{text}T00:00:00")
