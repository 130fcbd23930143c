"""From settings to a client of the service and to the catalog."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

from peps_stac.cli.output import tell
from peps_stac.errors import AuthenticationError, RequestError

if TYPE_CHECKING:
    from peps_stac.cli.settings import Settings
    from peps_stac.domain import Credentials
    from peps_stac.peps.client import PepsClient
    from peps_stac.store import Catalog


@contextmanager
def connected(settings: "Settings", *, login: bool = False) -> "Iterator[PepsClient]":
    """A client of the service, closed at the end; with the account when `login`.

    Raises:
        RequestError: No such provider, or a password file that cannot be read.
        AuthenticationError: No account known, and nobody to ask.
    """
    from peps_stac.http.session import Session
    from peps_stac.peps.client import PepsClient

    check_provider(settings.provider)
    credentials = find_account(settings) if login else None
    cache_dir = settings.cache_dir / "http" if settings.use_cache else None
    url, line = settings.peps_url, settings.line
    with Session(url, credentials=credentials, cache_dir=cache_dir, **line) as session:
        yield PepsClient(session)


def open_catalog(settings: "Settings") -> "Catalog":
    """The catalog; nothing is created before the first write."""
    from peps_stac.store import Catalog

    return Catalog(settings.catalog, tell=tell)


def find_account(settings: "Settings") -> "Credentials":
    """The account for the service: found where accounts are kept, or asked for on a terminal.

    Raises:
        RequestError: A password file that cannot be read.
        AuthenticationError: None found, and nobody to ask.
    """
    found = _known_account(settings)
    if found is not None:
        return found
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        message = f"no account for {settings.host}: give -a FILE, set PEPS_STAC_USERNAME and "
        raise AuthenticationError(f"{message}PEPS_STAC_PASSWORD, or run peps-stac login")
    return ask_account(settings)


def _known_account(settings: "Settings") -> "Credentials | None":
    from peps_stac.http.login import find_credentials

    environ = dict(os.environ)
    if settings.auth is None and settings.username and not environ.get("PEPS_STAC_PASSWORD"):
        # A user name alone can only be looked up in the keyring; a person may still be asked.
        named = {**environ, "PEPS_STAC_USERNAME": settings.username}
        with suppress(RequestError):
            return find_credentials(auth_file=None, environ=named, host=settings.host)
        environ.pop("PEPS_STAC_USERNAME", None)
    return find_credentials(auth_file=settings.auth, environ=environ, host=settings.host)


def ask_account(settings: "Settings") -> "Credentials":
    """The account as a person types it."""
    from peps_stac.domain import Credentials

    click.echo(f"Account for {settings.host}", err=True)
    username = click.prompt("E-mail", default=settings.username, err=True)
    password = click.prompt("Password", hide_input=True, err=True)
    return Credentials(username=username.strip(), password=password)


def check_provider(name: str) -> None:
    """Refuse a provider that this version does not know.

    Raises:
        RequestError: Any but peps.
    """
    if name == "peps":
        return
    message = f"--provider {name}: not available in this version of peps-stac; use peps"
    raise RequestError(message if name == "geodes" else f"--provider {name}: unknown; use peps")
