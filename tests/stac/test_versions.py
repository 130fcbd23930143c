"""Theia's archive of January 2020 came as V2-2, V3-0 and V4-0."""

from datetime import UTC, datetime
from itertools import permutations

import pystac
import pytest

from peps_stac.stac.extensions import VERSION_SCHEMA
from peps_stac.stac.versions import is_latest, versions_of, with_versions

V22 = "SENTINEL2A_20200407-104815-295_L2A_T31TGM_C_V2-2"
V30 = "SENTINEL2A_20200407-104815-293_L2A_T31TGM_C_V3-0"
V40 = "SENTINEL2A_20200407-104815-292_L2A_T31TGM_C_V4-0"
V110 = "SENTINEL2A_20200407-104821-292_L2A_T31TGM_C_V11-0"
OTHER_PASS = "SENTINEL2A_20200407-104915-295_L2A_T31TGM_C_V2-2"  # noqa: S105 -- a name
OTHER_TILE = "SENTINEL2A_20200407-104815-295_L2A_T31TGL_C_V2-2"
OTHER_UNIT = "SENTINEL2B_20200407-104815-295_L2A_T31TGM_C_V4-0"
RELATIONS = ("predecessor-version", "successor-version", "latest-version")


def an_item(name: str) -> pystac.Item:
    when = datetime(2020, 4, 7, 10, 48, 15, tzinfo=UTC)
    return pystac.Item(name, None, None, when, {}, collection="sentinel-2-l2a-maja")


def linked(name: str, *others: str) -> pystac.Item:
    return with_versions(an_item(name), {other: f"../{other}.json" for other in others})


def links_of(item: pystac.Item) -> tuple[str | None, ...]:
    found = {str(link.rel): link.title for link in item.links}
    return tuple(found.get(relation) for relation in RELATIONS)


@pytest.mark.parametrize("names", list(permutations((V22, V30, V40))))
def test_each_version_leads_to_those_beside_it_and_to_the_latest(names: tuple[str, ...]) -> None:
    items = {name: linked(name, *(one for one in names if one != name)) for name in names}

    assert links_of(items[V22]) == (None, V30, V40)
    assert links_of(items[V30]) == (V22, V40, V40)
    assert links_of(items[V40]) == (V30, None, None)
    assert [name for name in (V22, V30, V40) if is_latest(items[name])] == [V40]


def test_links_are_replaced_when_one_more_version_comes() -> None:
    item = with_versions(linked(V30, V22), {V22: "./a.json", V40: "./b.json"})

    assert links_of(item) == (V22, V40, V40)
    assert len(item.links) == 3
    assert item.stac_extensions.count(VERSION_SCHEMA) == 1


def test_versions_are_numbers_and_no_text() -> None:
    assert links_of(linked(V40, V110)) == (None, V110, V110)


def test_an_item_that_is_alone_leads_nowhere_and_is_the_latest() -> None:
    item = linked(V40)

    assert links_of(item) == (None, None, None)
    assert is_latest(item)
    assert item.stac_extensions == []


def test_the_item_that_goes_in_is_not_changed() -> None:
    item = an_item(V22)
    with_versions(item, {V40: "./b.json"})

    assert item.links == []


def test_a_link_to_itself_makes_no_item_old() -> None:
    item = an_item(V40)
    item.add_link(pystac.Link("latest-version", "./x.json", title=V40))

    assert is_latest(item)


def test_another_pass_tile_or_satellite_is_another_scene() -> None:
    """The milliseconds may change by reprocessing, and even some seconds."""
    others = (OTHER_TILE, OTHER_UNIT, V40, V110)

    assert versions_of(V22, others) == (V22, V40, V110)
    assert versions_of(OTHER_UNIT, (V22, V40)) == (OTHER_UNIT,)


@pytest.mark.parametrize("asked", [V22, V110, OTHER_PASS])
def test_who_is_asked_makes_no_difference(asked: str) -> None:
    """The first and the last are 60.003 seconds apart, the middle one is near to both."""
    first, middle, last = V40, V110, OTHER_PASS
    names = {first, middle, last, V22}

    assert versions_of(asked, names - {asked}) == (V22, last, first, middle)
