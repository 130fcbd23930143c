"""`peps-stac status`: where the orders stand."""

from pathlib import Path

import click

from peps_stac.cli.connect import connected, open_catalog
from peps_stac.cli.helping import Command
from peps_stac.cli.next_steps import after_orders, nothing_ordered
from peps_stac.cli.options import auth_option, json_option
from peps_stac.cli.output import print_json, tell
from peps_stac.cli.settings import load_settings

EXAMPLES = (
    ("Where the orders stand, after asking the service", "peps-stac status"),
    ("What is known, for a program", "peps-stac status --no-refresh --json"),
)


@click.command("status", cls=Command, examples=EXAMPLES)
@click.option("--no-refresh", is_flag=True, help="Show what is known, without asking the service.")
@json_option
@auth_option
def command(*, no_refresh: bool, as_json: bool, auth: Path | None) -> int:
    """Show every order of the catalog and where it stands.

    The service is asked first about the orders that are not finished.

    The exit code is 3 when some still run, 4 when some scenes failed and some succeeded, 1 when
    all failed, else 0. A scene too cloudy for MAJA and an order you canceled are no failures.
    """
    from peps_stac.cli import orders
    from peps_stac.clock import utc_now
    from peps_stac.workflow import refresh, tracked

    settings = load_settings(auth=auth)
    catalog = open_catalog(settings)
    entries = tracked(catalog)
    if not no_refresh and any(entry.is_open for entry in entries):
        with connected(settings, login=True) as client:
            entries = tuple(refresh(client, catalog, tell=tell))
    if as_json:
        print_json([orders.document(entry) for entry in entries])
    elif entries:
        orders.show(entries, utc_now())
        tell(orders.summary(entries))
        after_orders(catalog, entries)
    if not entries:
        tell(f"{settings.catalog}: nothing ordered yet")
        nothing_ordered()
    return orders.exit_code(entries)
