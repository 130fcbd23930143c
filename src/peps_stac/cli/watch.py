"""`peps-stac watch`: follow the orders to their end."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from peps_stac.cli.connect import connected, open_catalog
from peps_stac.cli.durations import duration
from peps_stac.cli.errors import ExitCode
from peps_stac.cli.options import auth_option, json_option
from peps_stac.cli.output import print_json, tell
from peps_stac.cli.settings import load_settings

if TYPE_CHECKING:
    from peps_stac.workflow import TrackedOrder


@click.command("watch")
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

    Says on stderr what changed in each round, and prints the orders at the end.

    The exit code is 3 when the time was up first, otherwise that of status.
    """
    from peps_stac.cli import orders
    from peps_stac.clock import utc_now
    from peps_stac.workflow import tracked, watch

    settings = load_settings(auth=auth)
    catalog = open_catalog(settings)
    entries = tracked(catalog)
    if not entries:
        tell(f"{settings.catalog}: nothing ordered yet")
    if any(entry.is_open for entry in entries):
        with connected(settings, login=True) as client:
            rounds = watch(client, catalog, interval_s=interval, timeout_s=timeout, tell=tell)
            entries = follow(rounds, entries)
    if as_json:
        print_json([orders.document(entry) for entry in entries])
    elif entries:
        orders.show(entries, utc_now())
    code = orders.exit_code(entries)
    if code is ExitCode.STILL_RUNNING:
        tell("time is up and some orders still run; the same command goes on")
    return code


def follow(
    rounds: "Iterable[tuple[TrackedOrder, ...]]", entries: "tuple[TrackedOrder, ...]"
) -> "tuple[TrackedOrder, ...]":
    """Say what each round changed; the orders of the last round."""
    from peps_stac.cli import orders

    said: dict[str, str] = {}
    for entries in rounds:  # noqa: PLR1704 -- without a round they stay what they were
        before = dict(said)
        for entry in entries:
            said[entry.key] = _line(entry)
            if before.get(entry.key) != said[entry.key]:
                tell(said[entry.key])
        tell(f"-- {orders.summary(entries)}")
    return entries


def _line(entry: "TrackedOrder") -> str:
    from peps_stac.cli import orders

    parts = [orders.status(entry)]
    if entry.is_open and entry.order.progress is not None:
        parts.append(orders.percent(entry.order))
    if why := orders.note(entry):
        parts.append(f"({why})")
    return f"{orders.subject(entry)}: {' '.join(parts)}"
