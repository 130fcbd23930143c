"""The addresses of a simulated PEPS, and who answers at each.

A route has a name, by which faults and tests speak of it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from peps_stac.simulator.answers import Answer, error_answer, html_answer, json_answer, xml_answer
from peps_stac.simulator.downloads import (
    check_download,
    job_log,
    l1c_download,
    quicklook,
    result_download,
)
from peps_stac.simulator.holdings import COLLECTIONS
from peps_stac.simulator.joblist import delete_job, job_list
from peps_stac.simulator.opensearch import open_search
from peps_stac.simulator.resto import product, search
from peps_stac.simulator.users import STATUS_PROCESS, Account
from peps_stac.simulator.world import World
from peps_stac.simulator.wps import WpsCall, output, read_call, wps
from peps_stac.simulator.wps_request import BadRequest

_UUID = r"[0-9a-f-]{36}"
_COLLECTION = rf"(?P<collection>{'|'.join(COLLECTIONS)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One request, with its login already looked at."""

    method: str
    path: str
    """Decoded."""
    target: str
    """Path and query as sent."""
    params: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    account: Account | None
    is_unlisted: bool = False


Parts = Mapping[str, str]
_Handler = Callable[[World, Incoming, Parts], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """One address and what answers there."""

    name: str
    methods: tuple[str, ...]
    pattern: re.Pattern[str]
    handler: _Handler
    needs: str = "nothing"
    """`nothing`, `login`, or `wps`: a login that may use the WPS."""


def route_name(incoming: Incoming) -> str:
    """The name of the route of a request; `unknown` when there is none.

    Requests for the WPS are `capabilities`, `describe`, `execute` or `status` by what they ask.
    """
    found = _find(incoming)
    if found is None:
        return "unknown"
    return _wps_name(incoming) if found[0].name == "wps" else found[0].name


def answer(world: World, incoming: Incoming) -> Answer:
    """What PEPS would answer."""
    found = _find(incoming)
    if found is None:
        return error_answer(404)
    route, parts = found
    if route.needs != "nothing" and incoming.account is None:
        return error_answer(401)
    if route.needs == "wps" and not _account(incoming).processes:
        return error_answer(403)
    return route.handler(world, incoming, parts)


def _find(incoming: Incoming) -> tuple[Route, Parts] | None:
    method = "GET" if incoming.method == "HEAD" else incoming.method
    for route in ROUTES:
        match = route.pattern.fullmatch(incoming.path)
        if match and method in route.methods:
            return route, match.groupdict()
    return None


def _wps_name(incoming: Incoming) -> str:
    try:
        request = read_call(_call(incoming))
    except BadRequest:
        return "wps"
    if request.request == "execute":
        return "status" if request.identifier == STATUS_PROCESS else "execute"
    return "capabilities" if request.request == "getcapabilities" else "describe"


def _account(incoming: Incoming) -> Account:
    if incoming.account is None:
        message = "a route that needs a login was reached without one"
        raise RuntimeError(message)
    return incoming.account


def _call(incoming: Incoming) -> WpsCall:
    return WpsCall(
        account=incoming.account or Account(processes=frozenset()),
        method=incoming.method,
        params=incoming.params,
        body=incoming.body,
        is_unlisted=incoming.is_unlisted,
    )


def _search(world: World, incoming: Incoming, parts: Parts) -> Answer:
    return search(world, parts.get("collection"), incoming.params)


def _describe_search(world: World, _: Incoming, parts: Parts) -> Answer:
    return xml_answer(open_search(f"{world.base}/resto/api/collections/{parts['collection']}"))


def _record(world: World, _: Incoming, parts: Parts) -> Answer:
    record = world.holdings.by_id(parts["collection"], parts["id"])
    return product(world, record) if record else error_answer(404)


def _check(world: World, incoming: Incoming, parts: Parts) -> Answer:
    record = world.holdings.by_id(parts["collection"], parts["id"])
    return check_download(record, incoming.account) if record else error_answer(404)


def _download(world: World, incoming: Incoming, parts: Parts) -> Answer:
    record = world.holdings.by_id(parts["collection"], parts["id"])
    if record is None:
        return error_answer(404 if incoming.account else 401)
    return l1c_download(world, record, incoming.account, incoming.headers)


def _wps(world: World, incoming: Incoming, _: Parts) -> Answer:
    return wps(world, _call(incoming))


def _output(world: World, incoming: Incoming, parts: Parts) -> Answer:
    return output(world, _account(incoming), parts["name"])


def _result(world: World, incoming: Incoming, parts: Parts) -> Answer:
    account = _account(incoming)
    return result_download(world, account, parts["id"], parts["name"], incoming.headers)


def _quicklook(world: World, _: Incoming, parts: Parts) -> Answer:
    return quicklook(world, parts["name"])


def _log(world: World, incoming: Incoming, parts: Parts) -> Answer:
    return job_log(world, _account(incoming), parts["id"])


def _jobs(world: World, incoming: Incoming, parts: Parts) -> Answer:
    return job_list(world, _account(incoming), parts["userid"])


def _cancel(world: World, incoming: Incoming, parts: Parts) -> Answer:
    return delete_job(world, _account(incoming), parts["userid"], parts["gid"])


def _connect(world: World, incoming: Incoming, _: Parts) -> Answer:
    if incoming.account is None:
        return error_answer(403)
    return json_answer({"token": world.users.token(incoming.account, world.clock())})


def _welcome(world: World, _: Incoming, __: Parts) -> Answer:
    return html_answer(
        f"<!DOCTYPE html><title>Simulated PEPS</title><h1>Simulated PEPS</h1>"
        f"<p>{len(world.holdings)} scenes. Search: <a href='/resto/api/collections/S2ST/"
        f"search.json'>/resto/api/collections/S2ST/search.json</a></p>"
    )


def _route(
    name: str, pattern: str, handler: _Handler, needs: str = "nothing", *methods: str
) -> Route:
    return Route(name, methods or ("GET",), re.compile(pattern), handler, needs)


_ONE = rf"/resto/collections/{_COLLECTION}/(?P<id>{_UUID})"
_USER = r"/resto/wps/users/(?P<userid>[^/]+)/jobs"
_RESULTS = "/cgi-bin/mapcache_results"

ROUTES: tuple[Route, ...] = (
    _route("search", rf"/resto/api/collections/(?:{_COLLECTION}/)?search\.json", _search),
    _route("opensearch", rf"/resto/api/collections/{_COLLECTION}/describe\.xml", _describe_search),
    _route("record", rf"{_ONE}(?:\.json)?", _record),
    _route("check", rf"{_ONE}/check/download/?", _check),
    _route("download", rf"{_ONE}/download/?", _download),
    _route("connect", r"/resto/api/users/connect", _connect, "nothing", "GET", "POST"),
    _route("wps", r"/resto/wps/?", _wps, "wps", "GET", "POST"),
    _route("outputs", r"/resto/wps/outputs/(?P<name>[^/]+)", _output, "wps"),
    _route("jobs", _USER, _jobs, "wps"),
    _route("cancel", rf"{_USER}/(?P<gid>[^/]+)", _cancel, "wps", "DELETE"),
    _route("log", rf"{_RESULTS}/logs/joblog-(?P<id>{_UUID})\.log", _log, "login"),
    _route("result", rf"{_RESULTS}/maja/(?P<id>{_UUID})/(?P<name>[^/]+)", _result, "login"),
    _route("quicklook", r"/quicklook/.*/(?P<name>[^/]+)_quicklook\.jpg", _quicklook),
    _route("welcome", r"/", _welcome),
)
