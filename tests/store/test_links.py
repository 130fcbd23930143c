"""Hrefs of an Item as they must read on disk."""

import pytest

from peps_stac.store.layout import Part, Place
from peps_stac.store.links import folder_named, rebase_from

ROOT = "/data/catalog"
PLACE = Place(Part("scenes", "31TCJ", "2017"), "A")
HERE = f"{ROOT}/{PLACE.path}"


@pytest.mark.parametrize("source", [None, HERE])
@pytest.mark.parametrize(
    ("href", "written"),
    [
        ("./a.tif", "./a.tif"),
        ("https://example.org/a.tif", "https://example.org/a.tif"),
        ("/vsizip//data/catalog/a.zip/b.tif", "/vsizip//data/catalog/a.zip/b.tif"),
        ("/elsewhere/a.tif", "/elsewhere/a.tif"),
        (f"{ROOT}/{PLACE.folder}/a.tif", "./a.tif"),
        (f"file://{ROOT}/{PLACE.folder}/a.tif", "./a.tif"),
        (f"{ROOT}/products/31TCJ/2017/B/B.json", "../../../../products/31TCJ/2017/B/B.json"),
    ],
)
def test_paths_in_the_catalog_become_relative(source: str | None, href: str, written: str) -> None:
    assert rebase_from(source, ROOT, PLACE)(href) == written


def test_relative_hrefs_of_an_item_from_elsewhere_stay_true() -> None:
    rebase = rebase_from("/other/catalog/B/B.json", ROOT, PLACE)

    assert rebase("./a.tif") == "/other/catalog/B/a.tif"
    assert rebase("https://example.org/x") == "https://example.org/x"


def test_relative_hrefs_of_an_item_from_the_web_stay_true() -> None:
    rebase = rebase_from("https://example.org/B/B.json", ROOT, PLACE)

    assert rebase("./a.tif") == "https://example.org/B/a.tif"


def test_files_beside_an_item_go_with_it_to_another_year() -> None:
    old = Place(Part("scenes", "no-tile", "2016"), "A")
    rebase = rebase_from(f"{ROOT}/{old.path}", ROOT, PLACE)

    assert rebase("./a.tif") == "./a.tif"
    assert rebase("../B/B.json") == "../../../no-tile/2016/B/B.json"


@pytest.mark.parametrize(
    ("href", "name"),
    [
        ("./a/catalog.json", "a"),
        ("a/a.json", "a"),
        ("../x.json", None),
        ("./x.json", None),
        ("https://example.org/a/b.json", None),
    ],
)
def test_only_links_one_folder_down_are_ours(href: str, name: str | None) -> None:
    assert folder_named({"href": href}) == name
