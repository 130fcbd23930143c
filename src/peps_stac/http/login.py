"""Where the account comes from: a file, the environment, the keyring, netrc, in this order."""

import importlib
import logging
import os
import stat
from collections.abc import Mapping
from netrc import NetrcParseError, netrc
from pathlib import Path
from typing import Any

from peps_stac.domain import Credentials
from peps_stac.errors import RequestError

API_KEY_USER = "api-key"
"""In place of a user name, where the keyring holds a key."""

_LONGEST_FILE_BYTES = 4096
_BLANKS = " \t"

logger = logging.getLogger("peps_stac.http")


def find_credentials(
    *, auth_file: Path | None, environ: Mapping[str, str], host: str
) -> Credentials | None:
    """The first account found; None when there is none anywhere.

    Args:
        auth_file: As `read_auth_file` takes it; when given, nothing else is looked at.
        environ: `PEPS_STAC_USERNAME`, `PEPS_STAC_PASSWORD`, `NETRC`. A user name alone is looked
            up in the keyring.
        host: Of the service, without port: the key in keyring and netrc.

    Raises:
        RequestError: A file that cannot be read, or half an account.
    """
    if auth_file is not None:
        return read_auth_file(auth_file)
    username = environ.get("PEPS_STAC_USERNAME") or None
    password = environ.get("PEPS_STAC_PASSWORD") or None
    if username and password:
        return Credentials(username, password)
    if password:
        raise RequestError("PEPS_STAC_PASSWORD is set without PEPS_STAC_USERNAME; set both")
    found = _from_keyring(host, username)
    if found or not username:
        return found or _from_netrc(host, environ)
    raise RequestError("PEPS_STAC_USERNAME is set without PEPS_STAC_PASSWORD; set both")


def find_api_key(
    *, auth_file: Path | None, environ: Mapping[str, str], host: str
) -> Credentials | None:
    """The first key found; None when there is none anywhere.

    Args:
        auth_file: Holds the key alone, in one line; when given, nothing else is looked at.
        environ: `PEPS_STAC_API_KEY`.
        host: Of the service, without port: the key in the keyring.

    Raises:
        RequestError: A file that cannot be read, or holds something else.
    """
    if auth_file is not None:
        words = _first_line(auth_file).split()
        if len(words) != 1:
            raise RequestError(f"--auth: {auth_file} must hold one line: the API key, and no blank")
        return Credentials(api_key=words[0])
    if api_key := environ.get("PEPS_STAC_API_KEY"):
        return Credentials(api_key=api_key)
    found = _from_keyring(host, API_KEY_USER)
    return Credentials(api_key=found.password) if found else None


def read_auth_file(path: Path) -> Credentials:
    """The account in a file of one line: e-mail, blanks, password.

    The password is all the rest of the line, so it may hold any character, blanks too. A file
    that other users of the machine can read is used, with a warning.

    Raises:
        RequestError: No such file, or not of this form.
    """
    line = _first_line(path)
    username = line.split(maxsplit=1)[0] if line.strip() else ""
    password = line[len(username) :].lstrip(_BLANKS)
    if not username or not password:
        raise RequestError(f"--auth: {path} must hold one line: e-mail, a blank, password")
    return Credentials(username, password)


def keyring_service(host: str) -> str:
    """The name under which the keyring holds the account of a host."""
    return f"peps-stac:{host}"


def _first_line(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_LONGEST_FILE_BYTES)
            mode = os.fstat(file.fileno()).st_mode
    except OSError as error:
        message = f"--auth: {path} cannot be read ({error.strerror}); give the password file"
        raise RequestError(message) from error
    if os.name == "posix" and mode & stat.S_IROTH:
        logger.warning("%s can be read by everybody; run chmod 600 on it", path)
    try:
        return content.decode("utf-8-sig").partition("\n")[0].removesuffix("\r").lstrip(_BLANKS)
    except UnicodeDecodeError:
        # Without `from`: the original quotes what it could not read.
        raise RequestError(f"--auth: {path} is not text in UTF-8; write it again") from None


def _from_keyring(host: str, username: str | None) -> Credentials | None:
    try:
        keyring: Any = importlib.import_module("keyring")
        errors: Any = importlib.import_module("keyring.errors")
    except ImportError:
        return None
    try:
        found = keyring.get_credential(keyring_service(host), username)
    except (errors.KeyringError, RuntimeError, OSError) as error:
        logger.debug("keyring not usable: %s", type(error).__name__)
        return None
    if found is None or not found.password:
        return None
    return Credentials(found.username, found.password)


def _from_netrc(host: str, environ: Mapping[str, str]) -> Credentials | None:
    path: Path = Path(environ["NETRC"]) if environ.get("NETRC") else Path.home() / ".netrc"
    try:
        # Not `authenticators`: its `default` entry would send an account to every host.
        entry = netrc(path).hosts.get(host)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, NetrcParseError) as error:
        # Not the error's text: it can quote a password.
        logger.warning("%s cannot be read (%s) and is ignored", path, type(error).__name__)
        return None
    if entry is None or not entry[0] or not entry[2]:
        return None
    return Credentials(entry[0], entry[2])
