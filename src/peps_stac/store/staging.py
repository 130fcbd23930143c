"""Folders on the catalog's own file system where an Item's files are made ready."""

import os
import socket
from pathlib import Path
from uuid import uuid4

from peps_stac.store.files import disk_errors, folders_in, remove_tree

_SEPARATOR = "_"


def staging_name() -> str:
    """A name that nobody has, which tells whose it is: host, process, and chance."""
    return _SEPARATOR.join((_host(), str(os.getpid()), uuid4().hex))


def make_staging(parent: Path) -> Path:
    """A fresh folder below `parent`."""
    folder = parent / staging_name()
    with disk_errors(folder):
        folder.mkdir(parents=True)
    return folder


def remove_stale(parent: Path) -> None:
    """Deletes what processes of this host left that are no more."""
    for name in folders_in(str(parent)):
        if _is_stale(name):
            remove_tree(str(parent / name))


def _is_stale(name: str) -> bool:
    host, _, rest = name.partition(_SEPARATOR)
    pid = rest.partition(_SEPARATOR)[0]
    if host != _host() or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _host() -> str:
    return socket.gethostname().replace(_SEPARATOR, "-").lstrip(".") or "host"
