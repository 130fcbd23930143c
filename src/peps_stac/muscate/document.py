"""One XML document of a product and its values.

Text is stripped of the blanks and line breaks that some writers leave around it.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn, Self
from xml.etree.ElementTree import Element

from peps_stac.domain.instants import parse_instant
from peps_stac.domain.markup import parse_xml
from peps_stac.errors import ResponseError


@dataclass(frozen=True, slots=True)
class Document:
    """An XML document and where it came from, for messages."""

    root: Element
    label: str
    """File name."""

    @classmethod
    def parse(cls, content: bytes, label: str) -> Self:
        """The document that bytes hold; tags lose their namespace.

        Raises:
            ResponseError: Not well-formed XML, or too large, or with a DTD.
        """
        try:
            root = parse_xml(content)
        except ValueError as error:
            raise ResponseError(f"{label}: {error}; metadata of MAJA are not like that") from error
        for element in root.iter():
            element.tag = local_name(element)
        return cls(root, label)

    def fail(self, message: str) -> NoReturn:
        """Raise a ResponseError of one line that names the document."""
        line = " ".join(f"{self.label}: {message}".split())
        raise ResponseError("".join(char if char.isprintable() else "?" for char in line))

    def text(self, path: str) -> str | None:
        """Text of the first element at a path below the root; None when missing or blank."""
        return text_of(self.root.find(path))

    def required(self, path: str) -> str:
        """Text of the first element at a path below the root.

        Raises:
            ResponseError: Missing or blank.
        """
        return self.text(path) or self.fail(f"no {path}, so this is not a whole product's metadata")

    def elements(self, path: str) -> Iterator[Element]:
        """All elements at a path below the root, in the order of the document."""
        return self.root.iterfind(path)


def local_name(element: Element) -> str:
    """Tag of an element without its namespace; blank for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def text_of(element: Element | None) -> str | None:
    """Text of an element; None when it is missing or blank."""
    text = element.text if element is not None else None
    return (text or "").strip() or None


def attribute_of(element: Element, name: str) -> str:
    """An attribute, blank when missing."""
    return element.get(name, "").strip()


def number_of(text: str | None) -> float | None:
    """The finite number that text tells; None for none, NaN and the like."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def whole_of(text: str | None) -> int | None:
    """The whole number that text tells, also as `10980.0`; None for any other."""
    number = number_of(text)
    return int(number) if number is not None and number.is_integer() else None


def instant_of(text: str | None) -> datetime | None:
    """The instant that text tells, UTC; None for none."""
    try:
        return parse_instant(text) if text else None
    except (ValueError, OverflowError):  # the year 1 in an eastern time zone overflows
        return None
