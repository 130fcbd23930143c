"""`peps-stac add`: catalogue the products a person already owns."""

from collections.abc import Sequence
from glob import glob, has_magic
from pathlib import Path

import click

from peps_stac.cli.connect import open_catalog
from peps_stac.cli.options import json_option
from peps_stac.cli.settings import load_settings
from peps_stac.errors import RequestError


@click.command("add")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@json_option
def command(paths: tuple[str, ...], *, as_json: bool) -> int:
    """Catalogue MAJA products on disk: archives, unpacked folders, folders of these, globs.

    Archives are unpacked into the catalog; unpacked products stay where they are. No server
    and no account are needed.

    The exit code is 4 when some products failed and some did not, 1 when all failed, else 0.
    """
    from peps_stac.cli.outcomes import exit_code, show_outcomes
    from peps_stac.workflow import add

    catalog = open_catalog(load_settings())
    outcomes = add(catalog, expand(paths))
    return exit_code(show_outcomes(outcomes, as_json=as_json).values())


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
