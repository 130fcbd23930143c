"""Results that are printed while more of them come."""

import json
from collections.abc import Iterator

import pystac
import pytest

from builders_store import some_items
from peps_stac.cli import streams
from peps_stac.cli.search import HEADER, item_collection, printed, row
from peps_stac.cli.streams import LongTable
from peps_stac.errors import ServiceError

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_BLOCK", 3)


@pytest.mark.parametrize("count", [1, 3, 4, 7, 8])
def test_a_table_reads_the_same_however_long_it_is(capsys: Captured, count: int) -> None:
    passed = list(printed(iter(some_items(count)), as_json=False))

    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["id", *(item.id for item in passed)]
    assert len({line.rindex("31TCJ") for line in lines[1:]}) == 1


def test_an_empty_table_is_not_there(capsys: Captured) -> None:
    assert not list(printed(iter(()), as_json=False))

    assert capsys.readouterr().out == ""


def test_rows_are_printed_while_more_come(capsys: Captured) -> None:
    passing = printed(iter(some_items(9)), as_json=False)
    for _ in range(5):
        next(passing)

    assert len(capsys.readouterr().out.splitlines()) == 5


def test_a_longer_cell_further_down_is_not_cut(capsys: Captured) -> None:
    table = LongTable(HEADER, row)
    for item in (*some_items(4), *some_items(1, "a_name_as_long_as_nobody_thought")):
        table.add(item)
    table.end()

    assert "a_name_as_long_as_nobody_thought_31TCJ_00000  2015" in capsys.readouterr().out


@pytest.mark.parametrize("is_seen", [False, True])
@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_streamed_collection_is_the_whole_one(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch, count: int, *, is_seen: bool
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: is_seen)

    list(printed(iter(some_items(count)), as_json=True))

    assert json.loads(capsys.readouterr().out) == item_collection(some_items(count))


def test_a_part_of_a_collection_cannot_be_taken_for_the_whole(capsys: Captured) -> None:
    """`search --json | order -` must not order half of what was asked for."""

    def failing() -> Iterator[pystac.Item]:
        yield from some_items(3)
        raise ServiceError("gone")

    with pytest.raises(ServiceError):
        list(printed(failing(), as_json=True))

    with pytest.raises(json.JSONDecodeError):
        json.loads(capsys.readouterr().out)
