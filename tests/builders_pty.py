"""A real terminal of any size, and what a command writes to it."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from pathlib import Path

from builders_cli import environment


def on_a_terminal(
    *args: str, home: Path, columns: int = 80, env: Mapping[str, str] | None = None
) -> str:
    """All that `peps-stac ARGS` writes to stdout and stderr, which are one terminal."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    variables = environment(home, **{"TERM": "xterm-256color", **(env or {})})
    for name in ("COLUMNS", "LINES"):
        variables.pop(name, None)
    with subprocess.Popen(  # noqa: S603 -- our own command
        [sys.executable, "-m", "peps_stac", *args],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env=variables,
        cwd=home,
    ):
        os.close(theirs)
        written = b""
        try:
            while piece := os.read(ours, 65536):
                written += piece
        except OSError:
            pass  # what Linux says when the other end was closed
    os.close(ours)
    return written.decode().replace("\r\n", "\n")
