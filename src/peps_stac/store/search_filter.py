"""CQL2 text (OGC 21-065r2) as a test of one Item.

The library `cql2` reads the text; what it says is decided here, in the three values of the
standard: a comparison with what an Item does not say, or says in another type, is unknown, and
only what is certainly true matches.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import cql2

from peps_stac.errors import RequestError
from peps_stac.store import search_operators as operators
from peps_stac.store.search_operators import Truth

Document = Mapping[str, Any]
Tree = Any
"""CQL2 JSON."""

_OWN_FIELDS = ("id", "collection", "geometry")
_MOST_CHARACTERS = 8000
_DEEPEST = 100
"""Levels of a condition: the parser recurses, and must not run out of stack."""
_RUN = re.compile(rf"(?:(?:-|NOT\b)\s*){{{_DEEPEST}}}", re.IGNORECASE)

_WHERE = re.compile(r"\s*--> 1:(\d+)")
_EXAMPLE = "eo:cloud_cover < 20 AND platform = 'sentinel-2a'"

_Value = Callable[[Document], Any]
_LITERALS = ("timestamp", "date", "interval", "bbox", "type")


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on Items."""

    text: str
    """As it was written."""
    tree: Tree
    """The same as CQL2 JSON."""
    _decide: Callable[[Document], Truth] = field(repr=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> "Filter":
        """The condition that CQL2 text states.

        Raises:
            RequestError: No CQL2, or a function that is not known here; says where.
        """
        _check_size(text)
        try:
            tree = cql2.parse_text(" ".join(text.splitlines())).to_json()
        except (cql2.ParseError, cql2.ValidationError, ValueError) as error:
            message = f"--filter: {text!r} is not CQL2 text{_place(str(error))}; write such as "
            raise RequestError(message + _EXAMPLE) from error
        if _depth(tree) > _DEEPEST:
            raise _too_much()
        return cls(text, tree, _condition(tree))

    def matches(self, document: Document) -> bool:
        """Whether it is certainly true of an Item as STAC JSON."""
        return self._decide(document) is True


def value_of(document: Document, name: str) -> Any:  # noqa: ANN401 -- any JSON
    """What an Item says of a property; None when it says nothing.

    `id`, `collection` and `geometry` are the Item's own; a name with dots that is no property
    leads into one (`processing:software.MAJA`).
    """
    if name in _OWN_FIELDS:
        return document.get(name)
    found = document["properties"]
    name = name.removeprefix("properties.")
    if name in found:
        return found[name]
    for step in name.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _check_size(text: str) -> None:
    depth = deepest = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    if len(text) > _MOST_CHARACTERS or deepest > _DEEPEST or _RUN.search(text):
        raise _too_much()


def _depth(tree: Tree) -> int:
    depth, level = 0, [tree]
    while level:
        depth += 1
        below = [part.get("args") if isinstance(part, dict) else part for part in level]
        level = [part for parts in below if isinstance(parts, list) for part in parts]
    return depth


def _too_much() -> RequestError:
    message = f"--filter: more than {_MOST_CHARACTERS} characters or {_DEEPEST} levels"
    return RequestError(f"{message}; write it shorter")


def _place(said: str) -> str:
    # The parser begins with `--> LINE:COLUMN`.
    found = _WHERE.match(said)
    return f" at character {found[1]}" if found else ""


def _condition(tree: Tree) -> Callable[[Document], Truth]:
    operator = tree.get("op") if isinstance(tree, dict) else None
    if operator in ("and", "or"):
        parts = [_condition(part) for part in tree["args"]]
        join = operators.all_of if operator == "and" else operators.any_of
        return lambda document: join(part(document) for part in parts)
    if operator == "not":
        [inner] = (_condition(part) for part in tree["args"])
        return lambda document: operators.negated(inner(document))
    if operator == "isNull":
        [value] = (_value(part) for part in tree["args"])
        return lambda document: value(document) is None
    if operator == "in":
        return _membership(tree["args"])
    if operator is None:
        value = _value(tree)
        return lambda document: operators.truth_of(value(document))
    decide = operators.PREDICATES.get(str(operator).lower())
    if decide is None:
        raise _unknown(operator)
    return _applied(decide, tree["args"])


def _membership(arguments: list[Tree]) -> Callable[[Document], Truth]:
    value, choices = _value(arguments[0]), [_value(choice) for choice in arguments[1]]

    def is_one_of(document: Document) -> Truth:
        found = value(document)
        return operators.any_of(operators.equal(found, choice(document)) for choice in choices)

    return is_one_of


def _applied(function: Callable[..., Any], arguments: list[Tree]) -> _Value:
    values = [_value(argument) for argument in arguments]

    def apply(document: Document) -> Any:  # noqa: ANN401 -- what the function answers
        given = [value(document) for value in values]
        return None if any(one is None for one in given) else function(*given)

    return apply


def _value(tree: Tree) -> _Value:
    if isinstance(tree, list):
        parts = [_value(part) for part in tree]
        return lambda document: [part(document) for part in parts]
    if not isinstance(tree, dict):
        return lambda _document: tree
    if "property" in tree:
        name = str(tree["property"])
        return lambda document: value_of(document, name)
    if any(name in tree for name in _LITERALS):
        literal = operators.literal(tree)
        return lambda _document: literal
    operator = tree.get("op")
    function = operators.FUNCTIONS.get(str(operator).lower())
    return _applied(function, tree["args"]) if function else _condition_as_value(tree)


def _condition_as_value(tree: Tree) -> _Value:
    operator = str(tree.get("op"))
    is_condition = operator in ("and", "or", "not", "in", "isNull")
    if not is_condition and operator.lower() not in operators.PREDICATES:
        raise _unknown(operator)
    return _condition(tree)


def _unknown(operator: object) -> RequestError:
    known = sorted({*operators.FUNCTIONS, *operators.PREDICATES})
    words = ", ".join(name.upper() for name in known if name.isidentifier())
    return RequestError(f"--filter: {str(operator).upper()} is not known here; known are {words}")
