"""One test per trick, each on the ways that a user takes: nothing is unpacked, one line tells.

The zips are written byte by byte where no program writes such.
"""

import shutil
import stat
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from builders_cli import run
from builders_muscate import write_zip
from builders_zips import (
    DEFLATE,
    FULL,
    STORE,
    Entry,
    central_part,
    deflated,
    ending,
    local_part,
    wide_extra,
    write,
    zip_bytes,
)
from peps_stac.archive import check_zip, layout, members, open_product, unpack
from peps_stac.archive.members import MAX_MEMBERS, MAX_TOTAL
from peps_stac.errors import DownloadError, ResponseError

GOOD = Entry("P/P_MTD_ALL.xml", b"<a/>")


def refused(path: Path, told: str) -> None:
    """Neither checked, read nor unpacked; nothing is left beside the archive, and one line said."""
    target = path.parent / "target"
    before = sorted(path.parent.rglob("*"))
    actions: tuple[Callable[[Path], object], ...] = (
        check_zip,
        lambda each: unpack(each, target),
        _read,
    )
    for action in actions:
        with pytest.raises(DownloadError, match=told) as caught:
            action(path)
        assert str(caught.value).isprintable()
    assert sorted(path.parent.rglob("*")) == before


def _read(path: Path) -> None:
    with open_product(path) as source:
        for name in source.names():
            source.read(name, 10**9)


@dataclass(frozen=True)
class Trick:
    """A zip that plays it, and what is told."""

    what: str
    told: str
    entries: tuple[Entry, ...]
    options: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.what


def named(what: str, told: str, *names: str | bytes, **more: Any) -> Trick:  # noqa: ANN401
    return Trick(what, told, (GOOD, *(Entry(name, **more) for name in names)))


def one(what: str, told: str, **fields: Any) -> Trick:  # noqa: ANN401 -- of Entry
    return Trick(what, told, (GOOD, Entry(**fields)))


def kind(mode: int) -> dict[str, Any]:
    return {"mode": mode | 0o644, "content": b"/etc/passwd"}


ESCAPING = (
    named("the parent", "leads out", "../evil.tif"),
    named("the parent of the parent", "leads out", "a/../../evil.tif"),
    named("a way round", "leads out", "a/../b.tif"),
    named("the parent alone", "leads out", ".."),
    named("the parent at the end", "leads out", "a/.."),
    named("the folder itself", "leads out", "."),
    named("no name", "leads out", ""),
    named("an absolute path", "not a relative path", "/etc/evil.tif"),
    named("UNC with slashes", "not a relative path", "//host/share/evil.tif"),
    named("UNC", "not a relative path", r"\\host\share\evil.tif"),
    named("a drive", "not a relative path", "C:/evil.tif"),
    named("a drive's folder", "not a relative path", "C:evil.tif"),
    named("a stream of NTFS", "not a relative path", "a.tif:evil"),
    named("the parent by backslash", "not a relative path", r"..\evil.tif"),
    named("the parent by both", "not a relative path", r"a/..\../evil.tif"),
    named("the root by backslash", "not a relative path", r"\evil.tif"),
)

NAMES = (
    named("a zero", "cannot be shown", b"ok.tif\0.exe"),
    named("a line break", "cannot be shown", b"a\nb.tif"),
    named("a terminal's escape", "cannot be shown", b"\x1b[2J\x1b]0;evil\x07.tif"),
    named("an escape of 8 bits", "cannot be shown", "\x9b2J.tif"),
    named("letters turned round", "cannot be shown", "a\u202efit.exe"),
    named("letters of no width", "cannot be shown", "a\u200b.tif"),
    named("a dot at the end", "not every system", "a.tif."),
    named("a blank at the end", "not every system", "a.tif "),
    named("a folder with a dot at the end", "not every system", "a./b.tif"),
    named("a device of Windows", "not every system", "a/NUL"),
    named("a device with an ending", "not every system", "com1.tif"),
    named("a device with a blank", "not every system", "aux .tif"),
    named("a wildcard", "not every system", "a*.tif"),
    named("too long a name", "too long", "a" * 256),
    named("too many bytes", "too long", "é" * 128),
    named("too long a path", "too long", "/".join(["a" * 99] * 11)),
    named("too deep", "17 folders deep", "/".join("a" * 17)),
    named("no UTF-8", "not a whole zip", b"\xff\xfe.tif", flags=0x800),
)

