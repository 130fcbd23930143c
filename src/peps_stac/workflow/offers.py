"""Products that a service has finished: nothing is ordered, what is online is fetched.

Their Items stand in a Collection of their own. The archive of one becomes an Item of the same id
with all its files in the Collection of products, and the offer says that it was fetched.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import pystac

from peps_stac.clock import Clock, utc_now
from peps_stac.errors import AuthenticationError, PepsStacError
from peps_stac.geodes.client import GeodesClient
from peps_stac.geodes.hrefs import RESTORING
from peps_stac.http.failures import Gone, NotReady, QuotaError
from peps_stac.stac.collections import L2A_COLLECTION, OFFER_COLLECTION
from peps_stac.stac.completion import left_out_of
from peps_stac.stac.offers import fetched as as_fetched
from peps_stac.stac.offers import is_fetched, with_online
from peps_stac.stac.orders import copy_of
from peps_stac.stac.records import ONLINE, PRODUCT_KEY, VIA
from peps_stac.store import Catalog
from peps_stac.tell import Tell, silent
from peps_stac.workflow.catalogue import Outcome, OutcomeState
from peps_stac.workflow.fetching import (
    DEFAULT_PARALLEL,
    Fetched,
    Fetching,
    Report,
    Wanted,
    check_parallel,
    raise_what_is_no_failure,
)
from peps_stac.workflow.l1c_archives import SceneArchive, archive_of, checked_md5
from peps_stac.workflow.landing import Landing, failed
from peps_stac.workflow.quota import Quota
from peps_stac.workflow.recipe import EVERYTHING, AssetChoice, Recipe, Step
from peps_stac.workflow.room import Room, unpacked_size
from peps_stac.workflow.workers import Workers

_FOLDER = "offers"
_THERE = (OutcomeState.ADDED, OutcomeState.KEPT, OutcomeState.COMPLETED)


def offered(catalog: Catalog, assets: AssetChoice = EVERYTHING) -> tuple[pystac.Item, ...]:
    """Offers whose product is not in the catalog, or lacks what `assets` wants of it."""
    return tuple(
        item for item in catalog.items(OFFER_COLLECTION) if not _is_there(catalog, assets, item)
    )


def download_offers(  # noqa: PLR0913 -- what and how, and who listens
    client: GeodesClient,
    catalog: Catalog,
    items: Iterable[pystac.Item] | None = None,
    *,
    assets: AssetChoice = EVERYTHING,
    parallel: int = DEFAULT_PARALLEL,
    now: Clock = utc_now,
    tell: Tell = silent,
    report: Report | None = None,
    report_step: Callable[[Step], None] | None = None,
) -> Iterator[Outcome]:
    """What became of each offered product, once each, as it is known.

    Each is looked up first: what is on tape is told and left there, what is online is fetched,
    checked against its MD5, and catalogued. One product's failure never stops the others. When
    the account's quota is used up, nothing more is begun. Who closes the iterator early leaves
    no thread, and all that came is kept.

    Args:
        client: The service.
        catalog: Where the offers stand and the products go.
        items: Of the Collection of offers; None: all whose product is not there.
        assets: Which files of each product, and in what form.
        parallel: Archives that are fetched at once.
        now: The clock.
        tell: Gets what is worth knowing and no failure.
        report: Gets how far a file that is fetched is; called by several threads.
        report_step: Gets how far the files of a product that is catalogued are.

    Raises:
        AuthenticationError: The key is refused.
        RequestError: A choice of assets that cannot be meant, or no file at once.
    """
    assets.check()
    check_parallel(parallel)
    catalog.mend()
    room = Room(catalog.downloads_dir)
    with (
        Workers(assets.workers) as workers,
        Fetching[SceneArchive](client, room, parallel=parallel, report=report) as fetching,
    ):
        recipe = Recipe(assets, workers, now, tell, report_step)
        landing = Landing(catalog=catalog, quota=Quota(now), now=now, tell=tell)
        run = _Run(client, recipe, fetching, landing)
        for item in offered(catalog, assets) if items is None else items:
            yield from run.begin(item)
            yield from run.arrived(fetching.ready())
        yield from run.arrived(fetching.rest())


class _Run:
    """The offers of one call, from the question whether they are online to their Items."""

    def __init__(
        self,
        client: GeodesClient,
        recipe: Recipe,
        fetching: Fetching[SceneArchive],
        landing: Landing,
    ) -> None:
        self._client = client
        self._catalog = landing.catalog
        self._recipe = recipe
        self._fetching = fetching
        self._landing = landing

    def begin(self, item: pystac.Item) -> Iterator[Outcome]:
        """Have an offer fetched, unless it is there or cannot be had now."""
        archive = archive_of(item)
        if _is_there(self._catalog, self._recipe.choice, item):
            _note_fetched(self._catalog, item.id, item.id)
            yield Outcome(item.id, OutcomeState.KEPT)
        elif archive is None:
            yield failed(item.id, "its Item names no archive; search for it again with --save")
        elif not self._is_online(item, archive):
            yield Outcome(item.id, OutcomeState.ON_TAPE, RESTORING)
        else:
            self._fetching.add(self._wanted(archive))

    def arrived(self, files: Iterable[Fetched[SceneArchive]]) -> Iterator[Outcome]:
        """What became of those that ended."""
        for fetched in files:
            try:
                outcome = self._outcome(fetched)
            finally:
                self._fetching.leave(fetched.wanted)
            yield outcome

    def _is_online(self, item: pystac.Item, archive: SceneArchive) -> bool:
        """Whether the service has it at hand, as far as it says so."""
        said = item.assets[PRODUCT_KEY].extra_fields.get(ONLINE)
        if self._fetching.holder is not None:
            return said is not False
        try:
            online = self._client.availability(item.id).get(archive.md5 or "", said)
        except AuthenticationError:
            raise
        except PepsStacError as error:
            self._landing.tell(f"{item.id}: whether it is online cannot be asked ({error})")
            return said is not False
        if online is not None and online is not said:
            with self._catalog.lock():
                if known := self._catalog.get(item.id, OFFER_COLLECTION):
                    self._catalog.put(with_online(known, is_online=online))
        return online is not False

    def _wanted(self, archive: SceneArchive) -> Wanted[SceneArchive]:
        form = self._recipe.choice.form
        return Wanted(
            about=archive,
            href=archive.href,
            target=self._catalog.downloads_dir / _FOLDER / f"{archive.item_id}.zip",
            size=archive.size,
            later=lambda size: unpacked_size(size, form),
            check=partial(_check, archive),
        )

    def _outcome(self, fetched: Fetched[SceneArchive]) -> Outcome:
        wanted, error = fetched.wanted, fetched.error
        name = wanted.about.item_id
        if error is None:
            return self._made(wanted)
        raise_what_is_no_failure(error)
        if isinstance(error, QuotaError):
            return self._landing.postponed(name, error)
        if isinstance(error, NotReady) or (isinstance(error, Gone) and error.was_there):
            return Outcome(name, OutcomeState.ON_TAPE, RESTORING)
        if fetched.is_bad:
            return self._landing.bad(wanted.target, error, href=wanted.href, name=name)
        return failed(name, error)

    def _made(self, wanted: Wanted[SceneArchive]) -> Outcome:
        outcome = self._landing.made(wanted.target, self._recipe, href=wanted.href)
        if outcome.state in _THERE:
            _note_fetched(self._catalog, wanted.about.item_id, outcome.name)
        return outcome


def _is_there(catalog: Catalog, choice: AssetChoice, item: pystac.Item) -> bool:
    """Whether the product of an offer is in the catalog, with all that is wanted of it."""
    product = catalog.get(item.id, L2A_COLLECTION)
    if product is None and is_fetched(item):
        link = item.get_single_link("related")
        product = catalog.get(str(link.title), L2A_COLLECTION) if link else None
    return product is not None and not choice.of(left_out_of(product))


def _note_fetched(catalog: Catalog, offer_id: str, product_id: str) -> None:
    """Make an offer lead to the product with its files, and that to the service's record."""
    with catalog.lock():
        offer = catalog.get(offer_id, OFFER_COLLECTION)
        product = catalog.get(product_id, L2A_COLLECTION)
        if offer is None or product is None:
            return
        catalog.put(as_fetched(offer, str(catalog.item_path(product)), product_id))
        records = {link.href for link in product.get_links(VIA)}
        new = [link for link in copy_of(offer).get_links(VIA) if link.href not in records]
        if new:
            product.add_links(new)
            catalog.put(product)


def _check(archive: SceneArchive, path: Path) -> None:
    """In a thread that fetches: size, MD5, and the CRC of every member."""
    checked_md5(path, archive)
