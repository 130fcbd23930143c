"""`peps-maja-process`: the old name of `peps-stac order`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from peps_stac.cli.connect import connected, open_catalog
from peps_stac.cli.errors import Failure
from peps_stac.cli.legacy import (
    LegacyCommand,
    auth_words,
    old_auth_option,
    run_line,
    use_catalog_in,
    write_dir_option,
)
from peps_stac.cli.legacy_files import write_list
from peps_stac.cli.legacy_orders import adopt_log, orders_by_item, write_items, write_log
from peps_stac.cli.legacy_selection import old_selection, selection_words
from peps_stac.cli.output import plural, tell
from peps_stac.cli.settings import Settings, load_settings
from peps_stac.errors import RequestError

if TYPE_CHECKING:
    import pystac

    from peps_stac.cli.selection import Selection
    from peps_stac.store import Catalog

ASK_FROM = 10
"""Products from which on the old script asked."""


@click.command("peps-maja-process", cls=LegacyCommand)
@click.option("-l", "--location", metavar="TEXT", help="Town name.")
@old_auth_option
@write_dir_option
@click.option(
    "-n",
    "--no_download",
    "dry_run",
    is_flag=True,
    help="Only write the product list and show what would be ordered.",
)
@click.option("-d", "--start_date", "start", metavar="DATE", help="First day: 2015-12-22.")
@click.option("-t", "--tile", metavar="TILE", help="31TCJ or T31TCJ; wins over every place.")
@click.option("--lat", type=float, metavar="Y", help="Latitude of a point, degrees.")
@click.option("--lon", type=float, metavar="X", help="Longitude of a point, degrees.")
@click.option("--latmin", type=float, metavar="Y", help="South edge of a box.")
@click.option("--latmax", type=float, metavar="Y", help="North edge of a box.")
@click.option("--lonmin", type=float, metavar="X", help="West edge of a box.")
@click.option("--lonmax", type=float, metavar="X", help="East edge of a box.")
@click.option("-o", "--orbit", type=int, metavar="N", help="Relative orbit, 1 to 143.")
@click.option(
    "-f",
    "--end_date",
    "end",
    metavar="DATE",
    help="End: that day at 00:00, so that the day itself is NOT included.",
)
@click.option(
    "-p",
    "--prod_list",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="Where the names of the products are written.",
)
@click.option(
    "--json",
    "search_json",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where the search results are written, as an ItemCollection.",
)
@click.option("--windows", is_flag=True, help="Not needed any more.")
def command(  # noqa: PLR0913 -- the options of the old script
    auth: Path | None,
    write_dir: Path,
    prod_list: Path,
    search_json: Path | None,
    *,
    dry_run: bool,
    windows: bool,
    **place: Any,  # noqa: ANN401 -- text and numbers
) -> int:
    """Order MAJA for the products of a search: the old name of peps-stac order.

    Asks from ten products on; `yes` may also come from a pipe. Writes the product list, and a
    log for each order into the write directory.
    """
    del windows
    selection = old_selection(**place)
    if not write_dir.is_dir():
        raise RequestError(f"-w: the directory {write_dir} does not exist; make it first")
    use_catalog_in(write_dir)
    settings = load_settings(auth=auth)
    catalog = open_catalog(settings)
    items = _search(settings, selection)
    write_list(prod_list, (item.id for item in items))
    tell(f"{prod_list}: {plural(len(items), 'product')}")
    if search_json is not None:
        write_items(search_json, items)
    if not dry_run:
        _take_over_logs(settings, catalog, items, write_dir)
        _confirm(catalog, items)
    leave = ["--dry-run"] if dry_run else ["--yes"]
    try:
        return run_line("order", *selection_words(selection), *leave, *auth_words(auth))
    finally:
        if not dry_run:
            _write_logs(settings, catalog, items, write_dir)


def _search(settings: Settings, selection: "Selection") -> "list[pystac.Item]":
    """What the service finds.

    Raises:
        Failure: Nothing.
    """
    from peps_stac.workflow import search

    with connected(settings) as client:
        # What is odd about the answer is said by `order`, which searches the same.
        items = list(search(client, selection.query()))
    if not items:
        raise Failure(f"no product matches; {selection.hint}")
    return items


def _take_over_logs(
    settings: Settings, catalog: "Catalog", items: "list[pystac.Item]", folder: Path
) -> None:
    """Take over what the old script has ordered, so that nothing is ordered twice."""
    known = orders_by_item(catalog)
    paths = [folder / f"{item.id}.log" for item in items if item.id not in known]
    logs = [path for path in paths if path.is_file()]
    if logs:
        with connected(settings, login=True) as client:
            for log in logs:
                adopt_log(client, catalog, log)


def _confirm(catalog: "Catalog", items: "list[pystac.Item]") -> None:
    """Ask from ten products on, as the old script did: only `yes` goes on.

    Raises:
        RequestError: No answer.
        Failure: Another answer.
    """
    from peps_stac.workflow import plan_orders

    count = plan_orders(catalog, items).products
    if count < ASK_FROM:
        return
    click.echo(f"You are about to order {count} products, please confirm (yes/no): ", err=True)
    answer = sys.stdin.readline()
    if not answer:
        message = f"{count} products are {ASK_FROM} or more and nobody answered"
        raise RequestError(f"{message}; pipe yes into it, or use peps-stac order --yes")
    if answer.strip().lower() != "yes":
        raise Failure("nothing was ordered")


def _write_logs(
    settings: Settings, catalog: "Catalog", items: "list[pystac.Item]", folder: Path
) -> None:
    known = orders_by_item(catalog)
    entries = {item.id: known[item.id] for item in items if item.id in known}
    written = [
        write_log(folder / f"{name}.log", entry, settings.peps_url)
        for name, entry in entries.items()
    ]
    if any(written):
        tell(f"{folder}: {plural(sum(written), 'log')} of these products")
