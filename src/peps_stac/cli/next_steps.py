"""What a person would type next, in one short line at the end of a command.

A line may be copied as it is: why it would be typed stands behind it as a comment of the shell.
"""

import shlex
from collections.abc import Iterable
from typing import TYPE_CHECKING

from peps_stac.cli.options import global_options
from peps_stac.cli.output import tell

if TYPE_CHECKING:
    from peps_stac.store import Catalog
    from peps_stac.workflow import Outcome, TrackedOrder

SOME_SCENES = "-t 31TCJ --datetime 2017-11-01/2017-11-30"
"""To show how scenes are chosen."""


_NARROW = 80
"""Columns of most terminals: rather no comment than a second line."""


def tell_next(words: str, why: str, *, before: str = "") -> None:
    """Say the next command.

    Args:
        words: The command and its options, as they are typed.
        why: What it does, in few words.
        before: Options that stand before the command.
    """
    options = global_options()
    catalog = f"--catalog {shlex.quote(str(options.catalog))}" if options.catalog_is_given else ""
    line = " ".join(part for part in ("peps-stac", catalog, before, words) if part)
    told = f"next: {line}"
    comment = f"  # {why}"
    tell(f"{told}{comment}" if len(told + comment) <= _NARROW else told)


def nothing_ordered() -> None:
    """Say how to order, to who has not."""
    tell_next(f"order {SOME_SCENES}", "the tile and days that you want")


def after_orders(catalog: "Catalog", entries: "Iterable[TrackedOrder]") -> None:
    """Say how the products come, or how the orders that failed get another chance."""
    from peps_stac.cli.orders import has_failed
    from peps_stac.domain import JobStatus
    from peps_stac.workflow.pairing import KnownProducts

    known = KnownProducts(catalog)
    orders = [(name, order) for entry in entries for name, order in entry.orders.items()]
    if any(order.status.is_open or order.is_planned for _, order in orders):
        tell_next("download --watch", "fetches the products as they are ready")
    elif any(o.status is JobStatus.SUCCEEDED and not known.of_name(name) for name, o in orders):
        tell_next("download", "fetches the products that are ready")
    elif any(order.status is JobStatus.FAILED and has_failed(order) for _, order in orders):
        tell_next("retry --status failed --dry-run", "what is worth another try")


def after_products(outcomes: "Iterable[Outcome]") -> None:
    """Say how products that came are looked at."""
    if any(str(one.state) == "added" for one in outcomes):
        tell_next("browse", "shows them on a map; peps-stac items lists them")
