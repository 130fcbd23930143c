"""Bad input and bad luck: one clear line on stderr, and an exit code that tells them apart."""

from pathlib import Path

import click
import pytest

from builders_cli import one_line, run, run_process
from peps_stac.cli.errors import ExitCode, Failure, as_failure, share_failed, show
from peps_stac.errors import AuthenticationError, RequestError, ServiceError


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("-t", "31TXX"), "unknown tile '31TXX'"),
        (("-t", "31TCJ", "-d", "2017-12-01", "-f", "2017-11-01"), "swap the dates"),
        (("--lon", "1", "--lat", "43", "--bbox", "0", "43", "2", "44"), "exclude each other"),
        (("--lon", "1"), "--lon without --lat"),
        (("--lon", "east", "--lat", "1"), "'east' is not a valid float"),
        ((), "nothing says where to search"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused_before_anything_is_sent(
    words: tuple[str, ...], complaint: str, tmp_path: Path
) -> None:
    result = run_process("search", *words, home=tmp_path)

    assert complaint in one_line(result.stderr)
    assert result.returncode == ExitCode.WRONG_USAGE
    assert result.stdout == ""


def test_a_missing_password_file_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    result = run_process("order", "-t", "31TCJ", "-a", "nowhere.txt", home=tmp_path)

    assert "nowhere.txt" in one_line(result.stderr)
    assert result.returncode == ExitCode.WRONG_USAGE


def test_without_an_account_the_ways_to_give_one_are_told(tmp_path: Path) -> None:
    result = run_process("order", "-t", "31TCJ", home=tmp_path)

    line = one_line(result.stderr)
    assert "-a FILE" in line
    assert "peps-stac login" in line
    assert result.returncode == ExitCode.FAILED


def test_an_unknown_provider_is_one_line(tmp_path: Path) -> None:
    result = run("--provider", "theia", "search", "-t", "31TCJ", home=tmp_path)

    assert "--provider theia: unknown; use peps or geodes" in one_line(result.stderr)
    assert result.exit_code == ExitCode.WRONG_USAGE


@pytest.mark.parametrize("command", ["order", "sync"])
def test_a_provider_that_takes_no_orders_is_one_line_that_says_what_it_does(
    tmp_path: Path, command: str
) -> None:
    words = (command, "-t", "31TCJ", "--datetime", "2020-01-01/2020-01-31")
    result = run("--provider", "geodes", *words, home=tmp_path)

    assert "search --level L2A --save, then download" in one_line(result.stderr)
    assert result.exit_code == ExitCode.WRONG_USAGE


def test_peps_has_no_products_to_search(tmp_path: Path) -> None:
    result = run("search", "-t", "31TCJ", "--level", "L2A", home=tmp_path)

    assert "--level L2A: PEPS lists L1C alone" in one_line(result.stderr)
    assert result.exit_code == ExitCode.WRONG_USAGE


def test_a_broken_configuration_is_one_line_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "config" / "peps-stac" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text("peps_url = ")

    result = run("status", home=tmp_path)

    assert str(path) in one_line(result.stderr)
    assert result.exit_code == ExitCode.WRONG_USAGE


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("order",), "which scenes?"),
        (("order", "some-id", "-t", "31TCJ"), "exclude each other"),
        (("order", "--series", "-l", "Toulouse"), "--series needs a tile and a period"),
        (("order", "--series", "-t", "31TCJ"), "--series needs a tile and a period"),
        (("cancel",), "which orders?"),
        (("cancel", "some-id"), "some-id: no such order"),
        (("add", "nowhere.zip"), "nowhere.zip: no such file or folder"),
        (("add",), "Missing argument 'PATH...'"),
        (("watch", "--interval", "soon"), "'soon' is no length of time"),
        (("-q", "-v", "status"), "exclude each other"),
    ],
)
def test_other_commands_refuse_alike(
    words: tuple[str, ...], complaint: str, tmp_path: Path
) -> None:
    account = {"PEPS_STAC_USERNAME": "me@example.org", "PEPS_STAC_PASSWORD": "secret-1"}

    result = run(*words, home=tmp_path, env=account)

    assert complaint in one_line(result.stderr)
    assert result.exit_code == ExitCode.WRONG_USAGE


def test_an_empty_catalog_has_nothing_to_show_and_that_is_no_error(tmp_path: Path) -> None:
    for command in ("status", "watch", "download"):
        result = run("--catalog", str(tmp_path / "new"), command, "--json", home=tmp_path)

        assert result.exit_code == ExitCode.DONE
        assert result.stdout == "[]\n"
        assert "nothing ordered yet" in result.stderr
    assert not (tmp_path / "new").exists()


def test_each_kind_of_error_has_its_exit_code() -> None:
    wrong = as_failure(RequestError("a"), verbosity=0)
    refused = as_failure(AuthenticationError("b"), verbosity=0)
    full = as_failure(OSError(28, "No space left on device"), verbosity=0)

    assert isinstance(wrong, Failure)
    assert isinstance(refused, Failure)
    assert isinstance(full, Failure)
    assert (wrong.code, refused.code, full.code) == (2, 1, 1)
    assert "No space left on device" in full.message


def test_a_bug_is_one_line_that_asks_for_a_report(capsys: pytest.CaptureFixture[str]) -> None:
    failure = as_failure(KeyError("tile"), verbosity=0)

    assert isinstance(failure, Failure)
    assert show(failure) == ExitCode.FAILED
    assert "please report it" in one_line(capsys.readouterr().err)


def test_the_traceback_comes_with_vv_only(capsys: pytest.CaptureFixture[str]) -> None:
    as_failure(ServiceError("down"), verbosity=1)
    assert capsys.readouterr().err == ""

    as_failure(ServiceError("down"), verbosity=2)
    assert "ServiceError: down" in capsys.readouterr().err


def test_a_message_of_several_lines_becomes_one(capsys: pytest.CaptureFixture[str]) -> None:
    show(click.UsageError("first\n  second."))

    assert one_line(capsys.readouterr().err) == "first second; see 'peps-stac --help'"


@pytest.mark.parametrize(
    ("failed", "succeeded", "running", "code"),
    [(0, 0, 0, 0), (0, 2, 0, 0), (1, 0, 0, 1), (1, 2, 0, 4), (0, 2, 1, 3), (1, 1, 1, 3)],
)
def test_what_still_runs_comes_before_what_failed(
    failed: int, succeeded: int, running: int, code: int
) -> None:
    """3 says that it is worth coming back; the failures are told then."""
    assert share_failed(failed=failed, succeeded=succeeded, running=running) == code
