"""The search of a simulated PEPS: paging, links and the echo of what was understood."""

import math
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from peps_stac.simulator.answers import Answer, error_answer, json_answer
from peps_stac.simulator.filters import DatabaseFault, filters
from peps_stac.simulator.freetext import Understood, place_filter, understand
from peps_stac.simulator.holdings import Record
from peps_stac.simulator.parameters import PARAMETERS, BadParameter, understood
from peps_stac.simulator.showing import shown
from peps_stac.simulator.world import World

DEFAULT_LIMIT = 20
LARGEST_LIMIT = 500

_EXACT_BELOW = 10 * DEFAULT_LIMIT
_NAMESPACE = uuid.UUID("92708059-2077-45a3-a4f3-1eb428789cff")
_TITLES = {"fr": {"next": "suivant", "previous": "précédent", "first": "début", "last": "fin"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """What was asked."""

    world: World
    collection: str | None
    params: Mapping[str, str]
    known: Mapping[str, str]
    """Those of the parameters that PEPS knows."""
    text: Understood | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One page of a search, before it is written."""

    records: tuple[Record, ...]
    matched: int
    limit: int
    offset: int


def search(world: World, collection: str | None, params: Mapping[str, str]) -> Answer:
    """A FeatureCollection, or the error that PEPS answers.

    Args:
        world: The simulator.
        collection: `S2ST`, ...; None searches them all.
        params: Decoded query; unknown names are ignored without notice, as PEPS does.
    """
    begun = time.monotonic()
    try:
        known = understood(params)
        text = understand(known["q"]) if known.get("q") else None
        asked = _Search(world=world, collection=collection, params=params, known=known, text=text)
        found = _find(asked)
    except BadParameter as bad:
        return error_answer(400, str(bad))
    except DatabaseFault as fault:
        return error_answer(500, str(fault))
    features = shown(found.records, world)
    properties = _properties(asked, found, time.monotonic() - begun)
    return json_answer(
        {"type": "FeatureCollection", "properties": properties, "features": features}
    )


def product(world: World, record: Record) -> Answer:
    """One feature, as at `/resto/collections/S2ST/{id}.json`."""
    return json_answer(shown([record], world)[0])


def _find(asked: _Search) -> _Found:
    limit = _limit(asked.known.get("maxRecords"))
    offset = _offset(asked.known, limit)
    tests = list(filters(asked.known))
    if asked.text is not None:
        tests.extend(asked.text.filters or [_nothing])
    if asked.known.get("location"):
        tests.append(place_filter(asked.known["location"]) or _nothing)
    matching = [
        record
        for record in asked.world.holdings
        if record.is_visible
        and asked.collection in (None, record.collection)
        and all(test(record) for test in tests)
    ]
    page = tuple(matching[offset : offset + limit])
    return _Found(records=page, matched=len(matching), limit=limit, offset=offset)


def _nothing(_: Record) -> bool:
    return False


def _limit(text: str | None) -> int:
    """Records a page: 20 unless said, clamped to 1 to 500 without an error."""
    try:
        return max(1, min(int(float(text or "")), LARGEST_LIMIT))
    except (ValueError, OverflowError):
        return DEFAULT_LIMIT


def _offset(known: Mapping[str, str], limit: int) -> int:
    """Results to skip; `page` wins over `index`."""
    if known.get("page"):
        return (int(float(known["page"])) - 1) * limit
    return int(float(known["index"])) - 1 if known.get("index") else 0


def _properties(asked: _Search, found: _Found, processing_s: float) -> dict[str, Any]:
    filters_echo = {PARAMETERS[name].server_name: value for name, value in asked.known.items()}
    total, is_exact = _total(asked, found)
    return {
        "title": asked.text.text if asked.text else "",
        "id": str(uuid.uuid5(_NAMESPACE, f"{asked.collection or '*'}:{filters_echo}")),
        "totalResults": total,
        "exactCount": is_exact,
        "startIndex": found.offset + 1,
        "itemsPerPage": len(found.records),
        # A string when it came with the query, as the recorded answers have it.
        "totalItemsPerPage": str(found.limit) if asked.known.get("maxRecords") else found.limit,
        "query": {
            "searchFilters": filters_echo,
            "analysis": asked.text.analysis if asked.text else {"query": ""},
            "processingTime": processing_s,
        },
        "links": _links(asked, found, total),
    }


def _total(asked: _Search, found: _Found) -> tuple[int, bool]:
    """`totalResults`, and whether PEPS counts: with a longitude, or when the estimate is small."""
    if found.offset == 0 and not found.records:
        return 0, True
    forced = asked.world.scenario.total_results
    if forced is not None:
        return forced, False
    return found.matched, bool(asked.known.get("lon")) or found.matched < _EXACT_BELOW


def _links(asked: _Search, found: _Found, total: int) -> list[dict[str, str]]:
    inside = f"{asked.collection}/" if asked.collection else ""
    folder = f"{asked.world.base}/resto/api/collections/{inside}"
    titles = _TITLES.get(asked.known.get("lang", "en"), {})

    def link(rel: str, page: int | None) -> dict[str, str]:
        query = dict(asked.params)
        if page is not None:
            query |= {"page": str(page)}
            if found.limit != DEFAULT_LIMIT:
                query |= {"maxRecords": str(found.limit)}
        written = "".join(f"&{name}={quote(value, safe='')}" for name, value in query.items())
        title, href = titles.get(rel, rel), f"{folder}search.json?{written}"
        return {"rel": rel, "type": "application/json", "title": title, "href": href}

    description = {
        "rel": "search",
        "type": "application/opensearchdescription+xml",
        "title": "OpenSearch Description Document",
        "href": f"{folder}describe.xml",
    }
    page = found.offset // found.limit + 1 if found.records else 1
    links = [link("self", None), description]
    if page > 1:
        links += [link("previous", page - 1), link("first", 1)]
    if len(found.records) >= found.limit:
        # A full last page has a next one too; it is empty.
        links += [link("next", page + 1), link("last", max(math.ceil(total / found.limit), 1))]
    return links
