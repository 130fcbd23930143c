"""Addresses: where a request goes, whether a login may go there, and how to speak of it."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import SplitResult, quote, urlencode, urlsplit, urlunsplit

from peps_stac.errors import RequestError

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_DEFAULT_PORTS = {"http": 80, "https": 443}
# Parsers disagree on these, and where they do a login could go to another host.
_TREACHEROUS = re.compile(r"[\x00-\x1f\x7f\\]")
_SECRET_PARAMETER = re.compile(
    r"(?i)(?P<name>(?:^|(?<=[&;]))(?:_tk|_bearer|[^=&;]*"
    r"(?:token|secret|password|signature|credential|api_?key)[^=&;]*)=)[^&;]*"
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port: what a login belongs to (RFC 6454)."""

    scheme: str
    """`http` or `https`."""
    host: str
    """Lower case; IPv6 without brackets."""
    port: int

    @classmethod
    def of(cls, url: str) -> Self:
        """The origin of an absolute address.

        Raises:
            RequestError: Not http or https, no host, or a login inside.
        """
        if _TREACHEROUS.search(url):
            raise RequestError(f"{shown(url)} holds a character that no address may hold")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise RequestError("an address cannot be read: bad host or port; check it") from error
        if "@" in parts.netloc:
            # Not shown: what stands before the @ may be a password.
            raise RequestError("an address holds a login (user@host); give it without")
        if parts.scheme not in _DEFAULT_PORTS or not host or " " in host:
            raise RequestError(f"{shown(url)} is not an address; give http://… or https://…")
        return cls(parts.scheme, host, _DEFAULT_PORTS[parts.scheme] if port is None else port)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine itself."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def keeps_secrets(self) -> bool:
        """Whether a login on the way there can be read by nobody else."""
        return self.scheme == "https" or self.is_loopback


def checked_base(url: str) -> str:
    """A service's address without trailing slash.

    Raises:
        RequestError: Not http or https, with a login inside, or with a query.
    """
    if "@" in url:
        raise RequestError("the service's address holds a login (user@host); give it without")
    Origin.of(url)
    parts = urlsplit(url)
    if parts.query or parts.fragment:
        raise RequestError(f"{shown(url)}: a service's address ends before any ? or #")
    return _without_fragment(parts).rstrip("/")


def joined(base_url: str, href: str) -> str:
    """An absolute address as it is, or a path below `base_url`, which keeps its own path.

    Raises:
        RequestError: Not http or https, or a login inside.
    """
    url = href if _ABSOLUTE.match(href) else f"{base_url}/{href.removeprefix('/')}"
    Origin.of(url)
    return _without_fragment(urlsplit(url))


def named(url: str) -> str:
    """An address for an error's one line: as `shown`, without its query."""
    return shown(url).partition("?")[0]


def shown(url: str) -> str:
    """An address for people and logs: on one line, without logins and tokens."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an unreadable address"
    clean = parts._replace(
        netloc=parts.netloc.rpartition("@")[2],
        query=_SECRET_PARAMETER.sub(r"\g<name>***", parts.query),
    )
    text = _without_fragment(clean)
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _without_fragment(parts: SplitResult) -> str:
    return urlunsplit(parts._replace(fragment=""))


def with_query(url: str, params: Mapping[str, str]) -> str:
    """An address with more parameters, not yet encoded."""
    if not params:
        return url
    # %20, not +: PEPS and its proxies decode both, WPS servers not always.
    query = urlencode(params, quote_via=quote, safe="")
    return f"{url}{'&' if '?' in url else '?'}{query}"
