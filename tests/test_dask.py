"""`add` on a Dask cluster: real workers, killed ones, and clients that go away."""

import json
import operator
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, LocalCluster

from builders_archives import NOW, RAW, added, built
from builders_cli import run
from builders_scenes import scenes
from peps_stac.errors import RequestError, ServiceError
from peps_stac.peps.resto import read_product
from peps_stac.stac.collections import L2A_COLLECTION
from peps_stac.store import Catalog, validate
from peps_stac.store.layout import STAGING
from peps_stac.workflow import AssetChoice, OutcomeState, Step, add, cluster
from peps_stac.workflow.cluster import connected
from peps_stac.workflow.preparing import Failure, Job, attempt

TWO = AssetChoice(workers=2)
SCENES = [read_product(found) for found in scenes("31TCJ", "2017-11-01", "2017-12-01")[:5]]


@pytest.fixture(scope="module")
def dask() -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=2, threads_per_worker=2, processes=True, dashboard_address="127.0.0.1:0"
    ) as local:
        yield local


@pytest.fixture(scope="module")
def archives() -> list[Path]:
    return [built(scene).path for scene in SCENES]


def tree(root: Path) -> dict[str, bytes]:
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def staged(catalog: Catalog) -> list[Path]:
    return [path for path in (catalog.root / STAGING).rglob("*") if path.is_file()]


def pids(dask: LocalCluster) -> list[int]:
    with Client(dask.scheduler_address, set_as_default=False) as client:
        return list(client.run(os.getpid).values())


def test_the_bytes_are_the_same_whoever_makes_them(
    tmp_path: Path, dask: LocalCluster, archives: list[Path]
) -> None:
    """With two processes and three products, two are made side by side, and the last by both."""
    alone, both, many = (Catalog(tmp_path / name) for name in ("alone", "both", "many"))
    told: list[Step] = []

    ours = added(alone, *archives[:3])
    local = added(both, *archives[:3], assets=TWO, report=told.append)
    remote = added(many, *archives[:3], scheduler=dask.scheduler_address)

    assert {step.name for step in told} == {"archives", archives[2].stem}
    assert Counter(one.state for one in remote) == {OutcomeState.ADDED: 3}
    names = [sorted(one.name for one in outcomes) for outcomes in (ours, local, remote)]
    assert names[0] == names[1] == names[2]
    assert tree(alone.root) == tree(both.root) == tree(many.root)
    assert validate(many).is_valid


def test_a_run_again_keeps_what_is_there_and_completes_what_is_wanted(
    tmp_path: Path, dask: LocalCluster, archives: list[Path]
) -> None:
    catalog, where = Catalog(tmp_path), {"scheduler": dask.scheduler_address}
    few = AssetChoice(include=("B0[234]",))

    first = added(catalog, *archives, assets=few, **where)
    again = added(catalog, *archives, assets=few, **where)
    more = added(catalog, *archives, assets=AssetChoice(include=("B0*", "visual")), **where)

    assert {str(one.state) for one in first} == {"added"}
    assert {str(one.state) for one in again} == {"kept"}
    assert {str(one.state) for one in more} == {"completed"}
    assert validate(catalog).is_valid


def test_a_worker_that_is_killed_in_the_middle_costs_nothing(
    tmp_path: Path, dask: LocalCluster
) -> None:
    """Dask does its work again elsewhere; what it left in staging goes with the run."""
    catalog = Catalog(tmp_path / "catalog")
    some = AssetChoice(include=("B*", "CLM_R1", "visual"))
    large = [built(scene, size=488).path for scene in SCENES[:2]]
    killed: list[int] = []

    def kill_one_at_work() -> None:
        while not any(path.suffix == ".tif" for path in staged(catalog)):
            time.sleep(0.01)
        victim = victims[0]
        os.kill(victim, signal.SIGKILL)
        killed.append(victim)

    victims = pids(dask)
    killer = threading.Thread(target=kill_one_at_work)
    killer.start()
    outcomes = added(catalog, *large, assets=some, scheduler=dask.scheduler_address)
    killer.join()

    assert killed
    assert [str(one.state) for one in outcomes] == ["added"] * 2
    assert len(list(catalog.ids(L2A_COLLECTION))) == 2
    assert list((catalog.root / STAGING).iterdir()) == []
    assert validate(catalog).is_valid


def test_who_kills_every_worker_fails_alone(dask: LocalCluster) -> None:
    with connected(dask.scheduler_address, lambda _: None) as crew:
        [(given, result)] = crew.stream([signal.SIGKILL], signal.raise_signal)

    assert given is signal.SIGKILL
    assert "every worker that tried it was lost" in str(result)


def test_few_things_are_taken_before_their_time(dask: LocalCluster) -> None:
    taken = 0

    def things() -> Iterator[int]:
        nonlocal taken
        for number in range(300):
            taken += 1
            yield number

    with connected(dask.scheduler_address, lambda _: None) as crew:
        for done, (number, result) in enumerate(crew.stream(things(), operator.neg), start=1):
            assert result == -number
            assert taken <= done + 8  # four threads
    assert done == 300


