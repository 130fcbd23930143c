"""A client of the service, from what the environment says."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from peps_stac.domain import Credentials
from peps_stac.http.line import read_line
from peps_stac.http.login import find_credentials
from peps_stac.http.session import Session
from peps_stac.peps.client import PepsClient
from peps_stac.peps.hrefs import DEFAULT_URL


def connect(
    url: str | None = None,
    *,
    credentials: Credentials | None = None,
    auth: Path | None = None,
    environ: Mapping[str, str] = os.environ,
) -> PepsClient:
    """A client for notebooks and scripts; the account is found where the command line finds it.

    Args:
        url: Base URL of the service; None: `PEPS_STAC_PEPS_URL`, else that of PEPS.
        credentials: The account; None: `auth`, `PEPS_STAC_USERNAME` and `PEPS_STAC_PASSWORD`,
            the keyring, or `.netrc`. A search needs none.
        auth: File with e-mail, blank and password in one line.
        environ: Where variables are looked up.

    Raises:
        RequestError: Not an address, or a password file that cannot be read.
    """
    base_url = url or environ.get("PEPS_STAC_PEPS_URL") or DEFAULT_URL
    host = urlsplit(base_url).hostname or base_url
    account = credentials or find_credentials(auth_file=auth, environ=environ, host=host)
    line = read_line(lambda name: environ.get(f"PEPS_STAC_{name.upper()}"))
    return PepsClient(Session(base_url, credentials=account, **line.options()))
