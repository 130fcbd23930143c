"""One run over the archives of L1C scenes: what waits for the tape robot, what is on its way."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pystac

from peps_stac.clock import Sleep
from peps_stac.domain.instants import format_span
from peps_stac.errors import AuthenticationError, DownloadError, PepsStacError, ServiceError
from peps_stac.http.failures import Gone, NotReady, QuotaError
from peps_stac.provider.interface import Tape
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.workflow.catalogue import Outcome, OutcomeState
from peps_stac.workflow.fetching import Fetched, Fetching, Wanted, raise_what_is_no_failure
from peps_stac.workflow.l1c_archives import (
    SceneArchive,
    archive_of,
    bring_back,
    checked_md5,
    is_at_hand,
    landing,
    put_beside,
)
from peps_stac.workflow.landing import Landing, failed
from peps_stac.workflow.patience import FAILURES_OF_AN_OUTAGE
from peps_stac.workflow.quarantine import forget
from peps_stac.workflow.search import save


class ScenesOnTape:
    """The archives of one run, each in turn waiting, on its way, and beside its Item.

    Args:
        client: Whom to ask.
        landing: Where archives come down.
        fetching: Brings what is ready.
    """

    def __init__(self, client: Tape, landing: Landing, fetching: Fetching[SceneArchive]) -> None:
        self._client = client
        self._catalog = landing.catalog
        self._fetching = fetching
        self._landing = landing
        self._waiting: dict[str, SceneArchive] = {}
        self._troubles: dict[str, ServiceError] = {}
        self._md5: dict[str, str] = {}
        self._is_told = False
        self.retry_after_s: float | None = None
        """What the service asked for in the present round."""

    @property
    def is_waiting(self) -> bool:
        """Whether any waits for the service."""
        return bool(self._waiting)

    @property
    def count(self) -> int:
        """Of those that wait."""
        return len(self._waiting)

    def begin(self, items: Iterable[pystac.Item]) -> Iterator[Outcome]:
        """Sort out what is at hand, and what nobody has."""
        for given in {item.id: item for item in items}.values():
            item = self._known(given)
            archive = archive_of(item)
            if is_at_hand(self._catalog, item):
                yield Outcome(item.id, OutcomeState.KEPT)
            elif archive is None:
                why = "its Item names no archive of a service; search for it again with --save"
                yield failed(item.id, why)
            elif bring_back(self._catalog, item) or landing(self._catalog, item.id).exists():
                self._fetch(archive)  # it came in an earlier run, and has only to be checked
            else:
                self._waiting[item.id] = archive

    def ask(self) -> Iterator[Outcome]:
        """One round: ask for each that waits; what is ready is fetched, what arrived is kept."""
        self.retry_after_s = None
        failures = 0
        for archive in tuple(self._waiting.values()):
            if self._fetching.holder or failures == FAILURES_OF_AN_OUTAGE:
                break
            try:
                yield from self._asked(archive)
                failures = 0
            except ServiceError as error:
                failures += 1
                self._put_last(archive, error)
            yield from self._arrived(self._fetching.ready())
        if self._waiting and not self._is_told and not self._fetching.holder:
            self._is_told = True
            self._landing.tell(
                f"{self.count} on tape; asked for, and fetched as the service brings them"
            )

    def one_more(self) -> Iterator[Outcome]:
        """The next that arrives."""
        if (fetched := self._fetching.take()) is not None:
            yield from self._arrived([fetched])

    def meanwhile(self, seconds: float, sleep: Sleep) -> Iterator[Outcome]:
        """Wait, and keep what arrives in the meantime."""
        now = self._landing.now
        end = now() + timedelta(seconds=seconds)

        def left_s() -> float:
            # A clock that is set back meanwhile makes no wait longer.
            return min((end - now()).total_seconds(), seconds)

        while self._fetching.is_busy and left_s() > 0:
            if (fetched := self._fetching.take(left_s())) is not None:
                yield from self._arrived([fetched])
        if (rest_s := left_s()) > 0:
            sleep(rest_s)

    def end(self, timeout_s: float | None) -> Iterator[Outcome]:
        """What is on its way arrives; of the rest is told why it does not."""
        yield from self._arrived(self._fetching.rest())
        limit = "" if timeout_s is None else f" after {format_span(timedelta(seconds=timeout_s))}"
        for archive in self._waiting.values():
            name, trouble = archive.item_id, self._troubles.get(archive.item_id)
            holder = self._fetching.holder
            if isinstance(holder, QuotaError):
                yield self._landing.postponed(name, holder)
            elif trouble is not None:
                yield failed(name, trouble)
            else:
                why = f"still on tape{limit}; the service goes on, run again later"
                yield Outcome(name, OutcomeState.ON_TAPE, why)

    def _asked(self, archive: SceneArchive) -> Iterator[Outcome]:
        try:
            found = self._client.look(archive.href, name=archive.item_id, md5=archive.md5)
        except AuthenticationError as error:
            if not self._client.is_welcome():
                raise
            yield self._lost(archive, str(error))
        except QuotaError as error:
            self._hold(archive, error)
        except ServiceError:
            raise
        except PepsStacError as error:
            yield self._lost(archive, str(error))
        else:
            self._troubles.pop(archive.item_id, None)
            if found.is_ready:
                del self._waiting[archive.item_id]
                self._fetch(archive)
            elif self._client.restoring is not None:
                yield self._left_on_tape(archive, self._client.restoring)
            elif found.retry_after_s is not None:
                self.retry_after_s = max(self.retry_after_s or 0, found.retry_after_s)

    def _fetch(self, archive: SceneArchive) -> None:
        wanted = Wanted(
            about=archive,
            href=archive.href,
            target=landing(self._catalog, archive.item_id),
            size=archive.size,
            check=partial(self._check, archive),
        )
        self._fetching.add(wanted)

    def _check(self, archive: SceneArchive, path: Path) -> None:
        """In a thread that fetches."""
        self._md5[archive.item_id] = checked_md5(path, archive)

    def _arrived(self, files: Iterable[Fetched[SceneArchive]]) -> Iterator[Outcome]:
        for fetched in files:
            self._fetching.leave(fetched.wanted)
            if fetched.error is None:
                yield self._kept(fetched.wanted.about.item_id, fetched.wanted.target)
            else:
                yield from self._not_arrived(fetched, fetched.error)

    def _kept(self, item_id: str, path: Path) -> Outcome:
        try:
            place = put_beside(self._catalog, item_id, path, self._md5[item_id])
            forget(self._catalog, path.name)
        except (PepsStacError, OSError) as error:
            return self._kept_by_another(item_id) or failed(item_id, error)
        return Outcome(item_id, OutcomeState.ADDED, str(place))

    def _kept_by_another(self, item_id: str) -> Outcome | None:
        """That another process was faster, if it was; one that is at it is waited for."""
        with self._catalog.lock():
            item = self._catalog.get(item_id, L1C_COLLECTION)
            is_there = item is not None and is_at_hand(self._catalog, item)
        return Outcome(item_id, OutcomeState.KEPT) if is_there else None

    def _not_arrived(self, fetched: Fetched[SceneArchive], error: Exception) -> Iterator[Outcome]:
        archive = fetched.wanted.about
        raise_what_is_no_failure(error)
        if isinstance(error, NotReady):
            self._waiting[archive.item_id] = archive  # it went back to tape meanwhile
        elif isinstance(error, QuotaError):
            self._hold(archive, error)
            self._waiting[archive.item_id] = archive
        elif kept := self._kept_by_another(archive.item_id):
            yield kept
        elif isinstance(error, Gone) and error.was_there and self._client.restoring:
            yield Outcome(archive.item_id, OutcomeState.ON_TAPE, self._client.restoring)
        elif fetched.is_bad:
            path, href = fetched.wanted.target, fetched.wanted.href
            yield self._landing.bad(path, error, href=href, name=archive.item_id)
        elif isinstance(error, DownloadError):
            # Size and checksum are those of the last search.
            yield failed(archive.item_id, f"{error}, or search for it again with --save")
        else:
            yield failed(archive.item_id, error)

    def _lost(self, archive: SceneArchive, why: str) -> Outcome:
        del self._waiting[archive.item_id]
        return failed(archive.item_id, why)

    def _left_on_tape(self, archive: SceneArchive, restoring: str) -> Outcome:
        del self._waiting[archive.item_id]
        return Outcome(archive.item_id, OutcomeState.ON_TAPE, restoring)

    def _put_last(self, archive: SceneArchive, error: ServiceError) -> None:
        """Ask for the others first at the next round."""
        self._waiting[archive.item_id] = self._waiting.pop(archive.item_id)
        if not self._troubles:
            self._landing.tell(f"{error}; asking again")
        self._troubles[archive.item_id] = error

    def _hold(self, archive: SceneArchive, error: QuotaError) -> None:
        """Nothing more is begun; what is not is told at the end."""
        self._landing.postponed(archive.item_id, error)
        self._fetching.hold(error)

    def _known(self, given: pystac.Item) -> pystac.Item:
        known = self._catalog.get(given.id, L1C_COLLECTION)
        if known is None:
            save(self._catalog, [given])
            known = self._catalog.get(given.id, L1C_COLLECTION)
        return known or given
