"""Which archives of a simulated GEODES lie on tape, and who has begun to download what."""

import threading

from peps_stac.simulator.chance import share
from peps_stac.simulator.geodes.records import L2A, GeodesRecord
from peps_stac.simulator.geodes.scenario import GeodesScenario
from peps_stac.simulator.users import Account


class Shelves:
    """Tape and quota as they change; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._restored: set[str] = set()
        self._begun: dict[int, set[str]] = {}

    def is_online(self, record: GeodesRecord, scenario: GeodesScenario) -> bool:
        """Whether the archive of a record can be fetched now."""
        name = record.archive
        if name in self._restored:
            return True
        if name in scenario.on_tape or name in scenario.online:
            return name not in scenario.on_tape
        on_tape = scenario.l2a_on_tape if record.collection == L2A else scenario.l1c_on_tape
        return share("GEODES tape", name) >= on_tape

    def restore(self, name: str) -> None:
        """Bring an archive back from tape."""
        with self._lock:
            self._restored.add(name)

    def may_begin(self, account: Account, record: GeodesRecord, quota: int | None) -> bool:
        """Count the download of an archive; false when that is one more than the quota allows.

        An archive counts once, so going on with a download is always allowed.
        """
        with self._lock:
            begun = self._begun.setdefault(account.userid, set())
            if quota is not None and record.id not in begun and len(begun) >= quota:
                return False
            begun.add(record.id)
            return True
