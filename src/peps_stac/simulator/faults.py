"""Faults on order: what goes wrong, on which route and at which request."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from peps_stac.simulator.answers import Answer, error_answer, html_answer

_HTML = (
    "<!DOCTYPE html><html><head><title>{status}</title></head><body><h1>{status}</h1>"
    "<p>The server could not answer this request.</p></body></html>"
)


class Action(StrEnum):
    """What a fault does."""

    STATUS = "status"
    """An HTML page with the status, as a web server in front of PEPS writes it."""
    ERROR = "error"
    """PEPS's own JSON error: status, and a code that may differ from it."""
    HTML = "html"
    """Status 200 and a web page where data was expected."""
    EMPTY = "empty"
    """Status 200 without a body."""
    DROP = "drop"
    """The connection ends without an answer."""
    DELAY = "delay"
    """The right answer, late."""
    REDIRECT = "redirect"
    """302 to the same path and query below `location`."""
    TRUNCATE = "truncate"
    """The connection ends in the middle of the body, short of the announced length."""
    SHORT = "short"
    """Half the body, announced as if it were the whole."""
    NO_LENGTH = "no_length"
    """The whole body, its length not announced."""
    CORRUPT = "corrupt"
    """One byte in the middle of the body is another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong, for some requests of one route."""

    route: str
    """Name of the route (see `peps_stac.simulator.routes`); `*` for all."""
    action: Action
    nth: int = 1
    """The first request it befalls, counted from 1 among those of this route."""
    times: int | None = 1
    """How many requests in a row; None: all from then on."""
    containing: str = ""
    """Only requests whose path or query values hold this text are counted."""
    after: bool = False
    """Whether the request is carried out first, so that only its answer is lost."""
    unlisted: bool = False
    """With `after`, on `execute`: the job runs and is in no job list, as when the proxy gives
    up on the machine behind it."""
    status: int = 500
    code: int | None = None
    """`ErrorCode` of the JSON error; the status when None."""
    message: str = "Internal Server Error"
    delay_s: float = 0.0
    """Real seconds to wait first, whatever the action."""
    location: str = "https://peps.cnes.fr"
    """Scheme and host of a redirect."""


class FaultPlan:
    """The faults of a scenario, and how often each has met its route."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = threading.Lock()
        self._faults = [(fault, [0]) for fault in faults]

    def add(self, fault: Fault) -> None:
        """Plan one more; its requests are counted from now."""
        with self._lock:
            self._faults.append((fault, [0]))

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._faults.clear()

    def take(self, route: str, text: str) -> Fault | None:
        """The fault that befalls the present request of a route, the first planned if several.

        Args:
            route: Name of the route.
            text: Path and query values of the request.
        """
        found = None
        with self._lock:
            for fault, met in self._faults:
                if fault.route not in ("*", route) or fault.containing not in text:
                    continue
                met[0] += 1
                if found is None and _is_due(fault, met[0]):
                    found = fault
        return found


def instead(fault: Fault, target: str) -> Answer | None:
    """The answer a fault puts in place of the right one; None when it leaves that one.

    Args:
        fault: What goes wrong.
        target: Path and query of the request.
    """
    match fault.action:
        case Action.STATUS:
            return html_answer(_HTML.format(status=fault.status), status=fault.status)
        case Action.ERROR:
            return error_answer(fault.code or fault.status, fault.message, status=fault.status)
        case Action.HTML:
            return html_answer(_HTML.format(status="Maintenance"))
        case Action.EMPTY:
            return Answer()
        case Action.REDIRECT:
            return Answer(status=302, headers=(("Location", fault.location + target),))
        case _:
            return None


def _is_due(fault: Fault, met: int) -> bool:
    return met >= fault.nth and (fault.times is None or met < fault.nth + fault.times)
