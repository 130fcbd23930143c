"""`peps-stac cancel`: stop orders."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import click

from peps_stac.cli.completing import scenes
from peps_stac.cli.connect import connected, open_catalog
from peps_stac.cli.errors import ExitCode, share_failed
from peps_stac.cli.helping import Command
from peps_stac.cli.ids import read_names
from peps_stac.cli.options import auth_option, json_option
from peps_stac.cli.output import print_json, tell
from peps_stac.cli.settings import load_settings
from peps_stac.errors import AuthenticationError, PepsStacError, RequestError

if TYPE_CHECKING:
    from peps_stac.workflow import TrackedOrder


EXAMPLES = (
    ("By the first characters of an order id", "peps-stac cancel 3f9a2c51"),
    ("All that have not begun", "peps-stac cancel --status pending"),
)


@click.command("cancel", cls=Command, examples=EXAMPLES)
@click.argument("names", nargs=-1, metavar="ID...", shell_complete=scenes)
@click.option(
    "--status",
    "wanted",
    type=click.Choice(["planned", "ordered", "pending", "shipping"]),
    help="All orders that stand there; planned ones were not sent yet.",
)
@json_option
@auth_option
def command(names: tuple[str, ...], wanted: str | None, *, as_json: bool, auth: Path | None) -> int:
    """Cancel orders at the service, by order id or Item id; - reads them from stdin.

    The first characters of an order id do, six at least. A series is canceled whole, whichever of
    its scenes is named.

    The exit code is 4 when some could not be canceled, 1 when none could.
    """
    from peps_stac.cli import orders
    from peps_stac.clock import utc_now
    from peps_stac.workflow import cancel, tracked

    settings = load_settings(auth=auth)
    catalog = open_catalog(settings)
    chosen = _chosen(tracked(catalog), read_names(names).all_ids, wanted)
    if not chosen:
        tell("nothing to cancel")
        return ExitCode.DONE
    canceled: list[TrackedOrder] = []
    failed = 0
    with connected(settings, login=True) as client:
        for name in chosen:
            try:
                canceled += cancel(client, catalog, [name], tell=tell)
            except AuthenticationError:
                raise
            except PepsStacError as error:
                failed += 1
                tell(f"{name}: not canceled: {error}")
    if as_json:
        print_json([orders.document(entry) for entry in canceled])
    elif canceled:
        orders.show(canceled, utc_now())
    return share_failed(failed=failed, succeeded=len(chosen) - failed)


def _chosen(
    entries: "Collection[TrackedOrder]", names: Collection[str], wanted: str | None
) -> list[str]:
    """Keys of the orders meant, each once.

    Raises:
        RequestError: A name that no order has, or no name at all.
    """
    if not names and wanted is None:
        raise RequestError("which orders? give order ids or Item ids, - or --status")
    from peps_stac.workflow.tracking import named

    standing = [entry.key for entry in entries if _stands_in(entry, wanted)]
    return list(dict.fromkeys([*(named(entries, name).key for name in names), *standing]))


def _stands_in(entry: "TrackedOrder", wanted: str | None) -> bool:
    return entry.is_planned if wanted == "planned" else str(entry.order.status) == wanted
