"""An order of MAJA as properties of the L1C Item it was made for, and back.

`order:status`, `order:id` and `order:date` are the order extension's (v1.1.0), which allows
no other name with its prefix; everything else has the prefix `peps:`, whose schema is
`schemas/peps-v1.0.0.json`. The catalog is the only place where orders are kept, so what is
written here is read back without loss.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any, Final

import pystac
from pystac.utils import datetime_to_str

from peps_stac.domain import Days, Event, JobStatus, Order, Process, Reason, Waiting
from peps_stac.domain.instants import parse_instant
from peps_stac.errors import CatalogError
from peps_stac.stac.extensions import ORDER_SCHEMA, PEPS_SCHEMA

ORDER_PREFIXES: Final = ("order:", "peps:")
"""What an order writes; all of it is the catalog's own and none of it the service's record."""

MONITOR: Final = "monitor"
"""Link to the status document of the job."""

_MONITOR_TITLE: Final = "Where the order stands"


def with_order(item: pystac.Item, order: Order) -> pystac.Item:
    """A copy of an Item that says where its order stands; what an earlier one said is gone.

    Facts that are None or empty have no property. The link `monitor`, one at most, leads to
    the status document.
    """
    changed = copy_of(item)
    kept = {
        name: value
        for name, value in changed.properties.items()
        if not name.startswith(ORDER_PREFIXES)
    }
    changed.properties = {**kept, **_properties(order)}
    changed.links = [link for link in changed.links if link.rel != MONITOR]
    if order.monitor is not None:
        changed.add_link(pystac.Link(MONITOR, order.monitor, title=_MONITOR_TITLE))
    declare(changed, ORDER_SCHEMA, PEPS_SCHEMA)
    return changed


def order_of(item: pystac.Item) -> Order | None:
    """The order an Item stands for.

    An order whose request never arrived is one too, `orderable`, with its history.

    Returns:
        None when none was ever made.

    Raises:
        CatalogError: The properties are not those that `with_order` writes.
    """
    if "peps:process" not in item.properties:
        return None
    return _checked_order(item.id, item.properties, _monitor(item))


def order_in(document: Mapping[str, Any]) -> Order | None:
    """As `order_of`, of an Item as STAC JSON."""
    said = document["properties"]
    if "peps:process" not in said:
        return None
    monitors = (link["href"] for link in document["links"] if link.get("rel") == MONITOR)
    return _checked_order(document["id"], said, next(monitors, None))


def with_order_in(document: Mapping[str, Any], order: Order) -> dict[str, Any]:
    """As `with_order`, for an Item as STAC JSON; what does not change is shared, not copied."""
    said = document["properties"].items()
    kept = {name: value for name, value in said if not name.startswith(ORDER_PREFIXES)}
    links = [link for link in document["links"] if link.get("rel") != MONITOR]
    if order.monitor is not None:
        links.append({"rel": MONITOR, "href": order.monitor, "title": _MONITOR_TITLE})
    known = document.get("stac_extensions") or []
    return {
        **document,
        "stac_extensions": list(dict.fromkeys((*known, ORDER_SCHEMA, PEPS_SCHEMA))),
        "properties": {**kept, **_properties(order)},
        "links": links,
    }


def copy_of(item: pystac.Item) -> pystac.Item:
    """An Item that shares nothing that can change; pystac's own copy loses fields of links."""
    copied = item.clone()
    for link, original in zip(copied.links, item.links, strict=True):
        link.extra_fields = deepcopy(original.extra_fields)
    return copied


def declare(item: pystac.Item, *schemas: str) -> None:
    """Add extensions to an Item, each once."""
    new = [schema for schema in schemas if schema not in item.stac_extensions]
    item.stac_extensions = [*item.stac_extensions, *new]


def _properties(order: Order) -> dict[str, Any]:
    said: dict[str, Any] = {
        "order:status": str(order.status),
        "order:id": order.id,
        "order:date": order.date and _text(order.date),
        "peps:process": str(order.process),
        "peps:inputs": dict(order.inputs) or None,
        "peps:submission": order.submission,
        "peps:attempt": order.attempt,
        "peps:job_status": order.job_status,
        "peps:progress": order.progress,
        "peps:message": order.message,
        "peps:reason": order.reason and str(order.reason),
        "peps:kept": order.kept and [order.kept.first.isoformat(), order.kept.last.isoformat()],
        "peps:waiting": order.waiting and _waiting_properties(order.waiting),
        "peps:history": [_event_properties(event) for event in order.history] or None,
    }
    return {name: value for name, value in said.items() if value is not None}


def _checked_order(item_id: str, said: Mapping[str, Any], monitor: str | None) -> Order:
    try:
        return _order(said, monitor)
    except (KeyError, TypeError, ValueError) as error:
        message = f"the order of Item {item_id} cannot be read ({error!r})"
        raise CatalogError(f"{message}; run `peps-stac validate`, mend the Item") from error


def _order(said: Mapping[str, Any], monitor: str | None) -> Order:
    sent, reason = said.get("order:date"), said.get("peps:reason")
    return Order(
        process=Process(said["peps:process"]),
        status=JobStatus(said["order:status"]),
        inputs=dict(said.get("peps:inputs", {})),
        id=said.get("order:id"),
        date=None if sent is None else parse_instant(sent),
        submission=said.get("peps:submission"),
        attempt=said.get("peps:attempt", 1),
        job_status=said.get("peps:job_status"),
        progress=said.get("peps:progress"),
        message=said.get("peps:message"),
        reason=None if reason is None else Reason(reason),
        monitor=monitor,
        kept=_days(said.get("peps:kept")),
        waiting=_waiting(said.get("peps:waiting")),
        history=tuple(_event(event) for event in said.get("peps:history", ())),
    )


def _monitor(item: pystac.Item) -> str | None:
    link = item.get_single_link(MONITOR)
    # `link.href` would have pystac read the root catalog, in case it should be made relative.
    return link.get_target_str() if link else None


def _days(said: Sequence[str] | None) -> Days | None:
    if said is None:
        return None
    first, last = said
    return Days(date.fromisoformat(first), date.fromisoformat(last))


def _waiting(said: Mapping[str, Any] | None) -> Waiting | None:
    return None if said is None else Waiting(parse_instant(said["since"]), said["max_open"])


def _waiting_properties(waiting: Waiting) -> dict[str, Any]:
    return {"since": _text(waiting.since), "max_open": waiting.max_open}


def _event_properties(event: Event) -> dict[str, Any]:
    said = {
        "status": str(event.status),
        "time": _text(event.time),
        "source": event.source,
        "word": event.word,
        "job": event.job,
    }
    return {name: value for name, value in said.items() if value is not None}


def _event(said: Mapping[str, Any]) -> Event:
    return Event(
        status=JobStatus(said["status"]),
        time=parse_instant(said["time"]),
        source=said["source"],
        word=said.get("word"),
        job=said.get("job"),
    )


def _text(instant: datetime) -> str:
    """In full, as pystac writes `datetime`: an order that is read back equals the one written."""
    return datetime_to_str(instant.astimezone(UTC))
