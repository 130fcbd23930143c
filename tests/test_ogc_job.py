"""The main job with orders at a service of OGC API - Processes, on the simulator's OGC face."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import Result

from builders_cli import NOWHERE, Run, run
from peps_stac.domain import JobStatus, MgrsTile, Order, Reason
from peps_stac.simulator import Action, Fault, Scenario, Script, SimulatedClock, Simulator
from peps_stac.simulator.scenes import features
from peps_stac.stac.collections import L1C_COLLECTION, L2A_COLLECTION
from peps_stac.stac.orders import order_of
from peps_stac.store import Catalog

TILE = "31TCJ"
NOVEMBER = ("-t", TILE, "--datetime", "2017-11-20/2017-11-30")
DAY = ("-t", TILE, "--datetime", "2017-11-27")
SERIES = ("--series", "-t", TILE, "--datetime", "2017-10-01/2017-11-30", "--lead-in", "0")


def a_service() -> Simulator:
    archive = features([MgrsTile.parse(TILE)], date(2017, 10, 1), date(2017, 11, 30))
    return Simulator(archive, size=100, clock=SimulatedClock(speed=0), scenario=Scenario())


@pytest.fixture
def service() -> Iterator[Simulator]:
    with a_service() as running:
        yield running


@pytest.fixture
def peps_stac(service: Simulator, tmp_path: Path) -> Run:
    variables = {
        "PEPS_STAC_PEPS_URL": service.url,
        "PEPS_STAC_PROCESSES_URL": service.processes_url,
        "PEPS_STAC_USERNAME": str(service.credentials.username),
        "PEPS_STAC_PASSWORD": str(service.credentials.password),
        "PEPS_STAC_CATALOG": str(tmp_path / "catalog"),
    }

    def call(*args: str, **env: str) -> Result:
        return run(*args, home=tmp_path, env=variables | env)

    return call


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog(tmp_path / "catalog")


def orders(catalog: Catalog) -> dict[str, Order]:
    items = catalog.items(L1C_COLLECTION)
    return {item.id: order for item in items if (order := order_of(item))}


def statuses(catalog: Catalog) -> set[JobStatus]:
    return {order.status for order in orders(catalog).values()}


def test_from_a_search_on_peps_to_a_catalog_of_products(
    peps_stac: Run, catalog: Catalog, service: Simulator
) -> None:
    ordered = peps_stac("order", *NOVEMBER, "--yes")
    queued = peps_stac("status")
    service.clock.advance(minutes=30)
    running = peps_stac("status")
    shown = statuses(catalog)
    service.jobs.finish()
    watched = peps_stac("watch", "--interval", "1")
    downloaded = peps_stac("download")
    ended = orders(catalog)

    assert ordered.exit_code == 0, ordered.output
    assert queued.exit_code == running.exit_code == 3
    assert shown == {JobStatus.SHIPPING}
    assert watched.exit_code == downloaded.exit_code == 0, downloaded.output
    delivered = {name for name, order in ended.items() if order.status is JobStatus.SUCCEEDED}
    cloudy = {name for name, order in ended.items() if order.reason is Reason.TOO_CLOUDY}
    assert delivered
    assert delivered | cloudy == set(ended)
    assert len(list(catalog.ids(L2A_COLLECTION))) == len(delivered)
    assert peps_stac("validate", "--offline").exit_code == 0
    assert not service.requests.of("execute")


def test_scenes_found_on_geodes_are_ordered_there_too(
    peps_stac: Run, catalog: Catalog, service: Simulator
) -> None:
    """No PEPS at all: what is alive today, and a service that anybody may put up."""
    geodes = {"PEPS_STAC_GEODES_URL": service.url, "PEPS_STAC_PEPS_URL": NOWHERE}

    ordered = peps_stac("--provider", "geodes", "order", *NOVEMBER, "--yes", **geodes)
    service.jobs.finish()
    watched = peps_stac("watch", "--interval", "1", **geodes)
    downloaded = peps_stac("download", **geodes)

    assert [one.exit_code for one in (ordered, watched, downloaded)] == [0, 0, 0], ordered.output
    assert list(catalog.ids(L2A_COLLECTION))
    for product in catalog.items(L2A_COLLECTION):
        assert product.get_links("derived_from")
    assert not any(request.route == "search" for request in service.requests)


def test_a_date_too_cloudy_is_told_and_never_ordered_again(
    peps_stac: Run, catalog: Catalog, service: Simulator
) -> None:
    service.scenario = replace(service.scenario, cloudy_above=-1.0)
    peps_stac("order", *DAY)
    service.jobs.finish()

    downloaded = peps_stac("download")
    again = peps_stac("order", *DAY)

    [order] = orders(catalog).values()
    assert order.reason is Reason.TOO_CLOUDY
    assert downloaded.exit_code == 0
    assert again.exit_code == 0
    assert len(service.jobs) == 1


def test_a_series_is_one_job_and_what_it_lost_can_be_ordered_again(
    peps_stac: Run, catalog: Catalog, service: Simulator
) -> None:
    service.scenario = replace(service.scenario, unprocessed=frozenset({"2017-11-27"}))
    ordered = peps_stac("order", *SERIES, "--yes")
    service.jobs.finish()
    peps_stac("status")
    ended = orders(catalog)

    retried = peps_stac("retry", "--status", "unprocessed")

    assert ordered.exit_code == retried.exit_code == 0, ordered.output + retried.output
    lost = [name for name, order in ended.items() if order.reason is Reason.UNPROCESSED]
    assert ["20171127T" in name for name in lost] == [True]
    assert len({order.id for order in ended.values()}) == 1
    assert [job.process for job in service.jobs] == ["FULL_MAJA", "MAJA"]


def test_a_job_that_fails_says_why_and_is_ordered_once_more(
    peps_stac: Run, catalog: Catalog, service: Simulator
) -> None:
    service.scenario = replace(service.scenario, cloudy_above=100.0)
    peps_stac("order", *DAY)
    [job] = service.jobs
    service.jobs.script(job.id, Script(words=((0, "FAILED"),), message="the disk is full"))

    watched = peps_stac("watch", "--interval", "1")
    [failed] = orders(catalog).values()
    retried = peps_stac("retry", "--status", "failed")
    service.jobs.finish()
    downloaded = peps_stac("download")

    assert watched.exit_code == 1
    assert (failed.status, failed.message) == (JobStatus.FAILED, "the disk is full")
    assert retried.exit_code == downloaded.exit_code == 0
    assert len(list(catalog.ids(L2A_COLLECTION))) == 1


def test_an_order_is_canceled_at_the_service(
    peps_stac: Run, catalog: Catalog, service: Simulator
) -> None:
    peps_stac("order", *DAY)
    [name] = orders(catalog)

    canceled = peps_stac("cancel", name)

    assert canceled.exit_code == 0, canceled.output
    assert statuses(catalog) == {JobStatus.CANCELED}
    assert [service.jobs.state(job).word for job in service.jobs] == ["CANCELED"]


def test_a_job_that_was_dismissed_elsewhere_is_canceled(
    peps_stac: Run, catalog: Catalog, service: Simulator
) -> None:
    peps_stac("order", *DAY)
    [job] = service.jobs
    service.jobs.cancel(job.gid, job.userid)

    peps_stac("status")

    assert statuses(catalog) == {JobStatus.CANCELED}


@pytest.mark.parametrize(
    "fault",
    [
        Fault(route="ogc execute", action=Action.DROP, after=True),
        Fault(route="ogc execute", action=Action.STATUS, status=504, after=True),
        Fault(route="ogc execute", action=Action.HTML, after=True),
    ],
    ids=["connection", "proxy", "page"],
)
def test_a_lost_answer_stays_unconfirmed_and_is_repeated_only_on_demand(
    fault: Fault, peps_stac: Run, catalog: Catalog, service: Simulator
) -> None:
    """The standard gives jobs no title, so that nothing tells whose job a listed one is."""
    service.faults.add(fault)

    lost = peps_stac("order", *DAY)
    shown = json.loads(peps_stac("status", "--json").stdout)
    again = peps_stac("order", *DAY)
    jobs_before = len(service.jobs)
    insisted = peps_stac("order", *DAY, "--again")

    assert "unconfirmed" in lost.stderr
    assert shown[0]["unconfirmed"] is True
    assert jobs_before == 1, again.output
    assert insisted.exit_code == 0
    assert len(service.jobs) == 2
    [order] = orders(catalog).values()
    assert order.id == service.jobs[1].id


def test_a_service_that_forgot_its_jobs_is_told_and_ordered_at_once_more(
    peps_stac: Run, catalog: Catalog
) -> None:
    """As after a restart of one that keeps them in memory."""
    peps_stac("order", *DAY)
    with a_service() as restarted:
        there = {
            "PEPS_STAC_PEPS_URL": restarted.url,
            "PEPS_STAC_PROCESSES_URL": restarted.processes_url,
        }
        told = peps_stac("status", **there)
        [name] = orders(catalog)
        canceled = peps_stac("cancel", name, **there)
        retried = peps_stac("retry", "--status", "canceled", **there)
        restarted.jobs.finish()
        downloaded = peps_stac("download", **there)

    assert told.exit_code == 3
    assert "if the service forgot the job: peps-stac cancel, then retry" in told.stderr
    assert canceled.exit_code == retried.exit_code == 0
    assert downloaded.exit_code == 0, downloaded.output
    assert len(list(catalog.ids(L2A_COLLECTION))) == 1


def test_a_service_that_is_out_changes_nothing(
    peps_stac: Run, catalog: Catalog, service: Simulator
) -> None:
    lost = peps_stac("order", *DAY, PEPS_STAC_PROCESSES_URL=NOWHERE)

    assert lost.exit_code == 1
    assert "connection was refused" in lost.stderr
    assert statuses(catalog) == {JobStatus.ORDERABLE}
    assert not len(service.jobs)


def test_a_wrong_password_is_one_line(peps_stac: Run, service: Simulator) -> None:
    result = peps_stac("order", *DAY, PEPS_STAC_PASSWORD="wrong-one")  # noqa: S106 -- wrong

    assert result.exit_code == 1
    assert "check the credentials" in result.stderr
    assert "wrong-one" not in result.output
    assert not len(service.jobs)


def test_archives_of_scenes_still_come_from_where_scenes_are(
    peps_stac: Run, catalog: Catalog, service: Simulator
) -> None:
    peps_stac("search", *DAY, "--save")
    [name] = catalog.ids(L1C_COLLECTION)
    service.scenario = replace(service.scenario, storage={name: "disk"})

    there = ("--collection", "sentinel-2-l1c", *DAY)
    result = peps_stac("download", *there, PEPS_STAC_PROCESSES_URL=NOWHERE)

    assert result.exit_code == 0, result.output
    assert len([*catalog.root.rglob(f"{name}.zip")]) == 1
