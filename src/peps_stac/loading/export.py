"""Found Items as one file for other tools, hrefs absolute.

`.parquet` is GeoParquet by the stac-geoparquet specification (extra `index`), `.json` and
`.geojson` an ItemCollection, `.ndjson` and `.jsonl` one Item a line, as pgstac loads them.
"""

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from os.path import abspath
from pathlib import Path
from typing import Any

import orjson
import pystac

from peps_stac.errors import RequestError
from peps_stac.loading.hrefs import absolute
from peps_stac.store.files import disk_errors, temporary_of

Document = dict[str, Any]


def export(items: Iterable[pystac.Item], path: Path | str) -> int:
    """Writes Items to a file of the kind that its name ends in; answers how many.

    The file is written whole or not at all; one that is there is replaced.

    Args:
        items: At least one, such as `select` answers.
        path: Ends in `.parquet`, `.json`, `.geojson`, `.ndjson` or `.jsonl`.

    Raises:
        RequestError: Another ending, no Items, or Items that GeoParquet cannot hold.
        CatalogError: The disk refuses.
    """
    return export_documents((absolute(item) for item in items), path)


def export_documents(documents: Iterable[Document], path: Path | str) -> int:
    """As `export`, for Items as STAC JSON whose hrefs are absolute."""
    write = writer_of(path)
    counted = _Counted(documents)
    write(iter(counted), abspath(path))  # noqa: PTH100 -- keeps symbolic links
    return counted.count


def writer_of(path: Path | str) -> Callable[[Iterator[Document], str], None]:
    """What writes files of this name.

    Raises:
        RequestError: Nothing does, or it is not installed.
    """
    ending = Path(path).suffix.lower()
    if ending not in _WRITERS:
        known = ", ".join(_WRITERS)
        raise RequestError(f"{path}: no kind of file is known by this name; end it in {known}")
    if ending == ".parquet":
        try:
            import_module("peps_stac.store.index_parts")
        except ModuleNotFoundError as error:
            message = f"{path}: GeoParquet needs {error.name}"
            raise RequestError(f"{message}: pip install 'peps-stac[index]'") from error
    return _WRITERS[ending]


class _Counted:
    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents = documents
        self.count = 0

    def __iter__(self) -> Iterator[Document]:
        for document in self._documents:
            self.count += 1
            yield document


def _write_parquet(documents: Iterator[Document], path: str) -> None:
    parts = import_module("peps_stac.store.index_parts")
    try:
        parts.write_items(documents, path)
    except parts.UnwritableError as error:
        message = f"{path}: these Items cannot be GeoParquet: {error}"
        raise RequestError(f"{message}; choose .ndjson") from error


def _write_collection(documents: Iterator[Document], path: str) -> None:
    _write(item_collection(documents), path)


def _write_lines(documents: Iterator[Document], path: str) -> None:
    _write((orjson.dumps(document) + b"\n" for document in documents), path)


def item_collection(documents: Iterable[Document]) -> Iterator[bytes]:
    """The JSON of an ItemCollection, piece by piece, so that it need not fit into memory."""
    yield b'{"type":"FeatureCollection","features":['
    for number, document in enumerate(documents):
        yield (b",\n" if number else b"\n") + orjson.dumps(document)
    yield b"\n]}\n"


def _write(pieces: Iterable[bytes], path: str) -> None:
    temporary = Path(temporary_of(path))
    try:
        with disk_errors(path), temporary.open("wb") as file:
            file.writelines(pieces)
        with disk_errors(path):
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


_WRITERS: dict[str, Callable[[Iterator[Document], str], None]] = {
    ".parquet": _write_parquet,
    ".json": _write_collection,
    ".geojson": _write_collection,
    ".ndjson": _write_lines,
    ".jsonl": _write_lines,
}
