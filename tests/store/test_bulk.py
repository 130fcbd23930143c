"""A stream of Items on its way to the disk."""

import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pystac
import pytest

from builders_store import SCENES, a_catalog, an_item, files_of, rewritten, some_items
from peps_stac.errors import CatalogError, ServiceError
from peps_stac.store import Changes, bulk, chunks, validate

LONG_S = 60.0
"""Nothing here takes so long; what is waited for in vain fails instead of hanging."""


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "_MOST_ITEMS", 2)


def test_the_next_items_are_waited_for_while_others_are_written(tmp_path: Path) -> None:
    """As long as somebody else holds the lock nothing can be written, and yet one more is made."""
    catalog, made = a_catalog(tmp_path), threading.Event()
    done: list[Changes] = []

    def stream() -> Iterator[pystac.Item]:
        for number, item in enumerate(some_items(6)):
            if number == 4:
                made.set()
            threading.Event().wait(0.05)
            yield item

    writer = threading.Thread(target=lambda: done.append(catalog.put_all(stream())))
    with catalog.lock():
        writer.start()
        assert made.wait(LONG_S)
        assert not list(tmp_path.rglob("S2A*.json"))
    writer.join()

    assert done == [Changes(added=6)]
    assert validate(catalog).findings == ()


def test_no_more_is_made_than_two_pieces_ahead(tmp_path: Path) -> None:
    """Memory stays what it is, however fast Items come."""
    catalog, ahead = a_catalog(tmp_path), []

    def stream() -> Iterator[pystac.Item]:
        for number, item in enumerate(some_items(20)):
            ahead.append(number - len(list(catalog.ids())))
            yield item

    catalog.put_all(stream())

    assert max(ahead) <= 4


def test_whoever_holds_the_lock_may_put_a_stream(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path)

    with catalog.lock():
        assert catalog.put_all(some_items(7)) == Changes(added=7)


def test_a_stream_that_fails_keeps_what_it_gave_and_can_be_started_again(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path)

    def stream() -> Iterator[pystac.Item]:
        yield from some_items(5)
        raise ServiceError("gone")

    with pytest.raises(ServiceError, match="gone"):
        catalog.put_all(stream())

    assert len(list(catalog.items())) == 5
    assert validate(catalog).findings == ()
    assert catalog.put_all(some_items(8)) == Changes(added=3, unchanged=5)


def test_a_disk_that_refuses_stops_the_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog, made = a_catalog(tmp_path, an_item("A")), []

    def refuse(*_: object, **__: object) -> None:
        raise CatalogError("No space left on device")

    def stream() -> Iterator[pystac.Item]:
        for item in some_items(50):
            made.append(item.id)
            yield item

    monkeypatch.setattr("peps_stac.store.writer.write_whole", refuse)
    with pytest.raises(CatalogError, match="No space left"):
        catalog.put_all(stream())

    assert len(made) <= 6


def test_what_is_there_is_merged_with_what_comes(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, *(an_item(name, cloud_cover=1.0, ours="kept") for name in "AB"))

    def merge(new: pystac.Item, old: pystac.Item) -> pystac.Item:
        changed = new.clone()
        changed.properties["ours"] = old.properties["ours"]
        return changed

    done = catalog.put_all((an_item(n, cloud_cover=2.0) for n in "ABC"), merge=merge)

    assert done == Changes(added=1, changed=2)
    found = {
        i.id: (i.properties["eo:cloud_cover"], i.properties.get("ours")) for i in catalog.items()
    }
    assert found == {"A": (2.0, "kept"), "B": (2.0, "kept"), "C": (2.0, None)}
    assert validate(catalog).findings == ()


@pytest.mark.parametrize("count", [1, 9])
def test_what_stands_in_another_year_is_merged_and_moves(tmp_path: Path, count: int) -> None:
    """A service corrected the dates: what the catalog knows of the orders must not be lost."""
    names = [f"S2A_{number}" for number in range(count)]
    old = [an_item(n, ours="kept", when=an_item().datetime.replace(year=2016)) for n in names]  # type: ignore[union-attr]  # it has one
    catalog = a_catalog(tmp_path, *old)

    done = catalog.put_all(
        (an_item(name) for name in names),
        merge=lambda new, known: an_item(new.id, ours=known.properties["ours"]),
    )

    assert done == Changes(changed=count)
    assert [i.properties["ours"] for i in catalog.items(year=2017)] == ["kept"] * count
    assert not list(catalog.items(year=2016))
    assert validate(catalog).findings == ()


def test_what_lost_its_tile_is_found_by_the_tile_in_its_name(tmp_path: Path) -> None:
    name = "S2A_MSIL1C_20171127T105827_N0206_R008_T31TCJ_20171127T145521"
    catalog = a_catalog(tmp_path, an_item(name, ours="kept"))
    seen: list[str] = []

    def merge(new: pystac.Item, known: pystac.Item) -> pystac.Item:
        seen.append(str(known.properties["ours"]))
        return new

    catalog.put_all([an_item(name, tile=None)], merge=merge)

    assert seen == ["kept"]
    assert [place.part.tile for place, _ in catalog.documents()] == ["no-tile"]
    assert validate(catalog).findings == ()


def test_the_same_again_is_not_even_merged(tmp_path: Path) -> None:
    catalog = a_catalog(tmp_path, *some_items(5))
    before = files_of(tmp_path)

    def merge(_new: pystac.Item, _old: pystac.Item) -> pystac.Item:
        raise AssertionError

    assert catalog.put_all(some_items(5), merge=merge) == Changes(unchanged=5)
    assert rewritten(before, files_of(tmp_path)) == []
    assert catalog.collections() == [SCENES]


def test_pieces_are_written_in_their_order() -> None:
    written: list[int] = []

    with bulk.one_behind(written.append, is_apart=True) as begin:
        for piece in range(50):
            begin(piece)

    assert written == list(range(50))


@pytest.mark.parametrize(("busy_s", "is_apart"), [(1.0, False), (0.9, False), (0.5, True)])
def test_a_thread_writes_only_beside_a_source_that_waits(
    monkeypatch: pytest.MonkeyPatch, busy_s: float, *, is_apart: bool
) -> None:
    """Of each second, so much is spent by the processor for this thread."""
    seconds, busy, writers = count(), count(0, busy_s), set[str]()
    monkeypatch.setattr(bulk, "perf_counter", lambda: next(seconds))
    monkeypatch.setattr(bulk, "thread_time", lambda: next(busy))

    with bulk.one_behind(
        lambda _: writers.add(threading.current_thread().name), is_apart=True
    ) as begin:
        for piece in range(3):
            begin(piece)

    assert (writers != {threading.current_thread().name}) is is_apart
