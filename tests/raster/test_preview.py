from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.enums import ColorInterp
from rasterio.transform import from_origin

from builders_raster import (
    NORTH,
    WEST,
    Pixels,
    a_cog,
    a_geotiff,
    is_cog,
    pixels_of,
    place_of,
    reflectances,
)
from peps_stac.errors import CatalogError
from peps_stac.raster.preview import write_thumbnail, write_visual


def visual(folder: Path, *bands: Pixels, pixel_m: float = 20.0) -> Path:
    red, green, blue = (
        a_cog(folder / f"{number}.tif", band, pixel_m=pixel_m).path
        for number, band in enumerate(bands)
    )
    return write_visual(red, green, blue, folder / "visual.tif").path


def flat(value: int, size: int = 64) -> Pixels:
    return np.full((size, size), value, np.int16)


def test_a_visual_is_a_cog_in_true_colour(tmp_path: Path) -> None:
    path = visual(tmp_path, *(reflectances(1098, seed=seed) for seed in range(3)))

    assert is_cog(path)
    with rasterio.open(path) as file:
        assert file.dtypes == ("uint8",) * 3
        assert file.nodatavals == (0,) * 3
        assert file.colorinterp == (ColorInterp.red, ColorInterp.green, ColorInterp.blue)
        assert file.tags(ns="IMAGE_STRUCTURE")["INTERLEAVE"] == "PIXEL"


@pytest.mark.parametrize(
    ("pixel_m", "size", "shown_m"), [(10, 5490, 80), (20, 2745, 80), (60, 600, 60), (150, 732, 150)]
)
def test_pixels_are_those_of_an_overview_up_to_100_m(
    tmp_path: Path, pixel_m: float, size: int, shown_m: float
) -> None:
    path = visual(tmp_path, *[flat(1000, size)] * 3, pixel_m=pixel_m)

    epsg, transform = place_of(path)
    assert epsg == 32631
    assert transform.a == pytest.approx(shown_m, rel=0.002)
    assert (transform.c, transform.f) == (WEST, NORTH)
    columns = pixels_of(path).shape[2]
    assert columns * transform.a == pytest.approx(size * pixel_m)


def test_the_stretch_is_the_same_whatever_else_is_seen(tmp_path: Path) -> None:
    dark = flat(0)
    dark[0] = [3000, 30_000] * 32
    dark[1] = -300
    dark[2] = 750
    levels = pixels_of(visual(tmp_path, dark, dark, dark, pixel_m=100))[0]

    assert set(levels[0]) == {255}
    assert set(levels[1]) == {1}
    assert set(levels[2]) == {round(255 * 0.25 ** (1 / 1.6))}


def test_only_what_is_invalid_in_some_band_is_nodata(tmp_path: Path) -> None:
    red, green, blue = flat(0), flat(100), flat(3000)
    red[:8], green[8:16], blue[16:24] = -10_000, -10_000, -10_000

    levels = pixels_of(visual(tmp_path, red, green, blue, pixel_m=100))

    assert (levels[:, :24] == 0).all()
    assert (levels[:, 24:] > 0).all()


def test_overviews_of_a_visual_ignore_what_is_outside(tmp_path: Path) -> None:
    band = flat(3000, 600)
    band[:, 301:] = -10_000

    path = visual(tmp_path, band, band, band, pixel_m=100)

    assert set(np.unique(pixels_of(path, overview=0))) == {0, 255}


def test_files_as_delivered_serve_as_well(tmp_path: Path) -> None:
    raw = tmp_path / "raw.tif"
    raw.write_bytes(a_geotiff(reflectances(900)))

    path = write_visual(raw, raw, raw, tmp_path / "visual.tif").path

    assert place_of(path)[1] == from_origin(WEST, NORTH, 80, 80)


def test_a_thumbnail_is_a_small_jpeg(tmp_path: Path) -> None:
    path = visual(tmp_path, *(reflectances(1098, seed=seed) for seed in range(3)))

    thumbnail = write_thumbnail(path, tmp_path / "thumbnail.jpg")

    assert thumbnail.read_bytes()[:2] == b"\xff\xd8"
    assert {file.name for file in tmp_path.iterdir()} == {
        "0.tif",
        "1.tif",
        "2.tif",
        "visual.tif",
        "thumbnail.jpg",
    }


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize(("width", "shape"), [(343, (3, 343, 343)), (50, (3, 50, 50))])
def test_a_thumbnail_is_grey_outside_the_image(
    tmp_path: Path, width: int, shape: tuple[int, ...]
) -> None:
    band = flat(3000, 600)
    band[:, 300:] = -10_000
    path = visual(tmp_path, band, flat(0, 600), band)

    pixels = pixels_of(write_thumbnail(path, tmp_path / "thumbnail.jpg", width=width))

    assert pixels.shape == shape
    assert pixels[:, 0, -1] == pytest.approx([214] * 3, abs=3)
    assert pixels[:, 0, 0] == pytest.approx([255, 1, 255], abs=3)


def test_a_source_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.tif"
    broken.write_bytes(b"no")

    with pytest.raises(CatalogError, match=r"broken\.tif"):
        write_visual(broken, broken, broken, tmp_path / "visual.tif")
    with pytest.raises(CatalogError, match=r"broken\.tif"):
        write_thumbnail(broken, tmp_path / "thumbnail.jpg")
