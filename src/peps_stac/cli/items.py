"""`peps-stac items`: what the catalog has."""

import sys
from dataclasses import replace

import click

from peps_stac.cli.connect import open_catalog
from peps_stac.cli.errors import ExitCode, Failure
from peps_stac.cli.options import json_option
from peps_stac.cli.output import plural, print_json, print_table, tell
from peps_stac.cli.search import HEADER, row
from peps_stac.cli.selection import Selection, SelectionCommand, selection_options
from peps_stac.cli.settings import load_settings

_COLLECTION = "sentinel-2-l2a-maja"


@click.command("items", cls=SelectionCommand)
@selection_options
@click.option(
    "--collection",
    metavar="ID",
    default=_COLLECTION,
    show_default=True,
    help="sentinel-2-l1c for the scenes and their orders.",
)
@click.option(
    "--all-versions", is_flag=True, help="Also products of which a later version is there."
)
@json_option
def command(selection: Selection, *, collection: str, all_versions: bool, as_json: bool) -> int:
    """Find Items in the catalog; nothing is asked of a service.

    Prints a table, or with --json an ItemCollection whose hrefs are absolute, for any other
    tool. Without options it is the latest version of every product. -l, the service's free-text
    search, has no meaning here.

    The exit code is 1 when nothing matches.
    """
    from peps_stac.loading.hrefs import absolute
    from peps_stac.loading.selection import find

    settings = load_settings()
    catalog = open_catalog(settings)
    # Without a limit a query of a service has to name a place; one's own disk may be listed.
    query = replace(selection, limit=selection.limit or sys.maxsize).query()
    items = find(catalog, query, collection=collection, latest=not all_versions)
    if as_json:
        print_json({"type": "FeatureCollection", "features": [absolute(item) for item in items]})
    elif items:
        print_table(HEADER, map(row, items))
    if not items:
        there = ", ".join(catalog.collections()) or "it is empty"
        known = "" if collection in catalog.collections() else f" ({there})"
        raise Failure(
            f"{settings.catalog}: no Item of {collection}{known} matches; {selection.hint}"
        )
    tell(f"{plural(len(items), 'Item')} found")
    return ExitCode.DONE
