"""What the commands that order share: options, the question, and what they say of orders."""

import sys
from typing import TYPE_CHECKING

import click

from peps_stac.cli.errors import Failure
from peps_stac.cli.options import AnyFunction
from peps_stac.cli.output import tell
from peps_stac.errors import RequestError

if TYPE_CHECKING:
    import pystac

    from peps_stac.store import Catalog
    from peps_stac.workflow import OrderPlan, TrackedOrder
    from peps_stac.workflow.theia import Theia

ASK_ABOVE = 10
"""Products that are ordered without a question."""


def series_options(command: AnyFunction) -> AnyFunction:
    """Add `--series`, `--lead-in` and `--max-open`."""
    for option in reversed(_SERIES_OPTIONS):
        command = option(command)
    return command


def yes_option(command: AnyFunction) -> AnyFunction:
    """Add `-y/--yes`."""
    words = f"Do not ask above {ASK_ABOVE} products."
    return click.option("-y", "--yes", is_flag=True, help=words)(command)


def confirm(plan: "OrderPlan", *, yes: bool) -> None:
    """Ask above ten products.

    Raises:
        RequestError: Nobody can be asked.
        Failure: The person declined.
    """
    if yes or plan.products <= ASK_ABOVE:
        return
    if not sys.stdin.isatty():
        message = f"{plan.products} products are more than {ASK_ABOVE} and nobody can be asked"
        raise RequestError(f"{message}; add --yes")
    if not click.confirm(f"Order MAJA for {plan.products} products?", err=True):
        raise Failure("nothing was ordered")


def keep_offers(catalog: "Catalog", theia: "Theia | None") -> "tuple[pystac.Item, ...]":
    """Save what was found finished elsewhere instead of ordered, for `download` to fetch."""
    from peps_stac.workflow import save

    offers = theia.offers if theia else ()
    if offers:
        save(catalog, offers)
    return offers


def tell_sent(entry: "TrackedOrder") -> None:
    """Say of an order where it stands after it was sent, or planned."""
    from peps_stac.cli import orders

    told = [orders.status(entry)]
    if entry.is_planned:
        told.append("goes out when other series end")
    elif entry.order.id or entry.order.is_unconfirmed:
        told.append(f"order {entry.order.id or 'unconfirmed'}")
    tell(f"{orders.subject(entry)}: {', '.join(told)}")


def refusals(plan: "OrderPlan") -> dict[str, object]:
    """What is not ordered, and what a person should know, for `--json`."""
    refused = [{"id": one.item_id, "reason": one.reason} for one in plan.refused]
    return {"refused": refused, "warnings": list(plan.warnings)}


_SERIES_OPTIONS = (
    click.option(
        "--series",
        is_flag=True,
        help="FULL_MAJA jobs over the whole period, cut into windows of at most a year, rather "
        "than one job per scene; needs -t and the dates.",
    ),
    click.option(
        "--lead-in",
        type=int,
        default=60,
        show_default=True,
        metavar="DAYS",
        help="With --series: days before the first one wanted of each job, from which MAJA starts "
        "and whose products are not kept.",
    ),
    click.option(
        "--max-open",
        type=click.IntRange(min=1),
        default=5,
        show_default=True,
        metavar="N",
        help="Series at the service at once; the others wait in the catalog and go out as these "
        "end.",
    ),
)
