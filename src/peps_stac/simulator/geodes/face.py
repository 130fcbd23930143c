"""All that the GEODES face of one simulator knows."""

import threading
from collections.abc import Iterable

from peps_stac.simulator.geodes.files import GeodesFiles
from peps_stac.simulator.geodes.making import records
from peps_stac.simulator.geodes.records import GeodesRecord, GeodesRecords, RawItem
from peps_stac.simulator.geodes.scenario import GeodesScenario
from peps_stac.simulator.geodes.shelves import Shelves
from peps_stac.simulator.holdings import Holdings
from peps_stac.simulator.results import Results


class Geodes:
    """Records, files and tape; the records are made when the first request asks for them.

    Args:
        holdings: The scenes of the PEPS face.
        recorded: Raw Items that are served besides, as they are. They can be found, and what
            they name cannot be downloaded.
        results: Builds and keeps the L2A archives.

    Raises:
        RequestError: A recorded Item that is none, or two with one id.
    """

    def __init__(self, holdings: Holdings, recorded: Iterable[RawItem], results: Results) -> None:
        self._holdings = holdings
        self._recorded = GeodesRecords(GeodesRecord(item) for item in recorded)
        self._lock = threading.Lock()
        self._made: tuple[GeodesScenario, GeodesRecords] | None = None
        self.files = GeodesFiles(results)
        self.shelves = Shelves()

    def records(self, scenario: GeodesScenario) -> GeodesRecords:
        """All records, as the scenario wants them."""
        with self._lock:
            if self._made is None or self._made[0] != scenario:
                made = records(self._holdings, scenario)
                self._made = scenario, GeodesRecords([*made, *self._recorded])
            return self._made[1]
