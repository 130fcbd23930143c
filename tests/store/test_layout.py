"""Names and paths."""

import pytest

from builders_store import an_item
from peps_stac.errors import CatalogError
from peps_stac.store.layout import Part, Place, likely_part, place_of, tile_folder

PLACE = Place(Part("scenes", "31TCJ", "2017"), "A")


def place(**changes: object) -> Place:
    document = an_item("A").to_dict()
    document["properties"].update(changes)
    return place_of(document)


def test_an_item_stands_under_collection_tile_and_year() -> None:
    assert place() == PLACE
    assert PLACE.path == "scenes/31TCJ/2017/A/A.json"
    assert Place.parse(PLACE.path) == PLACE


def test_an_item_without_tile_has_a_folder_too() -> None:
    assert place(**{"grid:code": None}).part.tile == "no-tile"


def test_the_zone_of_a_tile_folder_has_two_digits() -> None:
    """The grid extension writes none for zones 1 to 9, Sentinel-2 names do."""
    assert tile_folder("MGRS-1CCV") == "01CCV"
    assert tile_folder("MGRS-31TCJ") == "31TCJ"


def test_another_grid_keeps_its_whole_code() -> None:
    assert tile_folder("WRS2-198030") == "WRS2-198030"


def test_a_tile_that_does_not_exist_is_refused() -> None:
    with pytest.raises(CatalogError, match="MGRS-99XXX"):
        tile_folder("MGRS-99XXX")


def test_the_year_is_that_of_utc() -> None:
    assert place(datetime="2017-12-31T23:30:00-01:00").part.year == "2018"


def test_the_start_tells_the_year_when_datetime_is_null() -> None:
    assert place(datetime=None, start_datetime="2016-05-01T00:00:00Z").part.year == "2016"


@pytest.mark.parametrize("datetime", [None, "yesterday", 2017])
def test_an_item_without_instant_is_refused(datetime: object) -> None:
    with pytest.raises(CatalogError, match="'A' has no usable datetime"):
        place(datetime=datetime)


def test_an_item_without_collection_is_refused() -> None:
    with pytest.raises(CatalogError, match="no collection"):
        place_of(an_item(collection_id=None).to_dict())


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", ".hidden", "a/b", "a\\b", "../a", "a\nb", "a\x00", "a#b", "a?b", "a%2Fb", " a"],
)
def test_an_id_that_cannot_be_a_file_name_is_refused(name: str) -> None:
    with pytest.raises(CatalogError, match="cannot be a file name"):
        place_of(an_item(name).to_dict())


@pytest.mark.parametrize("name", ["x" * 201, "é" * 101])
def test_an_id_that_is_too_long_for_a_file_name_is_refused(name: str) -> None:
    with pytest.raises(CatalogError, match="1 to 200 bytes"):
        place_of(an_item(name).to_dict())


@pytest.mark.parametrize("name", ["dir.with.dot", "x" * 200, "é", "a b", "S2A_MSIL1C.SAFE"])
def test_other_ids_are_taken_as_they_are(name: str) -> None:
    assert place_of(an_item(name).to_dict()).item_id == name


@pytest.mark.parametrize(
    "path",
    [
        "a",
        "scenes/31TCJ/2017/A/B.json",
        "../31TCJ/2017/A/A.json",
        "x/y/z/.A/.A.json",
        "/scenes/31TCJ/2017/A/A.json",
        "scenes/31TCJ/2017/A/A.json/",
    ],
)
def test_no_item_stands_elsewhere(path: str) -> None:
    assert Place.parse(path) is None


@pytest.mark.parametrize(
    ("item_id", "part"),
    [
        ("S2A_MSIL1C_20171127T105351_N0206_R051_T31TCJ_20171127T130253", ("31TCJ", "2017")),
        ("SENTINEL2A_20171127-105827-648_L2A_T31TCJ_C_V1-0", ("31TCJ", "2017")),
        ("anything", None),
    ],
)
def test_product_names_tell_where_to_look_first(item_id: str, part: tuple[str, str] | None) -> None:
    assert likely_part(item_id) == part
