"""What a writer is about to link or unlink, on disk before it begins and gone when it is done.

A journal that is still there tells the next writer what to set right.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from peps_stac.errors import CatalogError
from peps_stac.store.files import disk_errors, read_document, temporary_of, to_bytes, write_whole
from peps_stac.store.layout import Place, is_safe


@dataclass(frozen=True, slots=True)
class Entry:
    """One Item whose links are about to change."""

    place: Place
    aside: str | None = None
    """Name of the folder in `.staging` where the Item's old folder stands meanwhile."""
    content: bytes | None = None
    """The Item's file as it shall be, whatever becomes of the writer; None: as it is found."""


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal file."""

    path: str
    """Absolute."""

    def begin(self, entries: Iterable[Entry], *, durable: bool = False) -> None:
        """Notes what is about to change."""
        items = [_item(entry) for entry in entries]
        with disk_errors(self.path):
            write_whole(self.path, to_bytes({"items": items}, self.path), durable=durable)

    def end(self) -> None:
        """Notes that it is done."""
        with disk_errors(self.path), suppress(FileNotFoundError):
            Path(self.path).unlink()

    def unfinished(self) -> tuple[Entry, ...] | None:
        """What the last writer left; None when it finished. Deletes a journal half begun.

        Raises:
            CatalogError: The journal cannot be read, so that all must be checked.
        """
        with suppress(OSError):
            Path(temporary_of(self.path)).unlink()
        document = read_document(self.path)
        if document is None:
            return None
        try:
            return tuple(_entry(**item) for item in document["items"])
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise CatalogError(f"{self.path}: no journal of peps-stac: {error}") from error


def _item(entry: Entry) -> dict[str, str | None]:
    item = {"path": entry.place.path, "aside": entry.aside}
    return item if entry.content is None else {**item, "content": entry.content.decode()}


def _entry(path: str, aside: str | None, content: str | None = None) -> Entry:
    place = Place.parse(path)
    # A journal from elsewhere must not lead out of the catalog.
    if place is None or (aside is not None and not is_safe(aside)):
        raise ValueError(path)
    return Entry(place, aside, None if content is None else content.encode())
