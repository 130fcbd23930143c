"""A plan as people and scripts see it: what would be ordered, how long it takes, what it needs."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from peps_stac.cli.output import plural, print_table, tell
from peps_stac.domain.instants import format_span

if TYPE_CHECKING:
    from peps_stac.cli.settings import Settings
    from peps_stac.workflow import OrderPlan, Planned
    from peps_stac.workflow.estimate import Estimate

SERIES_HEADER = ("tile", "ordered", "kept", "scenes", "dates", "duration", "COGs")
"""With their rows, 80 columns."""


def show_plan(plan: "OrderPlan", settings: "Settings", *, max_open: int = 5) -> None:
    """Print each product, or each series, with what will happen to it, and say the sum."""
    series = [one for one in plan.planned if one.window]
    if series:
        show_series(series)
    planned = [
        (item.id, f"order {one.request.process}")
        for one in plan.planned
        if not one.window
        for item in one.items
    ]
    refused = [(one.item_id, f"not ordered: {one.reason}") for one in plan.refused]
    if rows := [*planned, *refused]:
        print_table(("product", "plan"), [(_named(name), plan) for name, plan in rows])
    jobs = plural(len(plan.planned), "job")
    tell(f"{settings.host}: {jobs} for {plural(plan.products, 'product')}")
    if series:
        tell_sum(series, max_open)


def _named(item_id: str) -> str:
    """A scene in few words for people, its whole id in a pipe."""
    from peps_stac.cli.orders import scene

    return scene(item_id) if sys.stdout.isatty() else item_id


def show_series(series: "Sequence[Planned]") -> None:
    """Print the windows of series, with what is expected of each."""
    print_table(SERIES_HEADER, [_series_row(one) for one in series])


def document(plan: "OrderPlan") -> dict[str, object]:
    """A plan for `--json`; durations in minutes, sizes in 10^9 bytes."""
    return {"planned": [_planned(one) for one in plan.planned]}


def total(planned: "Sequence[Planned]", max_open: int) -> "Estimate":
    """What many orders come to: so many series at once, single products all at once."""
    from peps_stac.workflow.estimate import together

    is_series = any(one.window for one in planned)
    at_once = max_open if is_series else len(planned)
    return together([one.estimate for one in planned], at_once=at_once)


def tell_sum(planned: "Sequence[Planned]", max_open: int) -> None:
    """Say how long orders will take and what they will need."""
    from peps_stac.workflow.estimate import DATE_MIN, SIZES_SOURCE, START_MIN

    expected = total(planned, max_open)
    is_series = any(one.window for one in planned)
    at_once = f"{max_open} at once" if is_series and len(planned) > max_open else "all at once"
    what = "series" if is_series else "product"
    tell(
        f"about {format_span(expected.duration)} once they run, {at_once} "
        f"({START_MIN} minutes a {what} and {DATE_MIN} a date: readme of the PEPS scripts)"
    )
    tell(
        f"about {expected.zip_gb:.0f} GB to fetch, {expected.raw_gb:.0f} GB on disk as delivered, "
        f"{expected.cog_gb:.0f} GB as COGs ({SIZES_SOURCE})"
    )


def expectation(expected: "Estimate") -> dict[str, object]:
    """An estimate for `--json`."""
    return {
        "dates": expected.dates,
        "minutes": expected.duration.total_seconds() / 60,
        "zip_gb": round(expected.zip_gb, 1),
        "raw_gb": round(expected.raw_gb, 1),
        "cog_gb": round(expected.cog_gb, 1),
    }


def _series_row(one: "Planned") -> tuple[str, ...]:
    expected = one.estimate
    return (
        one.request.inputs["tileid"],
        str(one.window and one.window.ordered),
        _kept(one),
        str(len(one.items)),
        f"~{expected.dates}",
        format_span(expected.duration),
        f"{expected.cog_gb:.0f} GB",
    )


def _kept(one: "Planned") -> str:
    """`from 2017-11-01` where a window is kept to its end, as nearly all are."""
    if one.window is None or one.window.kept == one.window.ordered:
        return "all"
    kept = one.window.kept
    return f"from {kept.first}" if kept.last == one.window.ordered.last else str(kept)


def _planned(one: "Planned") -> dict[str, object]:
    window = one.window
    return {
        "process": one.request.process,
        "inputs": one.request.inputs,
        "items": [item.id for item in one.items],
        "kept": [str(window.kept.first), str(window.kept.last)] if window else None,
        "expected": expectation(one.estimate),
    }
