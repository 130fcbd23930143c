"""The one real product whose metadata are recorded, with small rasters under its listed names."""

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pystac
import pytest
import rasterio
from rasterio.transform import from_origin

from peps_stac.stac.collections import L2A_COLLECTION
from peps_stac.store import Catalog, validate
from peps_stac.workflow import AssetChoice, AssetMode, OutcomeState, add
from recorded import SHARED, needs_recorded

NAME = "SENTINEL2A_20160928-105637-665_L2A_T31UDS_C_V1-0"
PIXELS = {"R1": 122, "R2": 61}
"""In a row, over the real extent of 109.8 km."""
ULX, ULY, EXTENT_M = 399960, 5700000, 109800


def a_real_product(folder: Path) -> Path:
    product = folder / NAME
    shutil.copytree(SHARED / "muscate" / NAME, product)
    for path in listed(product):
        write_raster(product / path)
    return product


def listed(product: Path) -> list[str]:
    """Rasters that the metadata list, each once."""
    root = ET.parse(product / f"{NAME}_MTD_ALL.xml").getroot()  # noqa: S314 -- a recorded file
    names = [*root.iter("IMAGE_FILE"), *root.iter("MASK_FILE")]
    return list(dict.fromkeys(str(name.text).strip() for name in names))


def write_raster(path: Path) -> None:
    """A field of plausible counts: bands by name, two bands for ATB, masks all clear."""
    layer, group = path.stem.removeprefix(f"{NAME}_").split("_")
    is_band = layer in ("FRE", "SRE")
    is_fine = group in ("R1", "B2", "B3", "B4", "B8")
    size = PIXELS["R1" if is_fine else "R2"]
    values = (
        np.arange(size * size).reshape(size, size) % 3000 if is_band else np.zeros((size, size))
    )
    path.parent.mkdir(exist_ok=True)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=size,
        height=size,
        count=2 if layer == "ATB" else 1,
        dtype="int16" if is_band else "uint8",
        crs="EPSG:32631",
        transform=from_origin(ULX, ULY, EXTENT_M / size, EXTENT_M / size),
        blockysize=1,
    ) as target:
        for band in target.indexes:
            target.write(values.astype(target.dtypes[0]), band)


def text_of(product: Path, path: str) -> str:
    """One text of the metadata, read anew."""
    found = ET.parse(product / f"{NAME}_MTD_ALL.xml").getroot().findtext(path)  # noqa: S314 -- as above
    assert found is not None
    return found.strip()


@needs_recorded
@pytest.mark.parametrize("mode", [AssetMode.COG, AssetMode.RAW])
def test_a_real_product_becomes_a_valid_item_that_opens(tmp_path: Path, mode: AssetMode) -> None:
    product = a_real_product(tmp_path)
    catalog = Catalog(tmp_path / "catalog")
    [outcome] = add(catalog, [product], assets=AssetChoice(mode))
    item = catalog.get(NAME, L2A_COLLECTION)

    assert outcome.state is OutcomeState.ADDED, outcome.detail
    assert validate(catalog, schemas=SHARED / "stac-schemas").findings == ()
    assert item is not None
    rasters = [asset for asset in item.assets.values() if "tiff" in str(asset.media_type)]
    assert len(rasters) >= len(listed(product))
    for asset in rasters:
        with rasterio.open(str(asset.get_absolute_href())) as source:
            assert source.crs == "EPSG:32631"
            assert source.bounds.left == ULX
    assert_says_what_the_file_says(item, product)


def assert_says_what_the_file_says(item: pystac.Item, product: Path) -> None:
    said = item.properties
    quality = "Quality_Informations/Current_Product/Product_Quality_List/Product_Quality"
    index = f"{quality}/Global_Index_List/QUALITY_INDEX[@name='%s']"
    sun = "Geometric_Informations/Mean_Value_List/Sun_Angles/%s"
    characteristics = "Product_Characteristics/%s"

    assert item.id == text_of(product, characteristics % "PRODUCT_ID")
    acquired = text_of(product, characteristics % "ACQUISITION_DATE")
    assert said["datetime"].rstrip("Z").rstrip("0") == acquired.rstrip("Z")
    assert said["sat:absolute_orbit"] == int(text_of(product, characteristics % "ORBIT_NUMBER"))
    assert said["version"] == text_of(product, characteristics % "PRODUCT_VERSION")
    assert said["eo:cloud_cover"] == float(text_of(product, index % "CloudPercent"))
    assert said["eo:snow_cover"] == float(text_of(product, index % "SnowPercent"))
    assert said["view:sun_azimuth"] == float(text_of(product, sun % "AZIMUTH_ANGLE"))
    zenith = float(text_of(product, sun % "ZENITH_ANGLE"))
    assert said["view:sun_elevation"] == pytest.approx(90 - zenith)
    assert said["processing:software"] == {"MAJA": "3.1.1"}
    assert said["proj:epsg"] == 32631
    assert said["grid:code"] == "MGRS-31UDS"
