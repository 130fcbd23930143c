"""A day in the life: 40 scenes, and all that goes wrong on one day (`docs/day-in-the-life.md`).

Two scenes are too cloudy, one is canceled, three are lost by the tape robot, the machine goes
down twice, and the password is changed in between. In the evening everything is as it should be.
"""

import json
from collections import Counter
from pathlib import Path

from builders_cli import run
from builders_day import CANCELED, CLOUDY, LOST, SCENES, SERIES, SINGLES
from kill_ground import Ground, Host, a_ground
from peps_stac.cli.report_table import drawn, table
from peps_stac.domain import Order
from peps_stac.simulator import Scenario
from peps_stac.stac.collections import L2A_COLLECTION
from peps_stac.workflow import (
    Completeness,
    Repairable,
    calendar_strip,
    plan_retry,
    report,
    tracked,
)

DOCS = Path(__file__).parents[1] / "docs"
MISSED = {"too_cloudy": CLOUDY, "unprocessed": LOST, "canceled": [CANCELED]}
DAYS = sorted(name.split("_")[2][:8] for name in SERIES)


def test_a_day_in_the_life(tmp_path: Path) -> None:
    weather = Scenario(unprocessed=frozenset(LOST))
    with Host() as host, a_ground(host, tmp_path / "a", SCENES, tmp_path / "b", weather) as ground:
        _morning(ground)
        _noon(ground)
        _evening(ground)

        ground.assert_all_is_well()
        _assert_orders_are_right(ground)
        _assert_report_is_right(ground.root, tmp_path)


def _morning(ground: Ground) -> None:
    """Everything is ordered, although the machine goes down amid the orders."""
    ground.do("search")
    assert ground.do("order", scenes=SINGLES, at=400).is_killed
    assert 0 < len(ground.peps.jobs) < len(SINGLES)
    ground.order_all(SINGLES)
    ground.order_all(SERIES, verb="series", period=(DAYS[0], DAYS[-1]))
    assert len(ground.orders()) == 40
    ground.assert_nothing_is_sent_twice()
    ground.do("cancel", names=[CANCELED])


def _noon(ground: Ground) -> None:
    """The password is changed on the site; until it is changed here, nothing is lost."""
    ground.peps.clock.advance(hours=3)
    ground.do("refresh")
    before, old = ground.orders(), ground.peps.credentials.password
    ground.peps.change_password("another : one")
    refused = ground.do("download", password=old, may_fail=True)
    assert "AuthenticationError" in str(refused.error)
    assert ground.orders() == before
    # The first results come, and the machine goes down in the middle of them.
    assert ground.do("download", at=900).is_killed
    assert 0 < len(list(ground.catalog.ids(L2A_COLLECTION))) < len(SINGLES)


def _evening(ground: Ground) -> None:
    ground.peps.clock.advance(hours=20)
    ground.do("download")


def _assert_orders_are_right(ground: Ground) -> None:
    orders = ground.orders()
    assert Counter(_said(order) for order in orders.values()) == {
        "succeeded": 34,
        "too_cloudy": 2,
        "unprocessed": 3,
        "canceled": 1,
    }
    for reason, expected in MISSED.items():
        found = [item_id for item_id, order in orders.items() if _said(order) == reason]
        assert sorted(found) == sorted(expected)
    assert len(list(ground.catalog.ids(L2A_COLLECTION))) == 34
    assert not any(entry.is_unfinished for entry in tracked(ground.catalog))
    retried = plan_retry(ground.catalog, states=list(Repairable))
    planned = [item.id for one in retried.planned for item in one.items]
    assert sorted(planned) == sorted([*LOST, CANCELED])


def _assert_report_is_right(root: Path, home: Path) -> None:
    """Each of the 40 dates stands once, where it ended; nothing is asked of the service for it."""
    picture = home / "report.svg"
    env = {"PEPS_STAC_CATALOG": str(root)}
    result = run("report", "--json", "--picture", str(picture), home=home, env=env)
    assert result.exit_code == 0, result.stderr

    document = json.loads(result.stdout)
    counts = {state: count for state, count in document["counts"].items() if count}
    assert (document["expected"], document["superseded"]) == (40, 0)
    assert counts == {"delivered": 34, "too_cloudy": 2, "unprocessed": 3, "canceled": 1}
    for state, expected in MISSED.items():
        found = [one["id"] for one in document["dates"] if one["state"] == state]
        assert sorted(found) == sorted(expected)
    assert {one["id"] for one in document["dates"]} == {*SERIES, *SINGLES}
    assert result.stderr.splitlines() == [
        "34 of 40 dates delivered, 2 too cloudy, 3 unprocessed, 1 canceled",
        f"{picture}: drawn",
        "3 worth a retry: peps-stac retry --status unprocessed",
        "1 canceled: peps-stac retry --status canceled, if wanted",
    ]
    assert all(f'class="{state}"' in picture.read_text() for state in counts)
    _assert_the_story_shows_it(report(root))


def _assert_the_story_shows_it(found: Completeness) -> None:
    """The page has the table and the picture that come out."""
    assert "\n".join(drawn(*table(found), width=80)) in (DOCS / "day-in-the-life.md").read_text()
    picture = DOCS / "day-in-the-life.svg"
    assert calendar_strip(found, "A day in the life") == picture.read_text(), f"draw {picture} anew"


def _said(order: Order) -> str:
    return str(order.reason or order.status)
