"""Which files of finished orders the catalog still lacks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from peps_stac.domain import JobReport, JobStatus, Order, Reason
from peps_stac.errors import ResponseError
from peps_stac.muscate.names import ProductName
from peps_stac.peps.report import is_not_valid
from peps_stac.stac.collections import L1C_COLLECTION, L2A_COLLECTION
from peps_stac.stac.completion import left_out_of
from peps_stac.store import Catalog
from peps_stac.workflow.catalogue import Outcome, OutcomeState, link_scenes
from peps_stac.workflow.pairing import l2a_of
from peps_stac.workflow.recipe import AssetChoice
from peps_stac.workflow.results import file_name, wanted
from peps_stac.workflow.tracking import TrackedOrder
from peps_stac.workflow.versions import link_versions, scene_versions


@dataclass(frozen=True, slots=True)
class Delivery:
    """One archive that a job delivers."""

    entry: TrackedOrder
    href: str
    path: Path
    """Where it is kept until it is catalogued."""

    @property
    def identity(self) -> object:
        """Equal for archives of one product, whichever order they are of."""
        product = _product(self.path.name)
        if product is None:
            return self.path
        return (product.platform, str(product.tile), product.acquired, product.version)


def is_awaited(catalog: Catalog, choice: AssetChoice, entry: TrackedOrder) -> bool:
    """Whether a product that was delivered is not, or not all of it, in the catalog yet."""
    return any(
        order.status is JobStatus.SUCCEEDED and not _is_catalogued(catalog, choice, item_id)
        for item_id, order in entry.orders.items()
    )


def deliveries(
    catalog: Catalog, choice: AssetChoice, entry: TrackedOrder, said: JobReport
) -> tuple[Delivery, ...]:
    """What a report lists, is wanted, and is not there; each file once."""
    folder = catalog.downloads_dir / str(entry.order.id)
    found: dict[Path, Delivery] = {}
    for number, href in enumerate(wanted(said.results, entry.order.kept), start=1):
        name = file_name(href)
        if not is_not_valid(href) and not is_there(catalog, choice, name):
            path = folder / _safe(name)
            if path in found and urlsplit(found[path].href).path != urlsplit(href).path:
                path = folder / f"{number}_{_safe(name)}"  # .../1/result.zip and .../2/result.zip
            found.setdefault(path, Delivery(entry, href, path))
    return tuple(found.values())


def is_there(catalog: Catalog, choice: AssetChoice, name: str) -> bool:
    """Whether a result that is named as products are is in the catalog, all that is wanted of it.

    The letter of the profile may differ between archive and product; time and version may not.
    """
    product = _product(name)
    if product is None:
        return False
    versions = scene_versions(catalog, str(product))
    same = [one for one in versions if _same_version(ProductName.parse(one), product)]
    return any(_is_complete(catalog, choice, product_id) for product_id in same)


def kept_archive(catalog: Catalog, name: str) -> Path | None:
    """The archive of a result that an Item of the form `zip` kept beside it."""
    product = _product(name)
    versions = scene_versions(catalog, str(product)) if product else ()
    items = (catalog.get(version, L2A_COLLECTION) for version in versions)
    kept = (catalog.item_dir(item) / name for item in items if item)
    return next((path for path in kept if path.is_file()), None)


def ended(before: TrackedOrder, after: TrackedOrder) -> Iterator[Outcome]:
    """The scenes that a report ended without a product."""
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


def _is_catalogued(catalog: Catalog, choice: AssetChoice, item_id: str) -> bool:
    """Whether the L2A product of a scene is there; the link to it is mended if a crash lost it."""
    item = catalog.get(item_id, L1C_COLLECTION)
    products = l2a_of(catalog, item) if item else ()
    titles = {link.title for link in item.links} if item else set()
    for product_id in products:
        if product_id not in titles:
            link_scenes(catalog, product_id)
            link_versions(catalog, product_id)
    return bool(products) and all(_is_complete(catalog, choice, each) for each in products)


def _is_complete(catalog: Catalog, choice: AssetChoice, product_id: str) -> bool:
    """Whether nothing that is wanted now was left out by an earlier call."""
    item = catalog.get(product_id, L2A_COLLECTION)
    return item is not None and not choice.of(left_out_of(item))


def _same_version(one: ProductName, other: ProductName) -> bool:
    return (one.acquired, one.version) == (other.acquired, other.version)


def _product(name: str) -> ProductName | None:
    try:
        return ProductName.parse(name.removesuffix(".zip"))
    except ResponseError:
        return None


def _safe(name: str) -> str:
    """A file name without anything a file system or a shell could take for more than a name."""
    return re.sub(r"[^\w.+-]", "_", name).lstrip(".") or "result.zip"