def test_a_client_that_goes_away_takes_its_jobs_with_it(
    tmp_path: Path, dask: LocalCluster, archives: list[Path]
) -> None:
    """As after Ctrl-C: nothing half made is left, and the next run goes on."""
    catalog = Catalog(tmp_path)
    few = AssetChoice(include=("B0[234]",))
    outcomes = add(catalog, archives, assets=few, scheduler=dask.scheduler_address)
    first = next(outcomes)
    assert isinstance(outcomes, Generator)
    outcomes.close()

    assert first.state is OutcomeState.ADDED
    assert list(catalog.ids()) == [first.name]
    assert validate(catalog).is_valid
    with Client(dask.scheduler_address, set_as_default=False) as client:
        assert client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)) == 0
    rest = added(catalog, *archives, assets=few, scheduler=dask.scheduler_address)
    assert Counter(str(one.state) for one in rest) == {"added": 4, "kept": 1}
    while staged(catalog):  # the workers notice when they have finished a raster
        time.sleep(0.05)


def test_failures_are_outcomes_and_stop_nothing(
    tmp_path: Path, dask: LocalCluster, archives: list[Path]
) -> None:
    bad = tmp_path / "bad.zip"
    bad.write_bytes(b"no zip")

    outcomes = added(
        Catalog(tmp_path / "catalog"), bad, archives[0], scheduler=dask.scheduler_address
    )

    assert {one.name: str(one.state) for one in outcomes} == {
        str(bad): "failed",
        archives[0].stem: "added",
    }


def test_what_a_worker_cannot_see_is_told_in_one_line(
    tmp_path: Path, dask: LocalCluster, archives: list[Path]
) -> None:
    """Below `/proc/self/fd` each process sees its own files, as machines do that share nothing."""
    descriptor = os.open(archives[0].parent, os.O_RDONLY)
    try:
        mine = Path("/proc/self/fd", str(descriptor))
        [outcome] = added(
            Catalog(tmp_path), mine / archives[0].name, scheduler=dask.scheduler_address
        )
    finally:
        os.close(descriptor)

    assert outcome.state is OutcomeState.FAILED
    assert "cannot see it; use a file system that all workers share" in outcome.detail
    assert "\n" not in outcome.detail


def test_a_catalog_that_a_worker_cannot_see_is_told(tmp_path: Path) -> None:
    job = Job(built().path, "/data/catalog", tmp_path / "nowhere", RAW, RAW.form)
    found = attempt(job)

    assert isinstance(found, Failure)
    assert str(found.error).startswith("/data/catalog: the worker on ")


def test_progress_is_told_for_all_together(
    tmp_path: Path, dask: LocalCluster, archives: list[Path]
) -> None:
    steps: list[Step] = []
    added(
        Catalog(tmp_path),
        *archives[:2],
        assets=AssetChoice(include=("B02",)),
        scheduler=dask.scheduler_address,
        report=steps.append,
    )

    assert [(step.files_done, step.files) for step in steps] == [(1, 2), (2, 2)]
    assert steps[-1].bytes_done == steps[-1].bytes == sum(p.stat().st_size for p in archives[:2])


@pytest.mark.parametrize(
    "address", ["nonsense", "http://127.0.0.1:80", "tcp://", "tcp://[::1", "tls://127.0.0.1:9"]
)
def test_an_address_that_is_none_is_one_line(tmp_path: Path, address: str) -> None:
    with pytest.raises(RequestError, match="--scheduler") as caught:
        added(Catalog(tmp_path / "catalog"), built().path, scheduler=address)

    assert "\n" not in str(caught.value)
    assert not (tmp_path / "catalog").exists()


def test_a_scheduler_that_does_not_answer_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 0.2)
    with pytest.raises(ServiceError, match="no Dask scheduler answers there") as caught:
        added(Catalog(tmp_path), built().path, scheduler="tcp://127.0.0.1:9")

    assert "\n" not in str(caught.value)


def test_the_command_adds_on_a_cluster(
    tmp_path: Path, dask: LocalCluster, archives: list[Path]
) -> None:
    words = ("add", "--scheduler", dask.scheduler_address, "--include", "B02", "--json")
    done = run("--catalog", str(tmp_path / "c"), *words, *map(str, archives[:2]), home=tmp_path)

    assert done.exit_code == 0, done.stderr
    assert [one["state"] for one in json.loads(done.stdout)] == ["added", "added"]


def test_workers_of_both_kinds_are_refused(tmp_path: Path) -> None:
    words = ("add", "--scheduler", "tcp://127.0.0.1:9", "--workers", "3", str(built().path))
    done = run(*words, home=tmp_path)

    assert done.exit_code == 2
    assert "--workers or --scheduler" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_clock_of_the_client_is_that_of_the_items(
    tmp_path: Path, dask: LocalCluster, archives: list[Path]
) -> None:
    catalog = Catalog(tmp_path)
    added(catalog, archives[0], assets=RAW, scheduler=dask.scheduler_address)

    [item] = catalog.items(L2A_COLLECTION)
    stamps: dict[str, Any] = item.properties
    assert stamps["created"] == f"{NOW:%Y-%m-%dT%H:%M:%SZ}"
