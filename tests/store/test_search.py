"""Both ways of a search find the same, whatever is asked and whatever the catalog is like."""

import os
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pystac
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from builders_index import an_indexed_catalog, found_by, rewrite
from builders_store import SCENES, a_catalog, an_item
from peps_stac.domain import MgrsTile
from peps_stac.errors import CatalogError
from peps_stac.loading.selection import as_criteria, as_query
from peps_stac.store import Catalog
from peps_stac.store.index import reindex
from peps_stac.store.index_manifest import Manifest
from peps_stac.store.search import search
from peps_stac.store.search_criteria import Criteria, sort_key
from peps_stac.store.search_filter import Filter
from peps_stac.store.walk import parts_in

BEGIN = datetime(2016, 12, 25, tzinfo=UTC)
TILES = ("31TCJ", "30TYP", "01KAB", None)
ODD: tuple[dict[str, Any], ...] = (
    {},
    {"order:status": "failed", "peps:history": [{"status": "ordered"}]},
    {"order:status": "succeeded", "mixed": 3, "count": 2**60 + 1, "flag": True},
    {"mixed": "three", "count": 2**60, "flag": False, "note": "50%_\\x 'quoted' \x00 é"},
    {"eo:cloud_cover": None, "Note": "upper", "deep": {"x": 1.5}, "gsd": 10.5},
    {"start_datetime": "2016-12-31T23:59:30Z", "end_datetime": "2017-01-01T00:00:30Z"},
    {"platform": "sentinel-2b", "eo:cloud_cover": 0, "flag": 1},
)


def scene(random_: random.Random, number: int) -> pystac.Item:
    tile = random_.choice(TILES)
    west, south = random_.uniform(-1, 2), random_.uniform(42, 44)
    bounds = (west, south, west + random_.random(), south + random_.random())
    if tile == "01KAB":
        bounds = random_.choice([(179.5, -17.0, -179.5, -16.0), (-179.9, -17.0, -179.0, -16.0)])
    item = an_item(
        f"S2_{number:03d}",
        tile=tile,
        when=BEGIN + timedelta(hours=random_.randrange(24 * 20)),
        bbox=bounds,
        cloud_cover=random_.choice([None, 0.0, 12.5, 99.9, random_.uniform(0, 100)]),
    )
    item.properties |= random_.choice(ODD)
    if "start_datetime" in item.properties and random_.random() < 0.5:
        item.datetime, item.properties["datetime"] = None, None
    if random_.random() < 0.1:
        item.geometry = item.bbox = None
    return item


