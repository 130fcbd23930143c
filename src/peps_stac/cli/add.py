"""`peps-stac add`: catalogue the products a person already owns."""

from collections.abc import Sequence
from contextlib import suppress
from glob import glob, has_magic
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from peps_stac.cli.assets import asset_choice, asset_options
from peps_stac.cli.connect import open_catalog
from peps_stac.cli.helping import Command
from peps_stac.cli.next_steps import after_products
from peps_stac.cli.options import global_options, json_option
from peps_stac.cli.output import tell
from peps_stac.cli.progress import progress_bars
from peps_stac.cli.settings import load_settings
from peps_stac.errors import RequestError

EXAMPLES = (
    ("Archives and unpacked products, at any depth", "peps-stac add ~/downloads/*.zip ~/theia"),
    (
        "Files as MAJA wrote them, without the SRE bands",
        "peps-stac add --assets raw --exclude 'SRE_*' ~/theia",
    ),
    (
        "By the machines of a Dask cluster",
        "peps-stac add --scheduler tcp://10.0.0.5:8786 /shared/theia",
    ),
    ("Into a catalog on object storage", "peps-stac --catalog s3://bucket/maja add ~/theia"),
)


@click.command("add", cls=Command, examples=EXAMPLES)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@asset_options
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Work on a Dask cluster instead: tcp://host:8786. Its workers must see archives and "
    "catalog under the same paths (extra dask).",
)
@json_option
def command(
    paths: tuple[str, ...],
    *,
    scheduler: str | None,
    as_json: bool,
    **assets: Any,  # noqa: ANN401 -- the options
) -> int:
    """Catalogue MAJA products on disk: archives, unpacked folders, folders of these, globs.

    Archives and folders stay where and as they are. Their rasters become COGs in the catalog;
    with --assets raw archives are unpacked into it and folders referred to, with --assets zip
    archives are referred to. No server and no account are needed.

    What the catalog has already is kept; run again with a wider choice of assets, the command
    adds what was left out. Many products are made side by side, --workers at a time, or on as
    many machines as a Dask cluster has.

    The exit code is 4 when some products failed and some did not, 1 when all failed, else 0.
    """
    from peps_stac.cli.outcomes import exit_code, show_outcomes
    from peps_stac.workflow import add

    if scheduler and _is_typed("workers"):
        raise click.UsageError("give --workers or --scheduler: each says who does the work")
    if scheduler:
        _quieten_dask()
    catalog = open_catalog(load_settings(), anywhere=True)
    with progress_bars() as reports:
        choice = asset_choice(assets)
        outcomes = add(
            catalog,
            expand(paths),
            assets=choice,
            scheduler=scheduler,
            tell=tell,
            report=reports.making,
        )
        last = show_outcomes(outcomes, as_json=as_json)
    if not as_json and not catalog.is_remote:
        after_products(last.values())
    return exit_code(last.values())


def expand(words: Sequence[str]) -> list[Path]:
    """The paths that words name, globs replaced by what they match (`**` for any depth).

    Raises:
        RequestError: A word that names nothing.
    """
    found: dict[Path, None] = {}
    for word in words:
        path = Path(word).expanduser()
        if path.exists():
            matches = [path]
        elif has_magic(word):
            matches = [Path(match) for match in sorted(glob(str(path), recursive=True))]  # noqa: PTH207 -- Path.glob takes no absolute pattern
        else:
            matches = []
        if not matches:
            raise RequestError(f"{word}: no such file or folder")
        found.update(dict.fromkeys(matches))
    return list(found)


def _is_typed(name: str) -> bool:
    found = click.get_current_context().get_parameter_source(name)
    return found is click.core.ParameterSource.COMMANDLINE


def _quieten_dask() -> None:
    """What goes wrong is told in one line by ourselves; -v shows what Dask says of it, too."""
    import logging

    with suppress(ModuleNotFoundError):
        import_module("distributed")  # which sets levels of its own
    if not global_options().verbosity:
        for name in list(logging.root.manager.loggerDict):
            if name.partition(".")[0] == "distributed":
                logging.getLogger(name).setLevel(logging.CRITICAL)
