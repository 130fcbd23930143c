"""The data file of the index: rows of all Items of a Collection, in Parquet."""

import os
from collections.abc import Collection, Iterable
from contextlib import suppress
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from peps_stac.store.files import disk_errors, to_bytes, write_whole
from peps_stac.store.index_manifest import Manifest, manifest_path
from peps_stac.store.index_rows import FIXED, Kind, Rows
from peps_stac.store.layout import INDEX

_TYPES = {Kind.TEXT: pa.string(), Kind.NUMBER: pa.float64(), Kind.TRUTH: pa.bool_()}
_FIXED_TYPES = {
    name: pa.int64() if name.endswith("_us") else _TYPES[kind] for name, kind in FIXED.items()
}
_ROW_GROUP = 16384


def table_of(rows: Rows) -> pa.Table:
    """Rows as an Arrow table; its properties under their own names."""
    fixed = {name: pa.array(rows.fixed[name], type_) for name, type_ in _FIXED_TYPES.items()}
    said = {
        f"properties.{name}": pa.array(rows.column(name), _TYPES[kind])
        for name, kind in rows.kinds.items()
    }
    return pa.table({**fixed, **said})


def load_table(root: str, manifest: Manifest) -> pa.Table | None:
    """The rows that a manifest tells of; None when they cannot be read."""
    path = f"{root}/{INDEX}/{manifest.data}"
    try:
        table = pq.read_table(path, partitioning=None)
    except (OSError, pa.ArrowException):
        return None
    names = [*_FIXED_TYPES, *(f"properties.{name}" for name in manifest.columns)]
    if table.num_columns != len(names):
        return None
    return table.rename_columns(names)


def without(table: pa.Table, parts: Collection[str]) -> pa.Table:
    """The rows of all other years."""
    if not parts:
        return table
    return table.filter(pc.invert(pc.is_in(table["part"], pa.array(sorted(parts), pa.string()))))


def joined(tables: Iterable[pa.Table]) -> tuple[pa.Table, set[str]]:
    """All rows, and the properties that had to be left out, being of several types."""
    kept = list(tables)
    types: dict[str, set[pa.DataType]] = {}
    for table in kept:
        for column in table.schema:
            types.setdefault(column.name, set()).add(column.type)
    clashing = {name for name, found in types.items() if len(found) > 1}
    kept = [t.drop_columns([n for n in t.column_names if n in clashing]) for t in kept]
    return (
        pa.concat_tables(kept, promote_options="default"),
        {name.removeprefix("properties.") for name in clashing},
    )


def commit(root: str, collection: str, manifest: Manifest, table: pa.Table) -> None:
    """Writes the rows and then the manifest that names them; older rows are deleted.

    Args:
        root: Of the catalog, whose lock is held.
        collection: Id.
        manifest: Its `data`, `columns` and `unknown` are set here.
        table: As `joined` answers it.
    """
    unknown = manifest.unknown
    gone = [name for name in table.column_names if name.removeprefix("properties.") in unknown]
    table = table.drop_columns([name for name in gone if name not in _FIXED_TYPES])
    table = table.sort_by([("part", "ascending"), ("key_us", "ascending")]).combine_chunks()
    names = [name.removeprefix("properties.") for name in table.column_names[len(_FIXED_TYPES) :]]
    kinds = {type_: kind for kind, type_ in _TYPES.items()}
    columns = {
        name: kinds[column.type]
        for name, column in zip(names, list(table.schema)[len(_FIXED_TYPES) :], strict=True)
    }
    data = f"{collection}.{uuid4().hex}.parquet"
    folder = f"{root}/{INDEX}"
    with disk_errors(folder):
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103 -- text paths all over this room
        numbered = [*_FIXED_TYPES, *(f"p{number}" for number in range(len(names)))]
        pq.write_table(
            table.rename_columns(numbered),
            f"{folder}/{data}",
            row_group_size=_ROW_GROUP,
            compression="zstd",
        )
        written = Manifest(data, columns, unknown, manifest.entries)
        path = manifest_path(root, collection)
        write_whole(path, to_bytes(written.to_json(), path))
        _remove_others(folder, collection, data)


def _remove_others(folder: str, collection: str, data: str) -> None:
    for name in os.listdir(folder):  # noqa: PTH208 -- names are all it takes
        is_data = name.startswith(f"{collection}.") and name.endswith(".parquet")
        # `<collection>.<32 hexadecimals>.parquet`; another Collection's id may begin alike.
        if is_data and name != data and name.count(".") == data.count("."):
            with suppress(OSError):
                os.unlink(f"{folder}/{name}")  # noqa: PTH108 -- as above
