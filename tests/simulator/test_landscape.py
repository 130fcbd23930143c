from datetime import UTC, datetime

import numpy as np
import pytest

from peps_stac.domain import MgrsTile
from peps_stac.simulator.landscape import landscape
from peps_stac.simulator.materials import (
    BANDS,
    CONIFER,
    FIELD,
    FIELD_VARIANTS,
    LEAFY,
    TOWN,
    WATER,
    spectra,
)
from peps_stac.simulator.patch import centres
from peps_stac.simulator.sun import sun_angles
from peps_stac.simulator.texture import Texture, spectral
from peps_stac.simulator.weather import snowline

LAND = landscape(MgrsTile.parse("31TCJ"))


def ndvi(code: int, month: int, latitude: float = 44) -> float:
    row = spectra(datetime(2018, month, 15, tzinfo=UTC), latitude)[code]
    red, infrared = float(row[BANDS.index("B4")]), float(row[BANDS.index("B8")])
    return (infrared - red) / (infrared + red)


def test_there_is_water_town_forest_and_above_all_fields() -> None:
    codes = LAND.codes(centres(0, 549, 549), centres(0, 549, 549))

    assert 0.003 < (codes < TOWN).mean() < 0.05
    assert 0.005 < ((codes >= TOWN) & (codes < LEAFY)).mean() < 0.1
    assert 0.15 < ((codes >= LEAFY) & (codes < FIELD)).mean() < 0.5
    assert (codes >= FIELD).mean() > 0.5


def test_any_part_of_the_land_is_the_same_as_in_the_whole() -> None:
    x = centres(0, 366, 366)
    whole = LAND.codes(x, x)

    np.testing.assert_array_equal(LAND.codes(x[100:130], x), whole[100:130])


def test_coarse_pixels_show_the_same_land_as_fine_ones() -> None:
    """The middle of every pixel of 300 m is the middle of a pixel of 100 m."""
    coarse = LAND.codes(centres(0, 366, 366), centres(0, 366, 366))
    fine = LAND.codes(centres(0, 1098, 1098), centres(0, 1098, 1098))

    assert (fine[1::3, 1::3] == coarse).mean() > 0.999


def test_every_tile_has_its_own_land() -> None:
    x = centres(0, 100, 100)
    other = landscape(MgrsTile.parse("31TCH")).codes(x, x)

    assert (other == LAND.codes(x, x)).mean() < 0.5


def test_crops_grow_and_are_harvested() -> None:
    cereal, maize = FIELD + 3, FIELD + FIELD_VARIANTS + 3

    assert min(ndvi(cereal, 4), ndvi(maize, 8)) > 0.7
    assert max(ndvi(cereal, 9), ndvi(maize, 5)) < 0.4


def test_leaves_fall_and_needles_stay() -> None:
    assert ndvi(LEAFY, 7) - ndvi(LEAFY, 1) > 0.2
    assert ndvi(CONIFER, 7) == pytest.approx(ndvi(CONIFER, 1))
    assert ndvi(LEAFY, 7, latitude=-30) == pytest.approx(ndvi(LEAFY, 1), abs=0.1)


def test_water_is_darkest_where_plants_are_brightest() -> None:
    row = spectra(datetime(2018, 7, 15, tzinfo=UTC), 44)

    assert row[WATER, BANDS.index("B8")] < 0.1 * row[LEAFY, BANDS.index("B8")]


def test_snow_comes_down_in_winter_and_towards_the_pole() -> None:
    assert 500 < snowline(15, 44) < 1200
    assert snowline(200, 44) > 3000
    assert snowline(15, 65) < 0


@pytest.mark.parametrize(
    ("instant", "lon", "lat", "zenith", "azimuth"),
    [
        ("2016-09-28T10:56:37Z", 2.35731, 50.9557, 54.0684, 166.336),
        ("2016-09-28T10:56:37Z", 1.56055, 51.4423, 54.6666, 165.42),
    ],
)
def test_the_sun_stands_where_real_metadata_see_it(
    instant: str, lon: float, lat: float, zenith: float, azimuth: float
) -> None:
    angles = sun_angles(datetime.fromisoformat(instant), np.array([lon]), np.array([lat]))

    assert [float(one[0]) for one in angles] == pytest.approx([zenith, azimuth], abs=0.15)


def test_a_texture_repeats_itself_without_a_seam() -> None:
    texture = spectral(1, 1000, slope=2, longest_m=500)
    place, other = np.array([3.0]), np.array([70.0])

    assert texture.at(place, other)[0, 0] == pytest.approx(
        texture.at(place + 1000, other - 1000)[0, 0], abs=1e-4
    )
    assert abs(texture.at(np.array([999.9]), other) - texture.at(np.array([0.1]), other)) < 0.05


def test_a_texture_is_linear_between_its_nodes() -> None:
    texture = Texture(np.array([[0, 1], [2, 3]], np.float32), 2)

    assert texture.at(np.array([0.5]), np.array([0.25]))[0, 0] == pytest.approx(1.25)
