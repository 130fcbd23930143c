from datetime import UTC, datetime

import pystac
import pytest

from builders_muscate import Style, a_metadata
from peps_stac.muscate.metadata import read_metadata
from peps_stac.stac.completion import completed, left_out_of, mode_of
from peps_stac.stac.l2a import item_from_l2a
from peps_stac.stac.l2a_assets import AssetFile
from peps_stac.stac.layers import AssetMode

FIRST = datetime(2026, 4, 1, tzinfo=UTC)
LATER = datetime(2026, 5, 1, tzinfo=UTC)
PRODUCT = read_metadata(a_metadata(Style()), "MTD_ALL.xml")


def item_with(*keys: str, now: datetime = FIRST, left_out: tuple[str, ...] = ()) -> pystac.Item:
    files = {key: AssetFile(f"./{key}-{now:%m}", is_cog=True) for key in keys}
    return item_from_l2a(PRODUCT, files=files, now=now, mode=AssetMode.COG, left_out=left_out)


def test_what_was_left_out_is_added_and_the_rest_stays() -> None:
    known = item_with("B04", "quicklook", "metadata", left_out=("B02", "SRE_B04"))
    new = item_with("B02", "B04", now=LATER)

    item = completed(known, new, LATER)

    assert list(item.assets) == ["B02", "B04", "quicklook", "metadata"]
    assert item.assets["B04"].href == "./B04-04"
    assert left_out_of(item) == ("SRE_B04",)
    assert item.properties["created"] == "2026-04-01T00:00:00Z"
    assert item.properties["updated"] == "2026-05-01T00:00:00Z"


def test_an_item_with_everything_says_of_nothing_that_it_was_left_out() -> None:
    item = completed(item_with("B04", left_out=("B02",)), item_with("B02"), LATER)

    assert "maja:left_out" not in item.properties


def test_neither_item_is_changed() -> None:
    known, new = item_with("B04", left_out=("B02",)), item_with("B02")
    before = [known.to_dict(), new.to_dict()]
    completed(known, new, LATER)

    assert [known.to_dict(), new.to_dict()] == before


def test_a_quicklook_that_gets_a_thumbnail_beside_it_is_an_overview_only() -> None:
    item = completed(item_with("quicklook"), item_with("thumbnail"), LATER)

    assert item.assets["quicklook"].roles == ["overview"]


def test_extensions_of_what_is_added_are_declared() -> None:
    item = completed(item_with("metadata"), item_with("CLM_R1"), LATER)

    assert any("/classification/" in uri for uri in item.stac_extensions)


@pytest.mark.parametrize(
    ("file", "mode"),
    [
        (AssetFile("./B04.tif", is_cog=True), AssetMode.COG),
        (AssetFile("./x_FRE_B4.tif"), AssetMode.RAW),
        (AssetFile("/vsizip//home/x.zip/x_FRE_B4.tif"), AssetMode.ZIP),
    ],
)
def test_of_an_item_that_does_not_say_the_files_tell_the_form(
    file: AssetFile, mode: AssetMode
) -> None:
    """Items of the first release say nothing of it."""
    item = item_from_l2a(PRODUCT, files={"B04": file}, now=FIRST)

    assert mode_of(item) is mode
