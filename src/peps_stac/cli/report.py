"""`peps-stac report`: which dates are there, and why the others are not."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from peps_stac.cli.connect import open_catalog
from peps_stac.cli.errors import ExitCode
from peps_stac.cli.helping import Command
from peps_stac.cli.options import json_option
from peps_stac.cli.output import plural, print_json, print_table, tell
from peps_stac.cli.selection import Selection, tile_and_period_options
from peps_stac.cli.settings import load_settings
from peps_stac.errors import RequestError

if TYPE_CHECKING:
    from peps_stac.workflow import Completeness
    from peps_stac.workflow.completeness import ExpectedDate, Tally

_MOST_TILES = 4
"""In a line that says what to type next."""


EXAMPLES = (
    ("What is there and what is missing, and what to type next", "peps-stac report"),
    ("A month of a tile as a picture", "peps-stac report -t 31TCJ --picture november.svg"),
)


@click.command("report", cls=Command, examples=EXAMPLES)
@tile_and_period_options
@click.option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.svg",
    help="Also draw it: a calendar strip for each tile, a colour for each state.",
)
@json_option
def command(selection: Selection, *, picture: Path | None, as_json: bool) -> int:
    """Show per tile and month which dates are in the catalog, and why the others are not.

    A date is expected when its L1C scene is in the catalog (search --save) or its product is
    there. Each stands in one state: delivered, ready (to be downloaded), running, too cloudy,
    unprocessed, failed, canceled, missing (a finished series covers it, no product is here), or
    not ordered. superseded counts older versions of products beside them.

    Nothing is asked of the service: run status first for the latest. With --json every date,
    with its id, state, reason, product and where that comes from. The exit code is 0 whatever
    is missing.
    """
    from peps_stac.workflow.report import completeness

    if picture is not None and picture.suffix.lower() != ".svg":
        message = f"--picture {picture}: only SVG is drawn; give a name that ends in .svg"
        raise RequestError(message)
    settings = load_settings()
    # Without a limit a query of a service has to name a place; one's own disk may be looked over.
    query = replace(selection, limit=selection.limit or sys.maxsize).query()
    report = completeness(open_catalog(settings), query)
    if as_json:
        print_json(document(report))
    elif report.dates:
        _show(report)
    if not report.dates:
        why = "nothing matches" if not selection.is_empty else "no scene and no product yet"
        undrawn = f", so {picture} is not drawn" if picture else ""
        tell(f"{settings.catalog}: {why}{undrawn}; peps-stac search -t TILE --datetime A/B --save")
        return ExitCode.DONE
    tell(_summary(report))
    if picture is not None:
        _draw(report, picture, f"{settings.catalog.resolve().name}: {_title(report)}")
    for line in next_steps(report, is_whole=selection.is_empty):
        tell(line)
    return ExitCode.DONE


def document(report: "Completeness") -> dict[str, object]:
    """The report for `--json`; a fact that is not known is null (docs/orders.md says what is)."""
    months = [
        {"tile": str(one.tile), "month": f"{one.first_day:%Y-%m}", **_counts(one.tally)}
        for one in report.months
    ]
    return {
        **_counts(report.tally),
        "months": months,
        "dates": [_date(one) for one in report.dates],
    }


def _counts(counted: "Tally") -> dict[str, object]:
    return {
        "expected": counted.expected,
        "counts": {str(state): count for state, count in counted.counts.items()},
        "superseded": counted.superseded,
        "sources": {str(source): count for source, count in counted.sources.items()},
    }


def _date(one: "ExpectedDate") -> dict[str, object]:
    from peps_stac.domain.instants import format_instant

    return {
        "tile": str(one.tile),
        "datetime": format_instant(one.datetime),
        "platform": one.platform,
        "state": one.state,
        "reason": one.reason,
        "id": one.scene,
        "order": one.order,
        "product": one.product,
        "source": one.source,
        "superseded": list(one.superseded),
    }


def _show(report: "Completeness") -> None:
    from peps_stac.cli.report_table import drawn, table

    header, rows = table(report)
    if sys.stdout.isatty():
        for line in drawn(header, rows, shutil.get_terminal_size().columns):
            click.echo(line)
    else:
        print_table(header, [row if row[1] else (row[0], "-", *row[2:]) for row in rows])


def _draw(report: "Completeness", picture: Path, title: str) -> None:
    """Write the picture beside its place first, so that no half file stands there."""
    from peps_stac.workflow.calendar_strip import calendar_strip

    svg = calendar_strip(report, title)
    draft = picture.with_name(f".{picture.name}.{os.getpid()}.tmp")
    try:
        draft.write_text(svg, encoding="utf-8")
        draft.replace(picture)
    finally:
        draft.unlink(missing_ok=True)
    tell(f"{picture}: drawn")


def _title(report: "Completeness") -> str:
    days = [one.datetime.date() for one in report.dates]
    counted = report.tally
    return f"{counted.delivered} of {counted.expected} delivered, {min(days)} to {max(days)}"


def _summary(report: "Completeness") -> str:
    """`34 of 40 dates delivered, 2 too cloudy, 3 unprocessed`."""
    counted = report.tally
    others = {str(state): n for state, n in counted.counts.items() if n and state != "delivered"}
    parts = [f"{counted.delivered} of {plural(counted.expected, 'date')} delivered{_from(counted)}"]
    parts += [f"{count} {state.replace('_', ' ')}" for state, count in others.items()]
    beside = f"; {plural(counted.superseded, 'product')} superseded" if counted.superseded else ""
    return ", ".join(parts) + beside


def _from(counted: "Tally") -> str:
    """Where the products come from, when that is not one place."""
    from peps_stac.workflow.completeness import ProductSource

    words = {
        ProductSource.PEPS: "from orders",
        ProductSource.GEODES: "from GEODES",
        ProductSource.OWN: "your own",
    }
    parts = [f"{count} {words[source]}" for source, count in counted.sources.items()]
    return f" ({', '.join(parts)})" if len(parts) > 1 else ""


def next_steps(report: "Completeness", *, is_whole: bool) -> Iterator[str]:
    """What to type next, a line each; nothing when all is there that can be.

    Args:
        report: What is there.
        is_whole: Whether it is of the whole catalog, as the commands named mostly are.
    """
    from peps_stac.workflow.completeness import DateState

    all_of_it = "" if is_whole else " (all of the catalog)"
    if running := len(report.where(DateState.RUNNING)):
        yield f"{running} running: peps-stac download --watch{all_of_it}"
    if ready := len(report.where(DateState.READY)):
        yield f"{ready} ready: peps-stac download{all_of_it}"
    if failed := len(report.where(DateState.UNPROCESSED, DateState.FAILED)):
        # `failed` takes in what is unprocessed or expired.
        state = "failed" if report.where(DateState.FAILED) else "unprocessed"
        yield f"{failed} worth a retry: peps-stac retry --status {state}{all_of_it}"
    if canceled := len(report.where(DateState.CANCELED)):
        yield f"{canceled} canceled: peps-stac retry --status canceled{all_of_it}, if wanted"
    # What is ready to be fetched may hold what is missing from a series.
    missing = () if ready else (DateState.MISSING,)
    if left := report.where(DateState.NOT_ORDERED, *missing):
        yield f"{len(left)} to order: peps-stac order {_choice(left)}"
    if alone := [one for one in report.dates if one.scene is None]:
        subject = (
            "1 product is of a scene" if len(alone) == 1 else f"{len(alone)} products are of scenes"
        )
        why = f"{subject} not in the catalog, so that more may be expected"
        yield f"{why}: peps-stac search {_choice(alone)} --save"


def _choice(dates: "tuple[ExpectedDate, ...] | list[ExpectedDate]") -> str:
    """The options that select some dates: their tiles, and the period that holds them."""
    tiles = list(dict.fromkeys(str(one.tile) for one in dates))
    named = [f"-t {tile}" for tile in tiles[:_MOST_TILES]]
    more = ["-t ..."] if len(tiles) > _MOST_TILES else []
    days = [one.datetime.date() for one in dates]
    return " ".join([*named, *more, f"--datetime {min(days)}/{max(days)}"])
