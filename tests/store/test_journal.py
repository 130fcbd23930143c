"""What a writer notes before it begins."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from builders_store import SCENES, a_catalog, an_item
from peps_stac.errors import CatalogError
from peps_stac.store import Catalog, validate
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


def test_items_put_together_are_all_there_or_none_whenever_the_writer_is_killed(
    tmp_path: Path,
) -> None:
    """A series stands on many Items: half of them ordered would be sent a second time."""
    catalog = a_catalog(tmp_path, an_item("A"), an_item("B"))
    new = [an_item(name, cloud_cover=77.0) for name in "AB"]
    with killed_after_renaming(2):  # the journal and A
        catalog.put_together(new)

    assert _clouds(catalog) == [77.0, 12.5]
    catalog.mend()

    assert _clouds(catalog) == [77.0, 77.0]
    assert validate(catalog).findings == ()
    assert not (tmp_path / JOURNAL).exists()


def test_items_put_together_before_the_journal_was_whole_are_as_they_were(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, an_item("A"), an_item("B"))
    with killed_after_renaming(0):
        catalog.put_together([an_item(name, cloud_cover=77.0) for name in "AB"])

    catalog.mend()

    assert _clouds(catalog) == [12.5, 12.5]


def test_where_nothing_was_left_undone_nothing_is_touched(tmp_path: Path) -> None:
    """Not even the lock: the catalog may be somewhere nobody can write."""
    Catalog(tmp_path / "nowhere").mend()

    assert not (tmp_path / "nowhere").exists()


class KilledError(BaseException):
    """Nothing catches it, as nothing catches a kill."""


@contextmanager
def killed_after_renaming(count: int) -> Iterator[None]:
    """So many files get their names, and then the process is no more."""
    left, rename = iter(range(count)), os.replace

    def counted(source: str, target: str) -> None:
        if next(left, None) is None:
            raise KilledError
        rename(source, target)

    with pytest.MonkeyPatch.context() as patch, suppress(KilledError):
        patch.setattr(os, "replace", counted)
        yield


def _clouds(catalog: Catalog) -> list[float]:
    return [item.properties["eo:cloud_cover"] for item in catalog.items()]
