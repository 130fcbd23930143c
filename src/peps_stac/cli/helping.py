"""Help that is easily read: options in groups, and lines to type at the end; click has neither.

A command says its examples where it is made. The groups are one table for all commands, as an
option means the same in each of them. Nothing but click is loaded here.
"""

from collections.abc import Sequence
from typing import Any

import click

Example = tuple[str, str]
"""What a line is for, and the line; nothing where it goes on with what the line above is for."""

OTHERS = "Other options"

GROUPS = {
    "Selection": (
        "location",
        "lon",
        "lat",
        "bbox",
        "lonmin",
        "latmin",
        "lonmax",
        "latmax",
        "intersects",
        "tiles",
        "orbit",
        "start",
        "end",
        "datetime",
        "cloud_cover",
        "platform",
        "limit",
        "level",
        "condition",
        "statuses",
        "collection",
        "all_versions",
    ),
    "What to do": (
        "save",
        "series",
        "lead_in",
        "max_open",
        "again",
        "dry_run",
        "yes",
        "watch",
        "interval",
        "timeout",
        "parallel",
        "reindex",
    ),
    "Files of a product": ("assets", "include", "exclude", "workers"),
    "Service and account": ("auth", "no_cache"),
    "Output": ("as_json", "output", "help"),
}
"""Options by their names in Python, in the order in which a person asks."""

_MANY = 10
"""Options that need groups."""

_COLUMN = 24
"""Characters of an option before its text begins on a line of its own."""


class Command(click.Command):
    """Writes its help in groups, with examples: `@click.command("search", cls=Command, ...)`."""

    def __init__(self, *args: Any, examples: Sequence[Example] = (), **attributes: Any) -> None:  # noqa: ANN401 -- click's signature
        """As click's; `examples` stand at the end of the help."""
        super().__init__(*args, **attributes)
        self.examples = tuple(examples)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, those of a long command in groups, all texts below each other."""
        groups = list(self.groups(ctx))
        widths = [len(name) for _, records in groups for name, _ in records]
        column = max(width for width in [0, *widths] if width <= _COLUMN)
        for heading, records in groups:
            with formatter.section(heading):
                formatter.write_dl(
                    [(name.ljust(column), text) for name, text in records], col_max=column
                )

    def groups(self, ctx: click.Context) -> list[tuple[str, list[tuple[str, str]]]]:
        """Headings with their options, each with its text, as the help shows them."""
        records = {
            _name(option): record
            for option in self.get_params(ctx)
            if isinstance(option, click.Option) and (record := option.get_help_record(ctx))
        }
        if len(records) <= _MANY:
            return [("Options", list(records.values()))]
        found = [
            (heading, [records.pop(name) for name in names if name in records])
            for heading, names in GROUPS.items()
        ]
        found.append((OTHERS, list(records.values())))
        return [(heading, options) for heading, options in found if options]

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, never broken, so that they can be copied; then what click has."""
        if self.examples:
            with formatter.section("Examples"):
                for purpose, line in self.examples:
                    indent = " " * formatter.current_indent
                    heading = f"{indent}{purpose}:\n" if purpose else ""
                    formatter.write(f"{heading}{indent}  {line}\n")
        super().format_epilog(ctx, formatter)


def _name(option: click.Option) -> str:
    """Its name in Python; click names `--help` otherwise in each of its versions."""
    return "help" if "--help" in option.opts else str(option.name)
