"""From the path in a request to a file of a folder, and never to one outside it.

A name that begins with a dot is the store's own (`.staging`, `.quarantine`, `.lock`) or nobody's
business; it is as absent as a file that is not there. So is whatever lies outside the folder,
however it is spelled: `..`, encoded once or twice, with a NUL or a backslash, or by a link.
"""

from pathlib import Path
from urllib.parse import unquote, urlsplit

_SEPARATORS = frozenset("\\:")
"""Separate folders and drives on Windows; nothing here is named with them anywhere."""


def path_parts(target: str) -> tuple[str, ...] | None:
    """The folders and the name that a request asks for, decoded once.

    Args:
        target: As it stands in the request line (RFC 9112, section 3.2), with or without query.

    Returns:
        No parts for `/`; a last part that is empty for a path that ends with `/`; None for a
        path that can name nothing here.
    """
    try:
        path = urlsplit(target).path if "://" in target else target.partition("?")[0]
        text = unquote(path.partition("#")[0], errors="strict")
    except ValueError:
        return None
    if not text.startswith("/"):
        return None
    parts = tuple(text[1:].split("/")) if text != "/" else ()
    is_fine = all(map(_is_plain, parts[:-1])) and all(p == "" or _is_plain(p) for p in parts[-1:])
    return parts if is_fine else None


def _is_plain(part: str) -> bool:
    return part.isprintable() and part[:1] not in ("", ".") and not _SEPARATORS & set(part)


def find_file(root: Path, parts: tuple[str, ...]) -> Path | None:
    """The regular file that these parts name below a folder; None when there is none.

    Links are followed as long as they stay inside and lead to nothing hidden.

    Args:
        root: Resolved: absolute and without links.
        parts: From `path_parts`.
    """
    if not parts or not parts[-1]:
        return None
    try:
        path = root.joinpath(*parts).resolve(strict=True)
        inside = path.relative_to(root)
        is_shown = all(map(_is_plain, inside.parts)) and path.is_file()
    except (OSError, ValueError, RuntimeError):
        # Absent, too long, a loop of links, outside, or not to be read.
        return None
    return path if is_shown else None
