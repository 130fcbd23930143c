from pathlib import Path

import pytest

from builders_browse import a_catalog
from peps_stac.browse.locate import find_file, path_parts


@pytest.mark.parametrize(
    ("target", "parts"),
    [
        ("/", ()),
        ("/?.language=en", ()),
        ("/catalog/", ("catalog", "")),
        ("/catalog/catalog.json?x=..", ("catalog", "catalog.json")),
        ("/catalog/caf%C3%A9.json", ("catalog", "café.json")),
        ("http://127.0.0.1:8000/catalog/catalog.json", ("catalog", "catalog.json")),
        # Decoded once: a name with percent signs, which no file has.
        ("/catalog/%252e%252e/secret.txt", ("catalog", "%2e%2e", "secret.txt")),
    ],
)
def test_a_target_becomes_names(target: str, parts: tuple[str, ...]) -> None:
    assert path_parts(target) == parts


@pytest.mark.parametrize(
    "target",
    [
        "",
        "*",
        "catalog/catalog.json",
        "/../secret.txt",
        "/catalog/../../secret.txt",
        "/catalog/./catalog.json",
        "/catalog//catalog.json",
        "//catalog/catalog.json",
        "/catalog/%2e%2e/secret.txt",
        "/catalog/%2E./secret.txt",
        "/catalog/..%2fsecret.txt",
        "/catalog%2f..%2f..%2fsecret.txt",
        "/catalog/..\\secret.txt",
        "/catalog/..%5csecret.txt",
        "/catalog/C:/secret.txt",
        "/catalog/catalog.json%00.tif",
        "/catalog/%0d%0aX: y",
        "/catalog/%ff%fe.json",
        "/catalog/.lock",
        "/catalog/%2elock",
        "/catalog/.staging/left.tif",
        "/.git/config",
        "http://[::1/catalog.json",
    ],
)
def test_a_target_that_can_name_nothing_here_is_none(target: str) -> None:
    assert path_parts(target) is None


def test_a_file_is_found_by_its_names(tmp_path: Path) -> None:
    root = a_catalog(tmp_path).resolve()

    assert find_file(root, ("catalog.json",)) == root / "catalog.json"


@pytest.mark.parametrize(
    "parts",
    [
        (),
        ("",),
        ("tiles",),
        ("tiles", ""),
        ("absent.json",),
        ("catalog.json", "x"),
        ("above", "secret.txt"),
        ("dangling.json",),
        ("x" * 300,),
        ("tiles", "31TCJ", "2017", "one", "outside.txt"),
        ("tiles", "31TCJ", "2017", "one", "staged.tif"),
        ("tiles", "31TCJ", "2017", "one", "loop.tif"),
        ("tiles", "31TCJ", "2017", "one", "pipe.tif"),
    ],
)
def test_what_is_no_file_inside_is_not_found(tmp_path: Path, parts: tuple[str, ...]) -> None:
    assert find_file(a_catalog(tmp_path).resolve(), parts) is None


def test_a_link_that_stays_inside_is_followed(tmp_path: Path) -> None:
    root = a_catalog(tmp_path).resolve()
    folder = ("tiles", "31TCJ", "2017", "one")

    assert find_file(root, (*folder, "inside.tif")) == root.joinpath(*folder, "B04.tif")
