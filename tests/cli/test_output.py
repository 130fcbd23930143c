import json

import click
import pytest
from rich.console import Console
from rich.live import Live

from builders_terminal import Terminal
from peps_stac.cli.outcomes import exit_code, show_outcomes
from peps_stac.cli.output import plural, print_json, print_table, say
from peps_stac.cli.progress import Reports, progress_bars
from peps_stac.workflow import Outcome, OutcomeState

ADDED = Outcome("A", OutcomeState.ADDED)
CLOUDY = Outcome("B", OutcomeState.TOO_CLOUDY, "above 90 % cloud")
FAILED = Outcome("C", OutcomeState.FAILED, "damaged")


def test_a_table_in_a_pipe_is_plain_aligned_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("id", "cloud"), [("longer", "1"), ("b", "")])

    assert capsys.readouterr().out == "id      cloud\nlonger  1\nb\n"


def test_a_table_on_a_terminal_folds_ids_and_loses_none(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)

    print_table(("id",), [("abcdefghij" * 3,)])

    text = click.unstyle(capsys.readouterr().out)
    assert "".join(text.split()[1:]) == "abcdefghij" * 3


def test_an_id_on_a_terminal_stays_in_one_piece_where_it_fits(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)

    print_table(("order", "note"), [("abcdefghij" * 2, "a note that needs lines of its own")])

    assert "abcdefghij" * 2 in click.unstyle(capsys.readouterr().out)


def test_json_is_one_line_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"a": [1]})

    assert capsys.readouterr().out == '{"a":[1]}\n'


def test_no_bar_is_drawn_where_nobody_looks() -> None:
    with progress_bars() as reports:
        assert reports == Reports(None, None)


def test_outcomes_are_told_as_they_come_and_counted_at_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_outcomes([ADDED, CLOUDY], as_json=False)

    told = capsys.readouterr()
    assert told.out == "added       A\ntoo cloudy  B  above 90 % cloud\n"
    assert told.err == "1 added, 1 too cloudy\n"


def test_outcomes_as_json_give_the_last_state_of_each_product(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With --watch a product may fail in one round and be added in the next."""
    again = Outcome("C", OutcomeState.ADDED)

    show_outcomes([FAILED, again], as_json=True)

    found = json.loads(capsys.readouterr().out)
    assert found == [{"name": "C", "state": "added", "detail": None}]


@pytest.mark.parametrize(
    ("outcomes", "running", "code"),
    [
        ((), 0, 0),
        ((ADDED, CLOUDY), 0, 0),
        ((ADDED, FAILED), 0, 4),
        ((FAILED,), 0, 1),
        ((ADDED,), 2, 3),
    ],
)
def test_the_exit_code_of_outcomes_follows_the_parts(
    outcomes: tuple[Outcome, ...], running: int, code: int
) -> None:
    assert exit_code(outcomes, running=running) == code


def test_a_count_takes_its_plural() -> None:
    assert (plural(1, "product"), plural(2, "product")) == ("1 product", "2 products")


@pytest.mark.parametrize("err", [True, False])
def test_a_line_is_printed_above_what_is_drawn_at_the_time(
    monkeypatch: pytest.MonkeyPatch, *, err: bool
) -> None:
    """Or the next picture would be drawn over it."""
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setattr("sys.stderr", terminal)
    console = Console(file=terminal, width=40, force_terminal=True)
    with Live("a picture", console=console, auto_refresh=False, transient=True) as picture:
        before = terminal.tell()
        say("a line", err=err)
        picture.refresh()

    text = terminal.getvalue()[before:]
    assert text.startswith("\r\x1b[2K"), text
    assert text.index("a line") < text.index("a picture")


def test_what_goes_into_a_pipe_stays_there_whatever_is_drawn_beside(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with Live("a picture", console=Console(file=terminal, force_terminal=True)):
        say("a line")

    assert capsys.readouterr().out == "a line\n"
    assert "a line" not in terminal.getvalue()


@pytest.mark.parametrize("is_terminal", [False, True])
def test_nothing_in_a_document_commands_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, is_terminal: bool
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: is_terminal)
    document = {"na\u00efve": "\x1b[2J \x9b2J \u202e \U000e0001 \x7f"}

    print_json(document)

    text = capsys.readouterr().out
    assert json.loads(text) == document
    assert "na\u00efve" in text
    assert "\x1b" not in text
    assert text.replace("\n", "").isprintable() or not is_terminal


def test_nothing_that_is_said_commands_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    say("a\x1b[2J\x9b\u202eb\u00e9\nc")
    print_table(("id",), [("\x1b]0;x\x07",)])

    assert capsys.readouterr().out == "a?[2J??b\u00e9\nc\nid\n?]0;x?\n"
