"""`peps-stac login`: check the account, and keep it where the system keeps passwords."""

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from peps_stac.cli.connect import ask_account, check_provider, find_account
from peps_stac.cli.errors import ExitCode
from peps_stac.cli.options import auth_option
from peps_stac.cli.output import tell
from peps_stac.cli.settings import Settings, load_settings

if TYPE_CHECKING:
    from peps_stac.domain import Credentials


@click.command("login")
@click.option("--no-store", is_flag=True, help="Only check.")
@auth_option
def command(*, no_store: bool, auth: Path | None) -> int:
    """Check the account against the service and store it in the system's keyring.

    Asks for e-mail and password, unless -a gives a file or nobody can be asked. Nothing is
    ever written in plain text: without a keyring you are told where else an account may stand.
    """
    settings = load_settings(auth=auth)
    check_provider(settings.provider)
    ask = auth is None and sys.stdin.isatty() and sys.stderr.isatty()
    account = ask_account(settings) if ask else find_account(settings)
    check(settings, account)
    tell(f"{settings.host}: {account.username} is welcome")
    if not no_store:
        tell(_store(settings.host, account))
    return ExitCode.DONE


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
        "PEPS_STAC_PASSWORD"
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
