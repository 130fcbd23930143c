"""An Item and its files appear together, and staged folders leave nothing behind."""

import multiprocessing
import os
from pathlib import Path
from typing import Any

import pytest

from builders_store import PRODUCTS, a_catalog, a_product, add_product, an_item, files_of, rewritten
from peps_stac.errors import CatalogError
from peps_stac.store import Catalog, validate
from writers_store import stage_and_wait

FORKS = multiprocessing.get_context("forkserver")
YEAR = Path(PRODUCTS, "31TCJ", "2017")


def staged(catalog: Catalog) -> list[str]:
    folder = catalog.root / ".staging"
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def test_the_staged_folder_becomes_the_folder_of_the_item(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path)
    with catalog.staging() as folder:
        assert folder.is_dir()
        (folder / "data.bin").write_bytes(b"1")
        catalog.put_with_files(a_product("A"), folder)
        assert not folder.exists()

    assert sorted(os.listdir(tmp_path / YEAR / "A")) == ["A.json", "data.bin"]  # noqa: PTH208 -- names are all it takes
    assert staged(catalog) == []
    assert validate(catalog).is_valid


def test_it_writes_at_most_four_files_besides_its_own(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path)
    add_product(catalog, a_product("A"))
    before = files_of(tmp_path)

    add_product(catalog, a_product("B"))

    assert rewritten(before, files_of(tmp_path)) == [
        f"{YEAR}/B/B.json",
        f"{YEAR}/B/data.bin",
        f"{YEAR}/catalog.json",
        f"{YEAR.parent}/catalog.json",
        f"{PRODUCTS}/collection.json",
    ]


def test_it_replaces_an_old_folder_whole(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path)
    add_product(catalog, a_product("A", cloud_cover=99.0))
    (tmp_path / YEAR / "A/old.bin").touch()

    add_product(catalog, a_product("A"), b"new")

    assert (tmp_path / YEAR / "A/data.bin").read_bytes() == b"new"
    assert not (tmp_path / YEAR / "A/old.bin").exists()
    assert staged(catalog) == []
    assert validate(catalog).is_valid


def test_it_takes_the_place_of_an_item_of_another_year(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path)
    add_product(catalog, a_product("A", tile=None), b"old")

    add_product(catalog, a_product("A"), b"new")

    assert [item.id for item in catalog.items()] == ["A"]
    assert (tmp_path / YEAR / "A/data.bin").read_bytes() == b"new"
    assert validate(catalog).is_valid


def test_a_folder_from_elsewhere_is_refused(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path / "catalog")
    (tmp_path / "x").mkdir()

    with pytest.raises(CatalogError, match="not a folder of this catalog's staging"):
        catalog.put_with_files(a_product(), tmp_path / "x")


def test_a_staged_folder_that_was_not_used_is_removed(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path)
    with catalog.staging() as folder:
        (folder / "part").touch()

    assert staged(catalog) == []


def test_the_folder_is_as_readable_as_any(tmp_path: Path) -> None:
    """A web server must be able to list it; mkdtemp would have made it private."""
    old = os.umask(0o022)
    try:
        with a_catalog(tmp_path).staging() as folder:
            assert folder.stat().st_mode & 0o777 == 0o755
    finally:
        os.umask(old)


def test_folders_of_dead_processes_are_removed_and_of_living_ones_kept(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, an_item("A"))
    ours, theirs = FORKS.Pipe()
    other = FORKS.Process(target=stage_and_wait, args=(tmp_path, theirs))
    other.start()
    left = Path(ours.recv())

    catalog.put(an_item("B"))
    assert left.exists()

    other.kill()
    other.join()
    with catalog.staging() as own:
        catalog.put(an_item("C"))
        assert own.exists()
    assert not left.exists()


def test_folders_of_another_host_are_kept(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, an_item("A"))
    foreign = tmp_path / ".staging" / "elsewhere_1_0"
    foreign.mkdir(parents=True)

    catalog.put(an_item("B"))

    assert foreign.exists()


@pytest.mark.parametrize("fails_at", range(12))
def test_a_failure_at_any_step_is_set_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    """Every rename and every replace in turn; the old Item or the new one is there, whole."""
    catalog = a_catalog(tmp_path)
    add_product(catalog, a_product("A", cloud_cover=99.0), b"old")
    steps = 0

    def failing(real: Any) -> Any:  # noqa: ANN401 -- any function
        def stand_in(*args: Any) -> Any:  # noqa: ANN401 -- any function
            nonlocal steps
            steps += 1
            if steps == fails_at:
                raise OSError(5, "Input/output error")
            return real(*args)

        return stand_in

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", failing(os.replace))
        patched.setattr(os, "rename", failing(os.rename))
        try:
            add_product(catalog, a_product("A", cloud_cover=1.0), b"new")
        except CatalogError:
            assert 0 < fails_at <= steps

    with catalog.lock():
        pass
    item = catalog.get("A")
    assert item is not None
    is_new = item.properties["eo:cloud_cover"] == 1.0
    assert (tmp_path / YEAR / "A/data.bin").read_bytes() == (b"new" if is_new else b"old")
    assert staged(catalog) == []
    assert validate(catalog).is_valid
