"""Asking the index, with plain DuckDB: no extension is loaded, nothing is downloaded."""

import duckdb

from peps_stac.store.index_manifest import Manifest
from peps_stac.store.layout import INDEX
from peps_stac.store.search_criteria import Criteria
from peps_stac.store.search_sql import Columns

Row = tuple[int, str, str]
"""Sort key, id, and tile and year of one Item."""

_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


def rows_for(
    root: str, manifest: Manifest, criteria: Criteria, parts: list[str]
) -> list[Row] | None:
    """Items of some years that may match, by time and id; None when the index cannot be read.

    Args:
        root: Of the catalog.
        manifest: Of one Collection.
        criteria: What is asked.
        parts: Tiles and years, `31TCJ/2017`, each in the manifest.
    """
    known = {name: (f"p{n}", kind) for n, (name, kind) in enumerate(manifest.columns.items())}
    sql = Columns(known, manifest.unknown).condition(criteria)
    is_all = len(parts) == len(manifest.entries)
    within = "" if is_all else "AND list_contains(?, part)"
    query = f"""SELECT key_us, id, part FROM read_parquet(?)
        WHERE {sql.text} {within} ORDER BY key_us, id, part"""  # noqa: S608 -- values stand apart
    values = [f"{root}/{INDEX}/{manifest.data}", *sql.values, *([] if is_all else [parts])]
    try:
        with duckdb.connect(config=_SETTINGS) as connection:
            return [
                (key, item_id, part)
                for key, item_id, part in connection.execute(query, values).fetchall()
            ]
    except duckdb.Error:
        return None
