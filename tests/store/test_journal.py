"""What a writer notes before it begins."""

from pathlib import Path

import pytest

from builders_store import SCENES, a_catalog, an_item
from peps_stac.errors import CatalogError
from peps_stac.store import validate
from peps_stac.store.journal import Entry, Journal
from peps_stac.store.layout import JOURNAL, Part, Place

PLACE = Place(Part(SCENES, "31TCJ", "2017"), "A")


def journal(tmp_path: Path) -> Journal:
    return Journal(str(tmp_path / JOURNAL))


def test_what_was_begun_is_unfinished_until_it_ends(tmp_path: Path) -> None:
    entries = (Entry(PLACE), Entry(PLACE, "host_1_0"))

    assert journal(tmp_path).unfinished() is None
    journal(tmp_path).begin(entries, durable=True)
    assert journal(tmp_path).unfinished() == entries
    journal(tmp_path).end()
    journal(tmp_path).end()
    assert journal(tmp_path).unfinished() is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        '{"items": [{"path": "a", "aside": null}]}',
        '{"items": [{"path": "../31TCJ/2017/A/A.json", "aside": null}]}',
        '{"items": [{"path": "s/t/2017/A/A.json", "aside": "../.."}]}',
    ],
)
def test_a_journal_that_makes_no_sense_has_everything_checked(tmp_path: Path, content: str) -> None:
    catalog = a_catalog(tmp_path, an_item("A"), an_item("B"))
    (tmp_path / SCENES / "31TCJ/2017/catalog.json").unlink()
    (tmp_path / JOURNAL).write_text(content)
    with pytest.raises(CatalogError, match=r"\.journal\.json: no"):
        journal(tmp_path).unfinished()

    assert not catalog.put(an_item("A"))

    assert validate(catalog).findings == ()
    assert not (tmp_path / JOURNAL).exists()


def test_an_item_that_was_not_linked_is_linked_by_the_next_writer(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, an_item("B"))
    unlinked = tmp_path / PLACE.path
    a_catalog(tmp_path / "x", an_item("A"))
    unlinked.parent.mkdir()
    (tmp_path / "x" / PLACE.path).rename(unlinked)
    journal(tmp_path).begin([Entry(PLACE)])

    assert [item.id for item in catalog.items()] == ["A", "B"]
    with catalog.lock():
        pass

    assert validate(catalog).findings == ()


def test_an_item_that_is_gone_is_unlinked_by_the_next_writer(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, an_item("A"), an_item("B", bbox=(8.0, 47.0, 9.0, 48.0)))
    (tmp_path / PLACE.path).unlink()
    journal(tmp_path).begin([Entry(PLACE)])

    with catalog.lock():
        pass

    assert validate(catalog).findings == ()
    assert not (tmp_path / PLACE.folder).exists()
