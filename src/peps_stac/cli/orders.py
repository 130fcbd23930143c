"""Orders as people and scripts see them: a row, a line, a document, an exit code."""

import re
import shutil
import sys
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from peps_stac.cli.errors import ExitCode, share_failed
from peps_stac.cli.output import Row, plural, print_table, say
from peps_stac.domain import JobStatus, Order, Process, Reason
from peps_stac.domain.instants import format_instant, format_span
from peps_stac.workflow import expected_end

if TYPE_CHECKING:
    from peps_stac.workflow import TrackedOrder

HEADER = ("for", "process", "status", "service", "done", "age", "expected", "order", "note")

SHORT_ID = 8
"""Characters of an order id on a terminal; `cancel` and `retry` take as many."""

STYLES = {
    "succeeded": "green",
    "shipping": "cyan",
    "planned": "dim",
    "canceled": "yellow",
    "failed": "red",
    "too_cloudy": "yellow",
}
"""Colours of words about orders, on a terminal."""

_LONGEST_NOTE = 12
"""Characters of a note inside a table on a terminal; longer ones stand below it."""

_WIDE = 100
_NARROW = 70
_NOTHING = ("", "-")

_L1C_NAME = re.compile(
    r"(?P<unit>S2[A-Z])_MSIL1C_(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)T\d{6}_.*_T(?P<tile>\w{5})_"
)


def subject(entry: "TrackedOrder") -> str:
    """What an order is for, in few words: `31TCJ 2017-11-27 S2A`, or tile and period."""
    inputs = entry.order.inputs
    if entry.order.process is Process.FULL_MAJA:
        period = f"{inputs.get('startDate')}/{inputs.get('completionDate')}"
        return f"{inputs.get('tileid')} {period} ({plural(len(entry.item_ids), 'product')})"
    return scene(entry.item_ids[0])


def short_subject(entry: "TrackedOrder") -> str:
    """The same in 26 characters at most: of a series the months, `31TCJ 2017-10/2017-12 (9)`."""
    inputs = entry.order.inputs
    if entry.order.process is not Process.FULL_MAJA:
        return scene(entry.item_ids[0])
    first, last = (inputs.get(name, "?")[:7] for name in ("startDate", "completionDate"))
    return f"{inputs.get('tileid')} {first}/{last} ({len(entry.item_ids)})"


def scene(item_id: str) -> str:
    """A scene in few words: `31TCJ 2017-11-27 S2A`; its id when it tells nothing."""
    match = _L1C_NAME.match(item_id)
    if match is None:
        return item_id
    return f"{match['tile']} {match['y']}-{match['m']}-{match['d']} {match['unit']}"


def status(entry: "TrackedOrder") -> str:
    """`shipping`, or `20 succeeded, 3 failed` when the scenes of a series differ."""
    counts = Counter(word(order) for order in entry.orders.values())
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(f"{count} {each}" for each, count in counts.most_common())


def word(order: Order) -> str:
    """Where one scene stands: in the words of `order:status`, and `planned`."""
    return "planned" if order.is_planned else str(order.status)


def show(entries: Iterable["TrackedOrder"], now: datetime) -> None:
    """Print the orders as a table on stdout: all columns in a pipe, what matters on a terminal.

    There, 80 characters are enough: what other columns tell and what nothing stands in is left
    out, and long notes stand below, each once.
    """
    rows = [row(entry, now) for entry in entries]
    if not sys.stdout.isatty():
        print_table(HEADER, rows)
        return
    below: dict[str, str] = {}
    lines = [(*cells, _short_note(text, below)) for *cells, text in rows]
    columns = {
        name: cells
        for name, *cells in zip(HEADER, *lines, strict=True)
        if any(cell not in _NOTHING for cell in cells)
    }
    shown = [name for name in columns if name not in _told_by_others(columns)]
    print_table(shown, zip(*(columns[name] for name in shown), strict=True), style=_style)
    for text, mark in below.items():
        say(f"{mark} {text}")


def _style(row: Row, cell: str) -> str:
    """The colour of a word; a scene too cloudy for MAJA is no failure."""
    is_too_cloudy = cell == "failed" and str(Reason.TOO_CLOUDY) in row
    return STYLES["too_cloudy" if is_too_cloudy else cell] if cell in STYLES else ""


