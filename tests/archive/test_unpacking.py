"""One test per trick, each on the way that a user takes: nothing is unpacked, one line tells."""

import errno
import io
import shutil
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders_muscate import a_style, files_of, write_zip
from peps_stac.archive import check_zip, members, open_product, read_product, unpack, unpacking
from peps_stac.errors import CatalogError, DownloadError, PepsStacError, RequestError

CENTRAL = b"PK\x01\x02"
LOCAL = b"PK\x03\x04"
Tamper = Callable[[zipfile.ZipInfo], None]


def zip_of(path: Path, *names: str, tamper: Tamper | None = None) -> Path:
    """A zip of members with those names, the last of them changed before it is written."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            info = zipfile.ZipInfo("x")
            info.filename = name
            if tamper and name == names[-1]:
                tamper(info)
            archive.writestr(info, b"" if name.endswith("/") else b"content", zipfile.ZIP_DEFLATED)
    return path


def mode(kind: int) -> Tamper:
    def change(info: zipfile.ZipInfo) -> None:
        info.create_system = 3
        info.external_attr = (kind | 0o644) << 16

    return change


def patched(path: Path, signature: bytes, offset: int, value: bytes) -> Path:
    """The last record of a kind with some bytes replaced."""
    content = bytearray(path.read_bytes())
    start = content.rindex(signature) + offset
    content[start : start + len(value)] = value
    path.write_bytes(content)
    return path


def refused(path: Path, told: str) -> None:
    """Neither checked, read nor unpacked; nothing is left beside the archive."""
    target = path.parent / "target"
    before = sorted(path.parent.rglob("*"))
    for action in (check_zip, lambda each: unpack(each, target), _read):
        with pytest.raises(DownloadError, match=told) as caught:
            action(path)
        assert "\n" not in str(caught.value)
    assert sorted(path.parent.rglob("*")) == before


def _read(path: Path) -> None:
    with open_product(path) as source:
        for name in source.names():
            source.read(name, 10**6)


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


@pytest.mark.parametrize(
    "name",
    [
        "../evil.tif",
        "a/../../evil.tif",
        "..",
        "a/..",
        "/etc/evil.tif",
        "//host/evil.tif",
        "C:/evil.tif",
        "C:evil.tif",
        "a\\..\\..\\evil.tif",
        "\\evil.tif",
        "a\nb.tif",
        "a\x1b[2Jb.tif",
        ".",
        "./",
    ],
)
def test_a_name_that_leads_out_or_hides_is_refused(tmp_path: Path, name: str) -> None:
    refused(zip_of(tmp_path / "x.zip", "fine.tif", name), "member")


def test_a_name_cut_short_by_a_zero_is_refused(tmp_path: Path) -> None:
    """Zipfile reads `ok.tif`, other programs what follows the zero as well."""
    path = zip_of(tmp_path / "x.zip", "ok.tifXexe")
    content = path.read_bytes().replace(b"ok.tifXexe", b"ok.tif\0exe")
    path.write_bytes(content)

    refused(path, "not a relative path")


@pytest.mark.parametrize("name", ["a" * 256, "é" * 128, "/".join(["abc"] * 300)])
def test_a_name_too_long_for_a_disk_is_refused(tmp_path: Path, name: str) -> None:
    refused(zip_of(tmp_path / "x.zip", name), "too long a name")


@pytest.mark.parametrize(
    "kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK]
)
def test_links_and_devices_are_refused(tmp_path: Path, kind: int) -> None:
    refused(zip_of(tmp_path / "x.zip", "fine.tif", "evil", tamper=mode(kind)), "link or a device")


def test_a_file_that_calls_itself_a_folder_is_refused(tmp_path: Path) -> None:
    refused(zip_of(tmp_path / "x.zip", "evil", tamper=mode(stat.S_IFDIR)), "a folder and a file")


@pytest.mark.parametrize("flag", [0x1, 0x40, 0x2000])
def test_encrypted_members_are_refused(tmp_path: Path, flag: int) -> None:
    path = zip_of(tmp_path / "x.zip", "a.tif")
    refused(patched(path, CENTRAL, 8, struct.pack("<H", flag)), "encrypted")


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_other_ways_of_packing_are_refused(tmp_path: Path, method: int) -> None:
    """LZMA may ask for gigabytes of memory; no product uses it."""
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a.tif", b"content")

    refused(path, "only store and deflate")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    "names",
    [
        ("a.tif", "a.tif"),
        ("a.tif", "./a.tif"),
        ("a/b.tif", "a//b.tif"),
        ("a.tif", "A.TIF"),
        ("stra\u00dfe.tif", "STRASSE.tif"),
        ("caf\u00e9.tif", "cafe\u0301.tif"),
    ],
)
def test_members_that_would_be_one_file_are_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    refused(zip_of(tmp_path / "x.zip", *names), "would be one file")


def test_folders_that_would_be_one_are_refused(tmp_path: Path) -> None:
    refused(zip_of(tmp_path / "x.zip", "A/b.tif", "a/c.tif"), "would be one")


@pytest.mark.parametrize("names", [("a", "a/b.tif"), ("a/b.tif", "A"), ("a", "a/")])
def test_a_file_that_is_also_a_folder_is_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    refused(zip_of(tmp_path / "x.zip", *names), "both a file and a folder|would be one")


def test_members_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    """A zip of 42 kB can unpack to petabytes that way."""
    path = zip_of(tmp_path / "x.zip", "a.tif", "b.tif")
    content = path.read_bytes()
    second = content.index(LOCAL, 1)
    content = content.replace(b"b.tif", b"a.tif")
    path.write_bytes(content)
    patched(path, CENTRAL, 42, struct.pack("<I", 0))
    patched(path, CENTRAL, 46, b"b.tif")

    assert second > 0
    refused(path, "shares its bytes")


def test_more_members_than_any_product_has_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "MAX_MEMBERS", 2)

    refused(zip_of(tmp_path / "x.zip", "a", "b", "c"), "3 members, at most 2")


def test_more_bytes_than_any_product_has_are_refused(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "x.zip", *"abcdef")
    content = path.read_bytes()
    for record in range(6):
        start = -1
        for _ in range(record + 1):
            start = content.index(CENTRAL, start + 1)
        content = content[: start + 24] + struct.pack("<I", 0xFFFFFFFE) + content[start + 28 :]
    path.write_bytes(content)

    refused(path, "unpacks to 25769803764 bytes")


def test_a_bomb_is_refused_by_its_ratio(tmp_path: Path) -> None:
    path = patched(zip_of(tmp_path / "x.zip", "a.tif"), CENTRAL, 24, struct.pack("<I", 2 * 2**30))

    refused(path, "as no product does")


def test_masks_of_zeros_are_no_bomb(tmp_path: Path) -> None:
    """A mask without clouds packs a thousand to one, and many small ones are harmless."""
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mask.tif", bytes(5490 * 5490))
    assert path.stat().st_size * 900 < 5490 * 5490

    check_zip(path)


@pytest.mark.parametrize("size", [6, 8])
def test_a_member_that_lies_about_its_size_is_refused(tmp_path: Path, size: int) -> None:
    path = patched(zip_of(tmp_path / "x.zip", "a.tif"), CENTRAL, 24, struct.pack("<I", size))

    refused(path, "damaged|instead of the announced")


def test_a_flipped_byte_is_found_by_the_crc(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.tif", b"content")
    path.write_bytes(path.read_bytes().replace(b"content", b"contemt"))

    refused(path, "damaged: Bad CRC-32")


def test_damaged_packing_is_told(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "x.zip", "a.tif")
    content = bytearray(path.read_bytes())
    content[35] ^= 0xFF
    path.write_bytes(content)

    refused(path, "damaged")


def test_names_that_differ_between_the_two_headers_are_refused(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "x.zip", "a.tif")
    path.write_bytes(path.read_bytes().replace(b"a.tif", b"b.tif", 1))

    refused(path, "damaged")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "b''"),
        (b'{"ErrorMessage": "too many', "ErrorMessa"),
        (b"<html><body>Please log in", "<html><body>"),
        (b"PK\x05\x06" + bytes(10), "PK"),
    ],
    ids=["empty", "JSON", "HTML", "cut short"],
)
def test_what_is_no_zip_is_told_by_its_first_bytes(
    tmp_path: Path, content: bytes, told: str
) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)

    refused(path, f"not a whole zip archive .*{told}")


def test_a_zip_cut_short_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "x.zip")
    path.write_bytes(path.read_bytes()[:-100])

    refused(path, "not a whole zip archive")


def test_a_directory_too_large_for_memory_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_zip(tmp_path / "x.zip")
    monkeypatch.setattr(members, "_MAX_DIRECTORY", 70_000)
    check_zip(path)
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(1000):
            archive.writestr(f"{number:0100d}", b"")

    refused(path, "a directory of")


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


def test_zip64_is_read(tmp_path: Path) -> None:
    """A whole tile is above 2 GB; what counts is that sizes of 64 bits are understood."""
    path = tmp_path / "x.zip"
    with (
        zipfile.ZipFile(path, "w") as archive,
        archive.open(zipfile.ZipInfo("a.tif"), "w", force_zip64=True) as member,
    ):
        member.write(b"content")
    unpack(path, tmp_path / "target")

    assert (tmp_path / "target" / "a.tif").read_bytes() == b"content"


def a_small_zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/x_MTD_ALL.xml", b"<a/>")
        archive.writestr("a/b.tif", b"x" * 500)
        archive.writestr("a/MASKS/c.tif", b"")
    return stream.getvalue()


@given(data=st.data())
@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_damaged_archives_are_read_or_refused_and_write_nothing_elsewhere(
    tmp_path: Path, data: st.DataObject
) -> None:
    content = bytearray(a_small_zip())
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(content)))
        new = data.draw(st.one_of(st.binary(max_size=8), st.just(b"../"), st.just(b"\xff" * 4)))
        content[start : start + data.draw(st.sampled_from([0, len(new), len(new)]))] = new
    with TemporaryDirectory(dir=tmp_path) as folder:
        path = Path(folder, "x.zip")
        path.write_bytes(content)
        with suppress(PepsStacError):
            unpack(path, path.with_name("target"))
        with suppress(PepsStacError):
            check_zip(path)
        with suppress(PepsStacError), open_product(path) as source:
            read_product(source)

        assert {each.name for each in Path(folder).iterdir()} <= {"x.zip", "target"}
        assert list(tmp_path.iterdir()) == [Path(folder)]
