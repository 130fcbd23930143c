"""`full-maja-process`: the old name of `peps-stac order --series`."""

import re
from datetime import date
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
)
from peps_stac.cli.legacy_files import find_launch, write_whole
from peps_stac.cli.legacy_orders import (
    find_scenes,
    launch_inputs,
    order_by_id,
    take_over,
    write_log,
)
from peps_stac.cli.output import plural, tell
from peps_stac.cli.settings import Settings, load_settings
from peps_stac.errors import RequestError

if TYPE_CHECKING:
    from peps_stac.domain import FullMajaRequest
    from peps_stac.store import Catalog
    from peps_stac.workflow import TrackedOrder

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
SHORTEST_DAYS, LONGEST_DAYS = 55, 366
"""One log is one job, and one job takes no more and no less (rule of the old script)."""


@click.command("full-maja-process", cls=LegacyCommand)
@old_auth_option
@click.option(
    "-n", "--no_download", "dry_run", is_flag=True, help="Only show what would be ordered."
)
@click.option(
    "-d", "--start_date", "start", required=True, metavar="DATE", help="First day: 2018-01-01."
)
@click.option("-t", "--tile", required=True, metavar="TILE", help="31TCJ or T31TCJ.")
@click.option("-o", "--orbit", type=int, metavar="N", help="Relative orbit, 1 to 143.")
@click.option(
    "-e",
    "--end_date",
    "end",
    required=True,
    metavar="DATE",
    help="Last day, included, 55 to 366 days after the first.",
)
@click.option(
    "-l",
    "--log",
    type=click.Path(path_type=Path, dir_okay=False),
    default="Full_Maja.log",
    show_default=True,
    metavar="FILE",
    help="Where the service's answer is written; full-maja-download reads it.",
)
@click.option(
    "--json",
    "search_json",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where the scenes of the series are written, as an ItemCollection.",
)
def command(  # noqa: PLR0913 -- the options of the old script
    *,
    start: str,
    end: str,
    tile: str,
    orbit: int | None,
    log: Path,
    search_json: Path | None,
    auth: Path | None,
    dry_run: bool,
) -> int:
    """Order MAJA for a series of one tile: the old name of peps-stac order --series.

    The catalog is ./catalog, unless PEPS_STAC_CATALOG names one.
    """
    request = old_series(tile, start, end, orbit)
    use_catalog_in(Path())
    settings = load_settings(auth=auth)
    catalog = open_catalog(settings)
    if search_json is not None:
        _write_scenes(settings, request, search_json)
    if not dry_run:
        _take_over_log(settings, catalog, request, log)
    words = ["-t", str(request.tile), "--datetime", f"{request.start}/{request.end}"]
    words += [] if orbit is None else ["-o", str(orbit)]
    # The old script never asked: a series is one job, of one tile and at most a year.
    leave = "--dry-run" if dry_run else "--yes"
    try:
        return run_line("order", "--series", *words, leave, *auth_words(auth))
    finally:
        if not dry_run:
            _write_log(settings, catalog, request, log)


def old_series(tile: str, start: str, end: str, orbit: int | None) -> "FullMajaRequest":
    """The one job that an old line asks for.

    Raises:
        RequestError: Not a tile, not dates, or a period that is not one job.
    """
    from peps_stac.domain import FullMajaRequest, MgrsTile

    request = FullMajaRequest(
        MgrsTile.parse(tile), _day(start, "-d"), _day(end, "-e"), relative_orbit=orbit
    )
    days = (request.end - request.start).days
    if not SHORTEST_DAYS <= days <= LONGEST_DAYS:
        message = f"-d {start} -e {end}: {days} days are not {SHORTEST_DAYS} to {LONGEST_DAYS}"
        raise RequestError(f"{message}; peps-stac order --series takes what is longer")
    return request


def _day(text: str, option: str) -> date:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise RequestError(f"{option}: no such date: {text!r}; write YYYY-MM-DD, e.g. 2018-01-01")


def _write_scenes(settings: Settings, request: "FullMajaRequest", path: Path) -> None:
    import orjson

    from peps_stac.cli.search import item_collection

    with connected(settings) as client:
        items = find_scenes(client, request.inputs)
    document = orjson.dumps(item_collection(items), option=orjson.OPT_INDENT_2)
    write_whole(path, f"{document.decode()}\n", "--json")
    tell(f"{path}: {plural(len(items), 'product')}")


def _take_over_log(
    settings: Settings, catalog: "Catalog", request: "FullMajaRequest", log: Path
) -> None:
    """Take over the series of a log that is already there, when it is the one asked for."""
    try:
        launch = find_launch(log)
    except RequestError as error:
        tell(str(error))
        return
    if launch is None or order_by_id(catalog, launch.job_id):
        return
    with connected(settings, login=True) as client:
        inputs = launch_inputs(client, launch)
        if inputs == request.inputs:
            count = take_over(catalog, launch.of_series(inputs), find_scenes(client, inputs))
            tell(f"{log}: order {launch.job_id} of {plural(count, 'product')} taken over")


def _write_log(
    settings: Settings, catalog: "Catalog", request: "FullMajaRequest", log: Path
) -> None:
    entry = _entry_of(catalog, request)
    if entry is not None and write_log(log, entry, settings.peps_url):
        tell(f"{log}: the log; full-maja-download -l {log} -w DIR fetches the products")


def _entry_of(catalog: "Catalog", request: "FullMajaRequest") -> "TrackedOrder | None":
    """The newest order of this series."""
    from peps_stac.workflow import tracked

    same = [one for one in tracked(catalog) if one.order.inputs == request.inputs]
    return same[-1] if same else None
