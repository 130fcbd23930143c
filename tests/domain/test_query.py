from datetime import UTC, datetime
from typing import Any

import pytest
from shapely import Polygon

from peps_stac.domain import MgrsTile, SearchQuery
from peps_stac.errors import RequestError

TILE = (MgrsTile.parse("31TCJ"),)


@pytest.mark.parametrize(
    ("criteria", "reason"),
    [
        ({"point": (1.4, 43.6), "bbox": (0, 43, 2, 44)}, "exclude each other"),
        ({"point": (181, 43.6)}, "--lon: 181"),
        ({"point": (1.4, 91)}, "--lat: 91"),
        ({"point": (float("nan"), 0)}, "--lon: nan"),
        ({"bbox": (0, 44, 2, 43)}, "south 44 is above north 43"),
        ({"bbox": (-181, 43, 2, 44)}, "--bbox: -181"),
        ({"tiles": TILE, "relative_orbit": 144}, "--orbit: 144"),
        ({"tiles": TILE, "cloud_cover": 100.5}, "--cloud-cover: 100.5"),
        ({"tiles": TILE, "limit": 0}, "--limit: 0"),
        ({"intersects": Polygon()}, "empty"),
        ({}, "where to search"),
        (
            {
                "tiles": TILE,
                "start": datetime(2017, 11, 30, tzinfo=UTC),
                "end": datetime(2017, 11, 1, tzinfo=UTC),
            },
            "before it starts",
        ),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(criteria: dict[str, Any], reason: str) -> None:
    """Nothing is sent: the service would ignore or misread most of these."""
    with pytest.raises(RequestError, match=reason):
        SearchQuery(**criteria)


def test_a_box_may_cross_the_antimeridian() -> None:
    assert SearchQuery(bbox=(179, -20, -179, -10)).bbox == (179, -20, -179, -10)


def test_a_limit_alone_is_enough_to_search_everywhere() -> None:
    assert SearchQuery(limit=10).limit == 10
