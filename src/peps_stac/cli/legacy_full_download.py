"""`full-maja-download`: the old name of `peps-stac download`, for the series of a log."""

from pathlib import Path
from typing import TYPE_CHECKING

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
from peps_stac.cli.legacy_files import Launch, find_launch
from peps_stac.cli.legacy_orders import (
    find_scenes,
    is_known,
    launch_inputs,
    order_by_id,
    take_over,
)
from peps_stac.cli.legacy_standing import show_scenes
from peps_stac.cli.output import plural, tell
from peps_stac.cli.settings import Settings, load_settings
from peps_stac.errors import RequestError

if TYPE_CHECKING:
    from peps_stac.store import Catalog


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
    launch = find_launch(log)
    if launch is None:
        raise RequestError(f"-l: no log {log}; give the one that full-maja-process wrote")
    write_dir.mkdir(parents=True, exist_ok=True)
    use_catalog_in(write_dir)
    settings = load_settings(auth=auth)
    catalog = open_catalog(settings)
    if order_by_id(catalog, launch.job_id) is None:
        _take_over_series(settings, catalog, launch, log)
    run_line("download", *auth_words(auth))
    entry = order_by_id(catalog, launch.job_id)
    if entry is None:
        raise Failure(f"{log}: the scenes of job {launch.job_id} stand for other orders")
    return show_scenes(catalog, entry.item_ids)


def _take_over_series(settings: Settings, catalog: "Catalog", launch: Launch, log: Path) -> None:
    """Write the job of a log on the scenes of its series.

    Raises:
        RequestError: The service does not know the job, or nothing tells its tile and dates.
    """
    with connected(settings, login=True) as client:
        if not is_known(client, launch, str(log)):
            raise RequestError(f"{log}: the service does not know job {launch.job_id}; order again")
        inputs = launch_inputs(client, launch)
        if "tileid" not in inputs:
            message = f"{log}: neither it nor the service's list of jobs tells tile and dates of "
            raise RequestError(f"{message}job {launch.job_id}; run peps-stac adopt --help")
        scenes = find_scenes(client, inputs)
        count = take_over(catalog, launch.of_series(inputs), scenes)
        tell(f"{log}: order {launch.job_id} of {plural(count, 'product')} taken over")
