"""The fenced blocks of a page of the documentation, and what in them is typed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])

SHELL = frozenset({"sh", "bash"})
CONSOLE = "console"
CRON = "cron"
PYTHON = "python"
TYPED = SHELL | {CONSOLE, CRON, PYTHON}
SHOWN = frozenset({"text", "json", "toml", "xml", "ini", "csv", "mermaid", "sql"})
"""Languages of blocks that nobody types."""

_FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>`{3,})(?P<language>[^`]*)$")
_GIVEN = re.compile(r"^<!-- given: (.+?) -->$", re.MULTILINE)
_MEANWHILE = re.compile(r"^<!-- meanwhile: (.+?) -->$")
_PROMPT = "$ "
_CRON_LINE = re.compile(r"^(?:[\d*/,-]+ +){5}(?=\S)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block."""

    language: str
    line: int
    """Of its first line of code in the page, from 1."""
    code: str


@dataclass(frozen=True, slots=True)
class Unit:
    """What is typed at once."""

    language: str
    """`sh`, `python`, or `meanwhile` for what happens elsewhere."""
    line: int
    code: str
    shows: str = ""
    """What the page shows as its answer."""


def blocks(text: str) -> list[Block]:
    """All fenced blocks of a page, without the indent of a list or a tab that they stand in.

    Raises:
        ValueError: A block that is never closed.
    """
    lines, found, at = text.splitlines(), [], 0
    while at < len(lines):
        opening = _FENCE.match(lines[at])
        at += 1
        if not opening:
            continue
        first = at
        while at < len(lines) and lines[at].strip() != opening["ticks"]:
            at += 1
        if at == len(lines):
            raise ValueError(f"line {first}: the block is never closed")
        indent = len(opening["indent"])
        code = "\n".join(one[indent:] for one in lines[first:at])
        found.append(Block(opening["language"].strip(), first + 1, f"{code}\n"))
        at += 1
    return found


def units(text: str) -> list[Unit]:
    """What the page lets people type, and what happens meanwhile, in order."""
    typed = [unit for block in blocks(text) for unit in _units_of(block)]
    events = [
        Unit("meanwhile", number, match[1])
        for number, line in enumerate(text.splitlines(), start=1)
        if (match := _MEANWHILE.match(line))
    ]
    return sorted([*typed, *events], key=lambda unit: unit.line)


def given(text: str) -> list[str]:
    """What a page takes to be there, in a remark that no reader sees."""
    return [one.strip() for match in _GIVEN.findall(text) for one in match.split(",")]


def _units_of(block: Block) -> Iterator[Unit]:
    if block.language in SHELL:
        yield Unit("sh", block.line, block.code)
    elif block.language == PYTHON:
        yield Unit("python", block.line, block.code)
    elif block.language == CRON:
        for number, line in enumerate(block.code.splitlines()):
            if not (times := _CRON_LINE.match(line)):
                raise ValueError(f"line {block.line + number}: no line of cron: {line}")
            yield Unit("sh", block.line + number, line[times.end() :])
    elif block.language == CONSOLE:
        yield from _typed_at_a_prompt(block)


def _typed_at_a_prompt(block: Block) -> Iterator[Unit]:
    """Each `$ ` begins a command; what is below it until the next one is its answer."""
    lines = block.code.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith(_PROMPT)]
    if not starts or starts[0]:
        raise ValueError(f"line {block.line}: a console block begins with `$ `")
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        below = start + 1
        while lines[below - 1].endswith("\\"):
            below += 1
        command = "\n".join(lines[start:below]).removeprefix(_PROMPT)
        yield Unit("sh", block.line + start, command, "\n".join(lines[below:end]))
