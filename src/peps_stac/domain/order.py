"""One MAJA order and where it stands.

The words are those of the STAC order extension (`order:status`); the service's own words
stay in `job_status`. `peps_stac.peps` reads them, `peps_stac.stac.orders` writes them.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from peps_stac.domain.tile import MgrsTile


class JobStatus(StrEnum):
    """Where an order stands, in the words of `order:status` (order extension v1.1.0)."""

    ORDERABLE = "orderable"
    ORDERED = "ordered"
    PENDING = "pending"
    SHIPPING = "shipping"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def is_final(self) -> bool:
        """Whether the service will never change it again."""
        return self in (JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELED)

    @property
    def is_open(self) -> bool:
        """Whether a job may be waiting or running for it."""
        return self in (JobStatus.ORDERED, JobStatus.PENDING, JobStatus.SHIPPING)


class Process(StrEnum):
    """The two MAJA processes of PEPS."""

    MAJA = "MAJA"
    """One product."""
    FULL_MAJA = "FULL_MAJA"
    """A series of one tile."""


class Reason(StrEnum):
    """Why a scene of a finished job has no L2A product."""

    TOO_CLOUDY = "too_cloudy"
    """MAJA does not issue it (NOVALD: more than 90 % cloud). Final, never ordered again."""
    UNPROCESSED = "unprocessed"
    """Missing from the results, as when tape was too slow. May be ordered again."""
    EXPIRED = "expired"
    """Delivered, but gone from the service before it was fetched. May be ordered again."""


@dataclass(frozen=True, slots=True, order=True)
class Days:
    """A period of whole days, UTC, both included."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first}/{self.last}"

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def count(self) -> int:
        """How many days; 1 when the first is the last."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class MajaRequest:
    """MAJA for one L1C product."""

    product: str
    """L1C product name without `.SAFE`."""

    @property
    def process(self) -> Process:
        """The process that takes this request."""
        return Process.MAJA

    @property
    def inputs(self) -> dict[str, str]:
        """WPS data inputs."""
        return {"product": self.product}


@dataclass(frozen=True, slots=True)
class FullMajaRequest:
    """MAJA for all dates of a tile in a window."""

    tile: MgrsTile
    start: date
    end: date
    """Included; 55 to 366 days after the start."""
    relative_orbit: int | None = None

    @property
    def process(self) -> Process:
        """The process that takes this request."""
        return Process.FULL_MAJA

    @property
    def inputs(self) -> dict[str, str]:
        """WPS data inputs."""
        inputs = {
            "startDate": self.start.isoformat(),
            "completionDate": self.end.isoformat(),
            "tileid": str(self.tile),
        }
        if self.relative_orbit is not None:
            inputs["relativeOrbitNumber"] = str(self.relative_orbit)
        return inputs


ProcessRequest = MajaRequest | FullMajaRequest


@dataclass(frozen=True, slots=True)
class Event:
    """One state of an order, as it was seen."""

    status: JobStatus
    time: datetime
    """UTC."""
    source: str
    """Who said so: `execute`, `report`, `jobs`, `reply`, `result`, or `user`."""
    word: str | None = None
    """The service's own word for it, where it used one."""
    job: str | None = None
    """The job id that became known by it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that is not sent before others end."""

    since: datetime
    """UTC."""
    max_open: int
    """Series that may be open at once, as the person asked for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One submission of one scene, or of the series the scene is part of."""

    process: Process
    status: JobStatus
    inputs: dict[str, str] = field(default_factory=dict)
    """WPS data inputs, as sent."""
    id: str | None = None
    """The service's job id (PEPS: the WPS uuid). None: nothing sent, or the answer was lost."""
    date: datetime | None = None
    """When it was sent, UTC."""
    submission: str | None = None
    """Our own uuid, on disk before the request leaves and part of the job's title."""
    attempt: int = 1
    """How often the scene was ordered, this order included; 0: planned for the first time."""
    job_status: str | None = None
    """The service's last word."""
    progress: float | None = None
    """Percent, 0 to 100, often exaggerated by the service."""
    message: str | None = None
    """What the service said, in its words."""
    reason: Reason | None = None
    monitor: str | None = None
    """Address of the status document."""
    kept: Days | None = None
    """Of a series: the days whose products are wanted; those before only serve as a start for
    MAJA. None: all."""
    waiting: Waiting | None = None
    """Planned, to be sent when other orders end; None when sent, or never to be."""
    history: tuple[Event, ...] = ()
    """Oldest first."""

    @property
    def is_planned(self) -> bool:
        """Whether it waits on this side until others end; the service knows nothing of it."""
        return self.status is JobStatus.ORDERABLE and self.waiting is not None

    @property
    def is_withdrawn(self) -> bool:
        """Whether its request provably never arrived, so that it may be sent as if new."""
        return self.status is JobStatus.ORDERABLE and self.waiting is None

    @property
    def is_unconfirmed(self) -> bool:
        """Whether it was sent, or was about to be, and no job id is known."""
        return self.status is JobStatus.ORDERED and self.id is None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReport:
    """What the service says of a job at one moment."""

    job_status: str | None
    """Its word as it stands; None when the document has none."""
    status: JobStatus | None
    """The same in STAC's words; None for a missing or unknown word."""
    progress: float | None = None
    """Percent, 0 to 100."""
    results: tuple[str, ...] = ()
    """Addresses of result files as the service wrote them, each once, in its order."""
    unprocessed: int | None = None
    """Dates lost, when the service counts them."""
    message: str | None = None
    logs: tuple[str, ...] = ()
