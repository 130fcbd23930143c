"""One valid default of everything PEPS answers, made by us, and a server that says it."""

import base64
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from peps_stac.domain import L1CProduct, MgrsTile
from peps_stac.peps.resto import service_id

NAME = "S2B_MSIL1C_20190704T105629_N0207_R094_T31TCJ_20190704T131058"
WPS_ID = "5e2f0a9c-3c55-11ea-8f7d-0242ac110002"
SQUARE = [[1.0, 43.0], [2.0, 43.0], [2.0, 44.0], [1.0, 44.0], [1.0, 43.0]]


def a_feature(name: str = NAME, **properties: object) -> dict[str, Any]:
    """A search result; a property given as `...` is absent."""
    number = service_id(name)
    said: dict[str, object] = {
        "collection": "S2ST",
        "productIdentifier": name,
        "title": name,
        "startDate": "2019-07-04T10:56:29.024Z",
        "completionDate": "2019-07-04T10:56:29.024Z",
        "productType": "S2MSI1C",
        "processingLevel": "LEVEL1C",
        "platform": "S2B",
        "sensorMode": "INS-NOBS",
        "orbitNumber": 12151,
        "relativeOrbitNumber": 94,
        "orbitDirection": "descending",
        "cloudCover": 12.5,
        "snowCover": None,
        "mgrs": "31TCJ",
        "s2TakeId": "GS2B_20190704T105629_012151_N02.07",
        "dhusIngestDate": "2019-07-04T15:00:00.000Z",
        "published": "2019-07-04T16:00:00.000Z",
        "updated": "2019-07-04T17:00:00.000Z",
        "quicklook": f"https://peps.cnes.fr/quicklook/2019/07/04/S2B/{name}_quicklook.jpg",
        "thumbnail": None,
        "resourceSize": 700000000,
        "resourceChecksum": "0123456789ABCDEF0123456789ABCDEF",
        "keywords": [],
        "services": {
            "download": {
                "url": f"https://peps.cnes.fr/resto/collections/S2ST/{number}/download",
                "mimeType": "application/zip",
            }
        },
        "links": [
            {
                "rel": "alternate",
                "type": "application/atom+xml",
                "href": f"https://peps.cnes.fr/resto/collections/S2ST/{number}.atom?&lang=en",
            },
            {
                "rel": "alternate",
                "type": "application/json",
                "href": f"https://peps.cnes.fr/resto/collections/S2ST/{number}.json?&lang=en",
            },
        ],
        "storage": {"mode": "tape"},
    } | properties
    return {
        "type": "Feature",
        "id": number,
        "geometry": {"type": "Polygon", "coordinates": [SQUARE]},
        "properties": {key: value for key, value in said.items() if value is not ...},
    }


def a_name(day: int, tile: str = "31TCJ", baseline: str = "0207") -> str:
    return f"S2B_MSIL1C_201907{day:02d}T105629_N{baseline}_R094_T{tile}_201907{day:02d}T131058"


def a_page(
    *features: Mapping[str, Any],
    next_href: str | None = None,
    filters: Mapping[str, str] | None = None,
    **properties: object,
) -> dict[str, Any]:
    links = [{"rel": "self", "type": "application/json", "href": "https://peps.cnes.fr/resto/"}]
    if next_href is not None:
        links.append({"rel": "next", "type": "application/json", "href": next_href})
    query = {} if filters is None else {"query": {"searchFilters": dict(filters)}}
    return {
        "type": "FeatureCollection",
        "properties": {"totalResults": len(features), "links": links} | query | properties,
        "features": list(features),
    }


def a_product(**fields: Any) -> L1CProduct:  # noqa: ANN401 -- any field of the product
    defaults: dict[str, Any] = {
        "name": NAME,
        "start": datetime(2019, 7, 4, 10, 56, 29, 24000, tzinfo=UTC),
        "tile": MgrsTile.parse("31TCJ"),
        "platform": "sentinel-2b",
        "relative_orbit": 94,
        "cloud_cover": 12.5,
        "level": "L1C",
    }
    return L1CProduct(**(defaults | fields))


