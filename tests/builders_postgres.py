"""A real PostgreSQL server on loopback, with nothing in it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = next(
    (path.parent for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))[::-1]),
    Path(shutil.which("initdb") or "/nowhere/initdb").parent,
)
"""Where the server's programs are; Debian does not put them on the path."""

_OWNER = "postgres"
"""PostgreSQL refuses to be run by root, so that in a container this account runs it."""


@contextmanager
def a_postgres() -> Iterator[Mapping[str, str]]:
    """The variables that lead to it."""
    with tempfile.TemporaryDirectory(prefix="peps-stac-postgres-") as name:
        folder, data = Path(name), Path(name, "data")
        owner = _OWNER if os.geteuid() == 0 else None
        if owner:
            shutil.chown(folder, owner)
        # Reached by a socket in the folder: no port to be taken.
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        _run(owner, "initdb", "-D", data, "-U", "maja", "--auth=trust", "--no-sync")
        _run(owner, "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            _run(owner, "createdb", "-h", folder, "-U", "maja", "maja")
            yield {"PGHOST": name, "PGUSER": "maja", "PGPASSWORD": "secret", "PGDATABASE": "maja"}
        finally:
            _run(owner, "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


def _run(owner: str | None, program: str, *words: str | Path) -> None:
    subprocess.run(  # noqa: S603 -- PostgreSQL's own programs
        [PROGRAMS / program, *words],
        check=True,
        user=owner,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
