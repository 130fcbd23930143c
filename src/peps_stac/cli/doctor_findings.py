"""What `doctor` finds: one line each, and what to do about it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from peps_stac.cli.settings import Settings
from peps_stac.errors import PepsStacError

REPORT = "report it, with the output of peps-stac doctor --json"


class State(StrEnum):
    """How it stands."""

    GOOD = "good"
    NOTE = "note"
    """Worth knowing; nothing is wrong."""
    WARNING = "warning"
    """Something will not work as well as it could, or not for long."""
    PROBLEM = "problem"
    """Some commands cannot do their work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line."""

    area: str
    name: str
    state: State
    found: str
    advice: str = ""
    """What to do; never empty when it is not good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What is examined."""

    settings: Settings
    environ: Mapping[str, str]
    login: bool = False
    offline: bool = False


def good(area: str, name: str, found: str) -> Finding:
    """All is well."""
    return Finding(area, name, State.GOOD, found)


def note(area: str, name: str, found: str, advice: str) -> Finding:
    """Worth knowing."""
    return Finding(area, name, State.NOTE, found, advice)


def warning(area: str, name: str, found: str, advice: str) -> Finding:
    """To be looked at."""
    return Finding(area, name, State.WARNING, found, advice)


def problem(area: str, name: str, found: str, advice: str) -> Finding:
    """To be mended."""
    return Finding(area, name, State.PROBLEM, found, advice)


def blamed(area: str, name: str, error: Exception, advice: str) -> Finding:
    """The problem that an error tells; what one of ours advises itself, first."""
    if not isinstance(error, PepsStacError):
        return problem(area, name, f"{type(error).__name__}: {error}", advice)
    found, _, own = str(error).rpartition("; ")
    return problem(area, name, found or str(error), own if found else advice)


def examined(area: str, check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """What a check finds; when it breaks, that is a finding too, and the others go on."""
    try:
        yield from check()
    except Exception as error:  # noqa: BLE001 -- what is broken is what this command is for
        kind = type(error).__name__
        yield problem(area, "this check", f"broke off: {kind}: {error}", REPORT)


def existing(path: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    whole = path.absolute()
    return next((one for one in (whole, *whole.parents) if one.is_dir()), Path(whole.anchor))
