"""`peps-stac login`: check the account, and keep it where the system keeps passwords."""

import importlib
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from peps_stac.cli.connect import (
    ask_account,
    ask_key,
    check_provider,
    find_account,
    find_key,
)
from peps_stac.cli.errors import ExitCode
from peps_stac.cli.helping import Command
from peps_stac.cli.options import auth_option
from peps_stac.cli.output import tell
from peps_stac.cli.settings import Settings, load_settings

if TYPE_CHECKING:
    from peps_stac.domain import Credentials


EXAMPLES = (
    ("Ask for the account, check it and keep it", "peps-stac login"),
    ("Check the account in a file", "peps-stac login -a account.txt --no-store"),
    ("The API key of GEODES", "peps-stac --provider geodes login"),
)


@click.command("login", cls=Command, examples=EXAMPLES)
@click.option("--no-store", is_flag=True, help="Only check.")
@auth_option
def command(*, no_store: bool, auth: Path | None) -> int:
    """Check the account against the service and store it in the system's keyring.

    Asks for e-mail and password, unless -a gives a file or nobody can be asked; with --provider
    geodes for the API key. Nothing is ever written in plain text: without a keyring you are told
    where else an account may stand.
    """
    settings = load_settings(auth=auth)
    check_provider(settings.provider)
    ask = auth is None and sys.stdin.isatty() and sys.stderr.isatty()
    if settings.provider == "geodes":
        host, kept = settings.geodes_host, checked_key(settings, ask=ask)
        tell(f"{host}: the key is welcome")
    else:
        host, kept = settings.host, ask_account(settings) if ask else find_account(settings)
        check(settings, kept)
        tell(f"{host}: {kept.username} is welcome")
    if not no_store:
        tell(_store(host, kept))
    return ExitCode.DONE


def checked_key(settings: Settings, *, ask: bool) -> "Credentials":
    """The key of GEODES, in the place of a password, as the keyring has it.

    Raises:
        AuthenticationError: None is known, or the service refuses it.
        ServiceError: It cannot be reached.
    """
    from peps_stac.domain import Credentials
    from peps_stac.geodes.client import GeodesClient
    from peps_stac.http.failures import Gone
    from peps_stac.http.login import API_KEY_USER
    from peps_stac.http.session import Session

    key = ask_key(settings) if ask else find_key(settings)
    with (
        Session(settings.geodes_url, credentials=key, attempts=2, **settings.line) as session,
        suppress(Gone),  # who knows that there is no such product has accepted the key
    ):
        GeodesClient(session).availability("peps-stac")
    return Credentials(username=API_KEY_USER, password=key.api_key)


def check(settings: Settings, account: "Credentials") -> None:
    """Ask the service for a token.

    Raises:
        AuthenticationError: The service refuses the account.
        ServiceError: It cannot be reached.
    """
    from peps_stac.http.session import Session
    from peps_stac.peps.client import CONNECT_PATH

    url, line = settings.peps_url, settings.line
    with Session(url, credentials=account, attempts=2, **line) as session:
        session.get(CONNECT_PATH, login=True)


def _store(host: str, account: "Credentials") -> str:
    """Put the account into the keyring; what was done, or what may be done instead."""
    from peps_stac.http.login import keyring_service

    elsewhere = (
        "the account was not stored; write `e-mail password` into a file that only you can read "
        "and name it with -a or PEPS_STAC_AUTH, or use ~/.netrc, or PEPS_STAC_USERNAME and "
        "PEPS_STAC_PASSWORD (a key: alone in a file, or PEPS_STAC_API_KEY)"
    )
    try:
        keyring: Any = importlib.import_module("keyring")
        errors: Any = importlib.import_module("keyring.errors")
    except ImportError:
        return f"no keyring is installed (pip install 'peps-stac[keyring]'): {elsewhere}"
    backend = keyring.get_keyring()
    if "plaintext" in f"{type(backend).__name__} {backend}".lower():
        return f"the keyring here would keep it in plain text: {elsewhere}"
    try:
        keyring.set_password(keyring_service(host), account.username, account.password)
    except (errors.KeyringError, RuntimeError, OSError) as error:
        return f"the keyring cannot be used ({type(error).__name__}): {elsewhere}"
    return f"stored in the keyring ({backend.name})"
