"""Passes of one day become one slice after each was masked by its own masks."""

from pathlib import Path
from typing import Any

import numpy as np
import odc.stac
import pytest

from builders import utc
from builders_loading import (
    CORNER,
    S2A,
    S2B_TEN_MINUTES_LATER,
    catalogued,
    write_product,
)
from peps_stac.errors import RequestError
from peps_stac.loading import select
from peps_stac.loading.cube import load
from peps_stac.loading.mosaic import groups_of, solar_day
from peps_stac.store import Catalog

NAN = np.nan
CLOUD = 0b11
SHADOW = 0b100001
CIRRUS = 0b10000000
B03_SATURATED, B04_SATURATED = 0b10, 0b100

# Columns: both see it | first is cloudy | first is outside, second cloudy | second is outside
#          | first is in shadow, second outside | both outside | second is cloudy | first: cirrus
FIRST = {
    "FRE_B4": [[1000, 5000, -10000, 1003, 900, -10000, 1006, 1007]],
    "CLM_R1": [[0, CLOUD, 0, 0, SHADOW, 0, 0, CIRRUS]],
    "EDG_R1": [[0, 0, 1, 0, 0, 1, 0, 0]],
}
SECOND = {
    "FRE_B4": [[2000, 2001, 6000, -10000, -10000, -10000, 6006, 2007]],
    "CLM_R1": [[0, 0, CLOUD, 0, 0, 0, CLOUD, 0]],
    "EDG_R1": [[0, 0, 0, 1, 1, 1, 0, 0]],
}
CLEAR = [0.1000, 0.2001, NAN, 0.1003, NAN, NAN, 0.1006, 0.1007]
ALL = [0.1000, 0.5000, 0.6000, 0.1003, 0.0900, NAN, 0.1006, 0.1007]
WIDE = (CORNER[0], CORNER[1], CORNER[2] + 0.0006, CORNER[3])


def layers(given: dict[str, Any], **more: Any) -> dict[str, Any]:  # noqa: ANN401 -- arrays
    return {name: np.array(rows) for name, rows in {**given, **more}.items()}


@pytest.fixture
def two_passes(tmp_path: Path) -> Catalog:
    paths = [
        write_product(tmp_path, S2A, layers(FIRST)),
        write_product(tmp_path, S2B_TEN_MINUTES_LATER, layers(SECOND)),
    ]
    return catalogued(tmp_path / "catalog", paths)


def row(values: Any) -> Any:  # noqa: ANN401 -- an array
    """The upper row of the one slice, the eight pixels that were set."""
    assert values.sizes["time"] == 1
    return values.isel(time=0, y=0, x=slice(0, 8)).values


@pytest.mark.parametrize("chunks", [{}, {"x": 3, "y": 2}, None])
def test_a_pixel_is_taken_from_the_first_pass_that_sees_it_clear(
    two_passes: Catalog, chunks: dict[str, int] | None
) -> None:
    found = load(two_passes, bands="red", masks="clear", bbox=WIDE, chunks=chunks)

    np.testing.assert_array_equal(row(found.red), np.array(CLEAR, np.float32))
    assert found.time.values == np.datetime64("2017-11-27T10:58:27.648")


def test_without_masks_it_is_the_first_that_has_data(two_passes: Catalog) -> None:
    found = load(two_passes, bands="red", bbox=WIDE)

    np.testing.assert_array_equal(row(found.red), np.array(ALL, np.float32))


def test_raw_numbers_are_merged_in_the_same_way(two_passes: Catalog) -> None:
    raw = load(two_passes, bands="B04", masks="clear", scaled=False, bbox=WIDE).B04

    assert raw.dtype == np.int16
    assert raw.attrs == {"nodata": -10000, "scale": 0.0001, "offset": 0}
    assert row(raw).tolist() == [1000, 2001, -10000, 1003, -10000, -10000, 1006, 1007]


