"""The files behind the records of a simulated GEODES: their true sizes and checksums.

The last segment of a download address is the MD5 of what it leads to. So an archive has to be
there before its record can be shown: an L2A archive is built when a page with its record goes
out for the first time (a tenth of a second each, see `GeodesFiles.of`), and kept.
"""

import hashlib
import re
import threading
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

from peps_stac.simulator.answers import FilePart
from peps_stac.simulator.chance import digest, seed
from peps_stac.simulator.geodes.records import L2A, GeodesRecord
from peps_stac.simulator.holdings import Record
from peps_stac.simulator.l1c import l1c_zip, size_and_md5
from peps_stac.simulator.results import Result, Results
from peps_stac.simulator.scenario import Scenario
from peps_stac.simulator.thumbnail import QUICKLOOK

ZIP = "application/zip"
_MEMBERS = (
    ("JPI_ALL.xml", "metadata", "DOCUMENT", "application/xml"),
    ("MTD_ALL.xml", "metadata", "DOCUMENT", "application/xml"),
    ("QKL_ALL.jpg", "overview", "QUICKLOOK_SD", "image/jpeg"),
)
_SNOW = re.compile(rb'name="SnowPercent">(\d+)<')
_LARGEST_INVENTED = 2_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class GeodesFile:
    """One file of a record."""

    name: str
    """As the record has it; that of an L1C quicklook has folders."""
    role: str
    datatype: str
    media_type: str
    size: int
    """Bytes."""
    md5: str

    @property
    def is_archive(self) -> bool:
        """Whether it is the product itself, which may lie on tape."""
        return self.role == "data"

    @property
    def is_picture(self) -> bool:
        """Whether it is offered as a quicklook, not as a download."""
        return self.role == "overview"


@dataclass(frozen=True, slots=True)
class Measured:
    """An L2A archive that is there."""

    files: tuple[GeodesFile, ...]
    snow_cover: int | None
    """Percent, as its metadata have it."""


class GeodesFiles:
    """The files of records; safe to share between threads.

    Args:
        results: Builds and keeps the L2A archives.
    """

    def __init__(self, results: Results) -> None:
        self._results = results
        self._lock = threading.Lock()
        self._known: dict[str, Measured] = {}

    def of(self, record: GeodesRecord, scenario: Scenario) -> tuple[GeodesFile, ...]:
        """The files of a made record, in the order of the recorded ones; none of a recorded one.

        With `Scenario.real_sizes` off, sizes and checksums are invented, nothing is built, and
        every download contradicts them.
        """
        if record.scene is None:
            return ()
        if record.collection != L2A:
            return _l1c(record, scenario)
        if not scenario.real_sizes:
            return _invented(record)
        return self._measured(record, record.scene, scenario).files

    def snow_cover(self, record: GeodesRecord) -> int | None:
        """Percent of snow in an L2A archive that is there; None of any other."""
        with self._lock:
            known = self._known.get(record.id)
        return known.snow_cover if known else None

    def content(
        self, record: GeodesRecord, file: GeodesFile, scenario: Scenario
    ) -> bytes | FilePart:
        """The bytes of one of the files `of` a record.

        Raises:
            OSError: An archive cannot be built or read.
        """
        if record.collection != L2A or record.scene is None:
            return l1c_zip(record.archive, scenario.l1c_bytes) if file.is_archive else QUICKLOOK
        part = self._archive(record, record.scene, scenario)
        if file.is_archive:
            return part
        with zipfile.ZipFile(part.path) as archive:
            return archive.read(_member(archive.namelist(), file.name))

    def _measured(self, record: GeodesRecord, scene: Record, scenario: Scenario) -> Measured:
        with self._lock:
            known = self._known.get(record.id)
        if known is None:
            known = _measure(record, self._archive(record, scene, scenario))
            with self._lock:
                self._known[record.id] = known
        return known

    def _archive(self, record: GeodesRecord, scene: Record, scenario: Scenario) -> FilePart:
        result = Result(name=f"{record.archive}.zip", record=scene, is_valid=True)
        return self._results.file(result, scenario)


def _measure(record: GeodesRecord, part: FilePart) -> Measured:
    with part.path.open("rb") as file:
        md5 = hashlib.file_digest(file, partial(hashlib.md5, usedforsecurity=False)).hexdigest()
    with zipfile.ZipFile(part.path) as archive:
        contents = {
            ending: archive.read(member)
            for ending, *_ in _MEMBERS
            if (member := _member(archive.namelist(), ending))
        }
    facts = {ending: (len(content), _md5(content)) for ending, content in contents.items()}
    snow = _SNOW.search(contents.get("MTD_ALL.xml", b""))
    return Measured(_files(record, (part.length, md5), facts), int(snow[1]) if snow else None)


def _invented(record: GeodesRecord) -> tuple[GeodesFile, ...]:
    members = {ending: _facts(record.archive, ending) for ending, *_ in _MEMBERS}
    return _files(record, _facts(record.archive), members)


def _facts(*names: str) -> tuple[int, str]:
    return seed("size", *names) % _LARGEST_INVENTED, digest("MD5", *names)


def _files(
    record: GeodesRecord, archive: tuple[int, str], members: dict[str, tuple[int, str]]
) -> tuple[GeodesFile, ...]:
    size, md5 = archive
    own = GeodesFile(
        name=f"{record.archive}.zip",
        role="data",
        datatype="RAWDATA",
        media_type=ZIP,
        size=size,
        md5=md5,
    )
    beside = (
        GeodesFile(
            name=f"{record.archive}_{ending}",
            role=role,
            datatype=datatype,
            media_type=media_type,
            size=members[ending][0],
            md5=members[ending][1],
        )
        for ending, role, datatype, media_type in _MEMBERS
        if ending in members
    )
    return (own, *beside)


def _l1c(record: GeodesRecord, scenario: Scenario) -> tuple[GeodesFile, ...]:
    start = str(record.attributes["start_datetime"])[:10].replace("-", "/")
    size, md5 = size_and_md5(record.archive, scenario.l1c_bytes)
    if not scenario.real_sizes:
        size, md5 = _facts(record.archive)
    return (
        GeodesFile(
            name=f"{start}/{record.attributes.get('platform')}/{record.archive}_quicklook.jpg",
            role="overview",
            datatype="QUICKLOOK_SD",
            media_type="image/jpeg",
            size=len(QUICKLOOK),
            md5=_md5(QUICKLOOK),
        ),
        GeodesFile(
            name=f"{record.archive}.zip",
            role="data",
            datatype="RAWDATA",
            media_type=ZIP,
            size=size,
            md5=md5,
        ),
    )


def _member(names: Iterable[str], ending: str) -> str:
    """The member with this ending; empty when there is none."""
    return next((name for name in names if PurePosixPath(name).name.endswith(ending)), "")


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
