"""XML, read without trust: the one place where the package parses any.

No DTD, so no entities of whatever kind; bounded in bytes, in tags and in depth, so that neither
memory nor a reader's time depends on who wrote it.
"""

from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.ElementTree import fromstring

MAX_BYTES: Final = 8 * 2**20
"""More than ten times the largest metadata file met (631 kB)."""

MAX_TAGS: Final = 200_000
"""Tags and attributes together: the largest metadata have some tens of thousands. Elements take a
hundred bytes of memory each, however few they have in the document."""

MAX_DEPTH: Final = 64
"""Elements within each other: metadata of MAJA and answers of a WPS stay below 15."""


def parse_xml(content: bytes) -> Element:
    """The root of a document.

    Raises:
        ValueError: Not well-formed, with a DTD, in an encoding that nobody knows, or too large,
            too rich or too deep; one line says which.
    """
    if len(content) > MAX_BYTES:
        raise ValueError(f"{len(content)} bytes, at most {MAX_BYTES} are read")
    # The same bytes in every encoding that the parser knows.
    if content.count(b"<") + content.count(b"=") > MAX_TAGS:
        raise ValueError(f"more than {MAX_TAGS} tags and attributes")
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    # ValueError: a DTD (defusedxml), an encoding that expat has not; LookupError: none at all.
    except (ParseError, ValueError, LookupError) as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"not readable XML: {said}") from error
    if _is_deep(root):
        raise ValueError(f"elements within each other, more than {MAX_DEPTH} deep")
    return root


def _is_deep(root: Element) -> bool:
    level = [root]
    for _ in range(MAX_DEPTH):
        level = [child for element in level for child in element]
        if not level:
            return False
    return True
