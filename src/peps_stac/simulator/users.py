"""Accounts of a simulated PEPS and GEODES: login, token, weekly quota; API key."""

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

import orjson

from peps_stac.domain import Credentials, Process
from peps_stac.errors import RequestError
from peps_stac.simulator.chance import digest

STATUS_PROCESS = "PROCESSING_STATUS"

_EVERY_PROCESS = frozenset({Process.MAJA, Process.FULL_MAJA, STATUS_PROCESS})
_TOKEN_LIFE_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account and its rights."""

    username: str = "demo@example.org"
    password: str = field(default="demo", repr=False)
    api_key: str = field(default="", repr=False)
    """For GEODES; empty: one that follows from the user name, see `key`."""
    userid: int = 1
    processes: frozenset[str] = _EVERY_PROCESS
    """WPS processes of its group; empty: it may not use the WPS at all (403)."""
    may_download: bool = True
    has_license: bool = True
    """If not, downloads are answered with code 3002."""

    @property
    def credentials(self) -> Credentials:
        """What a client needs to log in."""
        return Credentials(username=self.username, password=self.password)

    @property
    def key(self) -> str:
        """The API key of GEODES."""
        return self.api_key or digest("API key", self.username)


class Users:
    """The accounts, and what each has downloaded; safe to share between threads.

    Raises:
        RequestError: Two accounts share a name or a number.
    """

    def __init__(self, accounts: Iterable[Account]) -> None:
        self.accounts = tuple(accounts)
        for key in ("username", "userid"):
            if len({getattr(account, key) for account in self.accounts}) < len(self.accounts):
                raise RequestError(f"simulator accounts: two have the same {key}; change one")
        self._lock = threading.Lock()
        self._begun: dict[int, set[str]] = {}
        self._secret = secrets.token_bytes(32)

    def who(self, authorization: str | None) -> Account | None:
        """The account of an `Authorization` header; None without one, or a wrong one."""
        name, password = _basic(authorization)
        for account in self.accounts:
            if account.username == name and account.password == password:
                return account
        return None

    def with_key(self, key: str | None) -> Account | None:
        """The account of an `X-API-Key` header; None without one, or a wrong one."""
        return next((account for account in self.accounts if account.key == key), None)

    def change_password(self, username: str, password: str) -> None:
        """From now on the account has another password."""
        self.accounts = tuple(
            replace(account, password=password) if account.username == username else account
            for account in self.accounts
        )

    def token(self, account: Account, now: datetime) -> str:
        """A JSON web token as `/api/users/connect` answers it: the user's number is `sub`."""
        issued = int(now.timestamp())
        profile = {"userid": account.userid, "email": account.username, "activated": 1}
        claims = {
            "iss": "resto:server",
            "sub": str(account.userid),
            "iat": issued,
            "exp": issued + _TOKEN_LIFE_S,
            "data": {**profile, "groupname": "default"},
        }
        signed = f"{_segment({'typ': 'JWT', 'alg': 'HS256'})}.{_segment(claims)}"
        digest = hmac.new(self._secret, signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{_base64(digest)}"

    def may_begin(self, account: Account, product: str, limit: int | None) -> bool:
        """Count the download of a scene; false when that is one more than the week allows.

        A scene counts once, so going on with a download is always allowed.
        """
        with self._lock:
            begun = self._begun.setdefault(account.userid, set())
            if limit is not None and product not in begun and len(begun) >= limit:
                return False
            begun.add(product)
            return True


def _basic(authorization: str | None) -> tuple[str | None, str | None]:
    scheme, _, coded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None, None
    try:
        text = base64.b64decode(coded, validate=True)
    except binascii.Error:
        return None, None
    name, _, password = _text(text).partition(":")
    return name, password


def _text(login: bytes) -> str:
    # RFC 7617 leaves the encoding open: `requests` sends Latin-1 where it can, browsers UTF-8.
    try:
        return login.decode()
    except UnicodeDecodeError:
        return login.decode("latin-1")


def _segment(claims: dict[str, object]) -> str:
    return _base64(orjson.dumps(claims))


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
