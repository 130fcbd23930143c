"""What went wrong on the way, or was refused, as an error that says what to do."""

import ssl
from collections.abc import Iterator
from datetime import datetime

import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
)

from peps_stac.clock import utc_now
from peps_stac.errors import (
    AuthenticationError,
    PepsStacError,
    RequestError,
    ServiceError,
)
from peps_stac.http.addresses import Origin, named
from peps_stac.http.answers import Answer
from peps_stac.http.retry import LONGEST_WAIT_S, come_back

# The service's own codes, which travel as HTTP 400 (protocol facts, section 5).
_LICENCE = 3002
_UNAVAILABLE = 9000

_LOGIN_STATUSES = frozenset({401, 403})
_NO_LONGER = 410
_GONE_STATUSES = frozenset({404, _NO_LONGER})
# 420 and 421 are PEPS's own: too many products this week, and at once.
_QUOTA_STATUSES = frozenset({420, 421, 429})
_PASSING_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
_BAD_REQUEST = 400
_SERVER_ERROR = 500

_MISSING_LOGIN = "none was given; use --auth FILE, or PEPS_STAC_USERNAME and PEPS_STAC_PASSWORD"

# First match wins: a refused connection is a ConnectTimeoutError too. `arrived` is False only
# where nothing can have been sent.
_CAUSES: tuple[tuple[type[Exception], str, bool], ...] = (
    (NameResolutionError, "its name cannot be resolved", False),
    (NewConnectionError, "the connection was refused, or the host is unreachable", False),
    (ConnectTimeoutError, "no connection came about in time", False),
    (ReadTimeoutError, "no answer in time", True),
)


class TransientError(ServiceError):
    """A failure that may pass by itself, so that asking again soon makes sense."""

    def __init__(
        self, what: str, *, arrived: bool = True, retry_after_s: float | None = None
    ) -> None:
        super().__init__(f"{what}; try again later", arrived=arrived, retry_after_s=retry_after_s)
        self.what = what
        """The message without the advice."""

    def after(self, attempts: int, note: str = "") -> ServiceError:
        """The error to give up with."""
        times = "once" if attempts == 1 else f"{attempts} times"
        when = come_back(self.retry_after_s, utc_now())
        message = f"{self.what} (asked {times}{note}); try {when}"
        return ServiceError(message, arrived=self.arrived, retry_after_s=self.retry_after_s)


class Gone(RequestError):  # noqa: N818 -- an answer of the service, not a fault
    """Nothing is at an address (404), or no longer (410)."""

    def __init__(self, message: str, *, was_there: bool = False) -> None:
        super().__init__(message)
        self.was_there = was_there
        """The service says that there was something (410); of GEODES: it is on tape."""


class QuotaError(ServiceError):
    """The account has had what it may have for now (420, 421, 429): nothing was done."""

    def __init__(self, message: str, *, retry_after_s: float | None) -> None:
        super().__init__(message, arrived=False, retry_after_s=retry_after_s)


class TooManyError(TransientError):
    """Too many requests (429): a pause may do, and when it does not, it is a quota."""

    def after(self, attempts: int, note: str = "") -> ServiceError:
        """The error to give up with."""
        return QuotaError(str(super().after(attempts, note)), retry_after_s=self.retry_after_s)


class NotReady(ServiceError):  # noqa: N818 -- an answer of the service, not a fault
    """The file is being staged from tape, which asking for it has started: ask again later."""


def transport_error(error: Exception, url: str, *, with_login: bool = False) -> PepsStacError:
    """What `requests` raised, without its text, which can hold what should not be told."""
    origin = Origin.of(url)
    if isinstance(error, requests.TooManyRedirects):
        # GEODES redirects in circles when it does not like the key (eodag).
        if with_login:
            return AuthenticationError(f"{origin} redirects in circles; check the credentials")
        return ServiceError(f"{origin} redirects in circles; try again later")
    chain = list(dict.fromkeys(_chain(error)))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in chain):
        message = f"{origin}: its certificate cannot be verified; check the address or the CA file"
        return ServiceError(message, arrived=False)
    via = ", by way of the proxy" if any(isinstance(one, ProxyError) for one in chain) else ""
    for kind, words, arrived in _CAUSES:
        if any(isinstance(cause, kind) for cause in chain):
            return TransientError(f"{origin}: {words}{via}", arrived=arrived)
    return TransientError(f"{origin}: the connection broke{via} ({_told(error, chain)})")


