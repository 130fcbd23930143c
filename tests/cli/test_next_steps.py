"""Each command says what to type next, in one line on stderr that may be copied."""

import shlex
from dataclasses import fields
from pathlib import Path

import pytest

from builders_cli import Run
from peps_stac.cli.next_steps import tell_next
from peps_stac.cli.search import command
from peps_stac.cli.selection import Selection
from peps_stac.simulator import Script, Simulator

DAY = ("-t", "31TCJ", "--datetime", "2017-11-27")
CLOUDY = ("-t", "31TCJ", "--datetime", "2017-11-17")


def next_of(said: str) -> str:
    """The one line, without its reason."""
    [line] = [one for one in said.splitlines() if one.startswith("next: ")]
    return line.removeprefix("next: ").partition("  # ")[0]


def test_from_the_search_to_the_map_each_command_names_the_next(
    peps_stac: Run, simulator: Simulator
) -> None:
    assert next_of(peps_stac("search", *DAY).stderr) == "peps-stac order " + " ".join(DAY)
    assert next_of(peps_stac("status").stderr).startswith("peps-stac order -t ")
    assert next_of(peps_stac("order", *DAY).stderr) == "peps-stac download --watch"
    assert next_of(peps_stac("status").stderr) == "peps-stac download --watch"
    simulator.clock.advance(hours=3)
    assert next_of(peps_stac("watch").stderr) == "peps-stac download"
    assert next_of(peps_stac("status").stderr) == "peps-stac download"
    assert next_of(peps_stac("download", "--assets", "zip").stderr) == "peps-stac browse"
    assert "next: " not in peps_stac("status").stderr
    assert "next: " not in peps_stac("download").stderr


def test_the_catalog_that_was_typed_is_typed_again(
    peps_stac: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = peps_stac("--catalog", "my catalog", "search", *DAY).stderr

    assert shlex.split(next_of(said))[:3] == ["peps-stac", "--catalog", "my catalog"]


def test_products_of_theia_are_saved_and_then_fetched(peps_stac: Run, simulator: Simulator) -> None:
    env = {"PEPS_STAC_PROVIDER": "geodes", "PEPS_STAC_GEODES_URL": simulator.url}
    words = ("search", "-t", "31TCJ", "--datetime", "2017-11-12")

    l1c = next_of(peps_stac(*words, **env).stderr)
    l2a = next_of(peps_stac(*words, "--level", "L2A", "--save", **env).stderr)

    assert l1c.startswith("peps-stac --provider geodes search -t 31TCJ ")
    assert l1c.endswith("--level L2A --save")
    assert l2a == "peps-stac download"


def test_what_failed_may_be_tried_again(peps_stac: Run, simulator: Simulator) -> None:
    peps_stac("order", *DAY)
    [job] = simulator.jobs
    simulator.jobs.script(job.id, Script(words=((0, "FAILED"),)))

    assert next_of(peps_stac("status").stderr) == "peps-stac retry --status failed --dry-run"


@pytest.mark.parametrize("options", [("--json",), ()])
def test_nothing_is_named_to_a_program_or_to_who_wants_silence(
    options: tuple[str, ...], peps_stac: Run
) -> None:
    quiet = () if options else ("-q",)
    assert "next: " not in peps_stac(*quiet, "search", *DAY, *options).stderr


def test_a_line_that_would_be_long_goes_without_its_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tell_next("order -t 31TCJ", "orders MAJA")
    tell_next("order " + "-t 31TCJ " * 7, "orders MAJA")

    short, long = capsys.readouterr().err.splitlines()
    assert short.endswith("  # orders MAJA")
    assert "#" not in long


@pytest.mark.parametrize(
    "line",
    [
        "-t 31TCJ -t 31TDJ -o 51 -d 2017-11-01 -f 2017-12-01 --cloud-cover 20.0 --limit 3",
        "-l 'Saint-Lys August' --platform S2A",
        "--lon 1.0 --lat 43.5",
        "--bbox 1,43,2,44",
        "--lonmin 1.0 --latmin 43.0 --lonmax 2.0 --latmax 44.0",
    ],
)
def test_a_selection_is_typed_as_it_was(line: str) -> None:
    given = command.make_context("search", shlex.split(line)).params
    names = {field.name for field in fields(Selection)}

    assert Selection(**{name: given[name] for name in names}).words == line
    assert Selection().words == ""
