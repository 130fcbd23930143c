"""One page per command, read from click: whatever `--help` says is here, and nothing else.

A command that is added to the package has a page at the next build.
"""

import html
import inspect
import re
import textwrap
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import click

from peps_stac.cli import SECTIONS, main
from peps_stac.cli.helping import Command, Example

PROGRAM = "peps-stac"
PROJECT = Path(__file__).parents[2] / "pyproject.toml"
OLD_COMMANDS = "peps_stac.cli.legacy_"
"""How the home of each of the old scripts' commands begins."""

_CODE = re.compile(r"(?<![\w/<-])(--?[A-Za-z][\w-]*|PEPS_STAC_[A-Z_]+|[\w~.-]*/[\w./{}-]*\w/?)")
"""What is typed or set: options, variables, paths."""

_SPECIAL = re.compile(r"([\\`*_\[\]#|])")
_EXIT_CODES = "What the numbers mean in general: [exit codes](index.md#exit-codes)."


@dataclass(frozen=True, slots=True)
class CommandPage:
    """The page of one command."""

    name: str
    """The command alone: `add`."""
    summary: str
    """Markdown, one line."""
    text: str
    """Markdown, the whole page."""

    @property
    def path(self) -> str:
        """Its file among those of the commands."""
        return f"{self.name}.md"


def sections() -> Iterator[tuple[str, list[CommandPage]]]:
    """The headings of `peps-stac --help`, with a page for each command below them."""
    with click.Context(main, info_name=PROGRAM, **main.context_settings) as parent:
        for heading, lines in SECTIONS.items():
            yield heading, [_known(name, line, parent) for name, line in lines.items()]


def old_commands() -> list[CommandPage]:
    """A page for each of the old scripts' commands."""
    scripts: dict[str, str] = tomllib.loads(PROJECT.read_text())["project"]["scripts"]
    homes = {name: home.split(":") for name, home in scripts.items() if OLD_COMMANDS in home}
    return [
        _page(getattr(import_module(module), command), name, None)
        for name, (module, command) in homes.items()
    ]


def overview(found: Sequence[tuple[str, list[CommandPage]]]) -> str:
    """All commands in their sections, then what stands before and behind each of them."""
    rows = "\n".join(
        f"| **{heading}** | |\n"
        + "\n".join(f"| [`{page.name}`]({page.path}) | {page.summary} |" for page in pages)
        for heading, pages in found
    )
    with click.Context(main, info_name=PROGRAM, **main.context_settings) as context:
        usage = " ".join([PROGRAM, *main.collect_usage_pieces(context)])
        options = "\n\n".join(_options(main, context, level=2))
    return (
        f"```text\n{usage}\n```\n\n| command | what it does |\n| --- | --- |\n{rows}\n\n{options}\n"
    )


def prose(text: str) -> str:
    """Plain help text as Markdown: what is typed in code, everything else as it stands."""
    parts = _CODE.split(text)
    return "".join(
        f"`{part}`" if number % 2 else _SPECIAL.sub(r"\\\1", html.escape(part, quote=False))
        for number, part in enumerate(parts)
    )


def _known(name: str, summary: str, parent: click.Context) -> CommandPage:
    command = main.get_command(parent, name)
    if command is None:
        raise LookupError(f"{name} has a line in SECTIONS, and is no command")
    return _page(command, name, parent, summary)


def _page(
    command: click.Command, name: str, parent: click.Context | None, summary: str | None = None
) -> CommandPage:
    with click.Context(command, info_name=name, parent=parent) as context:
        usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
        parts = [
            f"# {context.command_path}",
            f"```text\n{usage}\n```",
            *_paragraphs(command.help or ""),
            *_examples(command),
            *_options(command, context, level=2),
            *_paragraphs(command.epilog or ""),
            *([_EXIT_CODES] if parent else []),
        ]
    first = summary or inspect.cleandoc(command.help or "").partition("\n\n")[0]
    return CommandPage(name, prose(" ".join(first.split())), "\n\n".join(parts) + "\n")


def _paragraphs(text: str) -> Iterator[str]:
    """The text of a help; what is indented, or marked to be left alone, as it stands."""
    for block in inspect.cleandoc(text).split("\n\n"):
        as_it_stands = block.removeprefix("\b\n")
        if as_it_stands != block or block.startswith(" "):
            yield f"```text\n{textwrap.dedent(as_it_stands)}\n```"
        elif block.strip():
            yield prose(block)


def _examples(command: click.Command) -> Iterator[str]:
    examples: Sequence[Example] = command.examples if isinstance(command, Command) else ()
    if examples:
        yield "## Examples"
    for purpose, lines in _joined(examples):
        yield f"{prose(purpose)}:" if purpose else ""
        yield "```sh\n" + "\n".join(lines) + "\n```"


def _joined(examples: Sequence[Example]) -> list[tuple[str, list[str]]]:
    """Each purpose with all of its lines."""
    found: list[tuple[str, list[str]]] = []
    for purpose, line in examples:
        if purpose or not found:
            found.append((purpose, []))
        found[-1][1].append(line)
    return found


def _options(command: click.Command, context: click.Context, *, level: int) -> Iterator[str]:
    for heading, records in _groups(command, context):
        yield f"{'#' * level} {heading}"
        for names, text in records:
            yield f"`{names}`\n:   {prose(text)}"


def _groups(
    command: click.Command, context: click.Context
) -> list[tuple[str, list[tuple[str, str]]]]:
    if isinstance(command, Command):
        return list(command.groups(context))
    records = [option.get_help_record(context) for option in command.get_params(context)]
    return [("Options", [record for record in records if record])]
