"""Addresses in a service's answers, brought onto the service that was configured.

Services leak the names of internal machines, recorded answers name the public host, and a login
may go to the configured service alone.
"""

from collections.abc import Callable
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from peps_stac.errors import ResponseError
from peps_stac.provider.values import one_line

PublicPath = Callable[[str], str | None]
"""Takes the path of an address, and answers where the service offers it; None: nowhere."""

_DEFAULT_PORTS = {"http": 80, "https": 443}


def on_service(href: str, base_url: str, public_path: PublicPath) -> str:
    """The address on the configured service of what an answer names.

    An address that is already below `base_url` stays as it is. Any other keeps its path and
    query, and its host gives way, when the path is one that the service has.

    Args:
        href: Absolute, or a path from the root.
        base_url: Of the configured service; it may have a path of its own.
        public_path: Which paths the service has.

    Raises:
        ResponseError: The path is not one of the service's.
    """
    parts = _read(href)
    base = urlsplit(base_url.rstrip("/"))
    inside = parts.path.startswith(f"{base.path}/")
    if inside and _origin(parts) == _origin(base):
        return href.strip()
    path = public_path(parts.path.removeprefix(base.path) if inside else parts.path)
    if path is None:
        raise _refusal(parts, f"has a path that {base.netloc} does not serve")
    return urlunsplit((base.scheme, base.netloc, base.path + path, parts.query, ""))


def _read(href: str) -> SplitResult:
    text = href.strip()
    if not text.isprintable() or "\\" in text:
        raise ResponseError(f"an address in an answer cannot be read: {one_line(text)!r}")
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        message = f"an address in an answer cannot be read: {one_line(text)!r}"
        raise ResponseError(message) from error
    if parts.scheme not in ("", *_DEFAULT_PORTS):
        raise _refusal(parts, "is neither http nor https")
    if "@" in parts.netloc:
        raise _refusal(parts, "holds a login")
    if {".", ".."} & set(unquote(parts.path).split("/")):
        raise _refusal(parts, "climbs out of its own path")
    return parts


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    return parts.scheme, parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme)


def _refusal(parts: SplitResult, reason: str) -> ResponseError:
    # Neither the login nor the query: both may hold a secret.
    shown = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    return ResponseError(f"an answer names {one_line(shown)!r}, which {reason}; not followed")
