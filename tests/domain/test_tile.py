import pytest
from hypothesis import given
from hypothesis import strategies as st

from peps_stac.domain import MgrsTile
from peps_stac.errors import RequestError
from recorded import SHARED, needs_recorded


@pytest.mark.parametrize("text", ["31TCJ", "T31TCJ", "31tcj", " t31tcj "])
def test_a_tile_is_read_however_it_is_typed(text: str) -> None:
    """The server compares as written, so upper case without T is what leaves."""
    assert str(MgrsTile.parse(text)) == "31TCJ"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("61TCJ", "zone 61"),
        ("0TCJ", "zone 0"),
        ("31ICJ", "band I"),
        ("31TJJ", "columns of zone 31"),
        ("54HBV", "columns of zone 54"),
        ("31TCX", "row X"),
        ("31T%", "31TCJ"),
        ("31TCJJ", "31TCJ"),
        ("", "31TCJ"),
    ],
)
def test_an_unknown_tile_is_refused_with_its_name_and_the_reason(text: str, reason: str) -> None:
    """54HBV stands in a recorded query that found nothing: zone 54 has columns S to Z."""
    with pytest.raises(RequestError, match=reason) as caught:
        MgrsTile.parse(text)
    assert repr(text) in str(caught.value)


def test_a_zone_of_one_digit_is_written_with_two_but_for_the_grid_code() -> None:
    tile = MgrsTile.parse("5QKB")

    assert str(tile) == "05QKB"
    assert tile.grid_code == "MGRS-5QKB"


@pytest.mark.parametrize(("text", "epsg"), [("31TCJ", 32631), ("32MNE", 32732), ("32NNF", 32632)])
def test_band_m_is_the_last_of_the_south(text: str, epsg: int) -> None:
    assert MgrsTile.parse(text).epsg == epsg


@needs_recorded
def test_every_tile_of_the_recorded_names_is_known() -> None:
    names = (SHARED / "muscate" / "product_names.csv").read_text().splitlines()[1:]

    for name in names:
        text = name.split(",")[0].split("_")[3]
        assert str(MgrsTile.parse(text)) == text.removeprefix("T")


@given(st.text(max_size=8))
def test_any_text_is_a_tile_or_refused(text: str) -> None:
    try:
        tile = MgrsTile.parse(text)
    except RequestError:
        return
    assert MgrsTile.parse(str(tile)) == tile
