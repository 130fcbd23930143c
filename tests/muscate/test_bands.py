import pytest

from peps_stac.muscate.bands import BANDS, wavelength


def test_b8_and_b8a_are_two_bands() -> None:
    """Readers have mixed them up: one name is the beginning of the other."""
    b8, b8a = BANDS["B8"], BANDS["B8A"]

    assert (b8.name, b8.common_name, b8.group, b8.gsd) == ("B08", "nir", "R1", 10)
    assert (b8a.name, b8a.common_name, b8a.group, b8a.gsd) == ("B8A", "nir08", "R2", 20)


def test_ten_bands_four_of_them_at_ten_metres() -> None:
    assert list(BANDS) == ["B2", "B3", "B4", "B5", "B6", "B7", "B8", "B8A", "B11", "B12"]
    assert [band.name for band in BANDS.values() if band.gsd == 10] == ["B02", "B03", "B04", "B08"]


@pytest.mark.parametrize(
    ("platform", "band", "center", "width"),
    [
        ("sentinel-2a", "B2", 0.4927, 0.0643),
        ("sentinel-2a", "B8", 0.8328, 0.1048),
        ("sentinel-2a", "B8A", 0.8647, 0.0205),
        ("sentinel-2b", "B12", 2.1857, 0.1834),
        ("sentinel-2c", "B5", 0.7071, 0.0153),
    ],
)
def test_wavelengths_are_in_micrometres_and_differ_between_satellites(
    platform: str, band: str, center: float, width: float
) -> None:
    seen = wavelength(platform, band)

    assert seen is not None
    assert (seen.center, seen.full_width_half_max) == (center, width)


def test_a_new_satellite_has_no_wavelengths_until_they_are_known() -> None:
    assert wavelength("sentinel-2d", "B2") is None


def test_a_band_that_maja_does_not_write_has_no_wavelength() -> None:
    assert wavelength("sentinel-2a", "B1") is None


@pytest.mark.parametrize("platform", ["sentinel-2a", "sentinel-2b", "sentinel-2c"])
def test_wavelengths_rise_with_the_bands(platform: str) -> None:
    centers = [seen.center for band in BANDS if (seen := wavelength(platform, band))]

    assert len(centers) == 10
    assert centers == sorted(centers)
