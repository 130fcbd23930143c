"""A simulator, a client and a catalog that belong together, and the whole job on them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pystac

from builders import a_query
from peps_stac.domain import JobStatus, MgrsTile, Order, SearchQuery
from peps_stac.http.session import Session
from peps_stac.peps.client import PepsClient
from peps_stac.simulator import Scenario, SimulatedClock, Simulator
from peps_stac.simulator.scenes import features
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.stac.orders import order_of
from peps_stac.store import Catalog
from peps_stac.workflow import (
    AssetChoice,
    AssetMode,
    Outcome,
    TrackedOrder,
    download,
    plan_orders,
    save,
    search,
    submit,
)

TOULOUSE = MgrsTile.parse("31TCJ")
AS_DELIVERED = AssetChoice(mode=AssetMode.RAW)
"""Quick: nothing is converted."""


@dataclass
class Bench:
    """Everything a verb needs."""

    peps: Simulator
    client: PepsClient
    catalog: Catalog
    lines: list[str]
    """What was told."""
    assets: AssetChoice = AS_DELIVERED

    def search(self, query: SearchQuery | None = None) -> list[pystac.Item]:
        found = list(search(self.client, query or a_query(), tell=self.lines.append))
        save(self.catalog, found)
        return found

    def order(
        self,
        items: Iterable[pystac.Item] | None = None,
        **options: Any,  # noqa: ANN401 -- of plan_orders
    ) -> list[TrackedOrder]:
        chosen = self.search() if items is None else items
        plan = plan_orders(self.catalog, chosen, **options)
        sent = submit(self.client, self.catalog, plan, now=self.peps.clock, tell=self.lines.append)
        return list(sent)

    def download(self, assets: AssetChoice | None = None) -> list[Outcome]:
        outcomes = download(
            self.client,
            self.catalog,
            assets=assets or self.assets,
            now=self.peps.clock,
            tell=self.lines.append,
        )
        return list(outcomes)

    def wait(self, hours: float = 3) -> None:
        self.peps.clock.advance(hours=hours)

    def orders(self) -> dict[str, Order]:
        items = self.catalog.items(L1C_COLLECTION)
        return {item.id: order for item in items if (order := order_of(item))}

    def statuses(self) -> dict[str, JobStatus]:
        return {item_id: order.status for item_id, order in self.orders().items()}

    def sent(self, route: str) -> int:
        return len(self.peps.requests.of(route))


def november() -> list[dict[str, Any]]:
    """The generated scenes of Toulouse in November 2017."""
    return list(features([TOULOUSE], date(2017, 11, 1), date(2017, 12, 1)))


@contextmanager
def a_bench(
    folder: Path,
    scenes: list[dict[str, Any]] | None = None,
    scenario: Scenario | None = None,
    archives: Path | None = None,
    *,
    assets: AssetChoice = AS_DELIVERED,
) -> Iterator[Bench]:
    """A bench whose simulator stands still in time unless told to advance.

    `archives` is the folder where it keeps what it serves.
    """
    clock = SimulatedClock(speed=0)
    given = november() if scenes is None else scenes
    with (
        Simulator(given, clock=clock, scenario=scenario, size=122, folder=archives) as peps,
        Session(peps.url, credentials=peps.credentials, sleep=lambda _: None) as session,
    ):
        lines: list[str] = []
        catalog = Catalog(folder, tell=lines.append)
        yield Bench(peps, PepsClient(session), catalog, lines, assets)
