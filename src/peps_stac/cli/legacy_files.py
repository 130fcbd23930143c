"""The files that the old scripts kept: product lists, and `.log` files of submissions.

A product list is one L1C product name per line. A log is the service's answer to a submission
(a WPS ExecuteResponse), from which the old download scripts took where to ask; it is written
here too, with the inputs, because people keep logs where others keep databases.
"""

import os
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from peps_stac.errors import AuthenticationError, RequestError, ResponseError

if TYPE_CHECKING:
    from peps_stac.domain import Order
    from peps_stac.peps.legacy import SavedReply

_WPS = "http://www.opengis.net/wps/1.0.0"
_OWS = "http://www.opengis.net/ows/1.1"
_LARGEST_LOG_BYTES = 8 * 1024 * 1024


def read_list(path: Path) -> tuple[str, ...]:
    """The names of a product list, each once, in its order; `.SAFE` is taken off.

    Raises:
        RequestError: It cannot be read, or a line of it names no product.
    """
    from peps_stac.peps.legacy import read_product_list

    try:
        return read_product_list(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        message = f"-p: {path} cannot be read ({reason}); give the list that peps-maja-process "
        raise RequestError(f"{message}wrote") from error
    except ResponseError as error:
        raise RequestError(f"-p: {path}: {error}") from error


def write_list(path: Path, names: Iterable[str]) -> None:
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


def read_log(path: Path) -> "SavedReply | None":
    """The job of a log; None when there is no such file.

    Raises:
        RequestError: A file that names no job; says what it holds.
    """
    from peps_stac.peps.legacy import read_saved_reply

    try:
        with path.open("rb") as file:
            return read_saved_reply(file.read(_LARGEST_LOG_BYTES))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RequestError(f"{path} cannot be read ({error.strerror}); give a log") from error
    except (ResponseError, RequestError, AuthenticationError) as error:
        raise RequestError(f"{path}: {error}") from error


def log_document(order: "Order", status_href: str) -> str:
    """The log of an order as the service would have answered, with the inputs.

    `statusLocation` is the last attribute of its line: the old scripts look for it there.
    """
    from peps_stac.domain.instants import format_instant

    inputs = "".join(
        f"<wps:Input><ows:Identifier>{escape(name)}</ows:Identifier><ows:Title>{escape(name)}"
        f"</ows:Title><wps:Data><wps:LiteralData>{escape(value)}</wps:LiteralData></wps:Data>"
        "</wps:Input>\n"
        for name, value in order.inputs.items()
    )
    when = f' creationTime="{format_instant(order.date)}"' if order.date else ""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<wps:ExecuteResponse xmlns:wps="{_WPS}" xmlns:ows="{_OWS}" service="WPS" '
        f'version="1.0.0" xml:lang="en" statusLocation="{escape(status_href)}">\n'
        f'<wps:Process wps:processVersion="1.0"><ows:Identifier>{order.process}</ows:Identifier>'
        f"<ows:Title>{order.process}</ows:Title></wps:Process>\n"
        f"<wps:Status{when}><wps:ProcessAccepted>Process {order.process} accepted"
        "</wps:ProcessAccepted></wps:Status>\n"
        f"<wps:DataInputs>\n{inputs}</wps:DataInputs>\n"
        "</wps:ExecuteResponse>\n"
    )
