"""`peps-stac doctor`: what is installed, set and there, and what to do about what is not well.

It is for when something is broken, so each check stands alone: one that breaks off is a finding.
"""

import os
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click

from peps_stac.cli.errors import ExitCode
from peps_stac.cli.helping import Command
from peps_stac.cli.options import global_options, json_option
from peps_stac.cli.output import plural, print_json, print_table, printable, tell

if TYPE_CHECKING:
    from peps_stac.cli.doctor_findings import Finding

EXAMPLES = (
    ("What is well and what is not", "peps-stac doctor"),
    ("Whether the service takes the account, too", "peps-stac doctor --login"),
    ("For a bug report", "peps-stac doctor --json"),
)

_MARKS = {
    "good": ("ok", "green"),
    "note": ("-", "cyan"),
    "warning": ("!", "yellow"),
    "problem": ("X", "bold red"),
}


@click.command("doctor", cls=Command, examples=EXAMPLES)
@click.option("--login", is_flag=True, help="Also ask the service whether it takes the account.")
@click.option("--offline", is_flag=True, help="Ask nothing of the service.")
@json_option
def command(*, login: bool, offline: bool, as_json: bool) -> int:
    """Check versions, settings, account, service, disk, catalog and browser; change nothing.

    Each line that is not good says what to do. Passwords, keys and the name of the account are
    never told. In the catalog's folder some small files are written, and removed at once, to see
    what its disk can do.

    The exit code is 1 when there is a problem; a warning or a note is none.
    """
    from peps_stac.cli.logs import only_errors

    # What would be warned of is a finding here.
    with nullcontext() if global_options().verbosity else only_errors():
        found = findings(login=login, offline=offline)
    counts = Counter(str(one.state) for one in found)
    if as_json:
        print_json([document(one) for one in found])
    else:
        show(found)
    others = [plural(counts[state], state) for state in ("problem", "warning") if counts[state]]
    tell(", ".join(others) or "all is well")
    return ExitCode.FAILED if counts["problem"] else ExitCode.DONE


def findings(*, login: bool = False, offline: bool = False) -> "list[Finding]":
    """All that there is to say."""
    from functools import partial

    from peps_stac.cli.doctor_browser import browser
    from peps_stac.cli.doctor_catalog import catalog
    from peps_stac.cli.doctor_disk import disk
    from peps_stac.cli.doctor_findings import Patient, blamed, examined
    from peps_stac.cli.doctor_service import service
    from peps_stac.cli.doctor_settings import account, settings, settings_of
    from peps_stac.cli.doctor_versions import versions

    found = list(examined("versions", versions))
    try:
        chosen, wrong = settings_of(os.environ)
    except Exception as error:  # noqa: BLE001 -- so broken that nothing else can be looked at
        return [*found, blamed("settings", type(error).__name__, error, "install peps-stac again")]
    found += wrong
    patient = Patient(settings=chosen, environ=os.environ, login=login, offline=offline)
    for area, check in (
        ("settings", settings),
        ("account", account),
        ("service", service),
        ("disk", disk),
        ("catalog", catalog),
        ("browser", browser),
    ):
        found.extend(examined(area, partial(check, patient)))
    return found


def document(found: "Finding") -> dict[str, Any]:
    """One finding for `--json`."""
    return {
        "area": found.area,
        "name": found.name,
        "state": found.state,
        "found": found.found,
        "advice": found.advice or None,
    }


def show(found: "Sequence[Finding]") -> None:
    """Print a table: drawn on a terminal, plain elsewhere."""
    if sys.stdout.isatty():
        _draw(found)
        return
    header = ("area", "name", "state", "found", "what to do")
    print_table(header, [(f.area, f.name, f.state, f.found, f.advice) for f in found])


def _draw(found: "Sequence[Finding]") -> None:
    """On a terminal: a part for each area, and what to do below what is not good."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    widest = max(len(one.name) for one in found if len(one.name) <= 16)  # noqa: PLR2004 -- of 80
    for area in dict.fromkeys(one.area for one in found):
        table = Table.grid(padding=(0, 1))
        table.add_column(width=2)
        table.add_column(width=widest, overflow="fold")
        table.add_column(overflow="fold")
        for one in (one for one in found if one.area == area):
            mark, style = _MARKS[one.state]
            told = Text(printable(one.found))
            if one.advice:
                told.append(f"\n{printable(one.advice)}", style="dim" if mark == "-" else style)
            table.add_row(Text(mark, style), Text(printable(one.name)), told)
        console.print(Text(area, "bold"))
        console.print(table)
