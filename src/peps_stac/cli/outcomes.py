"""What became of each product, of a download or an add, told as it happens."""

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from peps_stac.cli.errors import ExitCode, share_failed
from peps_stac.cli.output import print_json, say, tell

if TYPE_CHECKING:
    from peps_stac.workflow import Outcome


def show_outcomes(outcomes: Iterable["Outcome"], *, as_json: bool) -> "dict[str, Outcome]":
    """Print each outcome when it comes, or all as one JSON list; the last of each product."""
    last: dict[str, Outcome] = {}
    for outcome in outcomes:
        last[outcome.name] = outcome
        if not as_json:
            say(line(outcome))
    if as_json:
        print_json([document(one) for one in last.values()])
    elif last:
        counts = Counter(str(one.state).replace("_", " ") for one in last.values())
        tell(", ".join(f"{count} {state}" for state, count in counts.most_common()))
    return last


def document(outcome: "Outcome") -> dict[str, object]:
    """One outcome for `--json`."""
    return {"name": outcome.name, "state": outcome.state, "detail": outcome.detail or None}


def line(outcome: "Outcome") -> str:
    """`added       SENTINEL2A_...`, with what there is to say of it."""
    detail = f"  {outcome.detail}" if outcome.detail else ""
    return f"{str(outcome.state).replace('_', ' '):<10}  {outcome.name}{detail}"


def exit_code(outcomes: Iterable["Outcome"], *, running: int = 0) -> ExitCode:
    """3 when orders still run or files are on tape, 4 or 1 when products failed, else 0.

    What a quota left for another day is as good as failed for this one.
    """
    states = Counter(str(outcome.state) for outcome in outcomes)
    failed = states.pop("failed", 0) + states.pop("postponed", 0)
    awaited = running + states.pop("on_tape", 0)
    return share_failed(failed=failed, succeeded=states.total(), running=awaited)
