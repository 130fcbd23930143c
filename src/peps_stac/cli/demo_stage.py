"""What the demos share: whose folder it is, the last commands, and how to open what came."""

import shlex
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from peps_stac.cli.output import is_dumb, plural
from peps_stac.errors import RequestError

if TYPE_CHECKING:
    from peps_stac.store import Catalog

MARK = ".peps-stac-demo"
"""File that tells a catalog of a demo from one that a person cares for."""


def show(catalog: "Catalog", words: str) -> None:
    """Tell the command that a person would type now."""
    root = shlex.quote(_nearby(str(catalog.root)))
    line = f"$ peps-stac --catalog {root} {words}"
    click.echo(f"\n{line if is_dumb() else click.style(line, bold=True)}")


def claim(catalog: "Catalog") -> None:
    """Make sure that the folder is ours, and say so in it.

    Raises:
        RequestError: It holds something else.
    """
    folder, mark = catalog.root, catalog.root / MARK
    if mark.exists():
        return
    if folder.exists() and any(folder.iterdir()):
        raise RequestError(f"{folder}: not empty and not of this demo; name another folder")
    with catalog.lock():
        mark.write_text("peps-stac demo may write here\n", "utf-8")


def check(catalog: "Catalog") -> bool:
    """Validate the catalog and tell what was found; whether it is valid."""
    from peps_stac.cli.settings import load_settings
    from peps_stac.cli.validate import verdict
    from peps_stac.store import validate

    show(catalog, "validate --offline")
    settings = load_settings()
    found = validate(catalog, schemas=settings.schemas, cache=settings.cache_dir / "schemas")
    for path, message in found.findings:
        click.echo(f"{path}: {message}")
    click.echo(verdict(found))
    return found.is_valid


def farewell(catalog: "Catalog", elapsed_s: float) -> None:
    """Say what was made and how to open it."""
    from peps_stac.domain.sizes import size_text
    from peps_stac.stac.collections import L1C_COLLECTION, L2A_COLLECTION

    root = shlex.quote(_nearby(str(catalog.root)))
    scenes = sum(1 for _ in catalog.documents(L1C_COLLECTION))
    products = list(catalog.items(L2A_COLLECTION))
    assets = sum(len(item.assets) for item in products)
    size = size_text(folder_bytes(catalog.root))
    made = f"{plural(len(products), 'L2A product')} with {assets} assets, {size} in {root}"
    found = f"{plural(scenes, 'L1C scene')}, " if scenes else ""
    click.echo(f"\nIn {elapsed_s:.0f} s: {found}{made}")
    python = shlex.quote(_nearby(sys.executable))
    command = f"{python} -m peps_stac"
    if not sys.argv[0].endswith(".py"):
        command = shlex.quote(_nearby(sys.argv[0]))
    folder = _nearby(str(catalog.root))
    click.echo(f"\nOpen it:\n  {command} --catalog {root} browse")
    click.echo(
        f'  {python} -c "import pystac; '
        f"pystac.Catalog.from_file('{folder}/catalog.json').describe()\""
    )
    if find_spec("odc") is None:
        click.echo("  (odc-stac loads it as a cube: install peps-stac[xarray])")
    else:
        collection = f"{folder}/{L2A_COLLECTION}/collection.json"
        click.echo(
            f'  {python} -c "import odc.stac, pystac; '
            f"items = pystac.Collection.from_file('{collection}').get_items(recursive=True); "
            f"print(odc.stac.load(items, bands=['red'], chunks={{}}))\""
        )
    last = "status" if scenes else "report"
    click.echo(f"  {command} --catalog {root} {last}\n  {command} --catalog {root} validate")


def _nearby(path: str) -> str:
    """A path as a person here would type it: relative when it lies below."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path


def folder_bytes(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
