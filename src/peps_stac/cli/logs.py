"""What is told with -v: what was typed, what was asked of whom, what came back and when.

Enough for a bug report, and nothing that should not be in one: addresses go without logins and
tokens, and neither passwords nor answers are logged anywhere in the package.
"""

import logging
import platform
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version

_LOG = logging.getLogger("peps_stac.cli")
_LINE = "peps-stac: %(levelname)s: %(message)s"
_LONGEST = 4000
"""Characters of what was typed: hundreds of archives may be."""
_TIMED = f"%(asctime)s.%(msecs)03d {_LINE}"


def start(verbosity: int, *, quiet: bool) -> None:
    """Send the package's log to stderr: warnings; with -v requests, too; with -vv all."""
    level = {0: logging.WARNING, 1: logging.INFO}.get(verbosity, logging.DEBUG)
    log = logging.getLogger("peps_stac")
    log.setLevel(logging.ERROR if quiet else level)
    # A request has a line of its own, which is too much without -v and what is asked for with it.
    logging.getLogger("peps_stac.http").setLevel(logging.DEBUG if verbosity else logging.NOTSET)
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter(_TIMED if verbosity else _LINE, datefmt="%H:%M:%S"))
    log.handlers = [handler]
    log.propagate = False


def tell_start(words: Sequence[str]) -> None:
    """Log what was typed, and with which versions."""
    from peps_stac.http.addresses import shown
    from peps_stac.http.answers import one_line

    typed = [shown(word) if "://" in word else word for word in words]
    system = f"Python {platform.python_version()}, {platform.platform(terse=True)}"
    line = one_line(shlex.join(typed), _LONGEST)
    _LOG.info("peps-stac %s, %s: %s", version("peps-stac"), system, line)


def tell_end(code: object, spent_s: float) -> None:
    """Log how it ended."""
    _LOG.info("ended with %s after %.1f s", code, spent_s)


@contextmanager
def only_errors() -> Iterator[None]:
    """Meanwhile nothing below an error is logged."""
    log = logging.getLogger("peps_stac")
    before = log.level
    log.setLevel(max(before, logging.ERROR))
    try:
        yield
    finally:
        log.setLevel(before)