def test_masks_are_those_of_the_pass_whose_pixel_it_is(two_passes: Catalog) -> None:
    plain = load(two_passes, bands=("CLM_R1", "EDG_R1"), bbox=WIDE)
    clear = load(two_passes, bands=("CLM_R1", "EDG_R1"), bbox=WIDE, masks="clear")

    assert plain.CLM_R1.dtype == np.uint8
    assert row(plain.CLM_R1).tolist() == [0, CLOUD, CLOUD, 0, SHADOW, 0, 0, CIRRUS]
    assert row(plain.EDG_R1).tolist() == [0, 0, 0, 0, 0, 1, 0, 0]
    assert row(clear.CLM_R1).tolist() == [0, 0, CLOUD, 0, SHADOW, 0, 0, CIRRUS]
    assert row(clear.EDG_R1).tolist() == [0, 0, 0, 0, 0, 1, 0, 0]


def test_the_trap_is_real(two_passes: Catalog) -> None:
    """odc-stac by itself merges masks first and takes 0 for empty: clear pixels are lost.

    Should it stop doing so, the way round it here may go.
    """
    merged = odc.stac.load(
        select(two_passes),
        bands=["B04", "CLM_R1", "EDG_R1"],
        groupby="solar_day",
        like=load(two_passes, bbox=WIDE),
    )
    red = merged.B04.where(merged.B04 != -10000) * 1e-4
    naive = red.where((merged.CLM_R1 & 1 == 0) & (merged.EDG_R1 == 0))

    lost = np.isfinite(CLEAR) & np.isnan(row(naive))
    assert lost.tolist() == [False, True, False, True, False, False, True, False]


def test_saturation_counts_for_the_band_alone(tmp_path: Path) -> None:
    first = {
        "FRE_B3": [[9000, 9001]],
        "FRE_B4": [[9000, 9001]],
        "SAT_R1": [[B04_SATURATED, B03_SATURATED]],
    }
    second = {"FRE_B3": [[300, 301]], "FRE_B4": [[400, 401]]}
    paths = [
        write_product(tmp_path, S2A, layers(first)),
        write_product(tmp_path, S2B_TEN_MINUTES_LATER, layers(second)),
    ]
    catalog = catalogued(tmp_path / "catalog", paths)

    found = load(catalog, bands=("green", "red", "B08"), masks="clear", bbox=CORNER)

    np.testing.assert_array_equal(row(found.green)[:2], np.array([0.9, 0.0301], np.float32))
    np.testing.assert_array_equal(row(found.red)[:2], np.array([0.04, 0.9001], np.float32))


def test_every_slice_may_be_kept_apart(two_passes: Catalog) -> None:
    by_id = load(two_passes, bands="red", bbox=WIDE, groupby="id")
    by_time = load(two_passes, bands="red", bbox=WIDE, groupby="time")

    assert by_id.sizes["time"] == by_time.sizes["time"] == 2
    expected = np.array(SECOND["FRE_B4"][0], np.float32) / np.float32(10000)
    expected[3:6] = NAN
    np.testing.assert_array_equal(by_id.red.isel(time=1, y=0, x=slice(0, 8)).values, expected)


def test_a_scene_in_two_versions_counts_once(tmp_path: Path) -> None:
    """Merged with its successor, the old version would win: it is the earlier one."""
    new = "SENTINEL2A_20171127-105827-650_L2A_T31TCJ_C_V2-0"
    paths = [
        write_product(tmp_path, S2A, {"FRE_B4": np.array([[1111]])}),
        write_product(tmp_path, new, {"FRE_B4": np.array([[2222]])}),
    ]
    catalog = catalogued(tmp_path / "catalog", paths)

    assert float(load(catalog, bands="red", bbox=CORNER).red[0, 0, 0]) == np.float32(0.2222)
    both = load(catalog, bands="red", bbox=CORNER, latest=False)
    assert float(both.red[0, 0, 0]) == np.float32(0.1111)


def test_the_day_is_that_of_the_sun_at_the_place() -> None:
    """Fiji's morning of the 27th is the evening of the 26th in UTC; passes are never cut."""
    early, late = utc("2017-11-26T22:06:10"), utc("2017-11-27T00:06:10")

    assert solar_day(early, 179.0) == solar_day(late, 179.0)
    assert groups_of([early, late], "solar_day", 179.0) == ((0, 1),)
    assert groups_of([early, late], "solar_day", 0.0) == ((0,), (1,))
    assert groups_of([early, early], "time", 0.0) == ((0, 1),)
    assert groups_of([early, early], "id", 0.0) == ((0,), (1,))


def test_an_unknown_way_of_grouping_is_refused() -> None:
    with pytest.raises(RequestError, match="'month'"):
        groups_of([], "month", 0.0)
