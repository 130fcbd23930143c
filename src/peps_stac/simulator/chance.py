"""Numbers that look random and are always the same for the same words."""

import hashlib

_DENOMINATOR = 2**64


def digest(*words: object) -> str:
    """32 hexadecimal digits, lower case, shaped like an MD5."""
    text = "|".join(str(word) for word in words)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def seed(*words: object) -> int:
    """A whole number below 2**64."""
    return int(digest(*words)[:16], 16)


def share(*words: object) -> float:
    """A number from 0 (included) to 1 (not included)."""
    return seed(*words) / _DENOMINATOR


def between(low: float, high: float, *words: object) -> float:
    """A number from `low` (included) to `high` (not included)."""
    return low + (high - low) * share(*words)