KINDS = (
    named("a link", "a link or a device", "a", **kind(stat.S_IFLNK)),
    named("a character device", "a link or a device", "a", **kind(stat.S_IFCHR)),
    named("a block device", "a link or a device", "a", **kind(stat.S_IFBLK)),
    named("a pipe", "a link or a device", "a", **kind(stat.S_IFIFO)),
    named("a socket", "a link or a device", "a", **kind(stat.S_IFSOCK)),
    named("a file that calls itself a folder", "a folder and a file", "a", **kind(stat.S_IFDIR)),
    named("a folder with content", "a folder and a file", "a/"),
    one("a link with a folder's name", "a link or a device", name="a/", **kind(stat.S_IFLNK)),
    one("encrypted", "encrypted", flags=0x1),
    one("strongly encrypted", "encrypted", flags=0x41),
    one("a masked directory", "encrypted", flags=0x2000),
    one("encrypted by its own header", "in another way", local={"flags": 1}),
    one("LZMA", "only store and deflate", method=14),
    one("BZIP2", "only store and deflate", method=12),
    one("Deflate64", "only store and deflate", method=9),
    one("AES of WinZip", "only store and deflate", method=99),
    one("a method nobody knows", "only store and deflate", method=0x7FFF),
)

COLLISIONS = (
    named("twice", "would be one file", "a.tif", "a.tif"),
    named("twice by a dot", "would be one file", "a.tif", "./a.tif"),
    named("twice by a slash", "would be one file", "a/b.tif", "a//b.tif"),
    named("by case", "would be one file", "a.tif", "A.TIF"),
    named("by case of two letters", "would be one file", "stra\u00dfe.tif", "STRASSE.tif"),
    named("by composition", "would be one file", "caf\u00e9.tif", "cafe\u0301.tif"),
    named("folders by case", "would be one", "A/b.tif", "a/c.tif"),
    named("a file in a file", "both a file and a folder", "a", "a/b.tif"),
    named("a file for a folder, by case", "both a file and a folder", "a/b.tif", "A"),
    Trick("a file and a folder", "both a file and a folder", (Entry("a"), Entry("a/", b""))),
)

HEADERS = (
    one("another name", "another name in its own", local_name=b"b.tif"),
    one("another name that leads out", "another name in its own", local_name=b"../evil"),
    one("another method", "in another way", local={"method": STORE}),
    one("another size", "another size or CRC", local={"size": 8}),
    one("another packed size", "another size or CRC", local={"packed": 8}),
    one("another CRC", "another size or CRC", local={"crc": 8}),
    one(
        "another size of 64 bits",
        "another size or CRC",
        local={"size": FULL},
        local_extra=wide_extra(2**40, 7),
    ),
    one("no header there", "no header where", central={"offset": 3}),
    one("a header behind the end", "no header where", central={"offset": 2**31}),
    one("an offset of 64 bits", "no header where", central={"offset": FULL},
        central_extra=wide_extra(2**62)),
    one("an extra field cut short", "not a whole zip", central={"offset": FULL},
        central_extra=struct.pack("<2H", 1, 8)),
)  # fmt: skip

SIZES = (
    one("shorter than announced", "damaged: 7 bytes instead of the announced 8",
        local={"size": 8}, central={"size": 8}),
    one("longer than announced", "damaged: more than the announced 6",
        local={"size": 6}, central={"size": 6}),
    one("stored, of two sizes", "damaged: 7 bytes instead", method=STORE,
        local={"size": 8}, central={"size": 8}),
    one("another CRC than announced", "damaged: its CRC-32", local={"crc": 1}, central={"crc": 1}),
    one("damaged packing", "damaged: Error", packed=b"\xff" * 9),
    one("packing that never ends", "packed data end too early", packed=deflated(b"content")[:-2]),
    one("bytes behind the packed ones", "5 bytes behind the end of its packed data",
        packed=deflated(b"content") + b"extra"),
    one("a bomb in small print", "damaged: more than the announced 10",
        content=bytes(10), packed=deflated(bytes(50_000_000))),
    one("a bomb that tells", "as no product does", content=bytes(10),
        local={"size": 2**31}, central={"size": 2**31}),
    one("more than any product", f"at most {MAX_TOTAL} are unpacked", content=bytes(10),
        local={"size": FULL}, local_extra=wide_extra(2**35, 10),
        central={"size": FULL}, central_extra=wide_extra(2**35)),
)  # fmt: skip

