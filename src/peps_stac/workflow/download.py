"""The third arrow: what MAJA has finished is fetched, checked, unpacked and catalogued.

Any moment may be the last one: a file half fetched is resumed, one fetched but not catalogued
is catalogued without asking again, one catalogued is only tidied up after.
"""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from peps_stac.clock import Clock, Sleep, utc_now
from peps_stac.domain import JobReport, JobStatus, Order, Reason
from peps_stac.errors import AuthenticationError, DownloadError, PepsStacError, ResponseError
from peps_stac.http.download import Progress
from peps_stac.http.download import download as fetch
from peps_stac.http.failures import Gone
from peps_stac.muscate.names import ProductName
from peps_stac.peps.client import PepsClient
from peps_stac.peps.report import is_not_valid
from peps_stac.stac.collections import L1C_COLLECTION, L2A_COLLECTION
from peps_stac.stac.completion import left_out_of
from peps_stac.store import Catalog
from peps_stac.tell import Tell, silent
from peps_stac.workflow.catalogue import Outcome, OutcomeState, catalogue, link_scenes
from peps_stac.workflow.context import Context
from peps_stac.workflow.expiry import note_expired
from peps_stac.workflow.order import fill_places
from peps_stac.workflow.pacing import Pacer, looks
from peps_stac.workflow.pairing import l2a_of
from peps_stac.workflow.patience import PatientClient
from peps_stac.workflow.quarantine import put_aside
from peps_stac.workflow.recipe import EVERYTHING, AssetChoice, Recipe, Step
from peps_stac.workflow.refresh import confirmed, reported
from peps_stac.workflow.results import file_name, wanted
from peps_stac.workflow.tracking import TrackedOrder, tracked
from peps_stac.workflow.versions import link_versions, scene_versions
from peps_stac.workflow.workers import Workers

Report = Callable[[str, Progress], None]
"""Takes the name of a file and how far it is."""


def download(  # noqa: PLR0913 -- what and how, and who listens
    client: PepsClient,
    catalog: Catalog,
    *,
    assets: AssetChoice = EVERYTHING,
    now: Clock = utc_now,
    tell: Tell = silent,
    report: Report | None = None,
    report_step: Callable[[Step], None] | None = None,
) -> Iterator[Outcome]:
    """What became of each product whose order ended; orders still running yield nothing.

    Each open order, and each that succeeded but is not catalogued yet, is asked about once.
    One product's failure never stops the others; what failed is tried again by the next call.
    So is what an earlier call left out and `assets` wants now; nothing that is there is fetched
    or converted twice.

    Args:
        client: The service.
        catalog: Where the orders stand and the products go.
        assets: Which files of each product, and in what form.
        now: The clock.
        tell: Gets what is worth knowing and no failure.
        report: Gets how far a file that is fetched is.
        report_step: Gets how far the files of a product that is catalogued are.

    Raises:
        AuthenticationError: The account is refused.
        RequestError: A choice of assets that cannot be meant.
    """
    assets.check()
    context = Context(client, catalog, now, tell)
    with Workers(assets.workers) as workers:
        run = _Run(context, Recipe(assets, workers, now, tell, report_step), report)
        for entry in confirmed(context, tracked(catalog)):
            if entry.is_open or _awaited(run, entry):
                asked, said = reported(context, entry)
                yield from _ended(entry, asked)
                if said is not None and said.status is JobStatus.SUCCEEDED:
                    yield from _fetched(run, asked, said)
            elif entry.order.id:
                shutil.rmtree(catalog.downloads_dir / entry.order.id, ignore_errors=True)
    fill_places(context)


