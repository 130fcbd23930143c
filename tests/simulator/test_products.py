import hashlib
import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from shapely.geometry import Point, box

from builders_scenes import Built, a_scene, scenes
from peps_stac.archive import open_product, read_product
from peps_stac.domain import L1CProduct, MgrsTile
from peps_stac.errors import RequestError
from peps_stac.peps.resto import read_product as read_feature
from peps_stac.simulator.products import (
    SIZES,
    ProductStyle,
    acquired,
    build_product,
    is_valid,
    product_name,
)
from peps_stac.simulator.tiling import to_lonlat
from recorded import SHARED, needs_recorded

SIZE = 366
LAYERS_R1 = ["FRE_B2", "FRE_B3", "FRE_B4", "FRE_B8"]
_TELLING = ("name", "level", "unit", "group_id", "band_id", "bit_number", "band_number", "count")
LAYERS_R2 = ["FRE_B5", "FRE_B6", "FRE_B7", "FRE_B8A", "FRE_B11", "FRE_B12"]


@pytest.fixture(scope="module")
def cloudy(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """31TCJ on 2 November 2017: the whole tile, a third of it under clouds."""
    return built(a_scene(), tmp_path_factory.mktemp("cloudy"))


@pytest.fixture(scope="module")
def partial(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """31TCJ on 4 November 2017: orbit 8 sees only the east."""
    return built(a_scene(day="2017-11-04"), tmp_path_factory.mktemp("partial"))


def built(product: L1CProduct, folder: Path, style: ProductStyle | None = None) -> Built:
    return Built(build_product(product, folder, size=SIZE, style=style or ProductStyle()))


def test_names_are_those_of_maja() -> None:
    product = a_scene()

    assert (
        product_name(product)
        == f"SENTINEL2A_{acquired(product):%Y%m%d-%H%M%S}-569_L2A_T31TCJ_C_V1-0"
    )
    old = ProductStyle(version="1.4", profile="D")
    assert product_name(product, old).endswith("_L2A_T31TCJ_D_V1-4")


def test_the_tile_is_seen_minutes_after_the_datatake_began() -> None:
    product = a_scene()

    assert 240 <= (acquired(product) - product.start).total_seconds() <= 360
    assert acquired(product).strftime("%H:%M") == "10:58"


@pytest.mark.parametrize(
    ("percent", "valid"), [(None, True), (0, True), (90, True), (90.01, False), (100, False)]
)
def test_above_90_percent_nothing_is_issued(percent: float | None, *, valid: bool) -> None:
    assert is_valid(replace(a_scene(), cloud_cover=percent)) is valid


def test_a_target_is_an_archive_or_a_folder(tmp_path: Path) -> None:
    product = a_scene()

    assert build_product(product, tmp_path / "x.zip", size=100) == tmp_path / "x.zip"
    inside = build_product(product, tmp_path / "new", size=100)
    assert inside == tmp_path / "new" / f"{product_name(product)}.zip"
    assert sorted(path.name for path in tmp_path.rglob(".building-*")) == []


def test_the_same_scene_makes_the_same_bytes(tmp_path: Path, cloudy: Built) -> None:
    again = built(a_scene(), tmp_path)

    assert _digest(again.path) == _digest(cloudy.path)


def test_sizes_divide_the_tile() -> None:
    assert {100, 244, 366, 732, 1098, 10980} <= set(SIZES)
    assert all(109_800 % size == 0 and size % 2 == 0 for size in SIZES)
    with pytest.raises(RequestError, match=r"size: 1000 is no.*give one of 732, 900, 1098, 1220"):
        build_product(a_scene(), Path("nowhere"), size=1000)


def test_reflectances_are_striped_plain_int16(cloudy: Built) -> None:
    for layer, count in (("FRE_B4", SIZE), ("SRE_B11", SIZE // 2)):
        with cloudy.raster(layer) as raster:
            assert raster.dtypes == ("int16",)
            assert raster.shape == (count, count)
            assert raster.block_shapes == [(1, count)]
            assert raster.nodata is None
            assert raster.overviews(1) == []
            assert "compress" not in raster.profile
            assert raster.crs.to_epsg() == 32631
            assert raster.bounds == (300000, 4790220, 409800, 4900020)
            assert raster.profile["tiled"] is False
    assert cloudy.member("_FRE_B4.tif")[:2] == b"II"


def test_files_are_as_large_as_the_rule_of_real_ones_says(cloudy: Built) -> None:
    """Two bytes a pixel, some bytes a row for the strip's place and length, and the tags.

    8 bytes a row at full size; 6 in these small ones, whose strips are shorter than 65536 bytes.
    """
    for layer, count in (("FRE_B2", SIZE), ("ATB_R2", SIZE // 2)):
        rest = len(cloudy.member(f"_{layer}.tif")) - count * count * 2 - count * 6
        assert 0 < rest < 4000


def test_the_atmosphere_has_two_bands_in_every_pixel(cloudy: Built) -> None:
    with cloudy.raster("ATB_R1") as raster:
        assert raster.count == 2
        assert raster.dtypes == ("uint8", "uint8")
        assert raster.interleaving.value.lower() == "pixel"
        vapour, aerosol = raster.read()
    assert 0.3 < vapour.mean() / 20 < 4
    assert 0.01 < aerosol.mean() / 200 < 0.5
    assert min(vapour.min(), aerosol.min()) >= 1


@pytest.mark.parametrize(("word", "expected"), [("deflate", "DEFLATE"), ("none", None)])
def test_masks_are_compressed_or_not(tmp_path: Path, word: str, expected: str | None) -> None:
    product = built(a_scene(), tmp_path, ProductStyle(mask_compression=word))  # type: ignore[arg-type] # a parameter

    with product.raster("CLM_R1") as raster:
        assert raster.tags(ns="IMAGE_STRUCTURE").get("COMPRESSION") == expected
        assert raster.dtypes == ("uint8",)


@pytest.mark.parametrize("group", ["R1", "R2"])
def test_masks_agree_with_each_other(cloudy: Built, partial: Built, group: str) -> None:
    for product in (cloudy, partial):
        clm, mg2 = product.pixels(f"CLM_{group}"), product.pixels(f"MG2_{group}")
        edge = product.pixels(f"EDG_{group}")

        np.testing.assert_array_equal(mg2 & 2, clm & 2)
        np.testing.assert_array_equal((mg2 & 8) > 0, (clm & (32 | 64)) > 0)
        np.testing.assert_array_equal((clm & 1) > 0, (clm & (2 | 32 | 64)) > 0)
        np.testing.assert_array_equal((clm & 2) > 0, (clm & (4 | 8)) > 0)
        assert not ((clm & 2) > 0)[(clm & 16) > 0].any()
        assert set(np.unique(edge)) <= {0, 1}
        assert {2, 3} & set(np.unique(product.pixels(f"IAB_{group}")))


def test_coarse_and_fine_masks_agree(cloudy: Built) -> None:
    for name in ("CLM", "MG2", "EDG", "IAB"):
        coarse = cloudy.pixels(f"{name}_R2").repeat(2, 0).repeat(2, 1)
        np.testing.assert_array_equal(cloudy.pixels(f"{name}_R1"), coarse)


def test_outside_the_swath_every_layer_says_what_real_ones_say(partial: Built) -> None:
    outside = partial.pixels("EDG_R1") == 1

    assert 0.8 < outside.mean() < 0.9
    for layer in (*LAYERS_R1, "SRE_B4"):
        values = partial.pixels(layer)
        assert (values[outside] == -10000).all()
        assert (values[~outside] > 0).all()
    assert (partial.pixels("ATB_R1")[:, outside] == 0).all()
    assert (partial.pixels("IAB_R1")[outside] == 3).all()
    for layer in ("CLM_R1", "MG2_R1", "SAT_R1"):
        assert (partial.pixels(layer)[outside] == 0).all()


def test_the_edge_is_the_footprint_of_the_scene(partial: Built) -> None:
    scene = a_scene(day="2017-11-04")
    edge = partial.pixels("EDG_R1")
    lonlat = to_lonlat(32631)
    assert scene.footprint is not None

    for row, column in np.random.default_rng(1).integers(0, SIZE, (60, 2)):
        x, y = 300000 + (column + 0.5) * 300, 4900020 - (row + 0.5) * 300
        place = Point(lonlat.transform(x, y))
        if scene.footprint.boundary.distance(place) > 0.02:
            assert scene.footprint.contains(place) == (edge[row, column] == 0)


def test_clouds_are_bright_shadows_dark_and_water_black_in_the_infrared(cloudy: Built) -> None:
    clm, mg2 = cloudy.pixels("CLM_R1"), cloudy.pixels("MG2_R1")
    blue, infrared = cloudy.pixels("FRE_B2"), cloudy.pixels("FRE_B8")
    # Neither cloud nor its rim nor a shadow.
    clear = (clm & (1 | 16 | 128)) == 0
    land = clear & (mg2 == 0)

    assert np.median(blue[(clm & 2) > 0]) > 5 * np.median(blue[land])
    assert np.median(infrared[(clm & 32) > 0]) < 0.7 * np.median(infrared[land])
    assert np.median(infrared[clear & ((mg2 & 1) > 0)]) < 0.3 * np.median(infrared[land])


def test_shadows_lie_away_from_the_sun(cloudy: Built) -> None:
    """The sun stands in the south at the time of the pass: shadows are moved to the north."""
    clm = cloudy.pixels("CLM_R2")
    cloud, shadow = ((clm & 2) > 0).astype(int), ((clm & 96) > 0).astype(int)
    azimuth = float(cloudy.metadata().findtext(".//Sun_Angles/AZIMUTH_ANGLE", "nan"))
    away = (round(8 * math.cos(math.radians(azimuth))), round(-8 * math.sin(math.radians(azimuth))))

    def overlap(down: int, right: int) -> int:
        return int((np.roll(cloud, (down, right), (0, 1)) * shadow)[15:-15, 15:-15].sum())

    assert overlap(*away) > 2 * overlap(-away[0], -away[1])


def test_saturation_marks_the_brightest_pixels(cloudy: Built) -> None:
    for group, layers in (("R1", LAYERS_R1), ("R2", LAYERS_R2)):
        saturated = cloudy.pixels(f"SAT_{group}")
        for bit, layer in enumerate(layers):
            np.testing.assert_array_equal((saturated >> bit) & 1, cloudy.pixels(layer) == 10000)
    assert saturated.max() < 64


@pytest.mark.parametrize("day", ["2017-11-02", "2017-11-04", "2017-11-12", "2017-11-14"])
def test_cloud_percent_agrees_with_the_mask_and_the_scene(tmp_path: Path, day: str) -> None:
    scene = a_scene(day=day)
    product = built(scene, tmp_path)
    seen = product.pixels("EDG_R2") == 0
    masked = ((product.pixels("CLM_R2") & 2) > 0)[seen].mean() * 100

    assert int(_quality(product, "CloudPercent")) == round(masked)
    assert masked == pytest.approx(scene.cloud_cover, abs=3)


@pytest.mark.parametrize("percent", [0, 100])
def test_skies_can_be_all_clear_or_all_white(tmp_path: Path, percent: float) -> None:
    product = built(replace(a_scene(), cloud_cover=percent), tmp_path)

    assert int(_quality(product, "CloudPercent")) == percent
    if percent == 0:
        assert (product.pixels("CLM_R1") & 0x7F).max() == 0


def test_flat_reflectance_differs_from_the_other_on_slopes_only(cloudy: Built) -> None:
    flat, tilted = cloudy.pixels("FRE_B8").astype(float), cloudy.pixels("SRE_B8")
    ratio = tilted / flat

    assert 0.9 < np.median(ratio) < 1.1
    assert ratio.std() > 0.02


def test_ndvi_of_a_place_follows_the_year(tmp_path: Path) -> None:
    def vegetation(day: str) -> float:
        product = built(replace(a_scene(day=day), cloud_cover=0), tmp_path / day)
        seen = product.pixels("EDG_R1") == 0
        red, infrared = product.pixels("FRE_B4")[seen], product.pixels("FRE_B8")[seen]
        return float(np.median((infrared - red) / (infrared + red)))

    april, january = vegetation("2018-04-20"), vegetation("2018-01-20")
    assert april > january + 0.15


def test_high_ground_is_white_in_a_northern_winter(tmp_path: Path) -> None:
    product = built(replace(a_scene("33WXR", "2018-02-10"), cloud_cover=10), tmp_path)
    mg2 = product.pixels("MG2_R1")
    snow = (mg2 & 4) > 0

    assert int(_quality(product, "SnowPercent")) > 50
    clear = snow & ((product.pixels("CLM_R1") & 0xFF) == 0)
    assert np.median(product.pixels("FRE_B3")[clear]) > 3000
    assert not ((mg2 & 2) > 0)[snow].any()


def test_detectors_cover_what_is_seen(tmp_path: Path) -> None:
    product = built(a_scene(), tmp_path, ProductStyle(with_dtf=True, with_dfp=True))
    layers = sorted(name[-10:-4] for name in product.names() if "_DTF_R1" in name)
    covered = np.zeros((SIZE, SIZE), bool)
    for layer in layers:
        footprint = product.pixels(f"DTF_{layer}")
        assert set(np.unique(footprint)) == {0, 15}
        covered |= footprint == 15

    # The detectors that the real product of 27 November 2017 lists.
    assert [layer[-2:] for layer in layers] == ["04", "05", "06", "07", "08", "09", "10"]
    assert covered.all()
    assert set(np.unique(product.pixels(f"DTF_{layers[0].replace('R1', 'R2')}"))) == {0, 63}
    assert product.pixels("DFP_R1").max() == 0


def test_viewing_angles_are_near_real_ones(tmp_path: Path) -> None:
    """2 % of the angles in the metadata of the real product of 28 September 2016, tile 31UDS."""
    scenes_of_orbit_51 = [
        read_feature(one)
        for one in scenes("31UDS", "2016-09-28", "2016-09-28")
        if one["properties"]["relativeOrbitNumber"] == 51
    ]
    root = built(scenes_of_orbit_51[0], tmp_path).metadata()
    view = root.find(".//Mean_Viewing_Incidence_Angle[@band_id='B2']")
    assert view is not None

    assert float(view.findtext("ZENITH_ANGLE", "")) == pytest.approx(8.04, abs=0.3)
    assert float(view.findtext("AZIMUTH_ANGLE", "")) == pytest.approx(104.9, abs=4)
    assert float(root.findtext(".//Sun_Angles/ZENITH_ANGLE", "")) == pytest.approx(54.07, abs=0.2)
    detectors = root.findall(".//Band_Viewing_Incidence_Angles_Grids_List[@band_id='B2']/*")
    assert [one.get("detector_id") for one in detectors] == ["01", "02", "03", "04", "05"]
    rows = detectors[0].findall("Zenith/Values_List/VALUES")
    assert len(rows) == len((rows[0].text or "").split()) == 23
    assert "NaN" in (rows[0].text or "")


def test_reading_gives_back_what_was_built(cloudy: Built) -> None:
    scene = a_scene()
    with open_product(cloudy.path) as source:
        product = read_product(source)

    assert product.product_id == product_name(scene)
    assert product.acquired == acquired(scene)
    assert product.datatake_start == scene.start
    assert (product.platform, str(product.tile), product.epsg) == ("sentinel-2a", "31TCJ", 32631)
    assert product.absolute_orbit == scene.absolute_orbit
    assert (product.version, product.profile) == ("1.0", "USER")
    assert product.grids["R2"].transform == (600, 0, 300000, 0, -600, 4900020)
    assert len(product.view_angles) == len(product.solar_irradiance) == 10
    assert (product.validity, product.processing_mode) == ("L2VALD", "STANDARD_MODE")
    assert product.maja_version == "3.1.1"
    assert {file.kind for file in product.files} >= {"FRE", "SRE", "ATB", "CLM", "MG2", "EDG"}


def test_every_listed_file_is_there_and_nothing_else(cloudy: Built) -> None:
    root = cloudy.metadata()
    tags = ("QUICKLOOK", "IMAGE_FILE", "MASK_FILE", "DATA_FILE")
    listed = {one.text or "" for tag in tags for one in root.iter(tag)}
    top = cloudy.path.stem
    present = {name.removeprefix(f"{top}/") for name in cloudy.names()}

    private = {name for name in present if name.endswith("_PVD_ALL/HDR.xml")}
    expected = {path for path in listed if not path.endswith("_PVD_ALL")}
    assert present - private - {f"{top}_MTD_ALL.xml"} == expected
    assert len(private) == 1


STYLES = {
    "theia": ProductStyle(version="2.2", profile="C", folder_profile="D", nested=True),
    "old": ProductStyle(
        version="1.4",
        profile="D",
        metadata_profile="DISTRIBUTED",
        old_natures=True,
        with_dfp=True,
        with_dtf=True,
        with_iab=False,
    ),
    "odd text": ProductStyle(epsg_prefix=True, dot_paths=True, float_numbers=True),
    "bare": ProductStyle(with_sre=False, with_data=False, with_quicklook=False),
    "no slopes": ProductStyle(with_fre=False),
    "esa name": ProductStyle(esa_input=True, processing_mode="INIT_MODE"),
    "later": ProductStyle(maja_version="4.8.0", processed=datetime(2024, 1, 2, 3, 4, tzinfo=UTC)),
}


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_every_style_builds_and_reads(tmp_path: Path, style: ProductStyle) -> None:
    scene = a_scene()
    product = built(scene, tmp_path, style)
    with open_product(product.path) as source:
        read = read_product(source)

    kinds = {file.kind for file in read.files}
    assert read.product_id == product_name(scene, style)
    assert ("FRE" in kinds, "SRE" in kinds) == (style.with_fre, style.with_sre)
    assert ("DFP" in kinds, "DTF" in kinds) == (style.with_dfp, style.with_dtf)
    assert ("IAB" in kinds, "QKL" in kinds) == (style.with_iab, style.with_quicklook)
    assert read.grids["R1"].rows == SIZE
    assert read.maja_version == (style.maja_version if style.with_data else None)
    if style.processed:
        assert read.processed == style.processed
    if style.esa_input:
        assert read.l1c_name == scene.name
    letter = style.folder_profile or style.profile
    assert product.path.stem.split("_")[4] == letter
    depth = {name.count("/") for name in product.names() if name.endswith("_MTD_ALL.xml")}
    assert depth == {2 if style.nested else 1}


def test_a_product_that_maja_gave_up_has_no_images(tmp_path: Path) -> None:
    product = built(a_scene(day="2017-11-17"), tmp_path, ProductStyle(valid=False))
    root = product.metadata()
    with open_product(product.path) as source:
        read = read_product(source)

    assert not [name for name in product.names() if name.endswith(".tif")]
    assert root.find(".//Image_List") is None
    assert root.find(".//Mask_List") is None
    assert read.validity == "L2NOTV"
    assert int(_quality(product, "CloudPercent")) == 98


def test_the_quicklook_is_a_jpeg_of_about_a_thousand_pixels(cloudy: Built) -> None:
    picture = cloudy.member("_QKL_ALL.jpg")

    assert picture[:3] == b"\xff\xd8\xff"
    assert 40_000 < len(picture) < 700_000


@pytest.mark.parametrize("name", ["32MNE", "01KAB", "33XVM", "55PDR"])
def test_tiles_all_over_the_world_build(tmp_path: Path, name: str) -> None:
    """South of the equator, at the antimeridian, beyond the last orbit, in the tropics."""
    tile = MgrsTile.parse(name)
    scene = replace(a_scene(), tile=tile, relative_orbit=51, footprint=None, cloud_cover=20)
    if name == "01KAB":
        scene = a_scene(name)
    product = built(scene, tmp_path)
    with open_product(product.path) as source:
        read = read_product(source)

    assert read.tile == tile
    assert all(0 <= angles.zenith < 90 for angles in read.view_angles.values())
    assert (product.pixels("EDG_R2") == 0).all()


def test_the_southern_tile_has_its_false_northing(tmp_path: Path) -> None:
    scene = replace(a_scene(), tile=MgrsTile.parse("32MNE"), footprint=None)
    with built(scene, tmp_path).raster("FRE_B2") as raster:
        assert raster.bounds.top == 10_000_000
        assert raster.crs.to_epsg() == 32732


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tile": None}, "has no tile"),
        ({"platform": "landsat-8"}, "is no Sentinel-2"),
        ({"footprint": box(100, 0, 101, 1)}, "does not touch tile 31TCJ"),
    ],
)
def test_what_maja_cannot_take_is_refused(
    tmp_path: Path, change: dict[str, object], message: str
) -> None:
    with pytest.raises(RequestError, match=message):
        build_product(replace(a_scene(), **change), tmp_path, size=100)  # type: ignore[arg-type] # a parameter
    assert list(tmp_path.rglob("*.zip")) == []


@needs_recorded
def test_metadata_have_every_element_of_the_real_ones(cloudy: Built) -> None:
    real = _parse_real()
    made = _paths(cloudy.metadata())

    assert real - made == set()


def _parse_real() -> set[str]:
    from_disk = next((SHARED / "muscate").glob("SENTINEL2A_*/*_MTD_ALL.xml"))
    return _paths(_tree(from_disk.read_bytes()))


def _tree(content: bytes) -> ET.Element:
    return ET.fromstring(content)  # noqa: S314 -- a record that we keep


def _paths(root: ET.Element) -> set[str]:
    """Every path of elements with the attributes that tell what an element is."""

    def walk(element: ET.Element, above: str) -> Iterator[str]:
        marks = {key: value for key, value in element.attrib.items() if key in _TELLING}
        own = f"{above}/{element.tag}{sorted(marks.items())}"
        yield own
        for child in element:
            yield from walk(child, own)

    return set(walk(root, ""))


def _quality(product: Built, name: str) -> str:
    return product.metadata().findtext(f".//QUALITY_INDEX[@name='{name}']", "")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
