"""Products that the service delivered and has deleted before they were fetched."""

from dataclasses import replace

from peps_stac.domain import Event, JobStatus, Order, Process, Reason
from peps_stac.workflow.context import Context
from peps_stac.workflow.pairing import scene_of
from peps_stac.workflow.results import verdict
from peps_stac.workflow.tracking import TrackedOrder, record


def note_expired(context: Context, entry: TrackedOrder, href: str, said: str) -> TrackedOrder:
    """Write on the scenes of a result that it is gone, so that `retry` takes them.

    Args:
        context: Whose catalog.
        entry: The order.
        href: Address of the result that answered 404 or 410.
        said: What the service said.
    """
    is_alone = entry.order.process is Process.MAJA
    event = Event(JobStatus.FAILED, context.now(), "result", "gone")
    gone = {
        item_id: _expired(order, event, said)
        for item_id, order in entry.orders.items()
        if order.status is JobStatus.SUCCEEDED
        and verdict(scene_of(item_id), [href], is_alone=is_alone).hrefs
    }
    return record(context.catalog, {**entry.orders, **gone}) if gone else entry


def _expired(order: Order, event: Event, said: str) -> Order:
    return replace(
        order,
        status=JobStatus.FAILED,
        reason=Reason.EXPIRED,
        message=said,
        history=(*order.history, event),
    )
