"""Catalogue the MAJA products a person already owns: no server is needed."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from peps_stac.archive import find_products
from peps_stac.clock import Clock, utc_now
from peps_stac.errors import (
    CatalogError,
    DownloadError,
    PepsStacError,
    RequestError,
    ResponseError,
)
from peps_stac.stac.collections import L2A_COLLECTION
from peps_stac.store import Catalog
from peps_stac.store.files import read_document
from peps_stac.tell import Tell, silent
from peps_stac.workflow.catalogue import Outcome, OutcomeState, catalogue
from peps_stac.workflow.quarantine import is_quarantined, note_failure, quarantined
from peps_stac.workflow.recipe import EVERYTHING, AssetChoice, Recipe, Step
from peps_stac.workflow.workers import Workers


def add(  # noqa: PLR0913 -- what and how, and who listens
    catalog: Catalog,
    paths: Iterable[Path],
    *,
    assets: AssetChoice = EVERYTHING,
    now: Clock = utc_now,
    tell: Tell = silent,
    report: Callable[[Step], None] | None = None,
) -> Iterator[Outcome]:
    """What became of each product at or below the paths; one failure never stops the others.

    Archives and folders are left where and as they are, whatever is made of them. What the
    catalog has already is kept, and completed where more is wanted than was the last time.

    Only the catalog's own quarantine, given as a path, is emptied of what turns out good; what
    fails again stays there, and its note says why.

    Args:
        catalog: Where the Items go.
        paths: Archives, unpacked products, or folders of these.
        assets: Which files of each, and in what form.
        now: The clock.
        tell: Gets what is worth knowing and no failure.
        report: Gets how far the files of a product are.

    Raises:
        RequestError: A path that does not exist, before anything is done; or a choice of assets
            that cannot be meant.
    """
    given = tuple(paths)
    assets.check()
    for path in given:
        if not path.exists():
            raise RequestError(f"{path}: no such file or folder")
    with Workers(assets.workers) as workers:
        recipe = Recipe(assets, workers, now, tell)
        found = {path: _found(catalog, path) for path in given}
        products = {
            product.resolve(): product
            for below in found.values()
            for product in below
            if not _is_own(catalog, product)
        }
        for path, below in found.items():
            if why := _fruitless(catalog, path, below):
                yield Outcome(str(path), OutcomeState.FAILED, why)
        for number, product in enumerate(products.values(), start=1):
            counted = _counted(report, number, len(products))
            yield _added(catalog, product, replace(recipe, report=counted))


def _found(catalog: Catalog, path: Path) -> tuple[Path, ...]:
    if path.is_dir() and is_quarantined(catalog, path):
        return tuple(aside.path for aside in quarantined(catalog))
    return find_products(path)


def _fruitless(catalog: Catalog, path: Path, found: tuple[Path, ...]) -> str | None:
    if not found and is_quarantined(catalog, path):
        return "nothing is kept aside there"
    if not found:
        return "no MAJA product there (looked for *.zip and *_MTD_ALL.xml)"
    if _is_own(catalog, path):
        return "this is the catalog's own folder; what is in it is catalogued already"
    return None


def _counted(
    report: Callable[[Step], None] | None, number: int, total: int
) -> Callable[[Step], None] | None:
    """The same listener, which also hears which of how many products it is."""
    if report is None:
        return None
    return lambda step: report(replace(step, product=number, products=total))


def _is_own(catalog: Catalog, path: Path) -> bool:
    """Whether the catalog made what is there itself."""
    return path.resolve().is_relative_to((catalog.root / L2A_COLLECTION).resolve())


def _added(catalog: Catalog, path: Path, recipe: Recipe) -> Outcome:
    is_kept_aside = is_quarantined(catalog, path)
    try:
        return catalogue(catalog, path, recipe, is_owned=is_kept_aside)
    except (DownloadError, ResponseError) as error:
        why = _of_another_catalog(path) or str(error)
        if is_kept_aside:
            why = f"{error}; it stays in quarantine, peps-stac download fetches it anew"
            with suppress(CatalogError):  # a full disk: the note of the time before is as good
                note_failure(catalog, path, reason=str(error), when=recipe.now())
        return Outcome(str(path), OutcomeState.FAILED, why)
    except (PepsStacError, OSError) as error:
        return Outcome(str(path), OutcomeState.FAILED, str(error))


def _of_another_catalog(folder: Path) -> str | None:
    """What to do with the folder of an Item, whose rasters are not those of MAJA any more."""
    with suppress(PepsStacError):
        document = read_document(str(folder / f"{folder.name}.json")) or {}
        if document.get("type") == "Feature" and "stac_version" in document:
            return (
                "an Item of another catalog, its rasters converted or in an archive: open that "
                "catalog as it is, or add the archive that the Item was made from"
            )
    return None
