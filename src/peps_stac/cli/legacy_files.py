"""The files the old scripts left behind: product lists, and `.log` files of submissions.

A product list is one L1C product name per line. A log is the service's answer to a submission
(a WPS ExecuteResponse), from which the old download scripts took where to ask; it is written
here too, with the inputs, because people keep logs where others keep databases.
"""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import escape, unescape
from pathlib import Path
from typing import Any, Self

from peps_stac.errors import RequestError

_WPS = "http://www.opengis.net/wps/1.0.0"
_OWS = "http://www.opengis.net/ows/1.1"
_STATUS_LOCATION = re.compile(r"""statusLocation\s*=\s*["']([^"'<>]+)["']""")
_LARGEST_LOG_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What a log tells of a submission."""

    job_id: str
    status_href: str
    """As written, maybe with an internal host."""
    process: str | None = None
    inputs: dict[str, str] = field(default_factory=dict)
    """Empty in logs of the old scripts: the service did not repeat them."""
    created: datetime | None = None

    def of_product(self, name: str) -> Self:
        """The same, known to be MAJA of one L1C product."""
        return replace(self, process="MAJA", inputs={"product": name})

    def of_series(self, inputs: Mapping[str, str]) -> Self:
        """The same, known to be FULL_MAJA of a tile and a period."""
        return replace(self, process="FULL_MAJA", inputs=dict(inputs))


def read_product_list(path: Path) -> tuple[str, ...]:
    """The names of a product list, each once, in its order; `.SAFE` is taken off.

    Raises:
        RequestError: It cannot be read, or names nothing.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        message = f"-p: {path} cannot be read ({reason}); give the list that peps-maja-process "
        raise RequestError(f"{message}wrote") from error
    names = tuple(dict.fromkeys(line.strip().removesuffix(".SAFE") for line in lines))
    wanted = tuple(name for name in names if name)
    if not wanted:
        raise RequestError(f"-p: {path} names no product; it holds one L1C name per line")
    return wanted


def write_product_list(path: Path, names: Iterable[str]) -> None:
    """Write a product list, whole or not at all.

    Raises:
        RequestError: There is no such place.
    """
    write_whole(path, "".join(f"{name}\n" for name in names), "-p")


def write_whole(path: Path, text: str, option: str) -> None:
    """Write a text file beside its place and rename it.

    Raises:
        RequestError: It cannot be written; names the option it was given for.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        beside.write_text(text, "utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        message = f"{option}: {path} cannot be written ({error.strerror}); give another file"
        raise RequestError(message) from error


def find_launch(path: Path) -> Launch | None:
    """What a log tells; None when there is no such file.

    Raises:
        RequestError: A file that holds no submission; says what it holds.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_LOG_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RequestError(f"{path} cannot be read ({error.strerror})") from error
    return read_launch(content, str(path))


def read_launch(content: bytes, source: str) -> Launch:
    """What the bytes of a log tell, in whatever spelling the service used.

    Args:
        content: Of the file.
        source: Its name, for messages.

    Raises:
        RequestError: No submission: an error of the service, nothing, or something else.
    """
    text = content.decode("utf-8", errors="replace")
    href = _status_href(text)
    job_id = _job_id(href) if href else None
    if href is None or job_id is None:
        raise RequestError(f"{source} {_complaint(text)}; order again")
    process, inputs = _lineage(content)
    return Launch(
        job_id=job_id, status_href=href, process=process, inputs=inputs, created=_created(text)
    )


def launch_document(launch: Launch) -> str:
    """A log as the service would have answered, with the inputs.

    `statusLocation` is the last attribute of the first line: the old scripts look for it there.
    """
    inputs = "".join(
        f"<wps:Input><ows:Identifier>{escape(name)}</ows:Identifier><ows:Title>{escape(name)}"
        f"</ows:Title><wps:Data><wps:LiteralData>{escape(value)}</wps:LiteralData></wps:Data>"
        "</wps:Input>\n"
        for name, value in launch.inputs.items()
    )
    process = escape(launch.process or "")
    when = f' creationTime="{launch.created.isoformat()}"' if launch.created else ""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<wps:ExecuteResponse xmlns:wps="{_WPS}" xmlns:ows="{_OWS}" service="WPS" '
        f'version="1.0.0" xml:lang="en" statusLocation="{escape(launch.status_href)}">\n'
        f'<wps:Process wps:processVersion="1.0"><ows:Identifier>{process}</ows:Identifier>'
        f"<ows:Title>{process}</ows:Title></wps:Process>\n"
        f"<wps:Status{when}><wps:ProcessAccepted>Process {process} accepted"
        "</wps:ProcessAccepted></wps:Status>\n"
        f"<wps:DataInputs>\n{inputs}</wps:DataInputs>\n"
        "</wps:ExecuteResponse>\n"
    )


def _status_href(text: str) -> str | None:
    match = _STATUS_LOCATION.search(text)
    return unescape(match[1]).strip() if match else None


def _job_id(href: str) -> str | None:
    from peps_stac.peps.wps import job_id_of

    return job_id_of(href)


def _created(text: str) -> datetime | None:
    from peps_stac.domain.instants import parse_instant

    match = re.search(r"""creationTime\s*=\s*["']([^"']+)["']""", text)
    try:
        return parse_instant(match[1]) if match else None
    except ValueError:
        return None


def _complaint(text: str) -> str:
    """What a log that holds no submission holds instead."""
    import orjson

    from peps_stac.errors import AuthenticationError, ResponseError
    from peps_stac.peps.wps import read_execute_response

    if not text.strip():
        return "is empty: the submission was never answered"
    try:
        return f"holds an error of the service: {orjson.loads(text)['ErrorMessage']}"
    except (orjson.JSONDecodeError, KeyError, TypeError):
        pass
    try:
        read_execute_response(text.encode())
    except (RequestError, AuthenticationError) as error:
        return f"holds no submission: {error}"
    except ResponseError:
        pass
    return "holds no address of a status document (statusLocation)"


def _lineage(content: bytes) -> tuple[str | None, dict[str, str]]:
    """The process and the inputs of an ExecuteResponse; a log that was cut short tells neither."""
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        root = fromstring(content.lstrip(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError, ValueError):
        return None, {}
    process = _text_of(root, f"{{{_WPS}}}Process/{{{_OWS}}}Identifier")
    inputs = {
        name: value
        for one in root.iterfind(f"{{{_WPS}}}DataInputs/{{{_WPS}}}Input")
        if (name := _text_of(one, f"{{{_OWS}}}Identifier"))
        and (value := _text_of(one, f"{{{_WPS}}}Data/{{{_WPS}}}LiteralData"))
    }
    return process, inputs


def _text_of(element: Any, path: str) -> str | None:  # noqa: ANN401 -- ElementTree's element
    found = element.findtext(path)
    return found.strip() or None if found else None