@pytest.fixture(scope="module", params=[0, 1, 2])
def catalog(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Indexed, and then, but for the first, changed here and there, also by hand."""
    random_ = random.Random(request.param)  # noqa: S311 -- repeatable, not secret
    made = a_catalog(
        tmp_path_factory.mktemp("search"), *(scene(random_, number) for number in range(60))
    )
    reindex(made)
    if request.param:
        made.put_all(scene(random_, number) for number in (59, 60))
        made.remove("S2_003", SCENES)
        place = next(place for place, _ in made.documents(SCENES))
        rewrite(made, place, **{"eo:cloud_cover": 1.5, "platform": "sentinel-2c"})
    manifest = Manifest.load(str(made.root), SCENES)
    parts = list(parts_in(str(made.root), SCENES))
    assert manifest
    assert sum(manifest.has(str(made.root), part) for part in parts) >= len(parts) / 3
    return made


PROPERTIES = st.sampled_from(
    [
        "eo:cloud_cover",
        "platform",
        "order:status",
        "mixed",
        "count",
        "flag",
        "note",
        "Note",
        "gsd",
        "deep.x",
        "deep",
        "missing",
        "id",
        "datetime",
        "start_datetime",
        "peps:history",
        "collection",
        "instruments",
    ]
)
LITERALS = st.sampled_from(
    [
        "0",
        "12.5",
        "-3",
        "10",
        "1152921504606846977",
        "TRUE",
        "FALSE",
        "NULL",
        "'failed'",
        "'sentinel-2a'",
        "'three'",
        "'S2_010'",
        "'scenes'",
        "'2017-01-01'",
        "''",
        "DATE('2016-12-31')",
        "TIMESTAMP('2017-01-01T00:00:00Z')",
    ]
)
PATTERNS = st.sampled_from(["'sent%'", "'%a'", r"'50\%\_%'", "'_2%'", "'S2\\_01_'", "''"])
PLACES = st.sampled_from(["BBOX(0, 43, 1, 43.5)", "POINT(179.7 -16.5)", "BBOX(170, -20, -170, 0)"])


def comparison(parts: tuple[str, str, str, bool]) -> str:
    name, operator, literal, is_turned = parts
    return f"{literal} {operator} {name}" if is_turned else f"{name} {operator} {literal}"


LEAVES = st.one_of(
    st.tuples(
        PROPERTIES, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), LITERALS, st.booleans()
    ).map(comparison),
    st.tuples(PROPERTIES, LITERALS, LITERALS).map(lambda p: f"{p[0]} BETWEEN {p[1]} AND {p[2]}"),
    st.tuples(PROPERTIES, st.lists(LITERALS, min_size=1, max_size=3)).map(
        lambda p: f"{p[0]} IN ({', '.join(p[1])})"
    ),
    st.tuples(PROPERTIES, PATTERNS).map(" LIKE ".join),
    PROPERTIES.map(lambda name: f"{name} IS NULL"),
    PLACES.map(lambda place: f"S_INTERSECTS(geometry, {place})"),
    st.just("flag"),
    st.just("eo:cloud_cover * 2 > 20"),
    st.just("CASEI(Note) = 'upper'"),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda p: f"({' AND '.join(p)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda p: f"({' OR '.join(p)})"),
        inner.map(lambda part: f"(NOT {part})"),
    ),
    max_leaves=5,
)
INSTANTS = st.none() | st.datetimes(
    datetime(2016, 12, 20),  # noqa: DTZ001 -- hypothesis adds the zone
    datetime(2017, 1, 20),  # noqa: DTZ001 -- as above
    timezones=st.just(UTC),
)
AREAS = st.sampled_from(
    [None, Point(1, 43), box(0, 43, 0.5, 43.2), LineString([(-2, 42), (3, 45)]), box(9, 9, 10, 10)]
)
BOXES = st.sampled_from(
    [None, (0.0, 43.0, 1.0, 43.5), (179.0, -17.0, -179.5, -16.0), (-180.0, -90.0, 180.0, 90.0)]
)


@st.composite
def criteria(draw: st.DrawFn) -> Criteria:
    start, end = draw(INSTANTS), draw(INSTANTS)
    if start and end and start > end:
        start, end = end, start
    query = as_query(
        bbox=draw(BOXES),
        intersects=draw(AREAS),
        datetime=(start, end) if start or end else None,
        tiles=draw(st.none() | st.lists(st.sampled_from(["31TCJ", "30TYP", "01KAB"]), max_size=2)),
        cloud_cover=draw(st.none() | st.sampled_from([0, 12.5, 50])),
        platform=draw(st.none() | st.sampled_from(["S2A", "S2B"])),
    )
    condition = draw(st.none() | CONDITIONS)
    return as_criteria(
        query,
        ids=draw(st.none() | st.lists(st.sampled_from(["S2_001", "S2_010", "gone"]), max_size=2)),
        statuses=draw(st.none() | st.lists(st.sampled_from(["failed", "ordered"]), max_size=2)),
        filter=None if condition is None else Filter.parse(condition),
    )


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(asked=criteria())
def test_with_and_without_the_index_a_search_finds_the_same(
    catalog: Catalog, asked: Criteria
) -> None:
    all_documents = [document for _, document in catalog.documents(SCENES)]
    matching = [document for document in all_documents if asked.matches(document)]
    expected = [
        document["id"]
        for document in sorted(matching, key=lambda found: (sort_key(found), found["id"]))
    ]

    assert found_by(catalog, asked, use_index=False) == expected
    assert found_by(catalog, asked, use_index=True) == expected


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(condition=CONDITIONS)
@example(condition="id LIKE '_2%'")
def test_a_filter_alone_finds_the_same_both_ways(catalog: Catalog, condition: str) -> None:
    asked = as_criteria(as_query(), filter=Filter.parse(condition))
    by_json = found_by(catalog, asked, use_index=False)

    assert found_by(catalog, asked, use_index=True) == by_json


def test_what_the_index_has_is_not_opened_in_vain(tmp_path: Path) -> None:
    """A file that cannot be read, its time and size as before, proves that it was not."""
    catalog = an_indexed_catalog(tmp_path / "catalog")
    place = next(place for place, _ in catalog.documents(SCENES, tile="30TYP"))
    path = catalog.root / place.path
    content, times = path.read_bytes(), path.stat()
    with path.open("r+b") as file:
        file.write(b"#" * len(content))

    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    elsewhere = as_criteria(as_query(bbox=(1.0, 43.3, 1.1, 43.4)))

    assert len(found_by(catalog, elsewhere, use_index=True)) == 30
    with pytest.raises(CatalogError, match=place.item_id):
        found_by(catalog, elsewhere, use_index=False)


def test_tiles_and_years_that_are_not_meant_are_not_opened(tmp_path: Path) -> None:
    catalog = an_indexed_catalog(tmp_path / "catalog")
    for path in [*catalog.root.glob("*/30TYP/*/*/*.json"), *catalog.root.glob("*/*/2015/*/*.json")]:
        path.write_text("no JSON")
    asked = as_criteria(as_query(tiles="31TCJ", datetime="2017-01-01/2017-12-31"))

    assert len(found_by(catalog, asked, use_index=False)) == 6
    assert asked.query.tiles == (MgrsTile.parse("31TCJ"),)


def test_more_items_than_are_kept_in_memory_are_all_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = an_indexed_catalog(tmp_path / "catalog")
    monkeypatch.setattr("peps_stac.store.search._MOST_KEPT", 3)

    found = list(search(str(catalog.root), SCENES, as_criteria(as_query()), use_index=False))

    assert [place.item_id for place, _ in found] == [document["id"] for _, document in found]
    assert len(found) == 40


def test_a_collection_that_is_not_there_has_no_items(tmp_path: Path) -> None:
    catalog = an_indexed_catalog(tmp_path / "catalog", count=3)

    for use_index in (True, False):
        everything = as_criteria(as_query())
        assert found_by(catalog, everything, use_index=use_index, collection="none") == []
        assert found_by(catalog, everything, use_index=use_index, collection="../..") == []


def test_without_the_extra_the_json_is_read(tmp_path: Path) -> None:
    """As when duckdb is not installed; pyarrow and stac-geoparquet are not needed either."""
    an_indexed_catalog(tmp_path / "catalog")
    code = f"""
import sys
for name in ("duckdb", "pyarrow", "stac_geoparquet"):
    sys.modules[name] = None
import peps_stac as ps
found = ps.select({str(tmp_path / "catalog")!r}, collection="scenes", filter="eo:cloud_cover < 3")
print(len(found))
"""
    told = subprocess.run(  # noqa: S603 -- our own words
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout

    assert told == "3\n"
