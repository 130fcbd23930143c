"""Orders that the old commands know by a log: found in the catalog, taken over, written."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from peps_stac.cli.legacy_files import Launch, find_launch, launch_document, write_whole
from peps_stac.cli.output import tell
from peps_stac.errors import RequestError

if TYPE_CHECKING:
    import pystac

    from peps_stac.domain import Order
    from peps_stac.peps.client import PepsClient
    from peps_stac.store import Catalog
    from peps_stac.workflow import TrackedOrder


def orders_by_item(catalog: "Catalog") -> "dict[str, TrackedOrder]":
    """The order of each L1C Item that has one."""
    from peps_stac.workflow import tracked

    return {item_id: entry for entry in tracked(catalog) for item_id in entry.item_ids}


def order_by_id(catalog: "Catalog", job_id: str) -> "TrackedOrder | None":
    """The order of a job; None when the catalog knows of none."""
    from peps_stac.workflow import tracked

    return next((one for one in tracked(catalog) if one.order.id == job_id), None)


def is_known(client: "PepsClient", launch: Launch, source: str) -> bool:
    """Whether the service still knows the job of a log; says so when it does not."""
    from peps_stac.errors import ResponseError

    try:
        client.report(_order(launch))
    except (RequestError, ResponseError) as error:
        tell(f"{source}: job {launch.job_id} cannot be taken over: {error}")
        return False
    return True


def launch_inputs(client: "PepsClient", launch: Launch) -> dict[str, str]:
    """Inputs of a submission: of its log, else of the service's list of jobs; empty when lost."""
    if launch.inputs:
        return launch.inputs
    job = next((job for job in client.jobs() if job.job_id == launch.job_id), None)
    return dict(job.inputs) if job else {}


def take_over(catalog: "Catalog", launch: Launch, items: "Iterable[pystac.Item]") -> int:
    """Write the job of a log on its L1C Items; those that stand for another order keep it.

    Returns:
        How many Items now stand for the job.
    """
    from peps_stac.stac.collections import L1C_COLLECTION
    from peps_stac.stac.l1c import merged
    from peps_stac.stac.orders import order_of, with_order

    with catalog.lock():
        taken = []
        for item in items:
            known = catalog.get(item.id, L1C_COLLECTION)
            current = merged(item, known) if known else item
            if order_of(current) is None:
                taken.append(with_order(current, _order(launch)))
        catalog.put_all(taken, durable=True)
    return len(taken)


def _order(launch: Launch) -> "Order":
    from peps_stac.clock import utc_now
    from peps_stac.domain import Event, JobStatus, Order, Process

    when = launch.created or utc_now()
    return Order(
        process=Process(launch.process or "MAJA"),
        status=JobStatus.ORDERED,
        inputs=launch.inputs,
        id=launch.job_id,
        date=when,
        monitor=launch.status_href,
        history=(Event(JobStatus.ORDERED, when, "log"),),
    )


def find_scenes(client: "PepsClient", inputs: Mapping[str, str]) -> "list[pystac.Item]":
    """The L1C Items of a series, found again on the service.

    Args:
        client: Whom to ask.
        inputs: Of FULL_MAJA, as sent; both days are included.

    Raises:
        RequestError: Inputs that are no series.
    """
    from peps_stac.domain import MgrsTile, SearchQuery
    from peps_stac.domain.instants import day_start
    from peps_stac.workflow import search

    try:
        tile = MgrsTile.parse(inputs["tileid"])
        first, last = (date.fromisoformat(inputs[one]) for one in ("startDate", "completionDate"))
        orbit = int(inputs["relativeOrbitNumber"]) if "relativeOrbitNumber" in inputs else None
    except (KeyError, ValueError) as error:
        raise RequestError(f"no tile and period in {dict(inputs)}; run peps-stac sync") from error
    query = SearchQuery(
        tiles=(tile,),
        start=day_start(first),
        end=day_start(last + timedelta(days=1)) - timedelta(milliseconds=1),
        relative_orbit=orbit,
    )
    return list(search(client, query, tell=tell))


def find_scene(client: "PepsClient", name: str) -> "pystac.Item | None":
    """The L1C Item of a product name, found on the service by tile and time."""
    from peps_stac.domain import MgrsTile, SearchQuery
    from peps_stac.workflow import search
    from peps_stac.workflow.pairing import scene_of

    scene = scene_of(name)
    if scene is None:
        return None
    # The service's start may be milliseconds after the whole seconds of the name.
    around = timedelta(minutes=1)
    query = SearchQuery(
        tiles=(MgrsTile.parse(scene.tile),), start=scene.start - around, end=scene.start + around
    )
    return next((item for item in search(client, query, tell=tell) if item.id == name), None)


def write_items(path: Path, items: "list[pystac.Item]") -> None:
    """Write what a search found as an ItemCollection.

    Raises:
        RequestError: The file cannot be written.
    """
    import orjson

    from peps_stac.cli.search import item_collection

    document = orjson.dumps(item_collection(items), option=orjson.OPT_INDENT_2)
    write_whole(path, f"{document.decode()}\n", "--json")


def write_log(path: Path, entry: "TrackedOrder", base_url: str) -> bool:
    """Write the log of an order, unless there is one of the same job.

    A log of another job is not lost: it is renamed after that job.

    Returns:
        Whether there is a log of the order now; an order without a job id has none.
    """
    order = entry.order
    if order.id is None:
        return False
    old = _old_launch(path)
    if old is not None and old.job_id == order.id:
        return True
    if old is not None:
        kept = path.with_name(f"{path.stem}-{old.job_id}{path.suffix}")
        path.replace(kept)
        tell(f"{path} was the log of another job; it is now {kept}")
    launch = Launch(
        job_id=order.id,
        status_href=order.monitor or f"{base_url}/resto/wps/outputs/pywps-{order.id}.xml",
        process=str(order.process),
        inputs=order.inputs,
        created=order.date,
    )
    write_whole(path, launch_document(launch), "log file")
    return True


def _old_launch(path: Path) -> Launch | None:
    try:
        return find_launch(path)
    except RequestError:
        return None
