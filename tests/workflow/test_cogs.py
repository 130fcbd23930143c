"""Products as COGs, checked with readers that are not ours."""

import shutil
from collections import namedtuple
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pystac
import pytest
import rasterio
from numpy.typing import NDArray
from pyproj import Transformer
from rio_cogeo.cogeo import cog_validate
from shapely.geometry import shape
from shapely.ops import transform

from builders_archives import (
    ALONE,
    RAW,
    SLIVER,
    WHOLE,
    added,
    built,
    files_of,
    rewritten,
    the_item,
    unpacked,
)
from builders_scenes import Built
from peps_stac.domain import L1CProduct
from peps_stac.errors import RequestError
from peps_stac.simulator.products import ProductStyle
from peps_stac.stac.collections import L2A_COLLECTION
from peps_stac.store import Catalog, validate
from peps_stac.workflow import AssetChoice, AssetMode, OutcomeState, Step
from recorded import SHARED

SCHEMAS = SHARED / "stac-schemas" if SHARED.is_dir() else None
COG = "image/tiff; application=geotiff; profile=cloud-optimized"
BANDS = ("B2", "B3", "B4", "B5", "B6", "B7", "B8", "B8A", "B11", "B12")
STYLES = {
    "of MAJA on ESA's L1C": ProductStyle(),
    "of Theia": ProductStyle(
        version="2.2", folder_profile="D", metadata_profile="DISTRIBUTED", with_data=False
    ),
    "old": ProductStyle(version="1.4", profile="D", old_natures=True, with_dtf=True),
    "with defects": ProductStyle(with_dfp=True, mask_compression="none"),
    "without slopes": ProductStyle(with_fre=False, with_iab=False),
    "flat only": ProductStyle(with_sre=False, with_quicklook=False),
    "oddly spelled": ProductStyle(
        epsg_prefix=True, dot_paths=True, float_numbers=True, nested=True, esa_input=True
    ),
}


def layer_of(key: str, *, with_fre: bool = True) -> tuple[str, int | None]:
    """File and band of a product that a COG was made of, by the key of its Asset."""
    if key.startswith(("WVC", "AOT")):
        return f"ATB_{key[4:]}", 0 if key.startswith("WVC") else 1
    family, name = ("SRE", key[4:]) if key.startswith("SRE_") else ("FRE", key)
    if name.startswith("B"):
        return f"{family if with_fre else 'SRE'}_{name.replace('B0', 'B')}", None
    return key, None


def read(path: Path) -> NDArray[Any]:
    with rasterio.open(path) as dataset:
        return np.asarray(dataset.read(1))


def degrees(item: pystac.Item) -> float:
    """Area of the geometry in square degrees; that of the tile is 1.36."""
    assert item.geometry is not None
    return float(shape(item.geometry).area)


def rasters_of(item: pystac.Item) -> dict[str, Path]:
    own = ("visual", "thumbnail")
    return {
        key: path
        for key, path in files_of(item).items()
        if key not in own and path.suffix == ".tif"
    }


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_every_pixel_of_every_layer_is_that_of_the_product(
    tmp_path: Path, style: ProductStyle
) -> None:
    catalog, product = Catalog(tmp_path / "catalog"), built(style=style)
    [outcome] = added(catalog, product.path)

    assert outcome.state is OutcomeState.ADDED
    found = rasters_of(the_item(catalog))
    for key, path in found.items():
        layer, band = layer_of(key, with_fre=style.with_fre)
        pixels = product.pixels(layer)
        np.testing.assert_array_equal(read(path), pixels if band is None else pixels[band], key)
    layers = [name for name in product.names() if name.endswith(".tif")]
    assert len(found) == len(layers) + 2  # two files of the atmosphere are four COGs
    assert validate(catalog, schemas=SCHEMAS).findings == ()


