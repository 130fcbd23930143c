"""`peps-stac items`: what the catalog has."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from peps_stac.cli.completing import STATUSES, collections, items, words
from peps_stac.cli.connect import open_catalog
from peps_stac.cli.errors import ExitCode, Failure
from peps_stac.cli.ids import read_names
from peps_stac.cli.options import json_option
from peps_stac.cli.output import day_text, plural, print_table, tell
from peps_stac.cli.search import HEADER, SPARE
from peps_stac.cli.selection import Selection, SelectionCommand, selection_options
from peps_stac.cli.settings import load_settings
from peps_stac.errors import CatalogError

if TYPE_CHECKING:
    from types import ModuleType

    from peps_stac.store import Catalog
    from peps_stac.store.search import Found
    from peps_stac.store.search_criteria import Criteria

_L1C, _L2A = "sentinel-2-l1c", "sentinel-2-l2a-maja"
_UNKNOWN = "-"
_MOST_REINDEXED = 2000
"""Items in changed years that a search brings into the index by itself: some seconds of work."""


EXAMPLES = (
    ("Products of a month", "peps-stac items -t 31TCJ --datetime 2017-11-01/2017-11-30"),
    (
        "Clear ones, as GeoParquet for DuckDB or GeoPandas",
        "peps-stac items --filter 'eo:cloud_cover < 50' --output clear.parquet",
    ),
    ("Scenes whose order failed, as ids for a program", "peps-stac items --status failed --json"),
)


@click.command("items", cls=SelectionCommand, examples=EXAMPLES)
@click.argument("ids", nargs=-1, metavar="[ID]...", shell_complete=items)
@selection_options
@click.option(
    "--filter",
    "condition",
    metavar="CQL2",
    help="Any condition on properties, in CQL2 text: "
    "\"eo:cloud_cover < 20 AND platform = 'sentinel-2a'\".",
)
@click.option(
    "--status",
    "statuses",
    multiple=True,
    metavar="STATUS",
    shell_complete=words(*STATUSES),
    help="Scenes whose order stands there: ordered, pending, shipping, succeeded, failed, "
    "canceled, orderable; repeatable.",
)
@click.option(
    "--collection",
    metavar="ID",
    shell_complete=collections,
    help=f"{_L1C} for the scenes and their orders.  [default: {_L2A}, or {_L1C} with --status]",
)
@click.option(
    "--all-versions", is_flag=True, help="Also products of which a later version is there."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write them to a file instead: .parquet (GeoParquet), .json or .ndjson.",
)
@click.option(
    "--reindex",
    is_flag=True,
    help="First bring items.parquet of every year and the search index up to date; "
    "alone, that is all it does.",
)
@json_option
def command(  # noqa: PLR0913 -- one argument an option
    selection: Selection,
    *,
    ids: tuple[str, ...],
    condition: str | None,
    statuses: tuple[str, ...],
    collection: str | None,
    all_versions: bool,
    output: Path | None,
    reindex: bool,
    as_json: bool,
) -> int:
    """Find Items in the catalog; nothing is asked of a service.

    Prints a table, or with --json an ItemCollection whose hrefs are absolute, for any other
    tool. Without options it is the latest version of every product. -l, the service's free-text
    search, has no meaning here. - reads ids from stdin.

    The exit code is 1 when nothing matches.
    """
    from peps_stac.loading.export import writer_of

    settings = load_settings()
    catalog = open_catalog(settings, anywhere=True)
    named = read_names(ids).all_ids
    chosen = collection or (_L1C if statuses else _L2A)
    criteria = _criteria(selection, named, statuses, condition)
    if output is not None:
        writer_of(output)
    is_all = not (selection != Selection() or ids or condition or statuses or output or as_json)
    if reindex:
        _reindex(catalog)
        if is_all and collection is None:
            return ExitCode.DONE
    found = _found(catalog, criteria, chosen, latest=not (all_versions or named))
    count = _show(catalog, found, output=output, as_json=as_json)
    if not count:
        there = ", ".join(catalog.collections()) or "it is empty"
        known = "" if chosen in catalog.collections() else f" ({there})"
        raise Failure(f"{catalog.href}: no Item of {chosen}{known} matches; {selection.hint}")
    tell(f"{plural(count, 'Item')} {f'in {output}' if output else 'found'}")
    _keep_index(catalog)
    return ExitCode.DONE


def _criteria(
    selection: Selection, ids: tuple[str, ...], statuses: tuple[str, ...], condition: str | None
) -> "Criteria":
    from peps_stac.loading.selection import as_criteria, parse_statuses
    from peps_stac.store.search_filter import Filter

    # Without a limit a query of a service has to name a place; one's own disk may be listed.
    query = replace(selection, limit=selection.limit or sys.maxsize).query()
    return as_criteria(
        query,
        ids=ids or None,
        statuses=parse_statuses(statuses) if statuses else None,
        filter=None if condition is None else Filter.parse(condition),
    )


def _found(
    catalog: "Catalog", criteria: "Criteria", collection: str, *, latest: bool
) -> "Iterator[Found]":
    from peps_stac.loading.selection import find_documents

    return find_documents(catalog, criteria, collection=collection, latest=latest)


def _show(
    catalog: "Catalog", found: "Iterator[Found]", *, output: Path | None, as_json: bool
) -> int:
    first = next(found, None)
    if first is None:
        return 0
    everything = _chain(first, found)
    if output is not None:
        from peps_stac.loading.export import export_documents

        return export_documents(_absolute(catalog, everything), output)
    if as_json:
        return _print_collection(catalog, everything)
    rows = [_row(document) for _, document in everything]
    has_orders = any(row[-1] != _UNKNOWN for row in rows)
    header = (*HEADER, "order") if has_orders else HEADER
    print_table(header, (row[: len(header)] for row in rows), spare=SPARE)
    return len(rows)


def _print_collection(catalog: "Catalog", found: "Iterator[Found]") -> int:
    from peps_stac.loading.export import item_collection

    features = _absolute(catalog, found)
    pieces = -2  # the beginning and the end
    for piece in item_collection(features):
        click.echo(piece, nl=False)
        pieces += 1
    return pieces


def _chain(first: "Found", rest: "Iterator[Found]") -> "Iterator[Found]":
    yield first
    yield from rest


def _absolute(catalog: "Catalog", found: "Iterator[Found]") -> Iterator[dict[str, Any]]:
    from peps_stac.loading.hrefs import absolute_document

    for place, document in found:
        yield absolute_document(document, f"{catalog.href}/{place.path}")


def _row(document: dict[str, Any]) -> tuple[str, ...]:
    from peps_stac.domain.instants import parse_instant

    said = document["properties"]
    when, cloud = said.get("datetime"), said.get("eo:cloud_cover")
    return (
        str(document["id"]),
        day_text(parse_instant(when) if when else None),
        f"{cloud:.1f}" if isinstance(cloud, int | float) else _UNKNOWN,
        str(said.get("sat:relative_orbit", _UNKNOWN)),
        str(said.get("grid:code", _UNKNOWN)).removeprefix("MGRS-"),
        str(said.get("order:status", _UNKNOWN)),
    )


def _index() -> "ModuleType":
    from importlib import import_module

    try:
        return import_module("peps_stac.store.index")
    except ModuleNotFoundError as error:
        message = f"--reindex needs {error.name}: pip install 'peps-stac[index]'"
        raise Failure(message) from error


def _reindex(catalog: "Catalog") -> None:
    done = _index().reindex(catalog, tell=tell)
    for fault in done.faults:
        tell(fault)
    written = plural(len(done.written), "year")
    tell(f"{plural(done.items, 'Item')} indexed: {written} written, {done.kept} up to date")


def _keep_index(catalog: "Catalog") -> None:
    """Bring an index that is there up to date, when that is soon done."""
    from peps_stac.store.index_manifest import stale_items

    stale = 0 if catalog.is_remote else stale_items(catalog.href)
    if stale > _MOST_REINDEXED:
        years = f"the index is behind in years with {plural(stale, 'Item')}"
        tell(f"{years}; peps-stac items --reindex brings it up to date")
    elif stale:
        try:
            _index().reindex(catalog, deep=False)
        except (CatalogError, Failure) as error:
            tell(f"the index is not up to date: {error}")
