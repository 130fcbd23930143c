"""`peps-stac order`: have scenes processed."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from peps_stac.cli.completing import scenes
from peps_stac.cli.connect import connected, finished_elsewhere, open_catalog
from peps_stac.cli.errors import ExitCode, Failure
from peps_stac.cli.ids import Named, read_names
from peps_stac.cli.next_steps import tell_next
from peps_stac.cli.options import auth_option, cache_option, json_option
from peps_stac.cli.output import print_json, tell
from peps_stac.cli.plans import show_plan
from peps_stac.cli.selection import Selection, SelectionCommand, selection_options
from peps_stac.cli.settings import load_settings
from peps_stac.cli.submission import (
    confirm,
    keep_offers,
    refusals,
    series_options,
    tell_sent,
    yes_option,
)
from peps_stac.clock import utc_now
from peps_stac.errors import RequestError

if TYPE_CHECKING:
    import pystac

    from peps_stac.provider.interface import Service
    from peps_stac.store import Catalog
    from peps_stac.workflow import OrderPlan, TrackedOrder


EXAMPLES = (
    (
        "What would be ordered, how long it takes and what it needs",
        "peps-stac order -t 31TCJ --datetime 2017-11-01/2017-11-30 --dry-run",
    ),
    (
        "Order it, without a question",
        "peps-stac order -t 31TCJ --datetime 2017-11-01/2017-11-30 --yes",
    ),
    (
        "A season as a series: few jobs instead of one a scene",
        "peps-stac order -t 31TCJ --datetime 2017-10-01/2017-12-31 --series --yes",
    ),
    (
        "What another command has found",
        "peps-stac search -t 31TCJ -d 2017-12-20 --json | peps-stac order -",
    ),
)


@click.command("order", cls=SelectionCommand, examples=EXAMPLES)
@click.argument("names", nargs=-1, metavar="[ID|-]...", shell_complete=scenes)
@selection_options
@series_options
@click.option("--again", is_flag=True, help="Order also what is ordered or catalogued already.")
@click.option("--dry-run", is_flag=True, help="Show what would be ordered; send nothing.")
@yes_option
@json_option
@auth_option
@cache_option
def command(  # noqa: PLR0913 -- the options of the command
    names: tuple[str, ...],
    selection: Selection,
    *,
    series: bool,
    lead_in: int,
    max_open: int,
    again: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    auth: Path | None,
    no_cache: bool,
) -> int:
    """Order MAJA processing of scenes, each once.

    Say which with the selection options (the service is searched and what is ordered is saved in
    the catalog), with L1C ids, or with - for ids, an Item or an ItemCollection on stdin.

    A series computes each date once, a job per scene about eight dates for each. Its products are
    better after some dates, so each job begins 60 days before the days that are kept; a period
    shorter than the 55 days that FULL_MAJA takes is widened backwards the same way.

    The exit code is 4 when the service refused some orders and took some, 1 when it took none
    or nothing matches, else 0. What is refused beforehand, with a reason, is no failure.
    """
    from peps_stac.workflow import save

    settings = load_settings(auth=auth, no_cache=no_cache)
    catalog = open_catalog(settings)
    period = series_window(selection) if series else None
    named = _named(names, selection)
    with connected(settings, login=not dry_run) as client, finished_elsewhere(settings) as theia:
        items = find_items(client, catalog, selection, named)
        looking = {"again": again, "elsewhere": theia}
        plan = _plan(catalog, items, selection, period, looking, lead_in=lead_in)
        if not as_json:
            show_plan(plan, settings, max_open=max_open)
        for warning in plan.warnings:
            tell(f"warning: {warning}")
        if dry_run:
            return answer_plan(plan, as_json=as_json)
        confirm(plan, yes=yes)
        if not selection.is_empty:
            save(catalog, items)
        keep_offers(catalog, theia)
        entries = send(client, catalog, plan, max_open=max_open)
    return answer(plan, entries, as_json=as_json)


def _named(names: Sequence[str], selection: Selection) -> Named:
    """What the ids name; empty when the selection options speak.

    Raises:
        RequestError: Ids and options together, or neither.
    """
    if not names and selection.is_empty:
        raise RequestError("which scenes? give selection options (-t, -d, ...), ids, or -")
    if names and not selection.is_empty:
        raise RequestError("ids and selection options exclude each other; give one of the two")
    return read_names(names)


def series_window(selection: Selection) -> tuple[date, date]:
    """First and last day of a series, both included.

    Raises:
        RequestError: No tile, or a period without start or end.
    """
    start, end = selection.period()
    if not selection.tiles or start is None or end is None:
        message = "--series needs a tile and a period: -t 31TCJ --datetime 2017-10-01/2017-12-31"
        raise RequestError(message)
    # What a bare --end names is not included: the last day is the one before.
    return start.date(), (end - timedelta(microseconds=1)).date()


def find_items(
    client: "Service", catalog: "Catalog", selection: Selection, named: Named
) -> "list[pystac.Item]":
    """The L1C Items meant: found on the service, in the catalog, or given whole.

    Raises:
        RequestError: An id that neither the catalog nor the service knows.
        Failure: The selection matches nothing.
    """
    from peps_stac.workflow import search

    if selection.is_empty:
        items = [*named.items, *(_by_id(client, catalog, name) for name in named.ids)]
    else:
        items = list(search(client, selection.query(), tell=tell))
        if not items:
            raise Failure(f"no product matches; {selection.hint}")
    return [_with_what_is_known(catalog, item) for item in items]


def _with_what_is_known(catalog: "Catalog", item: "pystac.Item") -> "pystac.Item":
    """The Item with the order it has in the catalog, so that the plan is made with it."""
    from peps_stac.stac.collections import L1C_COLLECTION
    from peps_stac.stac.l1c import merged

    known = catalog.get(item.id, L1C_COLLECTION)
    return merged(item, known) if known else item


def _by_id(client: "Service", catalog: "Catalog", name: str) -> "pystac.Item":
    """The Item of an id: from the catalog, else found again on the service by tile and time."""
    from peps_stac.workflow.scenes import scene_named

    item = scene_named(client, catalog, name, tell=tell)
    if item is None:
        message = f"{name}: no such L1C product in {catalog.root} or on the service"
        raise RequestError(f"{message}; peps-stac search shows what there is")
    return item


def _plan(  # noqa: PLR0913 -- what the options say
    catalog: "Catalog",
    items: "list[pystac.Item]",
    selection: Selection,
    period: tuple[date, date] | None,
    looking: dict[str, Any],
    *,
    lead_in: int,
) -> "OrderPlan":
    from peps_stac.workflow import plan_orders, plan_series

    if period is None:
        return plan_orders(catalog, items, **looking)
    start, end = period
    return plan_series(
        catalog,
        items,
        start=start,
        end=end,
        relative_orbit=selection.orbit,
        lead_in_days=lead_in,
        **looking,
    )


def send(
    client: "Service", catalog: "Catalog", plan: "OrderPlan", *, max_open: int
) -> "list[TrackedOrder]":
    """Submit a plan, and say of each order where it stands; what was planned before goes first."""
    from peps_stac.workflow import submit
    from peps_stac.workflow.context import Context
    from peps_stac.workflow.order import catch_up

    catch_up(Context(client, catalog, utc_now, tell))
    entries = []
    for entry in submit(client, catalog, plan, max_open=max_open, tell=tell):
        entries.append(entry)
        tell_sent(entry)
    return entries


def answer_plan(plan: "OrderPlan", *, as_json: bool) -> ExitCode:
    """Print a plan that is not carried out."""
    from peps_stac.cli.plans import document

    if as_json:
        print_json({**document(plan), **refusals(plan)})
    else:
        tell("nothing was sent (--dry-run)")
    return ExitCode.DONE


def answer(plan: "OrderPlan", entries: "list[TrackedOrder]", *, as_json: bool) -> ExitCode:
    """Print what was ordered; the exit code."""
    from peps_stac.cli import orders
    from peps_stac.cli.errors import share_failed

    if as_json:
        print_json({"ordered": [orders.document(one) for one in entries], **refusals(plan)})
    elif entries:
        tell_next("download --watch", "fetches the products as they are ready")
    failed = sum(orders.has_failed(entry.order) for entry in entries)
    return share_failed(failed=failed, succeeded=len(entries) - failed)
