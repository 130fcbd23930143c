"""What fits a terminal of 60, 80 and 200 columns, and what one gets that knows no colours."""

import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from click import unstyle

from builders_cli import environment, run
from builders_pty import on_a_terminal
from builders_terminal import Terminal
from builders_workflow import TOULOUSE
from peps_stac.cli import main
from peps_stac.simulator import SimulatedClock, Simulator
from peps_stac.simulator.scenes import features

PERIOD = ("-t", "31TCJ", "--datetime", "2017-11-12/2017-11-22")
ID = "S2A_MSIL1C_20171119T104341_N0206_R008_T31TCJ_20171119T145415"
COLOUR = re.compile(r"\x1b\[[\d;]*3[0-9][\d;]*m")


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """Four scenes ordered and delivered; one is fetched, with the archive as it came."""
    home = tmp_path_factory.mktemp("job")
    scenes = features([TOULOUSE], date(2017, 11, 12), date(2017, 11, 22))
    with Simulator(scenes, size=100, clock=SimulatedClock(speed=0)) as peps:
        env = {
            "PEPS_STAC_PEPS_URL": peps.url,
            "PEPS_STAC_USERNAME": str(peps.credentials.username),
            "PEPS_STAC_PASSWORD": str(peps.credentials.password),
            "PEPS_STAC_CATALOG": str(home / "catalog"),
        }
        run("order", *PERIOD, home=home, env=env)
        peps.clock.advance(hours=3)
        run("download", "--assets", "zip", home=home, env=env)
        yield home, env


def shown(
    *words: str, columns: int, job: tuple[Path, dict[str, str]], patch: pytest.MonkeyPatch
) -> str:
    """What a command draws on a terminal as wide as that, of stdout alone."""
    home, env = job
    for name in [name for name in os.environ if name.startswith("PEPS_STAC")]:
        patch.delenv(name)
    wide = {"COLUMNS": str(columns), "TERM": "xterm-256color"}
    for name, value in environment(home, **{**env, **wide}).items():
        patch.setenv(name, value)
    terminal = Terminal()
    patch.setattr("sys.stdout", terminal)
    with pytest.raises(SystemExit):
        main(["-q", *words])
    return terminal.getvalue()


@pytest.mark.parametrize("columns", [60, 80, 200])
@pytest.mark.parametrize(
    "words",
    [
        ("search", *PERIOD),
        ("order", *PERIOD, "--again", "--dry-run"),
        ("order", *PERIOD, "--series", "--dry-run"),
        ("status",),
        ("items",),
        ("items", "--collection", "sentinel-2-l1c"),
        ("report",),
        ("sync", *PERIOD, "--dry-run"),
    ],
    ids=" ".join,
)
def test_a_table_fits(
    words: tuple[str, ...],
    columns: int,
    job: tuple[Path, dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = unstyle(shown(*words, columns=columns, job=job, patch=monkeypatch))

    assert text
    assert max(map(len, text.splitlines())) <= columns
    if words[0] == "search":
        assert (ID in text) == (columns >= 80), "an id is whole where there is place for it"


def test_nothing_is_coloured_in_a_pipe(job: tuple[Path, dict[str, str]]) -> None:
    home, env = job
    for words in (("status",), ("doctor", "--offline"), ("--help",)):
        assert "\x1b" not in run(*words, home=home, env=env).output


def test_nothing_is_coloured_where_nobody_wants_it(job: tuple[Path, dict[str, str]]) -> None:
    home, env = job
    text = on_a_terminal("doctor", "--offline", home=home, env={**env, "NO_COLOR": "1"})

    assert "ok" in text
    assert not COLOUR.search(text)


def test_a_dumb_terminal_gets_lines_and_neither_bars_nor_colours(
    job: tuple[Path, dict[str, str]],
) -> None:
    home, env = job
    dumb = {**env, "PEPS_STAC_CATALOG": str(home / "elsewhere"), "TERM": "dumb"}
    run("adopt", home=home, env=dumb)

    text = on_a_terminal("download", "--assets", "zip", home=home, env=dumb)

    assert "added " in text
    assert "\x1b" not in text
    assert "MB/s" not in text
