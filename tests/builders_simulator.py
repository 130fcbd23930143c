"""Scenes, requests and a running simulator for tests; everything goes over real HTTP."""

import base64
import contextlib
import json
import time
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element

import defusedxml.ElementTree as SafeXml

from peps_stac.domain import Credentials, L1CProduct
from peps_stac.peps.resto import service_id
from peps_stac.simulator import Account, Scenario, SimulatedClock, Simulator

SEARCH = "/resto/api/collections/S2ST/search.json"
WPS = "/resto/wps"
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
LOGIN = Credentials(username="demo@example.org", password="demo")  # noqa: S106 -- simulated
OTHER = Account(username="other@example.org", password="a : b", userid=2)  # noqa: S106 -- simulated
WPS_NAMES = {"wps": "http://www.opengis.net/wps/1.0.0", "ows": "http://www.opengis.net/ows/1.1"}


def a_feature(
    start: str = "2017-11-05T10:53:49.024Z",
    *,
    tile: str = "31TCJ",
    **changes: Any,  # noqa: ANN401 -- any property
) -> dict[str, Any]:
    """A raw PEPS feature, made up; `changes` are properties, or `geometry`."""
    geometry = changes.pop("geometry", a_polygon(0.5, 43.2, 1.9, 44.2))
    stamp = f"{start[:10].replace('-', '')}T{start[11:19].replace(':', '')}"
    name = changes.pop("name", f"S2A_MSIL1C_{stamp}_N0206_R051_T{tile}_{stamp}")
    identifier = service_id(name)
    host = "https://peps.cnes.fr"
    properties = {
        "collection": "S2ST",
        "productIdentifier": name,
        "title": name,
        "organisationName": "ESA",
        "startDate": start,
        "completionDate": start,
        "productType": "S2MSI1C",
        "processingLevel": "LEVEL1C",
        "platform": "S2A",
        "instrument": "MSI",
        "sensorMode": "INS-NOBS",
        "orbitNumber": 12380,
        "relativeOrbitNumber": 51,
        "orbitDirection": "descending",
        "resourceSize": 700_000_000,
        "resourceChecksum": "64FFCA4B9CD13D094ED05554E010DB5A",
        "published": "2017-11-06T01:00:00.000Z",
        "updated": "2017-11-06T01:00:00.000Z",
        "cloudCover": 12.5,
        "snowCover": None,
        "visible": 1,
        "isNrt": 0,
        "realtime": "Nominal",
        "mgrs": tile,
        "keywords": [],
        "services": {
            "download": {
                "url": f"{host}/resto/collections/S2ST/{identifier}/download",
                "mimeType": "application/zip",
                "size": 700_000_000,
                "checksum": "64FFCA4B9CD13D094ED05554E010DB5A",
            }
        },
        "links": [{"rel": "alternate", "href": f"{host}/resto/collections/S2ST/{identifier}.json"}],
        "storage": {"mode": "disk"},
        **changes,
    }
    return {"type": "Feature", "id": identifier, "geometry": geometry, "properties": properties}


def a_series(count: int, **changes: Any) -> list[dict[str, Any]]:  # noqa: ANN401 -- any property
    """Scenes of one tile, five days apart, oldest first."""
    return [a_feature(_day(number), **changes) for number in range(count)]


def many(count: int) -> list[dict[str, Any]]:
    """Small features, for counting."""
    return [
        {
            "type": "Feature",
            "id": str(uuid5(NAMESPACE_URL, str(number))),
            "geometry": None,
            "properties": {
                "productIdentifier": f"S2A_{number:05d}",
                "startDate": f"2018-01-01T00:{number // 60 % 60:02d}:{number % 60:02d}.000Z",
                "mgrs": "31TCJ",
                "storage": {"mode": "disk"},
            },
        }
        for number in range(count)
    ]


