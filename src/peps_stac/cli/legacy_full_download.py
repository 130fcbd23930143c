"""`full-maja-download`: the old name of `peps-stac download`, for the series of a log."""

from pathlib import Path

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
from peps_stac.cli.legacy_files import read_log
from peps_stac.cli.legacy_orders import adopt_log, order_by_id
from peps_stac.cli.legacy_standing import show_scenes
from peps_stac.cli.settings import load_settings
from peps_stac.errors import RequestError


@click.command("full-maja-download", cls=LegacyCommand)
@write_dir_option
@old_auth_option
@click.option(
    "-l",
    "--log",
    type=click.Path(path_type=Path, dir_okay=False),
    default="Full_Maja.log",
    show_default=True,
    metavar="FILE",
    help="The log that full-maja-process wrote.",
)
def command(write_dir: Path, auth: Path | None, log: Path) -> int:
    """Fetch a finished series: the old name of peps-stac download.

    A series that the catalog does not know is taken over from its log; its tile and dates come
    from there or from the service's list of jobs.

    The exit code is 3 while the series runs, 4 when some dates failed and some did not, 1 when
    all failed, else 0.
    """
    reply = read_log(log)
    if reply is None:
        message = f"-l: no log {log}; give the one that full-maja-process wrote, or, when that "
        raise RequestError(f"{message}series still waits for others, run the same line of it again")
    write_dir.mkdir(parents=True, exist_ok=True)
    use_catalog_in(write_dir)
    settings = load_settings(auth=auth)
    catalog = open_catalog(settings)
    if order_by_id(catalog, reply.job_id) is None:
        with connected(settings, login=True) as client:
            adopt_log(client, catalog, log)
    entry = order_by_id(catalog, reply.job_id)
    if entry is None:
        raise Failure(f"{log}: its job {reply.job_id} is not in {catalog.root}; nothing to fetch")
    run_line("download", *auth_words(auth))
    return show_scenes(catalog, entry.item_ids)
