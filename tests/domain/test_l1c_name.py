from datetime import UTC, datetime

import pytest

from peps_stac.domain import L1CName, MgrsTile

NAME = "S2A_MSIL1C_20200101T105441_N0500_R051_T31TCH_20230501T190202"


def test_a_name_tells_six_facts() -> None:
    assert L1CName.parse(NAME) == L1CName(
        platform="sentinel-2a",
        level="L1C",
        start=datetime(2020, 1, 1, 10, 54, 41, tzinfo=UTC),
        baseline="05.00",
        relative_orbit=51,
        tile=MgrsTile.parse("31TCH"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{NAME}.SAFE",
        "S2A_OPER_PRD_MSIL1C_PDMC_20160929T000000_R051_V20160928T105637_20160928T105637",
        NAME.replace("20200101", "20201301"),
        NAME.replace("31TCH", "31TIO"),
        NAME.replace("0500", "\u0660\u0665\u0660\u0660"),
    ],
)
def test_anything_else_tells_none(text: str) -> None:
    assert L1CName.parse(text) is None


def test_an_orbit_that_is_none_is_unknown() -> None:
    name = L1CName.parse(NAME.replace("R051", "R144"))

    assert name is not None
    assert name.relative_orbit is None
