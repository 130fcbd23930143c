"""Look again and again until every order is final."""

import time
from collections.abc import Iterator

from peps_stac.clock import Clock, Sleep, utc_now
from peps_stac.provider.interface import Processing
from peps_stac.store import Catalog
from peps_stac.tell import Tell, silent
from peps_stac.workflow.context import Context
from peps_stac.workflow.order import fill_places
from peps_stac.workflow.pacing import Pacer, looks
from peps_stac.workflow.patience import PatientClient
from peps_stac.workflow.refresh import refresh
from peps_stac.workflow.tracking import TrackedOrder, tracked


def watch(  # noqa: PLR0913 -- the service, the disk, and how long
    client: Processing,
    catalog: Catalog,
    *,
    interval_s: float = 60,
    longest_s: float | None = None,
    timeout_s: float | None = None,
    now: Clock = utc_now,
    sleep: Sleep = time.sleep,
    tell: Tell = silent,
) -> Iterator[tuple[TrackedOrder, ...]]:
    """All orders after each look, until nothing is awaited or the time is up.

    Planned series go out as places get free. Waits grow while nothing changes, and are as long
    at least as the service asks for. An outage of any length ends nothing; nor does it count as
    an end of what it hides.

    Args:
        client: Whom to ask.
        catalog: Whose orders.
        interval_s: Seconds between two looks, as long as there are changes.
        longest_s: Seconds that a wait grows to; None: ten times `interval_s`.
        timeout_s: Seconds after which the last look is taken; None waits for ever.
        now: Also measures the time limit.
        sleep: Waits between looks.
        tell: Hears once of each outage, and once of its end; and what single orders suffer.

    Raises:
        AuthenticationError: The account is refused.
        RequestError: No interval.
    """
    patient = PatientClient(client, now=now, tell=tell)
    context = Context(patient, catalog, now, patient.tell)
    pacer = Pacer(interval_s, longest_s, timeout_s, now, sleep)
    seen: tuple[TrackedOrder, ...] | None = None
    for _ in looks(catalog, patient, pacer):
        with patient.look():
            for _entry in refresh(patient, catalog, now=now, tell=patient.tell):
                pass
            fill_places(context)
        yield (seen := tracked(catalog))
    if (last := tracked(catalog)) != seen:
        yield last  # another process heard of their end since this one asked
