"""Products that the service delivered and has deleted before they were fetched."""

from dataclasses import replace

from peps_stac.domain import Event, JobStatus, Order, Process, Reason
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.workflow.context import Context
from peps_stac.workflow.pairing import l2a_of, scene_of
from peps_stac.workflow.results import verdict
from peps_stac.workflow.tracking import Document, TrackedOrder, amend


def note_expired(context: Context, entry: TrackedOrder, href: str | None, said: str) -> None:
    """Write on the scenes of a result that it is gone, so that `retry` takes them.

    Args:
        context: Whose catalog.
        entry: The order; scenes whose product is in the catalog are left as they are.
        href: Address of the result that answered 404 or 410; None: of all of them.
        said: What the service said.
    """
    event = Event(JobStatus.FAILED, context.now(), "result", "gone")

    def expire(item: Document, order: Order) -> Order:
        is_gone = order.status is JobStatus.SUCCEEDED and _is_of(entry, item["id"], href)
        if not is_gone or _is_there(context, item["id"]):
            return order
        return _expired(order, event, said)

    amend(context.catalog, [(entry, expire)], tell=context.tell)


def _is_of(entry: TrackedOrder, item_id: str, href: str | None) -> bool:
    is_alone = entry.order.process is Process.MAJA
    return href is None or bool(verdict(scene_of(item_id), [href], is_alone=is_alone).hrefs)


def _is_there(context: Context, item_id: str) -> bool:
    item = context.catalog.get(item_id, L1C_COLLECTION)
    return item is not None and bool(l2a_of(context.catalog, item))


def _expired(order: Order, event: Event, said: str) -> Order:
    return replace(
        order,
        status=JobStatus.FAILED,
        reason=Reason.EXPIRED,
        message=said,
        history=(*order.history, event),
    )
