"""One page is one session: a bash, and beside it a Python that sees the same variables."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from page_blocks import Unit

_TESTS = Path(__file__).parent
_ANSWERS = 9
"""Descriptor on which both processes answer."""
_PATIENCE_S = 20
"""For processes that were asked to end; then they are killed."""


@dataclass(frozen=True, slots=True)
class Process:
    """Something that takes lines and answers each with a line, or ends."""

    process: subprocess.Popen[str]
    answers: IO[str]

    def ask(self, line: str) -> str | None:
        """What it says besides `done`; None when it has ended instead."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(f"{line}\n")
            self.process.stdin.flush()
        word, _, rest = self.answers.readline().rstrip("\n").partition(" ")
        return rest if word == "done" else None


@dataclass(frozen=True, slots=True)
class Session:
    """Where the lines of a page are run."""

    page: str
    folder: Path
    shell: Process
    python: Process

    def run(self, unit: Unit, code: str) -> None:
        """Type `code`, which is that of the unit with real values in place of placeholders.

        Raises:
            AssertionError: It failed, or answered something else than the page shows.
        """
        file = self.folder / f"line{unit.line}.{unit.language}"
        file.write_text(code)
        said = file.with_suffix(".out")
        is_well = (self._type if unit.language == "sh" else self._execute)(unit, file, said)
        text = said.read_text(errors="replace").replace("\r", "") if said.exists() else ""
        told = f"{self.page}, line {unit.line}:\n{code}\n-- what came out:\n{text[-8000:]}"
        assert is_well, told
        missing = [line for line in unit.shows.splitlines() if not _is_in(line, text)]
        assert not missing, f"{told}\n-- shown in the page, and not said: {missing}"

    def _type(self, unit: Unit, file: Path, said: Path) -> bool:
        how = "shown" if unit.shows else "good"
        return self.shell.ask(f"{how} {file} {said}") is not None

    def _execute(self, unit: Unit, file: Path, said: Path) -> bool:
        variables = self.folder / "variables"
        cwd = self.shell.ask(f"state {variables} -")
        request = {"cwd": cwd, "page": self.page, "line": unit.line}
        files = {"variables": variables, "code": file, "said": said}
        return self.python.ask(json.dumps(request | files, default=str)) is not None


def _is_in(line: str, text: str) -> bool:
    """Whether a line of the page is in the text; an ellipsis stands for anything."""
    parts = (re.escape(part.strip()) for part in line.split("…"))
    return re.search(".*".join(parts), text) is not None


@contextlib.contextmanager
def a_session(page: str, folder: Path, cwd: Path, env: Mapping[str, str]) -> Iterator[Session]:
    """Both processes, and whatever they start until the block ends.

    Args:
        page: Its name, for messages.
        folder: For what is typed and what comes out.
        cwd: Where the reader stands.
        env: All environment variables.
    """
    folder.mkdir()
    inside = {**env, "PAGE_FOLDER": str(folder)}
    bash = ["bash", "--noprofile", "--norc", str(_TESTS / "page_session.sh")]
    python = [sys.executable, str(_TESTS / "page_python.py")]
    with _started(bash, cwd, inside) as shell, _started(python, cwd, inside) as interpreter:
        yield Session(page, folder, shell, interpreter)


@contextlib.contextmanager
def _started(words: list[str], cwd: Path, env: Mapping[str, str]) -> Iterator[Process]:
    reading, writing = os.pipe()
    quoted = f'exec "$@" {_ANSWERS}>&{writing}'
    process = subprocess.Popen(  # noqa: S603 -- our own programs
        ["/bin/bash", "-c", quoted, "-", *words],
        stdin=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env=dict(env),
        pass_fds=[writing],
        start_new_session=True,
    )
    os.close(writing)
    with process, os.fdopen(reading) as answers:
        try:
            yield Process(process, answers)
        finally:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """Ask the process and all that it started to end, and make sure of it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_PATIENCE_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
