"""Whose certificates are believed: the usual ones, or a bundle given instead.

There is no way to believe all of them.
"""

import os
import ssl
from collections.abc import Mapping
from pathlib import Path

from peps_stac.errors import RequestError

_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def trusted(
    ca_bundle: Path | None, *, is_https: bool, environ: Mapping[str, str] = os.environ
) -> str | None:
    """The bundle to believe; None for the usual certificates.

    Args:
        ca_bundle: File or folder; wins over the environment.
        is_https: Whether it matters: otherwise the environment is not looked at.
        environ: `REQUESTS_CA_BUNDLE`, `CURL_CA_BUNDLE`, as for other tools.

    Raises:
        RequestError: It is not there, or holds no certificate.
    """
    if ca_bundle is not None:
        return _checked(ca_bundle, "")
    for name in _VARIABLES if is_https else ():
        if environ.get(name):
            return _checked(Path(environ[name]), f" ({name})")
    return None


def _checked(path: Path, source: str) -> str:
    if not path.exists():
        raise RequestError(f"there is no CA bundle {path}{source}; check the path")
    if path.is_dir():
        return str(path)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except OSError as error:
        message = f"{path}{source} is no CA bundle ({type(error).__name__})"
        raise RequestError(f"{message}; give certificates in PEM") from error
    return str(path)
