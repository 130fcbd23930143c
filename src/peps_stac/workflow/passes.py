"""Scenes, orders and products of one tile as dates, and where each date stands: pure.

Reprocessed L1C products of one pass are one date, and so are the versions of its L2A product.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from peps_stac.domain import Days, FullMajaRequest, JobStatus, MgrsTile, Order, Reason
from peps_stac.errors import RequestError, ResponseError
from peps_stac.muscate.names import SAME_SCENE, ProductName, same_scene
from peps_stac.stac.versions import in_versions
from peps_stac.workflow.completeness import DateState, ExpectedDate, ProductSource
from peps_stac.workflow.inputs import request_of
from peps_stac.workflow.pairing import LONGEST_PASS, Scene, products_of
from peps_stac.workflow.tracking import TrackedOrder, grouped

_RANK = {state: rank for rank, state in enumerate(DateState)}

_DELIVERING = (Reason.TOO_CLOUDY, Reason.UNPROCESSED, Reason.EXPIRED)
"""Reasons that only a job with results gives."""


@dataclass(frozen=True, slots=True)
class KnownScene:
    """An L1C Item of the catalog and its order, if any."""

    scene: Scene
    relative_orbit: int | None = None
    """1 to 143."""
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class _Standing:
    state: DateState
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Series:
    """A FULL_MAJA order and the days whose products it is to give."""

    entry: TrackedOrder
    days: Days
    relative_orbit: int | None

    def covers(self, known: KnownScene) -> bool:
        """Whether the service computes a scene for it, on the order or not."""
        orbit = known.relative_orbit
        is_its_orbit = None in (self.relative_orbit, orbit) or self.relative_orbit == orbit
        return is_its_orbit and known.scene.start.date() in self.days

    @property
    def has_delivered(self) -> bool:
        """Whether the job finished with results, whatever became of single dates."""
        return any(
            order.status is JobStatus.SUCCEEDED or order.reason in _DELIVERING
            for order in self.entry.orders.values()
        )


def expected_dates(
    tile: MgrsTile,
    scenes: Iterable[KnownScene],
    products: Iterable[str],
    offers: Iterable[str] = (),
) -> list[ExpectedDate]:
    """Every date of a tile, by time.

    Args:
        tile: Whose scenes and products they are.
        scenes: All L1C Items of the tile.
        products: Ids of all its L2A Items; what is no name of a MAJA product is left out.
        offers: Ids of all products of the tile that a service has, as far as the catalog knows;
            those that were fetched as well.
    """
    known = list(scenes)
    series = list(_series(known))
    here = _Products(frozenset(products), frozenset(offers))
    versions = _version_groups(here.all)
    by_day = _by_day(versions)
    found, claimed = [], set()
    for one_pass in _passes(known):
        groups = [group for group in _near(by_day, one_pass) if _shows(group, one_pass)]
        claimed.update(groups)
        found.append(_date(tile, one_pass, here.sorted_out(groups), series))
    unforeseen = (here.sorted_out([group]) for group in versions if group not in claimed)
    found += [_unforeseen(tile, supply) for supply in unforeseen]
    return sorted(found, key=lambda one: (one.datetime, one.platform))


@dataclass(frozen=True, slots=True)
class _Supply:
    """The products of one pass, by where they are; versions of each in order, the latest last."""

    here: tuple[str, ...]
    at_service: tuple[str, ...]
    """Finished, and not fetched."""
    is_from_service: bool
    """Whether the latest of those here was offered there."""


@dataclass(frozen=True, slots=True)
class _Products:
    """The names of a tile's products."""

    here: frozenset[str]
    offered: frozenset[str]

    @property
    def all(self) -> frozenset[str]:
        return self.here | self.offered

    def sorted_out(self, groups: Iterable[tuple[str, ...]]) -> _Supply:
        names = [name for group in groups for name in group]
        here = tuple(name for name in names if name in self.here)
        at_service = tuple(name for name in names if name not in self.here)
        return _Supply(here, at_service, bool(here) and here[-1] in self.offered)


def _passes(known: Collection[KnownScene]) -> Iterator[list[KnownScene]]:
    """Scenes of one pass together, the latest baseline last."""
    together: list[KnownScene] = []
    for one in sorted(known, key=lambda one: (one.scene.platform, one.scene.start)):
        last = together[-1].scene if together else None
        if last and (
            last.platform != one.scene.platform or one.scene.start - last.start > SAME_SCENE
        ):
            yield sorted(together, key=lambda one: one.scene)
            together = []
        together.append(one)
    if together:
        yield sorted(together, key=lambda one: one.scene)


def _version_groups(products: Iterable[str]) -> list[tuple[str, ...]]:
    """Versions of one product together, the latest last."""
    names = [(name, parsed) for name in products if (parsed := _parsed(name))]
    groups: list[list[tuple[str, ProductName]]] = []
    for name, parsed in sorted(names, key=lambda one: (one[1].platform, one[1].acquired)):
        if groups and same_scene(groups[-1][-1][1], parsed):
            groups[-1].append((name, parsed))
        else:
            groups.append([(name, parsed)])
    return [in_versions(name for name, _ in group) for group in groups]


def _by_day(groups: Iterable[tuple[str, ...]]) -> dict[date, list[tuple[str, ...]]]:
    found: dict[date, list[tuple[str, ...]]] = defaultdict(list)
    for group in groups:
        for day in {ProductName.parse(name).acquired.date() for name in group}:
            found[day].append(group)
    return found


