"""How a simulated GEODES behaves: tape, keys, redirects, quota, spellings."""

from dataclasses import dataclass
from enum import StrEnum


class BadKey(StrEnum):
    """What a wrong or expired key gets."""

    LOOP = "loop"
    """Redirects in a circle, as users of GEODES have seen it (pygeodes, "Exceeded 30
    redirects")."""
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"


@dataclass(frozen=True, slots=True, kw_only=True)
class GeodesScenario:
    """What the GEODES face of a simulator does."""

    largest_size: int = 366
    """Pixels of 10 m in a row of its L2A products, at most: a page of a search waits for those
    it names, because an address ends with the MD5 of the archive. Read at the start."""
    l2a_on_tape: float = 0.1
    """Share of the L2A archives on tape, 0 to 1."""
    l1c_on_tape: float = 0.9
    """Share of the L1C archives on tape; of the recorded ones all are."""
    online: frozenset[str] = frozenset()
    """Names of archives without `.zip` that are online whatever the shares say."""
    on_tape: frozenset[str] = frozenset()
    """Those that are on tape whatever the shares and `online` say."""
    bad_key: BadKey = BadKey.LOOP
    redirects: int = 0
    """Redirects on this host that a good download goes through."""
    elsewhere: bool = False
    """Whether the last redirect leads to another host name, by an address that holds its own
    permission: no key belongs there."""
    quota: int | None = None
    """Archives that a key may begin to download; then 429."""
    quota_wait_s: int | None = None
    """`Retry-After` of that 429; None: it does not say."""
    without_t: float = 0.1
    """Share of the records whose `grid:code` lacks the T, as before 2024-09-25."""
    old_names: bool = False
    """Whether records have the attribute names of before March 2025, and queries may."""
    matched: int | None = None
    """`context.matched` as answered; None: the true number."""
