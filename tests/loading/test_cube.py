"""`load`: true pixels of made-up products, whatever form they are kept in."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pystac
import pytest
import rasterio
import rioxarray  # noqa: F401 -- registers .rio
import xarray as xr
from numpy.typing import NDArray
from odc.geo.xr import ODCExtension
from shapely.geometry import Point

from builders_loading import (
    CORNER,
    S2A,
    S2B_TEN_MINUTES_LATER,
    ULX,
    ULY,
    catalogued,
    metres,
    write_product,
)
from builders_scenes import Built, a_scene
from peps_stac.errors import RequestError
from peps_stac.loading import select
from peps_stac.loading.cube import load
from peps_stac.simulator.products import build_product
from peps_stac.stac.layers import AssetMode
from peps_stac.store import Catalog

SIZE = 122
DAYS = ("2017-11-02", "2017-11-04", "2017-11-07")
R1 = {"B02": "B2", "B03": "B3", "B04": "B4", "B08": "B8"}
R2 = {"B05": "B5", "B06": "B6", "B07": "B7", "B8A": "B8A", "B11": "B11", "B12": "B12"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Built]:
    """Three passes; of the second the tile's west is outside the swath."""
    folder = tmp_path_factory.mktemp("archives")
    return [Built(build_product(a_scene(day=day), folder, size=SIZE)) for day in DAYS]


