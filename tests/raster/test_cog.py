import errno
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.errors import RasterioIOError
from rasterio.transform import from_origin

from builders_raster import NORTH, WEST, a_geotiff, is_cog, masks, pixels_of, place_of, reflectances
from peps_stac.errors import CatalogError, DownloadError, RequestError, ResponseError
from peps_stac.raster.cog import RasterKind, write_cog

SIZES = (183, 366, 512, 513, 1098)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("compress", [None, "deflate"])
def test_reflectance_becomes_a_cog_of_the_same_pixels(
    tmp_path: Path, size: int, compress: str | None
) -> None:
    counts = reflectances(size)
    target = tmp_path / "B04.tif"

    content = a_geotiff(counts, compress=compress)
    written = write_cog(content, target, kind=RasterKind.REFLECTANCE, nodata=-10_000)

    assert is_cog(target)
    assert written.path == target
    assert written.size == target.stat().st_size
    assert (pixels_of(target)[0] == counts).all()
    assert pixels_of(target).dtype == np.int16
    assert place_of(target) == (32631, from_origin(WEST, NORTH, 20, 20))


def test_the_file_says_nodata_but_neither_scale_nor_offset(tmp_path: Path) -> None:
    target = tmp_path / "B04.tif"
    write_cog(a_geotiff(reflectances()), target, kind=RasterKind.REFLECTANCE, nodata=-10_000)

    with rasterio.open(target) as file:
        assert file.nodatavals == (-10_000,)
        assert (file.scales, file.offsets) == ((1.0,), (0.0,))


def test_bits_have_no_nodata(tmp_path: Path) -> None:
    """0 means "no" in a mask: readers would take it for a hole."""
    target = tmp_path / "CLM_R1.tif"
    written = write_cog(a_geotiff(masks()), target, kind=RasterKind.BITS, nodata=None)

    with rasterio.open(target) as file:
        assert file.nodatavals == (None,)
        assert file.dtypes == ("uint8",)
    assert written.statistics is None
    assert (pixels_of(target)[0] == masks()).all()
    assert is_cog(target)


def test_files_are_tiled_and_compressed_for_every_reader(tmp_path: Path) -> None:
    target = tmp_path / "B04.tif"
    write_cog(a_geotiff(reflectances(1098)), target, kind=RasterKind.REFLECTANCE, nodata=-10_000)

    with rasterio.open(target) as file:
        assert file.block_shapes == [(512, 512)]
        assert file.compression.name == "deflate"
        assert file.tags(ns="IMAGE_STRUCTURE")["PREDICTOR"] == "2"
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"


@pytest.mark.parametrize(("size", "factors"), [(512, []), (513, [2]), (1098, [2, 4])])
def test_overviews_end_where_one_tile_holds_all(
    tmp_path: Path, size: int, factors: list[int]
) -> None:
    target = tmp_path / "B04.tif"
    write_cog(a_geotiff(reflectances(size)), target, kind=RasterKind.REFLECTANCE, nodata=-10_000)

    with rasterio.open(target) as file:
        assert file.overviews(1) == factors


def test_overviews_of_reflectance_are_means_of_what_is_valid(tmp_path: Path) -> None:
    counts = np.full((1024, 1024), 1000, np.int16)
    counts[::2, ::2] = 2000
    counts[1::2, 1::2] = -10_000
    target = tmp_path / "B04.tif"

    write_cog(a_geotiff(counts), target, kind=RasterKind.REFLECTANCE, nodata=-10_000)

    assert np.unique(pixels_of(target, overview=0)).tolist() == [1333]


def test_overviews_of_bits_take_the_most_frequent_and_invent_nothing(tmp_path: Path) -> None:
    bits = masks(1098)
    bits[:4, :6] = [
        [3, 3, 0, 129, 0, 3],
        [3, 34, 129, 129, 129, 129],
        [0, 0, 34, 34, 3, 34],
        [0, 3, 34, 0, 34, 3],
    ]
    target = tmp_path / "CLM_R1.tif"

    write_cog(a_geotiff(bits), target, kind=RasterKind.BITS, nodata=None)

    first = pixels_of(target, overview=0)[0]
    assert first[:2, :3].tolist() == [[3, 129, 129], [0, 34, 3]]
    for overview in (0, 1):
        assert set(np.unique(pixels_of(target, overview))) <= set(np.unique(bits))


@pytest.mark.parametrize("band", [1, 2])
def test_each_band_of_the_atmosphere_becomes_a_file(tmp_path: Path, band: int) -> None:
    both = np.random.default_rng(3).integers(0, 200, (2, 366, 366)).astype(np.uint8)
    target = tmp_path / "WVC_R2.tif"

    written = write_cog(
        a_geotiff(both), target, kind=RasterKind.ATMOSPHERE, nodata=0, band=band, threads=2
    )

    assert (pixels_of(target) == both[band - 1]).all()
    assert is_cog(target)
    with rasterio.open(target) as file:
        assert file.nodatavals == (0,)
    valid = both[band - 1][both[band - 1] > 0]
    assert written.statistics is not None
    assert written.statistics.mean == pytest.approx(valid.mean())
    assert written.statistics.minimum == valid.min()


