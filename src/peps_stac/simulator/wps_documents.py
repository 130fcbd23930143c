"""Writes the XML of a WPS 1.0.0 service as PyWPS 3.2 does, or in another server's manner."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from html import escape

from peps_stac.domain.instants import format_instant
from peps_stac.simulator.processes import PROCESSES, ProcessInfo
from peps_stac.simulator.scenario import XmlStyle
from peps_stac.simulator.wps_request import OWS, WPS, BadRequest

_XLINK = "http://www.w3.org/1999/xlink"
_DECOY = "http://peps-vizo.cnes.fr:8081/wps/outputs/report-of-an-input.json"
_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
_BETWEEN_TAGS = re.compile(r">\s+<")
_ATTRIBUTE = re.compile(r'="([^"<>]*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """What an ExecuteResponse tells."""

    process: str
    service: str
    """Address of the WPS."""
    created: datetime
    status: str
    """`ProcessAccepted`, `ProcessStarted`, `ProcessSucceeded`, ..."""
    percent: int | None = None
    status_location: str | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    error: str | None = None
    """Text of the exception of a process that failed."""
    literal: str | None = None
    """Text of the output `report`."""
    reference: str | None = None
    """Address of the output `report`, in place of its text."""


def execute_response(execution: Execution, style: XmlStyle) -> str:
    """An ExecuteResponse in a given spelling."""
    wps = f"{style.prefix}:" if style.prefix else ""
    names = f'xmlns:{style.prefix}="{WPS}"' if style.prefix else f'xmlns="{WPS}"'
    location = execution.status_location
    stored = f' statusLocation="{escape(location)}"' if location else ""
    info = PROCESSES[execution.process]
    document = (
        f'<{wps}ExecuteResponse {names} xmlns:ows="{OWS}" xmlns:xlink="{_XLINK}" '
        f'service="WPS" version="1.0.0" xml:lang="en-CA" '
        f'serviceInstance="{escape(execution.service)}?service=WPS&amp;request=GetCapabilities'
        f'&amp;version=1.0.0"{stored}>\n'
        f'<{wps}Process {wps}processVersion="1.0">\n{_describe(info)}'
        f'<ows:Metadata xlink:title="{info.identifier}" xlink:href="{escape(_DECOY)}"/>\n'
        f"</{wps}Process>\n"
        f'<{wps}Status creationTime="{format_instant(execution.created)}">\n'
        f"{_status(execution, wps, style)}\n</{wps}Status>\n"
        f"{_lineage(execution, wps) if style.lineage else ''}"
        f"{_outputs(execution, wps, style)}"
        f"</{wps}ExecuteResponse>\n"
    )
    return _spelt(document, style)


def exception_report(bad: BadRequest) -> str:
    """The answer to a request that makes no sense; its HTTP status is 200."""
    locator = f' locator="{escape(bad.locator)}"' if bad.locator else ""
    text = f"<ExceptionText>{escape(bad.text)}</ExceptionText>" if bad.text else ""
    return (
        f'{_HEAD}<ExceptionReport xmlns="{OWS}" version="1.0.0" xml:lang="en">\n'
        f'  <Exception exceptionCode="{escape(bad.code)}"{locator}>{text}</Exception>\n'
        "</ExceptionReport>\n"
    )


def capabilities(service: str) -> str:
    """The capabilities of the service at an address."""
    offered = "".join(
        f'<wps:Process wps:processVersion="1.0">\n{_describe(info)}</wps:Process>\n'
        for info in PROCESSES.values()
    )
    operations = "".join(
        f'<ows:Operation name="{name}"><ows:DCP><ows:HTTP>'
        f'<ows:Get xlink:href="{escape(service)}?"/><ows:Post xlink:href="{escape(service)}"/>'
        "</ows:HTTP></ows:DCP></ows:Operation>\n"
        for name in ("GetCapabilities", "DescribeProcess", "Execute")
    )
    return (
        f'{_HEAD}<wps:Capabilities xmlns:wps="{WPS}" xmlns:ows="{OWS}" xmlns:xlink="{_XLINK}" '
        'service="WPS" version="1.0.0" xml:lang="en-CA">\n'
        "<ows:ServiceIdentification><ows:Title>Simulated PEPS</ows:Title>"
        "<ows:ServiceType>WPS</ows:ServiceType>"
        "<ows:ServiceTypeVersion>1.0.0</ows:ServiceTypeVersion></ows:ServiceIdentification>\n"
        f"<ows:OperationsMetadata>\n{operations}</ows:OperationsMetadata>\n"
        f"<wps:ProcessOfferings>\n{offered}</wps:ProcessOfferings>\n"
        "<wps:Languages><wps:Default><ows:Language>en-CA</ows:Language></wps:Default>"
        "<wps:Supported><ows:Language>en-CA</ows:Language></wps:Supported></wps:Languages>\n"
        "</wps:Capabilities>\n"
    )


def descriptions(infos: tuple[ProcessInfo, ...]) -> str:
    """The inputs and the output of some processes."""
    described = "".join(
        '<ProcessDescription wps:processVersion="1.0" storeSupported="true" '
        f'statusSupported="true">\n{_describe(info)}<DataInputs>\n{_inputs(info)}</DataInputs>\n'
        "<ProcessOutputs><Output><ows:Identifier>report</ows:Identifier>"
        "<ows:Title>Report of the job</ows:Title><ComplexOutput><Default><Format>"
        "<MimeType>application/json</MimeType></Format></Default><Supported><Format>"
        "<MimeType>application/json</MimeType></Format></Supported></ComplexOutput>"
        "</Output></ProcessOutputs>\n</ProcessDescription>\n"
        for info in infos
    )
    return (
        f'{_HEAD}<wps:ProcessDescriptions xmlns:wps="{WPS}" xmlns:ows="{OWS}" '
        f'service="WPS" version="1.0.0" xml:lang="en-CA">\n{described}'
        "</wps:ProcessDescriptions>\n"
    )


def _describe(info: ProcessInfo) -> str:
    return (
        f"<ows:Identifier>{info.identifier}</ows:Identifier>\n<ows:Title>{info.title}</ows:Title>\n"
    )


def _inputs(info: ProcessInfo) -> str:
    return "".join(
        f'<Input minOccurs="{int(name in info.required)}" maxOccurs="1">'
        f"<ows:Identifier>{name}</ows:Identifier><ows:Title>{name}</ows:Title>"
        "<LiteralData><ows:DataType>string</ows:DataType><ows:AnyValue/></LiteralData></Input>\n"
        for name in (*info.required, *info.optional)
    )


def _status(execution: Execution, wps: str, style: XmlStyle) -> str:
    tag = f"{wps}{execution.status}"
    match execution.status:
        case "ProcessFailed":
            return (
                f'<{tag}><ows:ExceptionReport version="1.0.0"><ows:Exception '
                f'exceptionCode="NoApplicableCode"><ows:ExceptionText>'
                f"{escape(execution.error or '')}</ows:ExceptionText></ows:Exception>"
                f"</ows:ExceptionReport></{tag}>"
            )
        case "ProcessStarted":
            percent = f' percentCompleted="{execution.percent or 0}"' if style.percent else ""
            return f"<{tag}{percent}>Process {execution.process} started</{tag}>"
        case "ProcessSucceeded":
            text = f"PyWPS Process {execution.process} successfully calculated"
            return f"<{tag}>{text}</{tag}>"
        case _:
            return f"<{tag}>Process {execution.process} accepted</{tag}>"


def _lineage(execution: Execution, wps: str) -> str:
    """The inputs repeated; one of them is given by an address, which is no result."""
    literals = "".join(
        f"<{wps}Input><ows:Identifier>{escape(name)}</ows:Identifier><ows:Title>{escape(name)}"
        f"</ows:Title><{wps}Data><{wps}LiteralData>{escape(value)}</{wps}LiteralData></{wps}Data>"
        f"</{wps}Input>\n"
        for name, value in execution.inputs.items()
    )
    return (
        f"<{wps}DataInputs>\n{literals}<{wps}Input><ows:Identifier>config</ows:Identifier>"
        f'<ows:Title>config</ows:Title><{wps}Reference xlink:href="{_DECOY}"/></{wps}Input>\n'
        f"</{wps}DataInputs>\n<{wps}OutputDefinitions><{wps}Output>"
        f"<ows:Identifier>report</ows:Identifier></{wps}Output></{wps}OutputDefinitions>\n"
    )


def _outputs(execution: Execution, wps: str, style: XmlStyle) -> str:
    if execution.reference is not None:
        href = "xlink:href" if style.xlink else "href"
        said = (
            f'<{wps}Reference {href}="{escape(execution.reference)}" '
            'mimeType="application/json" encoding="" schema=""/>'
        )
    elif execution.literal is not None:
        text = escape(execution.literal, quote=False)
        said = (
            f'<{wps}Data><{wps}LiteralData dataType="string">{text}</{wps}LiteralData></{wps}Data>'
        )
    else:
        return ""
    return (
        f"<{wps}ProcessOutputs>\n<{wps}Output>\n<ows:Identifier>report</ows:Identifier>\n"
        f"<ows:Title>Report of the job</ows:Title>\n{said}\n"
        f"</{wps}Output>\n</{wps}ProcessOutputs>\n"
    )


def _spelt(document: str, style: XmlStyle) -> str:
    if style.single_quotes:
        document = _ATTRIBUTE.sub(r"='\1'", document)
    if style.one_line:
        document = _BETWEEN_TAGS.sub("><", document).strip()
        return _HEAD.strip() + document
    return _HEAD + document
