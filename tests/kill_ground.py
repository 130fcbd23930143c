"""A simulator, a catalog, and commands on them that are killed; and what must hold afterwards."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from builders_simulator import ask
from peps_stac.domain import Order
from peps_stac.simulator import Action, Fault, Scenario, SimulatedClock, Simulator
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.stac.orders import order_of
from peps_stac.store import Catalog, validate

EVERYWHERE = -1
"""As a step: count them all, and end at none."""

_HOST = Path(__file__).with_name("kill_host.py")
_RESULTS = ("B04", "EDG_R1")
_LEFT_OVER = (".tmp", ".part", ".part.json")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended."""

    is_killed: bool
    steps: int = 0
    seconds: float = 0.0
    error: str | None = None


class Host:
    """The process that forks the runs; a context manager."""

    def __init__(self) -> None:
        threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        paths = os.pathsep.join(path for path in sys.path if path)
        self._process = subprocess.Popen(  # noqa: S603 -- our own interpreter and file
            [sys.executable, str(_HOST)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **threads, "PYTHONPATH": paths},
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.communicate()

    def run(
        self,
        facts: dict[str, Any],
        *,
        at: int | None = None,
        after_s: float | None = None,
        is_warming: bool = False,
    ) -> Ended:
        """One command, killed at a step, after some seconds, or not at all.

        Nothing is forked to warm the host, so that all commands after it have little to import.
        """
        talk, answers = self._process.stdin, self._process.stdout
        assert talk is not None
        assert answers is not None
        how = {"at": at, "after_s": after_s, "is_warming": is_warming}
        talk.write(json.dumps({"facts": facts, **how}) + "\n")
        talk.flush()
        return Ended(**json.loads(answers.readline()))


@dataclass
class Ground:
    """Where commands run, and are killed."""

    host: Host
    peps: Simulator
    root: Path
    kills: int = 0
    facts: dict[str, Any] = field(default_factory=dict)
    """For every command, besides its own."""

    @property
    def catalog(self) -> Catalog:
        """As another process sees it now."""
        return Catalog(self.root)

    def do(
        self,
        verb: str,
        *,
        at: int | None = None,
        after_s: float | None = None,
        is_warming: bool = False,
        may_fail: bool = False,
        **facts: Any,  # noqa: ANN401 -- any JSON
    ) -> Ended:
        """Run a command; whatever becomes of it, nobody sees anything half done."""
        login = self.peps.credentials
        given = {
            "verb": verb,
            "root": str(self.root),
            "url": self.peps.url,
            "username": login.username,
            "password": login.password,
            "now": self.peps.clock().isoformat(),
            "again": False,
            "between": ("2017-01-01T00:00:00", "2019-01-01T00:00:00"),
            "mode": "raw",
            "include": _RESULTS,
            **self.facts,
            **facts,
        }
        ended = self.host.run(given, at=at, after_s=after_s, is_warming=is_warming)
        assert may_fail or ended.error is None, ended.error
        self.kills += ended.is_killed
        self.settle()
        self.assert_nothing_is_half_there()
        return ended

    def settle(self) -> None:
        """Wait until the service has done what was asked of it by those who are no more."""
        ask(self.peps, "/")  # whoever came before was let in before
        while not self.peps.is_idle:
            time.sleep(0.001)

    def orders(self) -> dict[str, Order]:
        """Of the Items, by id."""
        items = self.catalog.items(L1C_COLLECTION)
        return {item.id: order for item in items if (order := order_of(item))}

    def order_all(self, scenes: Iterable[str], verb: str = "order", **facts: Any) -> None:  # noqa: ANN401 -- any JSON
        """What a person does after a crash: ask, order what is not ordered, and again if need be.

        Only what has no job at all is left unconfirmed, and is ordered by `--again`.
        """
        self.do("refresh")
        self.do(verb, scenes=list(scenes), **facts)
        self.do("refresh")
        self.assert_no_job_is_lost()
        lost = [item_id for item_id, order in self.orders().items() if order.is_unconfirmed]
        if lost:
            self.do(verb, scenes=lost, **facts, again=True)

    def assert_no_job_is_lost(self) -> None:
        """The catalog knows every job, and the service every one that the catalog names."""
        known = {order.id for order in self.orders().values() if order.id}
        assert {job.id for job in self.peps.jobs} == known

    def assert_nothing_is_sent_twice(self) -> None:
        counts = Counter(tuple(sorted(job.inputs.items())) for job in self.peps.jobs)
        assert [inputs for inputs, count in counts.items() if count != 1] == []

    def assert_nothing_is_half_there(self) -> None:
        """Every file under its own name is whole, every Item has its files."""
        for path in self.root.rglob("*.json"):
            if not any(part.startswith(".") for part in path.relative_to(self.root).parts):
                json.loads(path.read_bytes())
        for item in self.catalog.items():
            folder = self.catalog.item_dir(item)
            for asset in item.assets.values():
                if asset.href.startswith("./"):
                    size = (folder / asset.href).stat().st_size
                    assert asset.extra_fields.get("file:size", size) == size

    def assert_all_is_well(self) -> None:
        """What holds when commands have run through."""
        self.assert_no_job_is_lost()
        self.assert_nothing_is_sent_twice()
        self.assert_nothing_is_left_over()
        findings = validate(self.catalog, deep=True).findings
        assert findings == (), findings

    def assert_nothing_is_left_over(self) -> None:
        names = [str(path.relative_to(self.root)) for path in self.root.rglob("*")]
        assert [name for name in names if name.endswith(_LEFT_OVER)] == []
        left = [name for name in names if name.startswith((".staging/", ".downloads/"))]
        assert left == [], left


@contextmanager
def a_ground(
    host: Host,
    root: Path,
    scenes: list[dict[str, Any]],
    products: Path,
    scenario: Scenario | None = None,
) -> Iterator[Ground]:
    """A simulator that stands still in time, and an empty catalog.

    `products` is the folder of what the simulator builds, so that it is built once for all.
    """
    clock = SimulatedClock(speed=0)
    with Simulator(scenes, clock=clock, scenario=scenario, size=100, folder=products) as peps:
        yield Ground(host, peps, root)


def a_lost_answer() -> Fault:
    """The next job is accepted, and its submitter never hears of it."""
    return Fault(route="execute", action=Action.DROP, after=True)
