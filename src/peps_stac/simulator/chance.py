"""Numbers that look random and are always the same for the same words."""

import hashlib
import uuid

# Fact sheet on PEPS, section 4: the service computes a product's id from its name.
_PEPS_NAMESPACE = uuid.UUID("92708059-2077-45a3-a4f3-1eb428789cff")
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


def service_id(product_name: str) -> str:
    """The UUIDv5 that PEPS gives a single-tile product."""
    return str(uuid.uuid5(_PEPS_NAMESPACE, f"S2ST:{product_name.upper()}"))
