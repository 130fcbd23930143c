"""The options that say which files of a product are kept, and in what form."""

from typing import TYPE_CHECKING, Any

import click

from peps_stac.cli.options import AnyFunction

if TYPE_CHECKING:
    from peps_stac.workflow import AssetChoice

_MODES = ("cog", "raw", "zip")


def asset_options(command: AnyFunction) -> AnyFunction:
    """Add `--assets`, `--include`, `--exclude` and `--workers`; they come as `**assets`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def asset_choice(given: dict[str, Any]) -> "AssetChoice":
    """The choice that the options make.

    Args:
        given: Their values by name, as click passes them.
    """
    from peps_stac.workflow import AssetChoice, AssetMode

    mode = given["assets"]
    return AssetChoice(
        mode=mode and AssetMode(mode),
        include=given["include"],
        exclude=given["exclude"],
        workers=given["workers"],
    )


_OPTIONS = (
    click.option(
        "--assets",
        type=click.Choice(_MODES),
        help="cog: each raster as a lossless COG, with previews (default with the extra raster); "
        "raw: files as delivered; zip: rasters inside the archive as it is.",
    ),
    click.option(
        "--include",
        multiple=True,
        metavar="KEY",
        help="Only assets whose key matches, such as 'B*' or CLM_R1; repeatable.",
    ),
    click.option(
        "--exclude",
        multiple=True,
        metavar="KEY",
        help="No assets whose key matches, such as 'SRE_*'; a later run without it adds them.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(min=1),
        default=2,
        metavar="N",
        show_default=True,
        help="Processes that convert rasters at once; each may need 1.5 GB.",
    ),
)
