"""`peps-stac sync`: tiles and a period in, a complete catalog out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from peps_stac.cli.assets import asset_choice, asset_options
from peps_stac.cli.connect import (
    connected,
    finished_elsewhere,
    open_catalog,
)
from peps_stac.cli.durations import duration
from peps_stac.cli.errors import ExitCode, Failure
from peps_stac.cli.offers import fetch_offers
from peps_stac.cli.options import auth_option, cache_option, json_option
from peps_stac.cli.output import print_json, tell
from peps_stac.cli.progress import progress_bars
from peps_stac.cli.selection import Selection, SelectionCommand, selection_options
from peps_stac.cli.settings import load_settings
from peps_stac.cli.submission import (
    confirm,
    keep_offers,
    series_options,
    tell_sent,
    yes_option,
)

if TYPE_CHECKING:
    from peps_stac.domain import SearchQuery
    from peps_stac.store import Catalog
    from peps_stac.workflow import Outcome, SyncPlan, TrackedOrder


EXAMPLES = (
    ("What would be done", "peps-stac sync -t 31TCJ --datetime 2017-11-01/2017-11-30 --dry-run"),
    (
        "All from November on; the same line, run monthly, adds what is new",
        "peps-stac sync -t 31TCJ --datetime 2017-11-01/.. --yes",
    ),
    (
        "A season as a series",
        "peps-stac sync -t 31TCJ --datetime 2017-10-01/2017-12-31 --series --yes",
    ),
)


@click.command("sync", cls=SelectionCommand, examples=EXAMPLES)
@selection_options
@series_options
@click.option("--dry-run", is_flag=True, help="Show the plan; write, send and fetch nothing.")
@yes_option
@click.option(
    "--interval",
    type=duration,
    default="60",
    metavar="TIME",
    show_default=True,
    help="Time between two looks at the orders: 90, 90s, 15m, 2h; grows while nothing changes.",
)
@click.option("--timeout", type=duration, metavar="TIME", help="Give up waiting after it.")
@asset_options
@json_option
@auth_option
@cache_option
def command(  # noqa: PLR0913 -- the options of the command
    selection: Selection,
    *,
    series: bool,
    lead_in: int,
    max_open: int,
    dry_run: bool,
    yes: bool,
    interval: float,
    timeout: float | None,
    as_json: bool,
    auth: Path | None,
    no_cache: bool,
    **assets: Any,  # noqa: ANN401 -- the options of assets
) -> int:
    """Make the catalog complete for tiles and a period: search, order, wait, download.

    Orders what has neither an order nor a product yet, waits for all orders and catalogues what
    is finished. May be stopped at any moment: the same line goes on where it was. Run again next
    month, it orders and fetches what is new. What failed is not ordered again; the summary says
    which retry would help.

    The exit code is 3 when some scenes still run, 4 when some have no product and some have, 1
    when none has or nothing matches, else 0. A scene too cloudy for MAJA is no failure.
    """
    from peps_stac.cli import sync_plan
    from peps_stac.workflow import plan_sync, sync

    query = checked_query(selection)
    settings = load_settings(auth=auth, no_cache=no_cache)
    catalog, choice = open_catalog(settings), asset_choice(assets)
    choice.check()
    run = _Run(as_json=as_json)

    def agree(plan: "SyncPlan") -> bool:
        if not plan.found:
            raise Failure(f"no product matches; {selection.hint}")
        run.plans.append(plan)
        if not as_json:
            sync_plan.show(plan, settings, choice, max_open=max_open)
        for warning in plan.orders.warnings:
            tell(f"warning: {warning}")
        if not dry_run:
            confirm(plan.orders, yes=yes)
            keep_offers(catalog, theia)
        return True

    with (
        connected(settings, login=not dry_run) as client,
        finished_elsewhere(settings) as theia,
        progress_bars() as reports,
    ):
        if dry_run:
            options: dict[str, Any] = {"series": series, "lead_in_days": lead_in}
            agree(plan_sync(client, catalog, query, elsewhere=theia, **options, tell=tell))
        else:
            how: dict[str, Any] = {
                "assets": choice,
                "tell": tell,
                "report": reports.fetching,
                "report_step": reports.making,
            }
            run.follow(
                sync(
                    client,
                    catalog,
                    query,
                    series=series,
                    lead_in_days=lead_in,
                    max_open=max_open,
                    elsewhere=theia,
                    agree=agree,
                    interval_s=interval,
                    timeout_s=timeout,
                    report_sent=run.note_sent,
                    report_orders=run.note_orders,
                    **how,
                )
            )
            if theia is not None:
                run.follow(fetch_offers(settings, catalog, how, is_alone=False))
    plan = sync_plan.document(run.plans[0], max_open=max_open) if as_json else {}
    if dry_run:
        tell("nothing was written or sent (--dry-run)")
        if as_json:
            print_json(plan)
        return ExitCode.DONE
    return _answer(run, catalog, query, plan)


def checked_query(selection: Selection) -> "SearchQuery":
    """What to search for.

    Raises:
        RequestError: No tile or no start, which sync needs; or a value that makes no sense.
    """
    from peps_stac.workflow.sync_plan import check_selection

    start, _ = selection.period()
    check_selection(has_tiles=bool(selection.tiles), has_start=start is not None)
    return selection.query()


@dataclass
class _Run:
    """What happens on the way, told as it happens."""

    as_json: bool
    plans: "list[SyncPlan]" = field(default_factory=list)
    sent: "list[TrackedOrder]" = field(default_factory=list)
    outcomes: "dict[str, Outcome]" = field(default_factory=dict)
    _said: str = ""

    def follow(self, outcomes: "Iterator[Outcome]") -> None:
        from peps_stac.cli.outcomes import line

        for outcome in outcomes:
            self.outcomes[outcome.name] = outcome
            if not self.as_json:
                click.echo(line(outcome))

    def note_sent(self, entry: "TrackedOrder") -> None:
        self.sent.append(entry)
        tell_sent(entry)

    def note_orders(self, entries: "tuple[TrackedOrder, ...]") -> None:
        from peps_stac.cli import orders

        line = orders.summary(entries)
        if line != self._said:
            tell(f"-- {line}")
        self._said = line


def _answer(
    run: _Run, catalog: "Catalog", query: "SearchQuery", plan: dict[str, object]
) -> ExitCode:
    """Say, or print, where the scenes stand now and what would help; the exit code."""
    from peps_stac.cli import orders, outcomes
    from peps_stac.cli.sync_summary import summary

    found = summary(catalog, query, run.plans[0])
    if run.as_json:
        told = {
            "ordered": [orders.document(one) for one in run.sent],
            "outcomes": [outcomes.document(one) for one in run.outcomes.values()],
            "dates": found.counts,
            "retry": list(found.retry),
        }
        print_json({**plan, **told})
    for line in found.lines:
        tell(line)
    return found.exit_code
