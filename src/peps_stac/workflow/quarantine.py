"""Files that failed a check, kept aside with the reason until they are replaced or turn out good.

    .quarantine/<file>
    .quarantine/<file>.json     why, where it came from, when, how often, by which command

Only what a download of our own brought is moved here. A file of the same name takes the place of
the one before, and the oldest go when all become too large, so that a service that is broken for a
month does not fill a disk.
"""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

import orjson

from peps_stac.domain.instants import format_instant
from peps_stac.errors import CatalogError
from peps_stac.http.addresses import shown
from peps_stac.store import Catalog

MAX_BYTES: Final = 16 * 2**30
"""Of all files together: seven products of a whole tile. The youngest stays in any case."""

_NOTE = ".json"
_MAX_NOTE = 2**16  # bytes; our own have some hundreds


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A file that is kept aside, and what its note says; None for what it does not."""

    path: Path
    reason: str | None = None
    href: str | None = None
    """Where it came from, without logins and tokens."""
    time: str | None = None
    """Of the last failure, RFC 3339."""
    command: str | None = None
    """Which met the last failure: `download`, `add`."""
    failures: int = 1
    size: int | None = None
    """Bytes."""
    sha256: str | None = None

    @classmethod
    def read(cls, path: Path) -> Self:
        """The facts of a file; a note that cannot be read says nothing."""
        said = _note_of(path)
        texts = {name: _text(said.get(name)) for name in ("reason", "href", "time", "command")}
        count, size = said.get("failures"), said.get("size")
        return cls(
            path=path,
            **texts,
            failures=count if isinstance(count, int) and count > 0 else 1,
            size=size if isinstance(size, int) else None,
            sha256=_text(said.get("sha256")),
        )


def put_aside(  # noqa: PLR0913 -- the facts of a note
    catalog: Catalog,
    path: Path,
    *,
    href: str,
    reason: str,
    when: datetime,
    command: str = "download",
) -> Path:
    """Move a bad file aside with the reason beside it, so that a later run fetches it anew.

    Returns:
        Where it is now; that of an earlier failure is gone.

    Raises:
        OSError: The disk refuses; the file stays where it is.
    """
    folder = catalog.quarantine_dir
    name = f"{path.name}.bad" if path.name.endswith(_NOTE) else path.name
    kept = folder / name
    folder.mkdir(parents=True, exist_ok=True)
    before = Quarantined.read(kept).failures if kept.is_file() else 0
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    facts = {"href": shown(href), "size": path.stat().st_size, "sha256": digest}
    # First the note: a file without one would not say why it is there.
    _write_note(kept, facts | _failure(reason, when, command, before + 1))
    path.replace(kept)
    _drop_oldest(catalog, kept)
    return kept


def quarantined(catalog: Catalog) -> tuple[Quarantined, ...]:
    """What is kept aside, by name."""
    return tuple(map(Quarantined.read, _files(catalog)))


def is_quarantined(catalog: Catalog, path: Path) -> bool:
    """Whether a path is the quarantine of a catalog, or in it."""
    if catalog.is_remote:
        return False
    return path.resolve().is_relative_to(catalog.quarantine_dir.resolve())


def note_failure(catalog: Catalog, path: Path, *, reason: str, when: datetime) -> None:
    """Write down that `add` tried a file that is kept aside, and why it failed again.

    Raises:
        CatalogError: The disk refuses.
    """
    if not path.is_file():
        return  # another run took it meanwhile
    said = {name: value for name, value in _note_of(path).items() if name != "reason"}
    failures = Quarantined.read(path).failures + 1
    try:
        _write_note(path, {**said, **_failure(reason, when, "add", failures)})
    except OSError as error:
        message = f"{catalog.quarantine_dir}: cannot be written: {error.strerror}"
        raise CatalogError(message) from error


def forget(catalog: Catalog, name: str) -> None:
    """Delete the file of a name, and its note, once a good one is catalogued."""
    for path in (catalog.quarantine_dir / name, catalog.quarantine_dir / f"{name}{_NOTE}"):
        path.unlink(missing_ok=True)


def _failure(reason: str, when: datetime, command: str, failures: int) -> dict[str, Any]:
    time = format_instant(when)
    return {"reason": reason, "time": time, "command": command, "failures": failures}


def _write_note(kept: Path, facts: Mapping[str, Any]) -> None:
    note = kept.with_name(f"{kept.name}{_NOTE}")
    part = note.with_name(f".{note.name}.tmp")
    part.write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    part.replace(note)


def _note_of(path: Path) -> dict[str, Any]:
    try:
        with path.with_name(f"{path.name}{_NOTE}").open("rb") as file:
            said = orjson.loads(file.read(_MAX_NOTE))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _files(catalog: Catalog) -> list[Path]:
    if catalog.is_remote or not (folder := catalog.quarantine_dir).is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and not path.name.startswith(".") and not path.name.endswith(_NOTE)
    )


def _drop_oldest(catalog: Catalog, newest: Path) -> None:
    others = [path for path in _files(catalog) if path != newest]
    left = MAX_BYTES - newest.stat().st_size
    for path in sorted(others, key=os.path.getmtime, reverse=True):
        left -= path.stat().st_size
        if left < 0:
            forget(catalog, path.name)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
