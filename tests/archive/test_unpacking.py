"""A zip becomes a folder, whole or not at all; for zips that play tricks see `test_hostile`."""

import errno
import shutil
import tracemalloc
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from builders_muscate import a_style, files_of, write_zip
from builders_zips import Entry, write
from peps_stac.archive import check_zip, unpack, unpacking
from peps_stac.errors import CatalogError, RequestError


def zip_of(path: Path, *names: str) -> Path:
    return write(path, *map(Entry, names))


def test_a_product_is_unpacked_as_it_was_packed(tmp_path: Path) -> None:
    style = a_style()
    unpack(write_zip(tmp_path / "x.zip", style), tmp_path / "deep" / "target")

    found = tmp_path / "deep" / "target" / style.name
    assert {
        path.relative_to(found).as_posix(): path.read_bytes()
        for path in found.rglob("*")
        if path.is_file()
    } == files_of(style)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["target"]


def test_only_the_members_asked_for_are_unpacked(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "x.zip", "a/b.tif", "a/c.tif")
    unpack(path, tmp_path / "target", members=["a/c.tif"])

    assert [each.name for each in (tmp_path / "target" / "a").iterdir()] == ["c.tif"]


def test_a_member_that_is_not_there_cannot_be_asked_for(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "x.zip", "a/b.tif")

    with pytest.raises(RequestError, match=r"no member 'a/d.tif'"):
        unpack(path, tmp_path / "target", members=["a/d.tif"])


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_nothing_is_unpacked_over_what_exists(tmp_path: Path, kind: str) -> None:
    path, target = zip_of(tmp_path / "x.zip", "a.tif"), tmp_path / "target"
    if kind == "folder":
        target.mkdir()
    elif kind == "file":
        target.touch()
    else:
        target.symlink_to(tmp_path / "nowhere")

    with pytest.raises(RequestError, match="exists already"):
        unpack(path, target)


def test_masks_of_zeros_are_no_bomb(tmp_path: Path) -> None:
    """A mask without clouds packs a thousand to one, and many small ones are harmless."""
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mask.tif", bytes(5490 * 5490))
    assert path.stat().st_size * 900 < 5490 * 5490

    check_zip(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no such file"):
        check_zip(tmp_path / "x.zip")


def test_free_space_is_asked_for_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_zip(tmp_path / "x.zip")
    usage = shutil.disk_usage(tmp_path)._replace(free=unpacking.SPARE_BYTES + 1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)

    with pytest.raises(CatalogError, match=r"no space in .* has 67.1 MB; free space"):
        unpack(path, tmp_path / "target")
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_that_fills_on_the_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_zip(tmp_path / "x.zip")
    written = 0

    def full(*_: object) -> Iterable[bytes]:
        nonlocal written
        written += 1
        if written > 5:
            raise OSError(errno.ENOSPC, "No space left on device")
        return [b"x"]

    monkeypatch.setattr(unpacking, "chunks_of", full)

    with pytest.raises(CatalogError, match="more than is free; free space and run again"):
        unpack(path, tmp_path / "target")
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupted_unpacking_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_zip(tmp_path / "x.zip")

    def interrupted(*_: object) -> Iterable[bytes]:
        raise KeyboardInterrupt

    monkeypatch.setattr(unpacking, "chunks_of", interrupted)

    with pytest.raises(KeyboardInterrupt):
        unpack(path, tmp_path / "target")
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "x.zip", "a.tif")

    with pytest.raises(CatalogError, match="cannot be written"):
        unpack(path, path / "target")


def test_memory_does_not_grow_with_the_members(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("big.tif", bytes(120 * 10**6))
    tracemalloc.start()
    unpack(path, tmp_path / "target")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 10 * 10**6
    assert (tmp_path / "target" / "big.tif").stat().st_size == 120 * 10**6
