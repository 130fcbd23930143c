"""The README tells of every command; what it shows is run by `test_shell_lines.py`."""

import re
from pathlib import Path

from peps_stac.cli import COMMANDS

README = (Path(__file__).parents[1] / "README.md").read_text()


def test_every_command_is_in_the_table() -> None:
    [table] = re.findall(r"^\| command \|.*\n((?:\|.*\n)+)", README, re.MULTILINE)
    rows = re.findall(r"^\| (`[a-z]+`(?:, `[a-z]+`)*) \|", table, re.MULTILINE)
    listed = {name for row in rows for name in re.findall(r"[a-z]+", row)}

    assert listed == set(COMMANDS)
