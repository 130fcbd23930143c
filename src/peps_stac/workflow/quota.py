"""What an account may fetch, and when to come back once that is used up."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from peps_stac.clock import Clock
from peps_stac.http.failures import QuotaError


@dataclass(slots=True)
class Quota:
    """What is left of an account's quota, as far as the service has said; for many looks."""

    now: Clock
    error: QuotaError | None = field(default=None, init=False)
    """With which the service refused."""
    _until: datetime | None = field(default=None, init=False)

    @property
    def is_used_up(self) -> bool:
        """Whether asking now is no use; when the service did not say until when, ever."""
        if self.error is None:
            return False
        return self._until is None or self.now() < self._until

    def note(self, error: QuotaError) -> None:
        """Remember a refusal."""
        wait_s = error.retry_after_s
        self.error = error
        self._until = None if wait_s is None else self.now() + timedelta(seconds=wait_s)

    @property
    def advice(self) -> str:
        """For people: `come back at 14:05 UTC`."""
        if self._until is None:
            return "come back later: the service does not say when"
        is_today = self._until.date() == self.now().date()
        return f"come back at {self._until:{'%H:%M' if is_today else '%Y-%m-%d %H:%M'}} UTC"
