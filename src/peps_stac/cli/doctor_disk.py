"""Whether the disk does what a catalog needs: space, whole writes that stay, locks, names."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from peps_stac.cli.connect import open_catalog
from peps_stac.cli.doctor_findings import Finding, Patient, existing, good, problem, warning
from peps_stac.domain.sizes import size_text

AREA = "disk"

_ROOM = 20 * 10**9
"""Bytes that some products need while they are fetched and converted."""
_NO_ROOM = 10**9
_SLOW_S = 1.0
_LONG_NAME = "n" * 220
"""As long as the longest name that the store writes, with the ending of a draft."""
_REMOTE = ("nfs", "cifs", "smb", "9p", "fuse.sshfs", "lustre", "gpfs", "beegfs", "ceph", "afs")
_MOUNTS = Path("/proc/mounts")


def disk(patient: Patient) -> Iterator[Finding]:
    """The disks of the catalog and of the cache."""
    catalog = open_catalog(patient.settings, anywhere=True)
    if not catalog.is_remote:
        yield from _place("catalog", catalog.root)
        yield from _tried(existing(catalog.root))
    yield from _place("cache", patient.settings.cache_dir)
    yield from _writable("cache", existing(patient.settings.cache_dir))


def _place(name: str, folder: Path) -> Iterator[Finding]:
    """Free space, and on what."""
    there = existing(folder)
    free, kind = shutil.disk_usage(there).free, file_system(there)
    found = f"{size_text(free)} free in {there}" + (f" ({kind})" if kind else "")
    advice = "make room, or choose a folder on another disk"
    if free < _NO_ROOM:
        yield problem(AREA, f"{name} space", found, advice)
    elif free < _ROOM and name == "catalog":
        yield warning(AREA, f"{name} space", found, f"a product needs about 5 GB: {advice}")
    else:
        yield good(AREA, f"{name} space", found)
    if kind and kind.startswith(_REMOTE):
        advice = "write from one machine at a time, unless its locks reach all of them"
        yield warning(AREA, f"{name} file system", f"{kind}, over the network", advice)


def file_system(folder: Path) -> str:
    """Kind of the file system that a folder is on, as `ext4`; empty where that is not told."""
    best, kind = "", ""
    with suppress(OSError):
        for line in _MOUNTS.read_text("utf-8", errors="replace").splitlines():
            _, mount, found, *_ = line.split(" ")
            mount = mount.replace("\\040", " ")
            if folder.resolve().is_relative_to(mount) and len(mount) >= len(best):
                best, kind = mount, found
    return kind


def _writable(name: str, folder: Path) -> Iterator[Finding]:
    if not os.access(folder, os.W_OK):
        advice = "chmod u+w, or choose another folder with PEPS_STAC_CACHE_DIR"
        yield problem(AREA, f"{name} folder", f"{folder} cannot be written", advice)


def _tried(folder: Path) -> Iterator[Finding]:
    """What is only known when it is tried, in a folder that goes at once."""
    try:
        with tempfile.TemporaryDirectory(
            prefix=".peps-stac-doctor-", dir=folder, ignore_cleanup_errors=True
        ) as made:
            work = Path(made)
            yield from _whole_writes(work)
            yield from _locks(work)
            yield from _names(work)
    except OSError as error:
        advice = "chmod u+w, or choose another folder with --catalog"
        found = f"{folder} cannot be written: {error.strerror or error}"
        yield problem(AREA, "catalog folder", found, advice)


def _whole_writes(work: Path) -> Iterator[Finding]:
    """A file that is replaced by a rename, and stays when the power goes."""
    target, draft = work / "target", work / "draft"
    target.write_bytes(b"old")
    began = time.monotonic()
    with draft.open("wb") as file:
        file.write(b"new")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)
    is_whole = target.read_bytes() == b"new" and not draft.exists()
    try:
        descriptor = os.open(work, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        advice = "after a power cut run peps-stac validate"
        yield warning(AREA, "sync of folders", f"not done here: {error.strerror}", advice)
    spent_s = time.monotonic() - began
    name, told = "rename and sync", f"whole, {1000 * spent_s:.0f} ms"
    elsewhere = "choose a folder on another disk"
    if not is_whole:
        yield problem(AREA, name, "a rename did not replace a file", elsewhere)
    elif spent_s > _SLOW_S:
        yield warning(AREA, name, told, f"every order waits so long; {elsewhere}")
    else:
        yield good(AREA, name, told)


def _locks(work: Path) -> Iterator[Finding]:
    import filelock

    path, elsewhere = work / "lock", "choose a folder on another disk"
    try:
        with filelock.FileLock(path, timeout=0):
            filelock.FileLock(path, timeout=0).acquire()
    except filelock.Timeout:
        yield good(AREA, "locks", "one writer at a time")
    except (NotImplementedError, OSError) as error:
        yield problem(AREA, "locks", f"there are none: {error}", elsewhere)
    else:
        yield problem(AREA, "locks", "two writers got the same lock", elsewhere)


def _names(work: Path) -> Iterator[Finding]:
    (work / "case").touch()
    is_one = (work / "CASE").exists()
    found = "upper and lower case are the same" if is_one else "upper and lower case differ"
    try:
        (work / _LONG_NAME).touch()
    except OSError as error:
        advice = "choose a folder on another disk, not an encrypted one"
        yield problem(AREA, "names", f"long ones are refused: {error.strerror}", advice)
    else:
        yield good(AREA, "names", found)