def a_response(
    state: str = "<w:ProcessAccepted>Process MAJA accepted</w:ProcessAccepted>",
    *,
    outputs: str = "",
    extra: str = "",
    status_location: str | None = f"https://peps.cnes.fr/resto/wps/outputs/pywps-{WPS_ID}.xml",
) -> bytes:
    """An ExecuteResponse with prefixes of its own: w for wps, o for ows, x for xlink."""
    location = "" if status_location is None else f" statusLocation='{status_location}'"
    body = f"<w:ProcessOutputs>{outputs}</w:ProcessOutputs>" if outputs else ""
    return (
        "<?xml version='1.0' encoding='utf-8'?>"
        "<w:ExecuteResponse xmlns:w='http://www.opengis.net/wps/1.0.0'"
        " xmlns:o='http://www.opengis.net/ows/1.1' xmlns:x='http://www.w3.org/1999/xlink'"
        f" service='WPS' version='1.0.0'{location}>"
        "<w:Process w:processVersion='1.0'><o:Identifier>MAJA</o:Identifier>"
        "<o:Metadata x:href='https://elsewhere.example/about.html'/></w:Process>"
        f"<w:Status creationTime='2019-07-05T08:00:00Z'>{state}</w:Status>{extra}{body}"
        "</w:ExecuteResponse>"
    ).encode()


SUCCEEDED = "<w:ProcessSucceeded>PyWPS Process MAJA successfully calculated</w:ProcessSucceeded>"


def an_output(identifier: str, content: str) -> str:
    return f"<w:Output><o:Identifier>{identifier}</o:Identifier>{content}</w:Output>"


def an_inline_report(report: object) -> bytes:
    """What PROCESSING_STATUS answers."""
    text = report if isinstance(report, str) else json.dumps(report)
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    literal = f"<w:Data><w:LiteralData dataType='string'>{escaped}</w:LiteralData></w:Data>"
    return a_response(SUCCEEDED, outputs=an_output("report", literal), status_location=None)


def a_reference(href: str, identifier: str = "report") -> str:
    return an_output(identifier, f"<w:Reference href='{href}' mimeType='application/json'/>")


def an_exception_report(code: str | None, locator: str | None, text: str | None = None) -> bytes:
    attributes = "".join(
        f" {name}='{value}'"
        for name, value in (("exceptionCode", code), ("locator", locator))
        if value is not None
    )
    inner = "" if text is None else f"<ExceptionText>{text}</ExceptionText>"
    return (
        "<ExceptionReport xmlns='http://www.opengis.net/ows/1.1' version='1.0.0'>"
        f"<Exception{attributes}>{inner}</Exception></ExceptionReport>"
    ).encode()


def a_token(**claims: object) -> dict[str, str]:
    """What `users/connect` answers; the signature is none."""
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return {"token": f"eyJhbGciOiJIUzI1NiJ9.{payload}.c2lnbmF0dXJl"}


def a_job_row(**fields: object) -> dict[str, Any]:
    """A row of the job list, as the server's table has it."""
    return {
        "gid": 4711,
        "userid": 42,
        "title": "peps-stac 7a1d",
        "identifier": "MAJA",
        "querytime": "2019-07-05 08:00:00",
        "data": json.dumps({"service": "WPS", "datainputs": f"product={NAME}"}),
        "method": "GET",
        "status": "ProcessAccepted",
        "statuslocation": f"pywps-{WPS_ID}.xml",
        "percentcompleted": "0",
        "nbresults": 0,
        "logs": False,
    } | fields


@dataclass(frozen=True, slots=True)
class Reply:
    content: bytes
    content_type: str = "application/json"
    status: int = 200

    @classmethod
    def json(cls, document: object, status: int = 200) -> "Reply":
        return cls(json.dumps(document).encode(), status=status)

    @classmethod
    def xml(cls, content: bytes) -> "Reply":
        return cls(content, content_type="text/xml")


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that reached the server."""

    method: str
    path: str
    params: dict[str, str]
    has_login: bool


@dataclass(slots=True)
class ScriptedPeps:
    """A server on loopback that gives the replies of a path in order, the last one for ever."""

    url: str = ""
    replies: dict[str, list[Reply]] = field(default_factory=lambda: defaultdict(list))
    requests: list[Seen] = field(default_factory=list)

    def says(self, path: str, *replies: Reply) -> None:
        self.replies[path].extend(replies)

    def reply(self, path: str) -> Reply:
        replies = self.replies.get(path)
        if not replies:
            return Reply.json({"ErrorMessage": "Not Found", "ErrorCode": 404}, status=404)
        return replies.pop(0) if len(replies) > 1 else replies[0]


@contextmanager
def a_scripted_peps() -> Iterator[ScriptedPeps]:
    script = ScriptedPeps()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            parts = urlsplit(self.path)
            params = dict(parse_qsl(parts.query))
            login = "Authorization" in self.headers
            script.requests.append(Seen(self.command, parts.path, params, login))
            reply = script.reply(parts.path)
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.content)))
            self.end_headers()
            self.wfile.write(reply.content)

        do_GET = do_DELETE = do_POST = handle_any  # noqa: N815 -- names of http.server

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    script.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
