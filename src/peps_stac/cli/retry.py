"""`peps-stac retry`: order once more what is worth it."""

from pathlib import Path

import click

from peps_stac.cli.completing import scenes
from peps_stac.cli.connect import connected, open_catalog
from peps_stac.cli.helping import Command
from peps_stac.cli.ids import read_names
from peps_stac.cli.options import auth_option, json_option
from peps_stac.cli.order import answer, answer_plan, send
from peps_stac.cli.output import tell
from peps_stac.cli.plans import show_plan
from peps_stac.cli.settings import load_settings
from peps_stac.cli.submission import confirm
from peps_stac.errors import RequestError

EXAMPLES = (
    ("What would be ordered once more", "peps-stac retry --status failed --dry-run"),
    ("Order it", "peps-stac retry --status failed --yes"),
)


@click.command("retry", cls=Command, examples=EXAMPLES)
@click.argument("names", nargs=-1, metavar="[ID|-]...", shell_complete=scenes)
@click.option(
    "--status",
    "states",
    multiple=True,
    type=click.Choice(["failed", "unprocessed", "expired", "canceled", "orderable"]),
    help="All scenes that stand there; repeatable. failed takes in unprocessed (missing from a "
    "series) and expired (gone before it was fetched); orderable means never arrived.",
)
@click.option(
    "--max-attempts",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    metavar="N",
    help="Leave alone what was ordered so often already.",
)
@click.option(
    "--max-open", type=click.IntRange(min=1), default=5, metavar="N", help="As for order."
)
@click.option("--dry-run", is_flag=True, help="Show what would be ordered; send nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask above 10 products.")
@json_option
@auth_option
def command(  # noqa: PLR0913 -- the options of the command
    names: tuple[str, ...],
    states: tuple[str, ...],
    *,
    max_attempts: int,
    max_open: int,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    auth: Path | None,
) -> int:
    """Order once more, by Item id, order id (six first characters do), or --status.

    Only what is worth it: what failed, is missing from its series, or is gone from the service
    before it was fetched; what was canceled, when it is named or asked for by --status. Never what
    is too cloudy for MAJA, still runs, was delivered, or may run although its answer was lost.

    Exit codes are those of order.
    """
    from peps_stac.workflow import Repairable, plan_retry

    if not names and not states:
        raise RequestError("which orders? give Item ids, order ids, - or --status failed")
    settings = load_settings(auth=auth)
    catalog = open_catalog(settings)
    plan = plan_retry(
        catalog,
        read_names(names).all_ids,
        states=[Repairable(state) for state in states],
        max_attempts=max_attempts,
    )
    if not as_json:
        show_plan(plan, settings, max_open=max_open)
    for warning in plan.warnings:
        tell(f"warning: {warning}")
    if dry_run:
        return answer_plan(plan, as_json=as_json)
    if not plan.planned:
        tell("nothing to order once more")
        return answer(plan, [], as_json=as_json)
    confirm(plan, yes=yes)
    with connected(settings, login=True) as client:
        entries = send(client, catalog, plan, max_open=max_open)
    return answer(plan, entries, as_json=as_json)
