from datetime import UTC, datetime

import pytest

from peps_stac.muscate.orbits import relative_orbit

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("platform", "absolute", "relative"),
    [
        ("sentinel-2a", 6626, 51),
        ("sentinel-2a", 23743, 8),
        ("sentinel-2a", 9285, 136),
        ("sentinel-2b", 14806, 51),
        ("sentinel-2b", 3080, 51),
        ("sentinel-2c", 5069, 94),
        ("sentinel-2c", 6470, 65),
    ],
)
def test_relative_orbits_are_those_of_real_scenes(
    platform: str, absolute: int, relative: int
) -> None:
    assert relative_orbit(platform, absolute, LONG_AGO) == relative


def test_an_unknown_satellite_has_none() -> None:
    assert relative_orbit("sentinel-2d", 100, LONG_AGO) is None


def test_sentinel_2a_has_none_since_its_orbit_was_changed() -> None:
    assert relative_orbit("sentinel-2a", 50000, datetime(2025, 6, 1, tzinfo=UTC)) is None
    assert relative_orbit("sentinel-2b", 42000, datetime(2025, 6, 1, tzinfo=UTC)) is not None
