"""What the commands with the old names share: how they read words, and the new line they run.

The scripts of `maja_peps` were four; each is now an old command line in front of `peps-stac`.
It says the equivalent new line and, where that does exactly the same, runs that very line.
"""

import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from peps_stac.cli.errors import ExitCode, as_failure, show
from peps_stac.cli.options import GlobalOptions, global_options
from peps_stac.cli.output import tell

CATALOG_NAME = "catalog"
"""Name of the catalog in the old write directory; peps-stac's own default in the current one."""


class LegacyCommand(click.Command):
    """A command line as Python's optparse read it, with the exit codes of `peps-stac`.

    Long options may be cut short, and words that belong to no option are of no consequence.
    """

    allow_extra_args = True

    def __init__(self, name: str, **extra: Any) -> None:  # noqa: ANN401 -- click's signature
        extra["context_settings"] = {
            "help_option_names": ["-h", "--help"],
            "max_content_width": 100,
        }
        super().__init__(name, no_args_is_help=True, **extra)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse them, long options that were cut short first written in full."""
        known = [name for param in self.get_params(ctx) for name in param.opts]
        return super().parse_args(ctx, written_in_full(args, known))

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; whatever goes wrong becomes one line."""
        GlobalOptions().start_logging()
        if ctx.args:
            tell(f"ignored, as it belongs to no option: {shlex.join(ctx.args)}")
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            raise as_failure(error, verbosity=0) from error

    def main(self, args: Sequence[str] | None = None, *more: Any, **extra: Any) -> Any:  # noqa: ANN401 -- click's signature
        """Run the command line and leave with the exit code that the command answers."""
        extra["standalone_mode"] = False
        try:
            code = super().main(args, *more, **extra)
        except click.Abort:
            click.echo("\npeps-stac: stopped; the same command goes on where it was", err=True)
            sys.exit(ExitCode.INTERRUPTED)
        except click.ClickException as error:
            sys.exit(show(error))
        sys.exit(code if isinstance(code, int) else ExitCode.DONE)


def written_in_full(words: Sequence[str], known: Sequence[str]) -> list[str]:
    """The words of a command line, each long option that only one name begins with spelt out."""
    long_names = [name for name in known if name.startswith("--")]
    full = []
    for word in words:
        name, equals, value = word.partition("=")
        fits = [one for one in long_names if one.startswith(name)]
        is_short = name.startswith("--") and len(name) > len("--") and name not in long_names
        full.append(f"{fits[0]}{equals}{value}" if is_short and len(fits) == 1 else word)
    return full


def old_auth_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `-a/--auth FILE`."""
    return click.option(
        "-a",
        "--auth",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="File with one line: e-mail, blank, password. May be left out when the account is "
        "known otherwise (see peps-stac login).",
    )(command)


def write_dir_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `-w/--write_dir DIR`."""
    return click.option(
        "-w",
        "--write_dir",
        type=click.Path(path_type=Path, file_okay=False),
        default=".",
        show_default=True,
        metavar="DIR",
        help="Where logs and products go: the catalog is DIR/catalog, unless PEPS_STAC_CATALOG "
        "names one.",
    )(command)


def use_catalog_in(write_dir: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """Make the catalog of an old write directory that of the running command; its path.

    A catalog that the environment or the configuration file names comes first: so one catalog
    holds what was ordered and downloaded in many directories.
    """
    from peps_stac.cli.settings import config_path, read_config

    named = environ.get("PEPS_STAC_CATALOG") or read_config(config_path()).get("catalog")
    catalog = Path(named).expanduser() if named else write_dir / CATALOG_NAME
    click.get_current_context().obj = GlobalOptions(
        catalog=catalog, catalog_is_given=not named and catalog != Path(CATALOG_NAME)
    )
    return catalog


def run_line(*words: str) -> int:
    """Say and run `peps-stac WORDS` on the catalog of the running command; its exit code."""
    from peps_stac.cli import main

    say_line(*words)
    chosen = ["--catalog", str(global_options().catalog)]
    with main.make_context("peps-stac", [*chosen, *words]) as ctx:
        code = main.invoke(ctx)
    return code if isinstance(code, int) else ExitCode.DONE


def say_line(*words: str) -> None:
    """Say `= peps-stac WORDS`, the new line that does the same."""
    options = global_options()
    chosen = ["--catalog", str(options.catalog)] if options.catalog_is_given else []
    tell(f"= {shlex.join(['peps-stac', *chosen, *words])}")


def auth_words(auth: Path | None) -> list[str]:
    """The option of the new line that names a password file."""
    return [] if auth is None else ["-a", str(auth)]
