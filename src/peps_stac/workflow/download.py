"""The third arrow: what MAJA has finished is fetched, checked, unpacked and catalogued.

Some archives are fetched at once while the caller catalogues others. Any moment may be the last
one: a file half fetched is resumed, one fetched but not catalogued is catalogued without asking
again, one catalogued is only tidied up after.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from peps_stac.clock import Clock, Sleep, utc_now
from peps_stac.domain import JobStatus
from peps_stac.provider.interface import Processing
from peps_stac.store import Catalog
from peps_stac.tell import Tell, silent
from peps_stac.workflow.arrivals import Arrivals
from peps_stac.workflow.catalogue import Outcome
from peps_stac.workflow.context import Context
from peps_stac.workflow.deliveries import Delivery, ended, is_awaited
from peps_stac.workflow.fetching import DEFAULT_PARALLEL, Fetching, Report, check_parallel
from peps_stac.workflow.order import fill_places
from peps_stac.workflow.pacing import Pacer, looks
from peps_stac.workflow.patience import OutageError, PatientClient
from peps_stac.workflow.quota import Quota
from peps_stac.workflow.recipe import EVERYTHING, AssetChoice, Recipe, Step
from peps_stac.workflow.refresh import confirmed, reported
from peps_stac.workflow.room import Room
from peps_stac.workflow.tracking import TrackedOrder, tracked
from peps_stac.workflow.workers import Workers

__all__ = ["Report", "download", "download_as_they_finish"]


def download(  # noqa: PLR0913 -- what and how, and who listens
    client: Processing,
    catalog: Catalog,
    *,
    assets: AssetChoice = EVERYTHING,
    parallel: int = DEFAULT_PARALLEL,
    now: Clock = utc_now,
    tell: Tell = silent,
    report: Report | None = None,
    report_step: Callable[[Step], None] | None = None,
) -> Iterator[Outcome]:
    """What became of each product whose order ended; orders still running yield nothing.

    Each open order, and each that succeeded but is not catalogued yet, is asked about once.
    One product's failure never stops the others; what failed is tried again by the next call.
    So is what an earlier call left out and `assets` wants now; nothing that is there is fetched
    or converted twice. When the account's quota is used up, nothing more is begun, and what was
    not is `postponed`. Who closes the iterator early leaves no thread, and all that came is kept.

    Args:
        client: The service.
        catalog: Where the orders stand and the products go.
        assets: Which files of each product, and in what form.
        parallel: Archives that are fetched at once.
        now: The clock.
        tell: Gets what is worth knowing and no failure.
        report: Gets how far a file that is fetched is; called by several threads.
        report_step: Gets how far the files of a product that is catalogued are.

    Raises:
        AuthenticationError: The account is refused.
        RequestError: A choice of assets that cannot be meant, or no file at once.
    """
    how = _How(assets, parallel, report, report_step)
    how.check()
    yield from _downloaded(Context(client, catalog, now, tell), how, Quota(now), set())


def download_as_they_finish(  # noqa: PLR0913 -- those of `download`, and how long
    client: Processing,
    catalog: Catalog,
    *,
    interval_s: float = 60,
    longest_s: float | None = None,
    timeout_s: float | None = None,
    assets: AssetChoice = EVERYTHING,
    parallel: int = DEFAULT_PARALLEL,
    now: Clock = utc_now,
    sleep: Sleep = time.sleep,
    tell: Tell = silent,
    report: Report | None = None,
    report_step: Callable[[Step], None] | None = None,
    report_orders: Callable[[tuple[TrackedOrder, ...]], None] | None = None,
) -> Iterator[Outcome]:
    """`download` again and again, as `watch` looks, until nothing is awaited or time is up.

    Args:
        client: The service.
        catalog: Where the orders stand and the products go.
        interval_s: As for `watch`, like the two below.
        longest_s: What a wait grows to.
        timeout_s: The limit.
        assets: As for `download`, like the one below.
        parallel: Archives at once.
        now: The clock.
        sleep: Waits between looks.
        tell: As for `watch`.
        report: As for `download`, like the one below.
        report_step: Of what is catalogued.
        report_orders: Gets all orders after each look.

    Returns:
        Each outcome once; one that is the same at the next look is not repeated.
    """
    how = _How(assets, parallel, report, report_step)
    how.check()
    patient = PatientClient(client, now=now, tell=tell)
    context = Context(patient, catalog, now, patient.tell)
    pacer = Pacer(interval_s, longest_s, timeout_s, now, sleep)
    quota = Quota(now)
    known: dict[str, Outcome] = {}
    begun: set[str] = set()

    def all_looks() -> Iterator[None]:
        yield from looks(catalog, patient, pacer)
        if any(
            one.key not in begun and is_awaited(catalog, assets, one) for one in tracked(catalog)
        ):
            yield  # another process heard of their end since this one asked

    for _ in all_looks():
        with patient.look():
            for outcome in _downloaded(context, how, quota, begun):
                if known.get(outcome.name) != outcome:
                    known[outcome.name] = outcome
                    yield outcome
        if report_orders is not None:
            report_orders(tracked(catalog))


@dataclass(frozen=True, slots=True)
class _How:
    """What a person says of how archives are fetched and what is made of them."""

    assets: AssetChoice
    parallel: int
    report: Report | None
    report_step: Callable[[Step], None] | None

    def check(self) -> None:
        self.assets.check()
        check_parallel(self.parallel)


def _downloaded(context: Context, how: _How, quota: Quota, begun: set[str]) -> Iterator[Outcome]:
    """One look at all orders, and everything that they deliver; `begun` gets those that do."""
    context.catalog.mend()
    room = Room(context.catalog.downloads_dir)
    with (
        Workers(how.assets.workers) as workers,
        Fetching[Delivery](
            context.client, room, parallel=how.parallel, report=how.report
        ) as fetching,
    ):
        recipe = Recipe(how.assets, workers, context.now, context.tell, how.report_step)
        if quota.error is not None and quota.is_used_up:
            fetching.hold(quota.error)
        arrivals = Arrivals(context, recipe, fetching, quota)
        try:
            yield from _asked(context, how.assets, arrivals, begun)
        except OutageError:
            fetching.drop()
            yield from arrivals.rest()
            raise
        yield from arrivals.rest()
    fill_places(context)


def _asked(
    context: Context, choice: AssetChoice, arrivals: Arrivals, begun: set[str]
) -> Iterator[Outcome]:
    """Ask about all orders; what they deliver is on its way, and partly there, at the end."""
    catalog = context.catalog
    for entry in confirmed(context, tracked(catalog)):
        if entry.is_open or is_awaited(catalog, choice, entry):
            asked, said = reported(context, entry)
            yield from ended(entry, asked)
            if said is not None and said.status is JobStatus.SUCCEEDED:
                begun.add(asked.key)
                yield from arrivals.expect(asked, said)
        elif entry.order.id:
            shutil.rmtree(catalog.downloads_dir / entry.order.id, ignore_errors=True)
        yield from arrivals.ready()
