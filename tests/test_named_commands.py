"""What pages name in their text: commands that are understood, variables that are read."""

import re
import shlex
from contextlib import suppress
from pathlib import Path

import click
import pytest

from page_blocks import PAGES, ROOT
from peps_stac.cli import main
from peps_stac.cli.settings import KNOWN, SECRET

TOLD = [page for page in PAGES if page.name != "CHANGELOG.md"]
"""Those that speak of today."""
_BLOCK = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
_PLACEHOLDER = re.compile(r"\.\.\.|\bCOMMAND\b")
_VARIABLE = re.compile(r"\bPEPS_STAC_[A-Z_]*[A-Z]\b")


def named(page: Path) -> list[str]:
    """The commands in a page's text; blocks are run by `test_shell_lines.py`."""
    text = _BLOCK.sub("", page.read_text())
    found = (" ".join(one.split()) for one in re.findall(r"`(peps-stac [^`]+)`", text))
    return sorted({one for one in found if not _PLACEHOLDER.search(one)})


@pytest.mark.parametrize("line", sorted({line for page in TOLD for line in named(page)}))
def test_a_command_in_the_text_is_understood(line: str) -> None:
    """Parsed as click would, without running it."""
    _, *words = shlex.split(line)
    # One that is named without what it has to be given is no mistake; help is help.
    fine = suppress(click.exceptions.Exit, click.MissingParameter)
    with fine, main.make_context("peps-stac", words) as context:
        name, *rest = [*context._protected_args, *context.args]  # noqa: SLF001 -- click tells it nowhere else
        command = main.get_command(context, name)
        assert command, f"no command {name}"
        command.make_context(name, rest, parent=context)


@pytest.mark.parametrize("page", TOLD, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_variable_in_a_page_is_read_somewhere(page: Path) -> None:
    settings = {f"PEPS_STAC_{name.upper()}" for name in KNOWN | SECRET}
    code = [*ROOT.glob("tests/**/*.py"), *ROOT.glob("src/**/*.py"), ROOT / "Makefile"]
    others = {name for file in code for name in _VARIABLE.findall(file.read_text())}

    assert set(_VARIABLE.findall(page.read_text())) <= settings | others
