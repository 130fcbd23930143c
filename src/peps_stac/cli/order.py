"""`peps-stac order`: have scenes processed."""

import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from peps_stac.cli.connect import connected, open_catalog
from peps_stac.cli.errors import ExitCode, Failure
from peps_stac.cli.ids import Named, read_names
from peps_stac.cli.options import auth_option, cache_option, json_option
from peps_stac.cli.output import plural, print_json, print_table, tell
from peps_stac.cli.selection import Selection, SelectionCommand, selection_options
from peps_stac.cli.settings import Settings, load_settings
from peps_stac.errors import RequestError

if TYPE_CHECKING:
    import pystac

    from peps_stac.peps.client import PepsClient
    from peps_stac.store import Catalog
    from peps_stac.workflow import OrderPlan, TrackedOrder

ASK_ABOVE = 10
"""Products that are ordered without a question."""


@click.command("order", cls=SelectionCommand)
@click.argument("names", nargs=-1, metavar="[ID|-]...")
@selection_options
@click.option(
    "--series",
    is_flag=True,
    help="One FULL_MAJA job per tile over the whole period (55 to 366 "
    "days), rather than one job per scene; needs -t and the dates.",
)
@click.option("--again", is_flag=True, help="Order also what is ordered or catalogued already.")
@click.option("--dry-run", is_flag=True, help="Show what would be ordered; send nothing.")
@click.option("-y", "--yes", is_flag=True, help=f"Do not ask above {ASK_ABOVE} products.")
@json_option
@auth_option
@cache_option
def command(  # noqa: PLR0913 -- the options of the command
    names: tuple[str, ...],
    selection: Selection,
    *,
    series: bool,
    again: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    auth: Path | None,
    no_cache: bool,
) -> int:
    """Order MAJA processing of scenes, each once.

    Say which with the selection options (the service is searched and what is ordered is saved in
    the catalog), with L1C ids, or with - for ids, an Item or an ItemCollection on stdin:

        peps-stac search -t 31TCJ --json | peps-stac order -

    The exit code is 4 when the service refused some orders and took some, 1 when it took none
    or nothing matches, else 0. What is refused beforehand, with a reason, is no failure.
    """
    from peps_stac.workflow import save

    settings = load_settings(auth=auth, no_cache=no_cache)
    catalog = open_catalog(settings)
    window = series_window(selection) if series else None
    named = _named(names, selection)
    with connected(settings, login=not dry_run) as client:
        items = find_items(client, catalog, selection, named)
        plan = _plan(catalog, items, selection, window, again=again)
        if not as_json:
            show_plan(plan, settings)
        for warning in plan.warnings:
            tell(f"warning: {warning}")
        if dry_run:
            return _answer_plan(plan, as_json=as_json)
        _confirm(plan, yes=yes)
        if not selection.is_empty:
            save(catalog, items)
        entries = _submit(client, catalog, plan)
    return _answer(plan, entries, as_json=as_json)


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
    client: "PepsClient", catalog: "Catalog", selection: Selection, named: Named
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


def _by_id(client: "PepsClient", catalog: "Catalog", name: str) -> "pystac.Item":
    """The Item of an id: from the catalog, else found again on the service by tile and time."""
    from peps_stac.domain import MgrsTile, SearchQuery
    from peps_stac.stac.collections import L1C_COLLECTION
    from peps_stac.workflow import search
    from peps_stac.workflow.pairing import scene_of

    if item := catalog.get(name, L1C_COLLECTION):
        return item
    if scene := scene_of(name):
        # The service's start may be milliseconds after the whole seconds of the name.
        around = timedelta(minutes=1)
        query = SearchQuery(
            tiles=(MgrsTile.parse(scene.tile),),
            start=scene.start - around,
            end=scene.start + around,
        )
        for item in search(client, query, tell=tell):
            if item.id == name:
                return item
    message = f"{name}: no such L1C product in {catalog.root} or on the service"
    raise RequestError(f"{message}; peps-stac search shows what there is")


def _plan(
    catalog: "Catalog",
    items: "list[pystac.Item]",
    selection: Selection,
    window: tuple[date, date] | None,
    *,
    again: bool,
) -> "OrderPlan":
    from peps_stac.workflow import plan_orders, plan_series

    if window is None:
        return plan_orders(catalog, items, again=again)
    start, end = window
    return plan_series(
        catalog, items, start=start, end=end, relative_orbit=selection.orbit, again=again
    )


def show_plan(plan: "OrderPlan", settings: Settings) -> None:
    """Print each product with what will happen to it, and say the sum."""
    planned = [
        (item.id, f"order {one.request.process}") for one in plan.planned for item in one.items
    ]
    refused = [(one.item_id, f"not ordered: {one.reason}") for one in plan.refused]
    if planned or refused:
        print_table(("product", "plan"), [*planned, *refused])
    jobs = plural(len(plan.planned), "job")
    tell(f"{settings.host}: {jobs} for {plural(plan.products, 'product')}")


def _confirm(plan: "OrderPlan", *, yes: bool) -> None:
    """Ask above ten products.

    Raises:
        RequestError: Nobody can be asked.
        click.Abort: The person declined.
    """
    if yes or plan.products <= ASK_ABOVE:
        return
    if not sys.stdin.isatty():
        message = f"{plan.products} products are more than {ASK_ABOVE} and nobody can be asked"
        raise RequestError(f"{message}; add --yes")
    if not click.confirm(f"Order MAJA for {plan.products} products?", err=True):
        raise Failure("nothing was ordered")


def _submit(client: "PepsClient", catalog: "Catalog", plan: "OrderPlan") -> "list[TrackedOrder]":
    from peps_stac.cli import orders
    from peps_stac.workflow import submit

    entries = []
    for entry in submit(client, catalog, plan, tell=tell):
        entries.append(entry)
        name = entry.order.id or "unconfirmed"
        tell(f"{orders.subject(entry)}: {orders.status(entry)}, order {name}")
    return entries


def _answer_plan(plan: "OrderPlan", *, as_json: bool) -> ExitCode:
    if as_json:
        planned = [
            {
                "process": one.request.process,
                "inputs": one.request.inputs,
                "items": [item.id for item in one.items],
            }
            for one in plan.planned
        ]
        print_json({"planned": planned, **_refusals(plan)})
    else:
        tell("nothing was sent (--dry-run)")
    return ExitCode.DONE


def _answer(plan: "OrderPlan", entries: "list[TrackedOrder]", *, as_json: bool) -> ExitCode:
    from peps_stac.cli import orders
    from peps_stac.cli.errors import share_failed

    if as_json:
        print_json({"ordered": [orders.document(one) for one in entries], **_refusals(plan)})
    elif entries:
        tell("peps-stac download --watch fetches the products when they are ready")
    failed = sum(orders.has_failed(entry.order) for entry in entries)
    return share_failed(failed=failed, succeeded=len(entries) - failed)


def _refusals(plan: "OrderPlan") -> dict[str, object]:
    refused = [{"id": one.item_id, "reason": one.reason} for one in plan.refused]
    return {"refused": refused, "warnings": list(plan.warnings)}
