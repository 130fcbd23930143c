"""Where each scene of a product list or of a series stands, and the exit code that this makes."""

from collections import Counter
from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING

from peps_stac.cli.errors import ExitCode, share_failed
from peps_stac.cli.legacy_orders import orders_by_item
from peps_stac.cli.output import print_table

if TYPE_CHECKING:
    from peps_stac.domain import Order
    from peps_stac.store import Catalog


class Standing(Enum):
    """What a scene means for the exit code."""

    RUNNING = 0
    DONE = 1
    """With its product here, or without one for a reason that is no failure."""
    FAILED = 2


def show_scenes(catalog: "Catalog", names: Iterable[str]) -> ExitCode:
    """Print where each scene stands; 3 when some still run, 4 or 1 when some failed, else 0."""
    known = orders_by_item(catalog)
    counts: Counter[Standing] = Counter()
    rows = []
    for name in names:
        entry = known.get(name)
        standing, words = _stands(catalog, name, entry.orders[name] if entry else None)
        counts[standing] += 1
        rows.append((name, words))
    print_table(("product", "state"), rows)
    return share_failed(
        failed=counts[Standing.FAILED],
        succeeded=counts[Standing.DONE],
        running=counts[Standing.RUNNING],
    )


def _stands(catalog: "Catalog", name: str, order: "Order | None") -> tuple[Standing, str]:
    from peps_stac.cli.orders import has_failed
    from peps_stac.domain import JobStatus
    from peps_stac.stac.collections import L1C_COLLECTION
    from peps_stac.workflow.pairing import l2a_of

    item = catalog.get(name, L1C_COLLECTION)
    if products := l2a_of(catalog, item) if item else ():
        return Standing.DONE, f"downloaded as {products[0]}"
    if order is None:
        return Standing.FAILED, "not ordered; peps-maja-process orders it"
    if order.status.is_open:
        return Standing.RUNNING, _words(order)
    if order.status is JobStatus.SUCCEEDED:
        return Standing.FAILED, "finished, but not downloaded; run the same command again"
    return Standing.FAILED if has_failed(order) else Standing.DONE, _words(order)


def _words(order: "Order") -> str:
    """`shipping 40 %`, `too cloudy`, `canceled: NO DEM`."""
    from peps_stac.cli.orders import percent

    said = "unconfirmed" if order.is_unconfirmed else str(order.reason or order.status)
    progress = f" {percent(order)}" if order.status.is_open and order.progress is not None else ""
    message = f": {order.message}" if order.message else ""
    return f"{said.replace('_', ' ')}{progress}{message}"
