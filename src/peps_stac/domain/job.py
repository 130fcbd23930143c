"""A job at a service, as it speaks of it when it is submitted, and in its list."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """What a service answered to a submission."""

    job_id: str | None
    monitor: str | None = None
    """Address of the status document."""
    has_failed: bool = False
    """Whether the job ended before it began."""
    word: str | None = None
    """The service's own word for its state."""
    message: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedJob:
    """One job of the list that a service keeps of an account's jobs."""

    row_id: str
    """What the service's own addresses of the job hold; of PEPS a number, not the job id."""
    job_id: str | None = None
    """None for a job that was answered at once."""
    title: str | None = None
    """As given on submission."""
    process: str | None = None
    inputs: dict[str, str] = field(default_factory=dict)
    """Empty when the service does not tell them."""
    created: datetime | None = None
    """When it was asked for, UTC."""
    status_href: str | None = None
    word: str | None = None
    """The service's word for its state."""
