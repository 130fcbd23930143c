"""`docs/faults.md`: what a run of the fault matrix did, as a page."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from expectations import REWRITE

PAGE = Path(__file__).parents[1] / "docs" / "faults.md"

_INTRO = """\
# Faults

What happens to a download when something goes wrong: {count} kinds of trouble, each put between
the program and the simulator by a proxy that works byte by byte. The tables are written by the
run of `tests/test_fault_matrix.py`, which fails when the program does anything else.

In each row two files are to be fetched, and the trouble befalls requests for one of them. The
other one arrives, except where the trouble is that of the account or of this machine. After each
row everything in the catalog is compared, byte by byte, with what the service has, and opened.
Then the command is run again without trouble, and in the end both files are there. `{{…}}` stands
for what differs from run to run.

Going on means: the last 64 KiB of what came are asked for again and compared, and nothing else is
fetched twice. `tests/test_fault_storm.py` counts that at the proxy over more than 500 troubles,
several for each of many files, with kills of the process among them: what can be completed is,
the rest is reported, and nothing wrong is catalogued.
"""
_HEAD = """
| what goes wrong | what the program does | exit code | what it says | the next run |
| --- | --- | --- | --- | --- |
"""
_VARYING = (
    (re.compile(r"https?://127\.0\.0\.1:\d+/(?:[^\s;]*/)?(?=[\w.-]+)"), ""),
    (re.compile(r"https?://127\.0\.0\.1:\d+"), "https://…"),
    (re.compile(r"(?<=damaged: )[^;]*(?=;)"), "…"),
    (re.compile(r"SENTINEL2[\w-]+/\S+?(?=:)"), "MEMBER"),
    (re.compile(r"(?:SENTINEL2|S2)[\w-]+\.zip"), "FILE.zip"),
    (re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?(?= UTC)|\d\d:\d\d(?= UTC)"), "{…}"),
    (re.compile(r"b'PK[^']*'"), "{…}"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "{…}"),
    (re.compile(r"/\S*/(?=\.quarantine|\.downloads)"), ""),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}"), "{…}"),
    (re.compile(r"\b\d{4,}\b(?! s\))"), "{…}"),
    (re.compile(r"(?:about )?\d+(?:\.\d+)? [kMG]B"), "{…}"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it was."""

    title: str
    does: str
    code: str
    says: str
    then: str


def assert_page(groups: Mapping[str, Iterable[Line]]) -> None:
    """The page is what a run did; written anew on demand, like whole documents."""
    made = page(groups)
    if os.environ.get(REWRITE):
        PAGE.write_text(made, encoding="utf-8")
        pytest.fail(f"{PAGE.name} was rewritten; read the difference, then run without {REWRITE}")
    assert made == PAGE.read_text(encoding="utf-8")


def page(groups: Mapping[str, Iterable[Line]]) -> str:
    """The whole page."""
    lists = {name: list(lines) for name, lines in groups.items()}
    text = _INTRO.format(count=sum(map(len, lists.values())))
    for name, lines in lists.items():
        rows = (
            f"| {one.title} | {one.does} | {one.code} | {one.says or '-'} | {one.then} |\n"
            for one in lines
        )
        text += f"\n## {name}\n{_HEAD}{''.join(rows)}"
    return text


def without_what_varies(said: str) -> str:
    """A line of the program without addresses, numbers and times, fit for a table."""
    for pattern, instead in _VARYING:
        said = pattern.sub(instead, said)
    return said.replace("|", "\\|")
