"""The picture: every date where a person looks for it, in the colour of its state."""

import re
from datetime import datetime, timedelta
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from builders import utc
from peps_stac.domain import MgrsTile
from peps_stac.workflow import Completeness, DateState, ExpectedDate, calendar_strip

SVG = "{http://www.w3.org/2000/svg}"
TCJ, TCH = MgrsTile.parse("31TCJ"), MgrsTile.parse("31TCH")


def a_date(
    day: str,
    state: DateState = DateState.DELIVERED,
    tile: MgrsTile = TCJ,
    reason: str | None = None,
) -> ExpectedDate:
    instant = utc(day if "T" in day else f"{day}T10:53:51")
    return ExpectedDate(
        tile=tile, datetime=instant, platform="sentinel-2a", state=state, reason=reason
    )


def drawn(*dates: ExpectedDate, title: str = "catalog") -> ET.Element:
    ordered = sorted(dates, key=lambda one: (one.tile, one.datetime))
    text = calendar_strip(Completeness(tuple(ordered)), title)
    return ET.fromstring(text)  # noqa: S314 -- made by ourselves


def cells(strip: ET.Element) -> dict[str, ET.Element]:
    """By what they say when pointed at."""
    found = ((rect.find(f"{SVG}title"), rect) for rect in strip.iter(f"{SVG}rect"))
    return {str(title.text): rect for title, rect in found if title is not None}


def texts(element: ET.Element) -> list[str]:
    return [str(text.text) for text in element.iter(f"{SVG}text")]


def group(root: ET.Element, name: str) -> ET.Element:
    [found] = [one for one in root.iter(f"{SVG}g") if one.get("id") == name]
    return found


def test_a_date_is_a_square_in_the_row_of_its_month_and_the_column_of_its_day() -> None:
    found = cells(drawn(a_date("2017-11-02"), a_date("2017-11-27"), a_date("2017-12-02")))
    first, last, next_month = found.values()

    assert next(iter(found)) == "2017-11-02 S2A: delivered"
    assert (first.get("y"), first.get("x")) == (last.get("y"), next_month.get("x"))
    assert first.get("y") != next_month.get("y")
    assert first.get("class") == "delivered"


def test_why_a_date_is_not_there_is_told_where_it_is_pointed_at() -> None:
    root = drawn(a_date("2017-11-02", DateState.FAILED, reason='<MAJA> said "no" & left\x07\n'))

    assert list(cells(root)) == ['2017-11-02 S2A: failed (<MAJA> said "no" & left  )']


def test_the_legend_counts_what_there_is_and_nothing_else() -> None:
    older = Completeness(
        (
            ExpectedDate(
                tile=TCJ,
                datetime=utc("2017-11-02"),
                platform="sentinel-2a",
                state=DateState.DELIVERED,
                superseded=("a", "b"),
            ),
            a_date("2017-11-07", DateState.NOT_ORDERED),
        )
    )
    root = ET.fromstring(calendar_strip(older))  # noqa: S314 -- made by ourselves

    assert texts(group(root, "legend")) == [
        "1 delivered",
        "1 not ordered",
        "beside them 2 older versions of delivered products",
    ]


def test_each_tile_has_its_strip_and_all_have_the_same_rows() -> None:
    root = drawn(a_date("2017-09-05"), a_date("2017-11-20", DateState.TOO_CLOUDY, TCH))
    months = ["2017-09", "2017-10", "2017-11"]

    for name, title in (
        ("T31TCH", "31TCH: 0 of 1 delivered"),
        ("T31TCJ", "31TCJ: 1 of 1 delivered"),
    ):
        said = texts(group(root, name))
        assert said[0] == title
        assert [text for text in said if re.fullmatch(r"\d{4}-\d{2}", text)] == months


def test_many_years_have_a_row_each_and_their_months_stand_in_line() -> None:
    days = ("2016-03-01", "2017-03-01", "2019-03-01", "2020-02-29", "2020-12-31")
    root = drawn(*map(a_date, days))
    found = {title[:10]: rect for title, rect in cells(root).items()}

    assert {"2016", "2017", "2018", "2019", "2020"} <= set(texts(root))
    assert len({found[day].get("x") for day in days[:3]}) == 1
    assert len({found[day].get("y") for day in days}) == 4
    last = found["2020-12-31"]
    right = float(str(last.get("x"))) + float(str(last.get("width")))
    assert right < float(str(root.get("width")))


def test_no_bar_covers_the_next() -> None:
    start = utc("2017-01-01T10:53:51")
    instants = [start + timedelta(days=days) for days in (0, 1, 3, 6, 7, 500)]
    boxes = [
        (float(str(rect.get("y"))), float(str(rect.get("x"))), float(str(rect.get("width"))))
        for rect in cells(drawn(*(a_date(at(one)) for one in instants))).values()
    ]

    for (y, x, width), (next_y, next_x, _) in pairwise(boxes):
        assert next_y > y or x + width <= next_x


def test_passes_of_one_day_share_its_square() -> None:
    """As at high latitudes."""
    root = drawn(a_date("2017-11-02T10:00:00"), a_date("2017-11-02T11:40:00", DateState.FAILED))
    upper, lower = (
        (float(str(rect.get("y"))), float(str(rect.get("height")))) for rect in rects(root)
    )

    assert 0 < upper[1] < lower[0] - upper[0]
    assert lower[1] == pytest.approx(upper[1], abs=1)


def rects(root: ET.Element) -> list[ET.Element]:
    return [rect for rect in root.iter(f"{SVG}rect") if rect.find(f"{SVG}title") is not None]


def test_every_state_has_a_colour_of_its_own() -> None:
    days = [f"2017-11-{number + 1:02d}" for number in range(len(DateState))]
    root = drawn(*(a_date(day, state) for day, state in zip(days, DateState, strict=True)))
    style = root.find(f"{SVG}style")
    fills = dict(
        re.findall(r"\.(\w+) \{ fill: (#\w+);", str(style.text if style is not None else ""))
    )

    colours = [fills[str(state)] for state in DateState]
    assert len(set(colours)) == len(DateState)


@pytest.mark.parametrize(
    ("days", "height"), [(1, 200), (366, 500), (3653, 400)], ids=["month", "year", "ten years"]
)
def test_it_stays_of_a_size_that_fits_a_screen(days: int, height: int) -> None:
    start = utc("2016-01-01T10:53:51")
    instants = [start + timedelta(days=day) for day in range(0, days, 5)]
    root = drawn(*(a_date(at(one)) for one in instants))

    assert float(str(root.get("width"))) <= 1300
    assert float(str(root.get("height"))) <= height


def test_a_title_of_any_text_is_text_and_cut_where_it_would_leave_the_picture() -> None:
    title = "a<b>&\udcff " + "long " * 100
    root = drawn(a_date("2017-11-02"), title=title)

    whole = root.find(f"{SVG}title")
    assert whole is not None
    assert str(whole.text).startswith("a<b>&  long")
    [shown] = [text for text in root.iter(f"{SVG}text") if text.get("class") == "title"]
    assert str(shown.text).endswith("long ...")
    assert len(str(shown.text)) < 100


def test_nothing_is_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match="no date to draw"):
        calendar_strip(Completeness(()))


def at(instant: datetime) -> str:
    return instant.replace(tzinfo=None).isoformat()