def _told_by_others(columns: Collection[str]) -> set[str]:
    """Columns of `HEADER` that a terminal has no place for."""
    width = shutil.get_terminal_size().columns
    if width >= _WIDE:
        return {"process"}
    has_age = "expected" not in columns and width >= _NARROW
    return {"process", "service"} if has_age else {"process", "service", "age"}


def _short_note(text: str, below: dict[str, str]) -> str:
    if len(text) <= _LONGEST_NOTE:
        return text
    return below.setdefault(text, f"({len(below) + 1})")


def row(entry: "TrackedOrder", now: datetime) -> tuple[str, ...]:
    """One line of the table of `status`, in the order of `HEADER`.

    In a pipe ids are whole and the expected end is an instant.
    """
    order, is_for_people = entry.order, sys.stdout.isatty()
    job_id = order.id or ("unconfirmed" if order.is_unconfirmed else "-")
    return (
        short_subject(entry) if is_for_people else subject(entry),
        str(order.process),
        status(entry),
        order.job_status or "-",
        percent(order),
        format_span(now - order.date) if order.date else "-",
        expected(entry, now) if is_for_people else instant_text(expected_end(entry)),
        job_id[:SHORT_ID] if order.id and is_for_people else job_id,
        note(entry),
    )


def expected(entry: "TrackedOrder", now: datetime) -> str:
    """When it should be done, in the time of this place: `14:30`, or `overdue`; else a dash."""
    end = expected_end(entry)
    if end is None:
        return "-"
    return "overdue" if end < now else local_time(end, now)


def local_time(when: datetime, now: datetime) -> str:
    """`14:30`, or `28 Nov 14:30` on another day, in the time zone of this machine."""
    here = when.astimezone()
    is_today = here.date() == now.astimezone().date()
    return f"{here:%H:%M}" if is_today else f"{here:%d %b %H:%M}"


def instant_text(when: datetime | None) -> str:
    """`2017-12-01T14:30:00Z`, or a dash."""
    return format_instant(when) if when else "-"


def percent(order: Order) -> str:
    """`40 %`, or a dash."""
    return "-" if order.progress is None else f"{order.progress:.0f} %"


def note(entry: "TrackedOrder") -> str:
    """Why scenes have no product, in our words and the service's."""
    reasons = dict.fromkeys(str(o.reason) for o in entry.orders.values() if o.reason)
    messages = dict.fromkeys(o.message for o in entry.orders.values() if o.message)
    return "; ".join([*reasons, *messages])


def document(entry: "TrackedOrder") -> dict[str, object]:
    """One order for `--json`; a fact that is not known is null."""
    order, end = entry.order, expected_end(entry)
    return {
        "id": order.id,
        "unconfirmed": order.is_unconfirmed,
        "planned": order.is_planned,
        "submission": order.submission,
        "process": order.process,
        "inputs": order.inputs,
        "kept": [str(order.kept.first), str(order.kept.last)] if order.kept else None,
        "status": order.status,
        "job_status": order.job_status,
        "progress": order.progress,
        "date": format_instant(order.date) if order.date else None,
        "expected_end": format_instant(end) if end else None,
        "attempt": order.attempt,
        "reason": order.reason,
        "message": order.message,
        "items": {
            item_id: {"status": one.status, "reason": one.reason, "message": one.message}
            for item_id, one in entry.orders.items()
        },
    }


def exit_code(entries: Iterable["TrackedOrder"]) -> ExitCode:
    """3 when something still runs or is planned, 4 or 1 when scenes failed, else 0.

    A scene too cloudy for MAJA is no failure, and neither is what the person canceled.
    """
    scenes = [order for entry in entries for order in entry.orders.values()]
    failed = sum(has_failed(order) for order in scenes)
    running = sum(order.status.is_open or order.is_planned for order in scenes)
    succeeded = sum(order.status.is_final for order in scenes) - failed
    return share_failed(failed=failed, succeeded=succeeded, running=running)


def has_failed(order: Order) -> bool:
    """Whether an order ended otherwise than a person could expect."""
    if order.status is JobStatus.CANCELED:
        return not (order.history and order.history[-1].source == "user")
    return order.status is JobStatus.FAILED and order.reason is not Reason.TOO_CLOUDY


def summary(entries: Iterable["TrackedOrder"]) -> str:
    """`3 succeeded, 1 shipping`, counted by scene."""
    words: Counter[str] = Counter()
    for entry in entries:
        words.update(str(order.reason or word(order)) for order in entry.orders.values())
    return ", ".join(f"{count} {each}" for each, count in words.most_common())
