"""Items for stackstac: it puts them on the native grid, as reflectance, with holes as NaN."""

from pathlib import Path

import numpy as np
import pystac
import pytest
import stackstac

from builders_loading import S2A, ULX, ULY, catalogued, metres, on_disk, write_product
from builders_scenes import Built, a_scene
from peps_stac.loading import select, stackstac_items
from peps_stac.simulator.products import build_product
from peps_stac.stac.layers import AssetMode
from peps_stac.store import Catalog

NUMBERS = np.array([[1202, -10000], [300, 10000]])


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """One product of full size as MAJA writes it: striped, no nodata tag."""
    layers = {"FRE_B4": NUMBERS, "FRE_B8A": NUMBERS, "CLM_R1": np.array([[3]])}
    return catalogued(tmp_path / "catalog", [write_product(tmp_path, S2A, layers)])


def test_the_grid_is_the_native_one(catalog: Catalog) -> None:
    fine = stackstac.stack(stackstac_items(catalog), assets=["B04", "B08"])
    coarse = stackstac.stack(stackstac_items(catalog), assets=["B8A"])

    for stack, size, pixel in ((fine, 10980, 10), (coarse, 5490, 20)):
        assert stack.shape[-2:] == (size, size)
        assert (float(stack.x[0]), float(stack.y[0])) == (ULX, ULY)
        assert stack.resolution == pixel
        assert stack.crs == "epsg:32631"


def test_values_are_reflectances_and_holes_are_holes(catalog: Catalog) -> None:
    """Without its nodata value a hole would be -1.0."""
    stack = stackstac.stack(stackstac_items(catalog), assets=["B04"])

    expected = np.where(NUMBERS == -10000, np.nan, NUMBERS / 10000)
    np.testing.assert_allclose(stack[0, 0, :2, :2], expected, rtol=1e-12)


def test_a_box_is_cut_out_of_the_grid(catalog: Catalog) -> None:
    west, south, east, north = metres(left=1, top=1, right=15, bottom=15)
    stack = stackstac.stack(
        stackstac_items(catalog), assets=["B04"], bounds_latlon=(west, south, east, north)
    )

    assert stack.shape[-2:] == (2, 2)
    assert float(stack[0, 0, 0, 0]) == pytest.approx(0.1202)


@pytest.mark.parametrize("mode", list(AssetMode))
def test_all_that_is_left_stacks_by_default(tmp_path: Path, mode: AssetMode) -> None:
    """Neither the two bands of ATB nor the three of `visual` nor a picture is in the way."""
    built = Built(build_product(a_scene(day="2017-11-04"), tmp_path, size=122))
    [item] = stackstac_items(catalogued(tmp_path / "catalog", [built.path], mode))
    # Pixels of 900 m do not divide the tile's corner, as those of real products do.
    stack = stackstac.stack([item], snap_bounds=False)

    assert stack.sizes["band"] == len(item["assets"])
    assert {"B02", "B8A", "SRE_B12", "CLM_R1"} <= set(item["assets"])
    assert not {"ATB_R1", "visual", "thumbnail", "quicklook", "metadata"} & set(item["assets"])
    counts = built.pixels("FRE_B4")
    expected = np.where(counts == -10000, np.nan, counts / 10000)
    red = stackstac.stack([item], assets=["B04"], snap_bounds=False)[0, 0]
    np.testing.assert_allclose(red, expected, rtol=1e-12)
    assert np.isnan(expected).any()


def test_properties_are_spelled_as_on_disk(catalog: Catalog) -> None:
    [item], [written] = stackstac_items(catalog), on_disk(catalog)

    assert item["properties"] == written["properties"]
    assert item["properties"]["proj:epsg"] == 32631
    assert item["stac_extensions"] == written["stac_extensions"]


def test_every_href_is_absolute(catalog: Catalog) -> None:
    [item] = stackstac_items(catalog)

    for asset in item["assets"].values():
        path = asset["href"].removeprefix("vrt://").partition("?")[0]
        assert Path(path).is_absolute()
        assert Path(path).is_file()
    assert all(Path(link["href"]).is_absolute() for link in item["links"])


def test_items_from_pystac_get_back_what_it_drops(catalog: Catalog) -> None:
    root = pystac.Catalog.from_file(str(catalog.root / "catalog.json"))
    items = list(root.get_items(recursive=True))
    assert "proj:epsg" not in items[0].properties

    stack = stackstac.stack(stackstac_items(items), assets=["B04"])

    assert float(stack.x[0]) == ULX
    assert float(stack[0, 0, 0, 0]) == pytest.approx(0.1202)


def test_items_can_be_chosen(catalog: Catalog) -> None:
    assert stackstac_items(catalog, datetime="2016-01-01/2016-12-31") == []
    assert len(stackstac_items(select(catalog), tiles="31TCJ", cloud_cover=100)) == 1


def test_what_is_given_is_left_as_it_is(catalog: Catalog) -> None:
    [item] = select(catalog)
    before = item.to_dict()
    stackstac_items([item])

    assert item.to_dict() == before
