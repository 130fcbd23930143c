"""Which Items are chosen, by what they say and by what later versions there are."""

import datetime as dt
from pathlib import Path
from typing import Any

import pystac
import pytest
from shapely.geometry import Point, box, mapping

from builders_loading import a_catalog, an_item
from peps_stac.domain import MgrsTile
from peps_stac.errors import CatalogError, RequestError
from peps_stac.loading import select
from peps_stac.loading.selection import as_query, find
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.store import Catalog

NOVEMBER = "SENTINEL2A_20171102-105819-569_L2A_T31TCJ_C_V1-0"
LAST_DAY = "SENTINEL2B_20171130-235959-500_L2A_T31TCJ_C_V1-0"
NEW_YEAR = "SENTINEL2A_20180101-105819-569_L2A_T31TCJ_C_V1-0"
ELSEWHERE = "SENTINEL2A_20171102-105819-569_L2A_T30TYP_C_V1-0"


def ids(items: list[pystac.Item]) -> list[str]:
    return [item.id for item in items]


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    far = mapping(box(-0.5, 43.0, 0.4, 44.0))
    return a_catalog(
        tmp_path / "catalog",
        an_item(NEW_YEAR, properties={"eo:cloud_cover": 80.5}),
        an_item(LAST_DAY),
        an_item(NOVEMBER),
        an_item(ELSEWHERE, geometry=far),
    )


def test_without_criteria_everything_comes_by_time(catalog: Catalog) -> None:
    assert ids(select(catalog)) == [ELSEWHERE, NOVEMBER, LAST_DAY, NEW_YEAR]


def test_a_folder_is_as_good_as_a_catalog(catalog: Catalog) -> None:
    assert ids(select(str(catalog.root))) == ids(select(catalog.root)) == ids(select(catalog))


def test_items_that_were_chosen_can_be_chosen_from(catalog: Catalog) -> None:
    assert ids(select(select(catalog), tiles="31TCJ", cloud_cover=50)) == [NOVEMBER, LAST_DAY]


@pytest.mark.parametrize(
    "tiles", ["30TYP", "T30TYP", ["30TYP"], MgrsTile.parse("30TYP"), (MgrsTile.parse("30TYP"),)]
)
def test_tiles_are_text_or_tiles(catalog: Catalog, tiles: Any) -> None:  # noqa: ANN401 -- both
    assert ids(select(catalog, tiles=tiles)) == [ELSEWHERE]


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("2017-11-01/2017-11-30", [ELSEWHERE, NOVEMBER, LAST_DAY]),
        (("2017-11-01", "2017-11-30"), [ELSEWHERE, NOVEMBER, LAST_DAY]),
        ((None, dt.date(2017, 11, 29)), [ELSEWHERE, NOVEMBER]),
        ((dt.datetime(2017, 11, 3), None), [LAST_DAY, NEW_YEAR]),  # noqa: DTZ001 -- taken as UTC
        ((dt.date(2017, 11, 3), dt.datetime(2018, 2, 1, tzinfo=dt.UTC)), [LAST_DAY, NEW_YEAR]),
        ("2018-01-01", [NEW_YEAR]),
        ("2018-01-01/..", [NEW_YEAR]),
        ("../2017-11-02", [ELSEWHERE, NOVEMBER]),
        ("2016-01-01/2016-12-31", []),
    ],
)
def test_both_ends_of_a_period_are_included(
    catalog: Catalog,
    period: Any,  # noqa: ANN401 -- text or a pair
    expected: list[str],
) -> None:
    assert ids(select(catalog, datetime=period)) == expected


def test_years_outside_the_period_are_not_opened(catalog: Catalog) -> None:
    """A file that cannot be read proves it."""
    for path in catalog.root.glob("*/*/2018/*/*.json"):
        path.write_text("no JSON")

    assert ids(select(catalog, datetime="2017-11-02", tiles="31TCJ")) == [NOVEMBER]
    with pytest.raises(CatalogError, match="2018"):
        select(catalog)


def test_an_interval_over_new_year_is_found_on_both_sides(tmp_path: Path) -> None:
    interval = {"start_datetime": "2017-12-31T23:59:00Z", "end_datetime": "2018-01-01T00:01:00Z"}
    catalog = a_catalog(tmp_path / "catalog", an_item(NEW_YEAR, properties=interval))

    assert ids(select(catalog, datetime="2017-12-31")) == [NEW_YEAR]
    assert ids(select(catalog, datetime="2018-01-02")) == []


