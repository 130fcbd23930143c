"""The search of a simulated GEODES: pages of records, collections, the landing page."""

from collections.abc import Mapping
from typing import Any

import orjson

from peps_stac.simulator.answers import Answer, json_answer
from peps_stac.simulator.geodes.attributes import BadSearch
from peps_stac.simulator.geodes.query import sort_keys, tests
from peps_stac.simulator.geodes.records import GeodesRecord
from peps_stac.simulator.geodes.showing import link, shown
from peps_stac.simulator.world import World

DEFAULT_LIMIT = 10
LARGEST_LIMIT = 80

_TITLES = {
    "PEPS_S2_L1C": "PEPS Sentinel-2 L1C tiles",
    "THEIA_REFLECTANCE_SENTINEL2_L2A": "THEIA Sentinel-2 L2A surface reflectance (MAJA)",
}


def refused(status: int, message: str) -> Answer:
    """An error; GEODES's own words are not recorded."""
    return json_answer({"code": status, "message": message}, status)


def landing(world: World) -> Answer:
    """The catalog at the root."""
    base = world.geodes_base
    names = world.geodes.records(world.scenario.geodes).collections
    children = [
        link("child", f"{base}/api/stac/collections/{name}", _TITLES.get(name, name))
        for name in names
    ]
    return json_answer(
        {
            "stac_version": "1.0.0",
            "type": "Catalog",
            "id": "gdh",
            "title": "STAC gdh root",
            "description": "Simulated GEODES",
            "links": [
                link("self", f"{base}/api/stac", "STAC gdh root"),
                link("root", f"{base}/api/stac", "STAC gdh root"),
                link("search", f"{base}/api/stac/search", "Search"),
                *children,
            ],
        }
    )


def collections(world: World, body: bytes) -> Answer:
    """The collections, those of Sentinel-2 whether they have records or not."""
    try:
        asked = _read(body)
        limit, page = _limit(asked), _page(asked)
    except BadSearch as bad:
        return refused(400, str(bad))
    names = world.geodes.records(world.scenario.geodes).collections
    said = [_collection(name, world) for name in names]
    chosen = said[(page - 1) * limit : page * limit]
    return json_answer(
        {
            "collections": chosen,
            "links": [],
            "context": {"returned": len(chosen), "limit": limit, "matched": len(said)},
        }
    )


def item(world: World, collection: str, urn: str) -> Answer:
    """One record, as at its `self` link."""
    record = world.geodes.records(world.scenario.geodes).by_id(urn)
    if record is None or record.collection != collection:
        return refused(404, f"no item {urn} in {collection}")
    return json_answer(shown(record, world))


def search(world: World, body: bytes) -> Answer:
    """A page of records; of those that match, only these have their files built."""
    old_names = world.scenario.geodes.old_names
    try:
        asked = _read(body)
        limit, page = _limit(asked), _page(asked)
        wanted = _collections(asked, world)
        narrowing = list(tests(asked, old_names=old_names))
        keys = sort_keys(asked, old_names=old_names)
    except BadSearch as bad:
        return refused(400, str(bad))
    matching = [
        record
        for record in world.geodes.records(world.scenario.geodes)
        if record.collection in wanted and all(test(record) for test in narrowing)
    ]
    for key, downwards in reversed(keys):
        matching.sort(key=key, reverse=downwards)
    return json_answer(_page_document(world, wanted[0], matching, (limit, page)))


def _page_document(
    world: World, collection: str, matching: list[GeodesRecord], place: tuple[int, int]
) -> dict[str, Any]:
    limit, page = place
    chosen = matching[(page - 1) * limit : page * limit]
    href = f"{world.geodes_base}/api/stac/collections/{collection}/items"
    links = [link("self", f"{href}?limit={limit}&page={page}", "this search page")]
    if page * limit < len(matching):
        # As recorded: one more than was asked for, by GET, and without the query.
        following = f"{href}?limit={limit + 1}&page={page + 1}"
        links.append(link("next", following, "next search page"))
    forced = world.scenario.geodes.matched
    return {
        "stac_version": "1.0.0-beta.1",
        "stac_extensions": [],
        "type": "FeatureCollection",
        "features": [shown(record, world) for record in chosen],
        "links": links,
        "context": {
            "returned": len(chosen),
            "limit": limit,
            "matched": len(matching) if forced is None else forced,
        },
    }


def _collections(asked: Mapping[str, Any], world: World) -> tuple[str, ...]:
    known = world.geodes.records(world.scenario.geodes).collections
    wanted = asked.get("collections")
    if wanted is None or wanted == []:
        return known
    if not isinstance(wanted, list):
        raise BadSearch("collections: not a list")
    for name in wanted:
        # The names of before late 2025 are unknown now too (eodag #1918).
        if name not in known:
            raise BadSearch(f"collections: unknown {name}")
    return tuple(wanted)


def _read(body: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as error:
        raise BadSearch(f"no JSON: {error}") from error
    if not isinstance(document, dict):
        raise BadSearch("no JSON object")
    return document


def _limit(asked: Mapping[str, Any]) -> int:
    """Records a page, clamped to 80 without an error."""
    limit = asked.get("limit", DEFAULT_LIMIT)
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        raise BadSearch(f"limit: {limit}; give 1 or more")
    return min(limit, LARGEST_LIMIT)


def _page(asked: Mapping[str, Any]) -> int:
    page = asked.get("page", 1)
    if not isinstance(page, int) or isinstance(page, bool) or page < 1:
        raise BadSearch(f"page: {page}; the first is 1")
    return page


def _collection(name: str, world: World) -> dict[str, Any]:
    """As far as the recorded ones go, without what nobody reads."""
    base = world.geodes_base
    own = [
        record
        for record in world.geodes.records(world.scenario.geodes)
        if record.collection == name
    ]
    starts = sorted(str(record.attributes.get("start_datetime")) for record in own)
    interval = [starts[0], starts[-1]] if starts else [None, None]
    return {
        "type": "Collection",
        "id": name,
        "stac_version": "1.0.0",
        "title": _TITLES.get(name, name),
        "description": _TITLES.get(name, name),
        "links": [
            link("self", f"{base}/api/stac/collections/{name}", "Link to this collection"),
            link("root", f"{base}/api/stac", "STAC gdh root"),
        ],
        "extent": {
            "spatial": {"bbox": [[-180.0, -90.0, 180.0, 90.0]]},
            "temporal": {"interval": [interval]},
        },
        "license": "Apache-2.0",
        "summaries": {"total_items": len(own)},
    }