def a_polygon(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def a_still_clock() -> SimulatedClock:
    """It moves by `advance` alone."""
    return SimulatedClock(NOON, speed=0)


class FakeBuilder:
    """Writes a small zip in place of a MUSCATE product, and counts."""

    def __init__(self, pause: float = 0.0) -> None:
        self.built: list[str] = []
        self.pause = pause

    def __call__(self, product: L1CProduct, target: Path, *, size: int) -> Path:
        time.sleep(self.pause)
        self.built.append(product.name)
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("note.txt", f"{product.name} {size}\n" * 500)
        return target


@contextlib.contextmanager
def a_simulator(
    features: list[dict[str, Any]] | None = None,
    **options: Any,  # noqa: ANN401 -- any option
) -> Iterator[Simulator]:
    """A running simulator that stands still in time and builds small stand-in products."""
    scenario = options.pop("scenario", Scenario())
    given = {
        "clock": a_still_clock(),
        "accounts": (Account(), OTHER),
        "build": FakeBuilder(),
        "build_theia": FakeBuilder(),
        **options,
    }
    with Simulator(features or [a_feature()], scenario=scenario, **given) as peps:
        yield peps


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, and whether the connection stayed open."""

    status: int
    headers: HTTPMessage
    content: bytes = field(repr=False)

    @property
    def json(self) -> Any:  # noqa: ANN401 -- any JSON
        return json.loads(self.content)

    @property
    def xml(self) -> Element:
        root: Element = SafeXml.fromstring(self.content)
        return root


def ask(  # noqa: PLR0913 -- an HTTP request
    peps: Simulator,
    href: str,
    params: Mapping[str, str] | None = None,
    *,
    login: Credentials | None = None,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Reply:
    """One request on a connection of its own; `href` is a path or an address of the simulator."""
    parts = urlsplit(href)
    query = "&".join(filter(None, (parts.query, urlencode(params or {}))))
    target = f"{parts.path}?{query}" if query else parts.path
    connection = connect(peps)
    try:
        connection.request(method, target, body, {**(headers or {}), **basic(login)})
        response: HTTPResponse = connection.getresponse()
        return Reply(response.status, response.headers, response.read())
    finally:
        connection.close()


def connect(peps: Simulator) -> HTTPConnection:
    host = urlsplit(peps.url)
    return HTTPConnection(host.hostname or "", host.port, timeout=10)


def basic(login: Credentials | None) -> dict[str, str]:
    if login is None:
        return {}
    text = f"{login.username}:{login.password}".encode()
    return {"Authorization": f"Basic {base64.b64encode(text).decode()}"}


def execute(peps: Simulator, identifier: str, **inputs: str) -> Reply:
    """An Execute request as the old scripts send it, stored and with a status."""
    return ask(peps, WPS, execute_params(identifier, **inputs), login=LOGIN)


def execute_params(identifier: str, **inputs: str) -> dict[str, str]:
    return {
        "service": "WPS",
        "version": "1.0.0",
        "request": "Execute",
        "identifier": identifier,
        "datainputs": ";".join(f"{name}={value}" for name, value in inputs.items()),
        "storeExecuteResponse": "true",
        "status": "true",
        "title": "a title",
    }


def a_job(peps: Simulator, **inputs: str) -> str:
    """Submit MAJA (by `product`) or FULL_MAJA, and answer the WPS uuid."""
    reply = execute(peps, "MAJA" if "product" in inputs else "FULL_MAJA", **inputs)
    location = reply.xml.attrib["statusLocation"]
    return location.rpartition("pywps-")[2].removesuffix(".xml")


def report_of(peps: Simulator, job_id: str) -> Any:  # noqa: ANN401 -- any JSON
    """The report inside PROCESSING_STATUS."""
    reply = execute(peps, "PROCESSING_STATUS", wps_id=job_id)
    return json.loads(reply.xml.findtext(".//wps:LiteralData", namespaces=WPS_NAMES) or "null")


def _day(number: int) -> str:
    month, day = 9 + number // 6, 1 + number % 6 * 5
    return f"2017-{month:02d}-{day:02d}T10:53:49.024Z"
