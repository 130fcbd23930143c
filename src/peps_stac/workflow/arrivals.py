"""What becomes of each archive that was fetched: an Item, a failure, or a wait.

All of it happens in the caller's thread, since the catalog has one writer at a time.
"""

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from peps_stac.archive import check_zip
from peps_stac.domain import JobReport
from peps_stac.http.failures import Gone, QuotaError
from peps_stac.stac.layers import AssetMode
from peps_stac.workflow.catalogue import Outcome, OutcomeState
from peps_stac.workflow.context import Context
from peps_stac.workflow.deliveries import Delivery, deliveries, is_there, kept_archive
from peps_stac.workflow.expiry import note_expired
from peps_stac.workflow.fetching import Fetched, Fetching, Wanted, raise_what_is_no_failure
from peps_stac.workflow.landing import Landing, failed
from peps_stac.workflow.quota import Quota
from peps_stac.workflow.recipe import Recipe
from peps_stac.workflow.room import unpacked_size
from peps_stac.workflow.tracking import TrackedOrder

_MISSING = (OutcomeState.FAILED, OutcomeState.POSTPONED)


class Arrivals:
    """The archives of one run, from the report that lists them to the Items made of them.

    Args:
        context: Whose catalog and clock.
        recipe: What Items are made of.
        fetching: Brings the archives.
        quota: Of the account.
    """

    def __init__(
        self, context: Context, recipe: Recipe, fetching: Fetching[Delivery], quota: Quota
    ) -> None:
        self._context = context
        self._catalog = context.catalog
        self._recipe = recipe
        self._fetching = fetching
        self._landing = Landing(
            catalog=self._catalog, quota=quota, now=context.now, tell=context.tell
        )
        self._open: Counter[Path] = Counter()
        self._incomplete: set[Path] = set()
        self._rivals: defaultdict[object, list[Delivery]] = defaultdict(list)
        self._on_the_way: set[object] = set()

    def expect(self, entry: TrackedOrder, said: JobReport) -> Iterator[Outcome]:
        """Have fetched what a finished order delivers and the catalog lacks.

        An archive that is at hand already is catalogued at once.
        """
        found = deliveries(self._catalog, self._recipe.choice, entry, said)
        self._open.update(one.path.parent for one in found)
        for delivery in found:
            if kept := kept_archive(self._catalog, delivery.path.name):
                yield self._closed(delivery, self._made(delivery, kept, is_owned=False))
            elif delivery.identity in self._on_the_way:
                self._rivals[delivery.identity].append(delivery)
            else:
                self._begin(delivery)
        if not found:
            folder = self._catalog.downloads_dir / str(entry.order.id)
            shutil.rmtree(folder, ignore_errors=True)

    def ready(self) -> Iterator[Outcome]:
        """Of those that arrived by now."""
        return self._arrived(self._fetching.ready())

    def rest(self) -> Iterator[Outcome]:
        """Of all others, as they arrive."""
        return self._arrived(self._fetching.rest())

    def _arrived(self, files: Iterable[Fetched[Delivery]]) -> Iterator[Outcome]:
        for fetched in files:
            delivery = fetched.wanted.about
            try:
                outcome = self._outcome(fetched)
            finally:
                self._fetching.leave(fetched.wanted)
            self._let_rivals(delivery, outcome)
            yield self._closed(delivery, outcome)

    def _begin(self, delivery: Delivery) -> None:
        form = self._recipe.choice.form
        self._on_the_way.add(delivery.identity)
        wanted = Wanted(
            about=delivery,
            href=delivery.href,
            target=delivery.path,
            later=lambda size: unpacked_size(size, form),
            check=self._check,
        )
        self._fetching.add(wanted)

    def _check(self, path: Path) -> None:
        """Every member's CRC, once: files as delivered are checked while they are unpacked."""
        if self._recipe.choice.mode is not AssetMode.RAW:
            check_zip(path)

    def _outcome(self, fetched: Fetched[Delivery]) -> Outcome:
        delivery, error = fetched.wanted.about, fetched.error
        name = delivery.path.name
        if error is None:
            return self._made(delivery, delivery.path, is_owned=True)
        raise_what_is_no_failure(error)
        if isinstance(error, QuotaError):
            return self._landing.postponed(name, error)
        if fetched.is_bad:
            return self._landing.bad(delivery.path, error, href=delivery.href)
        if isinstance(error, Gone):
            note_expired(self._context, delivery.entry, delivery.href, str(error))
            return failed(name, f"{error}; peps-stac retry orders it anew")
        return self._unless_there(delivery, failed(name, error))

    def _made(self, delivery: Delivery, path: Path, *, is_owned: bool) -> Outcome:
        outcome = self._landing.made(path, self._recipe, href=delivery.href, is_owned=is_owned)
        return self._unless_there(delivery, outcome)

    def _unless_there(self, delivery: Delivery, outcome: Outcome) -> Outcome:
        """Another process may have catalogued the archive, and removed it, in the meantime."""
        is_lost = outcome.state is OutcomeState.FAILED and not delivery.path.exists()
        if is_lost and is_there(self._catalog, self._recipe.choice, delivery.path.name):
            return Outcome(delivery.path.name, OutcomeState.KEPT)
        return outcome

    def _let_rivals(self, delivery: Delivery, outcome: Outcome) -> None:
        """What others deliver of the same product is wanted only while that is missing."""
        rivals = self._rivals.pop(delivery.identity, [])
        self._on_the_way.discard(delivery.identity)
        if rivals and outcome.state in _MISSING:
            first, *self._rivals[delivery.identity] = rivals
            self._begin(first)
        else:
            for rival in rivals:
                self._closed(rival, outcome)

    def _closed(self, delivery: Delivery, outcome: Outcome) -> Outcome:
        """The outcome; the folder of an order goes with the last of its archives."""
        folder = delivery.path.parent
        self._open[folder] -= 1
        if outcome.state in _MISSING:
            self._incomplete.add(folder)
        if not self._open[folder] and folder not in self._incomplete:
            shutil.rmtree(folder, ignore_errors=True)
        return outcome
