"""`peps-maja-download`: the old name of `peps-stac download`, for the products of a list."""

from pathlib import Path

import click

from peps_stac.cli.connect import connected, open_catalog
from peps_stac.cli.legacy import (
    LegacyCommand,
    auth_words,
    old_auth_option,
    run_line,
    use_catalog_in,
    write_dir_option,
)
from peps_stac.cli.legacy_files import read_list
from peps_stac.cli.legacy_orders import adopt_log, orders_by_item
from peps_stac.cli.legacy_standing import show_scenes
from peps_stac.cli.settings import load_settings


@click.command("peps-maja-download", cls=LegacyCommand)
@click.option(
    "-p",
    "--prod_list",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="The product list that peps-maja-process wrote.",
)
@write_dir_option
@old_auth_option
def command(prod_list: Path, write_dir: Path, auth: Path | None) -> int:
    """Fetch what is finished: the old name of peps-stac download.

    Orders that the catalog does not know are taken over from the logs of their submission,
    which are looked for in the write directory, beside the list and in the current directory.

    The exit code is 3 when some products of the list still run, 4 when some failed and some did
    not, 1 when all failed, else 0.
    """
    names = read_list(prod_list)
    use_catalog_in(write_dir)
    settings = load_settings(auth=auth)
    catalog = open_catalog(settings)
    known = orders_by_item(catalog)
    folders = tuple(dict.fromkeys((write_dir, prod_list.parent, Path())))
    logs = [log for name in names if name not in known and (log := _log_of(name, folders))]
    if logs:
        with connected(settings, login=True) as client:
            for log in logs:
                adopt_log(client, catalog, log)
    run_line("download", *auth_words(auth))
    return show_scenes(catalog, names)


def _log_of(name: str, folders: tuple[Path, ...]) -> Path | None:
    """The log of a product, in the first of the folders that has one."""
    paths = (folder / f"{name}.log" for folder in folders)
    return next((path for path in paths if path.is_file()), None)
