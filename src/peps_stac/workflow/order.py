"""The second arrow: MAJA is asked for, and the Items say so before anyone else can forget it.

Every submission is three writes: the intent (with a uuid of our own) is on disk before the
request leaves, the job id is on disk before anything else happens after the answer, and what
happened instead of an answer is kept too. A submission whose answer was lost is unconfirmed;
it is never repeated by itself.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime

import pystac

from peps_stac.clock import Clock, utc_now
from peps_stac.domain import Event, JobStatus, Order, ProcessRequest
from peps_stac.errors import AuthenticationError, RequestError, ResponseError, ServiceError
from peps_stac.peps.client import PepsClient
from peps_stac.peps.wps import WpsAnswer, WpsState
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.stac.orders import order_of
from peps_stac.store import Catalog
from peps_stac.tell import Tell, silent
from peps_stac.workflow.context import Context
from peps_stac.workflow.plan import OrderPlan, Planned
from peps_stac.workflow.search import save
from peps_stac.workflow.tracking import TrackedOrder, changed, record


def submit(
    client: PepsClient,
    catalog: Catalog,
    plan: OrderPlan,
    *,
    now: Clock = utc_now,
    tell: Tell = silent,
) -> Iterator[TrackedOrder]:
    """Send what is planned, one request after the other; each order as it stands afterwards.

    Raises:
        AuthenticationError: The account is refused; nothing of this request was accepted.
        ServiceError: The service cannot be reached; what is left of the plan was not sent.
    """
    context = Context(client, catalog, now, tell)
    for planned in plan.planned:
        save(catalog, planned.items)
        intent = _intend(context, planned)
        if intent is None:
            tell(f"{planned.items[0].id}: ordered by someone else meanwhile, not sent again")
        else:
            yield _send(context, planned.request, intent)


def _intend(context: Context, planned: Planned) -> TrackedOrder | None:
    """Write the intent on every Item; None when another writer has ordered since the plan."""
    with context.catalog.lock():
        known = {item.id: _order_on_disk(context.catalog, item.id) for item in planned.items}
        if any(_came_since(item, known[item.id]) for item in planned.items):
            return None
        submission, when = str(uuid.uuid4()), context.now()
        intents = {
            item_id: _intent(planned.request, submission, previous, when)
            for item_id, previous in known.items()
        }
        return record(context.catalog, intents, durable=True)


def _came_since(item: pystac.Item, known: Order | None) -> bool:
    """Whether an order is on disk that the plan, made of this Item, has not seen."""
    return known is not None and known.status.is_open and known != order_of(item)


def _order_on_disk(catalog: Catalog, item_id: str) -> Order | None:
    item = catalog.get(item_id, L1C_COLLECTION)
    return order_of(item) if item else None


def _intent(
    request: ProcessRequest, submission: str, previous: Order | None, when: datetime
) -> Order:
    event = Event(JobStatus.ORDERED, when, "user")
    return Order(
        process=request.process,
        status=JobStatus.ORDERED,
        inputs=request.inputs,
        submission=submission,
        date=when,
        attempt=previous.attempt + 1 if previous else 1,
        history=(*(previous.history if previous else ()), event),
    )


def _send(context: Context, request: ProcessRequest, intent: TrackedOrder) -> TrackedOrder:
    """Send one request and write down what became of it."""
    try:
        answer = context.client.submit(request, submission=str(intent.order.submission))
    except AuthenticationError as error:
        _withdraw(context, intent, error)
        raise
    except RequestError as error:
        context.tell(f"{intent.subject}: refused by the service: {error}")
        event = Event(JobStatus.FAILED, context.now(), "execute")
        failed = changed(intent, event, status=JobStatus.FAILED, message=str(error))
        return record(context.catalog, failed, durable=True)
    except (ServiceError, ResponseError) as error:
        if isinstance(error, ServiceError) and not error.arrived:
            _withdraw(context, intent, error)
            raise
        context.tell(f"{intent.subject}: sent, but the answer was lost ({error}); unconfirmed")
        return record(context.catalog, changed(intent, message=str(error)), durable=True)
    return record(context.catalog, _answered(context, intent, answer), durable=True)


def _withdraw(context: Context, intent: TrackedOrder, error: Exception) -> None:
    """Nothing was accepted, provably: the Items may be ordered as if nothing had happened."""
    event = Event(JobStatus.ORDERABLE, context.now(), "execute")
    status = JobStatus.ORDERABLE
    withdrawn = changed(intent, event, status=status, submission=None, message=str(error))
    record(context.catalog, withdrawn, durable=True)


def _answered(context: Context, intent: TrackedOrder, answer: WpsAnswer) -> dict[str, Order]:
    status = JobStatus.FAILED if answer.state is WpsState.FAILED else JobStatus.ORDERED
    event = Event(status, context.now(), "execute", answer.state)
    return changed(
        intent,
        event,
        status=status,
        id=answer.job_id,
        monitor=answer.status_href,
        message=answer.message if status is JobStatus.FAILED else None,
    )
