"""A terminal that shows what was drawn on it, and where an hour is added in winter."""

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from click import unstyle
from rich.console import Console, RenderableType


class Terminal(io.StringIO):
    """Somebody looks."""

    def isatty(self) -> bool:
        return True


def drawn(renderable: RenderableType, *, width: int = 80, height: int = 24) -> list[str]:
    """The lines that a terminal of that size shows, without colors."""
    console = Console(file=io.StringIO(), width=width, height=height, force_terminal=True)
    with console.capture() as capture:
        console.print(renderable)
    return [line.rstrip() for line in unstyle(capture.get()).splitlines()]


@contextmanager
def in_toulouse(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's time zone is that of France."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Europe/Paris")
        time.tzset()
        yield
    time.tzset()
