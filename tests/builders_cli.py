"""What the tests of the command line share: a runner, and a whole process."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from click.testing import CliRunner, Result

from peps_stac.cli import main

Run = Callable[..., Result]
"""The fixture `peps_stac`."""

NOWHERE = "http://127.0.0.1:9"
"""Nobody listens on the discard port of loopback."""


def environment(home: Path, **more: str) -> dict[str, str]:
    """Variables under which nothing of the machine's own settings is seen."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PEPS_STAC")}
    return {
        **clean,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "PEPS_STAC_PEPS_URL": NOWHERE,
        "PEPS_STAC_GEODES_URL": NOWHERE,
        "NETRC": str(home / "netrc"),
        "COLUMNS": "100",
        **more,
    }


def run(
    *args: str, home: Path, stdin: str | None = None, env: Mapping[str, str] | None = None
) -> Result:
    """`peps-stac ARGS` inside this process; stdout and stderr are kept apart."""
    variables: dict[str, str | None] = {
        name: None for name in os.environ if name.startswith("PEPS_STAC")
    }
    variables |= environment(home, **(env or {}))
    return CliRunner().invoke(main, list(args), input=stdin, env=variables)


def run_process(
    *args: str,
    home: Path,
    stdin: str | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """`python -m peps_stac ARGS` as a process of its own."""
    return subprocess.run(  # noqa: S603 -- our own command
        [sys.executable, "-m", "peps_stac", *args],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=environment(home, **(env or {})),
        cwd=cwd or home,
    )


def one_line(stderr: str) -> str:
    """The error, when stderr holds that and nothing else."""
    lines = stderr.splitlines()
    assert len(lines) == 1, stderr
    assert lines[0].startswith("peps-stac: error: "), stderr
    return lines[0].removeprefix("peps-stac: error: ")
