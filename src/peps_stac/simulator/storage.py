"""Where each L1C archive lies: on disk, on tape, or on its way between them."""

import threading
from datetime import datetime, timedelta

from peps_stac.simulator.holdings import Record
from peps_stac.simulator.scenario import Scenario

DISK = "disk"
STAGING = "staging"

_READY = (DISK, "tier2")
_GONE = ("unaivalable", "unavailable")


class Storage:
    """Storage modes as they change by staging; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[str, datetime] = {}

    def mode(self, record: Record, scenario: Scenario, now: datetime) -> str:
        """The word `storage.mode` of a scene at this moment."""
        own = _own_mode(record, scenario)
        asked = self._asked.get(record.id)
        if asked is None or own in _READY or own in _GONE:
            return own
        is_staged = now >= asked + timedelta(minutes=scenario.staging_min)
        return DISK if is_staged and record.name not in scenario.never_staged else STAGING

    def ask(self, record: Record, scenario: Scenario, now: datetime) -> bool:
        """Whether the archive can be sent now; if not, its staging begins."""
        with self._lock:
            if self.mode(record, scenario, now) in _READY:
                return True
            self._asked.setdefault(record.id, now)
            return False


def _own_mode(record: Record, scenario: Scenario) -> str:
    if record.name in scenario.storage:
        return scenario.storage[record.name]
    if record.is_near_real_time:
        return DISK
    storage = record.properties.get("storage")
    mode = storage.get("mode") if isinstance(storage, dict) else None
    return mode if isinstance(mode, str) else DISK
