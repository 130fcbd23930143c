from pathlib import PurePosixPath

import pytest

from builders_browse import COG_RASTER, RASTER
from peps_stac.browse.media_types import media_type


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("catalog.json", "application/json"),
        ("tiles/collection.json", "application/json"),
        ("tiles/31TCJ/2017/catalog.json", "application/json"),
        ("tiles/31TCJ/2017/one/one.json", "application/geo+json"),
        ("tiles/31TCJ/2017/one/other.json", "application/json"),
        ("catalog/catalog.json", "application/json"),
        ("tiles/31TCJ/2017/items.parquet", "application/vnd.apache.parquet"),
        ("one/thumbnail.jpg", "image/jpeg"),
        ("one/QKL.JPG", "image/jpeg"),
        ("report.svg", "image/svg+xml"),
        ("one/MTD_ALL.xml", "application/xml"),
        ("one/product.zip", "application/zip"),
        ("one/notes", "application/octet-stream"),
    ],
)
def test_the_name_decides(path: str, expected: str) -> None:
    assert media_type(PurePosixPath(path)) == expected


def test_a_raster_is_cloud_optimized_only_when_it_says_so() -> None:
    striped = media_type(PurePosixPath("B04.TIF"), RASTER[:256])
    tiled = media_type(PurePosixPath("B04.tif"), COG_RASTER[:256])

    assert striped == "image/tiff; application=geotiff"
    assert tiled == "image/tiff; application=geotiff; profile=cloud-optimized"
