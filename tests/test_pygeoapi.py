"""Orders at a service that others wrote: pygeoapi, which knows nothing of this package.

Scenes are searched on the simulated PEPS. Archives are on a third host, which wants no login.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from click.testing import Result

from builders_cli import run
from builders_http import PASSWORD, USERNAME, ServedFile, Server, a_session
from builders_pygeoapi import Pygeoapi, a_pygeoapi
from peps_stac.domain import JobStatus, MajaRequest, MgrsTile, Order
from peps_stac.ogc.client import OgcClient
from peps_stac.peps.resto import read_product
from peps_stac.simulator import Simulator
from peps_stac.simulator.building import build_product
from peps_stac.simulator.scenes import features
from peps_stac.simulator.style import product_name
from peps_stac.stac.collections import L1C_COLLECTION, L2A_COLLECTION
from peps_stac.stac.orders import order_of
from peps_stac.store import Catalog

DAY = ("-t", "31TCJ", "--datetime", "2017-11-27")
PRODUCT = "S2A_MSIL1C_20171127T105351_N0206_R051_T31TCJ_20171127T105351"


@pytest.fixture(scope="module")
def pygeoapi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pygeoapi]:
    with a_pygeoapi(tmp_path_factory.mktemp("pygeoapi")) as running:
        yield running


@pytest.fixture(scope="module")
def peps() -> Iterator[Simulator]:
    day = date(2017, 11, 27)
    with Simulator(features([MgrsTile.parse("31TCJ")], day, day)) as running:
        yield running


@dataclass
class Bench:
    """A person with a catalog, and the services of these tests."""

    home: Path
    pygeoapi: Pygeoapi
    peps: Simulator
    process: str = "maja-4"

    def __call__(self, *args: str) -> Result:
        env = {
            "PEPS_STAC_CATALOG": str(self.home / "catalog"),
            "PEPS_STAC_PEPS_URL": self.peps.url,
            "PEPS_STAC_PROCESSES_URL": self.pygeoapi.url,
            "PEPS_STAC_PROCESS_MAJA": self.process,
            "PEPS_STAC_USERNAME": USERNAME,
            "PEPS_STAC_PASSWORD": PASSWORD,
        }
        return run(*args, home=self.home, env=env)

    @property
    def catalog(self) -> Catalog:
        return Catalog(self.home / "catalog")

    @property
    def product(self) -> str:
        [name] = self.catalog.ids(L1C_COLLECTION)
        return name

    @property
    def order(self) -> Order:
        order = order_of(next(iter(self.catalog.items(L1C_COLLECTION))))
        assert order is not None
        return order


@pytest.fixture
def bench(tmp_path: Path, pygeoapi: Pygeoapi, peps: Simulator) -> Bench:
    return Bench(tmp_path, pygeoapi, peps)


@pytest.fixture
def archives(tmp_path: Path) -> Iterator[Server]:
    """A host with the product of the scene, made by the simulator."""
    [feature] = features([MgrsTile.parse("31TCJ")], date(2017, 11, 27), date(2017, 11, 27))
    scene = read_product(feature)
    path = build_product(scene, tmp_path / f"{product_name(scene)}.zip", size=100)
    with Server().on(f"/{path.name}", ServedFile(path.read_bytes())) as server:
        yield server


def test_an_order_is_followed_to_its_end_and_its_product_catalogued(
    bench: Bench, archives: Server
) -> None:
    [path] = bench.home.glob("*.zip")
    assert bench("order", *DAY).exit_code == 0
    assert bench.order.id is not None

    running = bench("status")
    bench.pygeoapi.finish(bench.product, f"{archives.url}/{path.name}")
    watched = bench("watch", "--interval", "1")
    downloaded = bench("download")

    assert running.exit_code == 3
    assert "shipping" in running.stdout
    assert watched.exit_code == 0, watched.output
    assert bench.order.status is JobStatus.SUCCEEDED
    assert downloaded.exit_code == 0, downloaded.output
    assert [*bench.catalog.ids(L2A_COLLECTION)] == [path.stem]
    assert bench("validate", "--offline").exit_code == 0
    assert not len(bench.peps.jobs)
    assert [one.path for one in archives.seen] == [f"/{path.name}"]
    assert "authorization" not in archives.seen[0].headers


def test_a_job_that_delivers_nothing_says_what_it_said_instead(bench: Bench) -> None:
    bench.process = "greeting"
    bench("order", *DAY)

    watched = bench("watch", "--interval", "1")
    shown = json.loads(bench("status", "--json").stdout)

    assert watched.exit_code == 1
    assert bench.order.status is JobStatus.FAILED
    assert bench.order.job_status == "successful"
    assert f"Hello {bench.product}!" in str(bench.order.message)
    assert "Hello" in json.dumps(shown)


def test_a_process_that_fails_is_told_in_its_own_words(bench: Bench) -> None:
    bench.process = "hello-world"
    bench("order", *DAY)

    watched = bench("watch", "--interval", "1")

    assert watched.exit_code == 1
    assert bench.order.status is JobStatus.FAILED
    assert bench.order.job_status == "failed"
    assert bench.order.message


def test_a_process_the_service_does_not_have_is_a_refusal(bench: Bench) -> None:
    bench.process = "maja-5"

    ordered = bench("order", *DAY)

    assert ordered.exit_code == 1
    assert "identifier not found" in ordered.stderr
    assert bench.order.status is JobStatus.FAILED


def test_a_failed_order_is_ordered_again(bench: Bench) -> None:
    bench.process = "hello-world"
    bench("order", *DAY)
    bench("watch", "--interval", "1")
    first = bench.order.id
    bench.process = "greeting"

    again = bench("retry", "--status", "failed")

    assert again.exit_code == 0, again.output
    assert bench.order.attempt == 2
    assert bench.order.id != first


def test_a_canceled_job_is_dismissed_there(bench: Bench) -> None:
    bench("order", *DAY)
    job_id = str(bench.order.id)

    canceled = bench("cancel", bench.product)

    assert canceled.exit_code == 0, canceled.output
    assert bench.order.status is JobStatus.CANCELED
    with a_session(bench.pygeoapi.url) as session:
        assert job_id not in [job.job_id for job in OgcClient(session).jobs()]


def test_a_job_that_the_service_lost_is_told_and_kept_open(bench: Bench) -> None:
    bench("order", *DAY)
    with a_session(bench.pygeoapi.url) as session:
        OgcClient(session).cancel(bench.order)

    status = bench("status")

    assert status.exit_code == 3
    assert "if the service forgot the job: peps-stac cancel, then retry" in status.stderr
    assert bench.order.status.is_open


def test_all_jobs_are_listed_though_they_come_in_pages(pygeoapi: Pygeoapi) -> None:
    """Ten to a page, and unsorted before they are cut into pages."""
    with a_session(pygeoapi.url) as session:
        client = OgcClient(session, {"MAJA": "greeting"})
        made = {client.submit(MajaRequest(PRODUCT), submission="").job_id for _ in range(23)}

        listed = client.jobs()

    ours = [job for job in listed if job.job_id in made]
    assert len(ours) == len(made) == 23
    assert {job.process for job in ours} == {"MAJA"}