def download_as_they_finish(  # noqa: PLR0913 -- those of `download`, and how long
    client: PepsClient,
    catalog: Catalog,
    *,
    interval_s: float = 60,
    longest_s: float | None = None,
    timeout_s: float | None = None,
    assets: AssetChoice = EVERYTHING,
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
        assets: As for `download`.
        now: The clock.
        sleep: Waits between looks.
        tell: As for `watch`.
        report: As for `download`, like the one below.
        report_step: Of what is catalogued.
        report_orders: Gets all orders after each look.

    Returns:
        Each outcome once; one that is the same at the next look is not repeated.
    """
    patient = PatientClient(client, now=now, tell=tell)
    pacer = Pacer(interval_s, longest_s, timeout_s, now, sleep)
    known: dict[str, Outcome] = {}
    for _ in looks(catalog, patient, pacer):
        with patient.look():
            for outcome in download(
                patient,
                catalog,
                assets=assets,
                now=now,
                tell=patient.tell,
                report=report,
                report_step=report_step,
            ):
                if known.get(outcome.name) != outcome:
                    known[outcome.name] = outcome
                    yield outcome
        if report_orders is not None:
            report_orders(tracked(catalog))


@dataclass(frozen=True, slots=True)
class _Run:
    """What the parts of one call share."""

    context: Context
    recipe: Recipe
    report: Report | None

    @property
    def catalog(self) -> Catalog:
        return self.context.catalog


def _awaited(run: _Run, entry: TrackedOrder) -> bool:
    """Whether a product that was delivered is not, or not all of it, in the catalog yet."""
    return any(
        order.status is JobStatus.SUCCEEDED and not _is_catalogued(run, item_id)
        for item_id, order in entry.orders.items()
    )


def _is_catalogued(run: _Run, item_id: str) -> bool:
    """Whether the L2A product of a scene is there; the link to it is mended if a crash lost it."""
    item = run.catalog.get(item_id, L1C_COLLECTION)
    products = l2a_of(run.catalog, item) if item else ()
    titles = {link.title for link in item.links} if item else set()
    for product_id in products:
        if product_id not in titles:
            link_scenes(run.catalog, product_id)
            link_versions(run.catalog, product_id)
    return bool(products) and all(_is_complete(run, product_id) for product_id in products)


def _is_complete(run: _Run, product_id: str) -> bool:
    """Whether nothing that is wanted now was left out by an earlier call."""
    item = run.catalog.get(product_id, L2A_COLLECTION)
    return item is not None and not run.recipe.choice.of(left_out_of(item))


def _ended(before: TrackedOrder, after: TrackedOrder) -> Iterator[Outcome]:
    """The scenes that this report ended without a product."""
    for item_id, order in after.orders.items():
        if order.status is before.orders[item_id].status:
            continue
        if order.reason is Reason.TOO_CLOUDY:
            yield Outcome(item_id, OutcomeState.TOO_CLOUDY, "above 90 % cloud, not issued by MAJA")
        elif order.status in (JobStatus.FAILED, JobStatus.CANCELED):
            yield Outcome(item_id, OutcomeState.FAILED, _why(order))


def _why(order: Order) -> str:
    said = [str(order.reason or order.status), order.message]
    return ": ".join(part for part in said if part)


def _fetched(run: _Run, entry: TrackedOrder, said: JobReport) -> Iterator[Outcome]:
    folder = run.catalog.downloads_dir / str(entry.order.id)
    outcomes = []
    for href in wanted(said.results, entry.order.kept):
        if not is_not_valid(href) and not _is_there(run, file_name(href)):
            path = folder / _safe(file_name(href))
            outcomes.append(_fetched_one(run, entry, href, path))
            yield outcomes[-1]
    if all(outcome.state is not OutcomeState.FAILED for outcome in outcomes):
        shutil.rmtree(folder, ignore_errors=True)


def _is_there(run: _Run, name: str) -> bool:
    """Whether a result that is named as products are is in the catalog, all that is wanted of it.

    The letter of the profile may differ between archive and product; time and version may not.
    """
    try:
        product = ProductName.parse(name.removesuffix(".zip"))
        versions = scene_versions(run.catalog, str(product))
    except ResponseError:
        return False
    same = [one for one in versions if _same_version(ProductName.parse(one), product)]
    return any(_is_complete(run, product_id) for product_id in same)


def _same_version(one: ProductName, other: ProductName) -> bool:
    return (one.acquired, one.version) == (other.acquired, other.version)


def _fetched_one(run: _Run, entry: TrackedOrder, href: str, path: Path) -> Outcome:
    report, client = run.report, run.context.client
    listener = (lambda progress: report(path.name, progress)) if report else None
    try:
        if kept := _kept_archive(run, path.name):
            return catalogue(run.catalog, kept, run.recipe)
        path.parent.mkdir(parents=True, exist_ok=True)
        fetch(client.session, client.resolve(href), path, report=listener)
        outcome = _catalogued(run, href, path)
    except AuthenticationError:
        raise
    except Gone as error:
        note_expired(run.context, entry, href, str(error))
        return Outcome(path.name, OutcomeState.FAILED, f"{error}; peps-stac retry orders it anew")
    except (PepsStacError, OSError) as error:
        return Outcome(path.name, OutcomeState.FAILED, str(error))
    path.unlink(missing_ok=True)
    return outcome


def _kept_archive(run: _Run, name: str) -> Path | None:
    """The archive of a result that an Item of the form `zip` kept beside it."""
    try:
        product = ProductName.parse(name.removesuffix(".zip"))
        versions = scene_versions(run.catalog, str(product))
    except ResponseError:
        return None
    items = (run.catalog.get(version, L2A_COLLECTION) for version in versions)
    kept = (run.catalog.item_dir(item) / name for item in items if item)
    return next((path for path in kept if path.is_file()), None)


def _catalogued(run: _Run, href: str, path: Path) -> Outcome:
    try:
        return catalogue(run.catalog, path, run.recipe, is_owned=True)
    except (DownloadError, ResponseError) as error:
        kept = put_aside(run.catalog, path, href=href, reason=str(error), when=run.context.now())
        return Outcome(path.name, OutcomeState.FAILED, f"{error}; kept aside as {kept}")


def _safe(name: str) -> str:
    """A file name without anything a file system or a shell could take for more than a name."""
    return re.sub(r"[^\w.+-]", "_", name).lstrip(".") or "result.zip"
