"""Orders as people and scripts see them: a row, a line, a document, an exit code."""

import re
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from peps_stac.cli.errors import ExitCode, share_failed
from peps_stac.cli.output import plural
from peps_stac.domain import JobStatus, Order, Process, Reason
from peps_stac.domain.instants import format_instant, format_span

if TYPE_CHECKING:
    from peps_stac.workflow import TrackedOrder

HEADER = ("for", "process", "status", "service", "done", "age", "order", "note")

SHORT_ID = 8
"""Characters of an order id on a terminal; `cancel` and `retry` take as many."""

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


def row(entry: "TrackedOrder", now: datetime) -> tuple[str, ...]:
    """One line of the table of `status`, in the order of `HEADER`; ids are whole in a pipe."""
    order = entry.order
    job_id = order.id or "-"
    return (
        subject(entry),
        str(order.process),
        status(entry),
        order.job_status or "-",
        percent(order),
        format_span(now - order.date) if order.date else "-",
        "unconfirmed"
        if order.is_unconfirmed
        else job_id[: SHORT_ID if sys.stdout.isatty() else None],
        note(entry),
    )


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
    order = entry.order
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