def test_cloud_cover_is_at_most_and_has_to_be_known(tmp_path: Path) -> None:
    unknown = an_item(LAST_DAY)
    del unknown.properties["eo:cloud_cover"]
    catalog = a_catalog(
        tmp_path / "catalog", an_item(NOVEMBER, properties={"eo:cloud_cover": 12.5}), unknown
    )

    assert ids(select(catalog, cloud_cover=12.5)) == [NOVEMBER]
    assert ids(select(catalog, cloud_cover=12.4)) == []


@pytest.mark.parametrize("platform", ["sentinel-2b", "S2B", "SENTINEL2B"])
def test_a_platform_may_be_called_as_people_do(catalog: Catalog, platform: str) -> None:
    assert ids(select(catalog, platform=platform)) == [LAST_DAY]


@pytest.mark.parametrize(
    "place",
    [
        Point(-0.3, 43.5),
        {"type": "Point", "coordinates": [-0.3, 43.5]},
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [-0.3, 43.5]}},
        {
            "type": "FeatureCollection",
            "features": [{"geometry": {"type": "Point", "coordinates": [-0.3, 43.5]}}],
        },
    ],
)
def test_a_place_is_shapely_or_geojson(catalog: Catalog, place: Any) -> None:  # noqa: ANN401 -- both
    assert ids(select(catalog, intersects=place)) == [ELSEWHERE]


def test_ids_orbit_status_limit_and_any_condition(tmp_path: Path) -> None:
    older = an_item(NOVEMBER.replace("V1-0", "V0-9"))
    said = {"sat:relative_orbit": 51, "order:status": "failed", "view:off_nadir": 3}
    catalog = a_catalog(tmp_path / "catalog", an_item(NOVEMBER, properties=said), older)
    a_catalog(tmp_path / "catalog", an_item(LAST_DAY))

    for source in (catalog, select(catalog, latest=False)):
        assert ids(select(source, ids=older.id)) == [older.id]
        assert ids(select(source, ids=[LAST_DAY, "gone"])) == [LAST_DAY]
        assert ids(select(source, orbit=51)) == [NOVEMBER]
        assert ids(select(source, status="failed")) == [NOVEMBER]
        assert ids(select(source, status=["ordered", "canceled"])) == []
        assert ids(select(source, limit=1)) == [NOVEMBER]
        assert ids(select(source, filter="view:off_nadir < 5")) == [NOVEMBER]
    assert ids(select(catalog, ids=[])) == []


def test_a_box_is_in_degrees(catalog: Catalog) -> None:
    assert ids(select(catalog, bbox=(-0.4, 43.2, -0.3, 43.4))) == [ELSEWHERE]
    assert ids(select(catalog, bbox=(10, 43.2, 11, 43.4))) == []


def test_a_box_across_the_antimeridian_finds_both_sides(tmp_path: Path) -> None:
    """Footprints are split at 180 degrees (RFC 7946), the box goes from 179.5 to -179.5."""
    across = {
        "type": "MultiPolygon",
        "coordinates": [
            [[[179.8, -17], [180, -17], [180, -16], [179.8, -16], [179.8, -17]]],
            [[[-180, -17], [-179.2, -17], [-179.2, -16], [-180, -16], [-180, -17]]],
        ],
    }
    east = mapping(box(179.6, -17, 179.7, -16))
    far = mapping(box(0, -17, 1, -16))
    names = [f"SENTINEL2A_20171102-2206{n}-569_L2A_T01KAB_C_V1-0" for n in (10, 30, 50)]
    items = [
        an_item(name, geometry=place)
        for name, place in zip(names, (across, east, far), strict=True)
    ]
    catalog = a_catalog(tmp_path / "catalog", *items)

    found = select(catalog, bbox=(179.5, -16.8, -179.5, -16.2), latest=False)
    assert ids(found) == names[:2]
    assert ids(select(catalog, bbox=(-179.6, -16.8, -179.5, -16.2), latest=False)) == names[:1]