ENDS = (
    Trick("another count", "more members than the announced 1", (GOOD, Entry()),
          {"end": {"here": 1, "count": 1}}),
    Trick("parts on other disks", "one part of several", (GOOD,), {"end": {"disk": 1}}),
    Trick("a directory elsewhere", "do not belong to it", (GOOD,), {"end": {"start": 1}}),
    Trick("a directory behind the end", "are missing", (GOOD,), {"end": {"start": 2**30}}),
    Trick("two ends that differ", "two end records differ", (GOOD,),
          {"is_wide": True, "end": {"here": 3, "count": 3}}),
    Trick("a comment that is an end", "two end records|behind its end", (GOOD,),
          {"comment": zip_bytes(Entry("b.tif"))}),
    Trick("a comment that is the end of this", "two end records", (GOOD,),
          {"comment": ending(1, b"", 0)}),
    Trick("a comment cut short", "cut short in its comment", (GOOD,), {"end": {"comment": 9}}),
    Trick("a comment longer than told", "4 bytes behind its end", (GOOD,),
          {"comment": b"more", "end": {"comment": 0}}),
)  # fmt: skip

TRICKS = (*ESCAPING, *NAMES, *KINDS, *COLLISIONS, *HEADERS, *SIZES, *ENDS)


@pytest.mark.parametrize("trick", TRICKS, ids=str)
def test_a_trick_is_refused_before_anything_is_written(tmp_path: Path, trick: Trick) -> None:
    refused(write(tmp_path / "x.zip", *trick.entries, **trick.options), trick.told)


def test_the_same_zip_without_a_trick_is_unpacked(tmp_path: Path) -> None:
    """So that the builder's own mistakes refuse nothing above."""
    unpack(write(tmp_path / "x.zip", GOOD, Entry("P/a.tif"), Entry("P/b/", b"")), tmp_path / "t")

    assert (tmp_path / "t" / "P" / "a.tif").read_bytes() == b"content"


@pytest.mark.parametrize(
    "entry",
    [
        Entry(flags=0x8, local={"crc": 0, "packed": 0, "size": 0}),
        Entry(flags=0x8, local={"crc": 0, "packed": FULL, "size": FULL},
              local_extra=wide_extra(0, 0)),
        Entry(local={"packed": FULL, "size": FULL}, local_extra=wide_extra(7, 9)),
        Entry(central={"size": FULL}, central_extra=wide_extra(7)),
        Entry("caf\u00e9 1 (2).tif"),
        Entry(b"caf\x82.tif"),
        Entry(method=STORE),
        Entry(content=b"", packed=b""),
        Entry(mode=stat.S_IFREG | 0o777),
        Entry(".hidden"),
    ],
    ids=["streamed", "streamed wide", "wide", "wide in the directory", "UTF-8", "CP437", "stored",
         "empty", "with a mode", "hidden"],
)  # fmt: skip
def test_what_honest_programs_write_is_no_trick(tmp_path: Path, entry: Entry) -> None:
    for is_wide in (False, True):
        path = write(tmp_path / "x.zip", GOOD, entry, comment=b"by zip 3.0", is_wide=is_wide)
        check_zip(path)


def test_members_on_the_same_bytes_are_refused(tmp_path: Path) -> None:
    """Fifield, 2019: 42 kB that unpack to petabytes, without nesting and below any ratio."""
    kernel = Entry("b.tif", bytes(1000))
    inner = local_part(kernel)
    outer = Entry("a.tif", inner, method=STORE)
    body = local_part(outer)
    listed = central_part(outer, 0) + central_part(kernel, len(body) - len(inner))
    path = tmp_path / "x.zip"
    path.write_bytes(body + listed + ending(2, listed, len(body)))

    refused(path, "'a.tif' shares its bytes with another")


def test_one_header_under_two_names_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "x.zip", GOOD, Entry("b.tif", offset=0))

    refused(path, "another name in its own")


