"""`items.parquet` of a year: its Items whole, by the stac-geoparquet specification.

Written by stac-geoparquet itself, so that DuckDB, GeoPandas, rustac and pgstac read it. Hrefs
are relative to the folder of the file that they stand in, as everywhere in the catalog, so that
it survives a move; `self` leads to the Item's JSON.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from itertools import chain, islice
from posixpath import dirname, join, normpath
from tempfile import TemporaryDirectory
from typing import Any, Self

import pyarrow as pa
from pyarrow import feather
from stac_geoparquet.arrow import parse_stac_items_to_arrow, to_parquet

from peps_stac.store.files import disk_errors, temporary_of
from peps_stac.store.index_manifest import items_path
from peps_stac.store.layout import Part
from peps_stac.store.links import is_local

Document = dict[str, Any]

_BATCH = 1000
"""Items that stand in memory at once: some 50 MB of JSON, and as much as Arrow."""

_FAULTS = (pa.ArrowException, KeyError, TypeError, ValueError, AttributeError, AssertionError)
"""What stac-geoparquet raises for Items that GeoParquet cannot hold."""


class UnwritableError(Exception):
    """Items that GeoParquet cannot hold; says why."""


class _Own(dict[str, Any]):
    """A document that is nobody else's: stac-geoparquet need not copy it first.

    That copy would take more than half of the time.
    """

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


def write_part(root: str, part: Part, documents: Iterable[Document]) -> int:
    """Writes `items.parquet` of a year; answers its size.

    Args:
        root: Of the catalog.
        part: The year.
        documents: Its Items as they stand on disk; they are used up.

    Raises:
        UnwritableError: GeoParquet cannot hold them.
        CatalogError: The disk refuses.
    """
    path = items_path(root, part)
    write_items([_seen_from_year(document) for document in documents], path)
    return os.stat(path).st_size  # noqa: PTH116 -- text paths all over this room


def write_items(
    documents: Iterable[Document], path: str, collections: dict[str, Document] | None = None
) -> None:
    """Writes Items as one GeoParquet file, whole or not at all.

    Args:
        documents: At least one; they are used up.
        path: Absolute.
        collections: Collections to put into its metadata, by id.

    Raises:
        UnwritableError: GeoParquet cannot hold them.
        CatalogError: The disk refuses.
    """
    temporary = temporary_of(path)
    try:
        with disk_errors(path), ExitStack() as stack:
            reader = _one_table(_tables(documents), dirname(path), stack)
            to_parquet(reader, temporary, collections=collections, compression="zstd")
            os.replace(temporary, path)  # noqa: PTH105 -- as above
    except _FAULTS as error:
        raise UnwritableError(" ".join(str(error).split())[:200] or repr(error)) from error
    finally:
        with suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108 -- as above


def _tables(documents: Iterable[Document]) -> Iterator[pa.Table]:
    rest = iter(documents)
    while batch := [_Own(document) for document in islice(rest, _BATCH)]:
        yield parse_stac_items_to_arrow(batch).read_all()


def _one_table(tables: Iterator[pa.Table], folder: str, stack: ExitStack) -> pa.RecordBatchReader:
    """All tables as one, with all their columns; when they are several, on disk meanwhile."""
    first, second = next(tables, None), next(tables, None)
    if first is None:
        raise ValueError("no Items")
    if second is None:
        return first.to_reader()
    own = stack.enter_context(TemporaryDirectory(dir=folder, prefix="."))
    schema, files = first.schema, []
    for number, table in enumerate(chain([first, second], tables)):
        schema = pa.unify_schemas([schema, table.schema], promote_options="permissive")
        files.append(join(own, str(number)))
        feather.write_feather(table, files[-1], compression="zstd")
    return pa.RecordBatchReader.from_batches(schema, _batches(files, schema))


def _batches(files: list[str], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for file in files:
        tables = [schema.empty_table(), feather.read_table(file, memory_map=False)]
        yield from pa.concat_tables(tables, promote_options="permissive").to_batches()


def _seen_from_year(document: Document) -> Document:
    folder = document["id"]
    for asset in document.get("assets", {}).values():
        asset["href"] = _rebased(asset["href"], folder)
    for link in document.get("links", ()):
        link["href"] = _rebased(link["href"], folder)
    itself = {"rel": "self", "href": f"./{folder}/{folder}.json", "type": "application/geo+json"}
    document["links"] = [*document.get("links", ()), itself]
    return document


def _rebased(href: str, folder: str) -> str:
    if not is_local(href) or href.startswith("/"):
        return href
    path = normpath(join(folder, href))
    return path if path.startswith("../") else f"./{path}"
