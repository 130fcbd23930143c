"""Logins taken out of what a service says of a failure, as some repeat what they were sent."""

import html
import json
from urllib.parse import quote

from peps_stac.domain import Credentials
from peps_stac.http.headers import login_headers

_IN_PLACE = b"***"


class Redaction:
    """What must not be told of one login, in the ways that answers may spell it."""

    def __init__(self, credentials: Credentials | None) -> None:
        """Takes the login; None when there is none.

        Raises:
            AuthenticationError: As `login_headers`.
        """
        self._secrets = () if credentials is None else _spelled(credentials)

    def without(self, content: bytes) -> bytes:
        """The content of an answer, with asterisks in place of password, key and token."""
        for secret in self._secrets:
            content = content.replace(secret, _IN_PLACE)
        return content


def _spelled(credentials: Credentials) -> tuple[bytes, ...]:
    """Longest first: one may stand in another."""
    tokens = [value.split()[-1] for value in login_headers(credentials).values()]
    secrets = {text for text in (*tokens, credentials.password, credentials.api_key) if text}
    told = secrets | {form for text in secrets for form in _forms(text)}
    answered = told | {form for text in told for form in _forms(text)}
    found = {text.encode(errors="surrogateescape") for text in answered if text.strip()}
    return tuple(sorted(found, key=len, reverse=True))


def _forms(text: str) -> tuple[str, ...]:
    """A text within HTML, an address and JSON, any of which may stand within another."""
    return (
        html.escape(text),
        quote(text, safe="", errors="surrogateescape"),
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
    )
