"""What the tests of the old command names share: runners, in this process and as their own."""

import os
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import click
from click.testing import CliRunner, Result

from builders_cli import environment

ROOT = Path(__file__).parents[1]
NAMES = ("peps-maja-process", "peps-maja-download", "full-maja-process", "full-maja-download")
SCRIPTS: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]


def old_command(name: str) -> click.Command:
    """The click command that an entry point of `pyproject.toml` names."""
    module, _, attribute = SCRIPTS[name].partition(":")
    command: click.Command = getattr(import_module(module), attribute)
    return command


def run_old(
    name: str, *args: str, home: Path, stdin: str | None = None, env: dict[str, str] | None = None
) -> Result:
    """An old command inside this process; the caller has changed into `home`."""
    variables: dict[str, str | None] = {
        one: None for one in os.environ if one.startswith("PEPS_STAC")
    }
    variables |= environment(home, **(env or {}))
    command = old_command(name)
    return CliRunner().invoke(command, list(args), input=stdin, env=variables, prog_name=name)


def run_old_process(
    name: str, *args: str, home: Path, stdin: str = "", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """An old command as its installed script runs it."""
    module, _, attribute = SCRIPTS[name].partition(":")
    code = f"import sys; from {module} import {attribute}; sys.argv[0] = {name!r}; {attribute}()"
    return subprocess.run(  # noqa: S603 -- our own command
        [sys.executable, "-c", code, *args],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=environment(home, **(env or {})),
        cwd=home,
    )
