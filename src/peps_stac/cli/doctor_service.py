"""Whether the service answers, how fast, over which TLS, and whether it takes the account."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from peps_stac.cli.doctor_findings import Finding, Patient, blamed, good, note, warning
from peps_stac.cli.settings import Settings
from peps_stac.errors import PepsStacError, RequestError

AREA = "service"

_TIMEOUT_S = (10.0, 30.0)
_SLOW_S = 5.0
_SOON = timedelta(days=21)
_CLOSED = "PEPS closed on 2026-03-25: use --provider geodes, or name your own in PEPS_STAC_PEPS_URL"
_ADVICE = "check the address, the network and the proxy"


def service(patient: Patient) -> Iterator[Finding]:
    """The provider, and the service that takes orders when that is another."""
    if patient.offline:
        yield note(AREA, "not asked", "--offline", "leave out --offline")
        return
    for name, url, path in _services(patient.settings):
        yield from _answers(patient.settings, name, url, path)
    if patient.login:
        yield from _login(patient.settings)


def _services(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Name, address, and what may be asked without an account."""
    if settings.provider == "geodes":
        yield "geodes", settings.geodes_url, "/api/stac"
    else:
        from peps_stac.peps.client import SEARCH_PATH

        yield "peps", settings.peps_url, f"{SEARCH_PATH}?maxRecords=1"
    if settings.processes_url is not None:
        yield "processes", settings.processes_url, "/processes"


def _answers(settings: Settings, name: str, url: str, path: str) -> Iterator[Finding]:
    from peps_stac.http.addresses import shown
    from peps_stac.http.failures import Gone
    from peps_stac.http.handshake import proxy_of
    from peps_stac.http.session import Session
    from peps_stac.peps.hrefs import DEFAULT_URL

    line: dict[str, Any] = {**settings.line, "timeout_s": _TIMEOUT_S, "attempts": 1}
    began = time.monotonic()
    try:
        if proxy := proxy_of(url):
            yield note(AREA, f"{name} proxy", proxy, "unset HTTPS_PROXY if it should not be used")
        with Session(url, **line) as session:
            session.get(path).json()
    except PepsStacError as error:
        found = blamed(AREA, name, error, _ADVICE)
        is_ours = isinstance(error, RequestError) and not isinstance(error, Gone)
        if url == DEFAULT_URL and not is_ours:
            found = replace(found, advice=_CLOSED)
        elif found.advice.startswith("try "):
            found = replace(found, advice=f"{_ADVICE}, or {found.advice}")
        yield found
        return
    spent_s = time.monotonic() - began
    answered = f"{shown(url)} answers in {1000 * spent_s:.0f} ms"
    if spent_s > _SLOW_S:
        yield warning(AREA, name, answered, "try again later, and look at your network")
    else:
        yield good(AREA, name, answered)
    yield from _secured(settings, name, url)


def _secured(settings: Settings, name: str, url: str) -> Iterator[Finding]:
    from peps_stac.clock import utc_now
    from peps_stac.http.handshake import handshake

    try:
        seen = handshake(url, ca_bundle=settings.line.get("ca_bundle"))
    except PepsStacError as error:
        yield blamed(AREA, f"{name} TLS", error, _ADVICE)
        return
    if seen is None:
        return
    told = f"{seen.version}, certificate of {seen.issuer} until {seen.expires:%Y-%m-%d}"
    if seen.expires - utc_now() < _SOON:
        yield warning(AREA, f"{name} TLS", told, "tell who runs the service")
    else:
        yield good(AREA, f"{name} TLS", told)


def _login(settings: Settings) -> Iterator[Finding]:
    from peps_stac.cli.connect import find_account
    from peps_stac.cli.login import check, checked_key

    try:
        if settings.provider == "geodes":
            checked_key(settings, ask=False)
        else:
            check(settings, find_account(settings))
    except PepsStacError as error:
        yield blamed(AREA, "login", error, "peps-stac login")
        return
    yield good(AREA, "login", "the account is welcome")
