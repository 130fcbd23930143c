"""XML, written as MAJA writes it: UTF-8, four blanks a level."""

# Nothing is parsed here, so the dangers of this parser do not arise.
from xml.etree.ElementTree import Element, SubElement, indent, tostring

XSI = "http://www.w3.org/2001/XMLSchema-instance"

__all__ = ["XSI", "Element", "add", "branch", "document"]


def branch(parent: Element, tag: str, **attributes: str) -> Element:
    """A new child without text."""
    return SubElement(parent, tag, attributes)


def add(parent: Element, tag: str, text: str, **attributes: str) -> None:
    """A new child with text."""
    SubElement(parent, tag, attributes).text = text


def document(root: Element) -> bytes:
    """The whole document with its declaration."""
    indent(root, " " * 4)
    declaration = b'<?xml version="1.0" encoding="UTF-8"?>\n'
    return declaration + bytes(tostring(root, encoding="utf-8")) + b"\n"
