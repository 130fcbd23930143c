"""What a server shows of itself before anything is asked: TLS version and certificate."""

import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import getproxies, proxy_bypass

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from peps_stac.errors import ServiceError
from peps_stac.http.addresses import Origin
from peps_stac.http.certificates import trusted


@dataclass(frozen=True, slots=True)
class Handshake:
    """What was agreed on."""

    version: str
    """`TLSv1.3`."""
    expires: datetime
    """End of the certificate, UTC."""
    issuer: str
    """Who signed it; empty when it does not say."""


def proxy_of(url: str) -> str | None:
    """`host:port` of the proxy that the environment sets for an address; None without one."""
    origin = Origin.of(url)
    if proxy_bypass(origin.host):
        return None
    proxies = getproxies()
    proxy = proxies.get(origin.scheme) or proxies.get("all")
    return proxy.rpartition("@")[2].rpartition("//")[2].rstrip("/") if proxy else None


def handshake(
    url: str, *, ca_bundle: Path | None = None, timeout_s: float = 10.0
) -> Handshake | None:
    """What the server of an address shows; None over plain http, or through a proxy.

    Raises:
        RequestError: No address, or no such CA bundle.
        ServiceError: No connection, or a certificate that is not believed.
    """
    origin = Origin.of(url)
    if origin.scheme != "https" or proxy_of(url):
        return None
    bundle = Path(trusted(ca_bundle, is_https=True) or DEFAULT_CA_BUNDLE_PATH)
    is_folder = bundle.is_dir()
    context = ssl.create_default_context(
        cafile=None if is_folder else bundle, capath=bundle if is_folder else None
    )
    try:
        with (
            socket.create_connection((origin.host, origin.port), timeout=timeout_s) as line,
            context.wrap_socket(line, server_hostname=origin.host) as secured,
        ):
            return _read(secured)
    except ssl.SSLCertVerificationError as error:
        message = f"{origin}: its certificate is not believed ({error.verify_message})"
        raise ServiceError(f"{message}; set PEPS_STAC_CA_BUNDLE if it is your own") from error
    except OSError as error:
        raise ServiceError(f"{origin}: no TLS ({error}); try again later") from error


def _read(secured: ssl.SSLSocket) -> Handshake:
    shown: Any = secured.getpeercert()
    end = ssl.cert_time_to_seconds(shown["notAfter"])
    names: dict[str, str] = dict(pair for group in shown.get("issuer", ()) for pair in group)
    issuer = names.get("organizationName") or names.get("commonName") or ""
    return Handshake(secured.version() or "", datetime.fromtimestamp(end, UTC), issuer)
