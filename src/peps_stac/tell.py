"""How a verb speaks to the person it works for: one line at a time.

The verbs know what is worth saying, not where it goes; the command line prints it to stderr,
a notebook may pass `print`.
"""

from collections.abc import Callable

Tell = Callable[[str], None]
"""Takes one line without its line break."""


def silent(line: str) -> None:
    """Say nothing."""
    del line
