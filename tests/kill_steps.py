"""Counts the steps of a process on its way to disk and network, and kills it at one of them.

A step is the moment before or after a call that changes a file, a folder or a connection. So
between two steps nothing can change that another process sees: killing at each step in turn
leaves behind everything that a kill at any moment can leave.
"""

import io
import os
import signal
import socket
import sys
import threading
import types
from typing import Any

_OF_SYSTEM = frozenset(
    {"fsync", "link", "mkdir", "remove", "rename", "replace", "rmdir", "sendfile", "unlink"}
)
_OF_FILES = frozenset({"write", "truncate", "flush"})
_OF_SOCKETS = frozenset({"connect", "send", "sendall", "recv", "recv_into"})
_SYSTEM = sys.modules[os.name]
_FILES = (io.FileIO, io.BufferedWriter, io.BufferedRandom)
_SOCKETS = socket.socket.__mro__[1]


class Steps:
    """Counts from 1 and, at `last`, ends this process as a power cut would."""

    def __init__(self, last: int | None) -> None:
        self.count = 0
        self._last = last

    def watch(self) -> None:
        """Count from now on, in this thread and in those that it starts."""
        threading.setprofile(self._note)
        sys.setprofile(self._note)

    def rest(self) -> None:
        """Count no more."""
        threading.setprofile(None)
        sys.setprofile(None)

    def _note(self, _frame: types.FrameType, event: str, called: Any) -> None:  # noqa: ANN401 -- as the interpreter has it
        if event not in ("c_call", "c_return", "c_exception") or not _is_step(called):
            return
        self.count += 1
        if self.count == self._last:
            os.kill(os.getpid(), signal.SIGKILL)


def _is_step(called: Any) -> bool:  # noqa: ANN401 -- any builtin
    owner = getattr(called, "__self__", None)
    name = called.__name__
    if owner is _SYSTEM:
        return name in _OF_SYSTEM
    if isinstance(owner, _FILES):
        return name in _OF_FILES
    return isinstance(owner, _SOCKETS) and name in _OF_SOCKETS
