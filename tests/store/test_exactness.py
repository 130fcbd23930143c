"""What catalogs say of their Items is exact after any change: making them again changes nothing."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from builders_store import PRODUCTS, SCENES, Box, a_catalog, a_product, add_product, an_item
from peps_stac.store import Catalog, validate

NAMES = ("A", "B", "C", "D")
WIDE: Box = (-20.0, -50.0, 40.0, 60.0)
FIJI: Box = (178.0, -19.0, -179.0, -16.0)

facts = st.fixed_dictionaries(
    {
        "collection_id": st.sampled_from([SCENES, PRODUCTS]),
        "tile": st.sampled_from(["31TCJ", "31TDJ", None]),
        "when": st.sampled_from([datetime(y, 6, 1, 12, tzinfo=UTC) for y in (2016, 2017)]),
        "bbox": st.sampled_from([(0.5, 43.2, 1.9, 44.3), WIDE, FIJI]),
        "cloud_cover": st.sampled_from([None, 0.0, 50.0, 100.0]),
        "platform": st.sampled_from(["sentinel-2a", "sentinel-2b"]),
        "sat:relative_orbit": st.sampled_from([51, 8]),
    }
)
puts = st.tuples(st.just("put"), st.sampled_from(NAMES), facts)
batches = st.tuples(
    st.just("batch"), st.lists(st.sampled_from(NAMES), min_size=1, unique=True), facts
)
folders = st.tuples(st.just("folder"), st.sampled_from(NAMES), facts)
removals = st.tuples(st.just("remove"), st.sampled_from(NAMES), st.sampled_from([SCENES, PRODUCTS]))


def act(catalog: Catalog, verb: str, name: Any, more: Any) -> None:  # noqa: ANN401 -- drawn by hypothesis
    if verb == "put":
        catalog.put(an_item(name, **more))
    elif verb == "batch":
        catalog.put_all(an_item(one, **more) for one in name)
    elif verb == "folder":
        known = {key: value for key, value in more.items() if key != "collection_id"}
        add_product(catalog, a_product(name, **known))
    else:
        catalog.remove(name, more)


@settings(max_examples=40, deadline=None)
@given(st.lists(puts | batches | folders | removals, min_size=2, max_size=12))
def test_after_any_changes_nothing_is_left_to_repair(acts: list[tuple[str, Any, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        catalog = a_catalog(Path(folder))
        for verb, name, more in acts:
            act(catalog, verb, name, more)

        if catalog.collections():
            done = catalog.rebuild()
            assert (done.rewritten, done.moved, done.unreadable) == ([], [], [])
        if (Path(folder) / "catalog.json").exists():
            found = validate(catalog).findings
            assert [f for f in found if "same id as" not in f.message] == []