@pytest.fixture(scope="module", params=list(AssetMode))
def catalog(
    built: list[Built], tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Catalog:
    root = tmp_path_factory.mktemp(str(request.param)) / "catalog"
    return catalogued(root, [product.path for product in built], request.param)


def reflectance(product: Built, layer: str) -> NDArray[np.float32]:
    """As the archive has it: counts by 10000, NaN where the count is -10000."""
    counts = product.pixels(layer)
    return np.where(counts == -10000, np.nan, counts.astype(np.float32) / np.float32(10000))


def clear(product: Built, group: str, bit: int) -> NDArray[np.bool_]:
    """Computed here by hand: EDG 0, bit 0 of CLM 0, the band's bit of SAT 0."""
    inside = product.pixels(f"EDG_{group}") == 0
    cloudless = product.pixels(f"CLM_{group}") % 2 == 0
    return np.asarray(inside & cloudless & (product.pixels(f"SAT_{group}") >> bit & 1 == 0))


def slices(array: xr.DataArray, built: list[Built]) -> Iterator[tuple[Built, NDArray[Any]]]:
    assert array.dims == ("time", "y", "x")
    return zip(built, array.values, strict=True)


@pytest.mark.parametrize(("names", "group"), [(R1, "R1"), (R2, "R2")])
def test_reflectances_are_those_of_the_archive(
    catalog: Catalog, built: list[Built], names: dict[str, str], group: str
) -> None:
    plain = load(catalog, bands=names)
    masked = load(catalog, bands=names, masks="clear")

    assert plain.sizes["x"] == plain.sizes["y"] == (SIZE if group == "R1" else SIZE // 2)
    for bit, (name, maja) in enumerate(names.items()):
        assert plain[name].dtype == np.float32
        assert plain[name].chunks is not None
        for product, values in slices(plain[name], built):
            np.testing.assert_array_equal(values, reflectance(product, f"FRE_{maja}"))
        for product, values in slices(masked[name], built):
            expected = np.where(
                clear(product, group, bit), reflectance(product, f"FRE_{maja}"), np.nan
            )
            np.testing.assert_array_equal(values, expected)
            assert np.isfinite(expected).any()


def test_a_masked_time_series_of_a_point_is_the_one_computed_by_hand(
    catalog: Catalog, built: list[Built]
) -> None:
    found = load(catalog, bands=("red", "nir"), masks="clear").compute()
    rows, columns = np.meshgrid(range(0, SIZE, 11), range(0, SIZE, 11))

    for row, column in zip(rows.ravel(), columns.ravel(), strict=True):
        x, y = (float(found[axis][i]) for axis, i in (("x", column), ("y", row)))
        series = found.red.sel(x=x, y=y, method="nearest").values
        by_hand = [
            reflectance(product, "FRE_B4")[row, column] if usable else np.nan
            for product in built
            if (usable := clear(product, "R1", 2)[row, column]) is not None
        ]
        np.testing.assert_array_equal(series, np.array(by_hand, np.float32))


def test_names_mean_fre_and_sre_has_its_own(catalog: Catalog, built: list[Built]) -> None:
    names = ("blue", "green", "red", "nir", "SRE_B04")
    found = load(catalog, bands=names)

    assert tuple(found.data_vars) == names
    for name, maja in zip(names, ("FRE_B2", "FRE_B3", "FRE_B4", "FRE_B8", "SRE_B4"), strict=True):
        for product, values in slices(found[name], built):
            np.testing.assert_array_equal(values, reflectance(product, maja))


@pytest.mark.parametrize("name", ["nir08", "swir16", "swir22", "rededge071", "rededge078"])
def test_common_names_of_20_m_bands(catalog: Catalog, built: list[Built], name: str) -> None:
    maja = {"nir08": "B8A", "swir16": "B11", "swir22": "B12", "rededge071": "B5"}.get(name, "B7")

    for product, values in slices(load(catalog, bands=name)[name], built):
        np.testing.assert_array_equal(values, reflectance(product, f"FRE_{maja}"))


def test_the_atmosphere_is_scaled_whichever_form_its_file_has(
    catalog: Catalog, built: list[Built]
) -> None:
    found = load(catalog, bands=("WVC_R1", "AOT_R1"))
    masked = load(catalog, bands=("AOT_R1",), masks="clear")

    assert found.WVC_R1.attrs == {"units": "g/cm2"}
    for name, band, divisor in (("WVC_R1", 0, 20), ("AOT_R1", 1, 200)):
        for product, values in slices(found[name], built):
            raw = product.pixels("ATB_R1")[band].astype(np.float32)
            expected = np.where(raw == 0, np.nan, raw / np.float32(divisor))
            np.testing.assert_array_equal(values, expected)
    for product, values in slices(masked.AOT_R1, built):
        is_clear = (product.pixels("CLM_R1") % 2 == 0) & (product.pixels("EDG_R1") == 0)
        assert (np.isfinite(values) <= is_clear).all()


def test_raw_counts_and_masks_are_as_in_the_files(catalog: Catalog, built: list[Built]) -> None:
    found = load(catalog, bands=("B04", "CLM_R1", "MG2_R1", "EDG_R1", "SAT_R1"), scaled=False)

    assert found.B04.dtype == np.int16
    for name, layer in (("B04", "FRE_B4"), ("CLM_R1", "CLM_R1"), ("MG2_R1", "MG2_R1")):
        for product, values in slices(found[name], built):
            np.testing.assert_array_equal(values, product.pixels(layer))
    assert found.EDG_R1.dtype == np.uint8
    assert 0 < float(found.EDG_R1.isel(time=1).mean()) < 1


def test_20_m_bands_fill_four_pixels_of_a_10_m_grid(catalog: Catalog, built: list[Built]) -> None:
    found = load(catalog, bands=("B04", "B8A"))

    assert found.sizes["x"] == SIZE
    for product, values in slices(found.B8A, built):
        coarse = reflectance(product, "FRE_B8A")
        np.testing.assert_array_equal(values, coarse.repeat(2, axis=0).repeat(2, axis=1))


def test_the_grid_is_that_of_the_file(catalog: Catalog) -> None:
    found = load(catalog, bands="B04")

    with rasterio.open(raster_path(catalog)) as file:
        assert found.odc.geobox.affine == file.transform
        assert found.rio.transform() == file.transform
        assert found.rio.crs == file.crs
        assert found.odc.geobox.shape == file.shape
    assert isinstance(found.odc, ODCExtension)


def raster_path(catalog: Catalog) -> str:
    return str(select(catalog)[0].assets["B04"].get_absolute_href())


def test_items_that_were_chosen_are_loaded_as_they_are(catalog: Catalog) -> None:
    chosen = select(catalog, datetime="2017-11-04/..")
    found = load(chosen, bands="B04")

    assert found.sizes["time"] == 2
    xr.testing.assert_identical(found, load(catalog, bands="B04", datetime="2017-11-04/.."))


def test_dask_is_a_choice(catalog: Catalog) -> None:
    eager = load(catalog, bands="B04", masks="clear", chunks=None)
    lazy = load(catalog, bands="B04", masks="clear", chunks={"x": 50, "y": 40, "time": 2})

    assert eager.B04.chunks is None
    assert lazy.chunksizes == {"time": (2, 1), "y": (40, 40, 40, 2), "x": (50, 50, 22)}
    xr.testing.assert_equal(eager, lazy.compute())


class TestGrid:
    """On full-size products of 10 m, where a metre counts."""

    NUMBERS = np.arange(1, 17).reshape(4, 4) * 100

    @pytest.fixture
    def one(self, tmp_path: Path) -> Catalog:
        coarse = np.array([[10, 20], [30, 40]])
        layers = {"FRE_B4": self.NUMBERS, "FRE_B8A": coarse}
        return catalogued(tmp_path / "catalog", [write_product(tmp_path, S2A, layers)])

    def test_a_box_in_degrees_is_cut_to_whole_pixels_of_the_tile(self, one: Catalog) -> None:
        """The box also leaves the tile by 20 m in the north and west, where nothing is added."""
        box = metres(left=-20, top=-20, right=25, bottom=25)
        found = load(one, bands="red", bbox=box, scaled=False)

        np.testing.assert_array_equal(found.red[0], self.NUMBERS[:3, :3])
        assert found.x.values.tolist() == [ULX + 5, ULX + 15, ULX + 25]
        assert found.y.values.tolist() == [ULY - 5, ULY - 15, ULY - 25]

    def test_a_point_is_one_pixel(self, one: Catalog) -> None:
        west, south, east, north = metres(left=15, top=25, right=15.001, bottom=25.001)
        place = Point((west + east) / 2, (south + north) / 2)

        found = load(one, bands=("red", "B8A"), intersects=place, scaled=False)

        assert found.red.values.tolist() == [[[1000]]]
        assert found.B8A.values.tolist() == [[[30]]]

    def test_a_box_round_the_world_is_the_tile(self, one: Catalog) -> None:
        found = load(one, bands=("B04", "B8A"), bbox=(-180, -90, 180, 90))

        assert found.odc.geobox.shape == (10980, 10980)
        assert tuple(found.odc.geobox.affine)[:6] == (10, 0, ULX, 0, -10, ULY)
        assert found.chunksizes["y"][0] == 1024
        assert found.chunksizes["x"] == (10980,)

    def test_a_coarser_grid_keeps_the_corner_and_ignores_no_data_in_means(
        self, tmp_path: Path
    ) -> None:
        values = self.NUMBERS.copy()
        values[0, 0] = -10000
        catalog = catalogued(
            tmp_path / "catalog", [write_product(tmp_path, S2A, {"FRE_B4": values})]
        )
        found = load(catalog, bands="red", resolution=20, resampling="average", bbox=CORNER)

        assert tuple(found.odc.geobox.affine)[:6] == (20, 0, ULX, 0, -20, ULY)
        mean = np.array([[(200 + 500 + 600) / 3, 550], [1150, 1350]])
        # odc-stac averages counts, which stay whole numbers.
        np.testing.assert_allclose(found.red[0], mean / 10000, atol=0.5e-4)

    def test_tiles_of_two_zones_are_refused_unless_a_crs_is_given(self, tmp_path: Path) -> None:
        other = "SENTINEL2A_20171127-105829-648_L2A_T30TYP_C_V1-0"
        paths = [
            write_product(tmp_path, S2A, {"FRE_B4": self.NUMBERS}),
            write_product(tmp_path, other, {}, ulx=699960, uly=4900020),
        ]
        catalog = catalogued(tmp_path / "catalog", paths)

        with pytest.raises(RequestError, match=r"EPSG:32630 and EPSG:32631.*crs="):
            load(catalog, bands="red")
        assert load(catalog, bands="red", tiles="31TCJ").sizes["x"] == 10980
        with pytest.raises(RequestError, match="resolution="):
            load(catalog, bands="red", crs="EPSG:3035")
        found = load(catalog, bands="red", crs=32631, resolution=10, bbox=CORNER, scaled=False)
        assert found.sizes["time"] == 1
        assert 100 in found.red.values

    def test_two_tiles_of_a_day_are_one_picture(self, tmp_path: Path) -> None:
        """Neighbours overlap by 9.8 km; where one has no file, the other counts."""
        east = "SENTINEL2A_20171127-105829-648_L2A_T31TDJ_C_V1-0"
        paths = [
            write_product(tmp_path, S2A, {"FRE_B4": self.NUMBERS}),
            write_product(tmp_path, east, {"FRE_B4": self.NUMBERS + 1}, ulx=ULX + 99960),
        ]
        catalog = catalogued(tmp_path / "catalog", paths)
        found = load(catalog, bands=("B04", "EDG_R1"), masks="clear", chunks={"x": 2048, "y": 2048})

        assert found.odc.geobox.shape == (10980, 9996 + 10980)
        assert found.sizes["time"] == 1
        west, both, gap = (
            found.isel(time=0, y=slice(0, 4), x=slice(start, start + 4))
            for start in (0, 9996, 9996 + 10976)
        )
        np.testing.assert_array_equal(west.B04, self.NUMBERS.astype(np.float32) / np.float32(10000))
        assert (both.B04 == 0).all()  # of the western tile, a second earlier
        assert (gap.EDG_R1 == 0).all()

    def test_what_no_file_covers_is_outside(self, tmp_path: Path) -> None:
        """Two tiles corner to corner leave two corners without any file."""
        south_east = "SENTINEL2A_20171127-105829-648_L2A_T31TDH_C_V1-0"
        paths = [
            write_product(tmp_path, S2A, {"FRE_B4": self.NUMBERS}),
            write_product(tmp_path, south_east, {}, ulx=ULX + 99960, uly=ULY - 99960),
        ]
        catalog = catalogued(tmp_path / "catalog", paths)
        found = load(
            catalog,
            bands=("B04", "EDG_R1", "CLM_R1"),
            chunks={"x": 2048, "y": 2048},
            masks="clear",
        )
        north_east = found.isel(time=0, y=0, x=-1).compute()

        assert north_east.EDG_R1 == 1
        assert np.isnan(north_east.B04)


@pytest.fixture(scope="module")
def small(built: list[Built], tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    root = tmp_path_factory.mktemp("small") / "catalog"
    return catalogued(root, [built[0].path], exclude=["SAT_*", "SRE_*"])


class TestRefusals:
    """One line each, before any pixel is read."""

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"bands": "B4"}, "no band 'B4'; give B04"),
            ({"bands": "rededge"}, "give B05, B06 or B07"),
            ({"bands": "ATB_R2"}, "WVC_R2 or AOT_R2"),
            ({"bands": "ndvi"}, "there are B02"),
            ({"bands": "visual"}, "no band 'visual'"),
            ({"bands": ()}, "no band is asked for"),
            ({"bands": "SRE_B04"}, "has no SRE_B04"),
            ({"masks": "clear"}, "has no SAT_R1"),
            ({"masks": "cloudless"}, "'cloudless'"),
            ({"groupby": "month"}, "'month'"),
            ({"resolution": 0}, "resolution: 0"),
            ({"tiles": "30TYP"}, "no product matches"),
        ],
    )
    def test_what_cannot_be_loaded(
        self, small: Catalog, options: dict[str, Any], message: str
    ) -> None:
        with pytest.raises(RequestError, match=message) as error:
            load(small, **options)

        assert "\n" not in str(error.value)
        assert len(str(error.value)) < 500

    def test_what_was_not_kept_is_not_missed_unless_needed(self, small: Catalog) -> None:
        assert load(small, bands="B04").sizes["time"] == 1


def test_items_that_pystac_has_migrated_are_loaded_too(tmp_path: Path) -> None:
    """Reading with pystac drops `proj:epsg`, and rewrites the fields of older extensions."""
    layers = {"FRE_B4": np.array([[1202]]), "ATB_R1": np.array([[[40]], [[25]]])}
    catalog = catalogued(tmp_path / "catalog", [write_product(tmp_path, S2A, layers)])
    root = pystac.Catalog.from_file(str(catalog.root / "catalog.json"))
    items = list(root.get_items(recursive=True))

    found = load(items, bands=("red", "WVC_R1"), masks="clear", bbox=CORNER)

    assert "proj:epsg" not in items[0].properties
    assert float(found.red[0, 0, 0]) == np.float32(0.1202)
    assert float(found.WVC_R1[0, 0, 0]) == np.float32(2)


def test_the_order_of_items_changes_nothing(tmp_path: Path) -> None:
    paths = [write_product(tmp_path, name, {}) for name in (S2A, S2B_TEN_MINUTES_LATER)]
    items = select(catalogued(tmp_path / "catalog", paths))

    forth, back = (load(each, bands="red", groupby="id") for each in (items, items[::-1]))
    assert forth.time.values.tolist() == back.time.values.tolist()
