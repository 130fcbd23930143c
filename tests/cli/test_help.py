import subprocess
import sys
from pathlib import Path

import click
import pytest

from builders_cli import environment, one_line, run, run_process
from peps_stac.cli import COMMANDS, main
from peps_stac.cli.helping import OTHERS, Command


def test_help_names_every_command_with_one_line(tmp_path: Path) -> None:
    text = run("--help", home=tmp_path).stdout

    for name, line in COMMANDS.items():
        assert f"  {name} " in text
        assert line in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_of_its_own(name: str, tmp_path: Path) -> None:
    result = run(name, "--help", home=tmp_path)

    assert result.exit_code == 0
    assert f"Usage: peps-stac {name} " in result.stdout


def test_help_loads_nothing_but_click(tmp_path: Path) -> None:
    code = (
        "import sys, click; before = {n.split('.')[0] for n in sys.modules}\n"
        "from peps_stac.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print({n.split('.')[0] for n in sys.modules} - before, file=sys.stderr)"
    )
    result = subprocess.run(  # noqa: S603 -- our own code
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=environment(tmp_path),
    )

    heavy = {
        "rich",
        "pathlib",
        "pystac",
        "shapely",
        "requests",
        "orjson",
        "platformdirs",
        "logging",
    }
    assert not heavy & set(result.stderr.strip("{}\n").replace("'", "").split(", "))


def test_the_version_is_told(tmp_path: Path) -> None:
    result = run_process("--version", home=tmp_path)

    assert result.stdout.startswith("peps-stac ")
    assert result.returncode == 0


def test_an_unknown_command_is_one_line(tmp_path: Path) -> None:
    result = run_process("serch", home=tmp_path)

    assert "No such command 'serch'" in one_line(result.stderr)
    assert result.returncode == 2


def test_a_global_option_after_the_command_is_shown_its_place(tmp_path: Path) -> None:
    result = run("search", "--catalog", "elsewhere", home=tmp_path)

    assert "goes before the command: peps-stac --catalog" in one_line(result.stderr)
    assert result.exit_code == 2


def test_without_a_command_the_help_is_shown(tmp_path: Path) -> None:
    result = run(home=tmp_path)

    assert "Find and order:" in result.output


def test_options_of_a_long_command_stand_in_groups_and_none_is_left_over() -> None:
    grouped = set()
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        assert isinstance(command, Command)
        headings = [heading for heading, _ in command.groups(click.Context(command))]
        grouped |= {name} if headings != ["Options"] else set()
        assert OTHERS not in headings, name

    assert grouped == {"search", "order", "sync", "download", "items"}


@pytest.mark.parametrize("columns", [60, 80, 200])
@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_the_terminal(name: str, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for examples, which are copied and so never broken."""
    monkeypatch.setenv("COLUMNS", str(columns))
    parent = click.Context(main, info_name="peps-stac", **main.context_settings)
    command = main.get_command(parent, name)
    assert isinstance(command, Command)
    text = click.Context(command, info_name=name, parent=parent).get_help()
    for width, lines in (
        (80, text.partition("\nExamples:\n")[2].splitlines()),
        (min(columns, 100), text.partition("\nExamples:\n")[0].splitlines()),
    ):
        assert max(map(len, lines)) <= width
