"""What the four old names have in common."""

from pathlib import Path

import click
import pytest

from builders_cli import one_line
from builders_legacy import NAMES, old_command, run_old, run_old_process
from peps_stac.cli.errors import ExitCode
from peps_stac.cli.legacy import written_in_full

ORIGINAL_OPTIONS = {
    "peps-maja-process": {
        *("-l", "--location", "-a", "--auth", "-w", "--write_dir", "-n", "--no_download"),
        *("-d", "--start_date", "-t", "--tile", "--lat", "--lon", "--latmin", "--latmax"),
        *("--lonmin", "--lonmax", "-o", "--orbit", "-f", "--end_date", "-p", "--prod_list"),
        *("--json", "--windows"),
    },
    "peps-maja-download": {"-p", "--prod_list", "-w", "--write_dir", "-a", "--auth"},
    "full-maja-process": {
        *("-a", "--auth", "-n", "--no_download", "-d", "--start_date", "-t", "--tile"),
        *("-o", "--orbit", "-e", "--end_date", "-l", "--log", "--json"),
    },
    "full-maja-download": {"-w", "--write_dir", "-a", "--auth", "-l", "--log"},
}


@pytest.mark.parametrize("name", NAMES)
def test_every_option_of_the_originals_is_there(name: str) -> None:
    command = old_command(name)
    found = {one for param in command.params for one in param.opts}

    assert found == ORIGINAL_OPTIONS[name]


@pytest.mark.parametrize("name", NAMES)
def test_without_words_the_help_is_shown(name: str, tmp_path: Path) -> None:
    result = run_old_process(name, home=tmp_path)

    assert f"Usage: {name}" in result.stderr + result.stdout
    assert result.returncode == ExitCode.WRONG_USAGE


@pytest.mark.parametrize(
    ("words", "full"),
    [
        (["--start", "2017-11-01"], ["--start_date", "2017-11-01"]),
        (["--write=x"], ["--write_dir=x"]),
        (["--lat", "43"], ["--lat", "43"]),
        (["--l", "43"], ["--l", "43"]),
        (["--nonsense"], ["--nonsense"]),
        (["--"], ["--"]),
        (["-w", "x"], ["-w", "x"]),
    ],
)
def test_a_long_option_may_be_cut_short_while_it_is_unmistakable(
    words: list[str], full: list[str]
) -> None:
    """optparse, which the originals used, took `--start` for `--start_date`."""
    names = sorted(ORIGINAL_OPTIONS["peps-maja-process"])

    assert written_in_full(words, names) == full


def test_a_wrong_option_is_one_line(tmp_path: Path) -> None:
    result = run_old("peps-maja-download", "--nonsense", home=tmp_path)

    assert "--nonsense" in one_line(result.stderr)
    assert result.exit_code == ExitCode.WRONG_USAGE


def test_what_is_unexpected_is_one_line_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("peps_stac.cli.legacy_peps_download.read_list", broken)

    result = run_old("peps-maja-download", "-p", "x", home=tmp_path)

    assert "unexpected ZeroDivisionError" in one_line(result.stderr)
    assert result.exit_code == ExitCode.FAILED


def test_ctrl_c_says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise click.Abort

    monkeypatch.setattr("peps_stac.cli.legacy_peps_download.read_list", interrupted)

    result = run_old("peps-maja-download", "-p", "x", home=tmp_path)

    assert "the same command goes on" in result.stderr
    assert result.exit_code == ExitCode.INTERRUPTED
