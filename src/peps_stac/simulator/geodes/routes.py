"""The addresses of a simulated GEODES, and who answers at each."""

from peps_stac.simulator.answers import Answer
from peps_stac.simulator.geodes import downloads, search
from peps_stac.simulator.routing import Incoming, Parts, Route, route
from peps_stac.simulator.world import World


def _landing(world: World, _: Incoming, __: Parts) -> Answer:
    return search.landing(world)


def _collections(world: World, incoming: Incoming, _: Parts) -> Answer:
    return search.collections(world, incoming.body)


def _item(world: World, _: Incoming, parts: Parts) -> Answer:
    return search.item(world, parts["collection"], parts["urn"])


def _search(world: World, incoming: Incoming, _: Parts) -> Answer:
    return search.search(world, incoming.body)


def _download(world: World, incoming: Incoming, parts: Parts) -> Answer:
    return downloads.download(world, incoming, parts["urn"], parts["md5"])


def _stored(world: World, incoming: Incoming, parts: Parts) -> Answer:
    return downloads.stored(world, incoming, parts["urn"], parts["md5"])


def _quicklook(world: World, incoming: Incoming, parts: Parts) -> Answer:
    return downloads.quicklook(world, incoming, parts["urn"], parts["md5"])


def _availability(world: World, incoming: Incoming, parts: Parts) -> Answer:
    return downloads.availability(world, incoming, parts["name"])


def _fast_availability(world: World, incoming: Incoming, _: Parts) -> Answer:
    return downloads.fast_availability(world, incoming)


_STAC = "/api/stac"
_FILE = r"(?P<urn>[^/]+)/files/(?P<md5>[0-9a-f]{32})"

ROUTES: tuple[Route, ...] = (
    route("geodes landing", f"{_STAC}/?", _landing),
    route("geodes collections", f"{_STAC}/collections/?", _collections, "nothing", "POST"),
    route("geodes item", f"{_STAC}/collections/(?P<collection>[^/]+)/items/(?P<urn>[^/]+)", _item),
    route("geodes search", f"{_STAC}/(?:search|items)", _search, "nothing", "POST"),
    route("geodes download", f"/api/download/{_FILE}", _download),
    route("geodes store", r"/datalake/(?P<urn>[^/]+)/(?P<md5>[0-9a-f]{32})", _stored),
    route("geodes quicklook", f"/api/quicklook/{_FILE}", _quicklook),
    route("geodes availability", "/availability/(?P<name>[^/]+)", _availability),
    route("geodes fast availability", "/fastavailability", _fast_availability, "nothing", "POST"),
)
