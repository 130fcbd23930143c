"""The third arrow, last step: one MAJA product on disk becomes an L2A Item with its files."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path, PurePosixPath

import pystac

from peps_stac.archive import open_product, read_product, unpack
from peps_stac.clock import Clock, utc_now
from peps_stac.domain import Event, JobStatus, L2AProduct, Process, Reason
from peps_stac.domain.order import Order
from peps_stac.muscate.names import ProductName
from peps_stac.stac.collections import L1C_COLLECTION, L2A_COLLECTION
from peps_stac.stac.l1c import with_l2a
from peps_stac.stac.l2a import item_from_l2a
from peps_stac.stac.orders import order_of, with_order
from peps_stac.store import Catalog
from peps_stac.workflow.pairing import l1c_of

NOT_VALID = "L2NOTV"
"""MAJA's word for a product it does not issue (`Validity_Flag` of JPI_ALL.xml)."""


class OutcomeState(StrEnum):
    """What became of one product."""

    ADDED = "added"
    KEPT = "kept"
    """It was there already."""
    TOO_CLOUDY = "too_cloudy"
    """MAJA issues nothing for it; a fact, not a failure."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One product of a download or an add, and what became of it."""

    name: str
    """Item id where known, else the archive or the scene."""
    state: OutcomeState
    detail: str = ""
    """Where it is now, or why it failed."""


def catalogue(catalog: Catalog, path: Path, *, now: Clock = utc_now) -> Outcome:
    """Make an Item of one MAJA product; an archive is unpacked, a folder is left where it is.

    Args:
        catalog: Where the Item goes; it is visible there only when all its files are.
        path: A zip as delivered, or an unpacked product.
        now: Becomes `created`.

    Raises:
        ResponseError: Not a MAJA Sentinel-2 L2A product, or not a whole one.
        DownloadError: A damaged archive.
        CatalogError: No space, or the catalog cannot be written.
    """
    with open_product(path) as source:
        product = read_product(source)
    if product.validity == NOT_VALID:
        _note_too_cloudy(catalog, product, now())
        return Outcome(product.product_id, OutcomeState.TOO_CLOUDY, "MAJA declares it not valid")
    if catalog.get(product.product_id, L2A_COLLECTION):
        link_scenes(catalog, product.product_id)
        return Outcome(product.product_id, OutcomeState.KEPT)
    if path.is_dir():
        root = path / PurePosixPath(product.metadata_path).parent
        catalog.put(_item(catalog, product, root.resolve(), prefix=f"{root.resolve()}/", now=now()))
    else:
        _unpacked(catalog, product, path, now())
    link_scenes(catalog, product.product_id)
    return Outcome(product.product_id, OutcomeState.ADDED)


def link_scenes(catalog: Catalog, product_id: str) -> None:
    """Make the L1C Items of a product's scene say that it is there."""
    with catalog.lock():
        product = catalog.get(product_id, L2A_COLLECTION)
        if product is None:
            return
        for scene in _scenes(catalog, product_id):
            catalog.put(with_l2a(scene, product_id, str(catalog.item_path(product))))


def _unpacked(catalog: Catalog, product: L2AProduct, path: Path, now: datetime) -> None:
    with catalog.staging() as folder:
        unpack(path, folder / "product")
        root = folder / "product" / PurePosixPath(product.metadata_path).parent
        catalog.put_with_files(_item(catalog, product, root, prefix="./", now=now), root)


def _item(
    catalog: Catalog, product: L2AProduct, root: Path, *, prefix: str, now: datetime
) -> pystac.Item:
    """The Item of a product whose files lie in `root`; `prefix` makes a path an href."""
    paths = [PurePosixPath(product.metadata_path).name, *(file.path for file in product.files)]
    scene = next(_scenes(catalog, product.product_id), None)
    return item_from_l2a(
        product,
        hrefs={path: prefix + path for path in paths},
        sizes={path: (root / path).stat().st_size for path in paths},
        l1c=scene,
        l1c_href=str(catalog.item_path(scene)) if scene else None,
        now=now,
    )


def _scenes(catalog: Catalog, product_id: str) -> Iterator[pystac.Item]:
    for name in l1c_of(catalog, ProductName.parse(product_id)):
        if scene := catalog.get(name, L1C_COLLECTION):
            yield scene


def _note_too_cloudy(catalog: Catalog, product: L2AProduct, now: datetime) -> None:
    event = Event(JobStatus.FAILED, now, "product", NOT_VALID)
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
