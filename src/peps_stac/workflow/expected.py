"""When an order will be done, by the rule of thumb of the original scripts."""

from datetime import datetime, timedelta

from peps_stac.domain import Days, FullMajaRequest
from peps_stac.errors import RequestError
from peps_stac.workflow.estimate import DATE_MIN, START_MIN, computed_dates
from peps_stac.workflow.inputs import request_of
from peps_stac.workflow.pairing import scene_of
from peps_stac.workflow.tracking import TrackedOrder
from peps_stac.workflow.windows import Window


def expected_end(entry: TrackedOrder) -> datetime | None:
    """An hour and 25 minutes a date after it was sent, UTC; None unless a job is known to be open.

    A job of one product counts as one date. Of a series all dates of its window are computed, as
    many as its scenes let expect. Waiting for a place on the cluster comes on top, so that a job
    may well be later, and is seldom earlier.
    """
    order = entry.order
    if order.date is None or order.id is None or not entry.is_open:
        return None
    return order.date + timedelta(minutes=START_MIN + DATE_MIN * _dates(entry))


def _dates(entry: TrackedOrder) -> int:
    try:
        request = request_of(entry.order)
    except RequestError:
        # An order that was taken over may not tell what it was for.
        return _passes(entry)
    if not isinstance(request, FullMajaRequest):
        return 1
    ordered = Days(request.start, request.end)
    kept = entry.order.kept or ordered
    return computed_dates(_passes(entry), Window(ordered, kept)) if kept.count > 0 else 1


def _passes(entry: TrackedOrder) -> int:
    """Two baselines of one scene are one date."""
    return len({scene.start if (scene := scene_of(name)) else name for name in entry.orders})
