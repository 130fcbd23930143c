"""`peps-stac items`: the local search."""

import json
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pystac
import pytest
import stac_geoparquet.arrow

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


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--filter", "eo:cloud_cover > 50"), [S2B_TEN_MINUTES_LATER]),
        (("--filter", "platform = 'sentinel-2a' AND datetime < DATE('2018-01-01')"), [NEWER]),
        ((NEWER, "gone"), [NEWER]),
        ((S2A, "--filter", "eo:cloud_cover < 50"), [S2A]),
    ],
)
def test_any_condition_and_ids(home: Path, options: tuple[str, ...], expected: list[str]) -> None:
    """Who names an Item means it, whether or not there is a later version."""
    assert ids(home, *options) == expected


def test_ids_come_from_stdin_too(home: Path) -> None:
    result = run("items", "-", home=home, env=here(home), stdin=f"{NEWER}\n")

    assert [line.split()[0] for line in result.stdout.splitlines()[1:]] == [NEWER]


def test_scenes_by_the_state_of_their_order(tmp_path: Path) -> None:
    scenes = [scene("S2A_failed", "failed"), scene("S2A_ordered", "ordered"), scene("S2A_none")]
    a_catalog(tmp_path / "catalog", *scenes)

    assert ids(tmp_path, "--status", "failed") == ["S2A_failed"]
    assert ids(tmp_path, "--status", "failed", "--status", "ordered") == [
        "S2A_failed",
        "S2A_ordered",
    ]
    table = run("items", "--status", "ordered", home=tmp_path, env=here(tmp_path)).stdout
    assert [line.split()[-1] for line in table.splitlines()] == ["order", "ordered"]


def scene(name: str, status: str | None = None) -> pystac.Item:
    item = an_item(properties={"order:status": status} if status else {})
    item.id, item.collection_id = name, "sentinel-2-l1c"
    return item


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--filter", "eo:cloud_cover <"), "not CQL2 text at character 17"),
        (("--filter", "S_DWITHIN(geometry, POINT(1 2), 3) = TRUE"), "S_DWITHIN is not known"),
        (("--status", "lost"), "'lost' is none of orderable, ordered"),
        (("--output", "items.xlsx"), "items.xlsx: no kind of file is known by this name"),
    ],
)
def test_what_makes_no_sense_is_wrong_usage(
    home: Path, options: tuple[str, ...], told: str
) -> None:
    result = run("items", *options, home=home, env=here(home))

    assert result.exit_code == 2
    assert told in one_line(result.stderr)


@pytest.mark.parametrize("ending", [".parquet", ".json", ".geojson", ".ndjson", ".jsonl"])
def test_what_is_found_goes_into_a_file_for_other_tools(home: Path, ending: str) -> None:
    path = home / f"found{ending}"
    result = run("items", "--output", str(path), home=home, env=here(home))

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"2 Items in {path}\n"
    items = {item["id"]: item for item in read(path)}
    assert set(items) == {NEWER, S2B_TEN_MINUTES_LATER}
    folder = home / "catalog/sentinel-2-l2a-maja/31TCJ/2017" / NEWER
    links = {link["rel"]: link["href"] for link in items[NEWER]["links"]}
    assert links["self"] == str(folder / f"{NEWER}.json")


def read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        return list(stac_geoparquet.arrow.stac_table_to_items(pq.read_table(path)))
    if path.suffix in (".json", ".geojson"):
        found: list[dict[str, Any]] = json.loads(path.read_text())["features"]
        return found
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_file_is_there_whole_or_not_at_all(home: Path) -> None:
    path = home / "found.json"
    path.write_text("mine")

    result = run("items", "-t", "30TYP", "--output", str(path), home=home, env=here(home))

    assert result.exit_code == 1
    assert path.read_text() == "mine"


class TestIndex:
    """`--reindex`, and the index that is kept up to date from then on."""

    def test_alone_it_only_brings_the_index_up_to_date(self, home: Path) -> None:
        first = run("items", "--reindex", home=home, env=here(home))
        second = run("items", "--reindex", home=home, env=here(home))

        assert (first.exit_code, first.stdout) == (0, "")
        assert first.stderr == "3 Items indexed: 1 year written, 0 up to date\n"
        assert second.stderr == "3 Items indexed: 0 years written, 1 up to date\n"
        assert (home / "catalog/sentinel-2-l2a-maja/31TCJ/2017/items.parquet").is_file()

    def test_without_it_a_search_writes_nothing(self, home: Path) -> None:
        before = sorted((home / "catalog").rglob("*"))
        run("items", home=home, env=here(home))

        assert sorted((home / "catalog").rglob("*")) == before

    def test_a_search_keeps_an_index_that_is_there(self, home: Path) -> None:
        run("items", "--reindex", home=home, env=here(home))
        added = an_item(S2A.replace("20171127", "20171207"))
        a_catalog(home / "catalog", added)

        assert added.id in ids(home)
        path = home / "catalog/sentinel-2-l2a-maja/31TCJ/2017/items.parquet"
        assert added.id in pq.read_table(path)["id"].to_pylist()

    def test_much_work_is_left_to_the_command_for_it(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run("items", "--reindex", home=home, env=here(home))
        a_catalog(home / "catalog", an_item(S2A.replace("20171127", "20171207")))
        monkeypatch.setattr("peps_stac.cli.items._MOST_REINDEXED", 3)

        result = run("items", home=home, env=here(home))

        assert result.exit_code == 0
        assert "behind in years with 4 Items; peps-stac items --reindex" in result.stderr

    @pytest.mark.parametrize("options", [("--reindex",), ("--output", "found.parquet")])
    def test_without_the_extra_it_is_told_what_to_install(
        self, home: Path, options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in list(sys.modules):
            if name.startswith(("pyarrow", "stac_geoparquet", "peps_stac.store.index")):
                monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, "pyarrow", None)
        monkeypatch.setitem(sys.modules, "stac_geoparquet", None)

        result = run("items", *options, home=home, env=here(home))

        assert result.exit_code in (1, 2)
        assert "pip install 'peps-stac[index]'" in one_line(result.stderr)


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
