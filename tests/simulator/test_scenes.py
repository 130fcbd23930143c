import json
import re
import uuid
from datetime import datetime
from typing import Any

import pytest
from shapely.geometry import shape

from builders_scenes import scenes
from peps_stac.domain import MgrsTile
from peps_stac.errors import RequestError
from peps_stac.simulator.scenes import features, seconds_into_datatake
from recorded import SHARED, needs_recorded

NAME = re.compile(
    r"S2[AB]_MSIL1C_\d{8}T\d{6}_N\d{4}_R(?P<orbit>\d{3})_T31TCJ_(?P<made>\d{8}T\d{6})"
)
NOVEMBER = scenes("31TCJ", "2017-11-01", "2017-11-30")


def clouds(found: list[dict[str, Any]]) -> list[float | None]:
    return [feature["properties"]["cloudCover"] for feature in found]


def test_names_tell_what_the_properties_tell() -> None:
    for feature in NOVEMBER:
        properties = feature["properties"]
        match = NAME.fullmatch(properties["productIdentifier"])

        assert match
        assert int(match["orbit"]) == properties["relativeOrbitNumber"]
        start = datetime.fromisoformat(properties["startDate"])
        assert f"{start:_%Y%m%dT%H%M%S_}" in properties["title"]
        assert match["made"] > f"{start:%Y%m%dT%H%M%S}"
        assert f"_{properties['orbitNumber']:06d}_N02.06" in properties["s2TakeId"]
        assert f"/{feature['id']}/download" in properties["services"]["download"]["url"]


def test_ids_follow_from_names_as_on_peps() -> None:
    space = uuid.UUID("92708059-2077-45a3-a4f3-1eb428789cff")

    for feature in NOVEMBER:
        assert feature["id"] == str(uuid.uuid5(space, f"S2ST:{feature['properties']['title']}"))


def test_datatakes_begin_minutes_before_the_tile_is_seen() -> None:
    starts = {feature["properties"]["startDate"][11:15] for feature in NOVEMBER}

    assert starts == {"10:4", "10:5"}
    assert all(re.search(r"\.02[49]Z$", one["properties"]["startDate"]) for one in NOVEMBER)
    for name in ("31TCJ", "32MNE", "55PDR", "19LGH"):
        assert 240 <= seconds_into_datatake(MgrsTile.parse(name)) <= 360


def test_november_2017_over_toulouse_has_every_kind_of_weather() -> None:
    covers = [cover for cover in clouds(NOVEMBER) if cover is not None]

    assert len(covers) == len(NOVEMBER) == 12
    assert sum(cover < 10 for cover in covers) >= 3
    assert sum(cover > 90 for cover in covers) == 1
    assert sum(10 <= cover <= 90 for cover in covers) >= 5


def test_clouds_are_sometimes_unknown_whole_or_hopeless() -> None:
    found = clouds(scenes("31TCJ", "2016-01-01", "2018-12-31"))

    assert 0 < found.count(None) < 0.05 * len(found)
    assert any(isinstance(cover, int) for cover in found)
    assert any(isinstance(cover, float) for cover in found)
    assert 0.05 < sum(cover is not None and cover > 90 for cover in found) / len(found) < 0.2
    assert all(cover is None or 0 <= cover <= 100 for cover in found)


def test_some_scenes_are_on_tape() -> None:
    modes = [feature["properties"]["storage"]["mode"] for feature in NOVEMBER]

    assert set(modes) == {"disk", "tape"}


def test_scenes_come_in_order_of_time_and_are_the_same_every_time() -> None:
    tiles = [MgrsTile.parse(name) for name in ("31TCJ", "31TCH", "30TYT", "31TCJ")]
    days = (datetime(2018, 5, 1).date(), datetime(2018, 5, 20).date())  # noqa: DTZ001 -- days
    found = list(features(tiles, *days))

    instants = [feature["properties"]["startDate"][:10] for feature in found]
    assert instants == sorted(instants)
    assert len({feature["id"] for feature in found}) == len(found)
    assert list(features(reversed(tiles), *days)) == found


def test_the_last_day_is_included() -> None:
    assert len(scenes("31TCJ", "2017-11-27", "2017-11-27")) == 1
    assert scenes("31TCJ", "2017-11-28", "2017-11-28") == []


def test_hrefs_go_where_they_are_told() -> None:
    tile = MgrsTile.parse("31TCJ")
    day = datetime(2017, 11, 27).date()  # noqa: DTZ001 -- a day
    (feature,) = features([tile], day, day, base_url="http://127.0.0.1:8000")

    assert "peps.cnes.fr" not in json.dumps(feature)


def test_a_footprint_is_the_part_that_is_seen() -> None:
    whole, part = (shape(one["geometry"]) for one in reversed(NOVEMBER[:2]))
    if whole.area < part.area:
        whole, part = part, whole

    assert whole.is_valid
    assert part.is_valid
    assert part.within(whole.buffer(0.001))
    assert part.area < 0.3 * whole.area
    assert whole.geom_type == "MultiPolygon"


def test_a_ring_jumps_at_the_antimeridian_as_on_peps() -> None:
    (feature, *_) = scenes("01KAB", "2018-05-01", "2018-05-20")
    (ring,) = feature["geometry"]["coordinates"][0]

    lons = [lon for lon, _ in ring]
    assert min(lons) < -179
    assert max(lons) > 179


def test_seasons_turn_round_in_the_south() -> None:
    def season(tile: str) -> str:
        words = scenes(tile, "2018-01-01", "2018-01-20")[0]["properties"]["keywords"].values()
        return next(str(word["name"]) for word in words if word["type"] == "season")

    assert (season("31TCJ"), season("56HLH")) == ("Winter", "Summer")


def test_a_tile_that_does_not_exist_is_refused() -> None:
    with pytest.raises(RequestError, match="31TCV"):
        scenes("31TCV", "2018-01-01", "2018-01-20")


@needs_recorded
def test_features_have_the_keys_and_types_of_recorded_ones() -> None:
    path = SHARED / "peps" / "search_s2st_2020-08_raw_2features.json"
    recorded = json.loads(path.read_text())["features"][0]
    (made, *_) = scenes("55PDR", "2020-08-10", "2020-08-20")

    assert list(made) == list(recorded)
    for key, value in recorded["properties"].items():
        assert _kind(made["properties"][key]) == _kind(value), key
    assert list(made["properties"]) == list(recorded["properties"])
    assert [word["type"] for word in made["properties"]["keywords"].values()] == [
        word["type"] for word in recorded["properties"]["keywords"].values()
    ]


def _kind(value: object) -> object:
    if isinstance(value, dict):
        return {key: _kind(one) for key, one in value.items() if len(key) != 15}
    return "number" if isinstance(value, int | float) else type(value)