def test_a_member_that_reaches_into_the_directory_is_refused(tmp_path: Path) -> None:
    entry = Entry(
        method=STORE, local={"packed": 20, "size": 20}, central={"packed": 20, "size": 20}
    )

    refused(write(tmp_path / "x.zip", GOOD, entry), "shares its bytes")


@pytest.mark.parametrize("is_adjusted", [False, True])
def test_bytes_before_the_first_member_are_refused(tmp_path: Path, *, is_adjusted: bool) -> None:
    """Programs that open archives by themselves begin so, and pictures that are also archives."""
    before = b"\x89PNG\r\n\x1a\n" + bytes(50)
    path = tmp_path / "x.zip"
    start = len(before) if is_adjusted else 0
    body, listed = local_part(GOOD), central_part(GOOD, start)
    path.write_bytes(before + body + listed + ending(1, listed, start + len(body)))

    refused(path, "58 bytes (before its first member|do not belong to it)")


def test_bytes_behind_the_end_are_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip")
    path.write_bytes(path.read_bytes() + b"<html>")

    refused(path, "6 bytes behind its end")


@pytest.mark.parametrize("count", [1, 21, 22, 23, 100, 5000])
def test_a_zip_cut_short_is_refused(tmp_path: Path, count: int) -> None:
    path = write_zip(tmp_path / "x.zip")
    path.write_bytes(path.read_bytes()[:-count])

    refused(path, "not a whole zip archive")


def test_a_last_block_filled_with_zeros_is_no_trick(tmp_path: Path) -> None:
    """As libarchive writes into a pipe."""
    path = write_zip(tmp_path / "x.zip")
    path.write_bytes(path.read_bytes() + bytes(10240))

    check_zip(path)


def test_every_flipped_byte_of_a_members_data_is_found(tmp_path: Path) -> None:
    path, good = tmp_path / "x.zip", zip_bytes(Entry(content=b"content" * 9))
    start = good.index(b"a.tif") + 5
    for at in range(start, start + len(deflated(b"content" * 9))):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        with pytest.raises(DownloadError, match="damaged"):
            check_zip(path)


def test_more_members_than_any_product_has_are_refused(tmp_path: Path) -> None:
    entries = [Entry(f"{number}", b"", packed=b"") for number in range(MAX_MEMBERS + 1)]

    refused(write(tmp_path / "x.zip", *entries), f"10001 members, at most {MAX_MEMBERS}")


def test_a_directory_that_hides_its_members_is_refused_in_little_memory(tmp_path: Path) -> None:
    """Three hundred thousand behind an end record that tells of one."""
    listed = central_part(Entry("a", b"", packed=b""), 0) * 300_000
    path = tmp_path / "x.zip"
    body = local_part(Entry("a", b"", packed=b""))
    path.write_bytes(body + listed + ending(1, listed, len(body)))
    tracemalloc.start()
    with pytest.raises(DownloadError, match="more members than the announced 1"):
        check_zip(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 20 * 2**20


def test_a_directory_too_large_for_memory_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "MAX_DIRECTORY", 100)

    refused(write(tmp_path / "x.zip", GOOD, Entry(), Entry("b")), "a directory of 1")


def test_a_bomb_is_refused_in_little_memory(tmp_path: Path) -> None:
    lie = Entry(content=bytes(10), packed=deflated(bytes(200_000_000)))
    path = write(tmp_path / "x.zip", lie)
    tracemalloc.start()
    refused(path, "more than the announced 10 bytes")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert path.stat().st_size < 250_000
    assert peak < 10 * 2**20


def test_many_small_bombs_are_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "RATIO_MATTERS_FROM", 10**6)
    bombs = [Entry(f"{number}", bytes(10**5)) for number in range(20)]

    refused(write(tmp_path / "x.zip", *bombs), "unpacks to 2000000 bytes from")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no end record; it begins with b''"),
        (b'{"ErrorMessage": "too many', "ErrorMessa"),
        (b"<html><body>Please log in</body></html>", "<html><body>"),
        (b"PK\x05\x06" + bytes(10), "cut short in its end record"),
        (b"\x1f\x8b\x08", "no end record"),
        (b"PK\x03\x04" * 10, "no end record"),
    ],
    ids=["nothing", "JSON", "HTML", "half an end", "gzip", "heads only"],
)
def test_what_is_no_zip_is_told_by_its_first_bytes(
    tmp_path: Path, content: bytes, told: str
) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)

    refused(path, f"not a whole zip archive .*{told}")


