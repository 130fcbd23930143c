"""The command line `peps-stac`: one small module per command, loaded when it is called.

Only click and the few words of `options` and `errors` are imported here, so that `--help` is
as quick as click itself.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from peps_stac.cli.completing import words
from peps_stac.cli.errors import ExitCode, as_failure, show
from peps_stac.cli.helping import Command
from peps_stac.cli.options import GlobalOptions, misplaced

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

SECTIONS = {
    "Find and order": {
        "search": "Find Sentinel-2 scenes; print them, or save them in the catalog.",
        "order": "Order MAJA processing of scenes.",
        "status": "Show every order and where it stands.",
        "watch": "Follow the orders until all are finished.",
        "cancel": "Cancel orders at the service.",
        "retry": "Order once more what failed, is missing or is gone.",
        "adopt": "Take over orders made elsewhere.",
    },
    "Fetch and catalogue": {
        "download": "Fetch, convert and catalogue what is finished.",
        "sync": "Make the catalog complete for tiles and a period.",
        "add": "Catalogue MAJA products that are already on disk.",
        "validate": "Check the catalog: schemas, links, files.",
    },
    "Look": {
        "items": "Find Items in the catalog.",
        "report": "Show which dates are there, and why others are not.",
        "browse": "Show the catalog in a web browser: STAC Browser.",
    },
    "Help and practice": {
        "demo": "Run the whole flow on the simulator: no network, no account.",
        "simulate": "Run a PEPS of your own on this machine.",
        "login": "Check and store the account.",
        "doctor": "Check versions, settings, service, disk and catalog.",
        "completion": "Print what makes a shell complete commands and names.",
    },
}
"""The commands, as a person looks for them, with a line each."""

COMMANDS = {name: line for section in SECTIONS.values() for name, line in section.items()}
"""Each command has a module of its name, and in it a click command `command`."""

EXAMPLES = (
    ("The whole job on a simulated service, then the tiles on a map", "peps-stac demo"),
    ("", "peps-stac --catalog demo browse"),
    (
        "A month of a tile, from search to products",
        "peps-stac search -t 31TCJ --datetime 2017-11-01/2017-11-30 --save",
    ),
    ("", "peps-stac order -t 31TCJ --datetime 2017-11-01/2017-11-30"),
    ("", "peps-stac download --watch"),
    ("Archives of your own", "peps-stac --catalog mine add ~/downloads/*.zip"),
)

_EPILOG = (
    "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 some orders still running, "
    "4 some parts failed and some succeeded."
)

_TYPED = "peps_stac.typed"


class LazyGroup(Command, click.Group):
    """Knows its commands by name, and loads the module of the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """The names, in the order of the work rather than of the alphabet."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- click's signature
        """The command of that name; None when there is none."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"peps_stac.cli.{cmd_name}").command
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem[str]]":
        """The commands and options that a word may become, without loading any command."""
        from click.shell_completion import CompletionItem

        fitting = [name for name in COMMANDS if name.startswith(incomplete)]
        found = [CompletionItem(name, help=COMMANDS[name]) for name in fitting]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a line per command without loading any, then the options."""
        self.format_commands(ctx, formatter)
        super().format_options(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- click's signature
        """Write the commands in their sections, below each other."""
        widest = max(map(len, COMMANDS))
        for heading, commands in SECTIONS.items():
            with formatter.section(heading):
                formatter.write_dl([(f"{name:<{widest}}", line) for name, line in commands.items()])

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401 -- click's signature
    ) -> click.Context:
        """As click's; what was typed is kept for the log."""
        typed = list(args)
        ctx = super().make_context(info_name, args, parent, **extra)
        ctx.meta[_TYPED] = typed
        return ctx

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; whatever goes wrong becomes one line, and a traceback with -vv."""
        try:
            return self._told(ctx) if ctx.params["verbose"] else super().invoke(ctx)
        except click.NoSuchOption as error:
            raise misplaced(error) from error
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            raise as_failure(error, verbosity=ctx.params["verbose"]) from error

    def _told(self, ctx: click.Context) -> object:
        """The same, with what was typed and how it ended in the log."""
        import time

        from peps_stac.cli.logs import tell_end

        began, code = time.monotonic(), "an error"
        try:
            found = super().invoke(ctx)
            code = str(int(found or 0)) if isinstance(found, int | None) else "0"
        finally:
            tell_end(code, time.monotonic() - began)
        return found

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


def _version(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 -- click's signature
    if not value:
        return
    from importlib.metadata import version

    click.echo(f"peps-stac {version('peps-stac')}")
    ctx.exit()


@click.group(
    "peps-stac",
    cls=LazyGroup,
    epilog=_EPILOG,
    examples=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--catalog",
    type=click.Path(file_okay=False),
    metavar="DIR",
    envvar="PEPS_STAC_CATALOG",
    help="The catalog: a folder, or s3://bucket/prefix, which items, add and validate can read "
    "and add to.  [default: ./catalog; env: PEPS_STAC_CATALOG]",
)
@click.option(
    "--provider",
    metavar="NAME",
    envvar="PEPS_STAC_PROVIDER",
    shell_complete=words("peps", "geodes"),
    help="The service to ask.  [default: peps; env: PEPS_STAC_PROVIDER]",
)
@click.option(
    "-v",
    "--verbose",
    count=True,
    help="Say what is asked, of whom and what comes back; -vv shows tracebacks, too.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but results and errors.")
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show it."
)
@click.pass_context
def main(
    ctx: click.Context, catalog: str | None, provider: str | None, verbose: int, *, quiet: bool
) -> None:
    """From Sentinel-2 scenes to a local STAC catalog of MAJA L2A tiles.

    Search scenes, order their MAJA processing, download what is finished: everything is kept
    in one folder, a static STAC catalog.
    """
    if verbose and quiet:
        raise click.UsageError("-v and -q exclude each other; give one")
    from pathlib import Path

    given = ctx.get_parameter_source("catalog") is click.core.ParameterSource.COMMANDLINE
    ctx.obj = GlobalOptions(
        catalog=None if catalog is None else Path(catalog),
        catalog_is_given=given,
        provider=provider,
        verbosity=verbose,
        quiet=quiet,
    )
    ctx.obj.start_logging()
    if verbose:
        from peps_stac.cli.logs import tell_start

        tell_start(ctx.meta[_TYPED])
