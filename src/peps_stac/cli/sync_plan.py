"""The plan of a sync as people and scripts see it."""

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from peps_stac.cli import orders, plans
from peps_stac.cli.output import plural, print_table, tell
from peps_stac.cli.submission import refusals

if TYPE_CHECKING:
    from peps_stac.cli.settings import Settings
    from peps_stac.domain import Order
    from peps_stac.workflow import AssetChoice, SyncPlan
    from peps_stac.workflow.estimate import Estimate
    from peps_stac.workflow.sync_plan import Awaited

_GB = 1e9


def show(plan: "SyncPlan", settings: "Settings", assets: "AssetChoice", *, max_open: int) -> None:
    """Print what will be ordered, waited for and fetched, and what not and why; say the sum."""
    series = [one for one in plan.orders.planned if one.window]
    if series:
        plans.show_series(series)
    rows = [*_to_order(plan), *_to_await(plan), *_left_alone(plan)]
    if rows:
        print_table(("scene", "plan"), rows)
    jobs = plural(len(plan.orders.planned), "job")
    tell(f"{settings.host}: {jobs} for {plural(plan.orders.products, 'product')}")
    if plan.orders.planned:
        plans.tell_sum(plan.orders.planned, max_open)
        _tell_disk(expected(plan, max_open), assets, settings.catalog)


def document(plan: "SyncPlan", *, max_open: int) -> dict[str, object]:
    """A plan for `--json`; each scene found is in one of `planned`, `awaited`, `refused`."""
    return {
        **plans.document(plan.orders),
        "awaited": [_awaited(one) for one in plan.awaited],
        **refusals(plan.orders),
        "expected": plans.expectation(expected(plan, max_open)),
    }


def expected(plan: "SyncPlan", max_open: int) -> "Estimate":
    """What all orders of a plan come to."""
    return plans.total(plan.orders.planned, max_open)


def _to_order(plan: "SyncPlan") -> Iterator[tuple[str, str]]:
    for one in plan.orders.planned:
        if not one.window:
            yield from (
                (orders.scene(item.id), f"order {one.request.process}") for item in one.items
            )


def _to_await(plan: "SyncPlan") -> Iterator[tuple[str, str]]:
    """A row for each order and what is left to do of it."""
    from peps_stac.workflow.tracking import grouped

    actions = {one.item_id: str(one.action) for one in plan.awaited}
    for entry in grouped((one.item_id, one.order) for one in plan.awaited):
        counts = Counter(actions[item_id] for item_id in entry.orders)
        for action in counts:
            yield orders.subject(entry), f"{action}: {_standing(entry.order, action)}"


def _standing(order: "Order", action: str) -> str:
    if action == "fetch":
        return "delivered, not in the catalog yet"
    if order.is_unconfirmed:
        return "unconfirmed, the answer of the service was lost"
    if order.is_planned:
        return "planned, goes out when other series end"
    return f"{order.status} when last heard of"


def _left_alone(plan: "SyncPlan") -> Iterator[tuple[str, str]]:
    """What is catalogued is counted by tile; the rest is told one by one."""
    have: Counter[str] = Counter()
    others: list[tuple[str, str]] = []
    for one in plan.orders.refused:
        scene = orders.scene(one.item_id)
        if one.is_catalogued:
            have[scene.split()[0]] += 1
        else:
            others.append((scene, f"nothing: {one.reason}"))
    yield from others
    for tile, count in sorted(have.items()):
        yield f"{tile}, {plural(count, 'scene')}", "nothing: already in the catalog"


def _awaited(one: "Awaited") -> dict[str, object]:
    return {
        "id": one.item_id,
        "action": one.action,
        "order": one.order.id,
        "status": one.order.status,
        "planned": one.order.is_planned,
        "unconfirmed": one.order.is_unconfirmed,
    }


def _tell_disk(expected: "Estimate", assets: "AssetChoice", catalog: Path) -> None:
    """Say it when the disk will not hold what is to come."""
    needed_gb = {"cog": expected.cog_gb, "raw": expected.raw_gb, "zip": expected.zip_gb}
    folder = next(path for path in (catalog, *catalog.absolute().parents) if path.is_dir())
    free_gb = shutil.disk_usage(folder).free / _GB
    if needed_gb[assets.form] > free_gb:
        tell(
            f"warning: about {needed_gb[assets.form]:.0f} GB are needed and {free_gb:.0f} GB are "
            f"free in {folder}; make room, order less, or leave out assets (--exclude)"
        )
