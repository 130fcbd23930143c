"""1,000 open orders asked about: `refresh` beside the same requests of a bare `requests.Session`.

The simulator runs in a process of its own. Both ask it in turn, several times; `refresh` also
reads all orders from the catalog and writes what is new: nothing in the first row; in the second
a tenth has finished and another tenth begun; in the third every job has finished.

    python benchmarks/refresh.py --orders 1000 --runs 5
"""

import argparse
import multiprocessing
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests

from peps_stac.clock import utc_now
from peps_stac.domain import Credentials, Event, JobStatus, MajaRequest, MgrsTile, Order, Process
from peps_stac.http.session import Session
from peps_stac.peps.client import WPS_PATH, PepsClient
from peps_stac.peps.resto import read_product
from peps_stac.peps.wps import execute_params, read_execute_response, status_params
from peps_stac.simulator import Scenario, SimulatedClock, Simulator
from peps_stac.simulator.scenes import features
from peps_stac.stac.l1c import item_from_product
from peps_stac.stac.orders import with_order
from peps_stac.store import Catalog
from peps_stac.workflow import refresh

TILES = [MgrsTile.parse(text) for text in ("31TCJ", "31TCH", "31TDJ", "31TDH", "30TYP")]
JOB_HOURS = 10
"""A tenth of the jobs run at once, so that all have finished within the five days of PEPS."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with a_service(options.orders) as service, tempfile.TemporaryDirectory() as folder:
        bench = Bench(service, Path(folder), options.runs)
        job_ids = bench.prepare()
        asked = f"{options.orders:,} open orders"
        print(f"| {asked} | refresh | bare session | ratio | of the best | requests an order |")
        print("| --- | --- | --- | --- | --- | --- |")
        print(bench.row("nothing new", job_ids), flush=True)
        service.advance(hours=JOB_HOURS)
        print(bench.row("a fifth new", job_ids), flush=True)
        service.advance(hours=9.5 * JOB_HOURS)
        print(bench.row("all finished", job_ids), flush=True)


@dataclass(frozen=True, slots=True)
class Service:
    """The simulator, from outside."""

    url: str
    login: Credentials
    scenes: list[dict[str, Any]]
    _line: Connection

    def advance(self, hours: float) -> None:
        """Let its time pass."""
        self._line.send(hours)
        self._line.recv()

    def asked(self) -> int:
        """Requests since the last call."""
        self._line.send(0)
        answer: int = self._line.recv()
        return answer


@contextmanager
def a_service(count: int) -> Iterator[Service]:
    scenes = list(islice(features(TILES, date(2017, 7, 1), date(2020, 1, 1)), count))
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, scenes), daemon=True)
    process.start()
    url, name, password = ours.recv()
    yield Service(url, Credentials(username=name, password=password), scenes, ours)
    ours.send(None)
    process.join()


def serve(line: Connection, scenes: list[dict[str, Any]]) -> None:
    """The life of the simulator."""
    behaviour = Scenario(running_at_once=len(scenes) // 10, first_date_min=60 * JOB_HOURS)
    with Simulator(scenes, clock=SimulatedClock(speed=0), scenario=behaviour) as peps:
        line.send((peps.url, peps.credentials.username, peps.credentials.password))
        while (hours := line.recv()) is not None:
            peps.clock.advance(hours=hours)
            line.send(peps.requests.total)
            peps.requests.clear()


@dataclass(frozen=True, slots=True)
class Bench:
    """The two, taking turns."""

    service: Service
    folder: Path
    runs: int

    def prepare(self) -> list[str]:
        """Order every scene; the ids of the jobs."""
        products = [read_product(scene) for scene in self.service.scenes]
        with self.bare() as session:
            replies = [session.get(self._address(product.name)) for product in products]
        answers = [read_execute_response(reply.content) for reply in replies]
        now = utc_now()
        seen = Event(JobStatus.ORDERED, now, "execute", "ProcessAccepted")
        Catalog(self.folder / "start").put_all(
            with_order(
                item_from_product(product),
                Order(
                    process=Process.MAJA,
                    status=JobStatus.ORDERED,
                    inputs={"product": product.name},
                    id=answer.job_id,
                    date=now,
                    history=(seen,),
                    monitor=answer.status_href,
                ),
            )
            for product, answer in zip(products, answers, strict=True)
        )
        self.refreshed(Catalog(self.folder / "start"))
        return [str(answer.job_id) for answer in answers]

    def row(self, name: str, job_ids: list[str]) -> str:
        """Both, several times in turn: medians, and the best, which others disturbed least."""
        ours, theirs, asked = [], [], set()
        for number in range(self.runs):
            root = self.folder / f"{name}-{number}"
            shutil.copytree(self.folder / "start", root)
            theirs.append(seconds(partial(self.asked_barely, job_ids)))
            self.service.asked()
            ours.append(seconds(partial(self.refreshed, Catalog(root))))
            asked.add(self.service.asked() / len(job_ids))
            shutil.rmtree(root)
        mine, bare = statistics.median(ours), statistics.median(theirs)
        best = min(ours) / min(theirs)
        times = f"{mine:.2f} s | {bare:.2f} s | {mine / bare:.2f} | {best:.2f}"
        return f"| {name} | {times} | {max(asked):.3f} |"

    def refreshed(self, catalog: Catalog) -> None:
        with Session(self.service.url, credentials=self.service.login) as session:
            for _ in refresh(PepsClient(session), catalog):
                pass

    def asked_barely(self, job_ids: list[str]) -> None:
        with self.bare() as session:
            for job_id in job_ids:
                address = f"{self.service.url}{WPS_PATH}?{urlencode(status_params(job_id))}"
                assert session.get(address).content  # noqa: S101 -- read to its end

    @contextmanager
    def bare(self) -> Iterator[requests.Session]:
        with requests.Session() as session:
            session.auth = (str(self.service.login.username), str(self.service.login.password))
            yield session

    def _address(self, name: str) -> str:
        params = execute_params(MajaRequest(name), title="benchmark")
        return f"{self.service.url}{WPS_PATH}?{urlencode(params)}"


def seconds(action: Callable[[], None]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
