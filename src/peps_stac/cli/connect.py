"""From settings to a client of the service and to the catalog."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from peps_stac.cli.output import tell
from peps_stac.errors import AuthenticationError, RequestError

if TYPE_CHECKING:
    from peps_stac.cli.settings import Settings
    from peps_stac.domain import Credentials
    from peps_stac.geodes.client import GeodesClient
    from peps_stac.http.session import Session
    from peps_stac.ogc.client import OgcClient
    from peps_stac.peps.client import PepsClient
    from peps_stac.provider.interface import Catalogue, Service, Shelf
    from peps_stac.store import Catalog
    from peps_stac.workflow.theia import Theia

PROVIDERS = ("peps", "geodes")


@contextmanager
def connected(settings: "Settings", *, login: bool = False) -> "Iterator[Service]":
    """The services that are searched and take orders, closed at the end; an account when `login`.

    Orders go to PEPS, or to the service of OGC API - Processes that the settings name.

    Raises:
        RequestError: A provider that takes none, or a password file that cannot be read.
        AuthenticationError: No account known, and nobody to ask.
    """
    from peps_stac.provider.joined import Joined

    check_provider(settings.provider)
    if settings.processes_url is not None:
        with _connected_ogc(settings, login=login) as processing, catalogue(settings) as searched:
            yield Joined(searched, processing)
        return
    if settings.provider != "peps":
        message = f"--provider {settings.provider}: MAJA cannot be ordered there; what Theia has "
        raise RequestError(f"{message}made: search --level L2A --save, then download")
    with _connected_peps(settings, login=login) as client:
        yield client


@contextmanager
def _connected_peps(settings: "Settings", *, login: bool = False) -> "Iterator[PepsClient]":
    from peps_stac.peps.client import PepsClient

    credentials = find_account(settings) if login else None
    with _session(settings, settings.peps_url, credentials) as session:
        yield PepsClient(session)


@contextmanager
def _connected_ogc(settings: "Settings", *, login: bool) -> "Iterator[OgcClient]":
    """With the account when one is known: such services may have no accounts."""
    from peps_stac.ogc.client import OgcClient

    url = str(settings.processes_url)
    credentials = _known_account(settings, urlsplit(url).hostname or url) if login else None
    line = {"retry_after_in_ms": False, "files_elsewhere": True}
    with _session(settings, url, credentials, line) as session:
        yield OgcClient(session, settings.processes)


@contextmanager
def connected_geodes(settings: "Settings", *, login: bool = False) -> "Iterator[GeodesClient]":
    """A client of GEODES, closed at the end; with the key when `login`.

    Raises:
        RequestError: A file that holds no key.
        AuthenticationError: No key known.
    """
    from peps_stac.geodes.client import GeodesClient

    credentials = find_key(settings) if login else None
    line = {"retry_after_in_ms": False}
    with _session(settings, settings.geodes_url, credentials, line) as session:
        yield GeodesClient(session)


@contextmanager
def shelf(settings: "Settings") -> "Iterator[Shelf]":
    """The service that has the archives of scenes: that which is searched; closed at the end.

    Raises:
        RequestError: No such provider, or a file that holds no account or key.
        AuthenticationError: None known, and nobody to ask.
    """
    check_provider(settings.provider)
    if settings.provider == "geodes":
        with connected_geodes(settings, login=True) as geodes:
            yield geodes
    else:
        with _connected_peps(settings, login=True) as peps:
            yield peps


@contextmanager
def catalogue(settings: "Settings") -> "Iterator[Catalogue]":
    """The service to search, closed at the end; that needs no account.

    Raises:
        RequestError: No such provider.
    """
    check_provider(settings.provider)
    if settings.provider == "geodes":
        with connected_geodes(settings) as geodes:
            yield geodes
    else:
        with _connected_peps(settings) as peps:
            yield peps


@contextmanager
def finished_elsewhere(settings: "Settings") -> "Iterator[Theia | None]":
    """What knows the products of Theia, when a key to fetch them with is known; closed at the end.

    Raises:
        RequestError: A file that holds no key.
    """
    from peps_stac.workflow.theia import Theia

    if _known_key(settings) is None:
        yield None
        return
    with connected_geodes(settings) as client:
        yield Theia(client, tell=tell)


def _session(
    settings: "Settings",
    url: str,
    credentials: "Credentials | None",
    line: Mapping[str, Any] = MappingProxyType({}),
) -> "Session":
    """A session as the settings want it; `line` has arguments of `Session` besides theirs."""
    from peps_stac.http.session import Session

    cache_dir = settings.cache_dir / "http" if settings.use_cache else None
    options = {**settings.line, **line}
    return Session(url, credentials=credentials, cache_dir=cache_dir, **options)


def open_catalog(settings: "Settings", *, anywhere: bool = False) -> "Catalog":
    """The catalog; nothing is created before the first write.

    Raises:
        RequestError: It is on object storage, and the command works not `anywhere`.
    """
    from peps_stac.store import Catalog

    catalog = Catalog(settings.catalog, tell=tell)
    if catalog.is_remote and not anywhere:
        message = f"--catalog {catalog.href}: this command needs a folder, with renames and locks"
        raise RequestError(f"{message}; on object storage there are items, add and validate")
    return catalog


def find_account(settings: "Settings") -> "Credentials":
    """The account for the service: found where accounts are kept, or asked for on a terminal.

    Raises:
        RequestError: A password file that cannot be read.
        AuthenticationError: None found, and nobody to ask.
    """
    found = _known_account(settings, settings.host)
    if found is not None:
        return found
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        message = f"no account for {settings.host}: give -a FILE, set PEPS_STAC_USERNAME and "
        raise AuthenticationError(f"{message}PEPS_STAC_PASSWORD, or run peps-stac login")
    return ask_account(settings)


def _known_account(settings: "Settings", host: str) -> "Credentials | None":
    from peps_stac.http.login import find_credentials

    environ = dict(os.environ)
    if settings.auth is None and settings.username and not environ.get("PEPS_STAC_PASSWORD"):
        # A user name alone can only be looked up in the keyring; a person may still be asked.
        named = {**environ, "PEPS_STAC_USERNAME": settings.username}
        with suppress(RequestError):
            return find_credentials(auth_file=None, environ=named, host=host)
        environ.pop("PEPS_STAC_USERNAME", None)
    return find_credentials(auth_file=settings.auth, environ=environ, host=host)


def ask_account(settings: "Settings") -> "Credentials":
    """The account as a person types it."""
    from peps_stac.domain import Credentials

    click.echo(f"Account for {settings.host}", err=True)
    username = click.prompt("E-mail", default=settings.username, err=True)
    password = click.prompt("Password", hide_input=True, err=True)
    return Credentials(username=username.strip(), password=password)


def ask_key(settings: "Settings") -> "Credentials":
    """The API key of GEODES as a person pastes it."""
    from peps_stac.domain import Credentials

    key = click.prompt(f"API key of {settings.geodes_host}", hide_input=True, err=True)
    return Credentials(api_key=key.strip())


def find_key(settings: "Settings") -> "Credentials":
    """The API key of GEODES.

    Raises:
        RequestError: A file that holds no key.
        AuthenticationError: None found.
    """
    found = _known_key(settings)
    if found is None:
        message = f"no API key for {settings.geodes_host}: make one on its web page"
        how = "set PEPS_STAC_API_KEY, or run peps-stac --provider geodes login"
        raise AuthenticationError(f"{message}; {how}")
    return found


def _known_key(settings: "Settings") -> "Credentials | None":
    from peps_stac.http.login import find_api_key

    auth = settings.auth if settings.provider == "geodes" else None
    return find_api_key(auth_file=auth, environ=os.environ, host=settings.geodes_host)


def check_provider(name: str) -> None:
    """Refuse a provider that this version does not know.

    Raises:
        RequestError: Unknown.
    """
    if name not in PROVIDERS:
        raise RequestError(f"--provider {name}: unknown; use {' or '.join(PROVIDERS)}")
