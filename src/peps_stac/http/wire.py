"""`requests`, made to tell nobody anything on its own.

Plain `requests` reads netrc (also on redirects), keeps cookies, and may send a login through a
proxy to this very machine. Here a login is a header that the session sets, and it is taken off
when a redirect leaves the origin it was meant for.
"""

from collections.abc import MutableMapping
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from peps_stac.http.addresses import Origin

LOGIN_HEADERS = ("Authorization", "X-API-Key")
USER_AGENT = f"peps-stac/{version('peps-stac')}"

_MOST_REDIRECTS = 10
_MOST_CONNECTIONS = 32
"""Kept to one host; more threads than that open new ones."""


class Wire(requests.Session):
    """A `requests.Session` without netrc, cookies, and logins that travel."""

    def __init__(self) -> None:
        super().__init__()
        # Any `auth` keeps requests from asking netrc, and from reading logins out of addresses.
        self.auth = _as_it_is
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.max_redirects = _MOST_REDIRECTS
        self.headers["User-Agent"] = USER_AGENT
        for prefix in ("https://", "http://"):
            self.mount(prefix, HTTPAdapter(pool_maxsize=_MOST_CONNECTIONS))
        self._environment: dict[tuple[object, ...], dict[str, Any]] = {}

    def merge_environment_settings(self, *asked: Any, **named: Any) -> Any:  # noqa: ANN401 -- as requests has it
        """Proxies and certificates of the environment, looked up once for each origin.

        `requests` does it for each request, which is a tenth of what one costs.
        """
        url, proxies, stream, verify, cert = asked
        if proxies or named:
            return super().merge_environment_settings(*asked, **named)
        key = (Origin.of(url), verify, cert)
        if key not in self._environment:
            self._environment[key] = {**super().merge_environment_settings(*asked)}
        known = self._environment[key]
        return {**known, "proxies": dict(known["proxies"]), "stream": stream}

    def rebuild_auth(
        self, prepared_request: requests.PreparedRequest, response: requests.Response
    ) -> None:
        """Takes the login off a redirect to another scheme, host or port."""
        if _origin(prepared_request) != _origin(response.request):
            drop_login(prepared_request.headers)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # noqa: ANN401 -- as requests has it
        """Sends, to this machine never through a proxy: logins over plain http go there."""
        if _origin(request).is_loopback:
            kwargs["proxies"] = {}
        return super().send(request, **kwargs)


def drop_login(headers: MutableMapping[str, str]) -> None:
    """Removes what tells who asks, in place."""
    for name in LOGIN_HEADERS:
        headers.pop(name, None)


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _origin(request: requests.PreparedRequest) -> Origin:
    return Origin.of(request.url or "")
