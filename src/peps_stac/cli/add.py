"""`peps-stac add`: catalogue the products a person already owns."""

from collections.abc import Sequence
from glob import glob, has_magic
from pathlib import Path
from typing import Any

import click

from peps_stac.cli.assets import asset_choice, asset_options
from peps_stac.cli.connect import open_catalog
from peps_stac.cli.options import json_option
from peps_stac.cli.output import tell
from peps_stac.cli.progress import progress_bars
from peps_stac.cli.settings import load_settings
from peps_stac.errors import RequestError


@click.command("add")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@asset_options
@json_option
def command(paths: tuple[str, ...], *, as_json: bool, **assets: Any) -> int:  # noqa: ANN401 -- the options
    """Catalogue MAJA products on disk: archives, unpacked folders, folders of these, globs.

    Archives and folders stay where and as they are. Their rasters become COGs in the catalog;
    with --assets raw archives are unpacked into it and folders referred to, with --assets zip
    archives are referred to. No server and no account are needed.

    What the catalog has already is kept; run again with a wider choice of assets, the command
    adds what was left out.

    The exit code is 4 when some products failed and some did not, 1 when all failed, else 0.
    """
    from peps_stac.cli.outcomes import exit_code, show_outcomes
    from peps_stac.workflow import add

    catalog = open_catalog(load_settings())
    with progress_bars() as reports:
        choice = asset_choice(assets)
        outcomes = add(catalog, expand(paths), assets=choice, tell=tell, report=reports.making)
        last = show_outcomes(outcomes, as_json=as_json)
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
