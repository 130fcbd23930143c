"""Zips damaged in all kinds of ways: read rightly, or refused in one line and nothing written."""

import tracemalloc
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import strategies as st

from builders_fuzz import NUMBERS, fuzz, mutated
from builders_muscate import write_zip
from builders_zips import Entry, deflated, wide_extra, zip_bytes
from peps_stac.archive import check_zip, open_product, read_product, unpack
from peps_stac.errors import PepsStacError

TOKENS = (
    *(b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"PK\x07\x08"),
    *(b"../", b"..\\", b"/", b"C:", b"\x00\x08", b"\x1b[2J"),
    wide_extra(2**63, 1),
)
MOST_MEMORY = 48 * 2**20
"""A directory of the largest size allowed is read twice."""


def good_zips() -> tuple[bytes, ...]:
    with TemporaryDirectory() as folder:
        product = write_zip(Path(folder, "x.zip")).read_bytes()
    small = (
        Entry("P/P_MTD_ALL.xml", b"<a/>"),
        Entry("P/", b"", method=0),
        Entry("P/a.tif", b"x" * 500),
        Entry("P/MASKS/b.tif", b"", packed=b"", flags=0x800),
    )
    return (
        zip_bytes(*small),
        zip_bytes(*small, is_wide=True, comment=b"comment"),
        zip_bytes(Entry("a", b"1" * 9, method=0), Entry("b", bytes(10**6))),
        product,
    )


def outcome(content: bytes, folder: Path) -> bool:
    """Whether the zip was unpacked; whatever is wrong is one line, and nothing lies elsewhere."""
    path, target = folder / "x.zip", folder / "target"
    path.write_bytes(content)
    is_good = said(lambda: check_zip(path))
    is_unpacked = said(lambda: unpack(path, target))
    said(lambda: _read(path))

    assert {each.name for each in folder.iterdir()} == {"x.zip", *(["target"] * is_unpacked)}
    assert is_good == is_unpacked
    assert all(each.resolve().is_relative_to(target.resolve()) for each in target.rglob("*"))
    return is_unpacked


def said(action: Any) -> bool:  # noqa: ANN401 -- any call
    try:
        action()
    except PepsStacError as error:
        line = str(error)
    else:
        return True
    assert line.isprintable()
    return False


def _read(path: Path) -> None:
    with open_product(path) as source:
        read_product(source)


def agrees_with_zipfile(folder: Path) -> None:
    """What was let in is what another program reads."""
    with zipfile.ZipFile(folder / "x.zip") as archive:
        assert archive.testzip() is None
        theirs = {
            str(Path(info.filename)): archive.read(info)
            for info in archive.infolist()
            if not info.is_dir()
        }
    target = folder / "target"
    ours = {
        str(path.relative_to(target)): path.read_bytes()
        for path in target.rglob("*")
        if path.is_file()
    }
    assert ours == theirs


def check(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        if outcome(content, Path(folder)):
            agrees_with_zipfile(Path(folder))


def test_damaged_zips_are_read_rightly_or_refused() -> None:
    fuzz(check, mutated(good_zips(), TOKENS), examples=700)


words = st.sampled_from(NUMBERS).map(lambda number: number % 2**16)
longs = st.sampled_from(NUMBERS).map(lambda number: number % 2**32)
headers = st.dictionaries(st.sampled_from(("flags", "method")), words, max_size=1).flatmap(
    lambda fields: st.dictionaries(
        st.sampled_from(("crc", "packed", "size")), longs | st.integers(0, 20), max_size=2
    ).map(lambda more: {**fields, **more})
)
names = st.text("ab./\\:\u00e9E\x1b ", max_size=8) | st.sampled_from(("../x", "/x", "a/..", "P/a"))
extras = (
    st.just(b"") | st.binary(max_size=24) | st.builds(wide_extra, *[st.sampled_from(NUMBERS)] * 3)
)
entries = st.builds(
    Entry,
    name=names,
    content=st.binary(max_size=30) | st.just(bytes(10**6)),
    method=st.sampled_from((0, 8, 8, 8)),
    mode=st.sampled_from((0, 0o100644, 0o120777, 0o040755)),
    packed=st.none() | st.none() | st.binary(max_size=9) | st.just(deflated(bytes(10**6))),
    local=st.just({}) | headers,
    central=st.just({}) | headers,
    local_extra=extras,
    central_extra=extras,
    offset=st.none() | st.none() | st.none() | st.integers(0, 100),
)
ends = st.dictionaries(
    st.sampled_from(("here", "count", "comment")), words | st.integers(0, 3), max_size=2
).flatmap(
    lambda fields: st.dictionaries(st.sampled_from(("size", "start")), longs, max_size=1).map(
        lambda more: {**fields, **more}
    )
)
crafted = st.builds(
    lambda members, comment, wide, end: zip_bytes(*members, comment=comment, is_wide=wide, end=end),
    st.lists(entries, max_size=4),
    st.just(b"") | st.binary(max_size=9) | st.just(b"PK\x05\x06" + bytes(18)),
    st.booleans(),
    st.just({}) | ends,
)


def test_crafted_zips_are_read_rightly_or_refused() -> None:
    fuzz(check, crafted, examples=350)


def test_no_zip_makes_the_reader_ask_for_much_memory() -> None:
    def within(content: bytes) -> None:
        with TemporaryDirectory() as folder:
            before, _ = tracemalloc.get_traced_memory()  # hypothesis remembers a lot
            tracemalloc.reset_peak()
            outcome(content, Path(folder))
            assert tracemalloc.get_traced_memory()[1] - before < MOST_MEMORY

    tracemalloc.start()
    try:
        fuzz(within, crafted | mutated(good_zips()[:3], TOKENS), examples=60)
    finally:
        tracemalloc.stop()
