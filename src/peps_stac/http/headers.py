"""Headers: what tells the service who asks, and what it tells of its answer."""

import base64
from collections.abc import Mapping
from urllib.parse import urljoin

from peps_stac.domain import Credentials
from peps_stac.errors import AuthenticationError


def login_headers(credentials: Credentials) -> dict[str, str]:
    """The headers that hold a login or a key.

    `requests` itself would refuse letters outside Latin-1, and quote a bad key in its error.

    Raises:
        AuthenticationError: Half an account, or letters that no header may hold.
    """
    if credentials.api_key is not None:
        key = credentials.api_key.strip()
        if not (key and key.isascii() and key.isprintable()):
            raise AuthenticationError("the API key is empty or has odd characters; copy it again")
        return {"X-API-Key": key}
    username, password = credentials.username, credentials.password
    if not username or not password:
        raise AuthenticationError("the credentials lack a user name or a password; give both")
    if ":" in username:
        raise AuthenticationError("the user name holds a colon, which no login can; correct it")
    # RFC 7617 leaves the encoding open; UTF-8 is what web sites store;
    # surrogates are bytes of an environment in another encoding.
    pair = base64.b64encode(f"{username}:{password}".encode(errors="surrogateescape"))
    return {"Authorization": f"Basic {pair.decode()}"}


def media_type(headers: Mapping[str, str]) -> str:
    """In lower case, without parameters; empty when not announced."""
    return headers.get("Content-Type", "").partition(";")[0].strip().lower()


def location(headers: Mapping[str, str], url: str) -> str | None:
    """The absolute address of `Location` in the answer of a `url`; None for none, or no address."""
    said = headers.get("Location")
    try:
        return None if said is None else urljoin(url, said)
    except ValueError:
        return None
