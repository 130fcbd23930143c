"""Look again and again until every order is final."""

import time
from collections.abc import Iterator

from peps_stac.clock import Clock, Sleep, utc_now
from peps_stac.peps.client import PepsClient
from peps_stac.store import Catalog
from peps_stac.tell import Tell, silent
from peps_stac.workflow.refresh import refresh
from peps_stac.workflow.tracking import TrackedOrder


def watch(  # noqa: PLR0913 -- the service, the disk, and how long
    client: PepsClient,
    catalog: Catalog,
    *,
    interval_s: float = 60,
    timeout_s: float | None = None,
    now: Clock = utc_now,
    sleep: Sleep = time.sleep,
    tell: Tell = silent,
) -> Iterator[tuple[TrackedOrder, ...]]:
    """All orders after each round, until none is open or the time is up.

    Args:
        client: Whom to ask.
        catalog: Whose orders.
        interval_s: Seconds between two rounds.
        timeout_s: Seconds after which no further round begins; None waits for ever.
        now: Also measures the time limit.
        sleep: Waits between rounds.
        tell: Hears what cannot be asked at the moment; an outage ends nothing.
    """
    began = now()
    while True:
        entries = tuple(refresh(client, catalog, now=now, tell=tell))
        yield entries
        if not any(entry.is_open for entry in entries):
            return
        if timeout_s is not None and (now() - began).total_seconds() + interval_s > timeout_s:
            return
        sleep(interval_s)