class TestVersions:
    """One scene in several versions counts once."""

    OLD = "SENTINEL2A_20170619-103806-862_L2A_T31TGM_D_V1-4"
    NEW = "SENTINEL2A_20170619-103812-942_L2A_T31TGM_C_V4-0"
    OTHER_PIECE = "SENTINEL2A_20170619-103021-460_L2A_T31TGM_D_V1-4"

    def test_the_latest_stands_for_all_without_any_link(self, tmp_path: Path) -> None:
        """Six seconds and a profile letter apart, as in Theia's archive; V1-10 is after V1-9."""
        ninth, tenth = (
            f"SENTINEL2A_20180619-103806-862_L2A_T31TGM_D_V1-{number}" for number in (9, 10)
        )
        names = (self.OLD, self.NEW, self.OTHER_PIECE, ninth, tenth)
        catalog = a_catalog(tmp_path / "catalog", *map(an_item, names))

        assert ids(select(catalog)) == [self.OTHER_PIECE, self.NEW, tenth]
        assert len(select(catalog, latest=False)) == len(names)
        assert ids(select(select(catalog, latest=False))) == ids(select(catalog))

    def test_a_superseded_product_does_not_come_back_when_its_successor_does_not_match(
        self, tmp_path: Path
    ) -> None:
        cloudy = an_item(self.NEW, properties={"eo:cloud_cover": 90.0})
        catalog = a_catalog(tmp_path / "catalog", an_item(self.OLD), cloudy)

        assert select(catalog, cloud_cover=50) == []

    def test_versions_meet_over_midnight_and_new_year(self, tmp_path: Path) -> None:
        old = "SENTINEL2A_20171231-235959-900_L2A_T01KAB_C_V1-0"
        new = "SENTINEL2A_20180101-000000-100_L2A_T01KAB_C_V2-0"
        catalog = a_catalog(tmp_path / "catalog", an_item(old), an_item(new))

        assert ids(select(catalog, datetime="2017-12-31/2018-01-01")) == [new]

    def test_the_other_satellite_is_another_scene(self, tmp_path: Path) -> None:
        other = self.OLD.replace("SENTINEL2A", "SENTINEL2C")
        catalog = a_catalog(tmp_path / "catalog", an_item(self.OLD), an_item(other))

        assert len(select(catalog)) == 2

    def test_what_is_no_maja_product_has_no_versions(self, tmp_path: Path) -> None:
        scene = an_item()
        scene.id, scene.collection_id = "S2A_MSIL1C_20171127T105351", L1C_COLLECTION
        catalog = a_catalog(tmp_path / "catalog", scene)

        assert ids(select(catalog, collection=L1C_COLLECTION)) == [scene.id]


def test_an_empty_catalog_has_nothing_and_is_not_made(tmp_path: Path) -> None:
    assert select(tmp_path / "none") == []
    assert not (tmp_path / "none").exists()


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")

    with pytest.raises(CatalogError, match="not a catalog"):
        select(tmp_path)


@pytest.mark.parametrize(
    ("criterion", "message"),
    [
        ({"bbox": (1, 2, 3)}, "four|west, south"),
        ({"bbox": (0, 44, 1, 43)}, "south 44"),
        ({"bbox": (0, 43, 200, 44)}, "200"),
        ({"datetime": "soon"}, "soon"),
        ({"datetime": 2017}, "2017"),
        ({"datetime": ("2018-01-01", "2017-01-01")}, "before it starts"),
        ({"tiles": "31XXX1"}, "31XXX1"),
        ({"cloud_cover": 120}, "120"),
        ({"platform": "landsat-8"}, "landsat-8"),
        ({"orbit": 200}, "200"),
        ({"limit": 0}, "limit: 0 is not"),
        ({"status": "lost"}, "'lost' is none of orderable"),
        ({"filter": "cloud <"}, "not CQL2"),
        ({"intersects": {"type": "Nothing"}}, "no geometry"),
        ({"intersects": Point(500000, 4800000)}, "longitude and latitude"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_line(
    catalog: Catalog, criterion: dict[str, Any], message: str
) -> None:
    with pytest.raises(RequestError, match=message) as error:
        select(catalog, **criterion)

    assert "\n" not in str(error.value)


def test_free_text_is_for_services_only(catalog: Catalog) -> None:
    query = as_query()
    object.__setattr__(query, "location", "Toulouse")

    with pytest.raises(RequestError, match="free-text"):
        find(catalog, query)
