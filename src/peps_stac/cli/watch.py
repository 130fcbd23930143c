"""`peps-stac watch`: follow the orders to their end."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from peps_stac.cli.connect import connected, open_catalog
from peps_stac.cli.durations import duration
from peps_stac.cli.errors import ExitCode
from peps_stac.cli.helping import Command
from peps_stac.cli.next_steps import after_orders, nothing_ordered
from peps_stac.cli.options import auth_option, json_option
from peps_stac.cli.output import plural, print_json, tell
from peps_stac.cli.settings import load_settings

if TYPE_CHECKING:
    from peps_stac.cli.live import View
    from peps_stac.workflow import TrackedOrder


EXAMPLES = (
    (
        "Look every five minutes, and give up after two hours",
        "peps-stac watch --interval 5m --timeout 2h",
    ),
)


@click.command("watch", cls=Command, examples=EXAMPLES)
@click.option(
    "--interval",
    type=duration,
    default="60",
    metavar="TIME",
    show_default=True,
    help="Time between two rounds: 90, 90s, 15m, 2h.",
)
@click.option("--timeout", type=duration, metavar="TIME", help="Give up after this time.")
@json_option
@auth_option
def command(interval: float, timeout: float | None, *, as_json: bool, auth: Path | None) -> int:
    """Ask the service again and again until every order is finished.

    Shows the orders on a terminal, and elsewhere says on stderr what changed in each round;
    prints the orders at the end. May be stopped at any moment: nothing is lost.

    The exit code is 3 when the time was up first, otherwise that of status.
    """
    from peps_stac.cli import orders
    from peps_stac.cli.live import order_view
    from peps_stac.clock import utc_now
    from peps_stac.workflow import tracked, watch

    settings = load_settings(auth=auth)
    catalog = open_catalog(settings)
    entries = tracked(catalog)
    if not entries:
        tell(f"{settings.catalog}: nothing ordered yet")
        nothing_ordered()
    if any(entry.is_unfinished for entry in entries):
        try:
            with connected(settings, login=True) as client, order_view(entries) as view:
                rounds = watch(
                    client,
                    catalog,
                    interval_s=interval,
                    timeout_s=timeout,
                    sleep=view.sleep,
                    tell=tell,
                )
                entries = follow(rounds, entries, view)
        except KeyboardInterrupt:
            return stopped()
    if as_json:
        print_json([orders.document(entry) for entry in entries])
    elif entries:
        orders.show(entries, utc_now())
        after_orders(catalog, entries)
    for line in _left(entries):
        tell(line)
    return orders.exit_code(entries)


def follow(
    rounds: "Iterable[tuple[TrackedOrder, ...]]",
    entries: "tuple[TrackedOrder, ...]",
    view: "View | None" = None,
) -> "tuple[TrackedOrder, ...]":
    """Show each round, in lines unless told otherwise; the orders of the last one."""
    from peps_stac.cli.live import Lines

    shown = view or Lines()
    for entries in rounds:  # noqa: PLR1704 -- without a round they stay what they were
        shown.show(entries)
    return entries


def stopped() -> ExitCode:
    """Say how to go on after Ctrl-C."""
    message = "stopped; nothing is lost: go on with peps-stac watch or download"
    click.echo(f"\npeps-stac: {message}", err=True)
    return ExitCode.INTERRUPTED


def _left(entries: "tuple[TrackedOrder, ...]") -> list[str]:
    """Why it ended before all orders did."""
    lost = [entry for entry in entries if entry.order.is_unconfirmed]
    running = sum(entry.is_unfinished for entry in entries) - len(lost)
    lines = []
    if running:
        lines.append("time is up and some orders still run; the same command goes on")
    if lost:
        count = plural(len(lost), "order")
        lines.append(
            f"{count} unconfirmed: the service lists no job for it; order --again sends it anew"
        )
    return lines
