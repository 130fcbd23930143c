"""The third arrow, last step: one MAJA product on disk becomes an L2A Item with its files."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import pystac

from peps_stac.archive import open_product
from peps_stac.domain import Event, JobStatus, L2AProduct, Process, Reason
from peps_stac.domain.order import Order
from peps_stac.muscate.names import ProductName
from peps_stac.muscate.processing import NOT_VALID
from peps_stac.stac.collections import L1C_COLLECTION, L2A_COLLECTION
from peps_stac.stac.completion import completed, mode_of
from peps_stac.stac.l1c import with_l2a
from peps_stac.stac.l2a import item_from_l2a
from peps_stac.stac.orders import order_of, with_order
from peps_stac.store import Catalog
from peps_stac.workflow.pairing import l1c_of
from peps_stac.workflow.preparing import Prepared, StagedFiles, prepare
from peps_stac.workflow.quarantine import forget
from peps_stac.workflow.recipe import Recipe
from peps_stac.workflow.source_files import Made
from peps_stac.workflow.versions import link_versions


class OutcomeState(StrEnum):
    """What became of one product."""

    ADDED = "added"
    KEPT = "kept"
    """It was there already."""
    COMPLETED = "completed"
    """It was there, and got files that it lacked, or another form."""
    TOO_CLOUDY = "too_cloudy"
    """MAJA issues nothing for it; a fact, not a failure."""
    POSTPONED = "postponed"
    """Not fetched: the account's quota is used up."""
    ON_TAPE = "on_tape"
    """Not fetched: the service is still bringing it from tape."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One product of a download or an add, and what became of it."""

    name: str
    """Item id where known, else the archive or the scene."""
    state: OutcomeState
    detail: str = ""
    """Where it is now, or why it failed."""


def catalogue(catalog: Catalog, path: Path, recipe: Recipe, *, is_owned: bool = False) -> Outcome:
    """Make an Item of one MAJA product, or give the Item that is there what it lacks.

    Args:
        catalog: Where the Item goes; it is visible there only when all its files are.
        path: A zip as delivered, or an unpacked product.
        recipe: What is wanted of it, and in what form.
        is_owned: The archive is a download of our own; in the form `zip` the Item takes it. One
            of that name that failed before is no longer kept aside.

    Raises:
        ResponseError: Not a MAJA Sentinel-2 L2A product, or not a whole one.
        DownloadError: A damaged archive.
        RequestError: Nothing of what was chosen is in it.
        CatalogError: No space, or the catalog cannot be written.
    """
    outcome = _catalogue(catalog, path, recipe, is_owned=is_owned)
    if is_owned:
        forget(catalog, path.name)
    return outcome


def link_scenes(catalog: Catalog, product_id: str) -> None:
    """Make the L1C Items of a product's scene say that it is there."""
    with catalog.lock():
        product = catalog.get(product_id, L2A_COLLECTION)
        if product is None:
            return
        for scene in _scenes(catalog, product_id):
            catalog.put(with_l2a(scene, product_id, catalog.item_href(product)))


def land(catalog: Catalog, prepared: Prepared, now: datetime) -> Outcome:
    """Make visible what was prepared of a product, unless another process was faster.

    Args:
        catalog: Where the Item goes.
        prepared: Its folder, if it has one, is in this catalog's staging.
        now: When the Item is made.

    Raises:
        CatalogError: The catalog cannot be written.
    """
    product = prepared.product
    if product.validity == NOT_VALID:
        _note_too_cloudy(catalog, product, now)
        message = "MAJA declares it not valid"
        return Outcome(product.product_id, OutcomeState.TOO_CLOUDY, message)
    outcome = Outcome(product.product_id, OutcomeState.KEPT)
    if prepared.files is not None:
        outcome = _put(catalog, prepared, prepared.files, now)
    link_scenes(catalog, product.product_id)
    link_versions(catalog, product.product_id)
    return outcome


def _catalogue(catalog: Catalog, path: Path, recipe: Recipe, *, is_owned: bool) -> Outcome:
    with open_product(path) as source, ExitStack() as stack:

        def fresh() -> Path:
            return stack.enter_context(catalog.staging())

        prepared = prepare(catalog, source, recipe, fresh, is_owned=is_owned)
        return land(catalog, prepared, recipe.now())


def _put(catalog: Catalog, prepared: Prepared, files: StagedFiles, now: datetime) -> Outcome:
    name, plan = prepared.product.product_id, prepared.plan
    with catalog.lock():
        current = catalog.get(name, L2A_COLLECTION)
        item = _item(catalog, prepared, files.made, now)
        if current is None or mode_of(current) is not plan.mode:
            catalog.put_with_files(item, files.folder)
            if current is None:
                return Outcome(name, OutcomeState.ADDED)
            detail = f"was {mode_of(current)}, is {plan.mode}"
            return Outcome(name, OutcomeState.COMPLETED, detail)
        new = [key for key in plan.missing if key not in current.assets]
        if not new:
            return Outcome(name, OutcomeState.KEPT)
        catalog.add_files(current, files.folder)
        catalog.put(completed(current, item, now))
    more = f" and {len(new) - 1} more assets" if len(new) > 1 else ""
    return Outcome(name, OutcomeState.COMPLETED, f"with {new[0]}{more}")


def _item(catalog: Catalog, prepared: Prepared, made: Made, now: datetime) -> pystac.Item:
    product = prepared.product
    scene = next(_scenes(catalog, product.product_id), None)
    return item_from_l2a(
        product,
        files=made.files,
        l1c=scene,
        l1c_href=catalog.item_href(scene) if scene else None,
        now=now,
        footprint=made.footprint,
        mode=prepared.plan.mode,
        left_out=prepared.plan.left_out,
    )


def _scenes(catalog: Catalog, product_id: str) -> Iterator[pystac.Item]:
    for name in l1c_of(catalog, ProductName.parse(product_id)):
        if scene := catalog.get(name, L1C_COLLECTION):
            yield scene


def _note_too_cloudy(catalog: Catalog, product: L2AProduct, now: datetime) -> None:
    event = Event(JobStatus.FAILED, now, "product", NOT_VALID)
    if next(_scenes(catalog, product.product_id), None) is None:
        return  # nothing to write, not even a new catalog
    with catalog.lock():
        for scene in _scenes(catalog, product.product_id):
            order = order_of(scene) or Order(process=Process.MAJA, status=JobStatus.FAILED)
            if order.reason is not Reason.TOO_CLOUDY:
                failed = replace(
                    order,
                    status=JobStatus.FAILED,
                    reason=Reason.TOO_CLOUDY,
                    history=(*order.history, event),
                )
                catalog.put(with_order(scene, failed))
