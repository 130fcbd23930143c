"""What a person wants of each product, and what making an Item needs to know of it."""

import importlib.util
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

import pystac

from peps_stac.archive import ProductSource
from peps_stac.clock import Clock, utc_now
from peps_stac.domain import L2AProduct
from peps_stac.errors import RequestError
from peps_stac.stac.layers import METADATA_KEY, AssetMode, known_keys
from peps_stac.tell import Tell, silent
from peps_stac.workflow.workers import Workers

DEFAULT_WORKERS: Final = 2
"""Processes that convert rasters: each needs up to 1.5 GB at full size."""


@dataclass(frozen=True, slots=True)
class AssetChoice:
    """Which files of each product are kept, and in what form.

    Patterns are those of file names (`SRE_*`, `B0[234]`, `*_R2`) and match keys of Assets. The
    metadata are kept whatever the patterns say.
    """

    mode: AssetMode | None = None
    """None: COGs where rasterio is there, else files as delivered; an Item that is in the
    catalog stays in the form it has."""
    include: tuple[str, ...] = ()
    """Only keys that match one of these; empty for all."""
    exclude: tuple[str, ...] = ()
    """No keys that match one of these."""
    workers: int = DEFAULT_WORKERS
    """Processes that convert rasters at once."""

    @property
    def form(self) -> AssetMode:
        """The mode of an Item that is not in the catalog yet."""
        return self.mode or (AssetMode.COG if has_raster() else AssetMode.RAW)

    def wants(self, key: str) -> bool:
        """Whether the Asset of a key is kept."""
        if key == METADATA_KEY:
            return True
        is_included = not self.include or _matches(key, self.include)
        return is_included and not _matches(key, self.exclude)

    def of(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Those of some keys that are kept."""
        return tuple(key for key in keys if self.wants(key))

    def check(self) -> None:
        """Refuse a choice that cannot be meant.

        Raises:
            RequestError: COGs without rasterio, no workers, or a pattern that no key matches.
        """
        if self.workers < 1:
            raise RequestError(f"workers: {self.workers} processes convert nothing; give 1 or more")
        if self.mode is AssetMode.COG:
            check_raster()
        keys = known_keys(self.form)
        for pattern in (*self.include, *self.exclude):
            if not any(fnmatchcase(key, pattern) for key in keys):
                message = f"{pattern!r} matches no asset key of form {self.form}"
                raise RequestError(f"{message}; keys are {_examples(keys)}")


EVERYTHING: Final = AssetChoice()


def has_raster() -> bool:
    """Whether the extra `raster` is installed."""
    return importlib.util.find_spec("rasterio") is not None


def check_raster() -> None:
    """Make sure that COGs can be made.

    Raises:
        RequestError: The extra `raster` is not installed.
    """
    if not has_raster():
        message = "COGs need rasterio: pip install 'peps-stac[raster]'"
        raise RequestError(f"{message}, or keep the files as delivered with --assets raw")


@dataclass(frozen=True, slots=True)
class Step:
    """How far the files of one product are."""

    name: str
    """Of the product."""
    files_done: int
    files: int
    bytes_done: int
    bytes: int
    """Of the rasters, unpacked."""
    product: int | None = None
    """Which of the products, from 1; None where nobody knows how many there are."""
    products: int | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """How each product of one run becomes an Item."""

    choice: AssetChoice
    workers: Workers
    now: Clock = utc_now
    tell: Tell = silent
    report: Callable[[Step], None] | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One product, of which some Assets are to be made."""

    source: ProductSource
    """Open."""
    product: L2AProduct
    mode: AssetMode
    keys: tuple[str, ...]
    """Of the Assets to be made."""
    folder: Path
    """Staged and empty; its files become those of the Item's folder."""
    item_dir: Path
    """Folder of the Item, there or not."""
    recipe: Recipe
    known: pystac.Item | None = None
    """The Item that is to be completed."""
    is_owned: bool = field(default=False, kw_only=True)
    """Whether the archive is a download of our own: checked to its end, and may be moved."""

    def report(self, files_done: int, files: int, bytes_done: int, total: int) -> None:
        """Tell who listens how far it is."""
        if self.recipe.report:
            name = self.product.product_id
            self.recipe.report(Step(name, files_done, files, bytes_done, total))


def _matches(key: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(key, pattern) for pattern in patterns)


def _examples(keys: Iterable[str]) -> str:
    """Keys without the many of detectors."""
    return ", ".join(key for key in keys if not key.startswith("DTF"))