@pytest.fixture(scope="module")
def catalogued(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """A product of 732 pixels a row, as COGs."""
    catalog = Catalog(tmp_path_factory.mktemp("cogs") / "catalog")
    added(catalog, built(size=732).path)
    return catalog


def test_every_raster_is_a_cog_with_the_nodata_tag_of_its_item(catalogued: Catalog) -> None:
    item = the_item(catalogued)
    for key, path in (rasters_of(item) | {"visual": files_of(item)["visual"]}).items():
        is_valid, errors, _ = cog_validate(str(path), strict=True, quiet=True)
        asset = item.assets[key]
        with rasterio.open(path) as dataset:
            assert dataset.nodata == asset.extra_fields.get("nodata")
            assert dataset.scales == (1,) * dataset.count
            assert list(dataset.shape) == asset.extra_fields["proj:shape"]
            assert list(dataset.transform)[:6] == asset.extra_fields["proj:transform"]
            assert dataset.crs.to_epsg() == item.properties["proj:epsg"]
        assert (is_valid, errors) == (True, [])
        assert asset.media_type == COG
        assert asset.extra_fields["file:size"] == path.stat().st_size


def test_statistics_are_those_of_the_valid_pixels(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    added(catalog, built(SLIVER).path)
    item = the_item(catalog)
    pixels = read(files_of(item)["B04"])
    valid = pixels[pixels != -10000]

    statistics = item.assets["B04"].extra_fields["bands"][0]["statistics"]
    assert statistics["minimum"] == valid.min()
    assert statistics["maximum"] == valid.max()
    assert statistics["mean"] == pytest.approx(valid.mean())
    assert statistics["stddev"] == pytest.approx(valid.std(), rel=1e-6)
    assert statistics["valid_percent"] == pytest.approx(100 * valid.size / pixels.size)
    assert "statistics" not in item.assets["CLM_R1"].extra_fields["bands"][0]


@pytest.mark.parametrize("assets", [ALONE, RAW, AssetChoice(mode=AssetMode.ZIP)])
@pytest.mark.parametrize("scene", [WHOLE, SLIVER], ids=["whole tile", "part of it"])
def test_the_geometry_is_where_the_product_has_data(
    tmp_path: Path, scene: L1CProduct, assets: AssetChoice
) -> None:
    """In every form: the edge mask is read out of the archive."""
    catalog, product = Catalog(tmp_path), built(scene)
    added(catalog, product.path, assets=assets)
    item = the_item(catalog)
    assert item.geometry is not None
    to_utm = Transformer.from_crs(4326, item.properties["proj:epsg"], always_xy=True).transform
    area = transform(to_utm, shape(item.geometry)).area
    with product.raster("EDG_R2") as mask:
        expected = np.count_nonzero(mask.read(1) == 0) * abs(mask.transform.determinant)

    assert area == pytest.approx(expected, rel=0.01)
    assert item.bbox == list(shape(item.geometry).bounds)
    assert item.properties["proj:bbox"] == [300000, 4790220, 409800, 4900020]


def test_the_previews_are_there_and_the_quicklook_is_no_thumbnail_any_more(
    catalogued: Catalog,
) -> None:
    item = the_item(catalogued)
    roles = {key: item.assets[key].roles for key in ("visual", "thumbnail", "quicklook")}

    assert roles == {
        "visual": ["visual", "overview"],
        "thumbnail": ["thumbnail"],
        "quicklook": ["overview"],
    }
    with rasterio.open(files_of(item)["visual"]) as visual:
        assert (visual.count, visual.dtypes[0], visual.nodata) == (3, "uint8", 0)
    assert files_of(item)["thumbnail"].read_bytes().startswith(b"\xff\xd8")


def test_metadata_and_quicklook_are_those_delivered(catalogued: Catalog) -> None:
    files, product = files_of(the_item(catalogued)), built(size=732)

    assert files["metadata"].read_bytes() == product.member("_MTD_ALL.xml")
    assert files["quicklook"].read_bytes() == product.member("_QKL_ALL.jpg")
    assert files["processing-information"].read_bytes() == product.member("_JPI_ALL.xml")


def test_nothing_but_the_assets_is_on_the_disk(catalogued: Catalog) -> None:
    item = the_item(catalogued)
    folder = catalogued.item_dir(item)
    there = {path for path in folder.rglob("*") if path.is_file()}

    assert there == {*files_of(item).values(), catalogued.item_path(item)}
    assert not list((catalogued.root / ".staging").glob("*"))


def test_processes_give_the_same_files_as_one(tmp_path: Path, catalogued: Catalog) -> None:
    catalog = Catalog(tmp_path)
    [outcome] = added(catalog, built(size=732).path, assets=AssetChoice(workers=2))

    assert outcome.state is OutcomeState.ADDED
    assert the_item(catalog).to_dict() == the_item(catalogued).to_dict() | {
        "links": the_item(catalog).to_dict()["links"]
    }
    alone, together = files_of(the_item(catalogued)), files_of(the_item(catalog))
    assert {k: p.read_bytes() for k, p in alone.items()} == {
        k: p.read_bytes() for k, p in together.items()
    }


def test_who_listens_hears_of_each_raster_up_to_the_last(tmp_path: Path) -> None:
    steps: list[Step] = []
    added(Catalog(tmp_path), built().path, report=steps.append)

    assert [step.files_done for step in steps] == list(range(1, len(steps) + 1))
    assert (steps[-1].files_done, steps[-1].bytes_done) == (steps[-1].files, steps[-1].bytes)
    assert {(step.product, step.products) for step in steps} == {(1, 1)}
    assert steps[-1].bytes == 2 * 4 * 122**2 * 2 + 2 * 6 * 61**2 * 2 + (2 + 5) * (122**2 + 61**2)


@pytest.mark.parametrize("workers", [1, 2])
def test_one_damaged_raster_is_one_line_and_leaves_nothing(tmp_path: Path, workers: int) -> None:
    def spoil(name: str, content: bytes) -> bytes:
        return b"no raster" if name.endswith("_FRE_B8.tif") else content

    archive = rewritten(built().path, tmp_path / "bad.zip", change=spoil)
    catalog = Catalog(tmp_path / "catalog")
    [outcome] = added(catalog, archive, assets=AssetChoice(workers=workers))

    assert outcome.state is OutcomeState.FAILED
    assert outcome.name == str(archive)
    assert "B08.tif" in outcome.detail
    assert "\n" not in outcome.detail
    assert list(catalog.items()) == []
    assert [path for path in catalog.root.rglob("*") if path.suffix in (".tif", ".part")] == []


def test_a_disk_that_is_too_small_is_told_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", ("total", "used", "free"))  # noqa: PYI024 -- as shutil answers
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 64 * 2**20 + 1000))
    catalog = Catalog(tmp_path / "catalog")
    [outcome] = added(catalog, built().path)

    assert outcome.state is OutcomeState.FAILED
    assert "no space" in outcome.detail
    assert "has 67.1 MB; free space" in outcome.detail
    assert list(catalog.items()) == []


