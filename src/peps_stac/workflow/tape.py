"""Whether the service has an archive on disk; asking is what makes it bring one from tape.

There is no other call for that, and the storage mode that a search tells is that of another
moment (protocol facts, section 6).
"""

from dataclasses import dataclass

from peps_stac.errors import AuthenticationError
from peps_stac.peps.client import CONNECT_PATH
from peps_stac.provider.interface import Archive

_NOT_READY = 202
_FIRST_BYTE = {"Range": "bytes=0-0", "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class Look:
    """What the service says of one archive now."""

    is_ready: bool
    retry_after_s: float | None = None
    """When to ask again, if it says so."""


def look(client: Archive, href: str) -> Look:
    """Ask for the first byte of an archive.

    Raises:
        AuthenticationError: The account is refused, or only this archive (`is_welcome` tells).
        Gone: There is nothing at this address.
        ServiceError: The account's quota is used up, or the service fails.
        RequestError, ResponseError: It is none of the service's addresses.
    """
    with client.session.stream(client.resolve(href), headers=_FIRST_BYTE) as answer:
        return Look(answer.status != _NOT_READY, answer.retry_after_s)


def is_welcome(client: Archive) -> bool:
    """Whether the service takes the account as such.

    Raises:
        ServiceError: It cannot be asked.
    """
    try:
        client.session.get(CONNECT_PATH, login=True)
    except AuthenticationError:
        return False
    return True
