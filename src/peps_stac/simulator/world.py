"""All that the routes of one simulator share."""

from dataclasses import dataclass, field

from peps_stac.simulator.clock import SimulatedClock
from peps_stac.simulator.geodes.face import Geodes
from peps_stac.simulator.holdings import Holdings
from peps_stac.simulator.jobs import Jobs
from peps_stac.simulator.results import Results
from peps_stac.simulator.scenario import Hrefs, Scenario
from peps_stac.simulator.storage import Storage
from peps_stac.simulator.users import Users

PUBLIC_URL = "https://peps.cnes.fr"
GEODES_URL = "https://geodes-portal.cnes.fr"
INTERNAL_OUTPUTS = "http://peps-vizo.cnes.fr:8081/wps/outputs"


@dataclass(slots=True, kw_only=True)
class World:
    """The state of one simulator; `scenario` may be replaced while it runs."""

    url: str
    """Its own scheme, host and port."""
    scenario: Scenario
    clock: SimulatedClock
    holdings: Holdings
    users: Users
    jobs: Jobs
    results: Results
    geodes: Geodes
    storage: Storage = field(default_factory=Storage)

    @property
    def base(self) -> str:
        """Scheme and host written into answers."""
        return PUBLIC_URL if self.scenario.hrefs is Hrefs.PUBLIC else self.url

    @property
    def geodes_base(self) -> str:
        """Scheme and host written into answers of GEODES."""
        return GEODES_URL if self.scenario.hrefs is Hrefs.PUBLIC else self.url

    @property
    def outputs(self) -> str:
        """Address of the folder of WPS status documents and reports, as written into answers."""
        if self.scenario.hrefs is Hrefs.INTERNAL:
            return INTERNAL_OUTPUTS
        return f"{self.base}/resto/wps/outputs"
