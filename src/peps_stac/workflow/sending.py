"""One submission: three writes, so that no moment of it can be the one where it is forgotten.

The intent (with a uuid of our own) is on disk before the request leaves, the job id is on disk
before anything else happens after the answer, and what happened instead of an answer is kept
too. A submission whose answer was lost is unconfirmed; it is never repeated by itself.
"""

import uuid
from collections.abc import Callable
from datetime import datetime

import pystac

from peps_stac.domain import Days, Event, JobStatus, Order, ProcessRequest, Submitted, Waiting
from peps_stac.errors import AuthenticationError, RequestError, ResponseError, ServiceError
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.stac.orders import order_of
from peps_stac.workflow.context import Context
from peps_stac.workflow.plan import Planned
from peps_stac.workflow.tracking import TrackedOrder, changed, record


def send(context: Context, planned: Planned) -> TrackedOrder | None:
    """Send one request and write down what became of it.

    Returns:
        The order as it stands afterwards; None when the Items' orders are no longer those that
        the plan was made of, so that nothing was sent.

    Raises:
        AuthenticationError: The account is refused; nothing was accepted.
        ServiceError: The request provably never arrived.
    """
    submission, when = str(uuid.uuid4()), context.now()
    intent = write_orders(
        context,
        planned,
        lambda previous: _intent(planned.request, planned.kept, submission, previous, when),
    )
    return intent and _sent(context, planned, intent)


def put_off(context: Context, planned: Planned, *, max_open: int) -> TrackedOrder | None:
    """Write a request on its Items as planned, and send nothing; None as for `send`."""
    when = context.now()
    waiting = Waiting(when, max_open)
    return write_orders(
        context,
        planned,
        lambda previous: _waiting(planned.request, planned.kept, waiting, previous),
    )


def write_orders(
    context: Context, planned: Planned, make: Callable[[Order | None], Order]
) -> TrackedOrder | None:
    """Write an order, made of the one before, on every Item; None if one changed since the plan."""
    with context.catalog.lock():
        known = {item.id: _order_on_disk(context, item) for item in planned.items}
        if any(known[item.id] != order_of(item) for item in planned.items):
            context.tell(f"{planned.items[0].id}: ordered by someone else meanwhile, left alone")
            return None
        orders = {item_id: make(previous) for item_id, previous in known.items()}
        return record(context.catalog, orders, durable=True)


def _order_on_disk(context: Context, item: pystac.Item) -> Order | None:
    known = context.catalog.get(item.id, L1C_COLLECTION)
    return order_of(known) if known else None


def _waiting(
    request: ProcessRequest, kept: Days | None, waiting: Waiting, previous: Order | None
) -> Order:
    event = Event(JobStatus.ORDERABLE, waiting.since, "user")
    return Order(
        process=request.process,
        status=JobStatus.ORDERABLE,
        inputs=request.inputs,
        kept=kept,
        waiting=waiting,
        attempt=previous.attempt if previous else 0,
        history=(*(previous.history if previous else ()), event),
    )


def _intent(
    request: ProcessRequest,
    kept: Days | None,
    submission: str,
    previous: Order | None,
    when: datetime,
) -> Order:
    event = Event(JobStatus.ORDERED, when, "user")
    return Order(
        process=request.process,
        status=JobStatus.ORDERED,
        inputs=request.inputs,
        submission=submission,
        date=when,
        kept=kept,
        attempt=previous.attempt + 1 if previous else 1,
        history=(*(previous.history if previous else ()), event),
    )


def _sent(context: Context, planned: Planned, intent: TrackedOrder) -> TrackedOrder:
    try:
        answer = context.client.submit(planned.request, submission=str(intent.order.submission))
    except AuthenticationError as error:
        _withdraw(context, planned, intent, error)
        raise
    except RequestError as error:
        context.tell(f"{intent.subject}: refused by the service: {error}")
        event = Event(JobStatus.FAILED, context.now(), "execute")
        failed = changed(intent, event, status=JobStatus.FAILED, message=str(error))
        return record(context.catalog, failed, durable=True)
    except (ServiceError, ResponseError) as error:
        if isinstance(error, ServiceError) and not error.arrived:
            _withdraw(context, planned, intent, error)
            raise
        context.tell(f"{intent.subject}: sent, but the answer was lost ({error}); unconfirmed")
        lost = changed(intent, message=str(error))
        return record(context.catalog, lost, durable=True)
    return record(context.catalog, _answered(context, intent, answer), durable=True)


def _withdraw(context: Context, planned: Planned, intent: TrackedOrder, error: Exception) -> None:
    """Nothing was accepted, provably: what was planned is planned again, the rest orderable."""
    before = order_of(planned.items[0])
    withdrawn = changed(
        intent,
        Event(JobStatus.ORDERABLE, context.now(), "execute"),
        status=JobStatus.ORDERABLE,
        submission=None,
        message=str(error),
        waiting=before.waiting if before else None,
    )
    record(context.catalog, withdrawn, durable=True)


def _answered(context: Context, intent: TrackedOrder, answer: Submitted) -> dict[str, Order]:
    status = JobStatus.FAILED if answer.has_failed else JobStatus.ORDERED
    event = Event(status, context.now(), "execute", answer.word, answer.job_id)
    return changed(
        intent,
        event,
        status=status,
        id=answer.job_id,
        monitor=answer.monitor,
        message=answer.message if status is JobStatus.FAILED else None,
    )
