"""The third arrow: what MAJA has finished is fetched, checked, unpacked and catalogued.

Any moment may be the last one: a file half fetched is resumed, one fetched but not catalogued
is catalogued without asking again, one catalogued is only tidied up after.
"""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import orjson

from peps_stac.clock import Clock, Sleep, utc_now
from peps_stac.domain import JobReport, JobStatus, Order, Reason
from peps_stac.domain.instants import format_instant
from peps_stac.errors import AuthenticationError, DownloadError, PepsStacError, ResponseError
from peps_stac.http.download import Progress
from peps_stac.http.download import download as fetch
from peps_stac.peps.client import PepsClient
from peps_stac.peps.report import is_not_valid
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.store import Catalog
from peps_stac.tell import Tell, silent
from peps_stac.workflow.catalogue import Outcome, OutcomeState, catalogue, link_scenes
from peps_stac.workflow.context import Context
from peps_stac.workflow.pairing import l2a_of
from peps_stac.workflow.refresh import confirmed, reported
from peps_stac.workflow.results import file_name
from peps_stac.workflow.tracking import TrackedOrder, tracked

Report = Callable[[str, Progress], None]
"""Takes the name of a file and how far it is."""


def download(
    client: PepsClient,
    catalog: Catalog,
    *,
    now: Clock = utc_now,
    tell: Tell = silent,
    report: Report | None = None,
) -> Iterator[Outcome]:
    """What became of each product whose order ended; orders still running yield nothing.

    Each open order, and each that succeeded but is not catalogued yet, is asked about once.
    One product's failure never stops the others; what failed is tried again by the next call.

    Raises:
        AuthenticationError: The account is refused.
    """
    context = Context(client, catalog, now, tell)
    for entry in confirmed(context, tracked(catalog)):
        if entry.is_open or _awaited(catalog, entry):
            asked, said = reported(context, entry)
            yield from _ended(entry, asked)
            if said is not None and said.status is JobStatus.SUCCEEDED:
                yield from _fetched(context, asked, said, report)
        elif entry.order.id:
            shutil.rmtree(catalog.downloads_dir / entry.order.id, ignore_errors=True)


def download_as_they_finish(  # noqa: PLR0913 -- those of `download`, and how long
    client: PepsClient,
    catalog: Catalog,
    *,
    interval_s: float = 60,
    timeout_s: float | None = None,
    now: Clock = utc_now,
    sleep: Sleep = time.sleep,
    tell: Tell = silent,
    report: Report | None = None,
) -> Iterator[Outcome]:
    """`download` again and again until no order is open or the time is up."""
    began = now()
    while True:
        yield from download(client, catalog, now=now, tell=tell, report=report)
        if not any(entry.is_open for entry in tracked(catalog)):
            return
        if timeout_s is not None and (now() - began).total_seconds() + interval_s > timeout_s:
            return
        sleep(interval_s)


def _awaited(catalog: Catalog, entry: TrackedOrder) -> bool:
    """Whether a product that was delivered is not in the catalog yet."""
    return any(
        order.status is JobStatus.SUCCEEDED and not _is_catalogued(catalog, item_id)
        for item_id, order in entry.orders.items()
    )


def _is_catalogued(catalog: Catalog, item_id: str) -> bool:
    """Whether the L2A product of a scene is there; the link to it is mended if a crash lost it."""
    item = catalog.get(item_id, L1C_COLLECTION)
    products = l2a_of(catalog, item) if item else ()
    titles = {link.title for link in item.links} if item else set()
    for product_id in products:
        if product_id not in titles:
            link_scenes(catalog, product_id)
    return bool(products)


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


def _fetched(
    context: Context, entry: TrackedOrder, said: JobReport, report: Report | None
) -> Iterator[Outcome]:
    folder = context.catalog.downloads_dir / str(entry.order.id)
    outcomes = []
    for href in said.results:
        if not is_not_valid(href):
            path = folder / _safe(file_name(href))
            outcomes.append(_fetched_one(context, href, path, report))
            yield outcomes[-1]
    if all(outcome.state is not OutcomeState.FAILED for outcome in outcomes):
        shutil.rmtree(folder, ignore_errors=True)


def _fetched_one(context: Context, href: str, path: Path, report: Report | None) -> Outcome:
    listener = (lambda progress: report(path.name, progress)) if report else None
    client = context.client
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fetch(client.session, client.resolve(href), path, report=listener)
        outcome = _catalogued(context, href, path)
    except AuthenticationError:
        raise
    except PepsStacError as error:
        return Outcome(path.name, OutcomeState.FAILED, str(error))
    path.unlink(missing_ok=True)
    return outcome


def _catalogued(context: Context, href: str, path: Path) -> Outcome:
    try:
        return catalogue(context.catalog, path, now=context.now)
    except (DownloadError, ResponseError) as error:
        kept = _quarantined(context.catalog, path, href, str(error), context.now())
        return Outcome(path.name, OutcomeState.FAILED, f"{error}; kept aside as {kept}")


def _safe(name: str) -> str:
    """A file name without anything a file system or a shell could take for more than a name."""
    return re.sub(r"[^\w.+-]", "_", name).lstrip(".") or "result.zip"


def _quarantined(catalog: Catalog, path: Path, href: str, reason: str, when: datetime) -> Path:
    """Move a bad file aside with the reason beside it, so that a later run fetches it anew."""
    folder = catalog.quarantine_dir
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"{path.parent.name}-{path.name}"
    path.replace(kept)
    facts = {"href": href, "reason": reason, "time": format_instant(when)}
    kept.with_name(f"{kept.name}.json").write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2))
    return kept
