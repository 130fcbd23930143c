"""`peps-stac search`: which scenes there are."""

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from peps_stac.cli.connect import catalogue, open_catalog
from peps_stac.cli.errors import ExitCode, Failure
from peps_stac.cli.options import cache_option, global_options, json_option
from peps_stac.cli.output import plural, print_json, print_table, tell
from peps_stac.cli.selection import Selection, SelectionCommand, selection_options
from peps_stac.cli.settings import load_settings

if TYPE_CHECKING:
    import pystac

HEADER = ("id", "date", "cloud", "orbit", "tile")


@click.command("search", cls=SelectionCommand)
@selection_options
@click.option(
    "--level",
    type=click.Choice(("L1C", "L2A")),
    default="L1C",
    show_default=True,
    help="L1C: scenes of ESA, to order MAJA for. L2A: what Theia made with MAJA, to download "
    "(--provider geodes).",
)
@click.option("--save", is_flag=True, help="Add what is found to the catalog.")
@json_option
@cache_option
def command(selection: Selection, *, level: str, save: bool, as_json: bool, no_cache: bool) -> int:
    """Find Sentinel-2 scenes, or products that are finished already.

    Prints a table, or an ItemCollection with --json. With --save, or when --catalog was typed,
    what is found is added to the catalog. No account is needed.

    The exit code is 1 when nothing matches.
    """
    from peps_stac.workflow import save as save_items
    from peps_stac.workflow import search

    query = replace(selection.query(), level=level)
    settings = load_settings(no_cache=no_cache)
    with catalogue(settings) as client:
        items = list(search(client, query, tell=tell))
    if as_json:
        print_json(item_collection(items))
    elif items:
        print_table(HEADER, map(row, items))
    if not items:
        raise Failure(f"no product matches; {selection.hint}")
    tell(f"{plural(len(items), 'product')} found")
    if save or global_options().catalog_is_given:
        changes = save_items(open_catalog(settings), items)
        tell(f"{settings.catalog}: {changes.added} new, {changes.changed} changed")
    return ExitCode.DONE


def item_collection(items: "list[pystac.Item]") -> dict[str, object]:
    """The Items as one GeoJSON document, hrefs as they are.

    Without `collection`: STAC wants a link beside it, and what is not saved has none to link to.
    """
    features = [item.to_dict(include_self_link=False, transform_hrefs=False) for item in items]
    for feature in features:
        feature.pop("collection", None)
    return {"type": "FeatureCollection", "features": features}


def row(item: "pystac.Item") -> tuple[str, ...]:
    """One line of the table, in the order of `HEADER`; a dash for what is not known."""
    said = item.properties
    cloud = said.get("eo:cloud_cover")
    return (
        item.id,
        item.datetime.strftime("%Y-%m-%d %H:%M") if item.datetime else "-",
        "-" if cloud is None else f"{cloud:.1f}",
        str(said.get("sat:relative_orbit", "-")),
        str(said.get("grid:code", "-")).removeprefix("MGRS-"),
    )
