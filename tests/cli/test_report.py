"""`peps-stac report`: a table, a document and a picture of what is there."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import Result

from builders import an_order
from builders_cli import one_line, run
from builders_l1c import S2A, S2B, a_scene
from builders_loading import an_item
from peps_stac.cli.report_table import drawn
from peps_stac.domain import JobStatus, Reason
from peps_stac.store import Catalog

L2A = "SENTINEL2A_20171127-105827-648_L2A_T31TCJ_C_V1-0"
NEWER = L2A.replace("V1-0", "V2-0")
ALONE = "SENTINEL2B_20171202-105831-007_L2A_T31TCH_D_V1-4"
LOST = S2B.replace("20171122", "20171212")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two tiles: two versions of one product, one date lost, one to order; one without a scene."""
    lost = an_order(status=JobStatus.FAILED, reason=Reason.UNPROCESSED)
    items = (a_scene(S2A), a_scene(S2B), a_scene(LOST, lost))
    Catalog(tmp_path / "catalog").put_all([*items, *map(an_item, (L2A, NEWER, ALONE))])
    return tmp_path


def the_report(home: Path, *options: str) -> Result:
    """Nobody listens where the service should be, so that nothing can be asked of it."""
    result = run("report", *options, home=home, env={"PEPS_STAC_CATALOG": str(home / "catalog")})
    assert result.exit_code == 0, result.stderr
    return result


def test_the_table_has_a_row_for_each_tile_and_month_and_a_total(home: Path) -> None:
    lines = [line.split() for line in the_report(home).stdout.splitlines()]

    assert lines == [
        ["tile", "month", "expected", "delivered", "unprocessed", "not_ordered", "superseded"],
        ["31TCH", "2017-12", "1", "1", "0", "0", "0"],
        ["31TCJ", "2017-11", "2", "1", "0", "1", "1"],
        ["31TCJ", "2017-12", "1", "0", "1", "0", "0"],
        ["total", "-", "4", "2", "1", "1", "1"],
    ]


def test_what_to_type_next_is_told_apart_from_the_result(home: Path) -> None:
    why = "1 product is of a scene not in the catalog, so that more may be expected"

    assert the_report(home).stderr.splitlines() == [
        "2 of 4 dates delivered, 1 unprocessed, 1 not ordered; 1 product superseded",
        "1 worth a retry: peps-stac retry --status unprocessed",
        "1 to order: peps-stac order -t 31TCJ --datetime 2017-11-22/2017-11-22",
        f"{why}: peps-stac search -t 31TCH --datetime 2017-12-02/2017-12-02 --save",
    ]


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ({"status": JobStatus.SHIPPING}, "1 running: peps-stac download --watch"),
        ({"status": JobStatus.SUCCEEDED}, "1 ready: peps-stac download"),
        ({"status": JobStatus.FAILED}, "1 worth a retry: peps-stac retry --status failed"),
        (
            {"status": JobStatus.CANCELED},
            "1 canceled: peps-stac retry --status canceled, if wanted",
        ),
        ({"status": JobStatus.FAILED, "reason": Reason.TOO_CLOUDY}, None),
    ],
)
def test_each_state_has_its_next_command(
    tmp_path: Path, facts: dict[str, Any], line: str | None
) -> None:
    Catalog(tmp_path / "catalog").put(a_scene(S2A, an_order(**facts)))

    _, *told = the_report(tmp_path).stderr.splitlines()
    assert told == ([line] if line else [])


def test_json_tells_every_date(home: Path) -> None:
    result = the_report(home, "--json")
    document = json.loads(result.stdout)

    counts = dict.fromkeys(
        ["ready", "running", "too_cloudy", "failed", "canceled", "missing"], 0
    ) | {"delivered": 2, "unprocessed": 1, "not_ordered": 1}
    assert {name: document[name] for name in ("expected", "superseded", "counts")} == {
        "expected": 4,
        "superseded": 1,
        "counts": counts,
    }
    assert [(one["tile"], one["month"], one["expected"]) for one in document["months"]] == [
        ("31TCH", "2017-12", 1),
        ("31TCJ", "2017-11", 2),
        ("31TCJ", "2017-12", 1),
    ]
    alone, to_order, delivered, lost = document["dates"]
    assert delivered == {
        "tile": "31TCJ",
        "datetime": "2017-11-27T10:53:51Z",
        "platform": "sentinel-2a",
        "state": "delivered",
        "reason": None,
        "id": S2A,
        "order": None,
        "product": NEWER,
        "source": "own",
        "superseded": [L2A],
    }
    assert (alone["id"], alone["product"], alone["state"]) == (None, ALONE, "delivered")
    assert (lost["id"], lost["state"], lost["order"]) == (LOST, "unprocessed", an_order().id)
    assert lost["reason"] == "not among the results of its job"
    assert (to_order["id"], to_order["state"]) == (S2B, "not_ordered")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("-t", "T31TCJ"), 3),
        (("-t", "31TCJ", "-t", "31TCH"), 4),
        (("--datetime", "2017-11-01/2017-11-30"), 2),
        (("-d", "2017-11-01", "-f", "2017-11-27"), 1),
        (("--datetime", "2017-12-01/.."), 2),
    ],
)
def test_tile_and_period_choose(home: Path, options: tuple[str, ...], expected: int) -> None:
    document = json.loads(the_report(home, "--json", *options).stdout)

    assert document["expected"] == expected


