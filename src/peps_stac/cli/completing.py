"""What a shell may complete a word to: names that the catalog on disk has.

A key was pressed and somebody waits, so nothing but names of folders is read, and whatever goes
wrong offers nothing and says nothing.
"""

import io
import os
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, suppress
from functools import wraps
from itertools import islice
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pathlib import Path

Complete = Callable[[click.Context, click.Parameter, str], list[str]]

_MOST = 1000
"""Words that are offered; whoever has more types another letter."""

_SCENES = "sentinel-2-l1c"
STATUSES = ("ordered", "pending", "shipping", "succeeded", "failed", "canceled", "orderable")


def words(*known: str) -> Complete:
    """Completes to one of some words, in their order."""

    def complete(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
        return [word for word in known if word.startswith(incomplete)]

    return complete


def _from_catalog(names: "Callable[[Path], Iterator[str]]") -> Complete:
    """Completes to the names that a catalog has."""

    @wraps(names)
    def complete(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
        with suppress(Exception), redirect_stderr(io.StringIO()):
            fitting = (name for name in names(_root(ctx)) if name.startswith(incomplete))
            return sorted(set(islice(fitting, _MOST)))
        return []

    return complete


@_from_catalog
def collections(root: "Path") -> Iterator[str]:
    """Ids of Collections."""
    return _folders(root)


@_from_catalog
def tiles(root: "Path") -> Iterator[str]:
    """Tiles of all Collections."""
    return (tile for collection in _folders(root) for tile in _folders(root / collection))


@_from_catalog
def scenes(root: "Path") -> Iterator[str]:
    """Ids of L1C Items, which orders are made for."""
    return _items(root / _SCENES)


@_from_catalog
def items(root: "Path") -> Iterator[str]:
    """Ids of all Items."""
    return (name for collection in _folders(root) for name in _items(root / collection))


def _items(collection: "Path") -> Iterator[str]:
    for tile in _folders(collection):
        for year in _folders(collection / tile):
            yield from _folders(collection / tile / year)


def _folders(folder: "Path") -> Iterator[str]:
    with suppress(OSError), os.scandir(folder) as entries:
        found = [one.name for one in entries if one.is_dir() and not one.name.startswith(".")]
        yield from sorted(found)


def _root(ctx: click.Context) -> "Path":
    """The catalog of the line so far: as it was typed or set, and not yet opened."""
    from pathlib import Path

    given = ctx.find_root().params.get("catalog")
    if given is None:
        from peps_stac.cli.settings import config_path, read_config

        given = read_config(config_path()).get("catalog", "catalog")
    return Path(given).expanduser()
