"""`peps-stac items`: the local search."""

import json
from pathlib import Path

import pystac
import pytest

from builders_cli import one_line, run
from builders_loading import S2A, S2B_TEN_MINUTES_LATER, a_catalog, an_item
from schemas import core_faults

NEWER = S2A.replace("V1-0", "V2-0")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    cloudy = an_item(S2B_TEN_MINUTES_LATER, properties={"eo:cloud_cover": 70.0})
    old = an_item(S2A, assets={"B04": pystac.Asset("./B04.tif")})
    a_catalog(tmp_path / "catalog", old, an_item(NEWER), cloudy)
    return tmp_path


def ids(home: Path, *options: str) -> list[str]:
    result = run("items", "--json", *options, home=home, env=here(home))
    assert result.exit_code == 0, result.stderr
    return [feature["id"] for feature in json.loads(result.stdout)["features"]]


def here(home: Path) -> dict[str, str]:
    return {"PEPS_STAC_CATALOG": str(home / "catalog")}


def test_the_latest_of_everything_is_one_table(home: Path) -> None:
    result = run("items", home=home, env=here(home))

    header, *rows = result.stdout.splitlines()
    assert header.split() == ["id", "date", "cloud", "orbit", "tile"]
    assert [row.split()[0] for row in rows] == [NEWER, S2B_TEN_MINUTES_LATER]
    assert rows[1].split()[1:] == ["2017-11-27", "11:08", "70.0", "-", "31TCJ"]
    assert result.stderr == "2 Items found\n"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--all-versions",), [S2A, NEWER, S2B_TEN_MINUTES_LATER]),
        (("--cloud-cover", "50"), [NEWER]),
        (("--platform", "S2B"), [S2B_TEN_MINUTES_LATER]),
        (("--bbox", "0.6", "43.1", "0.7", "43.2"), [NEWER, S2B_TEN_MINUTES_LATER]),
        (("--lon", "0.6", "--lat", "43.1", "--limit", "1"), [NEWER]),
        (("-t", "31TCJ", "--datetime", "2017-11-27"), [NEWER, S2B_TEN_MINUTES_LATER]),
        (("-d", "2017-11-27", "-f", "2017-11-28"), [NEWER, S2B_TEN_MINUTES_LATER]),
    ],
)
def test_the_options_are_those_of_search(
    home: Path, options: tuple[str, ...], expected: list[str]
) -> None:
    assert ids(home, *options) == expected


def test_json_is_an_item_collection_that_holds_anywhere(home: Path) -> None:
    result = run("items", "--json", "--all-versions", home=home, env=here(home))
    collection = json.loads(result.stdout)
    first = collection["features"][0]

    assert collection["type"] == "FeatureCollection"
    assert [fault for item in collection["features"] for fault in core_faults(item)] == []
    folder = home / "catalog/sentinel-2-l2a-maja/31TCJ/2017" / S2A
    assert first["assets"]["B04"]["href"] == str(folder / "B04.tif")
    links = {link["rel"]: link["href"] for link in first["links"]}
    assert links["self"] == str(folder / f"{S2A}.json")
    assert links["root"] == str(home / "catalog/catalog.json")
    assert all(Path(href).is_file() for href in links.values())


def test_nothing_found_is_one_line_and_a_failure(home: Path) -> None:
    result = run("items", "-t", "30TYP", home=home, env=here(home))

    assert result.exit_code == 1
    assert "no Item of sentinel-2-l2a-maja matches; widen" in one_line(result.stderr)
    assert result.stdout == ""


def test_an_unknown_collection_names_those_there(home: Path) -> None:
    result = run("items", "--collection", "sentinel-2", home=home, env=here(home))

    assert result.exit_code == 1
    assert "sentinel-2-l2a-maja" in one_line(result.stderr)


def test_free_text_is_refused(home: Path) -> None:
    result = run("items", "-l", "Toulouse", home=home, env=here(home))

    assert result.exit_code == 2
    assert "free-text" in one_line(result.stderr)


def test_no_folder_is_made_by_looking(tmp_path: Path) -> None:
    result = run("items", home=tmp_path, env=here(tmp_path))

    assert result.exit_code == 1
    assert not (tmp_path / "catalog").exists()
