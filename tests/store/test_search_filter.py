"""CQL2 text: what matches, what is unknown, and what is refused."""

from typing import Any

import pytest

from peps_stac.errors import RequestError
from peps_stac.store.search_filter import Filter

ITEM: dict[str, Any] = {
    "id": "S2A_31TCJ",
    "collection": "scenes",
    "geometry": {"type": "Point", "coordinates": [1.0, 43.5]},
    "properties": {
        "datetime": "2017-11-27T10:58:27.648Z",
        "eo:cloud_cover": 12.5,
        "platform": "sentinel-2a",
        "sat:relative_orbit": 51,
        "order:status": "failed",
        "expired": True,
        "nothing": None,
        "instruments": ["msi"],
        "processing:software": {"MAJA": "4.5.4"},
    },
}


@pytest.mark.parametrize(
    "text",
    [
        "eo:cloud_cover < 20",
        '"eo:cloud_cover" <= 12.5',
        "12.5 = eo:cloud_cover",
        "eo:cloud_cover BETWEEN 10 AND 12.5",
        "eo:cloud_cover * 2 = 25",
        "eo:cloud_cover NOT BETWEEN 20 AND 30",
        "sat:relative_orbit IN (8, 51)",
        "platform <> 'sentinel-2b'",
        "platform LIKE 'sentinel-2_'",
        "platform LIKE '%2a'",
        "platform NOT LIKE 'landsat%'",
        "CASEI(platform) = CASEI('SENTINEL-2A')",
        "id LIKE 'S2A%' AND collection = 'scenes'",
        "order:status = 'failed' OR order:status = 'canceled'",
        "expired",
        "expired = TRUE",
        "missing IS NULL AND nothing IS NULL AND platform IS NOT NULL",
        "missing = 3 OR platform = 'sentinel-2a'",
        "NOT (missing = 3 AND platform = 'landsat-8')",
        "datetime > TIMESTAMP('2017-11-27T10:58:27Z')",
        "datetime = TIMESTAMP('2017-11-27T11:58:27.648+01:00')",
        "datetime BETWEEN TIMESTAMP('2017-11-01T00:00:00Z') AND TIMESTAMP('2017-12-01T00:00:00Z')",
        "datetime >= DATE('2017-11-27') AND datetime <= DATE('2017-11-27')",
        "datetime >= '2017-11-27'",
        "T_DURING(datetime, INTERVAL('2017-11-01', '2017-11-30'))",
        "T_INTERSECTS(datetime, INTERVAL('2017-11-27T10:00:00Z', '..'))",
        "T_AFTER(datetime, DATE('2017-11-26'))",
        "T_BEFORE(datetime, DATE('2017-11-28'))",
        "S_INTERSECTS(geometry, BBOX(0, 43, 2, 44))",
        "S_INTERSECTS(geometry, BBOX(170, 43, 2, 44))",
        "S_WITHIN(geometry, POLYGON((0 43, 2 43, 2 44, 0 44, 0 43)))",
        "S_DISJOINT(geometry, POINT(5 43))",
        "A_CONTAINS(instruments, ('msi'))",
        "A_OVERLAPS(instruments, ('msi', 'olci'))",
        "processing:software.MAJA = '4.5.4'",
        "properties.platform = 'sentinel-2a'",
        "TRUE",
    ],
)
def test_what_an_item_says_matches(text: str) -> None:
    assert Filter.parse(text).matches(ITEM)


@pytest.mark.parametrize(
    "text",
    [
        "missing = 3",
        "missing <> 3",
        "NOT missing = 3",
        "NOT (missing IN (3))",
        "missing < 3 OR nothing > 3",
        "nothing = NULL",
        "missing NOT LIKE 'a%'",
        "NOT S_INTERSECTS(missing, POINT(1 2))",
    ],
)
def test_what_an_item_does_not_say_is_neither_true_nor_false(text: str) -> None:
    assert not Filter.parse(text).matches(ITEM)


@pytest.mark.parametrize(
    "text",
    [
        "platform = 5",
        "platform <> 5",
        "eo:cloud_cover = '12.5'",
        "expired = 1",
        "sat:relative_orbit = TRUE",
        "instruments = 'msi'",
        "processing:software = 3",
        "datetime > 2017",
        "platform > TIMESTAMP('2017-11-27T00:00:00Z')",
        "eo:cloud_cover / 0 = 1",
        "platform + 1 = 2",
        "platform",
        "T_AFTER(platform, DATE('2017-11-26'))",
        "S_INTERSECTS(platform, POINT(1 2))",
        "A_CONTAINS(platform, ('s'))",
        "CASEI(eo:cloud_cover) = 'x'",
    ],
)
def test_what_is_of_another_type_never_matches_nor_fails(text: str) -> None:
    assert not Filter.parse(text).matches(ITEM)
    assert not Filter.parse(f"NOT ({text})").matches(ITEM)


def test_a_backslash_takes_the_meaning_from_a_wildcard() -> None:
    item = {"id": "a", "properties": {"name": "50%_x"}}

    assert Filter.parse(r"name LIKE '50\%\_x'").matches(item)
    assert not Filter.parse(r"name LIKE '50\_\_x'").matches(item)
    assert Filter.parse("name LIKE '50__x'").matches(item)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("eo:cloud_cover <", "not CQL2 text at character 17; write"),
        ("", "not CQL2"),
        ("DROP TABLE items", "not CQL2"),
        ("platform == 'x'", "not CQL2"),
        ("S_DWITHIN(geometry, POINT(1 2), 3)", "S_DWITHIN is not known here.*S_INTERSECTS"),
        ("ACCENTI(platform) = 'x'", "ACCENTI is not known here"),
        ("foo(platform) = 'x'", "FOO is not known"),
        ("datetime > TIMESTAMP('soon')", "soon"),
        ("T_DURING(datetime, INTERVAL('a', 'b'))", "interval"),
        ("(" * 150 + "a = 1" + ")" * 150, "levels"),
        ("NOT " * 150 + "a = 1", "levels"),
        ("-" * 5000 + "1 = a", "levels"),
        ("- " * 2000 + "1 = a", "levels"),
        ("a = 1" + "+ 1" * 1000, "levels"),
        ("a = '" + "x" * 9000 + "'", "characters"),
    ],
)
def test_what_cannot_be_understood_is_told_in_a_line(text: str, told: str) -> None:
    with pytest.raises(RequestError, match=told) as error:
        Filter.parse(text)

    assert "\n" not in str(error.value)


def test_an_empty_polygon_or_ring_is_told() -> None:
    with pytest.raises(RequestError, match="filter"):
        Filter.parse("S_INTERSECTS(geometry, POLYGON((0 0, 1 1)))")
