"""Orders that the old commands know by a log: taken over from it, and written to it."""

from pathlib import Path
from typing import TYPE_CHECKING

from peps_stac.cli.legacy import say_line
from peps_stac.cli.legacy_files import log_document, read_log, write_whole
from peps_stac.cli.output import tell
from peps_stac.errors import RequestError

if TYPE_CHECKING:
    import pystac

    from peps_stac.peps.legacy import SavedReply
    from peps_stac.provider.interface import Service
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


def adopt_log(client: "Service", catalog: "Catalog", log: Path) -> bool:
    """Take over the job of a log, as `peps-stac adopt LOG` does; says what became of it.

    Returns:
        Whether the catalog has it now.
    """
    from peps_stac.workflow import adopt

    say_line("adopt", str(log))
    try:
        found = list(adopt(client, catalog, [log], tell=tell))
    except RequestError as error:
        tell(str(error))
        return False
    for one in found:
        tell(f"{log}: {one.state}: {one.detail or one.name}")
    return any(one.entry is not None for one in found)


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
    old = _old_log(path)
    if old is not None and old.job_id == order.id:
        return True
    if old is not None:
        kept = path.with_name(f"{path.stem}-{old.job_id}{path.suffix}")
        path.replace(kept)
        tell(f"{path} was the log of another job; it is now {kept}")
    href = order.monitor or f"{base_url}/resto/wps/outputs/pywps-{order.id}.xml"
    write_whole(path, log_document(order, href), "log file")
    return True


def _old_log(path: Path) -> "SavedReply | None":
    try:
        return read_log(path)
    except RequestError:
        return None
