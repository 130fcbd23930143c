"""`peps-stac search`: which scenes there are."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from peps_stac.cli.connect import catalogue, open_catalog
from peps_stac.cli.errors import ExitCode, Failure
from peps_stac.cli.next_steps import tell_next
from peps_stac.cli.options import cache_option, global_options, json_option
from peps_stac.cli.output import day_text, plural, tell
from peps_stac.cli.selection import Selection, SelectionCommand, selection_options
from peps_stac.cli.settings import Settings, load_settings
from peps_stac.cli.streams import LongCollection, LongTable, Stream, feature

if TYPE_CHECKING:
    import pystac

HEADER = ("id", "date", "cloud", "orbit", "tile")
SPARE = ("orbit", "tile", "date")
"""Columns that the id tells as well."""


EXAMPLES = (
    (
        "Scenes of a month, added to the catalog",
        "peps-stac search -t 31TCJ --datetime 2017-11-01/2017-11-30 --save",
    ),
    (
        "Clear scenes in a box, for a program",
        "peps-stac search --bbox 1 43 2 44 -d 2017-11-01 --cloud-cover 20 --json",
    ),
    (
        "Products that Theia has made already, of GEODES",
        "peps-stac --provider geodes search -t 31TCJ --level L2A -d 2017-11-01",
    ),
)


@click.command("search", cls=SelectionCommand, examples=EXAMPLES)
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
    what is found is added to the catalog while the search goes on: a long one that was
    interrupted may be run again. No account is needed.

    The exit code is 1 when nothing matches.
    """
    from peps_stac.workflow import save as save_items
    from peps_stac.workflow import search

    query = replace(selection.query(), level=level)
    settings = load_settings(no_cache=no_cache)
    catalog = open_catalog(settings) if save or global_options().catalog_is_given else None
    with catalogue(settings) as client:
        found = printed(search(client, query, tell=tell), as_json=as_json)
        if catalog is None:
            count = sum(1 for _ in found)
        else:
            changes = save_items(catalog, found, durable=True)
            count = changes.added + changes.changed + changes.unchanged
    if not count:
        raise Failure(f"no product matches; {selection.hint}")
    tell(f"{plural(count, 'product')} found")
    if catalog is not None:
        tell(f"{settings.catalog}: {changes.added} new, {changes.changed} changed")
    if not as_json:
        _tell_next(settings, selection, level=level, is_saved=catalog is not None)
    return ExitCode.DONE


def _tell_next(settings: Settings, selection: Selection, *, level: str, is_saved: bool) -> None:
    """Scenes are ordered, or what Theia has made of them is looked for, saved and fetched."""
    if level == "L2A" and is_saved:
        tell_next("download", "fetches them")
    elif settings.provider == "peps" or settings.processes_url is not None:
        tell_next(f"order {selection.words}", "orders MAJA for them")
    else:
        words = f"search {selection.words} --level L2A --save"
        before = f"--provider {settings.provider}"
        tell_next(words, "saves what Theia has made of them, to download", before=before)


def printed(items: "Iterable[pystac.Item]", *, as_json: bool) -> "Iterator[pystac.Item]":
    """The same Items, printed as they pass."""
    shown: Stream = LongCollection() if as_json else LongTable(HEADER, row, spare=SPARE)
    for item in items:
        shown.add(item)
        yield item
    shown.end()


def item_collection(items: "Iterable[pystac.Item]") -> dict[str, object]:
    """The Items as one GeoJSON document, as `--json` prints them."""
    return {"type": "FeatureCollection", "features": [feature(item) for item in items]}


def row(item: "pystac.Item") -> tuple[str, ...]:
    """One line of the table, in the order of `HEADER`; a dash for what is not known."""
    said = item.properties
    cloud = said.get("eo:cloud_cover")
    return (
        item.id,
        day_text(item.datetime),
        "-" if cloud is None else f"{cloud:.1f}",
        str(said.get("sat:relative_orbit", "-")),
        str(said.get("grid:code", "-")).removeprefix("MGRS-"),
    )