def test_of_a_part_commands_are_told_with_their_reach(home: Path) -> None:
    told = the_report(home, "-t", "31TCJ").stderr

    assert "peps-stac retry --status unprocessed (all of the catalog)\n" in told


def test_an_empty_catalog_is_one_line(tmp_path: Path) -> None:
    result = the_report(tmp_path)

    assert result.stdout == ""
    what = f"{tmp_path / 'catalog'}: no scene and no product yet"
    assert result.stderr == f"{what}; peps-stac search -t TILE --datetime A/B --save\n"
    assert json.loads(the_report(tmp_path, "--json").stdout)["dates"] == []
    assert not (tmp_path / "catalog").exists()


def test_a_choice_of_nothing_is_one_line(home: Path) -> None:
    picture = home / "out.svg"
    result = the_report(home, "-t", "30TYP", "--picture", str(picture))

    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    assert "nothing matches" in line
    assert not picture.exists()


def test_the_picture_is_drawn_beside_the_table(home: Path) -> None:
    picture = home / "out.SVG"
    result = the_report(home, "--picture", str(picture))

    root = ET.fromstring(picture.read_bytes())  # noqa: S314 -- made by ourselves
    assert root.tag.endswith("svg")
    assert "catalog: 2 of 4 delivered, 2017-11-22 to 2017-12-12" in picture.read_text()
    assert result.stdout.startswith("tile ")
    assert f"{picture}: drawn" in result.stderr
    assert sorted(path.name for path in home.iterdir()) == ["catalog", "out.SVG"]


@pytest.mark.parametrize("name", ["out.png", "out", "out.svg.gz"])
def test_only_svg_is_drawn(home: Path, name: str) -> None:
    result = run("report", "--picture", name, home=home)

    assert result.exit_code == 2
    assert one_line(result.stderr).startswith(f"--picture {name}: only SVG is drawn")


def test_a_picture_without_a_folder_is_one_line(home: Path) -> None:
    env = {"PEPS_STAC_CATALOG": str(home / "catalog")}
    result = run("report", "--picture", str(home / "no" / "out.svg"), home=home, env=env)

    assert result.exit_code == 1
    assert "no" in result.stderr.splitlines()[-1]
    assert result.stderr.splitlines()[-1].startswith("peps-stac: error: ")


@pytest.mark.parametrize("option", ["--cloud-cover", "-l", "--limit"])
def test_options_that_would_hide_what_is_missing_are_unknown(home: Path, option: str) -> None:
    result = run("report", option, "5", home=home)

    assert result.exit_code == 2
    assert "No such option" in one_line(result.stderr)


STATES = (
    "delivered",
    "ready",
    "running",
    "too_cloudy",
    "unprocessed",
    "failed",
    "canceled",
    "missing",
    "not_ordered",
)


def tables() -> Iterator[tuple[tuple[str, ...], int]]:
    for count in range(1, len(STATES) + 1):
        yield ("tile", "month", "expected", *STATES[:count]), count
        yield ("tile", "month", "expected", *STATES[:count], "superseded"), count


@pytest.mark.parametrize(("header", "_count"), list(tables()))
def test_a_table_fits_80_columns_whatever_occurs(header: tuple[str, ...], _count: int) -> None:
    numbers = len(header) - 2
    rows = [("31TCJ", "2017-11", *["0"] * numbers), ("total", "", *["1234"] * numbers)]
    lines = drawn(header, rows, 80)

    assert max(map(len, lines)) <= 80
    assert lines[-1].split().count("1234") >= numbers - 1
    assert lines[-3].split()[:3] == ["31TCJ", "2017-11", "."]


def test_a_table_of_few_columns_has_heads_of_one_line() -> None:
    header = ("tile", "month", "expected", "delivered", "too_cloudy")
    rows = [("31TCJ", "2017-11", "6", "5", "1"), ("total", "", "6", "5", "1")]

    assert drawn(header, rows, 80) == [
        "tile   month    expected  delivered  too cloudy",
        "31TCJ  2017-11         6          5           1",
        "-----------------------------------------------",
        "total                  6          5           1",
    ]


def test_tiles_are_those_of_the_grid(home: Path) -> None:
    result = run("report", "-t", "31ZZZ", home=home)

    assert result.exit_code == 2
    assert "unknown tile '31ZZZ'" in one_line(result.stderr)
