"""The verbs of the package as a process of its own runs them, all facts given as JSON."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pystac

from builders import a_query, utc
from peps_stac.clock import Clock
from peps_stac.domain import Credentials
from peps_stac.http.session import Session
from peps_stac.peps.client import PepsClient
from peps_stac.stac.collections import L1C_COLLECTION
from peps_stac.store import Catalog
from peps_stac.workflow import (
    AssetChoice,
    AssetMode,
    add,
    cancel,
    download,
    plan_orders,
    plan_series,
    refresh,
    save,
    search,
    send_planned,
    submit,
    sync,
)

Facts = Mapping[str, Any]


def run(facts: Facts) -> None:
    """Do what a person would do with one command."""
    _VERBS[facts["verb"]](facts, Catalog(facts["root"]))


def _search(facts: Facts, catalog: Catalog) -> None:
    with _client(facts) as client:
        start, end = (utc(when) for when in facts["between"])
        save(catalog, search(client, a_query(start=start, end=end)))


def _order(facts: Facts, catalog: Catalog) -> None:
    with _client(facts) as client:
        plan = plan_orders(catalog, _scenes(facts, catalog), again=facts["again"])
        _exhaust(submit(client, catalog, plan, now=_now(facts)))


def _series(facts: Facts, catalog: Catalog) -> None:
    start, end = (date.fromisoformat(day) for day in facts["period"])
    with _client(facts) as client:
        scenes = _scenes(facts, catalog)
        plan = plan_series(catalog, scenes, start=start, end=end, again=facts["again"])
        _exhaust(submit(client, catalog, plan, now=_now(facts)))


def _refresh(facts: Facts, catalog: Catalog) -> None:
    with _client(facts) as client:
        _exhaust(refresh(client, catalog, now=_now(facts)))
        _exhaust(send_planned(client, catalog, now=_now(facts)))


def _cancel(facts: Facts, catalog: Catalog) -> None:
    with _client(facts) as client:
        _exhaust(cancel(client, catalog, facts["names"], now=_now(facts)))


def _download(facts: Facts, catalog: Catalog) -> None:
    with _client(facts) as client:
        _exhaust(download(client, catalog, assets=_assets(facts), now=_now(facts)))


def _add(facts: Facts, catalog: Catalog) -> None:
    paths = [Path(path) for path in facts["paths"]]
    _exhaust(add(catalog, paths, assets=_assets(facts), now=_now(facts)))


def _sync(facts: Facts, catalog: Catalog) -> None:
    """Looks twice, as the clock of this process stands still."""
    with _client(facts) as client:
        start, end = (utc(when) for when in facts["between"])
        steps = sync(
            client,
            catalog,
            a_query(start=start, end=end),
            series=facts["is_series"],
            timeout_s=1,
            assets=_assets(facts),
            now=_now(facts),
            sleep=lambda _: None,
        )
        _exhaust(steps)


_VERBS: Mapping[str, Callable[[Facts, Catalog], None]] = {
    "search": _search,
    "order": _order,
    "series": _series,
    "refresh": _refresh,
    "cancel": _cancel,
    "download": _download,
    "add": _add,
    "sync": _sync,
}


@contextmanager
def _client(facts: Facts) -> Iterator[PepsClient]:
    login = Credentials(username=facts["username"], password=facts["password"])
    with Session(facts["url"], credentials=login, sleep=lambda _: None) as session:
        yield PepsClient(session)


def _scenes(facts: Facts, catalog: Catalog) -> list[pystac.Item]:
    found = catalog.items(L1C_COLLECTION)
    return [item for item in found if item.id in facts["scenes"]]


def _assets(facts: Facts) -> AssetChoice:
    mode, include = AssetMode(facts["mode"]), tuple(facts["include"])
    return AssetChoice(mode, include=include, workers=1)


def _now(facts: Facts) -> Clock:
    now = datetime.fromisoformat(facts["now"])
    return lambda: now


def _exhaust(things: Iterator[object]) -> None:
    for _ in things:
        pass
