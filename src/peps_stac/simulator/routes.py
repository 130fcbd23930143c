"""The addresses of a simulated PEPS, and who answers at each; those of its other faces besides.

A route has a name, by which faults and tests speak of it.
"""

from peps_stac.simulator.answers import Answer, error_answer, html_answer, json_answer, xml_answer
from peps_stac.simulator.downloads import (
    check_download,
    job_log,
    l1c_download,
    quicklook,
    result_download,
)
from peps_stac.simulator.geodes import routes as geodes
from peps_stac.simulator.holdings import COLLECTIONS
from peps_stac.simulator.joblist import delete_job, job_list
from peps_stac.simulator.ogc import routes as ogc
from peps_stac.simulator.opensearch import open_search
from peps_stac.simulator.resto import product, search
from peps_stac.simulator.routing import Incoming, Parts, Route, route
from peps_stac.simulator.users import STATUS_PROCESS, Account
from peps_stac.simulator.world import World
from peps_stac.simulator.wps import WpsCall, output, read_call, wps
from peps_stac.simulator.wps_request import BadRequest

_UUID = r"[0-9a-f-]{36}"
_COLLECTION = rf"(?P<collection>{'|'.join(COLLECTIONS)})"


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
    place, parts = found
    if place.needs != "nothing" and incoming.account is None:
        return error_answer(401)
    if place.needs == "wps" and not _account(incoming).processes:
        return error_answer(403)
    return place.handler(world, incoming, parts)


def _find(incoming: Incoming) -> tuple[Route, Parts] | None:
    method = "GET" if incoming.method == "HEAD" else incoming.method
    for place in ROUTES:
        match = place.pattern.fullmatch(incoming.path)
        if match and method in place.methods:
            return place, match.groupdict()
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


_ONE = rf"/resto/collections/{_COLLECTION}/(?P<id>{_UUID})"
_USER = r"/resto/wps/users/(?P<userid>[^/]+)/jobs"
_RESULTS = "/cgi-bin/mapcache_results"

ROUTES: tuple[Route, ...] = (
    route("search", rf"/resto/api/collections/(?:{_COLLECTION}/)?search\.json", _search),
    route("opensearch", rf"/resto/api/collections/{_COLLECTION}/describe\.xml", _describe_search),
    route("record", rf"{_ONE}(?:\.json)?", _record),
    route("check", rf"{_ONE}/check/download/?", _check),
    route("download", rf"{_ONE}/download/?", _download),
    route("connect", r"/resto/api/users/connect", _connect, "nothing", "GET", "POST"),
    route("wps", r"/resto/wps/?", _wps, "wps", "GET", "POST"),
    route("outputs", r"/resto/wps/outputs/(?P<name>[^/]+)", _output, "wps"),
    route("jobs", _USER, _jobs, "wps"),
    route("cancel", rf"{_USER}/(?P<gid>[^/]+)", _cancel, "wps", "DELETE"),
    route("log", rf"{_RESULTS}/logs/joblog-(?P<id>{_UUID})\.log", _log, "login"),
    route("result", rf"{_RESULTS}/maja/(?P<id>{_UUID})/(?P<name>[^/]+)", _result, "login"),
    route("quicklook", r"/quicklook/.*/(?P<name>[^/]+)_quicklook\.jpg", _quicklook),
    route("welcome", r"/", _welcome),
    *geodes.ROUTES,
    *ogc.ROUTES,
)
