"""`peps-maja-download`: the old name of `peps-stac download`, for the products of a list."""

from pathlib import Path
from typing import TYPE_CHECKING

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
from peps_stac.cli.legacy_files import Launch, find_launch, read_product_list
from peps_stac.cli.legacy_orders import find_scene, is_known, orders_by_item, take_over
from peps_stac.cli.legacy_standing import show_scenes
from peps_stac.cli.output import tell
from peps_stac.cli.settings import load_settings
from peps_stac.errors import RequestError

if TYPE_CHECKING:
    from peps_stac.peps.client import PepsClient
    from peps_stac.store import Catalog


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
    names = read_product_list(prod_list)
    use_catalog_in(write_dir)
    settings = load_settings(auth=auth)
    catalog = open_catalog(settings)
    folders = dict.fromkeys((write_dir, prod_list.parent, Path()))
    launches = _unknown(catalog, names, list(folders))
    if launches:
        with connected(settings, login=True) as client:
            for name, launch in launches.items():
                _take_over_one(client, catalog, name, launch)
    run_line("download", *auth_words(auth))
    return show_scenes(catalog, names)


def _unknown(catalog: "Catalog", names: tuple[str, ...], folders: list[Path]) -> dict[str, Launch]:
    """The logs of the products that stand for no order in the catalog."""
    known = orders_by_item(catalog)
    found = {name: _log_of(name, folders) for name in names if name not in known}
    return {name: launch for name, launch in found.items() if launch is not None}


def _log_of(name: str, folders: list[Path]) -> Launch | None:
    for folder in folders:
        try:
            launch = find_launch(folder / f"{name}.log")
        except RequestError as error:
            tell(str(error))
            continue
        if launch is not None:
            return launch
    return None


def _take_over_one(client: "PepsClient", catalog: "Catalog", name: str, launch: Launch) -> None:
    if not is_known(client, launch, f"{name}.log"):
        return
    item = find_scene(client, name)
    if item is None:
        tell(f"{name}: no such L1C product on the service, so its order is left alone")
    elif take_over(catalog, launch.of_product(name), [item]):
        tell(f"{name}: order {launch.job_id} taken over from its log")
