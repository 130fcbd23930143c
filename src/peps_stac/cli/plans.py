"""A plan as people and scripts see it: what would be ordered, how long it takes, what it needs."""

from typing import TYPE_CHECKING

from peps_stac.cli.output import plural, print_table, tell
from peps_stac.domain.instants import format_span

if TYPE_CHECKING:
    from peps_stac.cli.settings import Settings
    from peps_stac.workflow import OrderPlan, Planned

SERIES_HEADER = ("tile", "ordered", "kept", "products", "dates", "duration", "disk (COG)")


def show_plan(plan: "OrderPlan", settings: "Settings", *, max_open: int = 5) -> None:
    """Print each product, or each series, with what will happen to it, and say the sum."""
    series = [one for one in plan.planned if one.window]
    if series:
        print_table(SERIES_HEADER, [_series_row(one) for one in series])
    planned = [
        (item.id, f"order {one.request.process}")
        for one in plan.planned
        if not one.window
        for item in one.items
    ]
    refused = [(one.item_id, f"not ordered: {one.reason}") for one in plan.refused]
    if planned or refused:
        print_table(("product", "plan"), [*planned, *refused])
    jobs = plural(len(plan.planned), "job")
    tell(f"{settings.host}: {jobs} for {plural(plan.products, 'product')}")
    if series:
        _tell_sum(series, max_open)


def document(plan: "OrderPlan") -> dict[str, object]:
    """A plan for `--json`; durations in minutes, sizes in 10^9 bytes."""
    return {"planned": [_planned(one) for one in plan.planned]}


def _tell_sum(series: "list[Planned]", max_open: int) -> None:
    from peps_stac.workflow.estimate import DATE_MIN, SIZES_SOURCE, START_MIN, together

    total = together([one.estimate for one in series], at_once=max_open)
    at_once = f"{max_open} at once" if len(series) > max_open else "all at once"
    tell(
        f"about {format_span(total.duration)} once they run, {at_once} "
        f"({START_MIN} minutes a series and {DATE_MIN} a date: readme of the PEPS scripts)"
    )
    tell(
        f"about {total.zip_gb:.0f} GB to fetch, {total.raw_gb:.0f} GB on disk as delivered, "
        f"{total.cog_gb:.0f} GB as COGs ({SIZES_SOURCE})"
    )


def _series_row(one: "Planned") -> tuple[str, ...]:
    window, expected = one.window, one.estimate
    return (
        one.request.inputs["tileid"],
        str(window and window.ordered),
        str(window and window.kept),
        str(len(one.items)),
        f"about {expected.dates}",
        format_span(expected.duration),
        f"{expected.cog_gb:.0f} GB",
    )


def _planned(one: "Planned") -> dict[str, object]:
    expected = one.estimate
    window = one.window
    return {
        "process": one.request.process,
        "inputs": one.request.inputs,
        "items": [item.id for item in one.items],
        "kept": [str(window.kept.first), str(window.kept.last)] if window else None,
        "expected": {
            "dates": expected.dates,
            "minutes": expected.duration.total_seconds() / 60,
            "zip_gb": round(expected.zip_gb, 1),
            "raw_gb": round(expected.raw_gb, 1),
            "cog_gb": round(expected.cog_gb, 1),
        },
    }
