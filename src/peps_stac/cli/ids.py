"""Which scenes a command is about: ids as words, or `-` for what another command printed."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from peps_stac.errors import RequestError

if TYPE_CHECKING:
    import pystac


@dataclass(frozen=True, slots=True)
class Named:
    """Scenes or orders by name, and Items that came whole."""

    ids: tuple[str, ...] = ()
    items: tuple["pystac.Item", ...] = ()

    @property
    def all_ids(self) -> tuple[str, ...]:
        """The names of both."""
        return (*self.ids, *(item.id for item in self.items))


def read_names(words: Sequence[str]) -> Named:
    """What the arguments of a command name; `-` reads stdin.

    Raises:
        RequestError: stdin holds neither ids nor Items.
    """
    named = Named()
    for word in words:
        more = parse_names(sys.stdin.read()) if word == "-" else Named((word,))
        named = Named((*named.ids, *more.ids), (*named.items, *more.items))
    return named


def parse_names(text: str) -> Named:
    """Ids one per line, a JSON list of ids, an Item, or an ItemCollection.

    Raises:
        RequestError: None of these.
    """
    stripped = text.strip()
    if stripped.startswith(("{", "[")):
        return _parse_json(stripped)
    lines = [line.strip() for line in stripped.splitlines() if line.strip()]
    for line in lines:
        if len(line.split()) > 1:
            message = f"stdin: {line!r} is not an id; give one id per line, or JSON"
            raise RequestError(f"{message} (peps-stac search --json)")
    return Named(tuple(lines))


def _parse_json(text: str) -> Named:
    import orjson

    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise RequestError(f"stdin: not JSON: {error}") from error
    if isinstance(document, list):
        entries = document
    elif document.get("type") == "FeatureCollection":
        entries = document.get("features") or []
    else:
        entries = [document]
    ids = tuple(entry for entry in entries if isinstance(entry, str))
    return Named(ids, tuple(_item(entry) for entry in entries if not isinstance(entry, str)))


def _item(document: Any) -> "pystac.Item":  # noqa: ANN401 -- any JSON
    import pystac

    from peps_stac.stac.collections import L1C_COLLECTION

    try:
        # Migration would take `proj:epsg` away.
        item = pystac.Item.from_dict(document, migrate=False)
    except (
        pystac.STACError,
        pystac.STACTypeError,
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
    ) as error:
        message = f"stdin: not a STAC Item: {type(error).__name__}: {error}"
        raise RequestError(f"{message}; give ids, an Item or an ItemCollection") from error
    # `search --json` says no Collection of Items that are in none yet.
    item.collection_id = item.collection_id or L1C_COLLECTION
    return item
