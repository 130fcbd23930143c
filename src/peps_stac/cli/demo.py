"""`peps-stac demo`: the whole flow on a simulated PEPS, in less than a minute.

Toulouse in November 2017, the example of the old scripts' readme. The service is the simulator,
in this process and with a clock that is driven; all else is what the other commands do.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from peps_stac.cli.completing import words
from peps_stac.cli.connect import PROVIDERS, check_provider
from peps_stac.cli.demo_stage import check, claim, farewell, show
from peps_stac.cli.errors import ExitCode
from peps_stac.cli.helping import Command
from peps_stac.cli.options import global_options
from peps_stac.cli.output import plural, tell
from peps_stac.cli.selection import Selection
from peps_stac.cli.simulate import check_size, invented, require_raster

if TYPE_CHECKING:
    import pystac

    from peps_stac.peps.client import PepsClient
    from peps_stac.simulator import SimulatedClock
    from peps_stac.store import Catalog
    from peps_stac.workflow import OrderPlan

SELECTION = Selection(location="Toulouse", start="2017-11-01", end="2017-12-01")
WORDS = "-l Toulouse -d 2017-11-01 -f 2017-12-01"
"""The same as it is typed."""

_ROUND_S = 900
_PAUSE_S = 0.2


@dataclass(frozen=True, slots=True)
class Stage:
    """What the scenes of the demo share."""

    client: "PepsClient"
    catalog: "Catalog"
    clock: "SimulatedClock"

    def show(self, words: str) -> None:
        """Tell the command that a person would type now."""
        show(self.catalog, words)

    def sleep(self, seconds: float) -> None:
        """Let the simulator's time pass, and just enough of the reader's."""
        time.sleep(_PAUSE_S)
        self.clock.sleep(seconds)


EXAMPLES = (
    ("The whole job in ./demo", "peps-stac demo"),
    ("The same with GEODES, where nothing is ordered", "peps-stac demo --provider geodes"),
)


@click.command("demo", cls=Command, examples=EXAMPLES)
@click.argument(
    "directory", required=False, type=click.Path(path_type=Path, file_okay=False), metavar="[DIR]"
)
@click.option(
    "--size",
    type=int,
    default=366,
    metavar="N",
    show_default=True,
    help="Pixels of 10 m in a row of the products; 10980 is the real size.",
)
@click.option(
    "--provider",
    metavar="NAME",
    shell_complete=words(*PROVIDERS),
    help="peps, or geodes where nothing is ordered.",
)
def command(directory: Path | None, size: int, provider: str | None) -> int:
    """Search, order, follow, download and validate on a simulated PEPS.

    Everything happens on this machine: no network, no account. The catalog is kept in DIR
    (default ./demo); running it again goes on where it was and does nothing twice.

    With --provider geodes: search what Theia has made, download what is online, and what is on
    tape once it is brought back, on a simulated GEODES (default ./demo-geodes).
    """
    require_raster()
    check_size(size)
    from peps_stac.cli.demo_geodes import run as run_geodes
    from peps_stac.store import Catalog

    chosen = provider or global_options().provider or "peps"
    check_provider(chosen)
    began = time.monotonic()
    default = "demo" if chosen == "peps" else f"demo-{chosen}"
    catalog = Catalog(directory or Path(default), tell=tell)
    claim(catalog)
    code = (_run if chosen == "peps" else run_geodes)(catalog, size)
    is_valid = check(catalog)
    farewell(catalog, time.monotonic() - began)
    return code if is_valid else ExitCode.FAILED


def _run(catalog: "Catalog", size: int) -> ExitCode:
    """The flow on PEPS, up to the products."""
    from peps_stac.http.session import Session
    from peps_stac.peps.client import PepsClient
    from peps_stac.simulator import Hrefs, Scenario, SimulatedClock, Simulator

    archive = invented(("31TCJ",), "2017-10-01", "2017-12-31")
    clock = SimulatedClock()
    # Public addresses are the same at every run, those of loopback are not.
    scenario = Scenario(hrefs=Hrefs.PUBLIC)
    with (
        Simulator(archive, size=size, clock=clock, scenario=scenario) as simulator,
        Session(simulator.url, credentials=simulator.credentials) as session,
    ):
        click.echo(f"A simulated PEPS runs at {simulator.url}: invented scenes, real protocol.")
        stage = Stage(PepsClient(session), catalog, clock)
        items = _search(stage)
        _order(stage, items)
        _watch(stage)
        return _download(stage)


def _search(stage: Stage) -> "list[pystac.Item]":
    from peps_stac.cli.output import print_table
    from peps_stac.cli.search import HEADER, SPARE, row
    from peps_stac.workflow import save, search

    stage.show(f"search {WORDS} --save")
    items = list(search(stage.client, SELECTION.query(), tell=tell))
    print_table(HEADER, map(row, items), spare=SPARE)
    changes = save(stage.catalog, items)
    tell(f"{plural(len(items), 'product')} found, {changes.added} new in the catalog")
    return items


def _order(stage: Stage, items: "list[pystac.Item]") -> None:
    from peps_stac.workflow import plan_orders

    lost = _lost(stage.catalog)
    stage.show(f"order {WORDS} --yes")
    _send(stage, plan_orders(stage.catalog, items))
    if lost:
        tell("The simulator of an earlier run is gone, and its jobs with it: ordered again.")
        stage.show("order --again ID...")
        _send(stage, plan_orders(stage.catalog, lost, again=True))


def _send(stage: Stage, plan: "OrderPlan") -> None:
    from peps_stac.cli import orders
    from peps_stac.workflow import submit

    for one in plan.refused:
        click.echo(f"{orders.scene(one.item_id)}: not ordered: {one.reason}")
    for entry in submit(stage.client, stage.catalog, plan, now=stage.clock, tell=tell):
        click.echo(f"{orders.subject(entry)}: {orders.status(entry)}, order {entry.order.id}")


def _lost(catalog: "Catalog") -> "list[pystac.Item]":
    """Scenes whose job an interrupted run left behind, with nothing to show for it."""
    from peps_stac.domain import JobStatus
    from peps_stac.stac.collections import L1C_COLLECTION
    from peps_stac.workflow import tracked
    from peps_stac.workflow.pairing import l2a_of

    lost = []
    for entry in tracked(catalog):
        for item_id, order in entry.orders.items():
            item = catalog.get(item_id, L1C_COLLECTION)
            is_delivered = order.status is JobStatus.SUCCEEDED
            if item and (order.status.is_open or (is_delivered and not l2a_of(catalog, item))):
                lost.append(item)
    return lost


def _watch(stage: Stage) -> None:
    from peps_stac.cli.watch import follow
    from peps_stac.workflow import tracked, watch

    stage.show("watch")
    entries = tracked(stage.catalog)
    if not any(entry.is_open for entry in entries):
        click.echo("every order is finished")
        return
    tell("(an hour of the simulator passes in a second)")
    rounds = watch(
        stage.client,
        stage.catalog,
        interval_s=_ROUND_S,
        now=stage.clock,
        sleep=stage.sleep,
        tell=tell,
    )
    follow(rounds, entries)


def _download(stage: Stage) -> ExitCode:
    from peps_stac.cli.outcomes import exit_code, show_outcomes
    from peps_stac.cli.progress import progress_bars
    from peps_stac.workflow import download

    stage.show("download")
    with progress_bars() as reports:
        outcomes = download(
            stage.client,
            stage.catalog,
            now=stage.clock,
            tell=tell,
            report=reports.fetching,
            report_step=reports.making,
        )
        last = show_outcomes(outcomes, as_json=False)
    if not last:
        click.echo("nothing new to download")
    return exit_code(last.values())
