"""Cancel orders, at the service and in the catalog."""

from collections.abc import Collection, Iterator

from peps_stac.clock import Clock, utc_now
from peps_stac.domain import Event, JobStatus
from peps_stac.errors import RequestError, ResponseError
from peps_stac.http.failures import Gone
from peps_stac.peps.client import PepsClient
from peps_stac.store import Catalog
from peps_stac.tell import Tell, silent
from peps_stac.workflow.context import Context
from peps_stac.workflow.tracking import TrackedOrder, changed, named, record, tracked


def cancel(
    client: PepsClient,
    catalog: Catalog,
    names: Collection[str],
    *,
    now: Clock = utc_now,
    tell: Tell = silent,
) -> Iterator[TrackedOrder]:
    """Cancel orders that are open or planned; each as it stands afterwards.

    Of a series, all scenes are canceled, whichever of them is named.

    Args:
        client: Whom to ask.
        catalog: Whose orders.
        names: Item ids, order ids or the first characters of one, six at least.
        now: The time of what is written.
        tell: Hears what there was nothing to cancel of.

    Raises:
        RequestError: A name that no order of the catalog has, or a job that the service does
            not list.
    """
    entries = tracked(catalog)
    # Two Items of one series are one order.
    for entry in {(found := named(entries, name)).key: found for name in names}.values():
        if not entry.is_unfinished:
            tell(f"{entry.subject}: nothing to cancel, the order is {entry.order.status}")
            continue
        if entry.is_open:
            _cancel_there(Context(client, catalog, now, tell), entry)
        event = Event(JobStatus.CANCELED, now(), "user")
        facts = changed(entry, event, status=JobStatus.CANCELED, waiting=None)
        yield record(catalog, facts, durable=True)


def _cancel_there(context: Context, entry: TrackedOrder) -> None:
    """Cancel at the service; nothing is left to do where it has forgotten the job.

    Raises:
        RequestError: It does not list the job, which may run all the same.
    """
    try:
        context.client.cancel(entry.order)
    except RequestError:
        try:
            context.client.report(entry.order)
        except Gone:
            context.tell(f"{entry.subject}: the service has forgotten job {entry.order.id}")
            return
        except ResponseError:
            pass
        raise
