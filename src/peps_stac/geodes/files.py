"""The files of a record: their size, checksum and place stand in the lines of a description."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from peps_stac.provider.facts import read_md5
from peps_stac.provider.values import read_count, read_href, read_mapping, read_text

ARCHIVE_TYPE = "application/zip"
_LINE = re.compile(
    r"^[ \t]*(?P<name>[A-Za-z][A-Za-z0-9 ]*?)[ \t]*:[ \t]*(?P<value>\S.*?)[ \t]*$", re.MULTILINE
)
_SIZE = re.compile(r"(\d+) bytes", re.IGNORECASE)
_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFile:
    """One asset of a record. None: the service did not say."""

    name: str
    """Of the file, without folders."""
    href: str
    media_type: str | None = None
    roles: tuple[str, ...] = ()
    size: int | None = None
    """Bytes."""
    is_online: bool | None = None
    """Whether it can be fetched at once; False: it is on tape."""
    md5: str | None = None

    @property
    def is_archive(self) -> bool:
        """Whether it is the product itself, in one zip."""
        return "data" in self.roles and (
            self.media_type == ARCHIVE_TYPE or self.name.lower().endswith(".zip")
        )

    @property
    def is_quicklook(self) -> bool:
        """Whether it is a picture of the product."""
        return "overview" in self.roles and self.media_type in ("image/jpeg", None)


def read_files(assets: object) -> Iterator[RecordFile]:
    """The files of a record; those without an address are left out."""
    for key, asset in read_mapping(assets).items():
        said = read_mapping(asset)
        href = read_href(said.get("href"))
        if href is not None:
            yield _read_file(str(key), href, said)


def _read_file(key: str, href: str, said: Mapping[str, Any]) -> RecordFile:
    lines = _lines(said.get("description"))
    roles = said.get("roles")
    size = _SIZE.fullmatch(lines.get("file size", ""))
    return RecordFile(
        name=(read_text(said.get("title")) or key).rpartition("/")[2],
        href=href,
        media_type=read_text(said.get("type")),
        roles=tuple(str(role) for role in roles) if isinstance(roles, list) else (),
        size=(read_count(size[1]) if size else None) or read_count(said.get("file:size")) or None,
        is_online=_BOOLEANS.get(lines.get("is online", "").lower()),
        # The address of a download ends with the checksum of what it leads to.
        md5=read_md5(urlsplit(href).path.rpartition("/")[2]) or read_md5(lines.get("checksum md5")),
    )


def _lines(description: object) -> dict[str, str]:
    """What the description says, by name in lower case."""
    text = read_text(description) or ""
    return {match["name"].lower(): match["value"] for match in _LINE.finditer(text)}
