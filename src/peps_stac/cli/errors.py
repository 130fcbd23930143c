"""How a command ends: exit codes, and errors as one line on stderr."""

import sys
from enum import IntEnum

import click

from peps_stac.cli.output import printable
from peps_stac.errors import PepsStacError, RequestError

_TRACEBACK_FROM = 2


class ExitCode(IntEnum):
    """What the shell sees (DESIGN, section 3)."""

    DONE = 0
    FAILED = 1
    WRONG_USAGE = 2
    STILL_RUNNING = 3
    PARTLY_FAILED = 4
    INTERRUPTED = 130
    """128 and the number of the signal, as shells count."""


class Failure(click.ClickException):
    """A command that cannot go on: one line and an exit code."""

    def __init__(self, message: str, exit_code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message)
        self.code = exit_code


def as_failure(error: Exception, *, verbosity: int) -> Exception:
    """The failure that an exception stands for; the traceback is printed when asked for.

    A closed pipe stays what it is: click ends quietly on it.
    """
    if isinstance(error, BrokenPipeError):
        return error
    if verbosity >= _TRACEBACK_FROM:
        _print_traceback(error)
    if isinstance(error, RequestError):
        return Failure(str(error), ExitCode.WRONG_USAGE)
    if isinstance(error, (PepsStacError, OSError)):
        return Failure(str(error))
    name = type(error).__name__
    return Failure(f"unexpected {name}: {error}; -vv shows where: please report it")


def show(error: click.ClickException) -> int:
    """Print a click exception as `peps-stac: error: ...`, one line, on stderr; its exit code."""
    if type(error).__name__ == "NoArgsIsHelpError":  # click 8.2 and later
        error.show()
        return error.exit_code
    line = " ".join(error.format_message().split())
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx else "peps-stac"
        line = f"{line.rstrip('.')}; see '{path} --help'"
    click.echo(f"peps-stac: error: {printable(line)}", err=True)
    return error.code if isinstance(error, Failure) else error.exit_code


def share_failed(*, failed: int, succeeded: int, running: int = 0) -> ExitCode:
    """The exit code of a command over many parts.

    What still runs comes first: it says that it is worth coming back.
    """
    if running:
        return ExitCode.STILL_RUNNING
    if failed:
        return ExitCode.PARTLY_FAILED if succeeded else ExitCode.FAILED
    return ExitCode.DONE


def _print_traceback(error: Exception) -> None:
    import traceback

    sys.stderr.write(printable("".join(traceback.format_exception(error))))
