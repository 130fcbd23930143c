"""Bars say how much has come, how fast, and how long it will take; at any width."""

import re
import time

import pytest

from builders_terminal import drawn
from peps_stac.cli.progress import make_bars
from peps_stac.http.receiving import Progress
from peps_stac.workflow import Step

NAME = "SENTINEL2A_20171127-105401-000_L2A_T31TCJ_D_V1-4"
RATE = r" +\d+\.\d [kMG]B/s +(\d+:)?\d\d:\d\d$"
"""And the time that is left."""


def lines(columns: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A file that comes, one of unknown size, and a product that is made."""
    monkeypatch.setenv("COLUMNS", str(columns))
    bars, reports = make_bars()
    assert reports.fetching is not None
    assert reports.making is not None
    for part in range(4):
        reports.fetching(f"{NAME}.zip", Progress(part * 2 * 10**6, 2 * 10**9))
        reports.fetching("unknown", Progress(part * 10**6, None))
        reports.making(Step(NAME, part, 40, part * 10**7, 3 * 10**9, 2, 12))
        time.sleep(0.01)
    return drawn(bars.get_renderable(), width=columns)


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_bars_tell_bytes_rate_and_the_time_that_is_left(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched, unknown, made = lines(columns, monkeypatch)

    assert max(map(len, (fetched, unknown, made))) <= columns
    assert re.search(rf" 0\.0/2\.0 GB{RATE}", fetched)
    assert re.search(r" 3\.0/\? MB +\d+\.\d [kMG]B/s", unknown)
    assert re.search(rf" 3/40 files(, 0\.0/3\.0 GB)?{RATE}", made)
    assert ("GB" in made.partition("files")[2].partition("/s")[0]) == (columns > 100)
    assert made.startswith("2/12 SENTINEL2A_2017112")
