"""Reads a WPS 1.0.0 request: key-value pairs of a GET, or the XML of a POST."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError  # the type alone; defusedxml reads

import defusedxml.ElementTree as SafeXml
from defusedxml.common import DefusedXmlException

WPS = "http://www.opengis.net/wps/1.0.0"
OWS = "http://www.opengis.net/ows/1.1"

_REQUESTS = ("getcapabilities", "describeprocess", "execute")


class BadRequest(Exception):  # noqa: N818 -- a fact about the request, turned into an answer
    """A request that WPS answers with an ExceptionReport.

    Args:
        code: `exceptionCode`.
        locator: The parameter at fault; None when there is none.
        text: Words for a person.
    """

    def __init__(self, code: str, locator: str | None, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.locator = locator
        self.text = text


@dataclass(frozen=True, slots=True, kw_only=True)
class WpsRequest:
    """What was asked of the WPS."""

    request: str
    """In small letters: getcapabilities, describeprocess, execute."""
    identifier: str | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    is_stored: bool = False
    """Whether the answer may come before the work: `storeExecuteResponse` and `status`."""


def read_kvp(params: Mapping[str, str]) -> WpsRequest:
    """The request of a GET; names of parameters in any case (WPS 1.0.0, section 10.2).

    Raises:
        BadRequest: Not a request of WPS 1.0.0.
    """
    given = {name.lower(): value for name, value in params.items()}
    if given.get("service", "").upper() != "WPS":
        raise BadRequest("MissingParameterValue", "service", "service=WPS is missing")
    request = given.get("request", "").lower()
    if request not in _REQUESTS:
        raise BadRequest("MissingParameterValue", "request", "no such request")
    if request != _REQUESTS[0] and given.get("version") != "1.0.0":
        raise BadRequest("VersionNegotiationFailed", "version", "version=1.0.0 is missing")
    return WpsRequest(
        request=request,
        identifier=given.get("identifier") or None,
        inputs=_data_inputs(given.get("datainputs", "")),
        is_stored=all(given.get(name, "").lower() == "true" for name in _STORED),
    )


def read_xml(content: bytes) -> WpsRequest:
    """The request of a POST.

    Raises:
        BadRequest: Not an XML request of WPS 1.0.0.
    """
    try:
        root: Element = SafeXml.fromstring(content)
    except (ParseError, DefusedXmlException) as error:
        raise BadRequest("NoApplicableCode", None, f"request is no XML: {error}") from error
    namespace, _, name = root.tag.removeprefix("{").rpartition("}")
    if namespace != WPS or name.lower() not in _REQUESTS:
        raise BadRequest("OperationNotSupported", "request", f"no WPS request: {root.tag}")
    form = root.find(f".//{{{WPS}}}ResponseDocument")
    return WpsRequest(
        request=name.lower(),
        identifier=_text(root.find(f"{{{OWS}}}Identifier")),
        inputs=dict(_input(node) for node in root.iter(f"{{{WPS}}}Input")),
        is_stored=form is not None
        and all(
            form.get(name, "").lower() == "true" for name in ("storeExecuteResponse", "status")
        ),
    )


_STORED = ("storeexecuteresponse", "status")


def _data_inputs(text: str) -> dict[str, str]:
    """`a=1;b=2`; the brackets of the early clients around it are taken off."""
    pairs = (pair.partition("=") for pair in text.strip().strip("[]").split(";") if pair)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _input(node: Element) -> tuple[str, str]:
    identifier = _text(node.find(f"{{{OWS}}}Identifier"))
    value = _text(node.find(f"{{{WPS}}}Data/{{{WPS}}}LiteralData"))
    return identifier or "", value or ""


def _text(node: Element | None) -> str | None:
    text = (node.text or "").strip() if node is not None else ""
    return text or None
