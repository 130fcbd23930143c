"""A short session on a simulated PEPS as a terminal of 80 columns shows it: `session.svg`.

The commands really run. Their time is that of the simulator, so that an hour passes at once; job
ids and the time of day are made the same for each run. `make pictures` draws the picture anew,
and without that it is checked to say what is said now.
"""

import html
import io
import os
import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import click
import pytest
from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

from builders_cli import environment
from builders_terminal import Terminal
from builders_workflow import TOULOUSE
from peps_stac.cli import live, main
from peps_stac.cli.live_table import LiveTable
from peps_stac.simulator import SimulatedClock, Simulator
from peps_stac.simulator.scenes import features
from peps_stac.workflow import TrackedOrder

PICTURE = Path(__file__).parents[2] / "docs" / "pictures" / "session.svg"
COLUMNS = 80
SCENES = "-t 31TCJ --datetime 2017-11-11/2017-11-18"
SESSION = (
    f"peps-stac search {SCENES} --save",
    f"peps-stac order {SCENES}",
    "peps-stac watch",
    "peps-stac download",
    "peps-stac items",
)
LOOK_MIN = 12.4
"""Minutes that pass from one look at the orders to the next."""

_JOB = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_TIME = re.compile(r"next look at \d\d:\d\d:\d\d")
_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


@dataclass
class Film:
    """What is on the screen, in the letters of a terminal."""

    clock: SimulatedClock
    shown: list[str] = field(default_factory=list)

    def run(self, line: str) -> None:
        """Type a line, and keep what it shows."""
        terminal = Terminal()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stdout", terminal)
            patch.setattr("sys.stderr", terminal)
            patch.setattr("peps_stac.clock.utc_now", self.clock)
            patch.setattr(live, "order_view", self.filmed(terminal))
            # Bars are gone when a command ends.
            patch.setattr("peps_stac.cli.progress.is_drawn", lambda: False)
            with pytest.raises(SystemExit):
                main(shlex.split(line)[1:])
        self.shown.append(f"\x1b[1;32m$\x1b[0m \x1b[1m{line}\x1b[0m\n{terminal.getvalue()}")

    def filmed(self, terminal: Terminal) -> Callable[..., object]:
        """The live table of `watch`; of its frames the one is kept that shows most states."""
        frames: list[str] = []

        @contextmanager
        def order_view(entries: tuple[TrackedOrder, ...]) -> Iterator[LiveTable]:
            def wait(_: float) -> None:
                frames.append(drawn(replace(table._picture, now=self.clock())))  # noqa: SLF001 -- the frame itself
                self.clock.advance(minutes=LOOK_MIN)

            nowhere = Console(file=io.StringIO(), width=COLUMNS, force_terminal=True)
            table = LiveTable(entries, console=nowhere, now=self.clock, wait=wait)
            with table.drawn():
                yield table
            words = ("ordered", "pending", "shipping", "succeeded", "failed")
            counts = [sum(word in frame for word in words) for frame in frames]
            best = [frame for frame, n in zip(frames, counts, strict=True) if n == max(counts)]
            terminal.write(f"{best[len(best) // 2]}\n")

        return order_view

    def text(self) -> str:
        """All that was shown, the same for each run."""
        text = _TIME.sub("next look at 14:30:00", "\n".join(map(in_order, self.shown)))
        ids = dict.fromkeys(_JOB.findall(text))
        for number, known in enumerate(ids, 1):
            same = f"{number}{_ID[1:]}"
            text = text.replace(known, same).replace(known[:8], same[:8])
        return text


def in_order(text: str) -> str:
    """The same with what was added in the order of names: two files are fetched at once."""
    lines = text.split("\n")
    added = sorted(line for line in lines if line.startswith("added "))
    return "\n".join(added.pop(0) if line.startswith("added ") else line for line in lines)


_ID = "0c8f0d1e-e5a0-11f1-8d27-0242ac110002"


def drawn(picture: object) -> str:
    console = Console(file=io.StringIO(), width=COLUMNS, height=30, force_terminal=True)
    with console.capture() as capture:
        console.print(picture)
    return capture.get()


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    home = tmp_path_factory.mktemp("home")
    scenes = features([TOULOUSE], date(2017, 10, 1), date(2017, 12, 31))
    clock = SimulatedClock(speed=0)
    with (
        pytest.MonkeyPatch.context() as patch,
        Simulator(scenes, size=100, clock=clock) as peps,
    ):
        account = peps.credentials
        made = {
            "COLUMNS": str(COLUMNS),
            "TERM": "xterm-256color",
            "PEPS_STAC_PEPS_URL": peps.url,
            "PEPS_STAC_USERNAME": str(account.username),
            "PEPS_STAC_PASSWORD": str(account.password),
            "PEPS_STAC_CATALOG": "toulouse",
        }
        for name in [name for name in os.environ if name.startswith("PEPS_STAC")]:
            patch.delenv(name)
        for name, value in environment(home, **made).items():
            patch.setenv(name, value)
        patch.chdir(home)
        found = Film(clock)
        for line in SESSION:
            found.run(line)
    return found


def test_the_session_goes_from_a_search_to_products(film: Film) -> None:
    search, order, watch, download, items = film.shown

    assert "3 products found" in search
    assert "3 jobs for 3 products" in order
    assert "next look at" in watch
    assert "shipping" in watch
    assert download.count("added ") == 2
    assert "2 Items found" in items


def test_it_fits_the_terminal(film: Film) -> None:
    assert max(len(click.unstyle(line)) for line in film.text().splitlines()) <= COLUMNS


def test_the_picture_of_it_is_that_of_the_documentation(film: Film) -> None:
    svg = as_svg(film.text())
    if folder := os.environ.get("PEPS_STAC_PICTURES"):
        (Path(folder) / PICTURE.name).write_text(svg, "utf-8")

    assert words_of(PICTURE.read_text("utf-8")) == words_of(svg), "run make pictures"
    drawn_text = "".join(words_of(svg))
    for line in click.unstyle(film.text()).splitlines():
        assert "".join(line.split()) in drawn_text
    assert "url(http" not in svg, "letters come from this machine"


def as_svg(text: str) -> str:
    """The picture, with no letters from another host."""
    console = Console(file=io.StringIO(), record=True, width=COLUMNS, force_terminal=True)
    console.print(Text.from_ansi(text))
    svg = console.export_svg(title="peps-stac", theme=DIMMED_MONOKAI, unique_id="session")
    return _FONT.sub("", svg)


def words_of(svg: str) -> list[str]:
    """What a picture says, without the title of its window."""
    texts = re.findall(r'<text class="session-r\d+" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)<', svg)
    rows: dict[float, str] = {}
    for _, y, text in texts:
        rows[float(y)] = rows.get(float(y), "") + html.unescape(text).replace("\xa0", " ")
    return " ".join(rows[y] for y in sorted(rows)).split()
