"""`peps-stac download`: from finished orders to L2A Items with their files."""

from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from peps_stac.cli.assets import asset_choice, asset_options
from peps_stac.cli.completing import scenes
from peps_stac.cli.connect import connected, open_catalog
from peps_stac.cli.durations import duration
from peps_stac.cli.l1c_download import How, download_scenes, refuse_assets
from peps_stac.cli.live import orders_and_bars
from peps_stac.cli.next_steps import after_products, nothing_ordered
from peps_stac.cli.offers import fetch_offers
from peps_stac.cli.options import auth_option, json_option
from peps_stac.cli.output import plural, print_json, tell
from peps_stac.cli.progress import progress_bars
from peps_stac.cli.selection import Selection, SelectionCommand, selection_options
from peps_stac.cli.settings import Settings, load_settings
from peps_stac.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from peps_stac.cli.progress import Reports
    from peps_stac.store import Catalog
    from peps_stac.workflow import Outcome, TrackedOrder

_L1C, _L2A = "sentinel-2-l1c", "sentinel-2-l2a-maja"


EXAMPLES = (
    ("Fetch what is finished, and wait for the rest", "peps-stac download --watch"),
    (
        "Keep the files as MAJA wrote them, without the SRE bands",
        "peps-stac download --assets raw --exclude 'SRE_*'",
    ),
    (
        "The archive of a scene, brought from tape",
        "peps-stac download --collection sentinel-2-l1c -t 31TCJ --limit 1",
    ),
)


@click.command("download", cls=SelectionCommand, examples=EXAMPLES)
@click.argument("names", nargs=-1, metavar="[ID|-]...", shell_complete=scenes)
@click.option(
    "--collection",
    type=click.Choice((_L2A, _L1C)),
    default=_L2A,
    show_default=True,
    help="sentinel-2-l1c for the archives of scenes, which the service brings from tape.",
)
@click.option(
    "--parallel",
    type=click.IntRange(min=1),
    default=2,
    metavar="N",
    show_default=True,
    help="Files that are fetched at once.",
)
@click.option("--watch", is_flag=True, help="Wait for the orders that still run.")
@click.option(
    "--interval",
    type=duration,
    default="60",
    metavar="TIME",
    show_default=True,
    help="Time between two rounds of asking: 90, 90s, 15m, 2h.",
)
@click.option(
    "--timeout",
    type=duration,
    metavar="TIME",
    help="Wait no longer for orders (with --watch) or for the tape (default there: 6h).",
)
@asset_options
@selection_options
@json_option
@auth_option
def command(  # noqa: PLR0913 -- the options of the command
    names: tuple[str, ...],
    selection: Selection,
    *,
    collection: str,
    parallel: int,
    interval: float,
    timeout: float | None,
    watch: bool,
    as_json: bool,
    auth: Path | None,
    **assets: Any,  # noqa: ANN401 -- the options of assets
) -> int:
    """Fetch what is finished, check it, and add it to the catalog.

    What is finished are orders that succeeded, and products of Theia that a search of level L2A
    has saved.

    Rasters become COGs; with --assets raw archives are unpacked, with --assets zip they are kept.

    With --collection sentinel-2-l1c, fetch the archives of L1C scenes: of those in the catalog
    that the selection options choose, of ids, or (-) of ids or Items on stdin. All are asked for
    at first, which makes the service bring them from tape, and fetched as they come. Each is kept
    beside its Item.

    May be stopped at any moment: the same command goes on where it was, and does nothing twice.

    The exit code is 3 when some orders still run or scenes are still on tape, 4 when some
    products failed or were left for a quota and some did not, 1 when all were, else 0. A scene
    too cloudy for MAJA is no failure.
    """
    settings = load_settings(auth=auth)
    if collection == _L1C:
        refuse_assets(assets)
        how = How(parallel=parallel, interval_s=interval, timeout_s=timeout, as_json=as_json)
        return download_scenes(settings, names, selection, how)
    if names or not selection.is_empty:
        message = "ids and selection options choose L1C scenes: add --collection sentinel-2-l1c"
        raise RequestError(f"{message}, or leave them out to fetch all that is finished")
    rounds = {"interval_s": interval, "timeout_s": timeout} if watch else {}
    how_made = {"assets": asset_choice(assets), "parallel": parallel}
    return _download_products(settings, rounds, how_made, as_json=as_json)


def _download_products(
    settings: Settings, rounds: dict[str, Any], how: dict[str, Any], *, as_json: bool
) -> int:
    """Fetch what MAJA has finished, and what is offered; the exit code."""
    from peps_stac.cli.outcomes import exit_code, show_outcomes
    from peps_stac.stac.collections import OFFER_COLLECTION
    from peps_stac.workflow import tracked

    catalog = open_catalog(settings)
    orders = tracked(catalog)
    if not orders and OFFER_COLLECTION not in catalog.collections():
        tell(f"{settings.catalog}: nothing ordered yet")
        nothing_ordered()
        if as_json:
            print_json([])
        return 0
    with _shown(orders if rounds else ()) as (waiting, reports):
        rounds = rounds | waiting if rounds else rounds
        how = how | {"tell": tell, "report": reports.fetching, "report_step": reports.making}
        outcomes = chain(
            fetch_offers(settings, catalog, how, is_alone=not orders),
            _ordered(settings, catalog, rounds, how) if orders else (),
        )
        last = show_outcomes(reports.until_ended(outcomes), as_json=as_json)
    running = sum(entry.is_unfinished for entry in tracked(catalog))
    if running:
        tell(f"{plural(running, 'order')} still running; come back, or use --watch")
    elif not last:
        tell("nothing new to download")
    elif not as_json:
        after_products(last.values())
    return exit_code(last.values(), running=running)


@contextmanager
def _shown(
    orders: "tuple[TrackedOrder, ...]",
) -> "Iterator[tuple[dict[str, Any], Reports]]":
    """What shows the orders that are waited for, and the files below them; only files of none."""
    if not orders:
        with progress_bars() as reports:
            yield {}, reports
        return
    with orders_and_bars(orders) as (view, reports):
        yield {"sleep": view.sleep, "report_orders": view.show}, reports


def _ordered(
    settings: Settings, catalog: "Catalog", rounds: dict[str, Any], how: dict[str, Any]
) -> "Iterator[Outcome]":
    """What was ordered, in one round or in many."""
    from peps_stac.workflow import download, download_as_they_finish

    verb = download_as_they_finish if rounds else download
    with connected(replace(settings, provider="peps"), login=True) as client:
        yield from verb(client, catalog, **rounds, **how)
