"""The options that stand before the command, and those that many commands share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pathlib import Path

AnyFunction = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalOptions:
    """What was given before the command; None: not given."""

    catalog: "Path | None" = None
    catalog_is_given: bool = False
    """Whether `--catalog` itself was typed, rather than set in the environment."""
    provider: str | None = None
    verbosity: int = 0
    quiet: bool = False

    def start_logging(self) -> None:
        """Send the package's log to stderr: warnings, with -v what is asked, with -vv all."""
        from peps_stac.cli import logs

        logs.start(self.verbosity, quiet=self.quiet)


def global_options() -> GlobalOptions:
    """Those of the command that is running."""
    ctx = click.get_current_context(silent=True)
    found = ctx.find_object(GlobalOptions) if ctx else None
    return found or GlobalOptions()


def misplaced(error: click.NoSuchOption) -> click.UsageError:
    """The same complaint, with the way out when a global option stands after the command."""
    if error.option_name in ("--catalog", "--provider", "--quiet", "--verbose", "-q", "-v"):
        name = error.ctx.info_name if error.ctx else "COMMAND"
        message = f"{error.option_name} goes before the command: "
        return click.UsageError(f"{message}peps-stac {error.option_name} ... {name} ...", error.ctx)
    return error


def json_option(command: AnyFunction) -> AnyFunction:
    """Add `--json`."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print JSON, and nothing else, on stdout."
    )(command)


def auth_option(command: AnyFunction) -> AnyFunction:
    """Add `-a/--auth FILE`."""
    from pathlib import Path

    return click.option(
        "-a",
        "--auth",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="File with one line: e-mail, blank, password. Otherwise the account comes from "
        "PEPS_STAC_USERNAME and PEPS_STAC_PASSWORD, the keyring or ~/.netrc.",
    )(command)


def cache_option(command: AnyFunction) -> AnyFunction:
    """Add `--no-cache`."""
    return click.option(
        "--no-cache",
        is_flag=True,
        help="Ask the service again instead of using answers kept for an hour.",
    )(command)