def without_edge(tmp_path: Path) -> Path:
    def forget(name: str, content: bytes) -> bytes:
        return content.replace(b"_EDG_R", b"_XYZ_R") if name.endswith("MTD_ALL.xml") else content

    return rewritten(built().path, tmp_path / "x.zip", without=("_EDG_",), change=forget)


@pytest.mark.parametrize("assets", [ALONE, RAW])
def test_without_an_edge_mask_the_geometry_is_the_tile_and_that_is_told(
    tmp_path: Path, assets: AssetChoice
) -> None:
    lines: list[str] = []
    catalog = Catalog(tmp_path / "catalog")
    added(catalog, without_edge(tmp_path), assets=assets, tell=lines.append)
    item = the_item(catalog)

    assert lines == [
        f"{item.id}: the geometry is the outline of the tile; the product has no edge mask (EDG)"
    ]
    assert degrees(item) == pytest.approx(1.36, rel=0.02)


def test_the_coarse_edge_mask_is_not_needed(tmp_path: Path) -> None:
    def forget(name: str, content: bytes) -> bytes:
        return content.replace(b"_EDG_R2", b"_XYZ_R2") if name.endswith("ALL.xml") else content

    archive = rewritten(built(SLIVER).path, tmp_path / "x.zip", without=("_EDG_R2",), change=forget)
    catalog, usual = Catalog(tmp_path / "catalog"), Catalog(tmp_path / "usual")
    lines: list[str] = []
    added(catalog, archive, tell=lines.append)
    added(usual, built(SLIVER).path)
    areas = [degrees(the_item(one)) for one in (catalog, usual)]

    assert lines == []
    assert areas[0] == pytest.approx(areas[1], rel=0.02)


@pytest.fixture
def no_rasterio(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("recipe", "making"):
        monkeypatch.setattr(f"peps_stac.workflow.{module}.has_raster", lambda: False)


@pytest.mark.usefixtures("no_rasterio")
def test_without_rasterio_files_stay_as_delivered_and_the_geometry_is_the_tile(
    tmp_path: Path,
) -> None:
    lines: list[str] = []
    catalog = Catalog(tmp_path)
    [outcome] = added(catalog, built(SLIVER).path, tell=lines.append)
    item = the_item(catalog)

    assert outcome.state is OutcomeState.ADDED
    assert item.properties["maja:assets"] == "raw"
    assert [line for line in lines if "peps-stac[raster]" in line] == lines
    assert len(lines) == 1
    assert degrees(item) == pytest.approx(1.36, rel=0.02)


@pytest.mark.usefixtures("no_rasterio")
def test_cogs_without_rasterio_are_refused_in_one_line(tmp_path: Path) -> None:
    choice = replace(ALONE, mode=AssetMode.COG)

    with pytest.raises(RequestError, match=r"pip install 'peps-stac\[raster\]'"):
        added(Catalog(tmp_path), built().path, assets=choice)


def test_a_folder_becomes_cogs_and_stays_as_it_is(tmp_path: Path) -> None:
    folder = unpacked(built().path, tmp_path / "mine")
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    catalog = Catalog(tmp_path / "catalog")
    [outcome] = added(catalog, folder)

    assert outcome.state is OutcomeState.ADDED
    assert all(catalog.root in path.parents for path in files_of(the_item(catalog)).values())
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    np.testing.assert_array_equal(
        read(files_of(the_item(catalog))["B8A"]), built().pixels("FRE_B8A")
    )


def test_a_product_that_maja_gave_up_is_no_item(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog")
    [outcome] = added(catalog, built(style=ProductStyle(valid=False)).path)

    assert outcome.state is OutcomeState.TOO_CLOUDY
    assert not catalog.root.exists()
    assert list(Catalog(tmp_path / "other").ids(L2A_COLLECTION)) == []


def test_bands_of_one_name_are_told_apart(catalogued: Catalog) -> None:
    """B8 is a prefix of B8A."""
    files = files_of(the_item(catalogued))
    product: Built = built(size=732)

    np.testing.assert_array_equal(read(files["B08"]), product.pixels("FRE_B8"))
    np.testing.assert_array_equal(read(files["SRE_B8A"]), product.pixels("SRE_B8A"))
    assert len(BANDS) == len([key for key in files if key.startswith("SRE_")])
