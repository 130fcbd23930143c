"""`peps-stac demo --provider geodes`: what Theia has made, from a search to the catalog.

Nothing is ordered. One product is on tape, as about every tenth is: the first download says so,
then somebody brings it back on GEODES's web page, and the second download fetches it.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from peps_stac.cli.demo_stage import show
from peps_stac.cli.errors import ExitCode
from peps_stac.cli.output import plural, print_table, tell
from peps_stac.cli.selection import Selection
from peps_stac.cli.simulate import invented

if TYPE_CHECKING:
    from collections.abc import Iterable

    from peps_stac.geodes.client import GeodesClient
    from peps_stac.simulator import Scenario
    from peps_stac.store import Catalog
    from peps_stac.workflow import Outcome

TILE = "31TCH"
SELECTION = Selection(tiles=(TILE,), datetime="2020-01-01/2020-01-15")
WORDS = f"-t {TILE} --datetime 2020-01-01/2020-01-15"
"""The same as it is typed."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What the scenes of the demo share."""

    client: "GeodesClient"
    catalog: "Catalog"


def run(catalog: "Catalog", size: int) -> ExitCode:
    """The flow on GEODES, up to the products."""
    from peps_stac.cli.outcomes import exit_code
    from peps_stac.domain import Credentials
    from peps_stac.geodes.client import GeodesClient
    from peps_stac.http.session import Session
    from peps_stac.simulator import Simulator
    from peps_stac.stac.collections import L2A_COLLECTION

    archive = invented((TILE,), "2020-01-01", "2020-01-15")
    with (
        Simulator(archive, size=size, scenario=_scenario(archive, size)) as simulator,
        Session(
            simulator.url,
            credentials=Credentials(api_key=simulator.api_key),
            retry_after_in_ms=False,
        ) as session,
    ):
        click.echo(f"A simulated GEODES runs at {simulator.url}: invented scenes, real protocol.")
        stage = Stage(GeodesClient(session), catalog)
        for name in catalog.ids(L2A_COLLECTION):
            simulator.restore(name)  # as an earlier run has done it
        _search(stage)
        last = _download(stage)
        if on_tape := [one.name for one in last.values() if one.state == "on_tape"]:
            tell("(somebody signs in on that page and brings it back; here the demo does)")
            for name in on_tape:
                simulator.restore(name)
            last |= _download(stage)
        return exit_code(last.values())


def _scenario(archive: "Iterable[dict[str, Any]]", size: int) -> "Scenario":
    """All online but the oldest product."""
    from peps_stac.peps.resto import read_product
    from peps_stac.simulator import GeodesScenario, Hrefs, Scenario
    from peps_stac.simulator.building import theia_name
    from peps_stac.simulator.style import is_valid

    products = sorted(map(read_product, archive), key=lambda product: product.start)
    oldest = next(theia_name(product) for product in products if is_valid(product))
    rules = GeodesScenario(largest_size=size, l2a_on_tape=0, on_tape=frozenset({oldest}))
    # Public addresses are the same at every run, those of loopback are not.
    return Scenario(hrefs=Hrefs.PUBLIC, geodes=rules)


def _search(stage: Stage) -> None:
    from peps_stac.cli.search import HEADER, SPARE, row
    from peps_stac.workflow import save, search

    show(stage.catalog, f"--provider geodes search {WORDS} --level L2A --save")
    query = replace(SELECTION.query(), level="L2A")
    items = list(search(stage.client, query, tell=tell))
    print_table(HEADER, map(row, items), spare=SPARE)
    changes = save(stage.catalog, items)
    tell(f"{plural(len(items), 'product')} found, {changes.added} new in the catalog")


def _download(stage: Stage) -> "dict[str, Outcome]":
    from peps_stac.cli.outcomes import show_outcomes
    from peps_stac.cli.progress import progress_bars
    from peps_stac.workflow import download_offers

    show(stage.catalog, "download")
    with progress_bars() as reports:
        outcomes = download_offers(
            stage.client,
            stage.catalog,
            tell=tell,
            report=reports.fetching,
            report_step=reports.making,
        )
        last = show_outcomes(reports.until_ended(outcomes), as_json=False)
    if not last:
        click.echo("nothing new to download")
    return last
