"""Single files are replaced whole or not at all."""

import errno
import os
from pathlib import Path

import pytest

from peps_stac.errors import CatalogError
from peps_stac.store import files


def test_a_file_and_its_folders_are_made(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "c.json"

    files.write_whole(str(target), b"{}", durable=True)

    assert target.read_bytes() == b"{}"
    assert os.listdir(target.parent) == ["c.json"]  # noqa: PTH208 -- names are all it takes


def test_a_file_has_the_permissions_of_the_umask(tmp_path: Path) -> None:
    """A web server must be able to read it."""
    old = os.umask(0o022)
    try:
        files.write_whole(str(tmp_path / "x"), b"")
    finally:
        os.umask(old)

    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o644


def test_a_disk_that_is_full_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "x.json"
    target.write_bytes(b"old")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with (
        pytest.raises(CatalogError, match=r"x\.json: No space left.*: free some space"),
        files.disk_errors(target),
    ):
        files.write_whole(str(target), b"new", durable=True)

    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["x.json"]  # noqa: PTH208 -- names are all it takes


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.EACCES, "check the permissions"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EDQUOT, "free some of the quota"),
        (errno.EIO, "check the disk"),
    ],
)
def test_what_the_disk_refuses_is_one_line_with_advice(number: int, advice: str) -> None:
    with pytest.raises(CatalogError) as caught, files.disk_errors("/data/x"):
        raise OSError(number, os.strerror(number))

    assert str(caught.value).startswith("/data/x: ")
    assert advice in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_no_document(tmp_path: Path) -> None:
    assert files.read_document(str(tmp_path / "x")) is None


@pytest.mark.parametrize("content", [b"", b'{"a":', b"[]", b"\xff\xfe"])
def test_a_file_that_is_no_json_object_names_itself(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.json").write_bytes(content)

    with pytest.raises(CatalogError, match=r"x\.json: not"):
        files.read_document(str(tmp_path / "x.json"))


def test_a_folder_in_the_place_of_a_file_names_itself(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="a folder stands where a file belongs"):
        files.read_if_there(str(tmp_path))


def test_what_json_cannot_hold_names_its_item() -> None:
    with pytest.raises(CatalogError, match="Item 'a'"):
        files.to_bytes({"x": object()}, "Item 'a'")


def test_folders_are_listed_without_files_and_hidden_ones(tmp_path: Path) -> None:
    for name in ("b", "a", ".staging"):
        (tmp_path / name).mkdir()
    (tmp_path / "file").touch()

    assert files.folders_in(str(tmp_path)) == ["a", "b"]
    assert files.folders_in(str(tmp_path / "missing")) == []
    assert files.folders_in(str(tmp_path / "file")) == []