def test_statistics_are_those_of_the_pixels(tmp_path: Path) -> None:
    counts = reflectances()
    written = write_cog(
        a_geotiff(counts), tmp_path / "B04.tif", kind=RasterKind.REFLECTANCE, nodata=-10_000
    )

    valid = counts[counts != -10_000]
    assert written.statistics is not None
    assert written.statistics.maximum == valid.max()
    assert written.statistics.stddev == pytest.approx(valid.std(dtype=np.float64))
    assert written.statistics.valid_percent == pytest.approx(100 * valid.size / counts.size)


def test_an_image_of_nothing_is_written_too(tmp_path: Path) -> None:
    nothing = np.full((600, 600), -10_000, np.int16)
    target = tmp_path / "B04.tif"
    written = write_cog(a_geotiff(nothing), target, kind=RasterKind.REFLECTANCE, nodata=-10_000)

    assert is_cog(target)
    assert written.statistics is not None
    assert written.statistics.minimum is None


@pytest.mark.parametrize("compress", [None, "deflate"])
def test_a_file_cut_short_is_a_download_error(tmp_path: Path, compress: str | None) -> None:
    whole = a_geotiff(reflectances(), compress=compress)

    with pytest.raises(DownloadError, match=r"B04\.tif.*download the product again"):
        write_cog(
            whole[: len(whole) // 2],
            tmp_path / "B04.tif",
            kind=RasterKind.REFLECTANCE,
            nodata=-10_000,
        )

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"<html>", b"II*\0"])
def test_what_is_no_geotiff_is_a_download_error(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DownloadError, match="cannot be read"):
        write_cog(content, tmp_path / "B04.tif", kind=RasterKind.BITS, nodata=None)


@pytest.mark.parametrize(
    ("pixels", "changes", "error"),
    [
        (np.zeros((9, 9), np.float32), {}, ResponseError),
        (np.zeros((2, 9, 9), np.uint8), {}, RequestError),
        (np.zeros((2, 9, 9), np.uint8), {"band": 3}, RequestError),
        (np.zeros((9, 9), np.uint8), {"band": 0}, RequestError),
        (np.zeros((9, 9), np.uint8), {"nodata": 0}, RequestError),
    ],
)
def test_what_cannot_be_meant_is_refused(
    tmp_path: Path, pixels: np.ndarray, changes: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        write_cog(
            a_geotiff(pixels),
            tmp_path / "x.tif",
            **{"kind": RasterKind.BITS, "nodata": None, **changes},
        )


def test_a_file_without_a_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResponseError, match="no CRS"):
        write_cog(
            a_geotiff(masks(), epsg=None), tmp_path / "x.tif", kind=RasterKind.BITS, nodata=None
        )


def test_a_cog_replaces_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "CLM_R1.tif"
    target.write_bytes(b"old")

    write_cog(a_geotiff(masks()), target, kind=RasterKind.BITS, nodata=None)

    assert is_cog(target)
    assert list(tmp_path.iterdir()) == [target]


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    content = a_geotiff(reflectances(1098))

    with (
        files_no_larger_than(100_000),
        pytest.raises(CatalogError, match=r"B04\.tif cannot be written: the disk is full") as told,
    ):
        write_cog(content, tmp_path / "B04.tif", kind=RasterKind.REFLECTANCE, nodata=-10_000)

    assert "\n" not in str(told.value)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="No such file"):
        write_cog(
            a_geotiff(masks()), tmp_path / "gone" / "x.tif", kind=RasterKind.BITS, nodata=None
        )


def test_a_disk_that_gives_back_other_pixels_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a failing disk would: what is opened by path is another file."""
    other = tmp_path / "other.tif"
    write_cog(a_geotiff(masks(seed=1)), other, kind=RasterKind.BITS, nodata=None)
    really_open = rasterio.open
    monkeypatch.setattr(
        rasterio, "open", lambda file: really_open(other if isinstance(file, Path) else file)
    )

    with pytest.raises(CatalogError, match="differs from its source"):
        write_cog(a_geotiff(masks()), tmp_path / "x.tif", kind=RasterKind.BITS, nodata=None)

    assert list(tmp_path.iterdir()) == [other]


def test_a_disk_that_gives_back_nothing_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_open = rasterio.open

    def opened(file: object) -> object:
        if isinstance(file, Path):
            raise RasterioIOError(errno.EIO)
        return really_open(file)

    monkeypatch.setattr(rasterio, "open", opened)

    with pytest.raises(CatalogError, match="check the disk"):
        write_cog(a_geotiff(masks()), tmp_path / "x.tif", kind=RasterKind.BITS, nodata=None)


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """A disk that is soon full, as far as this process can tell."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
