"""A PEPS and a GEODES that run on loopback: start them, ask them, stop them."""

import contextlib
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from peps_stac.domain import Credentials
from peps_stac.listening import Server
from peps_stac.simulator.building import build_product, build_theia_product, theia_name
from peps_stac.simulator.clock import SimulatedClock
from peps_stac.simulator.faults import FaultPlan
from peps_stac.simulator.geodes.face import Geodes
from peps_stac.simulator.geodes.records import RawItem
from peps_stac.simulator.handler import Handler
from peps_stac.simulator.holdings import Feature, Holdings
from peps_stac.simulator.jobs import Jobs
from peps_stac.simulator.journal import Journal
from peps_stac.simulator.loopback import loopback
from peps_stac.simulator.ogc.documents import OGC_ROOT
from peps_stac.simulator.results import BuildProduct, NameProduct, Results
from peps_stac.simulator.scenario import Scenario
from peps_stac.simulator.style import product_name
from peps_stac.simulator.users import Account, Users
from peps_stac.simulator.world import World

_POLL_S = 0.02


class Simulator:
    """A PEPS and a GEODES on loopback, for as long as the `with` block lasts.

    It speaks the protocol of PEPS over real HTTP: search, WPS, job reports, results and L1C
    archives. At the same address and with the same scenes it speaks that of GEODES: search,
    availability, L1C and L2A archives; and below `processes_url` that of OGC API - Processes, with
    the jobs and results of PEPS. Nothing it serves leaves the machine, and it listens on loopback
    only.

    Args:
        features: The archive: raw PEPS features, as a search answers them.
        accounts: Who may log in; by default one account, see `credentials`.
        size: Pixels of 10 m in a row of the L2A products it delivers; 10980 is the real size.
            Those of GEODES have `GeodesScenario.largest_size` at most.
        clock: Time inside; by default the real time at its usual speed.
        scenario: How it behaves, and what goes wrong.
        host: A loopback address, or `localhost`.
        port: 0 takes a free one.
        folder: Where built products are kept; by default a temporary folder that goes at the end.
        build: Writes the L2A zip of a scene.
        name: Names the L2A product of a scene.
        build_theia: Writes the L2A zip of a scene that GEODES has.
        geodes_records: Raw Items of GEODES, served as they are besides those made of the
            features; what they name cannot be downloaded.

    Raises:
        RequestError: The host is not loopback, the port is taken, or the features are none.
    """

    def __init__(  # noqa: PLR0913 -- what there is to say of a server; all but the first have defaults
        self,
        features: Iterable[Feature] = (),
        *,
        accounts: Iterable[Account] = (Account(),),
        size: int = 366,
        clock: SimulatedClock | None = None,
        scenario: Scenario | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        folder: Path | None = None,
        build: BuildProduct = build_product,
        name: NameProduct = product_name,
        build_theia: BuildProduct = build_theia_product,
        geodes_records: Iterable[RawItem] = (),
    ) -> None:
        behaviour = scenario or Scenario()
        self.clock = clock or SimulatedClock()
        self.faults = FaultPlan(behaviour.faults)
        self.requests = Journal()
        self.folder = folder or Path(tempfile.mkdtemp(prefix="peps-simulator-"))
        self._is_temporary = folder is None
        self._stopping = threading.Event()
        self._closing = threading.Lock()
        self._thread: threading.Thread | None = None
        try:
            holdings = Holdings(features)
            smaller = min(size, behaviour.geodes.largest_size)
            theia = Results(self.folder, size=smaller, build=build_theia, name=theia_name)
            self._world = World(
                url="",
                scenario=behaviour,
                clock=self.clock,
                holdings=holdings,
                users=Users(accounts),
                jobs=Jobs(self.clock, behaviour),
                results=Results(self.folder, size=size, build=build, name=name),
                geodes=Geodes(holdings, geodes_records, theia),
            )
            self._server = Server(loopback(host), port, self._handler())
        except BaseException:
            self._remove_temporary()
            raise
        shown = f"[{host}]" if ":" in host else host
        self._world.url = f"http://{shown}:{self._server.server_port}"

    @property
    def url(self) -> str:
        """Scheme, host and port: the base URL of a client."""
        return self._world.url

    @property
    def processes_url(self) -> str:
        """Landing page of its OGC API - Processes, where the same jobs run."""
        return f"{self.url}{OGC_ROOT}"

    @property
    def credentials(self) -> Credentials:
        """The login of the first account; empty when there is none."""
        accounts = self._world.users.accounts
        return accounts[0].credentials if accounts else Credentials()

    @property
    def api_key(self) -> str:
        """The GEODES key of the first account; empty when there is none."""
        accounts = self._world.users.accounts
        return accounts[0].key if accounts else ""

    def restore(self, name: str) -> None:
        """Bring an archive of GEODES back from tape, as people do on its web page.

        Args:
            name: Of the archive, without `.zip`.
        """
        self._world.geodes.shelves.restore(name)

    def change_password(self, password: str) -> None:
        """Give the first account another one, as its owner does on the site."""
        self._world.users.change_password(str(self.credentials.username), password)

    @property
    def jobs(self) -> Jobs:
        """Its jobs, oldest first."""
        return self._world.jobs

    @property
    def is_idle(self) -> bool:
        """Whether nobody is connected: what a client asked for that is no more has been done."""
        return self._server.is_idle

    @property
    def scenario(self) -> Scenario:
        """How it behaves; may be replaced while it runs (faults: `faults.add`)."""
        return self._world.scenario

    @scenario.setter
    def scenario(self, scenario: Scenario) -> None:
        self._world.scenario = scenario
        self._world.jobs.scenario = scenario

    def start(self) -> Self:
        """Begin to answer, in threads of its own."""
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._server.serve_forever, args=(_POLL_S,), daemon=True
            )
            self._thread.start()
        return self

    def close(self) -> None:
        """Stop: connections end, temporary files go. May be called twice."""
        self._stopping.set()
        with self._closing:
            if self._thread is not None:
                self._server.shutdown()
                self._thread.join()
                self._thread = None
            self._server.server_close()
            self._remove_temporary()

    def serve_forever(self, tell: Callable[[str], None]) -> None:
        """Answer until interrupted (Ctrl+C), after telling how to reach it."""
        for line in self.directions():
            tell(line)
        self.start()
        with contextlib.suppress(KeyboardInterrupt):
            self._stopping.wait()
        self.close()

    def directions(self) -> tuple[str, ...]:
        """Lines for a person: address, account, and how to point peps-stac at it."""
        login = self.credentials
        return (
            f"simulated PEPS at {self.url} ({len(self._world.holdings)} scenes)",
            f"account {login.username}, password {login.password}",
            f"export PEPS_STAC_PEPS_URL={self.url}",
            f"export PEPS_STAC_USERNAME='{login.username}' PEPS_STAC_PASSWORD='{login.password}'",
            f"export PEPS_STAC_GEODES_URL={self.url} PEPS_STAC_API_KEY='{self.api_key}'",
            f"orders by OGC API - Processes: export PEPS_STAC_PROCESSES_URL={self.processes_url}",
        )

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _handler(self) -> type[Handler]:
        members: dict[str, Any] = {
            "world": self._world,
            "faults": self.faults,
            "journal": self.requests,
            "stopping": self._stopping,
        }
        return type("SimulatorHandler", (Handler,), members)

    def _remove_temporary(self) -> None:
        if self._is_temporary:
            shutil.rmtree(self.folder, ignore_errors=True)
