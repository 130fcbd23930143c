"""Before ordering, look: what is there, ordered, too cloudy or to be had elsewhere already."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pystac

from peps_stac.domain import Order, Reason
from peps_stac.stac.collections import L1C_COLLECTION, OFFER_COLLECTION
from peps_stac.stac.orders import order_of
from peps_stac.store import Catalog
from peps_stac.workflow.pairing import KnownProducts

Elsewhere = Callable[[Sequence[pystac.Item]], Mapping[str, str]]
"""Takes L1C Items and answers, by Item id, where a finished product of the scene can be had
without an order, in words for a person. Items without one are left out."""


_THERE = "already in the catalog as "


@dataclass(frozen=True, slots=True)
class Refused:
    """A product that will not be ordered."""

    item_id: str
    reason: str

    @property
    def is_catalogued(self) -> bool:
        """Whether that is because the catalog has its L2A product."""
        return self.reason.startswith(_THERE)


@dataclass(frozen=True, slots=True)
class Looking:
    """What is looked at."""

    catalog: Catalog
    again: bool = False
    """Whether what failed, is ordered or is there already is taken all the same."""
    elsewhere: Elsewhere | None = None


def look(
    looking: Looking, items: Iterable[pystac.Item]
) -> tuple[list[pystac.Item], tuple[Refused, ...]]:
    """The Items to order, as the catalog has them where it does, and those not to order."""
    catalog = looking.catalog
    known = {item.id: catalog.get(item.id, L1C_COLLECTION) or item for item in items}
    products = KnownProducts(catalog), KnownProducts(catalog, OFFER_COLLECTION)
    reasons = {item.id: _refusal(looking, item, *products) for item in known.values()}
    wanted = [item for item in known.values() if reasons[item.id] is None]
    if looking.elsewhere is not None and wanted and not looking.again:
        for item_id, where in looking.elsewhere(wanted).items():
            reasons[item_id] = _finished(where)
    refused = tuple(Refused(name, reason) for name, reason in reasons.items() if reason)
    return [item for item in wanted if reasons[item.id] is None], refused


def never(item: pystac.Item) -> str | None:
    """Why MAJA cannot be ordered for a product, whatever anybody says; None when it can."""
    level = item.properties.get("processing:level")
    if level != "L1C":
        return f"not an L1C product but {level or 'of unknown level'}"
    if "grid:code" not in item.properties:
        return "not a single-tile product: MAJA takes tiles only"
    order = order_of(item)
    if order and order.reason is Reason.TOO_CLOUDY:
        return "too cloudy: MAJA issues nothing above 90 % cloud"
    return None


def _refusal(
    looking: Looking, item: pystac.Item, products: KnownProducts, offers: KnownProducts
) -> str | None:
    if looking.again or (reason := never(item)):
        return never(item)
    if l2a := products.of(item):
        return f"{_THERE}{l2a[0]}"
    if offered := offers.of(item):
        return _finished(f"GEODES as {offered[0]}")
    order = order_of(item)
    return _known_refusal(order) if order else reason


def _finished(where: str) -> str:
    return f"finished already at {where}; peps-stac download fetches it, --again orders it"


def _known_refusal(order: Order) -> str | None:
    if order.is_withdrawn:
        return None
    if order.is_planned:
        return "planned already: it goes out when other series end"
    if order.is_unconfirmed:
        return "ordered, but the answer was lost; look with `status`, or order it --again"
    because = f" ({order.reason})" if order.reason else ""
    retry = "retry or " if order.status.is_final and order.status != "succeeded" else ""
    return f"already ordered: {order.status}{because}; {retry}--again orders it once more"
