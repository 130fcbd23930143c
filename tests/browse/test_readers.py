"""Other tools read the served catalog as any STAC catalog on the web."""

import subprocess
import sys
from pathlib import Path

import pystac
import rasterio

from builders_browse import served
from peps_stac.stac.collections import L2A_COLLECTION

SUM = """
import sys, rasterio
with rasterio.open("/vsicurl/" + sys.argv[1]) as raster:
    print(raster.read(1, window=((100, 200), (300, 400))).sum())
"""
"""In a process of its own: rasterio keeps all threads from running while it opens a file."""


def test_pystac_and_gdal_read_it_over_http(shown: Path) -> None:
    with served(shown) as client:
        catalog = pystac.Catalog.from_file(f"{client.url}/catalog/catalog.json")
        items = list(catalog.get_items(recursive=True))
        [item, *_] = [item for item in items if item.collection_id == L2A_COLLECTION]
        href = str(item.assets["B04"].get_absolute_href())
        found = subprocess.check_output([sys.executable, "-c", SUM, href], text=True)  # noqa: S603 -- our own script

    with rasterio.open(next(shown.rglob(f"{item.id}/B04.tif"))) as local:
        assert int(found) == local.read(1)[100:200, 300:400].sum()
    assert len(items) == 5
