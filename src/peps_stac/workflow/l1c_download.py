"""Archives of L1C scenes: all asked for at first, fetched as the service brings them from tape.

An archive that was fetched stands beside its Item, which names it as the Asset `archive`; the
Asset `product` stays what the service has.
"""

import time
from collections.abc import Iterable, Iterator
from typing import Final

import pystac

from peps_stac.clock import Clock, Sleep, utc_now
from peps_stac.provider.interface import Tape
from peps_stac.store import Catalog
from peps_stac.tell import Tell, silent
from peps_stac.workflow.catalogue import Outcome
from peps_stac.workflow.fetching import DEFAULT_PARALLEL, Fetching, Report
from peps_stac.workflow.l1c_archives import SceneArchive, tidy
from peps_stac.workflow.l1c_run import ScenesOnTape
from peps_stac.workflow.landing import Landing
from peps_stac.workflow.pacing import Pacer
from peps_stac.workflow.quota import Quota
from peps_stac.workflow.room import Room

LONGEST_STAGING_S: Final = 6 * 3600
"""How long to wait for the tape robot: minutes as a rule, hours when it is busy, and some products
never come."""


def download_l1c(  # noqa: PLR0913 -- which, how many at once, how long, and who listens
    client: Tape,
    catalog: Catalog,
    items: Iterable[pystac.Item],
    *,
    parallel: int = DEFAULT_PARALLEL,
    interval_s: float = 60,
    longest_s: float | None = None,
    timeout_s: float | None = LONGEST_STAGING_S,
    now: Clock = utc_now,
    sleep: Sleep = time.sleep,
    tell: Tell = silent,
    report: Report | None = None,
) -> Iterator[Outcome]:
    """What became of the archive of each L1C scene, once each, as it is known.

    All are asked for before any is waited for, since asking starts the staging. What is on disk is
    fetched meanwhile. Where only people have archives staged (GEODES), those on tape are told, and
    none is waited for. An archive that is at hand is kept; one that is gone, forbidden or damaged
    stops no other. Who closes the iterator early leaves no thread, and all that came is kept.

    Args:
        client: The service.
        catalog: Where the Items are; one that it lacks is saved.
        items: L1C Items.
        parallel: Archives that are fetched at once.
        interval_s: Seconds between two rounds of asking, as long as some become ready; longer
            where the service asks for more.
        longest_s: What a wait grows to; None: ten times `interval_s`.
        timeout_s: Seconds after which what is still on tape is left there; None: never.
        now: Also measures the time limit.
        sleep: Waits between rounds.
        tell: Gets what is worth knowing and no failure.
        report: Gets how far a file that is fetched is; called by several threads.

    Raises:
        AuthenticationError: The account is refused.
        RequestError: No interval, or no file at once.
    """
    naps: list[float] = []
    pacer = Pacer(interval_s, longest_s, timeout_s, now, naps.append)
    landing = Landing(catalog=catalog, quota=Quota(now), now=now, tell=tell)
    fetching = Fetching[SceneArchive](
        client, Room(catalog.downloads_dir), parallel=parallel, report=report
    )
    with fetching:
        tape = ScenesOnTape(client, landing, fetching)
        yield from tape.begin(items)
        while (tape.is_waiting and not fetching.holder) or fetching.is_busy:
            before = tape.count
            yield from tape.ask()
            if not tape.is_waiting or fetching.holder:
                yield from tape.one_more()
            elif pacer.wait(is_calm=tape.count == before, at_least_s=tape.retry_after_s):
                yield from tape.meanwhile(naps.pop(), sleep)
            else:
                break
        yield from tape.end(timeout_s)
    tidy(catalog)
