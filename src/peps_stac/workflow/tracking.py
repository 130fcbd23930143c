"""The orders of a catalog, gathered from the Items they stand on."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from peps_stac.domain import Event, Order
from peps_stac.errors import CatalogError, RequestError
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.stac.orders import order_in, with_order_in
from peps_stac.store import Catalog
from peps_stac.tell import Tell, silent

Document = Mapping[str, Any]
"""An Item as STAC JSON."""

Change = Callable[[Document, Order], Order]
"""What to make of the order of one scene, both as they stand on disk."""

SHORTEST_PREFIX = 6
"""Characters of an id that may stand for the whole."""


@dataclass(frozen=True, slots=True)
class TrackedOrder:
    """One order and the Items it stands on: one for MAJA, a whole series for FULL_MAJA."""

    order: Order
    """As it stands on the first of its Items."""
    orders: dict[str, Order]
    """By Item id: scenes of one series end differently."""

    @property
    def key(self) -> str:
        """What tells this order from all others: its job id, else our submission id.

        One that was never sent, or never arrived, has neither: its process and inputs do.
        """
        return _key(self.order)

    @property
    def item_ids(self) -> tuple[str, ...]:
        """L1C Items, oldest name first."""
        return tuple(self.orders)

    @property
    def subject(self) -> str:
        """For people: the first scene, and how many more."""
        first, *others = self.orders
        return f"{first} and {len(others)} more" if others else first

    @property
    def is_open(self) -> bool:
        """Whether the service may still change it."""
        return any(order.status.is_open for order in self.orders.values())

    @property
    def is_planned(self) -> bool:
        """Whether it waits on this side until other orders end."""
        return any(order.is_planned for order in self.orders.values())

    @property
    def is_unfinished(self) -> bool:
        """Whether there is anything to wait for: it is open, or planned."""
        return self.is_open or self.is_planned


def tracked(catalog: Catalog) -> tuple[TrackedOrder, ...]:
    """Every order of the catalog, oldest first; also those planned and those that never arrived."""
    catalog.mend()
    found = catalog.documents(L1C_COLLECTION, having="peps:process")
    return grouped((place.item_id, order) for place, item in found if (order := order_in(item)))


def grouped(orders: Iterable[tuple[str, Order]]) -> tuple[TrackedOrder, ...]:
    """Orders of Items, one entry per job, oldest first."""
    groups: dict[str, dict[str, Order]] = {}
    for item_id, order in sorted(orders, key=lambda pair: pair[0]):
        groups.setdefault(_key(order), {})[item_id] = order
    entries = (TrackedOrder(next(iter(group.values())), group) for group in groups.values())
    return tuple(sorted(entries, key=lambda entry: (str(entry.order.date), entry.key)))


def named(entries: Collection[TrackedOrder], name: str) -> TrackedOrder:
    """The order of a job id, or a beginning of one, of a submission id or of an Item id.

    Args:
        entries: Where to look.
        name: Of an id, six characters are enough when no other order begins so.

    Raises:
        RequestError: No order has that name, or several have.
    """
    for entry in entries:
        if name in (entry.order.id, entry.order.submission, entry.key) or name in entry.orders:
            return entry
    found = [entry for entry in entries if _begins(entry, name)]
    if len(found) > 1:
        message = f"{name!r} begins {len(found)} order ids, such as {found[0].key}"
        raise RequestError(f"{message} and {found[1].key}; give more of it")
    if not found:
        raise RequestError(f"{name}: no such order in the catalog; see peps-stac status")
    return found[0]


def _begins(entry: TrackedOrder, name: str) -> bool:
    ids = (entry.order.id or "", entry.order.submission or "")
    return len(name) >= SHORTEST_PREFIX and any(one.startswith(name) for one in ids)


def changed(entry: TrackedOrder, event: Event | None = None, **facts: Any) -> dict[str, Order]:  # noqa: ANN401 -- fields of Order
    """The orders of one job with other facts on all of them, and an event more."""
    events = (event,) if event else ()
    return {
        item_id: replace(order, history=(*order.history, *events), **facts)
        for item_id, order in entry.orders.items()
    }


def record(catalog: Catalog, orders: dict[str, Order], *, durable: bool = False) -> TrackedOrder:
    """Write orders on their Items as these stand on disk now; all of one job.

    Whatever order stands there is replaced: `amend` is for what was read some time ago.
    """
    with catalog.lock():
        found = {item_id: _document(catalog, item_id) for item_id in orders}
        _put(catalog, [with_order_in(found[name], orders[name]) for name in orders], durable)
    return TrackedOrder(next(iter(orders.values())), orders)


def amend(
    catalog: Catalog,
    changes: Iterable[tuple[TrackedOrder, Change]],
    *,
    durable: bool = False,
    tell: Tell = silent,
) -> list[tuple[TrackedOrder, ...]]:
    """Change orders that were read some time ago, many in one go, as they stand on disk now.

    Another process may have changed them meanwhile. A scene that stands for another order by
    now is left alone, and so is one whose Item is gone.

    Args:
        catalog: Where they stand.
        changes: Orders as they were read, each with what to make of them.
        durable: Wait for the disk; all scenes of all of them or none.
        tell: Hears of Items that are gone.

    Returns:
        For each, what its Items stand for now: one order as a rule, none when they are all gone.
    """
    documents: list[Document] = []
    amended = []
    with catalog.lock():
        for entry, change in changes:
            now: dict[str, Order] = {}
            for item_id, before in entry.orders.items():
                document = catalog.document(item_id, L1C_COLLECTION)
                known = order_in(document) if document else None
                if document is None or known is None:
                    tell(f"{item_id}: no longer in the catalog with its order {entry.key}")
                    continue
                now[item_id] = change(document, known) if _is_same(known, before) else known
                if now[item_id] != known:
                    documents.append(with_order_in(document, now[item_id]))
            amended.append(grouped(now.items()))
        _put(catalog, documents, durable)
    return amended


def _put(catalog: Catalog, documents: list[Document], durable: bool) -> None:  # noqa: FBT001 -- passed on
    if durable:
        catalog.put_together(documents)
    else:
        catalog.put_all(documents)


def _document(catalog: Catalog, item_id: str) -> Document:
    document = catalog.document(item_id, L1C_COLLECTION)
    if document is None:
        message = f"Item {item_id} is no longer in {catalog.root}; search for it again with --save"
        raise CatalogError(message)
    return document


def _is_same(now: Order, before: Order) -> bool:
    """Whether an order is the one that was read before, however far it has come since."""
    is_found = before.id is None and before.submission is not None
    return _key(now) == _key(before) or (is_found and now.submission == before.submission)


def _key(order: Order) -> str:
    return order.id or order.submission or _what(order)


def _what(order: Order) -> str:
    """Process and inputs, in one word; what is kept of a series tells two of them apart."""
    words = [str(order.process), *order.inputs.values(), *([str(order.kept)] if order.kept else [])]
    return ":".join(words)
