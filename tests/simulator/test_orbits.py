import json
from datetime import date
from typing import Any

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from shapely.geometry import shape

from peps_stac.domain import MgrsTile
from peps_stac.simulator.orbits import orbits_over, passes, swath_over
from peps_stac.simulator.tiling import to_metres
from recorded import SHARED, needs_recorded

TOULOUSE = MgrsTile.parse("31TCJ")
WHOLE = 109_800.0**2
RECORDS = (
    "peps/search_s2st_2020-08_raw_2features.json",
    "peps/eodag_result_2021-03_tier2_50products.geojson",
)


def test_orbit_51_sees_all_of_31tcj_every_five_days() -> None:
    found = [
        (one.satellite.name, one.instant.day)
        for one in passes(TOULOUSE, date(2017, 11, 1), date(2017, 11, 30))
        if one.relative_orbit == 51
    ]

    assert found == [(f"S2{'AB'[n % 2]}", 2 + 5 * n) for n in range(6)]
    assert swath_over(TOULOUSE, 51).area == pytest.approx(WHOLE)


def test_orbit_8_sees_only_the_east_of_31tcj_ten_minutes_earlier() -> None:
    """Orbit 8 is the next one in the east; its days are 7 after those of orbit 51."""
    found = [
        one
        for one in passes(TOULOUSE, date(2017, 11, 1), date(2017, 11, 30))
        if one.relative_orbit == 8
    ]

    assert [one.instant.day for one in found] == [4, 9, 14, 19, 24, 29]
    assert {one.instant.strftime("%H:%M") for one in found} == {"10:48"}
    assert 0.1 < swath_over(TOULOUSE, 8).area / WHOLE < 0.2
    assert swath_over(TOULOUSE, 8).centroid.x > 380_000


def test_absolute_orbits_give_back_relative_ones() -> None:
    """By the formulas in the fact sheet on MUSCATE, section 6."""
    found = list(passes(TOULOUSE, date(2016, 9, 1), date(2018, 12, 31)))

    assert len(found) > 200
    for one in found:
        absolute = one.absolute_orbit
        formula = absolute + 2 if one.satellite.letter == "A" else absolute - 27
        assert one.relative_orbit == formula % 143 + 1
    known = {(one.satellite.name, one.instant.date()): one.absolute_orbit for one in found}
    assert known["S2A", date(2016, 9, 28)] == 6626
    assert known["S2B", date(2017, 11, 27)] == 3795


def test_satellites_begin_when_they_were_launched() -> None:
    found = list(passes(TOULOUSE, date(2015, 1, 1), date(2017, 12, 31)))

    first = {one.satellite.name: one.instant.date() for one in reversed(found)}
    assert date(2015, 7, 4) <= first["S2A"] < date(2015, 7, 15)
    assert date(2017, 3, 20) <= first["S2B"] < date(2017, 3, 31)


def test_the_far_north_is_seen_by_many_orbits_and_the_pole_by_none() -> None:
    assert len(orbits_over(MgrsTile.parse("33XWG"))) > 6
    assert orbits_over(MgrsTile.parse("33XVM")) == ()


@needs_recorded
@pytest.mark.parametrize("record", RECORDS)
def test_real_scenes_are_where_and_when_the_orbits_say(record: str) -> None:
    for feature in json.loads((SHARED / record).read_text())["features"]:
        name = feature["properties"].get("productIdentifier") or feature["id"]
        tile = MgrsTile.parse(name[39:44])
        seen = _part_seen(feature, tile)
        if seen < 0.05:
            continue
        day = date.fromisoformat(name[11:19])
        orbit = int(name[34:37])

        (one,) = (one for one in passes(tile, day, day) if one.satellite.name == name[:3])
        assert one.relative_orbit == orbit
        assert swath_over(tile, orbit).area / WHOLE == pytest.approx(seen, abs=0.015)


def _part_seen(feature: dict[str, Any], tile: MgrsTile) -> float:
    to_zone = to_metres(tile.epsg)

    def moved(vertices: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(to_zone.transform(vertices[:, 0], vertices[:, 1]))

    metres = shapely.transform(shape(feature["geometry"]), moved)
    return float(metres.area) / WHOLE
