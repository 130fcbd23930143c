"""What would be ordered, and what would not and why, before anything is sent."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import pystac

from peps_stac.domain import Days, FullMajaRequest, MajaRequest, MgrsTile, ProcessRequest
from peps_stac.store import Catalog
from peps_stac.workflow.advice import beyond_srtm, series_instead, widened
from peps_stac.workflow.estimate import Estimate, days_of, estimate
from peps_stac.workflow.looking import Elsewhere, Looking, Refused, look
from peps_stac.workflow.windows import LEAD_IN_DAYS, Window, window_for, windows


@dataclass(frozen=True, slots=True)
class Planned:
    """One request to the service and the Items it is for."""

    request: ProcessRequest
    items: tuple[pystac.Item, ...]
    kept: Days | None = None
    """Of a series: the days whose products are wanted."""

    @property
    def window(self) -> Window | None:
        """Of a series: the days asked for and those kept."""
        if not isinstance(self.request, FullMajaRequest):
            return None
        ordered = Days(self.request.start, self.request.end)
        return Window(ordered, self.kept or ordered)

    @property
    def estimate(self) -> Estimate:
        """What it will come to, about."""
        return estimate(self.items, self.window)


@dataclass(frozen=True, slots=True)
class OrderPlan:
    """What an order would do."""

    planned: tuple[Planned, ...]
    refused: tuple[Refused, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def products(self) -> int:
        """How many products would be processed."""
        return sum(len(planned.items) for planned in self.planned)


def plan_orders(
    catalog: Catalog,
    items: Iterable[pystac.Item],
    *,
    again: bool = False,
    elsewhere: Elsewhere | None = None,
) -> OrderPlan:
    """One MAJA job for each product that has neither an order nor an L2A product yet.

    Args:
        catalog: What it knows of the Items counts, not what `items` say of orders.
        items: L1C Items, each looked at once however often it comes.
        again: Order also what failed, was canceled, is ordered or is there already, here or
            elsewhere; a scene that is too cloudy for MAJA stays refused.
        elsewhere: Knows which scenes another provider has finished.
    """
    wanted, refused = look(Looking(catalog, again, elsewhere), items)
    planned = tuple(Planned(MajaRequest(item.id), (item,)) for item in wanted)
    return OrderPlan(planned, refused, (*beyond_srtm(wanted), *series_instead(by_tile(wanted))))


def plan_series(  # noqa: PLR0913 -- the period and the way to cut it are the request
    catalog: Catalog,
    items: Iterable[pystac.Item],
    *,
    start: date,
    end: date,
    relative_orbit: int | None = None,
    again: bool = False,
    elsewhere: Elsewhere | None = None,
    lead_in_days: int = LEAD_IN_DAYS,
) -> OrderPlan:
    """FULL_MAJA jobs for each tile among the Items, one for each window of the period.

    A window without anything to do is left out, and one that is partly done already is cut to
    the rest. A period too short for FULL_MAJA is widened backwards; what is kept are the days
    that were asked for.

    Args:
        catalog: What it knows of the Items counts.
        items: L1C Items; those outside the period are left out.
        start: First day.
        end: Last day, included.
        relative_orbit: Only this orbit of the tile, 1 to 143.
        again: As for `plan_orders`.
        elsewhere: As for `plan_orders`.
        lead_in_days: See `windows`.

    Raises:
        RequestError: A period of which no window can be made.
    """
    cut = windows(start, end, lead_in_days=lead_in_days)
    period = Days(cut[0].kept.first, end)
    inside = _within(items, period)
    wanted, refused = look(Looking(catalog, again, elsewhere), inside)
    done = {one.item_id for one in refused}
    rest = by_tile(item for item in inside if item.id in done and "grid:code" in item.properties)
    planned = tuple(
        _series(tile, relative_orbit, window, scenes)
        for tile, tile_scenes in by_tile(wanted).items()
        for window, scenes in _to_do(cut, tile_scenes, rest.get(tile, []), lead_in_days)
    )
    said = widened(start, end, [one.window for one in planned if one.window])
    return OrderPlan(planned, refused, (*beyond_srtm(wanted), *said))


def by_tile(items: Iterable[pystac.Item]) -> dict[MgrsTile, list[pystac.Item]]:
    """Single-tile scenes by their tile, sorted by it."""
    found: dict[MgrsTile, list[pystac.Item]] = {}
    for item in items:
        tile = MgrsTile.parse(str(item.properties["grid:code"]).removeprefix("MGRS-"))
        found.setdefault(tile, []).append(item)
    return dict(sorted(found.items()))


def _to_do(
    cut: Iterable[Window], wanted: Sequence[pystac.Item], done: Sequence[pystac.Item], lead_in: int
) -> Iterator[tuple[Window, list[pystac.Item]]]:
    for window in cut:
        scenes = _within(wanted, window.kept)
        if not scenes:
            continue
        is_partly_done = bool(_within(done, window.kept))
        yield window_for(days_of(scenes), lead_in) if is_partly_done else window, scenes


def _series(
    tile: MgrsTile, orbit: int | None, window: Window, scenes: Sequence[pystac.Item]
) -> Planned:
    request = FullMajaRequest(tile, window.ordered.first, window.ordered.last, orbit)
    return Planned(request, tuple(scenes), window.kept)


def _within(items: Iterable[pystac.Item], days: Days) -> list[pystac.Item]:
    return [item for item in items if item.datetime and item.datetime.date() in days]
