"""What a sync came to: where its scenes stand, what would help, and the exit code."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from peps_stac.cli import orders
from peps_stac.cli.errors import ExitCode, share_failed
from peps_stac.cli.output import plural
from peps_stac.domain import JobStatus
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.stac.orders import order_of
from peps_stac.workflow.completeness import DateState
from peps_stac.workflow.retry import plan_retry
from peps_stac.workflow.sync import synced

if TYPE_CHECKING:
    from peps_stac.domain import Order, SearchQuery
    from peps_stac.store import Catalog
    from peps_stac.workflow import SyncPlan

_WORDS = {
    DateState.DELIVERED: "in the catalog",
    DateState.READY: "delivered and not fetched",
    DateState.RUNNING: "still running",
    DateState.UNPROCESSED: "missing from its series",
    DateState.MISSING: "missing from its series",
}
_UNSENT = (DateState.NOT_ORDERED, DateState.MISSING)
_LOST = (DateState.UNPROCESSED, DateState.FAILED, DateState.CANCELED)


@dataclass(frozen=True, slots=True)
class Summary:
    """Where the scenes of a sync stand at its end, by L1C Item id."""

    states: dict[str, DateState]
    orders: "dict[str, Order]"
    """Of those that have one."""
    wanted: frozenset[str]
    """What was to be ordered."""
    retry: tuple[str, ...]
    """What is worth another try."""

    @property
    def counts(self) -> dict[str, int]:
        """Scenes by state, those states that have any."""
        found = Counter(self.states.values())
        return {str(state): found[state] for state in DateState if found[state]}

    @property
    def exit_code(self) -> ExitCode:
        """3 when scenes still run, 4 or 1 when some should have a product and have none."""
        failed = sum(map(self._has_failed, self.states))
        ended = (DateState.DELIVERED, DateState.TOO_CLOUDY)
        return share_failed(
            failed=failed,
            succeeded=len(self._standing(*ended)),
            running=len(self._standing(DateState.RUNNING)),
        )

    @property
    def lines(self) -> Iterator[str]:
        """For people: the count, and for each thing that is missing what to do."""
        told = Counter(_WORDS.get(one, str(one).replace("_", " ")) for one in self.states.values())
        counts = ", ".join(f"{count} {word}" for word, count in told.most_common())
        yield f"{plural(len(self.states), 'scene')}: {counts}"
        lost = [name for name, order in self.orders.items() if order.is_unconfirmed]
        if lost:
            yield (
                f"{plural(len(lost), 'order')} unconfirmed, such as {lost[0]}: when the service "
                "lists no job for it (peps-stac status), peps-stac order --again ID sends it anew"
            )
        if again := len(self._standing(DateState.RUNNING, DateState.READY)) + len(self._unsent()):
            yield f"{plural(again, 'scene')} still to come: run the same line again"
        if self.retry:
            states = sorted({_retry_word(self.orders[name]) for name in self.retry})
            options = " ".join(f"--status {state}" for state in states)
            yield (
                f"{plural(len(self.retry), 'scene')} may be ordered once more: "
                f"peps-stac retry {options}, then the same line again"
            )

    def _standing(self, *states: DateState) -> list[str]:
        return [name for name, state in self.states.items() if state in states]

    def _unsent(self) -> list[str]:
        return [name for name in self._standing(*_UNSENT) if name in self.wanted]

    def _has_failed(self, name: str) -> bool:
        state = self.states[name]
        if state in _LOST:
            return orders.has_failed(self.orders[name])
        return state is DateState.READY or (state in _UNSENT and name in self.wanted)


def summary(catalog: "Catalog", query: "SearchQuery", plan: "SyncPlan") -> Summary:
    """The summary of a plan, by what the catalog says now."""
    states = {one.scene: one.state for one in synced(catalog, query, plan).dates if one.scene}
    known = {name: order for name in states if (order := _order(catalog, name))}
    lost = [name for name, state in states.items() if state in _LOST]
    again = plan_retry(catalog, lost).planned if lost else ()
    wanted = frozenset(item.id for one in plan.orders.planned for item in one.items)
    return Summary(states, known, wanted, tuple(item.id for one in again for item in one.items))


def _order(catalog: "Catalog", name: str) -> "Order | None":
    item = catalog.get(name, L1C_COLLECTION)
    return order_of(item) if item else None


def _retry_word(order: "Order") -> str:
    return "canceled" if order.status is JobStatus.CANCELED else "failed"