def test_an_empty_zip_is_no_product(tmp_path: Path) -> None:
    path = write(tmp_path / "x.zip")
    assert path.stat().st_size == 22
    check_zip(path)

    with open_product(path) as source, pytest.raises(ResponseError, match="it is empty"):
        _ = source.metadata_name


def test_an_archive_in_the_archive_is_not_looked_into(tmp_path: Path) -> None:
    path = write(tmp_path / "x.zip", Entry("P/P.zip", zip_bytes(GOOD), method=STORE))

    with open_product(path) as source, pytest.raises(ResponseError, match=r"unpack it .*P/P\.zip"):
        _ = source.metadata_name


def test_members_behind_four_gigabytes_are_read(tmp_path: Path) -> None:
    """A zip of 4.3 GB, most of it a hole: sizes and offsets are really of 64 bits."""
    size, path = 2**32 + 10**6, tmp_path / "x.zip"
    big = Entry("P/big.tif", b"", STORE, local={"packed": FULL, "size": FULL},
                local_extra=wide_extra(size, size), central={"packed": FULL, "size": FULL},
                central_extra=wide_extra(size, size))  # fmt: skip
    head = local_part(big)
    at = len(head) + size
    small = Entry(*("P/P_MTD_ALL.xml", b"<a/>"), central={"offset": FULL},
                  central_extra=wide_extra(at))  # fmt: skip
    tail, listed = local_part(small), central_part(big, 0) + central_part(small, 0)
    with path.open("wb") as file:
        file.write(head)
        file.seek(at)
        file.write(tail + listed + ending(2, listed, at + len(tail), is_wide=True))

    with open_product(path) as source:
        assert source.size("P/big.tif") == size
        assert source.read("P/P_MTD_ALL.xml", 100) == b"<a/>"
    unpack(path, tmp_path / "target", members=["P/P_MTD_ALL.xml"])
    assert (tmp_path / "target" / "P" / "P_MTD_ALL.xml").read_bytes() == b"<a/>"


def test_a_link_beside_the_target_is_not_followed(tmp_path: Path) -> None:
    """The folder that is unpacked into has a name that nobody can know before."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "target").symlink_to(elsewhere)
    with pytest.raises(Exception, match="exists already"):
        unpack(write(tmp_path / "x.zip", GOOD), tmp_path / "target")

    assert not list(elsewhere.iterdir())


def test_a_disk_that_another_fills_meanwhile_stops_the_unpacking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, asked = write(tmp_path / "x.zip", GOOD, Entry()), []
    plenty, little = (shutil.disk_usage(tmp_path)._replace(free=free) for free in (2**40, 10**6))

    def usage(_: object) -> Any:  # noqa: ANN401 -- of shutil
        asked.append(1)
        return plenty if len(asked) == 1 else little

    monkeypatch.setattr(shutil, "disk_usage", usage)
    with pytest.raises(Exception, match="no space in"):
        unpack(path, tmp_path / "target")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("words", [("add",), ("-vv", "add")])
def test_no_name_reaches_the_terminal_as_it_is(tmp_path: Path, words: tuple[str, ...]) -> None:
    """An escape sequence could change what stands on the screen above."""
    archives = tmp_path / "archives"
    archives.mkdir()
    evil = "\x1b]0;evil\x07\x9b2J\u202e"
    write(archives / f"{evil}.zip", Entry(b"../\x1b[2J"))
    write(archives / "b.zip", GOOD, Entry(f"{evil}.tif"))
    folder = archives / f"x{evil}"
    folder.mkdir()
    (folder / f"{evil}_MTD_ALL.xml").write_bytes(b"<a>\x1b</a>")
    result = run(*words, str(archives), f"{archives}/{evil}", home=tmp_path)
    assert result.exit_code != 0
    result_of_all = run(*words, str(archives), home=tmp_path)

    for said in (result, result_of_all):
        assert said.output.replace("\n", "").isprintable()


def test_the_crc_of_an_empty_member_counts_too(tmp_path: Path) -> None:
    entry = Entry(content=b"", method=DEFLATE, local={"crc": 1}, central={"crc": 1})
    assert zlib.crc32(b"") == 0

    refused(write(tmp_path / "x.zip", entry), "its CRC-32")
