"""Other readers open the files by what the Item says, and see the same pixels."""

import numpy as np
import odc.stac
import pystac
import pytest
import rioxarray
import xarray as xr
from pyproj import Transformer
from rio_tiler.io import STACReader

from builders_loading import catalogued
from builders_scenes import Built, a_scene
from peps_stac.loading import select
from peps_stac.simulator.products import build_product
from peps_stac.stac.layers import AssetMode

HOLES = "2017-11-04"
"""Orbit 8 sees only the east of the tile."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("archives")
    return Built(build_product(a_scene(day=HOLES), folder, size=366))


@pytest.fixture(scope="module")
def cog(built: Built, tmp_path_factory: pytest.TempPathFactory) -> pystac.Item:
    root = tmp_path_factory.mktemp("cog") / "catalog"
    [item] = select(catalogued(root, [built.path], AssetMode.COG))
    return item


@pytest.fixture(scope="module")
def raw(built: Built, tmp_path_factory: pytest.TempPathFactory) -> pystac.Item:
    root = tmp_path_factory.mktemp("raw") / "catalog"
    [item] = select(catalogued(root, [built.path], AssetMode.RAW))
    return item


@pytest.mark.parametrize("form", ["cog", "raw"])
def test_odc_stac_by_name_and_by_alias(
    form: str, built: Built, request: pytest.FixtureRequest
) -> None:
    item = request.getfixturevalue(form)
    found = odc.stac.load([item], bands=["red", "B04", "nir08"])
    fine = odc.stac.load([item], bands=["red"])

    for name in ("red", "B04"):
        assert found[name].dtype == np.int16
        assert found[name].nodata == -10000
    np.testing.assert_array_equal(fine.red[0], built.pixels("FRE_B4"))
    assert tuple(fine.odc.geobox.affine)[:6] == (300, 0, 300000, 0, -300, 4900020)


def opened(href: str, *, mask_and_scale: bool = False) -> xr.DataArray:
    found = rioxarray.open_rasterio(href, mask_and_scale=mask_and_scale)
    assert isinstance(found, xr.DataArray)
    return found


def test_rioxarray_knows_crs_grid_and_holes_of_a_cog(cog: pystac.Item, built: Built) -> None:
    """No scale tag stands in the file: its numbers are counts in every reader alike."""
    href = str(cog.assets["B04"].get_absolute_href())
    counts = built.pixels("FRE_B4")

    with opened(href) as plain:
        assert plain.rio.crs.to_epsg() == cog.properties["proj:epsg"]
        assert list(plain.rio.transform())[:6] == cog.assets["B04"].extra_fields["proj:transform"]
        assert plain.rio.nodata == cog.assets["B04"].extra_fields["nodata"] == -10000
        np.testing.assert_array_equal(plain[0], counts)
    with opened(href, mask_and_scale=True) as masked:
        np.testing.assert_array_equal(masked[0], np.where(counts == -10000, np.nan, counts))


def test_rioxarray_needs_the_item_for_holes_of_raw_files(raw: pystac.Item, built: Built) -> None:
    asset = raw.assets["B04"]

    with opened(str(asset.get_absolute_href())) as plain:
        assert plain.rio.nodata is None
        assert asset.extra_fields["nodata"] == -10000
        np.testing.assert_array_equal(plain[0], built.pixels("FRE_B4"))


def test_rio_tiler_reads_assets_with_bounds_and_holes(cog: pystac.Item, built: Built) -> None:
    counts = built.pixels("FRE_B4")
    with STACReader(str(cog.get_self_href()), item=cog) as reader:
        assert reader.crs is not None
        assert reader.crs.to_epsg() == 32631
        assert list(reader.bounds) == cog.properties["proj:bbox"]
        image = reader.preview(assets=["B04"], max_size=None)

        np.testing.assert_array_equal(image.data[0], counts)
        np.testing.assert_array_equal(image.array.mask[0], counts == -10000)


def test_rio_tiler_makes_a_tile_of_true_colour(cog: pystac.Item) -> None:
    with STACReader(str(cog.get_self_href()), item=cog) as reader:
        west, south, east, north = reader.get_geographic_bounds("EPSG:4326")
        x, y, z = reader.tms.tile((west + 3 * east) / 4, (south + north) / 2, 9)[:3]
        image = reader.tile(x, y, z, assets=["B04", "B03", "B02"])

    assert image.data.shape == (3, 256, 256)
    assert image.array.mask.any()
    assert not image.array.mask.all()


def test_rio_tiler_reads_a_pixel_of_the_item_from_disk(cog: pystac.Item, built: Built) -> None:
    """As a person would, by the path alone: pystac migrates the Item, and nothing is lost."""
    counts = built.pixels("FRE_B4")
    row, column = 200, 350
    middle = (300000 + 300 * (column + 0.5), 4900020 - 300 * (row + 0.5))
    lon, lat = Transformer.from_crs(32631, 4326, always_xy=True).transform(*middle)
    with STACReader(str(cog.get_self_href())) as reader:
        point = reader.point(lon, lat, assets=["B04"])

    assert counts[row, column] != -10000
    assert point.data.tolist() == [counts[row, column]]