def plainly(pieces: Iterator[bytes], url: str) -> Iterator[bytes]:
    """The same; what `requests` raises becomes an error of ours, and is left out of it."""
    try:
        yield from pieces
    except (OSError, HTTPError) as error:
        failure = transport_error(error, url)
    else:
        return
    try:
        raise failure
    finally:
        # Or they and this frame would keep each other, and the connection, alive.
        del failure, pieces


def _told(error: Exception, chain: list[BaseException]) -> str:
    """What the system said, which is not the text of `requests`."""
    said = [cause.strerror for cause in chain if isinstance(cause, OSError) and cause.strerror]
    return said[-1] if said else type(error).__name__


def _chain(error: BaseException) -> Iterator[BaseException]:
    yield error
    inner = [*error.args, getattr(error, "reason", None), getattr(error, "original_error", None)]
    for cause in inner:
        if isinstance(cause, BaseException) and cause is not error:
            yield from _chain(cause)


def refusal(  # noqa: PLR0911 -- one line for each thing the caller can do about it
    answer: Answer, *, with_login: bool, now: datetime
) -> PepsStacError | None:
    """The error that an answer's status stands for; None when it is a success.

    A quota (420, 421, 429) has `arrived` False although the service answered: it did nothing,
    so the request may be sent again later without doing anything twice.

    Args:
        answer: With a status as HTTP has them, or 420 and 421 of PEPS.
        with_login: Whether credentials were sent.
        now: To say when to come back.
    """
    if answer.status < _BAD_REQUEST:
        return None
    message, code = answer.said()
    what = f"{named(answer.url)} answered {answer.status}" + (f": {message}" if message else "")
    if answer.status in _LOGIN_STATUSES:
        advice = (
            "check the credentials" if with_login else f"it wants a login, and {_MISSING_LOGIN}"
        )
        return AuthenticationError(f"{what}; {advice}")
    if answer.status in _QUOTA_STATUSES:
        return _quota(answer, what, now)
    if code == _LICENCE:
        return AuthenticationError(f"{what}; accept the licence on the service's web site")
    wait = answer.retry_after_s
    is_passing = answer.status in _PASSING_STATUSES or code == _UNAVAILABLE
    if is_passing and _is_soon(wait):
        return TransientError(what, retry_after_s=wait)
    if is_passing or answer.status >= _SERVER_ERROR:
        return ServiceError(f"{what}; try {come_back(wait, now)}", retry_after_s=wait)
    if answer.status in _GONE_STATUSES:
        was_there = answer.status == _NO_LONGER
        return Gone(f"{what}; there is nothing at this address", was_there=was_there)
    return RequestError(f"{what}; change what is asked for")


def refusal_elsewhere(url: str, status: int) -> RequestError | None:
    """The error of a host that wants a login, and is not the service that has one."""
    if status not in _LOGIN_STATUSES:
        return None
    message = f"{named(url)} answered {status}: the service named a file that it keeps from others"
    return RequestError(f"{message}, or no longer offers; ask its operator, or order again")


def _quota(answer: Answer, what: str, now: datetime) -> ServiceError:
    wait = answer.retry_after_s
    if answer.status in _PASSING_STATUSES and _is_soon(wait):
        return TooManyError(f"{what} (quota of requests)", arrived=False, retry_after_s=wait)
    message = f"{what} (the account's quota is used up); try {come_back(wait, now)}"
    return QuotaError(message, retry_after_s=wait)


def _is_soon(retry_after_s: float | None) -> bool:
    return retry_after_s is None or retry_after_s <= LONGEST_WAIT_S
