"""`full-maja-process`: the old name of `peps-stac order --series`."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from peps_stac.cli.connect import connected, open_catalog
from peps_stac.cli.errors import ExitCode, Failure, share_failed
from peps_stac.cli.legacy import (
    LegacyCommand,
    auth_words,
    old_auth_option,
    say_line,
    use_catalog_in,
)
from peps_stac.cli.legacy_files import read_log
from peps_stac.cli.legacy_orders import adopt_log, order_by_id, write_items, write_log
from peps_stac.cli.output import tell
from peps_stac.cli.plans import show_plan
from peps_stac.cli.settings import Settings, load_settings
from peps_stac.errors import RequestError

if TYPE_CHECKING:
    import pystac

    from peps_stac.domain import FullMajaRequest
    from peps_stac.provider.interface import Service
    from peps_stac.store import Catalog
    from peps_stac.workflow import OrderPlan, TrackedOrder

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
FIRST_DAY = date(2016, 4, 1)
SHORTEST_DAYS, LONGEST_DAYS = 55, 366
"""One log is one job, and one job takes no more and no less (rules of the old script)."""


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
    words = ["-t", str(request.tile), "--datetime", f"{request.start}/{request.end}"]
    words += [] if orbit is None else ["-o", str(orbit)]
    # The old script never asked: a series is one job, of one tile and at most a year.
    leave = "--dry-run" if dry_run else "--yes"
    say_line("order", "--series", *words, leave, *auth_words(auth))
    with connected(settings, login=not dry_run) as client:
        items = _scenes(client, request)
        if search_json is not None:
            write_items(search_json, items)
        if not dry_run:
            _take_over_log(client, catalog, log)
        plan = _plan(catalog, request, items)
        show_plan(plan, settings)
        if dry_run:
            tell("nothing was sent (-n)")
            return ExitCode.DONE
        try:
            if plan.planned:
                return _submit(client, catalog, plan)
            return _send_planned(client, catalog, request)
        finally:
            _write_log(settings, catalog, request, log)


def _scenes(client: "Service", request: "FullMajaRequest") -> "list[pystac.Item]":
    """The L1C Items of the series on the service.

    Raises:
        Failure: None at all.
    """
    from peps_stac.domain import SearchQuery
    from peps_stac.domain.instants import day_start
    from peps_stac.workflow import search

    query = SearchQuery(
        tiles=(request.tile,),
        start=day_start(request.start),
        end=day_start(request.end + timedelta(days=1)) - timedelta(milliseconds=1),
        relative_orbit=request.relative_orbit,
    )
    items = list(search(client, query, tell=tell))
    if not items:
        raise Failure("no product matches; widen the period or check the tile and the orbit")
    return items


def _take_over_log(client: "Service", catalog: "Catalog", log: Path) -> None:
    """Take over the job of a log that is already there, so that nothing is ordered twice."""
    try:
        reply = read_log(log)
    except RequestError:
        return
    if reply is not None and order_by_id(catalog, reply.job_id) is None:
        adopt_log(client, catalog, log)


def _plan(
    catalog: "Catalog", request: "FullMajaRequest", items: "list[pystac.Item]"
) -> "OrderPlan":
    """One job, exactly as asked for, for the scenes that are not ordered or here already.

    `plan_series` is not for this: it also adds the dates that MAJA needs for a good start.
    """
    from peps_stac.workflow import OrderPlan, Planned, plan_orders

    single = plan_orders(catalog, items)
    scenes = tuple(item for one in single.planned for item in one.items)
    planned = (Planned(request, scenes),) if scenes else ()
    return OrderPlan(planned, single.refused, ())


def _submit(client: "Service", catalog: "Catalog", plan: "OrderPlan") -> ExitCode:
    from peps_stac.cli import orders
    from peps_stac.workflow import submit

    entries = []
    for entry in submit(client, catalog, plan, tell=tell):
        entries.append(entry)
        if entry.is_planned:
            tell(f"{orders.subject(entry)}: waits for other series; run the same line again later")
        else:
            name = entry.order.id or "unconfirmed"
            tell(f"{orders.subject(entry)}: {orders.status(entry)}, order {name}")
    failed = sum(orders.has_failed(entry.order) for entry in entries)
    return share_failed(failed=failed, succeeded=len(entries) - failed)


def _send_planned(client: "Service", catalog: "Catalog", request: "FullMajaRequest") -> ExitCode:
    """Send what waited for others, if this series is among them and there is a place now."""
    from peps_stac.cli import orders
    from peps_stac.workflow import refresh, send_planned

    entry = _entry_of(catalog, request)
    if entry is not None and entry.is_planned:
        list(refresh(client, catalog, tell=tell))
        for sent in send_planned(client, catalog, tell=tell):
            tell(f"{orders.subject(sent)}: {orders.status(sent)}, order {sent.order.id}")
    return ExitCode.DONE


def old_series(tile: str, start: str, end: str, orbit: int | None) -> "FullMajaRequest":
    """The one job that an old line asks for.

    Raises:
        RequestError: Not a tile, not dates, or a period that is not one job.
    """
    from peps_stac.domain import FullMajaRequest, MgrsTile

    request = FullMajaRequest(
        MgrsTile.parse(tile), _day(start, "-d"), _day(end, "-e"), relative_orbit=orbit
    )
    if request.start < FIRST_DAY:
        message = f"-d {start}: MAJA on PEPS has nothing before {FIRST_DAY}"
        raise RequestError(f"{message}; start there or later")
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
