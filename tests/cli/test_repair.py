"""`validate --repair`, as it is typed."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from builders_cli import Run, run
from peps_stac.cli.errors import ExitCode
from peps_stac.domain import MgrsTile
from peps_stac.peps.resto import read_product
from peps_stac.simulator.scenes import features
from peps_stac.stac.l1c import item_from_product
from peps_stac.store import Catalog
from peps_stac.store.index import reindex

TILES = ("31TCJ", "31TDJ")


@pytest.fixture
def peps_stac(tmp_path: Path) -> Run:
    def type_(*words: str) -> object:
        return run("--catalog", str(tmp_path / "catalog"), *words, home=tmp_path)

    return type_  # type: ignore[return-value]  # the Result is click's


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    made = Catalog(tmp_path / "catalog")
    tiles = [MgrsTile.parse(tile) for tile in TILES]
    found = features(tiles, date(2017, 11, 1), date(2018, 1, 20))
    made.put_all(item_from_product(read_product(feature)) for feature in found)
    return made


@pytest.mark.usefixtures("catalog")
def test_a_catalog_that_is_right_stays_as_it_is(peps_stac: Run) -> None:
    result = peps_stac("validate", "--offline", "--repair")

    assert "0 files written again, 0 Items moved, 0 in quarantine" in result.stderr
    assert result.exit_code == ExitCode.DONE


def test_damage_of_every_kind_is_set_right_in_one_run(peps_stac: Run, catalog: Catalog) -> None:
    items = len(list(catalog.ids()))
    root = catalog.root
    (root / "catalog.json").write_bytes(b"\x00" * 100)
    (root / "sentinel-2-l1c/collection.json").unlink()
    (root / "sentinel-2-l1c/31TCJ/2017/catalog.json").write_text("[]")
    shutil.rmtree(root / "sentinel-2-l1c/31TDJ/2018")
    lost = items - len(list(catalog_ids(root)))
    [damaged, *_] = sorted((root / "sentinel-2-l1c/31TCJ/2017").glob("*/*.json"))
    damaged.write_text("{")
    assert peps_stac("validate", "--offline").exit_code == ExitCode.FAILED

    result = peps_stac("validate", "--offline", "--repair")

    assert "catalog.json: written again" in result.stderr
    assert f"{damaged.relative_to(root)}: not JSON" in result.stderr
    assert "in quarantine: 1 file" in result.stderr
    assert result.exit_code == ExitCode.DONE
    assert (root / ".quarantine" / f"{damaged.name}.bad").read_text() == "{"
    assert len(list(catalog.ids())) == items - lost - 1
    assert peps_stac("validate", "--offline").exit_code == ExitCode.DONE


def catalog_ids(root: Path) -> list[str]:
    return [path.stem for path in root.glob("*/*/*/*/*.json")]


def test_json_tells_what_was_done(peps_stac: Run, catalog: Catalog) -> None:
    (catalog.root / "sentinel-2-l1c/31TCJ/catalog.json").unlink()

    result = peps_stac("validate", "--offline", "--repair", "--json")

    said = json.loads(result.stdout)
    assert said["valid"] is True
    assert said["repaired"]["rewritten"] == ["sentinel-2-l1c/31TCJ/catalog.json"]


def test_the_index_is_made_anew(peps_stac: Run, catalog: Catalog) -> None:
    reindex(catalog)
    for path in (catalog.root / ".index").iterdir():
        path.write_bytes(b"garbage")
    [year, *_] = catalog.root.glob("*/*/*/items.parquet")
    year.write_bytes(b"PAR1 garbage PAR1")

    result = peps_stac("validate", "--offline", "--repair")

    items = len(list(catalog.ids()))
    assert f"index made anew: {items} Items" in result.stderr
    assert reindex(catalog).written == []


def test_what_cannot_be_repaired_fails(peps_stac: Run, catalog: Catalog) -> None:
    """An Item that is there twice: only a person can say which one is right."""
    [one, *_] = sorted((catalog.root / "sentinel-2-l1c/31TCJ/2017").iterdir())
    shutil.copytree(one, catalog.root / "sentinel-2-l1c/31TDJ/2017" / one.name)

    result = peps_stac("validate", "--offline", "--repair")

    assert "same id as" in result.stdout
    assert result.exit_code == ExitCode.FAILED


def test_a_folder_of_somebody_else_is_not_touched(peps_stac: Run, tmp_path: Path) -> None:
    (tmp_path / "catalog" / "photos").mkdir(parents=True)

    result = peps_stac("validate", "--offline", "--repair")

    assert "not a catalog of peps-stac" in result.stderr
    assert result.exit_code != ExitCode.DONE
    assert [path.name for path in (tmp_path / "catalog").iterdir()] == ["photos"]
