"""`peps-stac completion`: what makes a shell complete the words of this command line."""

import sys

import click
from click.shell_completion import get_completion_class

from peps_stac.cli.errors import ExitCode
from peps_stac.cli.helping import Command
from peps_stac.cli.output import tell

EXAMPLES = (
    ("bash, in ~/.bashrc", 'eval "$(peps-stac completion bash)"'),
    ("zsh, in ~/.zshrc after compinit", 'eval "$(peps-stac completion zsh)"'),
    ("fish, in ~/.config/fish/config.fish", "peps-stac completion fish | source"),
)

PROGRAM = "peps-stac"
VARIABLE = "_PEPS_STAC_COMPLETE"
"""Tells the program that it is asked for words; click makes this name of the program's."""


@click.command("completion", cls=Command, examples=EXAMPLES)
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@click.pass_context
def command(ctx: click.Context, shell: str) -> int:
    """Print the lines that make bash, zsh or fish complete commands, options and values.

    Values are tiles, Item ids and Collections that the catalog has, providers, states of orders,
    and files. It works for the program by its name, peps-stac, once it is on the PATH.
    """
    complete = get_completion_class(shell)
    if complete is None:
        raise click.UsageError(f"click {shell} completion is not there")
    click.echo(complete(ctx.find_root().command, {}, PROGRAM, VARIABLE).source())
    if sys.stdout.isatty():
        purpose, line = next(one for one in EXAMPLES if shell in one[1])
        tell(f"to use it: {purpose}: {line}")
    return ExitCode.DONE
