"""`peps-stac download`: from finished orders to L2A Items with their files."""

from pathlib import Path
from typing import Any

import click

from peps_stac.cli.assets import asset_choice, asset_options
from peps_stac.cli.connect import connected, open_catalog
from peps_stac.cli.durations import duration
from peps_stac.cli.options import auth_option, json_option
from peps_stac.cli.output import plural, print_json, tell
from peps_stac.cli.progress import progress_bars
from peps_stac.cli.settings import load_settings


@click.command("download")
@click.option("--watch", is_flag=True, help="Wait for the orders that still run.")
@click.option(
    "--interval",
    type=duration,
    default="60",
    metavar="TIME",
    show_default=True,
    help="With --watch, time between two rounds: 90, 90s, 15m, 2h.",
)
@click.option("--timeout", type=duration, metavar="TIME", help="With --watch, give up after it.")
@asset_options
@json_option
@auth_option
def command(
    interval: float,
    timeout: float | None,
    *,
    watch: bool,
    as_json: bool,
    auth: Path | None,
    **assets: Any,  # noqa: ANN401 -- the options of assets
) -> int:
    """Fetch what is finished, check it, and add it to the catalog.

    Rasters become COGs; with --assets raw archives are unpacked, with --assets zip they are kept.

    May be stopped at any moment: the same command goes on where it was, and does nothing twice.

    The exit code is 3 when some orders still run, 4 when some products failed and some did not,
    1 when all failed, else 0. A scene too cloudy for MAJA is no failure.
    """
    from peps_stac.cli.outcomes import exit_code, show_outcomes
    from peps_stac.workflow import download, download_as_they_finish, tracked

    settings = load_settings(auth=auth)
    catalog = open_catalog(settings)
    if not tracked(catalog):
        tell(f"{settings.catalog}: nothing ordered yet")
        if as_json:
            print_json([])
        return 0
    choice = asset_choice(assets)
    with connected(settings, login=True) as client, progress_bars() as reports:
        if watch:
            outcomes = download_as_they_finish(
                client,
                catalog,
                interval_s=interval,
                timeout_s=timeout,
                assets=choice,
                tell=tell,
                report=reports.fetching,
                report_step=reports.making,
            )
        else:
            outcomes = download(
                client,
                catalog,
                assets=choice,
                tell=tell,
                report=reports.fetching,
                report_step=reports.making,
            )
        last = show_outcomes(outcomes, as_json=as_json)
    running = sum(entry.is_unfinished for entry in tracked(catalog))
    if running:
        tell(f"{plural(running, 'order')} still running; come back, or use --watch")
    elif not last:
        tell("nothing new to download")
    return exit_code(last.values(), running=running)
