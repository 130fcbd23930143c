"""One session with one service: login, time-outs, retries, cache, TLS.

Everything that goes over the network passes here. A login travels only to the service's own
scheme, host and port, and only over https or to this machine; certificates are always verified.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from secrets import SystemRandom
from typing import Self

import orjson
import requests
from urllib3.exceptions import HTTPError

from peps_stac.clock import Sleep, utc_now
from peps_stac.domain import Credentials
from peps_stac.errors import (
    AuthenticationError,
    PepsStacError,
    RequestError,
    ResponseError,
    ServiceError,
)
from peps_stac.http.addresses import Origin, checked_base, joined, named, shown, with_query
from peps_stac.http.answers import Answer, StreamedAnswer
from peps_stac.http.cache import AnswerCache
from peps_stac.http.certificates import trusted
from peps_stac.http.failures import (
    TransientError,
    plainly,
    refusal,
    refusal_elsewhere,
    transport_error,
)
from peps_stac.http.headers import location, login_headers, media_type
from peps_stac.http.pace import Pace
from peps_stac.http.redaction import Redaction
from peps_stac.http.retry import read_retry_after, wait_s
from peps_stac.http.space import Space
from peps_stac.http.wire import Wire

__all__ = ["Answer", "Session", "StreamedAnswer"]

LARGEST_ANSWER_BYTES = 64 << 20
"""A search page of 500 products has about 2 MB."""

_READ_BYTES = 1 << 16
_REDIRECT_STATUSES = range(300, 400)
_ERROR_STATUSES = range(400, 600)
_RANGE_NOT_SATISFIABLE = 416

logger = logging.getLogger("peps_stac.http")


class Session:
    """A session with the service at `base_url`; a context manager that closes it.

    Threads may share it: they share its connections, its rate, and the waits it is asked for.
    """

    def __init__(  # noqa: PLR0913 -- every one but the first has a default
        self,
        base_url: str,
        *,
        credentials: Credentials | None = None,
        cache_dir: Path | None = None,
        cache_s: float = 3600.0,
        timeout_s: tuple[float, float] = (10.0, 60.0),
        attempts: int = 5,
        ca_bundle: Path | None = None,
        max_bytes_per_s: float | None = None,
        retry_after_in_ms: bool = True,
        files_elsewhere: bool = False,
        sleep: Sleep = time.sleep,
    ) -> None:
        """Prepares; nothing is sent.

        Args:
            base_url: http or https, with or without a path, without login and query.
            credentials: Used where a call says `login=True`.
            cache_dir: For answers asked for with `cached=True`; None keeps none.
            cache_s: How long such an answer is good.
            timeout_s: For the connection, and between two pieces of an answer; nothing limits
                how long a whole answer may take.
            attempts: At most, of what may be repeated.
            ca_bundle: File or folder of certificates to trust instead of the usual ones; None:
                `REQUESTS_CA_BUNDLE`, `CURL_CA_BUNDLE`, or the usual ones.
            max_bytes_per_s: Of all downloads of this session together; None does not limit them.
            retry_after_in_ms: Large numbers in `Retry-After` are milliseconds, as PEPS means them.
            files_elsewhere: Files on other hosts are fetched, without login, and not refused.
            sleep: Waits between attempts.

        Raises:
            RequestError: An address that is none, a CA bundle that is not there, or a rate below
                1 kB/s.
            AuthenticationError: Credentials that cannot be sent.
        """
        self.base_url = checked_base(base_url)
        self.attempts = attempts
        self.space = Space()
        """What downloads of this session have claimed of the disks."""
        self._login = {} if credentials is None else login_headers(credentials)
        self._redaction = Redaction(credentials)
        self._origin = Origin.of(self.base_url)
        self._cache = AnswerCache(cache_dir, cache_s)
        self._timeout_s = timeout_s
        self._verify = trusted(ca_bundle, is_https=self._origin.scheme == "https")
        self._pace = Pace(max_bytes_per_s, sleep)
        self._retry_after_in_ms = retry_after_in_ms
        self._files_elsewhere = files_elsewhere
        self._sleep = sleep
        self._random = SystemRandom()
        self._wire = Wire()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._wire.close()

    def resolve(self, href: str, params: Mapping[str, str] | None = None) -> str:
        """The absolute address of an href, or of a path below `base_url`, with a query.

        Raises:
            RequestError: Not http or https, or with a login inside.
        """
        return with_query(joined(self.base_url, href), params or {})

    def get(
        self,
        href: str,
        params: Mapping[str, str] | None = None,
        *,
        login: bool = False,
        cached: bool = False,
    ) -> Answer:
        """The answer to a question that may be asked twice.

        Args:
            href: Absolute, or a path below `base_url`.
            params: Query, not yet encoded.
            login: Send the credentials.
            cached: An answer up to `cache_s` old will do; ignored with `login`.

        Raises:
            RequestError: The service, or this session, does not accept the request.
            AuthenticationError: The account is refused, or would travel unprotected.
            ServiceError: Still unreachable or failing after all attempts.
            ResponseError: The answer is larger than 64 MiB.
        """
        return self._asked("GET", self.resolve(href, params), None, login=login, cached=cached)

    def post(
        self, href: str, document: object, *, login: bool = False, cached: bool = False
    ) -> Answer:
        """The answer to a question in JSON that may be asked twice, such as a STAC search.

        Args:
            href: Absolute, or a path below `base_url`.
            document: What JSON can say.
            login: Send the credentials.
            cached: An answer up to `cache_s` old to the same question will do; ignored with
                `login`.

        Raises:
            PepsStacError: As for `get`.
        """
        body = orjson.dumps(document)
        return self._asked("POST", self.resolve(href), body, login=login, cached=cached)

    def send_once(  # noqa: PLR0913 -- what may differ in one request
        self,
        href: str,
        params: Mapping[str, str] | None = None,
        *,
        method: str = "GET",
        document: object = None,
        headers: Mapping[str, str] | None = None,
        login: bool = True,
    ) -> Answer:
        """The answer to a request that does something, sent once and never repeated.

        It has a connection of its own: one kept open from before can turn out to be closed
        only after the request was written to it, and then nobody knows whether it arrived.

        Args:
            href: Absolute, or a path below `base_url`.
            params: Query, not yet encoded.
            method: Of HTTP.
            document: Goes along as JSON; None: nothing does.
            headers: More of them.
            login: Send the credentials.

        Raises:
            RequestError: Refused, so nothing was done.
            AuthenticationError: The account is refused, so nothing was done.
            ServiceError: No answer, or one of failure. `arrived` tells whether something may
                have been done; a redirect is not followed and counts as arrived.
        """
        url = self.resolve(href, params)
        body = None if document is None else orjson.dumps(document)
        with Wire() as wire:
            answer = self._ask(wire, method, url, body, headers=headers, login=login, follow=False)
        if answer.status in _REDIRECT_STATUSES:
            message = f"{named(url)} answered with a redirect ({answer.status})"
            raise ServiceError(f"{message}; check the service's address")
        return answer

    def delete(self, href: str, *, login: bool = True) -> Answer:
        """The answer to a DELETE, sent once; errors as `send_once`."""
        return self.send_once(href, method="DELETE", login=login)

    def stream(
        self, href: str, *, headers: Mapping[str, str], login: bool = True
    ) -> AbstractContextManager[StreamedAnswer]:
        """An answer to read piece by piece, asked for once; closed at the end of the `with`.

        Every status below 400 is answered, and 416; others raise as `get` does.
        """
        return self._stream(self.resolve(href), headers, login=login)

    def pause(self, failures: int, retry_after_s: float | None) -> None:
        """Waits before the next attempt.

        Args:
            failures: In a row so far, from 1.
            retry_after_s: What the service asked for; all threads wait for that.
        """
        if retry_after_s:
            self._pace.wait_turn()
            return
        seconds = wait_s(failures, self._random.random())
        logger.info("%s: failure %d; asking again in %.0f s", self._origin, failures, seconds)
        self._sleep(seconds)

    def _asked(
        self, method: str, url: str, body: bytes | None, *, login: bool, cached: bool
    ) -> Answer:
        use_cache = cached and not login
        known = self._cache.find(url, body) if use_cache else None
        if known is not None:
            logger.debug("%s %s -> from the cache", method, shown(url))
            return known
        answer = self._repeated(lambda: self._ask(self._wire, method, url, body, login=login))
        if use_cache:
            self._cache.keep(url, answer, body)
        return answer

    def _repeated(self, ask: Callable[[], Answer]) -> Answer:
        for failures in range(1, self.attempts):
            try:
                return ask()
            except TransientError as error:
                self.pause(failures, error.retry_after_s)
        try:
            return ask()
        except TransientError as error:
            raise error.after(self.attempts) from error

    def _ask(  # noqa: PLR0913 -- as `_send`
        self,
        wire: Wire,
        method: str,
        url: str,
        body: bytes | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        login: bool,
        follow: bool = True,
    ) -> Answer:
        kind = {"Content-Type": "application/json"} if body is not None else {}
        sent_headers = {**kind, **(headers or {})}
        sent = self._send(wire, method, url, sent_headers, body, login=login, follow=follow)
        with closing(sent) as response:
            answer = self._whole(response)
        self._raise_for(answer, login=login)
        return answer

    @contextmanager
    def _stream(
        self, url: str, headers: Mapping[str, str], *, login: bool
    ) -> Iterator[StreamedAnswer]:
        is_elsewhere = self._files_elsewhere and Origin.of(url) != self._origin
        login = login and not is_elsewhere
        with closing(self._send(self._wire, "GET", url, headers, login=login)) as response:
            status = response.status_code
            if is_elsewhere and (refused := refusal_elsewhere(url, status)):
                raise refused
            if status in _ERROR_STATUSES and status != _RANGE_NOT_SATISFIABLE:
                self._raise_for(self._whole(response), login=login)
            yield StreamedAnswer(
                url=response.url,
                status=status,
                content_type=media_type(response.headers),
                headers=response.headers,
                retry_after_s=self._asked_to_wait_s(response),
                iter_chunks=lambda: plainly(self._pieces(response), response.url),
                whole=lambda: self._whole(response),
            )

    def _send(  # noqa: PLR0913 -- one call of `requests`, and what may differ in it
        self,
        wire: Wire,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        login: bool,
        follow: bool = True,
    ) -> requests.Response:
        sent_headers = {**headers, **(self._login_for(url) if login else {})}
        self._pace.wait_turn()
        started = time.monotonic()
        failure: PepsStacError
        try:
            response = wire.request(
                method,
                url,
                headers=sent_headers,
                data=body,
                timeout=self._timeout_s,
                allow_redirects=follow,
                stream=True,
                verify=self._verify,
            )
        except RequestError as error:
            message = f"{named(url)} redirects to where nobody should follow: {error}"
            failure = ServiceError(message)
        except (OSError, HTTPError) as error:
            failure = transport_error(error, url, with_login=bool(login and self._login))
        else:
            if logger.isEnabledFor(logging.DEBUG):
                spent_ms = 1000 * (time.monotonic() - started)
                told = (method, shown(url), response.status_code, spent_ms)
                logger.debug("%s %s -> %d in %.0f ms", *told)
            return response
        logger.debug("%s %s -> %s", method, shown(url), failure)
        # Without the cause, whose text quotes addresses with all that stands in them.
        try:
            raise failure
        finally:
            del failure  # or it and this frame would keep each other, and the connection, alive

    def _login_for(self, url: str) -> dict[str, str]:
        origin = Origin.of(url)
        if origin != self._origin:
            message = f"{shown(url)} is not on {self._origin}, so no login goes there"
            raise RequestError(f"{message}; check the service's address")
        if self._login and not origin.keeps_secrets:
            message = f"{origin} is plain http, where anybody can read a login"
            raise AuthenticationError(f"{message}; give an https address")
        return self._login

    def _whole(self, response: requests.Response) -> Answer:
        content = bytearray()
        for piece in plainly(response.iter_content(_READ_BYTES), response.url):
            content += piece
            if len(content) > LARGEST_ANSWER_BYTES:
                message = f"{named(response.url)} answered more than {LARGEST_ANSWER_BYTES} bytes"
                raise ResponseError(f"{message}; no answer of the service is that long, report it")
        # What a service says of a failure is told to people, so that no login may stand in it.
        told = self._redaction.without if response.status_code in _ERROR_STATUSES else bytes
        return Answer(
            url=response.url,
            status=response.status_code,
            content_type=media_type(response.headers),
            content=told(bytes(content)),
            retry_after_s=self._asked_to_wait_s(response),
            location=location(response.headers, response.url),
        )

    def _asked_to_wait_s(self, response: requests.Response) -> float | None:
        return read_retry_after(response.headers, utc_now(), in_ms=self._retry_after_in_ms)

    def _raise_for(self, answer: Answer, *, login: bool) -> None:
        error = refusal(answer, with_login=bool(login and self._login), now=utc_now())
        if isinstance(error, TransientError) and error.retry_after_s:
            self._pace.hold(error.retry_after_s)
        if error is not None:
            raise error

    def _pieces(self, response: requests.Response) -> Iterator[bytes]:
        """The body as it comes, not decoded, and no faster than the rate."""
        size = self._pace.piece_bytes
        # What has arrived, up to a size: nothing is held back, and so lost with the line.
        while piece := response.raw.read1(size, decode_content=False):
            self._pace.take(len(piece))
            yield piece
