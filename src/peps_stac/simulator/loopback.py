"""Where a simulator may listen: on this machine's loopback alone."""

import ipaddress

from peps_stac.errors import RequestError


def loopback(host: str) -> str:
    """The address of a host that is this machine's loopback.

    Raises:
        RequestError: It is not.
    """
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError as error:
        raise RequestError(f"simulator: no address {host!r}; give 127.0.0.1") from error
    if not address.is_loopback:
        raise RequestError(f"simulator: {host} is not loopback; give 127.0.0.1")
    return str(address)