def _near(
    by_day: dict[date, list[tuple[str, ...]]], one_pass: Sequence[KnownScene]
) -> list[tuple[str, ...]]:
    starts = [known.scene.start for known in one_pass]
    days = {instant.date() for start in starts for instant in (start, start + LONGEST_PASS)}
    return list(dict.fromkeys(group for day in sorted(days) for group in by_day.get(day, ())))


def _shows(group: tuple[str, ...], one_pass: Iterable[KnownScene]) -> bool:
    return any(products_of(known.scene, group) for known in one_pass)


def _date(
    tile: MgrsTile,
    one_pass: Sequence[KnownScene],
    supply: _Supply,
    series: Iterable[_Series],
) -> ExpectedDate:
    # Of equals, `min` takes the first: the latest baseline.
    told = min(reversed(one_pass), key=lambda known: _RANK[_standing(known.order).state])
    standing = _supplied(supply) or _standing(told.order)
    if standing.state is DateState.NOT_ORDERED:
        standing = _covered(told, series) or standing
    return ExpectedDate(
        tile=tile,
        datetime=told.scene.start,
        platform=told.scene.platform,
        state=standing.state,
        reason=standing.reason,
        scene=told.scene.name,
        order=told.order.id if told.order else None,
        product=supply.here[-1] if supply.here else None,
        source=_source(supply, standing.state, told.order),
        superseded=supply.here[:-1],
    )


def _supplied(supply: _Supply) -> _Standing | None:
    """Where a pass with a product stands, here or at a service; None without one."""
    if supply.here:
        return _Standing(DateState.DELIVERED)
    if supply.at_service:
        return _Standing(DateState.READY, f"at GEODES as {supply.at_service[-1]}")
    return None


def _source(supply: _Supply, state: DateState, order: Order | None) -> ProductSource | None:
    if state not in (DateState.DELIVERED, DateState.READY):
        return None
    if supply.is_from_service or (supply.at_service and not supply.here):
        return ProductSource.GEODES
    is_delivered = order is not None and order.status is JobStatus.SUCCEEDED
    return ProductSource.PEPS if is_delivered else ProductSource.OWN


def _unforeseen(tile: MgrsTile, supply: _Supply) -> ExpectedDate:
    """The date of a product whose scene is not known: it was expected, as it was made."""
    latest = ProductName.parse((supply.here or supply.at_service)[-1])
    standing = _supplied(supply) or _Standing(DateState.NOT_ORDERED)
    return ExpectedDate(
        tile=tile,
        datetime=latest.acquired,
        platform=latest.platform,
        state=standing.state,
        reason=standing.reason,
        product=supply.here[-1] if supply.here else None,
        source=_source(supply, standing.state, None),
        superseded=supply.here[:-1],
    )


def _standing(order: Order | None) -> _Standing:  # noqa: PLR0911 -- one line for each state
    """Where a scene without a product stands."""
    if order is None:
        return _Standing(DateState.NOT_ORDERED)
    if order.is_planned:
        return _Standing(DateState.RUNNING, "planned: it goes out when other series end")
    if order.is_withdrawn:
        return _Standing(DateState.NOT_ORDERED, "the request never arrived")
    if order.is_unconfirmed:
        return _Standing(DateState.RUNNING, "unconfirmed: the answer of the service was lost")
    if order.status.is_open:
        return _Standing(DateState.RUNNING, str(order.status))
    if order.status is JobStatus.SUCCEEDED:
        return _Standing(DateState.READY)
    if order.status is JobStatus.CANCELED:
        is_wanted = bool(order.history) and order.history[-1].source == "user"
        return _Standing(DateState.CANCELED, order.message or ("by you" if is_wanted else None))
    return _failure(order)


def _failure(order: Order) -> _Standing:
    if order.reason is Reason.TOO_CLOUDY:
        return _Standing(DateState.TOO_CLOUDY, "MAJA issues nothing above 90 % cloud")
    if order.reason is Reason.UNPROCESSED:
        return _Standing(DateState.UNPROCESSED, "not among the results of its job")
    if order.reason is Reason.EXPIRED:
        return _Standing(DateState.FAILED, "expired: gone from the service before it was fetched")
    return _Standing(DateState.FAILED, order.message)


def _covered(known: KnownScene, series: Iterable[_Series]) -> _Standing | None:
    """What a series says of a scene that became known after it was ordered."""
    covering = [one for one in series if one.covers(known)]
    for one in covering:
        if one.entry.is_unfinished:
            return _Standing(DateState.RUNNING, f"in the days of series {one.entry.key}")
    for one in covering:
        if one.has_delivered:
            reason = f"in the days of series {one.entry.key}, and no product is here"
            return _Standing(DateState.MISSING, reason)
    return None


def _series(known: Iterable[KnownScene]) -> Iterator[_Series]:
    orders = [(one.scene.name, one.order) for one in known if one.order]
    for entry in grouped(orders):
        try:
            request = request_of(entry.order)
        except RequestError:
            continue  # adopted, and nobody knows what it was asked for
        if isinstance(request, FullMajaRequest):
            days = entry.order.kept or Days(request.start, request.end)
            yield _Series(entry, days, request.relative_orbit)


def _parsed(name: str) -> ProductName | None:
    try:
        return ProductName.parse(name)
    except ResponseError:
        return None
